package python

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// job is a process beside the web one.
type job struct {
	name    string
	role    detect.Value[detect.Role]
	command []string
}

var (
	workerCommand = manifest.Lazy(`(?:^|[\s/"'])(?:celery\w*\b.*\b(?:worker|beat)\b|celeryd|celerybeat|celeryev|rq\s+worker|rqworker|rqscheduler|run_huey|huey_consumer|dramatiq\b|arq\s|qcluster|process_tasks|run_tasks|airflow\s+scheduler)`)
	manageCommand = manifest.Lazy(`manage\.py["',\s]+([a-z_0-9]+)`)
	celeryApp     = manifest.Lazy(`^(\w+)\s*=\s*(?:celery\.)?Celery\s*\(|^(celery|celery_app)\s*=\s*make_celery\(|^(celery|celery_app)\s*=\s*\w*[cC]elery`)
	celeryTask    = manifest.Lazy(`^@(?:\w+\.)*(?:shared_task|task|periodic_task)\b|^class \w+\(.*\b(?:PeriodicTask|Task)\)`)
	beatSchedule  = manifest.Lazy(`\b(?:CELERY_?BEAT_SCHEDULE|beat_schedule)\b["']?\]?\s*[=:]\s*(.*)$|@periodic_task|\.add_periodic_task\(`)
)

// oneOff are the commands of manage.py that end.
var oneOff = map[string]bool{"migrate": true, "syncdb": true, "collectstatic": true, "compress": true, "compilemessages": true, "shell": true, "createsuperuser": true, "loaddata": true, "dumpdata": true, "test": true, "check": true,
	"makemigrations": true, "flush": true, "createcachetable": true, "clearsessions": true, "update_index": true, "rebuild_index": true, "ensure_adminuser": true, "bower_install": true, "bower": true, "runserver": true, "runserver_plus": true,
	"run_gunicorn": true, "runfcgi": true, "install_labels": true, "update_translation_fields": true, "schemamigration": true, "db": true, "help": true, "createinitialrevisions": true, "setup": true, "init_db": true, "initdb": true, "seed": true, "create_db": true}

// isWorker reports whether a command starts a process that works beside the web one.
func (a *app) isWorker(text string) bool {
	if workerCommand.MatchString(text) {
		return true
	}
	if a.runsQueue(text) {
		return true
	}
	m := manageCommand.FindStringSubmatch(text)
	if m == nil || oneOff[m[1]] || strings.HasPrefix(m[1], "load") || strings.HasPrefix(m[1], "create") || strings.HasPrefix(m[1], "init") || strings.HasPrefix(m[1], "wait_for") || strings.HasPrefix(m[1], "check") {
		return false
	}
	// A command of the project's own that is made to go on.
	for _, f := range a.files {
		if path.Base(f) == m[1]+".py" && strings.Contains(f, "management/commands/") {
			return holds(a.source(f).Data, []string{"while True", "while 1", "serve_forever", "run_forever", "--loop", "start_consuming", ".listen(", "BlockingScheduler", "while not"})
		}
	}
	return false
}

// runsQueue reports whether a command runs a script of the project that is a worker of RQ itself.
func (a *app) runsQueue(text string) bool {
	for _, w := range strings.Fields(text) {
		if !strings.HasSuffix(w, ".py") {
			continue
		}
		if s := a.scriptNamed(w); s != "" {
			return holds(a.source(s).Data, []string{"from rq", "import rq"}) && holds(a.source(s).Data, []string{".work("})
		}
	}
	return false
}

// processName is what a command's process is called: beat, scheduler, the command of manage.py, else the given word.
func processName(text, other string) string {
	switch {
	case strings.Contains(text, "celery") && strings.Contains(text, "beat") && !strings.Contains(text, "worker"):
		return "beat"
	case strings.Contains(text, "rqscheduler"):
		return "scheduler"
	case workerCommand.MatchString(text):
		return other
	}
	if m := manageCommand.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return other
}

// workers are the other long-lived processes: those that the repository states, then those that its task queue needs.
func (a *app) workers() []job {
	var out []job
	names, seen := map[string]bool{}, map[string]bool{}
	add := func(name string, role detect.Value[detect.Role], words []string) {
		key := strings.Join(words, " ")
		if len(words) == 0 || seen[key] || names[name] {
			return
		}
		seen[key], names[name] = true, true
		out = append(out, job{name, role, words})
	}
	queue := false
	for _, x := range a.commands {
		if x.name == "web" || x.name == "release" {
			continue
		}
		if x.from == "procfile" && strings.HasPrefix(x.name, "web") || serverCommand.MatchString(x.text) {
			continue
		}
		words, ok := a.portable(x.text)
		if !ok && x.from == "procfile" {
			words, ok = manifest.Exec(x.text, noVariables), true
		}
		if !ok {
			continue // its task queue, if it is one, is found below
		}
		queue = queue || workerCommand.MatchString(x.text) && processName(x.text, "") != "beat"
		add(x.name, detect.Is(detect.Worker, x.evidence), scheduleInTmp(pythonize(words)))
	}
	if !queue {
		a.celery(add)
	}
	if len(out) == 0 {
		a.queues(add)
	}
	return out
}

func noVariables(string) (string, bool) { return "", false }

// portable is a command in exec form when it holds nothing that is true only where it was written: directories of that machine,
// variables of a supervisor, users.
func (a *app) portable(text string) ([]string, bool) {
	if !safeCommand.MatchString(text) {
		return nil, false
	}
	words := manifest.Exec(text, noVariables)
	for i, w := range words {
		if !path.IsAbs(w) {
			continue
		}
		if i == 0 && strings.Contains(w, "/bin/") {
			words[0] = path.Base(w)
		} else if s := a.scriptNamed(w); s != "" {
			words[i] = s
		} else if w != "/dev/null" && w != "/dev/stdout" && w != "/dev/stderr" {
			return nil, false
		}
	}
	return words, len(words) > 0
}

