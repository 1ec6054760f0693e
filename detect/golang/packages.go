package golang

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// library is a C library or a program with the Debian packages that hold it.
type library struct {
	name       string // as people know it
	build, run []string
}

// cgoPackages are Go packages that need a C compiler, with what they link. Sources: each package's README and #cgo lines;
// names of packages in Debian 12.
var cgoPackages = []struct {
	path string
	library
}{
	{"github.com/mattn/go-sqlite3", library{}}, {"crawshaw.io/sqlite", library{}}, {"github.com/gwenn/gosqlite", library{}},
	{"gorm.io/driver/sqlite", library{}}, {"github.com/jinzhu/gorm/dialects/sqlite", library{}},
	{"github.com/confluentinc/confluent-kafka-go", library{}},
	{"github.com/libgit2/git2go", library{"libgit2", []string{"libgit2-dev", "pkg-config"}, []string{"libgit2-1.5"}}},
	{"gopkg.in/libgit2/git2go.v22", library{"libgit2", []string{"libgit2-dev", "pkg-config"}, []string{"libgit2-1.5"}}},
	{"gopkg.in/gographics/imagick.v2/imagick", library{"imagemagick", []string{"libmagickwand-dev", "pkg-config"}, []string{"libmagickwand-6.q16-6", "imagemagick"}}},
	{"gopkg.in/gographics/imagick.v3/imagick", library{"imagemagick", []string{"libmagickwand-dev", "pkg-config"}, []string{"libmagickwand-6.q16-6", "imagemagick"}}},
	{"github.com/h2non/bimg", library{"libvips", []string{"libvips-dev", "pkg-config"}, []string{"libvips42"}}}, {"gopkg.in/h2non/bimg.v1", library{"libvips", []string{"libvips-dev", "pkg-config"}, []string{"libvips42"}}},
	{"github.com/davidbyttow/govips", library{"libvips", []string{"libvips-dev", "pkg-config"}, []string{"libvips42"}}},
	{"github.com/msteinert/pam", library{"linux-pam", []string{"libpam0g-dev"}, []string{"libpam0g"}}},
	{"github.com/pebbe/zmq4", library{"zeromq", []string{"libzmq3-dev", "pkg-config"}, []string{"libzmq5"}}}, {"github.com/pebbe/zmq3", library{"zeromq", []string{"libzmq3-dev", "pkg-config"}, []string{"libzmq5"}}},
	{"github.com/google/gopacket/pcap", library{"libpcap", []string{"libpcap-dev"}, []string{"libpcap0.8"}}}, {"github.com/miekg/pcap", library{"libpcap", []string{"libpcap-dev"}, []string{"libpcap0.8"}}},
	{"github.com/tecbot/gorocksdb", library{"rocksdb", []string{"librocksdb-dev"}, []string{"librocksdb7.8"}}},
	{"github.com/otiai10/gosseract", library{"tesseract", []string{"libtesseract-dev", "libleptonica-dev"}, []string{"libtesseract5", "tesseract-ocr"}}},
	{"github.com/rakyll/magicmime", library{"libmagic", []string{"libmagic-dev"}, []string{"libmagic1"}}}, {"bitbucket.org/taruti/mimemagic", library{}},
	{"github.com/mattn/go-oci8", library{"libaio", []string{"libaio-dev"}, []string{"libaio1"}}}, {"github.com/godror/godror", library{"libaio", nil, []string{"libaio1"}}},
	{"github.com/libvirt/libvirt-go", library{"libvirt", []string{"libvirt-dev", "pkg-config"}, []string{"libvirt0"}}},
	{"github.com/spacemonkeygo/openssl", library{"openssl", []string{"libssl-dev", "pkg-config"}, []string{"libssl3"}}},
	{"github.com/moovweb/gokogiri", library{"libxml2", []string{"libxml2-dev", "pkg-config"}, []string{"libxml2"}}}, {"github.com/lestrrat/go-libxml2", library{"libxml2", []string{"libxml2-dev", "pkg-config"}, []string{"libxml2"}}},
	{"github.com/yhat/wkhtmltox", library{"wkhtmltopdf", []string{"wkhtmltopdf"}, []string{"wkhtmltopdf"}}}, {"gocv.io/x/gocv", library{"opencv", []string{"libopencv-dev", "pkg-config"}, []string{"libopencv-dev"}}},
	{"github.com/DataDog/zstd", library{}}, {"github.com/boltdb/coalesce", library{}}, {"github.com/chai2010/webp", library{}}, {"github.com/coreos/go-systemd/sdjournal", library{"systemd", []string{"libsystemd-dev"}, []string{"libsystemd0"}}},
	{"github.com/go-gl/gl", library{"opengl", []string{"libgl1-mesa-dev"}, []string{"libgl1"}}}, {"github.com/ibmdb/go_ibm_db", library{}},
}

