package ruby

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
	t.list = append(t.list, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev})
}

// write keeps a directory that is written at run time, once.
func (t *troubles) write(v detect.Value[string]) {
	v.V = path.Clean(v.V)
	for _, have := range t.writes {
		if have.V == v.V {
			return
		}
	}
	t.writes = append(t.writes, v)
}

// trouble looks for what stands in the way of running well in a container.
func (a *app) trouble(fw framework, db database, hasDB bool) *troubles {
	t := &troubles{}
	if fw.rails() {
		t.write(detect.Infer("log", "Rails writes its log there", fw.entry))
		t.write(detect.Infer("tmp", "Rails keeps caches, sockets and process files there", fw.entry))
	}
	a.storage(t)
	a.databaseTrouble(t, fw, db, hasDB)
	a.committedSecrets(t, fw)
	a.scheduled(t)
	a.logging(t, fw)
	a.gemTrouble(t, fw)
	return t
}

var (
	carrierFile  = manifest.Lazy(`^(?:config\.)?storage(?:\s*=\s*|[\s(]+):file\b`)
	carrierCloud = manifest.Lazy(`^(?:config\.)?storage(?:\s*=\s*|[\s(]+):(?:fog|aws|gcloud|azure_rm|cloudinary)\b|Cloudinary::CarrierWave`)
	storeDir     = manifest.Lazy(`^["'](?:#\{[^}]*\}/)?([\w./-]+?)/?(?:#\{.*)?["']`)
	paperclip    = manifest.Lazy(`\bhas_attached_file\b`)
	paperclipFar = manifest.Lazy(`:storage\s*=>\s*:(?:s3|fog|azure)|storage:\s*:(?:s3|fog|azure)|paperclip_defaults`)
	activeLocal  = manifest.Lazy(`^config\.active_storage\.service\s*=\s*:(\w+)`)
	shrineFile   = manifest.Lazy(`Shrine::Storage::FileSystem\.new\(\s*["']([^"']+)["'](?:.*prefix:\s*["']([^"']+)["'])?`)
	dragonfly    = manifest.Lazy(`^datastore\s+:file\b|Dragonfly::DataStorage::FileDataStore`)
)

const lost = " Files that users upload stay in the container and are gone with it: mount a volume there or store them elsewhere."

// storage finds uploads that are kept on the local disk.
func (a *app) storage(t *troubles) {
	if a.has("carrierwave") {
		a.carrierwave(t)
	}
	if a.has("paperclip") || a.has("kt-paperclip") {
		a.paperclip(t)
	}
	if _, ev, ok := a.grep("config/environments/production.rb", activeLocal.MatchString); ok {
		a.activeStorage(t, ev)
	}
	for _, name := range []string{"config/initializers/shrine.rb", "config/shrine.rb"} {
		if s, ev, ok := a.grep(name, shrineFile.MatchString); ok && a.has("shrine") {
			m := shrineFile.FindStringSubmatch(s.text)
			t.write(detect.Is(path.Join(m[1], m[2]), ev))
			t.add("local-file-storage", "high", "Shrine stores uploads on the local disk."+lost, ev)
		}
	}
	if _, ev, ok := a.grep("config/initializers/dragonfly.rb", dragonfly.MatchString); ok {
		t.write(detect.Infer("public/system/dragonfly", "Dragonfly's data store", ev))
		t.add("local-file-storage", "high", "Dragonfly stores uploads on the local disk."+lost, ev)
	}
}

// carrierwave reads its initializer and the uploaders. Its own default is storage in public/uploads.
func (a *app) carrierwave(t *troubles) {
	g, _ := a.gem("carrierwave")
	names := append(a.dir.Glob("config/initializers/*carrier*.rb"), a.dir.Glob("app/uploaders/**/*.rb")...)
	local, ev := len(a.dir.Glob("app/uploaders/**/*.rb")) > 0, g.evidence
	for _, name := range names {
		if _, _, ok := a.grep(name, carrierCloud.MatchString); ok {
			return
		}
		if _, place, ok := a.grep(name, carrierFile.MatchString); ok && !local || ok && len(ev) == len(g.evidence) {
			local, ev = true, append([]detect.Evidence{place}, g.evidence...)
		}
	}
	if !local {
		return
	}
	for _, name := range names {
		ss, f, _ := a.statements(name)
		for _, s := range ss {
			if m := storeDir.FindStringSubmatch(s.text); m != nil && inMethod(s, "store_dir") {
				dir := strings.SplitN(m[1], "/", 2)[0]
				t.write(detect.Infer(path.Join("public", dir), "uploads are stored there, in CarrierWave's root", f.Evidence(s.line)))
			}
		}
	}
	t.write(detect.Infer("public/uploads", "CarrierWave stores uploads and its cache there", ev...))
	t.add("local-file-storage", "high", "CarrierWave stores uploads on the local disk."+lost, ev...)
}

// inMethod reports whether a statement stands in the definition of a method.
func inMethod(s statement, name string) bool {
	for _, b := range s.blocks {
		if b.text == "def "+name {
			return true
		}
	}
	return false
}

