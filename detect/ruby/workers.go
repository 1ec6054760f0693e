package ruby

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// worker is a process of the application that serves no HTTP.
type worker struct {
	name     string
	command  []string
	from     detect.Origin
	why      string
	evidence []detect.Evidence
}

// workerGems are the gems whose jobs a process of its own works off, with its command.
var workerGems = []struct {
	gem     string
	command []string
	rails   bool // the command is a task that Rails loads
}{
	{"sidekiq", []string{"sidekiq"}, false},
	{"resque", []string{"rake", "environment", "resque:work", "QUEUE=*"}, true},
	{"delayed_job", []string{"rake", "jobs:work"}, true},
	{"delayed_job_active_record", []string{"rake", "jobs:work"}, true},
	{"delayed_job_mongoid", []string{"rake", "jobs:work"}, true},
	{"good_job", []string{"good_job", "start"}, true},
	{"solid_queue", []string{"rake", "solid_queue:start"}, true},
	{"que", []string{"que"}, true},
	{"queue_classic", []string{"rake", "qc:work"}, true},
	{"shoryuken", []string{"shoryuken", "-R"}, true},
	{"sneakers", []string{"rake", "sneakers:run"}, true},
	{"karafka", []string{"karafka", "server"}, false},
	{"racecar", []string{"racecar"}, false},
	{"clockwork", []string{"clockwork", "config/clock.rb"}, false},
}

// notWorkers are Procfile commands that are no part of the running application: consoles, tools of development, and
// services that run beside it.
var notWorkers = manifest.Lazy(`(?:^|[\s/])(?:console|irb|racksh|guard|webpack(?:-dev-server|er)?|yarn|npm|npx|esbuild|tailwindcss|vite|foreman|mailcatcher|mailhog|redis-server|memcached|mongod|postgres|mysqld|elasticsearch|solr|rake\s+(?:sunspot:solr:run|ts:\w+|db:\w+)|sunspot-solr|tail|livereload|zeus|spring|sass|compass|ngrok|autossh|ssh|log)(?:\s|$)`)

// findWorkers lists the processes beside the web process. The Procfile is the authority: with one, nothing is added to it.
func (a *app) findWorkers(fw framework, lookup func(string) (string, bool)) []worker {
	if len(a.procfile) > 0 {
		return a.procfileWorkers(lookup)
	}
	var out []worker
	for _, w := range workerGems {
		g, ok := a.gem(w.gem)
		if !ok || !g.direct || w.rails && !fw.rails() {
			continue
		}
		command, ev, ok := a.workerCommand(w.gem, w.command, fw)
		if !ok {
			continue
		}
		name := "worker"
		if w.gem == "clockwork" {
			name = "clock"
		}
		if len(out) > 0 && out[len(out)-1].name == name {
			continue
		}
		out = append(out, worker{name, command, detect.Inferred, "the gem " + w.gem + " works off jobs in a process of its own", append(g.evidence, ev...)})
	}
	return out
}

// procfileWorkers are the Procfile's processes that run all the time beside the web process.
func (a *app) procfileWorkers(lookup func(string) (string, bool)) []worker {
	var out []worker
	for _, p := range a.procfile {
		switch strings.ToLower(p.Name) {
		case "web", "release", "console", "rails", "rake", "log", "logs", "css", "js", "assets", "webpack", "webpacker", "db", "postgres", "mysql", "redis", "mail", "test", "guard":
			continue
		}
		if notWorkers.MatchString(p.Command) {
			continue
		}
		out = append(out, worker{p.Name, manifest.Exec(p.Command, lookup), detect.Declared, "", []detect.Evidence{a.procFile.Evidence(p.Line)}})
	}
	return out
}

// workerCommand completes the command of a worker with its configuration.
func (a *app) workerCommand(gem string, command []string, fw framework) ([]string, []detect.Evidence, bool) {
	argv := a.bundled(command...)
	switch gem {
	case "sidekiq":
		if !fw.rails() {
			script := fw.script
			for _, name := range []string{"config/environment.rb", "config/boot.rb", "app.rb", "environment.rb", "worker.rb", "workers.rb"} {
				if script == "" && a.dir.Has(name) {
					script = name
				}
			}
			if script == "" {
				return nil, nil, false
			}
			argv = append(argv, "-r", "./"+script)
		}
		if a.dir.Has("config/sidekiq.yml") {
			return append(argv, "-C", "config/sidekiq.yml"), []detect.Evidence{a.whole("config/sidekiq.yml")}, true
		}
	case "shoryuken":
		if a.dir.Has("config/shoryuken.yml") {
			return append(argv, "-C", "config/shoryuken.yml"), []detect.Evidence{a.whole("config/shoryuken.yml")}, true
		}
	case "clockwork":
		for _, name := range []string{"config/clock.rb", "clock.rb", "lib/clock.rb", "app/clock.rb"} {
			if a.dir.Has(name) {
				return append(argv[:len(argv)-1], name), []detect.Evidence{a.whole(name)}, true
			}
		}
		return nil, nil, false
	}
	return argv, nil, true
}

// release is the step that runs once before a new version starts: the Procfile's, else the migrations.
func (a *app) release(fw framework, hasDB bool, lookup func(string) (string, bool)) (detect.Process, bool) {
	if p, ok := a.process("release"); ok {
		return detect.Process{Name: "release", Command: manifest.Exec(p.Command, lookup), From: detect.Declared,
			Evidence: []detect.Evidence{a.procFile.Evidence(p.Line)}}, true
	}
	migrations := a.dir.Glob("db/migrate/*.rb")
	if len(migrations) == 0 || !hasDB {
		return detect.Process{}, false
	}
	p := detect.Process{Name: "release", From: detect.Inferred, Why: "db/migrate holds migrations", Evidence: []detect.Evidence{a.whole(migrations[len(migrations)-1])}}
	switch {
	case fw.rails() && atLeast(fw.version, "5.0"):
		p.Command = a.bundled("rails", "db:migrate")
	case fw.rails(), a.has("sinatra-activerecord"), a.has("standalone_migrations"), a.has("padrino"):
		p.Command = a.bundled("rake", "db:migrate")
	case fw.name == "hanami":
		p.Command = a.bundled("hanami", "db", "migrate")
	default:
		return detect.Process{}, false
	}
	return p, true
}