// linked are the libraries of "#cgo LDFLAGS: -lNAME" and "#cgo pkg-config: NAME" lines, by Debian 12's packages.
var linked = map[string]library{
	"pcap": {"libpcap", []string{"libpcap-dev"}, []string{"libpcap0.8"}}, "ssl": {"openssl", []string{"libssl-dev"}, []string{"libssl3"}}, "crypto": {"openssl", []string{"libssl-dev"}, []string{"libssl3"}},
	"openssl": {"openssl", []string{"libssl-dev"}, []string{"libssl3"}}, "libssl": {"openssl", []string{"libssl-dev"}, []string{"libssl3"}},
	"z": {"zlib", []string{"zlib1g-dev"}, []string{"zlib1g"}}, "sqlite3": {"sqlite3", []string{"libsqlite3-dev"}, []string{"libsqlite3-0"}}, "xml2": {"libxml2", []string{"libxml2-dev"}, []string{"libxml2"}},
	"libxml-2.0": {"libxml2", []string{"libxml2-dev"}, []string{"libxml2"}}, "pq": {"libpq", []string{"libpq-dev"}, []string{"libpq5"}}, "libpq": {"libpq", []string{"libpq-dev"}, []string{"libpq5"}},
	"mysqlclient": {"mariadb-client", []string{"default-libmysqlclient-dev"}, []string{"libmariadb3"}}, "magic": {"libmagic", []string{"libmagic-dev"}, []string{"libmagic1"}},
	"pam": {"linux-pam", []string{"libpam0g-dev"}, []string{"libpam0g"}}, "curl": {"libcurl", []string{"libcurl4-openssl-dev"}, []string{"libcurl4"}}, "snappy": {"snappy", []string{"libsnappy-dev"}, []string{"libsnappy1v5"}},
	"leveldb": {"leveldb", []string{"libleveldb-dev"}, []string{"libleveldb1d"}}, "rocksdb": {"rocksdb", []string{"librocksdb-dev"}, []string{"librocksdb7.8"}}, "vips": {"libvips", []string{"libvips-dev"}, []string{"libvips42"}},
	"MagickWand": {"imagemagick", []string{"libmagickwand-dev"}, []string{"libmagickwand-6.q16-6"}}, "png": {"libpng", []string{"libpng-dev"}, []string{"libpng16-16"}}, "jpeg": {"libjpeg", []string{"libjpeg-dev"}, []string{"libjpeg62-turbo"}},
	"sodium": {"libsodium", []string{"libsodium-dev"}, []string{"libsodium23"}}, "libsodium": {"libsodium", []string{"libsodium-dev"}, []string{"libsodium23"}}, "zmq": {"zeromq", []string{"libzmq3-dev"}, []string{"libzmq5"}},
	"libzmq": {"zeromq", []string{"libzmq3-dev"}, []string{"libzmq5"}}, "icuuc": {"icu", []string{"libicu-dev"}, []string{"libicu72"}}, "ldap": {"openldap", []string{"libldap2-dev"}, []string{"libldap-2.5-0"}},
}

// programs that code starts, with the Debian packages that hold them.
var programs = map[string]library{
	"git": {"git", nil, []string{"git"}}, "ssh": {"openssh", nil, []string{"openssh-client"}}, "ssh-keygen": {"openssh", nil, []string{"openssh-client"}}, "ffmpeg": {"ffmpeg", nil, []string{"ffmpeg"}}, "ffprobe": {"ffmpeg", nil, []string{"ffmpeg"}},
	"convert": {"imagemagick", nil, []string{"imagemagick"}}, "identify": {"imagemagick", nil, []string{"imagemagick"}}, "mogrify": {"imagemagick", nil, []string{"imagemagick"}}, "gm": {"graphicsmagick", nil, []string{"graphicsmagick"}},
	"wkhtmltopdf": {"wkhtmltopdf", nil, []string{"wkhtmltopdf"}}, "pdftotext": {"poppler-utils", nil, []string{"poppler-utils"}}, "pdftoppm": {"poppler-utils", nil, []string{"poppler-utils"}}, "gs": {"ghostscript", nil, []string{"ghostscript"}},
	"curl": {"curl", nil, []string{"curl"}}, "rsync": {"rsync", nil, []string{"rsync"}}, "svn": {"subversion", nil, []string{"subversion"}}, "hg": {"mercurial", nil, []string{"mercurial"}}, "unzip": {"unzip", nil, []string{"unzip"}}, "zip": {"zip", nil, []string{"zip"}},
	"pg_dump": {"postgresql-client", nil, []string{"postgresql-client"}}, "psql": {"postgresql-client", nil, []string{"postgresql-client"}}, "mysqldump": {"mariadb-client", nil, []string{"default-mysql-client"}}, "mysql": {"mariadb-client", nil, []string{"default-mysql-client"}},
	"sendmail": {"sendmail", nil, []string{"msmtp-mta"}}, "gpg": {"gnupg", nil, []string{"gnupg"}}, "tesseract": {"tesseract", nil, []string{"tesseract-ocr"}}, "dot": {"graphviz", nil, []string{"graphviz"}}, "exiftool": {"exiftool", nil, []string{"libimage-exiftool-perl"}},
}