// paperclip reads the models. Its own default is storage in public/system.
func (a *app) paperclip(t *troubles) {
	if _, far := a.uses(paperclipFar, "storage", "paperclip"); far {
		return
	}
	for _, name := range a.dir.Glob("app/models/**/*.rb") {
		s, ev, ok := a.grep(name, paperclip.MatchString)
		if !ok {
			continue
		}
		if paperclipFar.MatchString(s.text) {
			return
		}
		t.write(detect.Infer("public/system", "Paperclip stores attachments there", ev))
		t.add("local-file-storage", "high", "Paperclip stores attachments on the local disk."+lost, ev)
		return
	}
}

// activeStorage reads config/storage.yml.
func (a *app) activeStorage(t *troubles, production detect.Evidence) {
	s, _, _ := a.grep("config/environments/production.rb", activeLocal.MatchString)
	service := activeLocal.FindStringSubmatch(s.text)[1]
	f, doc, ok := a.yaml("config/storage.yml")
	if !ok {
		return
	}
	kind, line, _ := doc.Get(service, "service")
	if !strings.EqualFold(kind, "disk") {
		return
	}
	ev := []detect.Evidence{production, f.Evidence(line)}
	t.write(detect.Infer("storage", "Active Storage keeps uploads there", ev...))
	// Rails' own template says :local whether or not anything is uploaded.
	if used, ok := a.usesActiveStorage(); ok {
		t.add("local-file-storage", "high", "Active Storage stores uploads on the local disk."+lost, append(ev, used)...)
	}
}

var attached = manifest.Lazy(`^has_(?:one|many)_attached\b|^has_rich_text\b`)

func (a *app) usesActiveStorage() (detect.Evidence, bool) {
	for _, name := range a.dir.Glob("app/models/**/*.rb") {
		if _, ev, ok := a.grep(name, attached.MatchString); ok {
			return ev, true
		}
	}
	return detect.Evidence{}, false
}

// databaseTrouble looks at the settings of the database.
func (a *app) databaseTrouble(t *troubles, fw framework, db database, hasDB bool) {
	if !hasDB {
		return
	}
	if db.kind == "sqlite" {
		dir := path.Dir(db.file)
		if db.file == "" || strings.HasPrefix(dir, "/") || strings.Contains(dir, "<") || strings.HasPrefix(dir, "..") {
			dir = "db"
		}
		t.write(detect.Value[string]{V: dir, From: db.from, Why: "SQLite keeps its file there", Evidence: db.evidence})
		t.add("embedded-database", "high", "SQLite keeps its data in a file of the container: it is gone with it unless a volume is mounted there, and one container alone can use it.", db.evidence...)
	}
	switch {
	case fw.rails() && (db.missing || db.partial):
		a.databaseConfig(t, fw, db)
	case len(db.roles) == 0 && db.kind != "sqlite":
		message := "No variable was found that says where the database is: let the configuration read one."
		if len(db.literal) > 0 {
			message = "The address of the database is written in the configuration and no variable changes it: let it read variables."
		}
		t.add("database-config-literal", "high", message, append(db.literal[:len(db.literal):len(db.literal)], db.evidence...)...)
	}
	if db.secret.File != "" {
		t.add("secret-committed", "high", "A password of the production database is in the repository: change it, and read it from a variable.", db.secret)
	}
}

// databaseConfig reports a database.yml that is missing or says nothing about production. Without it Rails takes
// DATABASE_URL since 4.1; before, its tasks want the file all the same.
func (a *app) databaseConfig(t *troubles, fw framework, db database) {
	id, message, severity := "database-config-missing", "There is no config/database.yml.", "high"
	if db.partial {
		id, message = "database-config-partial", "config/database.yml has no settings for production."
	}
	switch {
	case len(db.roles) > 0 && (db.partial || atLeast(fw.version, "4.1")):
		message, severity = message+" Rails takes DATABASE_URL instead.", "low"
	case db.sample != "":
		message += " Its sample is " + path.Base(db.sample) + ": the image needs a file made from it that reads variables."
	default:
		message += " The image needs one that reads variables."
	}
	t.add(id, severity, message, db.evidence...)
}

var secretLiteral = manifest.Lazy(`\bsecret_(?:token|key_base)\s*=\s*["'][^"'#]{20,}["']|:secret\s*=>\s*["'][^"'#]{20,}["']|\bsecret_key\s*=\s*["'][0-9a-f]{40,}["']`)

