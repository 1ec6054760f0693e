package php

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// release is the step that brings the database's tables up to date: what the Procfile says, else the framework's migrations.
func (a *app) release(framework string) []detect.Process {
	f, list := a.procfile()
	for _, p := range list {
		if p.Name == "release" {
			if words := words(p.Command); len(words) > 0 {
				return []detect.Process{{Name: "release", Command: words, From: detect.Declared, Evidence: []detect.Evidence{f.Evidence(p.Line)}}}
			}
		}
	}
	step := func(why, console string, command ...string) []detect.Process {
		f, err := a.dir.Read(console)
		if err != nil {
			return nil
		}
		return []detect.Process{{Name: "release", Command: append([]string{"php", console}, command...), From: detect.Inferred, Why: why, Evidence: []detect.Evidence{f.Evidence(1)}}}
	}
	_, doctrine := a.has("doctrine/doctrine-migrations-bundle")
	_, phinx := a.has("cakephp/migrations")
	switch {
	case framework == "laravel" && (a.dir.HasDir("database/migrations") || a.dir.HasDir("app/database/migrations")):
		return step("Laravel's migrations make the tables", "artisan", "migrate", "--force")
	case framework == "symfony" && doctrine:
		return step("Doctrine's migrations make the tables", a.console(), "doctrine:migrations:migrate", "--no-interaction", "--allow-no-migration")
	case framework == "cakephp" && phinx && a.dir.HasDir("config/Migrations"):
		return step("CakePHP's migrations make the tables", "bin/cake.php", "migrations", "migrate")
	case framework == "yii" && a.dir.HasDir("migrations"):
		return step("Yii's migrations make the tables", "yii", "migrate/up", "--interactive=0")
	case framework == "codeigniter" && a.dir.Has("spark") && a.dir.HasDir("app/Database/Migrations"):
		if names := a.dir.Glob("app/Database/Migrations/*.php"); len(names) > 0 {
			return step("CodeIgniter's migrations make the tables", "spark", "migrate", "--all")
		}
	}
	return nil
}

// console is Symfony's program for the command line: app/console up to 2.8.
func (a *app) console() string {
	if !a.dir.Has("bin/console") && a.dir.Has("app/console") {
		return "app/console"
	}
	return "bin/console"
}

func (a *app) procfile() (detect.File, []manifest.Process) {
	f, err := a.dir.Read("Procfile")
	if err != nil {
		return f, nil
	}
	list, err := manifest.ParseProcfile(f.Data)
	if err != nil {
		a.warn(f, err)
	}
	return f, list
}

func words(command string) []string {
	return manifest.Exec(command, func(string) (string, bool) { return "", false })
}

// workers are the long-lived processes beside the web server: those of the Procfile, else those that a supervisor starts, else what
// the queue of the framework needs.
func (a *app) workers(framework, release string) []detect.Process {
	f, list := a.procfile()
	var out []detect.Process
	for _, p := range list {
		if w := words(p.Command); p.Name != "web" && p.Name != "release" && len(w) > 0 {
			out = append(out, detect.Process{Name: p.Name, Command: w, From: detect.Declared, Evidence: []detect.Evidence{f.Evidence(p.Line)}})
		}
	}
	if len(out) == 0 {
		out = a.supervised()
	}
	if len(out) == 0 {
		out = a.queue(framework, release)
	}
	return out
}

var (
	program    = manifest.Lazy(`^\s*\[program:([\w-]+)`)
	supervised = manifest.Lazy(`^\s*command\s*=\s*(?:\S*/)?php\d?(?:\.\d)?\s+(?:[^;]*/)?((?:artisan\s+(?:queue:work|queue:listen|horizon)|bin/console\s+(?:messenger:consume|rabbitmq:\S+)|yii\s+queue/listen|spark\s+queue:work)[^;|&<>$%` + "`" + `]*)`)
)

