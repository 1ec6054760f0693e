package node

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// troubles collects what stands in the way and which directories are written.
type troubles struct {
	list   []detect.Readiness
	writes []detect.Value[string]
}

func (t *troubles) add(id, severity, message string, ev ...detect.Evidence) {
	for _, have := range t.list {
		if have.ID == id {
			return
		}
	}
	t.list = append(t.list, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev})
}

// write keeps a directory that is written at run time, once.
func (t *troubles) write(v detect.Value[string]) {
	v.V = path.Clean(v.V)
	if v.V == "." || v.V == ".." || strings.HasPrefix(v.V, "../") || strings.Contains(v.V, "$") || strings.ContainsAny(v.V, " *?'\"") {
		return
	}
	for _, have := range t.writes {
		if have.V == v.V {
			return
		}
	}
	t.writes = append(t.writes, v)
}

var (
	uploadDir  = manifest.Lazy(`\b(?:dest|uploadDir|uploadDirectory|tempFileDir|uploads?(?:Path|Dir|Folder)?)\b["']?\s*[:=]\s*(?:(?:path\.)?(?:join|resolve)\(\s*(?:__dirname|process\.cwd\(\)|root|rootPath)\s*,\s*)?(?:__dirname\s*\+\s*)?["']([^"'\n]+)["']`)
	diskDest   = manifest.Lazy(`\bcb\(\s*null\s*,\s*(?:(?:path\.)?(?:join|resolve)\(\s*__dirname\s*,\s*)?(?:__dirname\s*\+\s*)?["']([^"'\n]+)["']|callback\(\s*null\s*,\s*["']([^"'\n]+/[^"'\n]*)["']`)
	fileWrite  = manifest.Lazy(`\b(?:createWriteStream|writeFileSync|writeFile|appendFileSync|appendFile|mkdirSync|mkdirp(?:\.sync)?|ensureDirSync|outputFile(?:Sync)?)\(\s*(?:(?:path\.)?(?:join|resolve)\(\s*(?:__dirname|process\.cwd\(\))\s*,\s*)?(?:__dirname\s*\+\s*)?["'\x60](\.{0,2}/?[\w.-]+(?:/[\w.-]+)*)/?`)
	logFile    = manifest.Lazy(`\btransports\.(?:File|DailyRotateFile)\b|createWriteStream\([^)]*\.log\b|["']type["']?\s*:\s*["'](?:file|dateFile|rotating-file)["']|\btype\s*:\s*["'](?:file|dateFile|rotating-file)["']|log4js\.appenders\.file|filename\s*:\s*["'][^"']*\.log\b|bunyan.*path\s*:`)
	logDir     = manifest.Lazy(`["'\x60]\.?/?((?:[\w.-]+/)*logs?)/|["']\.?/?(logs?)["']`)
	sessions   = manifest.Lazy(`\b(?:session|expressSession|express\.session)\(\s*\{?`)
	storeWord  = manifest.Lazy(`\bstore\b\s*[:=,}]|connect-mongo|connect-redis|connect-session-\w+|connect-pg|RedisStore|MongoStore|SequelizeStore|session-file-store|connect-memcached|koa-redis|express-mysql-session|cookie-session`)
	localhost  = manifest.Lazy(`["'\x60](?:mongodb|redis|postgres(?:ql)?|mysql|amqp|nats|http)://(?:[^@"'\x60/]*@)?(?:localhost|127\.0\.0\.1)(?::\d+)?`)
	clusterUse = manifest.Lazy(`\bcluster\.fork\(|\bcluster\.isMaster\b|throng\(`)
	cronUse    = manifest.Lazy(`\bnew\s+(?:cron\.)?CronJob\(|\bcron\.schedule\(|\bschedule\.scheduleJob\(|\bagenda\.every\(|\bsetInterval\([^)]*(?:60\s*\*\s*60|3600000|86400000)`)
	socketIO   = manifest.Lazy(`require\(['"]socket\.io['"]\)|from\s+['"]socket\.io['"]`)
	bindLocal  = manifest.Lazy(`\.listen\([^)]*['"](?:localhost|127\.0\.0\.1)['"]`)
)

const lost = " What is written stays in the container and is gone with it: mount a volume there or store it elsewhere."

// trouble looks for what stands in the way of running well in a container.
func (p *project) trouble(c *detect.Component) *troubles {
	t := &troubles{}
	p.manifestTrouble(t)
	p.uploads(t)
	p.written(t)
	p.logs(t)
	p.sessionTrouble(t)
	p.codeTrouble(t, c)
	if c.Services != nil {
		for _, s := range c.Services {
			if s.Kind == "sqlite" && s.Required {
				t.add("local-database", "high", "The database is a file."+lost, s.Evidence...)
			}
		}
	}
	return t
}

