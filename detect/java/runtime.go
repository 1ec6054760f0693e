package java

import (
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// secretName matches names of variables whose values must not be written down.
var secretName = manifest.Lazy(`(?i)(pass(word|wd|phrase)?|pwd|secret|token|api_?key|private_?key|credential|access_?key|auth_?key|salt|signing)`)

// platformVariables are set by shells, servers and the JVM itself: reading one is no need of the application.
var platformVariables = map[string]bool{"JAVA_HOME": true, "JAVA_OPTS": true, "PATH": true, "HOME": true, "USER": true, "USERNAME": true, "HOSTNAME": true, "PWD": true, "TMP": true, "TEMP": true,
	"TMPDIR": true, "LANG": true, "SHELL": true, "CATALINA_HOME": true, "CATALINA_BASE": true, "CATALINA_OPTS": true, "JBOSS_HOME": true, "OS": true, "COMPUTERNAME": true, "USERPROFILE": true, "APPDATA": true,
	"LOCALAPPDATA": true, "M2_HOME": true, "MAVEN_HOME": true, "JAVA_TOOL_OPTIONS": true, "TERM": true, "LOGNAME": true, "PROGRAMFILES": true, "SYSTEMROOT": true, "WINDIR": true, "CLASSPATH": true, "CI": true, "TZ": true,
	"CONSOLE_LOG_PATTERN": true, "FILE_LOG_PATTERN": true, "LOG_PATH": true, "LOG_FILE": true, "LOG_TEMP": true, "LOG_EXCEPTION_CONVERSION_WORD": true, "LOG_LEVEL_PATTERN": true, "LOG_DATEFORMAT_PATTERN": true, "PID": true, "LOGBACK_ROLLINGPOLICY_FILE_NAME_PATTERN": true}

// variables returns the environment variables that code and configuration read.
func (a *app) variables(port detect.Value[int]) []detect.EnvVar {
	byName := map[string]*detect.EnvVar{}
	reads := append(append([]envRead{}, a.readSettings().variables()...), a.scan().env...)
	for _, x := range a.xmlFound {
		reads = append(reads, placeholders(x.value, x.at(), false, 0)...)
	}
	for _, r := range reads {
		if platformVariables[strings.ToUpper(r.name)] {
			continue
		}
		v := byName[r.name]
		if v == nil {
			v = &detect.EnvVar{Name: r.name, Secret: secretName.MatchString(r.name), Required: r.required}
			byName[r.name] = v
		}
		if r.hasDef {
			v.Required = false
			if !v.Secret && v.Default == "" && printable(r.def) {
				v.Default = r.def
			}
		}
		if len(v.Evidence) < 5 {
			v.Evidence = proof(v.Evidence, []detect.Evidence{r.ev})
		}
	}
	if v := byName["PORT"]; v != nil && port.Set() && v.Default == "" {
		v.Value, v.Why = itoa(port.V), "the port that it listens on"
	}
	a.springProfiles(byName)
	return detect.SortedEnv(byName)
}

func printable(s string) bool {
	return len(s) < 300 && s == detect.Printable(s, 300) && s == detect.MaskSecrets(s)
}

// springProfiles tells of the variable that chooses among the application's profiles.
func (a *app) springProfiles(byName map[string]*detect.EnvVar) {
	s := a.readSettings()
	var names []string
	seen := map[string]bool{}
	var ev []detect.Evidence
	for _, x := range s.all {
		if x.boot && x.profile != "" && !seen[x.profile] && len(x.profile) < 60 {
			seen[x.profile] = true
			names = append(names, x.profile)
			ev = append(ev, x.at())
		}
	}
	if len(names) == 0 || len(a.bootEv) == 0 {
		return
	}
	sort.Strings(names)
	v := &detect.EnvVar{Name: "SPRING_PROFILES_ACTIVE", Why: detect.Printable("chooses among the profiles "+strings.Join(names, ", "), 300), Evidence: ev[:min(5, len(ev))]}
	if active, at, ok := s.plain(a, "spring.profiles.active"); ok && printable(active) && !strings.ContainsAny(active, "@${}#") {
		v.Default = active
		v.Evidence = proof(at, v.Evidence)
	}
	byName[v.Name] = v
}

// logAppender is a place where a logging configuration writes to a file.
type logAppender struct {
	path string
	ev   detect.Evidence
}

var logFile = manifest.Lazy(`^log4j\.appender\.\w+\.(file|File)$`)

// logFiles finds the files that logging writes.
func (a *app) logFiles() []logAppender {
	var out []logAppender
	for _, at := range a.files(func(p part) []string {
		return append(append([]string{}, p.resources...), append(p.sources, p.webRoots...)...)
	}, 50, "**/{log4j,logging,log4j2}*.properties") {
		if f, ok := a.file(at); ok {
			if p, _, err := manifest.ParseProperties(f.Data); err == nil {
				p.Each(func(k, v string, line int) {
					if (logFile.MatchString(k) || strings.HasSuffix(k, ".FileHandler.pattern") || strings.HasSuffix(k, ".fileName")) && v != "" {
						out = append(out, logAppender{v, f.Evidence(line)})
					}
				})
			}
		}
	}
	for _, d := range a.xmlDocs {
		base := path.Base(d.file.Path)
		if !strings.HasPrefix(base, "log") {
			continue
		}
		d.xml.Each(func(e *manifest.Element) {
			if e.Name != "appender" && !strings.HasSuffix(e.Name, "File") || !strings.Contains(e.Name+e.Attr("class"), "File") {
				return
			}
			v, line := e.Attr("fileName"), e.Line
			for _, c := range e.Children {
				name := strings.ToLower(c.Name)
				if name == "file" && c.Text != "" {
					v, line = c.Text, c.TextLine
				}
				if strings.EqualFold(c.Attr("name"), "file") {
					v, line = c.Attr("value"), c.Line
				}
			}
			if v != "" {
				out = append(out, logAppender{v, d.file.Evidence(line)})
			}
		})
	}
	if len(a.bootEv) > 0 {
		s := a.readSettings()
		for _, k := range []string{"logging.file.name", "logging.file"} {
			if v, ev, ok := s.plain(a, k); ok && v != "" {
				out = append(out, logAppender{v, ev[0]})
			}
		}
		for _, k := range []string{"logging.file.path", "logging.path"} {
			if v, ev, ok := s.plain(a, k); ok && v != "" {
				out = append(out, logAppender{v + "/spring.log", ev[0]})
			}
		}
	}
	return out
}

// writtenDir is the directory of a written file as a container sees it: absolute, or relative to the application. ""
// when it cannot be told.
func writtenDir(p string) string {
	p = strings.NewReplacer("${catalina.base}", "", "${catalina.home}", "", "${user.dir}", "", "${java.io.tmpdir}", "/tmp", "${jboss.server.log.dir}", "logs", "${sys:catalina.base}", "", "${sys:catalina.home}", "", "${sys:user.dir}", "", "classpath:", "", "file:", "").Replace(p)
	var b strings.Builder
place:
	for _, g := range segments(p) {
		switch {
		case g.name == "":
			b.WriteString(g.lit)
		case g.hasDef && !strings.Contains(g.def, ":"):
			b.WriteString(g.def)
		default:
			break place // what follows lies in a directory that is known when the application runs
		}
	}
	p = b.String()
	abs := strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "/logs/")
	if strings.Contains(p, `\`) || strings.ContainsAny(p, ":%{}$\x00") {
		return ""
	}
	dir := path.Clean(path.Dir("/" + p))
	if dir == "/" || len(dir) > 200 {
		return ""
	}
	if !abs {
		return strings.TrimPrefix(dir, "/")
	}
	return dir
}

// writes returns the directories that are written at run time.
func (a *app) writes() []detect.Value[string] {
	byDir := map[string]*detect.Value[string]{}
	add := func(dir, why string, ev ...detect.Evidence) {
		if dir == "" || len(ev) == 0 {
			return
		}
		if v := byDir[dir]; v != nil {
			v.Evidence = proof(v.Evidence, ev)
			return
		}
		v := detect.Infer(dir, why, ev...)
		byDir[dir] = &v
	}
	for _, l := range a.logFiles() {
		v, _ := a.readSettings().resolve(a, l.path, 0)
		add(writtenDir(v), "logging writes a file there", l.ev)
	}
	for _, u := range a.uploads() {
		add(writtenDir(u.text+"/x"), "files are kept there", u.ev)
	}
	for _, m := range a.sqlite {
		dir := writtenDir(m.text)
		if dir == "" && m.text != "" && !strings.ContainsAny(m.text, ":${}/\\") {
			dir = "."
		}
		add(dir, "the SQLite database lies there", m.ev)
	}
	if ev := a.scan().tmp; len(ev) > 0 {
		add("/tmp", "the code keeps temporary files in java.io.tmpdir", ev[0])
	}
	var out []detect.Value[string]
	for _, v := range byDir {
		out = append(out, *v)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].V < out[j].V })
	return out
}

var uploadKey = manifest.Lazy(`(uploads?|uploaded|attachments?|storage|filestore|avatars?|multipart|media|documents?)\.?(dir|directory|path|location|folder|root|base|basedir|store)$`)

var uploadWords = []string{"upload", "attach", "storage", "filestore", "avatar", "multipart", "media", "document"}

// uploads are settings that name a directory for files that users bring.
func (a *app) uploads() []mention {
	if a.uploadsRead {
		return a.uploadDirs
	}
	a.uploadsRead = true
	a.uploadDirs = a.findUploads()
	return a.uploadDirs
}

func (a *app) findUploads() []mention {
	var out []mention
	s := a.readSettings()
	for _, x := range s.all {
		// The pattern ends in one of few words: most keys need no pattern to be told apart.
		if !mentions(x.norm, uploadWords) || !s.applies(x) || !uploadKey.MatchString(x.norm) || len(out) >= 20 {
			continue
		}
		v, _ := s.resolve(a, x.value, 0)
		if v == "" || strings.Contains(v, "://") || strings.HasPrefix(v, "classpath") || strings.ContainsAny(v, " *<>|,;") || !strings.ContainsAny(v, "/\\.") && len(v) < 3 {
			continue
		}
		out = append(out, mention{v, x.at()})
	}
	for _, w := range a.desc["web.xml"] {
		for _, e := range w.xml.All("servlet", "multipart-config", "location") {
			if e.Text != "" {
				out = append(out, mention{e.Text, w.file.Evidence(e.TextLine)})
			}
		}
	}
	return out
}

// readiness returns what stands in the way of running well in a container.
func (a *app) readiness(c *detect.Component) []detect.Readiness {
	var out []detect.Readiness
	add := func(id, severity, message string, ev ...detect.Evidence) {
		if len(ev) > 0 {
			out = append(out, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev[:min(5, len(ev))]})
		}
	}
	out = append(out, a.addressed()...)
	var logs []detect.Evidence
	for _, l := range a.logFiles() {
		logs = append(logs, l.ev)
	}
	add("log-to-file", "low", "Logging writes to files, which a container loses. Log to standard output.", proof(logs)...)
	var kept, windows, absolute []detect.Evidence
	for _, u := range a.uploads() {
		kept = append(kept, u.ev)
	}
	add("local-file-storage", "high", "Files are kept on the local disk, which a container loses and which instances do not share. Use a volume or an object store.", proof(kept)...)
	code := a.scan()
	for _, p := range code.paths {
		if strings.HasPrefix(p.text, "/") {
			absolute = append(absolute, p.ev)
		} else {
			windows = append(windows, p.ev)
		}
	}
	add("windows-path", "high", "The code opens files on a Windows drive, which does not exist in a Linux container.", windows...)
	add("absolute-path", "medium", "The code opens files at absolute paths. Make them configurable, and writable in the image.", absolute...)
	add("native-library", "medium", "The code loads a native library, which the image must hold for its own architecture.", code.native...)
	var execs []detect.Evidence
	for _, e := range code.execs {
		execs = append(execs, e.ev)
	}
	add("external-program", "medium", "The code starts other programs, which the image must hold.", execs...)
	a.sessions(c, add)
	a.jndi(add)
	if d, ok := a.dep("spring-cloud-starter-config", "spring-cloud-config-client"); ok {
		add("external-configuration", "medium", "Configuration comes from a config server, which must run first; what it sets is not in this repository.", d.ev...)
	}
	if d, ok := a.dep("spring-cloud-starter-netflix-eureka-client", "spring-cloud-starter-eureka"); ok {
		add("service-registry", "low", "It registers with a Eureka server, which a platform's own service discovery can replace.", d.ev...)
	}
	return out
}

// sessions kept in memory are lost with the instance and are not shared, unless something replicates them.
func (a *app) sessions(c *detect.Component, add func(id, severity, message string, ev ...detect.Evidence)) {
	if c.Role.V != detect.Web || len(a.scan().session) == 0 {
		return
	}
	if _, ok := a.dep("spring-session-*", "spring-session", "memcached-session-manager*", "redisson-tomcat*", "tomcat-redis-session-manager"); ok {
		return
	}
	add("session-in-memory", "low", "Sessions are kept in memory: several instances need sticky sessions or a shared store.", a.scan().session...)
}

// jndi tells of data sources that the server must offer and that nothing in the tree defines.
func (a *app) jndi(add func(id, severity, message string, ev ...detect.Evidence)) {
	var wants []detect.Evidence
	for _, w := range a.wanted() {
		wants = append(wants, w.ev...)
	}
	add("jndi-datasource", "high", "The server must offer a data source by name, and nothing in the repository defines it.", wants...)
}

// program maps a program that code starts to its Debian package.
var programs = map[string][2]string{"convert": {"imagemagick", "imagemagick"}, "identify": {"imagemagick", "imagemagick"}, "mogrify": {"imagemagick", "imagemagick"}, "ffmpeg": {"ffmpeg", "ffmpeg"}, "ffprobe": {"ffmpeg", "ffmpeg"},
	"wkhtmltopdf": {"wkhtmltopdf", "wkhtmltopdf"}, "gs": {"ghostscript", "ghostscript"}, "tesseract": {"tesseract", "tesseract-ocr"}, "soffice": {"libreoffice", "libreoffice"}, "libreoffice": {"libreoffice", "libreoffice"},
	"pdftotext": {"poppler-utils", "poppler-utils"}, "pdftoppm": {"poppler-utils", "poppler-utils"}, "dot": {"graphviz", "graphviz"}, "git": {"git", "git"}, "svn": {"subversion", "subversion"}, "antiword": {"antiword", "antiword"},
	"exiftool": {"exiftool", "libimage-exiftool-perl"}, "mysqldump": {"mysql-client", "default-mysql-client"}, "pg_dump": {"postgresql-client", "postgresql-client"}, "curl": {"curl", "curl"}, "unzip": {"unzip", "unzip"}, "zip": {"zip", "zip"}, "rsync": {"rsync", "rsync"}}

// fontLibraries draw text: the JDK then needs fontconfig and at least one font, which slim images lack.
var fontLibraries = []string{"jasperreports*", "poi", "poi-ooxml*", "poi-*", "jfreechart*", "flying-saucer-*", "openhtmltopdf-*", "batik-*", "kaptcha*", "jcaptcha*", "simplecaptcha*", "easy-captcha", "patchca", "barcode4j*", "barbecue", "jxls*", "easyexcel", "net.sf.cewolf:*", "cewolf*", "docx4j*", "xdocreport*", "pdfbox*", "thumbnailator", "imgscalr-lib", "birt-runtime", "dynamicreports-core", "DynamicJasper"}

// systemPackages returns the Debian packages that the application needs at run time.
func (a *app) systemPackages() []detect.SystemPackage {
	byName := map[string]*detect.SystemPackage{}
	add := func(name string, run []string, why string, ev ...detect.Evidence) {
		if p := byName[name]; p != nil {
			p.Evidence = proof(p.Evidence, ev)
			return
		}
		byName[name] = &detect.SystemPackage{Name: name, Run: run, Why: why, Evidence: ev}
	}
	fonts := []string{"fontconfig", "fonts-dejavu-core"}
	if d, ok := a.dep(fontLibraries...); ok && d.shipped() {
		add("fontconfig", fonts, d.artifact+" draws text, which needs fontconfig and a font", d.ev...)
	} else if ev := a.scan().imports["java.awt"]; ev != nil && a.scan().imports["javax.imageio"] != nil {
		add("fontconfig", fonts, "the code draws images, which needs fontconfig and a font", ev...)
	}
	if d, ok := a.dep("im4java"); ok && d.shipped() {
		add("imagemagick", []string{"imagemagick"}, d.artifact+" calls ImageMagick", d.ev...)
	}
	if d, ok := a.dep("tess4j"); ok && d.shipped() {
		add("tesseract", []string{"tesseract-ocr"}, d.artifact+" calls Tesseract", d.ev...)
	}
	for _, e := range a.scan().execs {
		word, _, _ := strings.Cut(strings.TrimSpace(e.text), " ")
		if p, ok := programs[path.Base(word)]; ok {
			add(p[0], []string{p[1]}, "the code starts "+path.Base(word), e.ev)
		}
	}
	var out []detect.SystemPackage
	for _, p := range byName {
		out = append(out, *p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// processes returns how the application is started. The image's template decides where the artifact lies.
func (a *app) processes(c *detect.Component) []detect.Process {
	if c.Role.V == detect.Library || !a.packaging.set() && c.Framework.V != "play" {
		return nil
	}
	name := map[detect.Role]string{detect.Web: "web", detect.Worker: "worker", detect.Batch: "batch", detect.CLI: "cli"}[c.Role.V]
	p := detect.Process{Name: name, From: detect.Inferred, Evidence: a.packaging.ev}
	if len(p.Evidence) == 0 {
		p.Evidence = a.build.Evidence
	}
	switch {
	case c.Framework.V == "play":
		a.playCommand(&p, c)
	case a.exploded && a.packaging.s == "jar" && a.mainClass.known():
		p.Command = []string{"java", "-cp", "/app", a.mainClass.s}
		p.Why = "the manifest names its main class"
	case a.packaging.s == "jar" || c.AppServer.V == "none":
		p.Command = []string{"java", "-jar", "/app/app." + a.packaging.s}
		p.Why = "an executable " + a.packaging.s
		if script := c.Facts["startScript"]; script.V != "" {
			p.Command, p.Why = []string{"/app/" + script.V}, script.Why
		}
		if c.Framework.V == "dropwizard" {
			a.dropwizardCommand(&p)
		}
		a.procfile(&p, c)
		if c.Framework.V == "spring-boot" && c.Role.V == detect.Web && a.randomPort() {
			p.Command = append(p.Command, "--server.port="+itoa(c.Port.V))
			p.Why += "; its configuration asks for a random port, which nobody could find"
		}
	default:
		p.Command = serverCommands[c.AppServer.V]
		p.Why = "the command of " + c.AppServer.V
	}
	if len(p.Command) == 0 {
		return nil
	}
	if d, ok := a.dep("flyway-core", "liquibase-core", "flyway-*"); ok && len(a.bootEv) > 0 && d.shipped() {
		p.Why += "; " + d.artifact + " migrates the database when it starts, so that no release step is needed"
		p.Evidence = proof(p.Evidence, d.ev)
	}
	return []detect.Process{p}
}

// procfile takes the arguments that a Procfile starts the jar with. Its paths are those of another platform: the
// artifact's is ours.
func (a *app) procfile(p *detect.Process, c *detect.Component) {
	f, err := a.dir.Read("Procfile")
	if err != nil {
		return
	}
	list, err := manifest.ParseProcfile(f.Data)
	if err != nil {
		warn(a.dir, f.Path, err)
	}
	for _, l := range list {
		if l.Name != p.Name {
			continue
		}
		words := manifest.Exec(l.Command, func(name string) (string, bool) {
			switch name {
			case "PORT":
				return itoa(c.Port.V), c.Port.Set()
			case "JAVA_OPTS", "JAVA_TOOL_OPTIONS":
				return "", true
			}
			return "", false
		})
		words = slices.DeleteFunc(words, func(w string) bool { return w == "" }) // JAVA_OPTS is not set
		jar := slices.Index(words, "-jar")
		if len(words) == 0 || words[0] != "java" || jar < 0 || jar+1 >= len(words) {
			return
		}
		words[jar+1] = "/app/app." + a.packaging.s
		if last := len(words) - 1; c.Framework.V == "dropwizard" && (strings.HasSuffix(words[last], ".yml") || strings.HasSuffix(words[last], ".yaml")) && a.dir.Has(words[last]) {
			at := path.Join(a.dir.Path, words[last])
			a.facts["configFile"] = detect.Is(a.rel(at), f.Evidence(l.Line))
			words[last] = "/app/" + path.Base(at)
		}
		p.Command, p.From, p.Why, p.Evidence = words, detect.Declared, "the Procfile starts it so", []detect.Evidence{f.Evidence(l.Line)}
	}
}

// playCommand starts an application of Play: the port and the secret are given to it, and no file with its process id
// is kept, which would stop it from starting again.
func (a *app) playCommand(p *detect.Process, c *detect.Component) {
	port := itoa(c.Port.V)
	if older(a.playVersion, "2") {
		p.Command, p.Why = []string{"play", "run", "/app", "--%prod", "--http.port=" + port}, "Play's own command, with its settings for production"
		return
	}
	start := "/app/" + c.Facts["startScript"].V
	if c.Facts["startScript"].V == "" {
		start = "java -cp /app/* play.core.server.NettyServer /app"
	}
	words := strings.Fields(start)
	options := []string{"-Dhttp.port=" + port, "-Dpidfile.path=/dev/null"}
	p.Why = "the start script that sbt makes"
	key, set := a.playSecret()
	if !set {
		// No variable that the configuration reads holds the secret: it becomes an option.
		line := "exec " + strings.Join(append(append(words[:1:1], options...), words[1:]...), " ") + ` -D` + key + `="$APPLICATION_SECRET"`
		if words[0] == "java" {
			line = "exec java " + strings.Join(options, " ") + ` -D` + key + `="$APPLICATION_SECRET" -cp '/app/*' play.core.server.NettyServer /app`
		}
		p.Command, p.Why = []string{"sh", "-c", line}, p.Why+"; the secret, which nothing else can set, is an option"
		return
	}
	p.Command = append(append(words[:1:1], options...), words[1:]...)
}

// playSecretEnv adds the variable that holds the secret with which Play signs its cookies: in production it does not
// start without.
func (a *app) playSecretEnv(c *detect.Component) {
	if older(a.playVersion, "2") {
		return
	}
	name, why := "APPLICATION_SECRET", "the start command gives it to Play, which signs its cookies with it"
	ev := c.Framework.Evidence
	for _, k := range []string{"play.http.secret.key", "play.crypto.secret", "application.secret"} {
		x, ok := a.readSettings().get(k)
		if !ok {
			continue
		}
		for _, g := range segments(x.value) {
			if g.name != "" {
				name, why, ev = g.name, "Play signs its cookies with it", []detect.Evidence{x.at()}
			}
		}
	}
	for i := range c.Env {
		if c.Env[i].Name == name {
			c.Env[i].Required, c.Env[i].Secret, c.Env[i].Default = true, true, ""
			return
		}
	}
	c.Env = append(c.Env, detect.EnvVar{Name: name, Required: true, Secret: true, Why: why, Evidence: ev})
}

// playSecret is the key of the application's secret, and whether a variable can set it.
func (a *app) playSecret() (string, bool) {
	key := "play.http.secret.key"
	switch v := a.playVersion; {
	case v == "":
	case older(v, "2.4"):
		key = "application.secret"
	case older(v, "2.6"):
		key = "play.crypto.secret"
	}
	for _, k := range []string{key, "play.http.secret.key", "play.crypto.secret", "application.secret"} {
		if x, ok := a.readSettings().get(k); ok && strings.Contains(x.value, "${") {
			return key, true
		}
	}
	return key, false
}

func (a *app) randomPort() bool {
	v, _, ok := a.readSettings().plain(a, "server.port")
	return ok && (v == "0" || strings.HasPrefix(v, "${random"))
}

// dropwizardCommand adds the arguments that every Dropwizard application takes: "server" and its configuration.
func (a *app) dropwizardCommand(p *detect.Process) {
	for _, x := range a.readSettings().all {
		if strings.HasPrefix(x.norm, "server.applicationconnectors.0.") || x.norm == "server.connector.port" || x.norm == "database.driverclass" {
			p.Command = append(p.Command, "server", "/app/"+path.Base(x.file.Path))
			p.Why = "Dropwizard is started with its configuration file"
			p.Evidence = proof(p.Evidence, []detect.Evidence{x.at()})
			a.facts["configFile"] = detect.Infer(a.rel(x.file.Path), "the only file of Dropwizard's form; the image must hold it beside the jar", x.at())
			return
		}
	}
	p.Command = append(p.Command, "server")
}

// serverCommands start a server in the foreground, as its own image does.
var serverCommands = map[string][]string{
	"tomcat":    {"catalina.sh", "run"},
	"jetty":     {"java", "-jar", "/usr/local/jetty/start.jar"},
	"wildfly":   {"/opt/jboss/wildfly/bin/standalone.sh", "-b", "0.0.0.0"},
	"jboss":     {"/opt/jboss/wildfly/bin/standalone.sh", "-b", "0.0.0.0"},
	"liberty":   {"/opt/ol/wlp/bin/server", "run", "defaultServer"},
	"websphere": {"/opt/ol/wlp/bin/server", "run", "defaultServer"},
	"glassfish": {"/opt/payara/scripts/entrypoint.sh"},
	"weblogic":  {"/u01/oracle/createAndStartEmptyDomain.sh"},
}
