package perl

import (
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
)

// troubles collects what stands in the way and which directories are written.
type troubles struct {
	list   []detect.Readiness
	writes []detect.Value[string]
}

func (t *troubles) add(id, severity, message string, ev ...detect.Evidence) {
	for _, have := range t.list {
		if have.ID == id && len(have.Evidence) > 0 && len(ev) > 0 && have.Evidence[0] == ev[0] {
			return
		}
	}
	t.list = append(t.list, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev})
}

// write keeps a directory that is written at run time, once.
func (t *troubles) write(v detect.Value[string]) {
	v.V = path.Clean(v.V)
	if v.V == "." || strings.HasPrefix(v.V, "../") || v.V == ".." || strings.ContainsAny(v.V, "$@{}*\"' \t") {
		return
	}
	if path.IsAbs(v.V) { // a path of another machine: nothing that the image owns
		return
	}
	for _, have := range t.writes {
		if have.V == v.V {
			return
		}
	}
	t.writes = append(t.writes, v)
}

// trouble looks for what stands in the way of running well in a container.
func (a *app) trouble(fw framework, services []detect.Service) *troubles {
	t := &troubles{}
	a.manifestTrouble(t, fw)
	for _, s := range services {
		if s.Kind == "sqlite" && s.Required {
			a.sqliteFiles(t)
		}
	}
	a.fileWrites(t, fw)
	a.uploads(t)
	a.sessions(t, fw)
	a.logging(t, fw)
	a.committedSecrets(t)
	a.hostPaths(t)
	if fw.style == cgi {
		t.add("process-per-request", "low", "Each request starts a new Perl program. It works in a container, with Apache before it; Plack::App::WrapCGI keeps the programs loaded.", fw.entry)
	}
	return t
}

var publicMirror = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`://(?:[\w.-]+\.)?(?:cpan|metacpan|perl|backpan)\.`)
})

// manifestTrouble looks at where modules come from.
func (a *app) manifestTrouble(t *troubles, fw framework) {
	if len(a.manifests) == 0 {
		var foreign []string
		for _, x := range a.foreignModules() {
			foreign = append(foreign, x.name)
		}
		if len(foreign) > 0 {
			t.add("no-cpanfile", "high", "There is no cpanfile: which modules the application needs is only in its code. Write one that names "+detect.Printable(strings.Join(foreign, ", "), 200)+".", fw.entry)
		}
		return
	}
	m := a.manifests[0]
	if a.snapshot == nil {
		t.add("no-lockfile", "medium", "There is no cpanfile.snapshot: every build may install other versions. Make one with Carton and commit it.", m.file.Evidence(0))
	}
	for _, mf := range a.manifests {
		for _, mi := range mf.mirrors {
			if !publicMirror().MatchString(mi.url) {
				t.add("private-registry", "medium", "Modules come from a server of their own: the build must be able to reach it, with its credentials as build secrets.", mf.file.Evidence(mi.line))
			}
		}
	}
}

// sqliteFiles finds databases in a file of the container.
func (a *app) sqliteFiles(t *troubles) {
	for _, c := range a.connections() {
		if c.kind != "sqlite" || c.file == ":memory:" {
			continue
		}
		dir := path.Dir(c.file)
		if c.file == "" || dir == "." || strings.ContainsAny(dir, "$@%") {
			dir = "data"
			if !a.dir.HasDir(dir) {
				dir = ""
			}
		}
		if dir != "" {
			t.write(detect.Infer(dir, "SQLite keeps its file there", c.evidence))
		}
		t.add("embedded-database", "high", "SQLite keeps its data in a file of the container: it is gone with it unless a volume is mounted there, and one container alone can use it.", c.evidence)
		return
	}
}

var (
	openWrite = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\bopen\s*\(?\s*(?:my\s+|local\s+|our\s+)?[\w$*{}:]+\s*,\s*(?:["']\+?>>?[^"']*["']\s*,\s*(.+)|["']\s*\+?>>?\s*([^"']+)["'])`)
	})
	tiedFile = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(?:tie\b.*\b(?:DB_File|SDBM_File|GDBM_File|NDBM_File|AnyDBM_File)\b|dbmopen\b|nstore\b|lock_store\b|lock_nstore\b|DBM::Deep->new)`)
	})
	assignPath = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:my|our|local)?\s*\(?\s*\$(\w+)\s*\)?\s*=\s*["']([\w./-]+)["']`)
	})
	pathLiteral = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`["']?((?:\.\.?/)*[A-Za-z_][\w.-]*(?:/[\w.-]+)+)`) })
)