// frontTrouble is what stands in the way of a front end.
func (p *project) frontTrouble() *troubles {
	t := &troubles{}
	p.manifestTrouble(t)
	return t
}

// manifestTrouble is what the manifests show.
func (p *project) manifestTrouble(t *troubles) {
	if p.pkg == nil {
		return
	}
	if p.lock == nil && len(p.pkg.deps) > 0 {
		t.add("missing-lock-file", "medium", "No lock file: every build may install other versions of the packages.", p.pkg.file.Evidence(p.pkg.doc.Line("dependencies")))
	}
	if name, ev, ok := p.privateRegistry(); ok {
		t.add("private-registry", "medium", "Packages come from a private registry ("+detect.Printable(name, 60)+"): the build needs its .npmrc as the secret npmrc.", ev)
	}
	if d, ok := p.gitDep(); ok {
		t.add("git-dependency", "low", "The package "+d.name+" comes from Git: the build needs Git and access to it.", p.pkg.file.Evidence(d.line))
	}
	for _, name := range p.pkg.doc.Keys("dependencies") {
		if v, line, _ := p.pkg.doc.Get("dependencies", name); (v == "*" || v == "latest" || v == "") && p.lock == nil {
			t.add("unpinned-dependency", "medium", "The package "+detect.Printable(name, 60)+" may be of any version, and there is no lock file.", p.pkg.file.Evidence(line))
		}
	}
	for _, n := range natives {
		if d, ok := p.running(n.pack); ok && len(n.build) > 0 {
			t.add("native-library", "low", "The package "+n.pack+" has native parts: they are compiled for the image's system and Node.", d.evidence[0])
			break
		}
	}
}

// gitDep is the first package that comes from a Git repository.
func (p *project) gitDep() (dep, bool) {
	var best dep
	for _, d := range p.pkg.deps {
		if gitURL.MatchString(d.wanted) && (best.name == "" || d.line < best.line) {
			best = d
		}
	}
	return best, best.name != ""
}

var gitURL = manifest.Lazy(`^(?:git(?:\+\w+)?:|github:|bitbucket:|gitlab:|git@|https?://[^\s]*\.git|[\w-]+/[\w.-]+(?:#.*)?$)`)

// uploads finds directories that uploaded files are kept in.
func (p *project) uploads(t *troubles) {
	if !p.has("multer", "formidable", "connect-multiparty", "express-fileupload", "busboy", "connect-busboy", "multiparty", "koa-body", "koa-multer", "@koa/multer", "skipper", "imager", "@nestjs/platform-express", "hapi", "@hapi/hapi") {
		return
	}
	if p.has("multer-s3", "multer-gridfs-storage", "skipper-s3", "multer-storage-cloudinary") {
		return
	}
	for _, c := range p.sources() {
		for _, word := range []string{"dest", "upload", "null", "tempFileDir"} {
			for n, text := range c.lines(word) {
				dir := ""
				if m := uploadDir.FindStringSubmatch(text); m != nil {
					dir = m[1]
				} else if m := diskDest.FindStringSubmatch(text); m != nil {
					dir = m[1] + m[2]
				}
				if dir == "" || strings.Contains(dir, "://") || strings.HasPrefix(dir, "image") || !strings.ContainsAny(dir, "/") && !strings.Contains(strings.ToLower(dir), "upload") && !strings.Contains(strings.ToLower(dir), "tmp") {
					continue
				}
				dir = relative(dir, c.name, text)
				ev := c.file.Evidence(n)
				t.write(detect.Infer(dir, "uploaded files are written there", ev))
				if !strings.HasPrefix(dir, "/tmp") && dir != "tmp" {
					t.add("local-file-storage", "high", "Uploaded files are kept on the local disk."+lost, ev)
				}
			}
		}
	}
}

// relative is a path of the code as the component sees it: from __dirname it begins where the code lies.
func relative(dir, code, text string) string {
	if strings.HasPrefix(dir, "/") && strings.Contains(text, "__dirname") || strings.Contains(text, "__dirname") {
		return path.Join(path.Dir(code), dir)
	}
	return path.Clean(dir)
}

