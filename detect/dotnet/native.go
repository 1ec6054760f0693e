package dotnet

import (
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// natives are the Debian packages that a NuGet package loads at run time, besides what .NET's images carry. Sources: each
// package's own notes on Linux.
var natives = []struct {
	pkg, name string
	run       []string
	why       string
}{
	{"system.drawing.common", "libgdiplus", []string{"libgdiplus"}, "System.Drawing draws by it outside of Windows"},
	{"zkweb.system.drawing", "libgdiplus", []string{"libgdiplus"}, "it draws by GDI+"},
	{"closedxml", "libgdiplus", []string{"libgdiplus"}, "older releases measure text by System.Drawing"},
	{"epplus", "libgdiplus", []string{"libgdiplus"}, "releases up to 6 measure text by System.Drawing"},
	{"skiasharp", "fontconfig", []string{"fontconfig", "libfontconfig1"}, "SkiaSharp finds fonts by it"},
	{"questpdf", "fontconfig", []string{"fontconfig", "libfontconfig1"}, "SkiaSharp finds fonts by it"},
	{"dinktopdf", "wkhtmltopdf", []string{"libgdiplus", "libx11-6", "libxext6", "libxrender1", "fontconfig"}, "its library draws as a browser does"},
	{"haukcode.wkhtmltopdfdotnet", "wkhtmltopdf", []string{"libgdiplus", "libx11-6", "libxext6", "libxrender1", "fontconfig"}, "its library draws as a browser does"},
	{"rotativa.aspnetcore", "wkhtmltopdf", []string{"wkhtmltopdf"}, "it starts wkhtmltopdf"},
	{"wkhtmltopdf.netcore", "wkhtmltopdf", []string{"wkhtmltopdf"}, "it starts wkhtmltopdf"},
	{"puppeteersharp", "chromium", []string{"chromium"}, "it drives a browser"},
	{"xabe.ffmpeg", "ffmpeg", []string{"ffmpeg"}, "it starts ffmpeg"},
	{"ffmpegcore", "ffmpeg", []string{"ffmpeg"}, "it starts ffmpeg"},
	{"nreco.videoconverter", "ffmpeg", []string{"ffmpeg"}, "it starts ffmpeg"},
	{"ibm.data.db2.core*", "libxml2", []string{"libxml2"}, "the Db2 driver is linked with it"},
	{"net.ibm.data.db2*", "libxml2", []string{"libxml2"}, "the Db2 driver is linked with it"},
	{"tesseract", "tesseract", []string{"tesseract-ocr", "libleptonica-dev"}, "it reads text in images by it"},
	{"system.data.odbc", "unixodbc", []string{"unixodbc"}, "ODBC's manager of drivers"},
	{"magick.net*", "fontconfig", []string{"fontconfig", "libfontconfig1"}, "it finds fonts by it"},
	{"system.directoryservices.protocols", "libldap", nil, "it speaks LDAP by OpenLDAP's library"},
	{"system.directoryservices", "libldap", nil, "it speaks LDAP by OpenLDAP's library"},
	{"mono.posix", "libmono-posix", nil, ""},
}

// systemPackages lists the Debian packages that the project's packages load.
func (p *project) systemPackages() []detect.SystemPackage {
	if p.isFramework() || p.target.os == "windows" {
		return nil
	}
	var out []detect.SystemPackage
	all := p.allPackages()
	for _, n := range natives {
		ref, ok := all.first(n.pkg)
		if !ok || ref.assembly || n.why == "" || slices.ContainsFunc(out, func(s detect.SystemPackage) bool { return s.Name == n.name }) {
			continue
		}
		if n.pkg == "closedxml" && !before(ref.version, "0.96") || n.pkg == "epplus" && !before(ref.version, "6.0") {
			continue
		}
		run := n.run
		if n.name == "libldap" {
			run = []string{p.ldap()}
		}
		out = append(out, detect.SystemPackage{Name: n.name, Run: run, Why: n.why, Evidence: []detect.Evidence{ref.evidence}})
	}
	return out
}

// ldap is OpenLDAP's library in the release of Debian that the image of this .NET stands on; that of .NET 10 stands on Ubuntu.
func (p *project) ldap() string {
	switch v := p.target.version; {
	case v == "", !before(v, "10.0"):
		return "libldap2"
	case before(v, "8.0"):
		return "libldap-2.4-2"
	}
	return "libldap-2.5-0"
}

// writes lists the directories that are written at run time, relative to the component.
func (p *project) writes(hits []hit) []detect.Value[string] {
	var out []detect.Value[string]
	add := func(dir, why string, ev detect.Evidence) {
		dir = strings.Trim(strings.ReplaceAll(dir, "\\", "/"), "/")
		if dir == "" || dir == "." || strings.Contains(dir, "..") || strings.ContainsAny(dir, " :%${}*?|<>\"'") || detect.Printable(dir, 100) != dir ||
			slices.ContainsFunc(out, func(v detect.Value[string]) bool { return strings.EqualFold(v.V, dir) }) || len(out) >= 12 {
			return
		}
		out = append(out, detect.Infer(dir, why, ev))
	}
	p.dataFiles(add)
	p.logFiles(add)
	uploads := len(of(hits, "upload")) > 0
	if uploads {
		p.settingDirs(add)
	}
	for _, h := range of(hits, "mapped") {
		if dir := folder(h.match[1]); dir != "" && (uploads && writable(dir) || strings.EqualFold(dir, "App_Data")) {
			add(dir, "files are written there", h.evidence)
		}
	}
	for _, h := range of(hits, "combined") {
		dir := folder(h.match[2])
		if dir == "" || !uploads || !writable(dir) {
			continue
		}
		if h.match[1] == "WebRootPath" {
			dir = "wwwroot/" + dir
		}
		add(dir, "files are written there", h.evidence)
	}
	return out
}

// settingDirs adds the directories that the settings name.
func (p *project) settingDirs(add func(dir, why string, ev detect.Evidence)) {
	for _, s := range p.settings {
		s.doc.Each(func(at []string, value string, line int) {
			if len(at) == 0 {
				return
			}
			last := strings.ToLower(at[len(at)-1])
			if !strings.HasSuffix(last, "directory") && !strings.HasSuffix(last, "folder") && !strings.HasSuffix(last, "dir") && !strings.HasSuffix(last, "path") {
				return
			}
			name := strings.TrimPrefix(strings.ReplaceAll(value, "\\", "/"), "./")
			if name == "" || name[0] == '/' || strings.ContainsAny(name, ":?#") || strings.Contains(name, ".") || strings.EqualFold(at[0], "Serilog") {
				return
			}
			add(name, "a setting names it, and the code writes files", s.file.Evidence(line))
		})
	}
}

// folder is the directory of a path that may name a file.
func folder(name string) string {
	name = strings.Trim(strings.ReplaceAll(name, "\\", "/"), "/")
	if i := strings.LastIndexByte(name, '/'); strings.Contains(name[i+1:], ".") {
		return strings.TrimSuffix(name[:max(i, 0)], "/")
	}
	return name
}

// writable reports a directory whose name says that it is written.
func writable(dir string) bool {
	lower := strings.ToLower(dir)
	for _, w := range []string{"app_data", "upload", "files", "media", "temp", "tmp", "cache", "log", "attachment", "export", "import", "data", "avatar", "photos", "images", "storage", "backup", "userfiles", "documents"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// dataFiles adds the directories of databases that are files.
func (p *project) dataFiles(add func(dir, why string, ev detect.Evidence)) {
	for _, c := range p.connectionStrings() {
		lower := strings.ToLower(c.text)
		switch {
		case strings.Contains(lower, "|datadirectory|"):
			add("App_Data", "a database is kept there as a file", c.evidence)
		case c.kind() == "sqlite":
			file := c.part("Data Source", "DataSource", "Filename")
			if i := strings.LastIndexAny(file, `/\`); i > 0 && !strings.Contains(file, ":") && file[0] != '/' {
				add(file[:i], "the SQLite database lies there", c.evidence)
			}
		}
	}
}
