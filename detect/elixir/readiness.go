package elixir

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
	t.list = append(t.list, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev})
}

func (t *troubles) write(v detect.Value[string]) {
	v.V = path.Clean(v.V)
	if v.V == "." || strings.HasPrefix(v.V, "..") || path.IsAbs(v.V) || strings.ContainsAny(v.V, "#{}$*\"' ") {
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
func (a *app) trouble(r repo, hasRepo bool, b build) *troubles {
	t := &troubles{}
	main := a.main()
	if a.lock == nil && len(main.deps) > 0 {
		t.add("no-lockfile", "high", "There is no mix.lock: every build may install other versions. Commit one.", main.file.Evidence(main.deps[0].line))
	}
	for _, p := range a.projects {
		for _, d := range p.deps {
			if d.private {
				t.add("private-registry", "medium", "A package comes from a private repository of Hex: the build must be able to reach it, with its key as a build secret.", p.file.Evidence(d.line))
			}
		}
	}
	if b.secretFile != "" {
		t.add("settings-missing", "low", path.Base(b.secretFile)+" is not in the repository: the image gets one that reads SECRET_KEY_BASE and DATABASE_URL.", b.secretAt)
	}
	a.compileTime(t, b)
	a.committedSecrets(t)
	a.endpointTrouble(t)
	a.databaseTrouble(t, r, hasRepo)
	a.storage(t)
	return t
}

// compileTime finds variables that a release reads while it is built.
func (a *app) compileTime(t *troubles, b build) {
	if !b.release {
		return
	}
	for _, c := range a.configs {
		if base := path.Base(c.name); base != "config.exs" && base != "prod.exs" {
			continue
		}
		if n, ok := lineOf(c.file, "System.get_env", nil); ok {
			t.add("environment-at-build", "high", "A release reads this variable while it is built, not when it starts: move the setting to config/runtime.exs.", c.file.Evidence(n))
			return
		}
	}
}

// committedSecrets finds the key of production in the repository: a literal that nothing read later replaces.
func (a *app) committedSecrets(t *troubles) {
	done := map[string]bool{}
	a.settingsOf(func(s setting) bool { return s.path == "secret_key_base" || isRepo(s) && s.path == "password" }, func(c configAt, s setting) bool {
		id := s.module + s.path
		if done[id] {
			return true
		}
		if v, ok := s.literal(); ok && len(v) >= 4 && (s.path == "password" && path.Base(c.name) != "config.exs" || len(v) >= 20) {
			what := "The key that signs sessions is in the repository. Whoever reads it can forge sessions"
			if s.path == "password" {
				what = "A password of the production database is in the repository"
			}
			t.add("secret-committed", "high", what+": change it, and read it from a variable.", c.file.Evidence(s.line))
		}
		done[id] = true
		return true
	})
}

// endpointTrouble looks at what the endpoint does with TLS and with hosts.
func (a *app) endpointTrouble(t *troubles) {
	ssl := false
	a.settingsOf(isEndpoint, func(c configAt, s setting) bool {
		if s.path == "force_ssl" && !ssl {
			ssl = true
			t.add("force-ssl", "low", "Every plain HTTP request is answered with a redirect to HTTPS: the proxy that ends TLS must say X-Forwarded-Proto, and health checks must accept the redirect.", c.file.Evidence(s.line))
		}
		if s.path == "https.keyfile" || s.path == "https.certfile" {
			t.add("tls-in-application", "medium", "The application ends TLS itself, with files of one machine: let the platform's load balancer do it.", c.file.Evidence(s.line))
			return false
		}
		return true
	})
}

// databaseTrouble looks at the settings of the database.
func (a *app) databaseTrouble(t *troubles, r repo, hasRepo bool) {
	if hasRepo && r.kind == "sqlite" {
		t.add("embedded-database", "high", "SQLite keeps its data in a file of the container: it is gone with it unless a volume is mounted there, and one container alone can use it.", r.evidence...)
	}
	if hasRepo && r.kind != "" && r.kind != "sqlite" && len(r.roles) == 0 {
		t.add("database-config-literal", "high", "No variable was found that says where the database is: let config/runtime.exs or config/prod.exs read one.", r.evidence...)
	}
	if s, n, ok := a.find("mnesia", func(l string) bool { return strings.Contains(l, ":mnesia.") }); ok {
		t.write(detect.Infer("Mnesia", "Mnesia keeps its tables there", s.file.Evidence(n)))
		t.add("embedded-database", "high", "Mnesia keeps its data in the container, under the name of the node: it needs a volume and a host name that stays.", s.file.Evidence(n))
	}
	if s, n, ok := a.find(":dets.open_file", nil); ok {
		t.add("embedded-database", "high", "DETS keeps its data in a file of the container: it is gone with it unless a volume is mounted there.", s.file.Evidence(n))
	}
}

var (
	copyUpload = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\bFile\.(?:cp|cp!|copy|copy!|rename|write|write!)\b`)
	})
	literalDir = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`"((?:priv|uploads|data|storage|tmp|media|public)(?:/[\w.-]+)*)`)
	})
)