// written finds directories that the code writes by their names.
func (p *project) written(t *troubles) {
	for _, c := range p.sources() {
		if strings.HasPrefix(c.name, "scripts/") || strings.HasPrefix(c.name, "tools/") || strings.HasPrefix(c.name, "tasks/") {
			continue
		}
		for _, word := range []string{"riteStream(", "riteFile", "ppendFile", "mkdir", "ensureDir"} {
			for n, text := range c.lines(word) {
				m := fileWrite.FindStringSubmatch(text)
				if m == nil {
					continue
				}
				dir := m[1]
				if path.Ext(dir) != "" || !strings.Contains(word, "mkdir") && !strings.Contains(word, "ensureDir") && !strings.HasSuffix(m[0], "/") {
					dir = path.Dir(dir)
				}
				if dir = relative(dir, c.name, text); dir != "." && dir != "/" && !strings.HasPrefix(dir, "/dev") && !strings.HasPrefix(dir, "/proc") {
					t.write(detect.Infer(dir, "the code writes there", c.file.Evidence(n)))
				}
			}
		}
	}
}

// logs finds log files.
func (p *project) logs(t *troubles) {
	for _, c := range p.sources() {
		for _, word := range []string{"ile", "og"} {
			for n, text := range c.lines(word) {
				if !logFile.MatchString(text) {
					continue
				}
				ev := c.file.Evidence(n)
				t.add("logs-to-files", "medium", "Logs are written to files: a platform collects what a program prints.", ev)
				if m := logDir.FindStringSubmatch(text); m != nil {
					t.write(detect.Infer(relative(m[1]+m[2], c.name, text), "logs are written there", ev))
				}
			}
		}
	}
}

// sessionTrouble finds sessions that are kept in the memory of one process.
func (p *project) sessionTrouble(t *troubles) {
	if !p.has("express-session") && !p.hasSessions() {
		return
	}
	for _, c := range p.sources() {
		if _, ok := c.imports("express-session"); !ok && !strings.Contains(string(c.file.Data), "express.session(") {
			continue
		}
		if storeWord.Match(c.file.Data) {
			return
		}
		for n, text := range c.lines("ession(") {
			if sessions.MatchString(text) {
				t.add("in-memory-sessions", "high", "Sessions are kept in the memory of one process: they are gone when it restarts, and several instances do not share them.", c.file.Evidence(n))
				return
			}
		}
	}
}

// hasSessions reports whether Express brings sessions itself, as it did before 4.
func (p *project) hasSessions() bool {
	f, ok := p.dep("express")
	return ok && below(f.version, "4")
}

// codeTrouble finds what the code takes for granted.
func (p *project) codeTrouble(t *troubles, c *detect.Component) {
	for _, s := range p.sources() {
		base := strings.ToLower(s.name)
		if strings.Contains(base, "dev") || strings.Contains(base, "test") || strings.Contains(base, "local") {
			continue
		}
		for n, text := range s.lines("://") {
			if localhost.MatchString(text) && !strings.Contains(text, "process.env") && !strings.Contains(text, "||") && !strings.Contains(text, "http://") {
				t.add("hard-coded-host", "high", "A service is looked for on the local machine: in containers it has a host of its own.", s.file.Evidence(n))
			}
		}
	}
	if ev, _, ok := p.grep(".listen(", bindLocal); ok {
		t.add("bound-to-localhost", "high", "It listens on the local interface only: nothing outside of the container reaches it.", ev)
	}
	if c.Port.Set() && c.Port.From == detect.Declared && !p.readsPort() && len(c.Port.Evidence) > 0 && codeExt[path.Ext(c.Port.Evidence[0].File)] {
		t.add("fixed-port", "low", "The port is fixed in the code: platforms that assign one by the variable PORT cannot.", c.Port.Evidence...)
	}
	if ev, _, ok := p.grep("fork", clusterUse); ok {
		t.add("process-cluster", "low", "It starts a process for every processor of the machine, which may be more than the container has.", ev)
	}
	if ev, _, ok := p.grep("ron", cronUse); ok {
		t.add("cron-inside", "medium", "Jobs are scheduled inside the server: with several instances each of them runs them.", ev)
	}
	if ev, _, ok := p.grep("socket.io", socketIO); ok {
		t.add("sticky-connections", "medium", "Socket.IO needs requests of one client to reach one instance, or an adapter, when there are several.", ev)
	}
	for _, x := range p.commands() {
		if x.why == "the Procfile's web process" || strings.HasPrefix(x.why, "the script start") {
			if m := supervisors.FindString(x.text); m != "" {
				t.add("process-manager", "low", "It is started under "+strings.TrimSpace(m)+": in a container the platform restarts it, so it is started without.", x.evidence)
			}
		}
	}
}

var supervisors = manifest.Lazy(`\b(?:forever|pm2|supervisor|nodemon|naught)\b`)