// supervised are the workers that a supervisor's configuration starts.
func (a *app) supervised() []detect.Process {
	var out []detect.Process
	for _, name := range append(a.dir.Named("supervisord.ini"), a.servers...) {
		f, err := a.dir.Read(name)
		if err != nil || !holds(f.Data, []string{"[program:"}) {
			continue
		}
		at := "worker"
		for i, text := range strings.Split(string(f.Data), "\n") {
			if m := program.FindStringSubmatch(text); m != nil {
				at = m[1]
			}
			m := supervised.FindStringSubmatch(text)
			if m == nil || !a.dir.Has(strings.Fields(m[1])[0]) || len(out) > 8 {
				continue
			}
			if w := words("php " + strings.TrimSpace(m[1])); len(w) > 0 && w[0] == "php" {
				out = append(out, detect.Process{Name: at, Command: w, From: detect.Declared, Evidence: []detect.Evidence{f.Evidence(i + 1)}})
			}
		}
	}
	return out
}

// queue is the worker of the framework's own queue, when the configuration hands jobs to one.
func (a *app) queue(framework, release string) []detect.Process {
	switch framework {
	case "laravel":
		if p, ok := a.has("laravel/horizon"); ok && p.constraint != "" && a.dir.Has("artisan") {
			return []detect.Process{{Name: "horizon", Command: []string{"php", "artisan", "horizon"}, From: detect.Inferred, Why: "Horizon works the queues", Evidence: p.evidence}}
		}
		kind, ev := a.store("QUEUE_CONNECTION", "QUEUE_DRIVER")
		if kind == "" || kind == "sync" || kind == "null" || !a.dir.Has("artisan") || !a.dir.HasDir("app/Jobs") {
			return nil
		}
		command := []string{"php", "artisan", "queue:work", "--tries=3"}
		if release != "" && compare(release, "5.3") < 0 {
			command = append(command, "--daemon")
		}
		return []detect.Process{{Name: "queue", Command: command, From: detect.Inferred, Why: "jobs go to a queue (" + kind + ")", Evidence: []detect.Evidence{ev}}}
	case "symfony":
		return a.messenger()
	}
	return nil
}

// messenger is the worker of Symfony's Messenger: it consumes the transports to which messages are routed.
func (a *app) messenger() []detect.Process {
	f, err := a.dir.Read("config/packages/messenger.yaml")
	if err != nil || !a.dir.Has("bin/console") {
		return nil
	}
	d, err := manifest.ParseYAML(f.Data)
	if err != nil {
		a.warn(f, err)
	}
	if d == nil || len(d.Keys("framework", "messenger", "routing")) == 0 {
		return nil
	}
	command := []string{"php", "bin/console", "messenger:consume"}
	line := 0
	for _, name := range d.Keys("framework", "messenger", "transports") {
		if name != "failed" && name != "sync" && known.MatchString(name) {
			command = append(command, name)
			line = max(line, d.Line("framework", "messenger", "transports", name))
		}
	}
	if line == 0 {
		return nil
	}
	return []detect.Process{{Name: "messenger", Command: append(command, "--time-limit=3600"), From: detect.Inferred, Why: "messages are routed to transports", Evidence: []detect.Evidence{f.Evidence(line)}}}
}

var schedule = manifest.Lazy(`^\$schedule\s*->\s*(?:command|call|job|exec)\s*\(|^Schedule::(?:command|call|job|exec)\s*\(`)

// scheduled is the process that starts Laravel's scheduled tasks, beside the web server, and the place that schedules the first.
func (a *app) scheduled(framework, release string) []detect.Process {
	if framework != "laravel" || !a.dir.Has("artisan") {
		return nil
	}
	for _, name := range []string{"app/Console/Kernel.php", "routes/console.php", "bootstrap/app.php"} {
		h := a.grep([]string{name}, schedule.Regexp(), 1, "$schedule", "Schedule::")
		if len(h) == 0 {
			continue
		}
		command := []string{"php", "artisan", "schedule:work"}
		if release != "" && compare(release, "8") < 0 { // schedule:work came with Laravel 8
			command = []string{"sh", "-c", "while true; do php artisan schedule:run; sleep 60; done"}
		}
		return []detect.Process{{Name: "scheduler", Command: command, From: detect.Inferred, Why: path.Base(name) + " schedules tasks", Evidence: []detect.Evidence{h[0].evidence()}}}
	}
	return nil
}