// runners are Go packages that start a program.
var runners = map[string]string{
	"github.com/gogits/git-module": "git", "github.com/gogs/git-module": "git", "code.gitea.io/git": "git", "github.com/SebastiaanKlippert/go-wkhtmltopdf": "wkhtmltopdf", "github.com/gogits/git-shell": "git",
}

var (
	execCommand = manifest.Lazy(`exec\.(?:Command(?:Context)?|LookPath)\((?:\s*\w+\s*,)?\s*"(?:/usr(?:/local)?/bin/|/bin/)?([\w-]+)"`)
	cgoLine     = manifest.Lazy(`#cgo\s+(?:[\w,! ]*\s)?(?:LDFLAGS|pkg-config):\s*(.*)`)
)

// systemPackages are the libraries that the program links and the programs that it starts.
func (p *project) systemPackages(x *prog) []detect.SystemPackage {
	var out []detect.SystemPackage
	add := func(l library, why string, ev detect.Evidence) {
		for i := range out {
			if out[i].Name == l.name {
				return
			}
		}
		if l.name != "" {
			out = append(out, detect.SystemPackage{Name: l.name, Build: l.build, Run: l.run, Why: why, Evidence: []detect.Evidence{ev}})
		}
	}
	for _, f := range x.files {
		for _, i := range f.imports {
			for _, c := range cgoPackages {
				if i.path == c.path || strings.HasPrefix(i.path, c.path+"/") {
					add(c.library, "the package "+c.path+" links it", f.evidence(i))
				}
			}
			if name := runners[withoutMajor(i.path)]; name != "" {
				add(programs[name], "the package "+i.path+" runs "+name, f.evidence(i))
			}
		}
	}
	for _, h := range hits(importing(x.files, "os/exec"), 200, "exec.Command", "exec.LookPath(") {
		if m := execCommand.FindStringSubmatch(h.text); m != nil {
			add(programs[m[1]], "the program runs "+m[1], h.evidence())
		}
	}
	for _, l := range p.cgoLines(x) {
		for _, word := range strings.Fields(l.flags) {
			add(linked[strings.TrimPrefix(word, "-l")], "the program links "+word, l.evidence)
		}
	}
	return out
}

type cgoFlags struct {
	flags    string
	evidence detect.Evidence
}

// cgoLines are the "#cgo" lines of files of the program that import C. They stand in comments.
func (p *project) cgoLines(x *prog) []cgoFlags {
	var out []cgoFlags
	for _, f := range x.files {
		if !importsC(f) {
			continue
		}
		for i, text := range strings.Split(string(f.file.Data), "\n") {
			if m := cgoLine.FindStringSubmatch(text); m != nil && len(out) < 100 {
				out = append(out, cgoFlags{m[1], f.file.Evidence(i + 1)})
			}
		}
	}
	return out
}

func importsC(f *goFile) bool {
	for _, i := range f.imports {
		if i.path == "C" {
			return true
		}
	}
	return false
}

// cgo says that a C compiler takes part in the build.
func (p *project) cgo(x *prog) (detect.Value[string], bool) {
	for _, f := range x.files {
		for _, i := range f.imports {
			if i.path == "C" {
				return detect.Is("true", f.evidence(i)), true
			}
			for _, c := range cgoPackages {
				if i.path == c.path || strings.HasPrefix(i.path, c.path+"/") {
					return detect.Infer("true", "the package "+c.path+" is partly C", f.evidence(i)), true
				}
			}
		}
	}
	return detect.Value[string]{}, false
}