// pythonize lets Python run a script of the project, whose file mode an archive may not keep.
func pythonize(words []string) []string {
	if len(words) == 0 {
		return words
	}
	if s := strings.TrimPrefix(words[0], "./"); strings.HasSuffix(s, ".py") {
		return append([]string{"python", s}, words[1:]...)
	}
	if b := path.Base(words[0]); strings.HasPrefix(b, "python2") || strings.HasPrefix(b, "python3") {
		return append([]string{"python"}, words[1:]...)
	}
	return words
}

// scheduleInTmp keeps what Celery's scheduler notes out of the directory of the sources, which cannot be written: when each task ran last,
// and a process id, which a container has no use for.
func scheduleInTmp(words []string) []string {
	line := " " + strings.Join(words, " ") + " "
	beat := strings.Contains(line, " beat ")
	if !strings.Contains(line, "celery ") || words[0] == "sh" || !beat && !strings.Contains(line, " -B ") && !strings.Contains(line, " --beat ") {
		return words
	}
	words = words[:len(words):len(words)]
	if beat && !strings.Contains(line, "--pidfile") {
		words = append(words, "--pidfile=")
	}
	if !strings.Contains(line, "--schedule") && !strings.Contains(line, " -s ") {
		words = append(words, "--schedule", "/tmp/celerybeat-schedule")
	}
	return words
}

// celery adds the worker that Celery's tasks need, and the process that hands out those with a schedule.
func (a *app) celery(add func(string, detect.Value[detect.Role], []string)) {
	d, ok := a.has("celery", "django-celery")
	if !ok {
		return
	}
	target, ev, ok := a.celeryTarget()
	if !ok {
		return
	}
	ev = append(ev, firstOf(d.evidence)...)
	base := []string{"celery", "-A", target}
	if target == "" {
		base = []string{"python", a.manage, "celery"}
	}
	extend := func(words ...string) []string { return append(base[:len(base):len(base)], words...) }
	add("worker", detect.Infer(detect.Worker, "Celery runs tasks", ev...), extend("worker", "--loglevel", "info"))
	for _, h := range a.grep(a.files, beatSchedule, 5, "BEAT_SCHEDULE", "beat_schedule", "periodic_task") {
		if rest := strings.TrimSpace(h.m[1]); strings.HasPrefix(rest, "{}") || strings.HasPrefix(rest, "None") || strings.HasPrefix(rest, "[]") {
			continue
		}
		add("beat", detect.Infer(detect.Worker, "Celery's tasks with a schedule are handed out by one process", h.evidence()), scheduleInTmp(extend("beat", "--loglevel", "info")))
		return
	}
}

// celeryTarget is what the option -A of Celery names; empty for django-celery, whose command is one of manage.py.
func (a *app) celeryTarget() (string, []detect.Evidence, bool) {
	hits := a.grep(a.files, celeryApp, 20, "elery")
	var at *hit
	for i, h := range hits {
		if h.indent > 0 {
			continue
		}
		if at == nil || !strings.Contains(path.Base(at.name), "celery") && strings.Contains(path.Base(h.name), "celery") {
			at = &hits[i]
		}
	}
	if at == nil {
		if _, old := a.imports("djcelery"); old && a.manage != "" {
			h, _ := a.imports("djcelery")
			return "", []detect.Evidence{h.evidence()}, true
		}
		if d, old := a.has("django-celery"); old && a.manage != "" {
			return "", firstOf(d.evidence), true
		}
		return "", nil, false
	}
	// A module that exists to be given to the worker makes the application that tasks need.
	for _, name := range []string{"celery_worker.py", "worker.py", "run_celery.py", "celery_app.py"} {
		if f := a.source(name); name != at.name && strings.Contains(string(f.Data), "celery") {
			return module(name) + ":celery", []detect.Evidence{f.Evidence(0), at.evidence()}, true
		}
	}
	target := a.moduleOf(at.name)
	if a.framework.V == "django" && path.Base(at.name) == "celery.py" {
		target = strings.TrimSuffix(target, ".celery")
	} else if v := at.m[1] + at.m[2] + at.m[3]; v != "" {
		target += ":" + v
	}
	return target, []detect.Evidence{at.evidence()}, true
}

// queues adds the workers of other task queues.
func (a *app) queues(add func(string, detect.Value[detect.Role], []string)) {
	django := a.framework.V == "django" && a.manage != ""
	for _, q := range []struct{ dep, module, django string }{
		{"django-rq", "django_rq", "rqworker"}, {"rq", "rq", ""}, {"huey", "huey.contrib.djhuey", "run_huey"}, {"django-q", "django_q", "qcluster"}, {"django-background-tasks", "background_task", "process_tasks"}, {"django-dramatiq", "dramatiq", "rundramatiq"},
	} {
		d, ok := a.has(q.dep)
		if !ok || !d.direct {
			continue
		}
		h, used := a.imports(q.module)
		if !used {
			continue
		}
		role := detect.Infer(detect.Worker, q.dep+" runs jobs", append(d.evidence[:len(d.evidence):len(d.evidence)], h.evidence())...)
		switch {
		case django && q.django != "":
			add("worker", role, []string{"python", a.manage, q.django})
			return
		case q.dep == "rq":
			if _, queue := a.imports("rq.Queue"); queue {
				add("worker", role, []string{"rq", "worker"})
				return
			}
		}
	}
}