// fileWrites finds files that CGI programs and small applications keep their data in.
func (a *app) fileWrites(t *troubles, fw framework) {
	for _, s := range a.sources {
		data := string(s.file.Data)
		if fw.style != cgi && len(a.sources) > 60 && strings.HasSuffix(s.name, ".pm") { // a large application has better places, and many ways to name them
			continue
		}
		if !strings.Contains(data, "open") && !strings.Contains(data, "tie") && !strings.Contains(data, "store") || strings.HasPrefix(s.name, "contrib/") {
			continue
		}
		names := map[string]string{}
		for _, l := range s.lines {
			if !strings.Contains(l.text, "/") && !strings.Contains(l.text, ">") && !strings.Contains(l.text, "store") && !strings.Contains(l.text, "tie") && !strings.Contains(l.text, "dbm") {
				continue
			}
			if m := assignPath().FindStringSubmatch(l.text); m != nil && strings.Contains(m[2], "/") {
				names[m[1]] = m[2]
			}
			target := ""
			if strings.Contains(l.text, "open") && strings.Contains(l.text, ">") {
				if m := openWrite().FindStringSubmatch(l.text); m != nil {
					target = m[1] + m[2]
				}
			} else if tiedFile().MatchString(l.text) {
				target = l.text
			}
			if dir := a.writtenDir(s.name, target, names); dir != "" {
				ev := s.file.Evidence(l.number)
				t.write(detect.Infer(dir, "the code writes files there", ev))
				if !loggy(dir) {
					t.add("local-file-storage", "high", "The application keeps data in files of its own directory: they are gone with the container unless a volume is mounted there, and several containers do not share them.", ev)
				}
			}
		}
	}
}

func loggy(dir string) bool {
	return strings.Contains(dir, "log") || strings.Contains(dir, "tmp") || strings.Contains(dir, "cache")
}

// writtenDir is the directory, relative to the application's, of a file that code writes: the target is a literal path
// or a variable that holds one.
func (a *app) writtenDir(program, target string, names map[string]string) string {
	if target == "" {
		return ""
	}
	p := ""
	if m := pathLiteral().FindStringSubmatch(target); m != nil && !strings.Contains(target, "/"+m[1]) {
		p = m[1]
	}
	for name, v := range names {
		if strings.Contains(target, "$"+name) && !isWord(byteAfter(target, "$"+name)) {
			p = v
		}
	}
	if p == "" || path.IsAbs(p) || strings.HasPrefix(p, "/") || strings.HasPrefix(p, "tmp/") {
		return ""
	}
	dir := path.Dir(p)
	// A program's own paths start where it stands (a CGI program), or at the application's directory.
	for _, base := range []string{path.Dir(program), "."} {
		if full := path.Join(base, dir); !strings.HasPrefix(full, "..") && full != "." && (a.dir.HasDir(full) || base != "." && strings.HasPrefix(dir, "..")) {
			return full
		}
	}
	return ""
}

func byteAfter(s, sub string) byte {
	if i := strings.Index(s, sub) + len(sub); i < len(s) {
		return s[i]
	}
	return 0
}

var uploadMove = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`->(?:move_to|copy_to|link_to|save_to)\b`)
})

// uploads finds files of users that are kept on the local disk.
func (a *app) uploads(t *troubles) {
	for _, s := range a.sources {
		data := string(s.file.Data)
		if !strings.Contains(data, "upload") || !strings.Contains(data, "_to") {
			continue
		}
		for _, l := range s.lines {
			if !uploadMove().MatchString(l.text) || strings.Contains(l.text, "path->") {
				continue
			}
			ev := s.file.Evidence(l.number)
			t.add("local-file-storage", "high", "Uploads are kept on the local disk. Files that users upload stay in the container and are gone with it: mount a volume there or store them elsewhere.", ev)
			for _, dir := range []string{"public/uploads", "uploads", "public/upload", "upload"} {
				if a.dir.HasDir(dir) {
					t.write(detect.Infer(dir, "uploads are kept there", ev))
				}
			}
			return
		}
	}
}

var dancerSession = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^["']?session["']?\s*(?::|=>|=)\s*["']?(\w+)["']?`)
})

// sessions finds sessions that stay in one process or one container.
func (a *app) sessions(t *troubles, fw framework) {
	if fw.name == "dancer" {
		for _, f := range a.configFiles() {
			for i, s := range strings.Split(string(f.Data), "\n") {
				m := dancerSession().FindStringSubmatch(stripComment(s))
				if m == nil {
					continue
				}
				switch strings.ToLower(m[1]) {
				case "simple":
					t.add("in-memory-sessions", "high", "Sessions are kept in the memory of one process: several processes or containers do not share them.", f.Evidence(i+1))
				case "yaml", "json", "storable":
					t.write(detect.Infer("sessions", "Dancer keeps sessions in files there", f.Evidence(i+1)))
					t.add("file-sessions", "medium", "Sessions are kept in files of the container: several containers do not share them.", f.Evidence(i+1))
				}
			}
		}
	}
	if m, ok := a.firstOf("Catalyst::Plugin::Session::Store::File", "Catalyst::Plugin::Session::Store::FastMmap"); ok && fw.name == "catalyst" {
		t.add("file-sessions", "medium", "Sessions are kept in files of the container: several containers do not share them.", m.evidence...)
	}
	if fw.style != psgi || fw.name != "none" {
		return
	}
	for _, s := range a.sources {
		for _, l := range s.lines {
			if (strings.Contains(l.text, `enable 'Session'`) || strings.Contains(l.text, `enable "Session"`)) && !strings.Contains(l.text, "store") {
				t.add("in-memory-sessions", "high", "Sessions are kept in the memory of one process: several processes or containers do not share them.", s.file.Evidence(l.number))
				return
			}
		}
	}
}