// storage finds uploads that are kept on the local disk.
func (a *app) storage(t *troubles) {
	const message = " on the local disk. They are gone with the container unless a volume is mounted there, and several containers do not share them."
	done := false
	a.settingsOf(func(s setting) bool { return s.app == "arc" || s.app == "waffle" }, func(c configAt, s setting) bool {
		if s.path == "storage" && len(s.value) > 0 && strings.HasSuffix(s.value[0].value, "Local") && !done {
			done = true
			t.add("local-file-storage", "high", "Uploads are kept"+message, c.file.Evidence(s.line))
		}
		if v, ok := s.literal(); ok && s.path == "storage_dir" {
			t.write(detect.Is(v, c.file.Evidence(s.line)))
			if path.IsAbs(v) {
				t.add("local-file-storage", "high", "Uploads are kept in "+detect.Printable(v, 60)+message, c.file.Evidence(s.line))
			}
		}
		return true
	})
	for _, r := range a.env { // a variable that names a place to write to, with a default in the application's directory
		if dir, ok := writtenDefault(r); ok {
			t.write(detect.Infer(dir, r.name+" names a place that is written to", r.evidence))
			if !done {
				done = true
				t.add("local-file-storage", "high", "Files are kept"+message, r.evidence)
			}
		}
	}
	for _, s := range a.sources {
		if done || !strings.Contains(string(s.file.Data), "File.") {
			continue
		}
		upload := strings.Contains(string(s.file.Data), "Plug.Upload") || strings.Contains(string(s.file.Data), "consume_uploaded_entries") || strings.Contains(string(s.file.Data), "upload.path")
		for i, l := range strings.Split(string(s.file.Data), "\n") {
			if !copyUpload().MatchString(l) || strings.HasPrefix(strings.TrimSpace(l), "#") || strings.Contains(s.name, "mix/tasks") {
				continue
			}
			ev := s.file.Evidence(i + 1)
			m := literalDir().FindStringSubmatch(l)
			if !upload && m == nil {
				continue
			}
			if m != nil {
				dir := m[1]
				if path.Ext(dir) != "" {
					dir = path.Dir(dir)
				}
				t.write(detect.Infer(dir, "the code writes files there", ev))
			}
			t.add("local-file-storage", "high", "Files are kept"+message, ev)
			done = true
			break
		}
	}
}

// writtenDefault is the directory that a variable's default names: "data" of DATA_FILE's "data/counts.txt".
func writtenDefault(r envRead) (string, bool) {
	v := strings.TrimPrefix(r.fallback, "./")
	place := false
	for _, end := range []string{"FILE", "DIR", "PATH", "ROOT", "DIRECTORY"} {
		place = place || strings.HasSuffix(r.name, "_"+end)
	}
	if !place || v == "" || !strings.Contains(r.fallback, "/") || path.IsAbs(v) || strings.Contains(v, ":") || strings.HasPrefix(v, "priv/static") || strings.HasPrefix(v, "..") {
		return "", false
	}
	if path.Ext(v) != "" {
		v = path.Dir(v)
	}
	return v, v != "."
}