// committedSecrets looks for secrets of production in the repository.
func (a *app) committedSecrets(t *troubles, fw framework) {
	const cure = " Whoever reads the repository can forge sessions: change it, and read it from a variable."
	names := append(a.dir.Glob("config/initializers/*.rb"), "config/environment.rb", "config/application.rb", "config/environments/production.rb", fw.script, "config.ru")
	for _, name := range names {
		if _, ev, ok := a.grep(name, func(s string) bool { return secretLiteral.MatchString(s) && !strings.Contains(s, "ENV") }); ok {
			t.add("secret-committed", "high", "A secret key is in the repository."+cure, ev)
		}
	}
	if f, doc, ok := a.yaml("config/secrets.yml"); ok {
		if v, line, ok := doc.Get("production", "secret_key_base"); ok && len(v) >= 20 && !strings.ContainsRune(v, '\ue000') {
			t.add("secret-committed", "high", "The secret key of production is in the repository."+cure, f.Evidence(line))
		}
	}
	for _, name := range []string{"config/master.key", "config/credentials/production.key"} {
		if p, ok := a.dir.Rel(name); ok && a.dir.Has(name) {
			t.add("secret-committed", "high", "The key that opens the application's credentials is in the repository. Change it and keep it out.", detect.Evidence{File: p})
		}
	}
}

// scheduled finds jobs that cron starts.
func (a *app) scheduled(t *troubles) {
	if g, ok := a.anyGem("whenever"); ok && a.dir.Has("config/schedule.rb") {
		ev := append([]detect.Evidence{a.whole("config/schedule.rb")}, g.evidence...)
		t.add("cron-schedule", "medium", "whenever writes cron entries, and a container runs no cron: let the platform's scheduler run these tasks.", ev...)
	}
}

var (
	stdoutLog = manifest.Lazy(`\bSTDOUT\b|\$stdout\b|RAILS_LOG_TO_STDOUT|\bLoggerSilence\b|Logger::Syslog`)
	forceSSL  = manifest.Lazy(`^config\.force_ssl\s*=\s*true`)
	noStatic  = manifest.Lazy(`^config\.serve_static_(?:assets|files)\s*=\s*false`)
)

// logging looks at what production.rb does with logs, static files and TLS.
func (a *app) logging(t *troubles, fw framework) {
	const production = "config/environments/production.rb"
	if !fw.rails() || !a.dir.Has(production) {
		return
	}
	twelve := a.has("rails_12factor")
	if _, _, ok := a.grep(production, stdoutLog.MatchString); !ok && !twelve && !a.has("rails_stdout_logging") && !atLeast(fw.version, "7.1") {
		t.add("log-to-file", "medium", "The log of production goes to log/production.log, where a container's user does not see it: log to standard output.", a.whole(production))
	}
	if _, ev, ok := a.grep(production, noStatic.MatchString); ok && !twelve && !a.has("rails_serve_static_assets") {
		t.add("static-files", "medium", "Rails is told not to serve public/, and no web server stands before the container: let it serve them.", ev)
	}
	if _, ev, ok := a.grep(production, forceSSL.MatchString); ok {
		t.add("force-ssl", "low", "Every plain HTTP request is answered with a redirect to HTTPS: the proxy that ends TLS must say X-Forwarded-Proto, and health checks must accept the redirect.", ev)
	}
}

var publicSource = manifest.Lazy(`://(?:[\w-]+\.)?rubygems\.`)

// gemTrouble looks at where gems come from.
func (a *app) gemTrouble(t *troubles, fw framework) {
	if a.gemfile == nil {
		if fw.rails() {
			t.add("no-gemfile", "high", "There is no Gemfile: which gems the application needs is only in its code. Write one before it goes into an image.", fw.entry)
		}
		return
	}
	a.gemfileNeeds(t)
	if a.lock == nil {
		t.add("no-lockfile", "high", "There is no Gemfile.lock: every build may install other versions. Commit one.", a.gemFile.Evidence(0))
	}
	if name, ev, ok := a.engine(); ok {
		t.add("other-ruby-engine", "high", "The application runs on "+detect.Printable(name, 30)+" instead of MRI.", ev)
	}
	if ev, ok := a.gitProtocol(); ok {
		t.add("git-protocol", "high", "A gem comes over the git:// protocol, which GitHub has switched off: use https://.", ev)
	}
	for _, s := range a.gemfile.sources {
		if !publicSource.MatchString(s.url) {
			t.add("private-gem-source", "medium", "Gems come from a server of their own: the build must be able to reach it, with its credentials as build secrets.", a.gemFile.Evidence(s.line))
		}
	}
}

// gitProtocol finds a gem that comes over git://: as the lock says, or the Gemfile.
func (a *app) gitProtocol() (detect.Evidence, bool) {
	if a.lock != nil {
		for _, r := range a.lock.remotes {
			if strings.HasPrefix(r.url, "git://") {
				return a.lockFile.Evidence(r.line), true
			}
		}
		return detect.Evidence{}, false
	}
	for _, l := range a.gemfile.gems {
		if git := l.options["git"]; len(git) > 0 && strings.HasPrefix(git[0], "git://") {
			return a.gemFile.Evidence(l.line), true
		}
	}
	return detect.Evidence{}, false
}

// gemfileNeeds reports configuration that the Gemfile's code reads and the repository does not hold.
func (a *app) gemfileNeeds(t *troubles) {
	for _, s := range a.gemfile.needs {
		if !a.dir.Has(s.url) {
			t.add("gemfile-reads-config", "high", "The Gemfile reads "+detect.Printable(s.url, 80)+", which is not in the repository: without it some gems are not installed.", a.gemFile.Evidence(s.line))
		}
	}
}