var (
	mojoLog = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`Mojo::Log->new\s*\(?\s*(?:\{|\()?\s*path\s*=>|\blog->path\(`)
	})
	dancerLog = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^["']?logger["']?\s*(?::|=>|=)\s*["']?file["']?`) })
)

// logging finds logs that go to files. Mojolicious writes log/production.log when there is a directory log.
func (a *app) logging(t *troubles, fw framework) {
	const message = "The log goes to a file, where a container's user does not see it: log to standard output or standard error."
	if fw.style == mojo {
		for _, s := range a.sources {
			for _, l := range s.lines {
				if mojoLog().MatchString(l.text) {
					t.add("logs-to-files", "medium", message, s.file.Evidence(l.number))
					return
				}
			}
		}
		if a.dir.HasDir("log") && !a.newMojo() {
			t.write(detect.Infer("log", "Mojolicious writes its log there", fw.entry))
			t.add("logs-to-files", "medium", message+" Mojolicious does so when there is a directory named log.", fw.entry)
		}
	}
	if fw.name != "dancer" {
		return
	}
	for _, f := range a.configFiles() {
		for i, s := range strings.Split(string(f.Data), "\n") {
			if dancerLog().MatchString(stripComment(s)) {
				t.write(detect.Infer("logs", "Dancer writes its log there", f.Evidence(i+1)))
				t.add("logs-to-files", "medium", message, f.Evidence(i+1))
			}
		}
	}
}

// newMojo reports whether Mojolicious no longer looks for a directory log: since 9.0 (its Changes file).
func (a *app) newMojo() bool {
	m, ok := a.needs("Mojolicious")
	return ok && m.version != "" && compare(m.version, "9.0") >= 0
}

var (
	mojoSecret = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:->secrets?\s*\(\s*\[?\s*|^secrets?\s*=>\s*\[?\s*|["']secrets?["']\s*[:=]>?\s*\[?\s*|^app->secrets?\s*\(\s*\[?)["']([^"'$]{4,})["']`)
	})
	cookieKey = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^["']?(?:session_cookie_key|secret_key)["']?\s*(?::|=>|=)\s*["']?([^"'$\s]{8,})["']?`)
	})
	connectPassword = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`->connect(?:_cached)?\s*\(\s*["'][Dd][Bb][Ii]:[^"']*["']\s*,\s*["'][^"']*["']\s*,\s*["']([^"'$]{3,})["']`)
	})
)

// committedSecrets looks for keys and passwords in the repository.
func (a *app) committedSecrets(t *troubles) {
	check := func(s string, ev func() detect.Evidence) {
		switch {
		case !strings.Contains(s, "secret") && !strings.Contains(s, "_key") && !strings.Contains(s, "connect"):
		case strings.Contains(s, "ENV"):
		case mojoSecret().MatchString(s), cookieKey().MatchString(s):
			t.add("secret-committed", "high", "The key that signs sessions is in the repository. Whoever reads it can forge sessions: change it, and read it from a variable.", ev())
		case connectPassword().MatchString(s):
			t.add("secret-committed", "high", "A password of the database is in the repository: change it, and read it from a variable.", ev())
		}
	}
	for _, f := range a.configFiles() {
		for i, s := range strings.Split(string(f.Data), "\n") {
			check(strings.TrimSpace(stripComment(s)), func() detect.Evidence { return f.Evidence(i + 1) })
		}
	}
	for _, s := range a.sources {
		if data := string(s.file.Data); !strings.Contains(data, "secret") && !strings.Contains(data, "connect") && !strings.Contains(data, "_key") {
			continue
		}
		for _, l := range s.lines {
			check(l.text, func() detect.Evidence { return s.file.Evidence(l.number) })
		}
	}
}

var (
	hostPath = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`["'](/(?:home|Users|var/www|srv|usr/local/(?:www|apache2?))/[\w./-]+)["']`)
	})
	sendmail = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`/usr/(?:sbin|lib)/sendmail`) })
)

// hostDir reports whether a line may name a directory of one machine.
func hostDir(s string) bool {
	return strings.Contains(s, "/home/") || strings.Contains(s, "/Users/") || strings.Contains(s, "/var/www") || strings.Contains(s, "/srv/") || strings.Contains(s, "/usr/local/")
}

// hostPaths finds what only one machine has: its directories, its mailer.
func (a *app) hostPaths(t *troubles) {
	paths, mailer := 0, false
	for _, s := range a.sources {
		for _, l := range s.lines {
			if paths < 3 && hostDir(l.text) && hostPath().MatchString(l.text) {
				paths++
				t.add("absolute-path", "medium", "The code names a directory of one machine, which a container does not have: make it a setting.", s.file.Evidence(l.number))
			}
			if !mailer && strings.Contains(l.text, "/sendmail") && sendmail().MatchString(l.text) {
				mailer = true
				t.add("local-sendmail", "medium", "Mail is given to the machine's own sendmail, which a container does not have: send it by SMTP.", s.file.Evidence(l.number))
			}
		}
	}
}
