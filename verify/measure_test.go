package verify

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

// TestMeasured sees in one well-behaved and one badly behaved application that everything which is measured is, and what it says.
func TestMeasured(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		opts := short()
		opts.Quick = false
		good, _, err := runOn(t, url, Input{Plan: webPlan(8080), Tree: tree(map[string]string{"index.html": "hello"}), Options: opts, Artifacts: busybox(serve)})
		if err != nil {
			t.Fatal(err)
		}
		run := good.Components[0].Run
		if run.Load == nil || run.Load.Requests < 10 || run.Load.Failed != 0 || run.MemoryIdleBytes == 0 || run.StartCPUSeconds <= 0 || run.LogLines == 0 ||
			!slices.Equal(run.OpenPorts, []int{8080}) || len(run.UndeclaredWrites) != 0 || !*run.Restarts || !*run.ArbitraryUser || !run.ReadOnlyRoot {
			t.Errorf("run: %+v, load %+v", run, run.Load)
		}
		if got := good.Components[0].Readiness; len(got) != 0 {
			t.Errorf("findings: %+v", got)
		}
		layers := good.Components[0].Image.LayerSizes
		if len(layers) < 2 || !strings.Contains(layers[len(layers)-1].CreatedBy, "COPY . /www") {
			t.Errorf("layers: %+v", layers)
		}

		bad, _, err := runOn(t, url, Input{Plan: webPlan(8080), Tree: tree(map[string]string{
			"index.html": "hello", "run": "#!/bin/sh\nif [ -e /srv/state/pid ]; then echo 'A server is already running'; exit 1; fi\n" +
				"mkdir -p /srv/state && echo 1 > /srv/state/pid || exit 1\nbusybox httpd -p 9090 -h /www\ntrap '' TERM\nbusybox httpd -f -p 8080 -h /www & wait\nwhile :; do sleep 1; done\n",
		}), Options: opts, Artifacts: dockerfileOf("FROM busybox:latest", "WORKDIR /www", "COPY . /www/", "RUN mkdir /srv && chown 1000 /srv", "EXPOSE 8080", "USER 1000", `CMD ["/www/run"]`)})
		if err != nil {
			t.Fatal(err)
		}
		c := bad.Components[0]
		var ids []string
		for _, f := range c.Readiness {
			ids = append(ids, f.ID)
		}
		if want := []string{"does-not-restart", "ignores-sigterm", "undeclared-writes", "needs-writable-root", "fixed-user", "no-log-output", "more-ports"}; !slices.Equal(ids, want) {
			t.Errorf("findings %v, want %v; run %+v", ids, want, c.Run)
		}
		if proof := c.Readiness[0].Proof; !strings.Contains(strings.Join(proof, " "), "already running") {
			t.Errorf("proof: %v", proof)
		}
		if !slices.Equal(c.Run.UndeclaredWrites, []string{"/srv"}) || !slices.Equal(c.Run.OpenPorts, []int{8080, 9090}) {
			t.Errorf("run: %+v", c.Run)
		}
	})
}

// TestServiceRestart restarts a service under one that connects anew and one that does not.
func TestServiceRestart(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		for script, survives := range map[string]bool{
			"while :; do sleep 1; done": true,
			// One connection, held: a new one may wait until the service is back.
			"mkfifo /tmp/ask; busybox nc db 7000 <>/tmp/ask; echo 'connection lost'; exit 1": false,
		} {
			p := shopPlan()
			p.Components, p.Secrets = p.Components[:1], nil
			c := &p.Components[0]
			c.Role, c.Port, c.Processes, c.Settings = detect.Is(detect.Worker), detect.Value[int]{}, nil, nil
			s := &p.Services[0]
			s.Name, s.Image, s.Command, s.Settings, s.Data, s.Health, s.For = "db", detect.Is("busybox:latest"), []string{"busybox", "httpd", "-f", "-p", "7000", "-h", "/"}, nil, "", []string{"busybox", "wget", "-qO", "/dev/null", "http://127.0.0.1:7000/etc/passwd"}, nil
			p.Services = p.Services[:1]
			opts := short()
			opts.Quick, opts.WorkerTime = false, 3e9
			v, rec, err := runOn(t, url, Input{Plan: p, Tree: tree(map[string]string{"a": "a"}), Options: opts, Artifacts: dockerfileOf("FROM busybox:latest", "COPY a /", "USER 1000",
				fmt.Sprintf(`CMD ["sh", "-c", %q]`, "echo begin; "+script))})
			if err != nil {
				t.Fatal(err, rec.text())
			}
			got := v.Components[0].Run.ServiceRestarts
			if len(got) != 1 || got[0].Service != "db" || got[0].Survived != survives {
				t.Errorf("%s: %+v", script, got)
			}
			if found := slices.ContainsFunc(v.Components[0].Readiness, func(f Readiness) bool { return f.ID == "lost-after-service-restart" }); found == survives {
				t.Errorf("%s: findings %+v", script, v.Components[0].Readiness)
			}
		}
	})
}

// TestErrorPages holds which pages of status 200 tell of a failure, and which only speak of one.
func TestErrorPages(t *testing.T) {
	for page, want := range map[string]bool{
		"<br />\n<b>Fatal error</b>:  Uncaught PDOException: SQLSTATE[HY000] [2002] in /app/db.php:3": true,
		"PHP Parse error:  syntax error, unexpected '?' in /app/index.php on line 3":                  true,
		"<b>Fatal error</b>:  require(): Failed opening required 'vendor/autoload.php'":               true,
		"<title>500 Internal Server Error</title>":                                                    true,
		"<html><title>\n HTTP Status 500 – Internal Server Error</title>":                             true,
		"<title>Action Controller: Exception caught</title>":                                          true,
		"<title>Server Error in &#39;/&#39; Application.</title>":                                     true,
		`{"errorMessage": "name 'x' is not defined", "errorType": "NameError"}`:                       true,
		"<title>Sign in</title><form><input type=password></form>":                                    false,
		"<title>How to handle errors</title> A fatal error is one that ends the program.":             false,
		"<title>Application errors and how to report them</title>":                                    false,
		"<title>5000 recipes</title>":                                                                 false,
		`{"status":"ok","lastError":""}`:                                                              false,
		"<title>Warehouse</title><p>Parse error: see the manual</p>":                                  false,
		"": false,
	} {
		if got := isErrorPage([]byte(page)); got != want {
			t.Errorf("%q: %v", page, got)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<title>Shop</title><b>Fatal error</b>:  Uncaught Error: no database")
	}))
	defer server.Close()
	a := newProber().ask(context.Background(), strings.TrimPrefix(server.URL, "http://"), "/")
	if a.judge() != sick || a.title != "Shop" || a.String() != `GET / → 200 "Shop"` {
		t.Errorf("%+v", a)
	}
}

// TestProbeOverTLS sees that a port which speaks TLS is asked over TLS, whatever its certificate.
func TestProbeOverTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	a := newProber().ask(context.Background(), strings.TrimPrefix(server.URL, "https://"), "/")
	if a.status != http.StatusUnauthorized || !a.tls || a.judge() != alive {
		t.Errorf("%+v", a)
	}
	closing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "bad", http.StatusBadRequest) }))
	defer closing.Close()
	if a := newProber().ask(context.Background(), strings.TrimPrefix(closing.URL, "http://"), "/"); a.tls || a.judge() != sick {
		t.Errorf("%+v", a)
	}
}

// TestInvocation holds what a function may answer to be alive.
// TestModel asks models: what says that it is there must also take questions.
func TestModel(t *testing.T) {
	for name, c := range map[string]struct {
		status int // of /invocations; 0: the path is not there
		is     standing
		path   string
	}{
		"answers": {200, alive, "/invocations"}, "objects to the question": {400, alive, "/invocations"}, "fails with it": {500, alive, "/ping"},
		"pages alone": {405, missing, "/invocations"}, "takes no questions": {404, missing, "/invocations"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/ping" {
				w.WriteHeader(c.status)
			}
		}))
		target := target{addresses: []string{strings.TrimPrefix(server.URL, "http://")}, paths: []string{"/"}}
		target.calling(&plan.Component{Component: detect.Component{Role: detect.Is(detect.Inference)}})
		if a := newProber().round(context.Background(), target); a.judge() != c.is || a.path != c.path {
			t.Errorf("%s: %+v", name, a)
		}
		server.Close()
	}
}

func TestInvocation(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		is      standing
		path    string
	}{
		"serves a page": {func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok "+r.Method) }, alive, "/"},
		"Lambda's interface": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/invocations") {
				http.NotFound(w, r)
			}
		}, alive, "/2015-03-31/functions/function/invocations"},
		"a call of the root": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				http.NotFound(w, r)
			} else if r.Method != http.MethodPost {
				w.WriteHeader(http.StatusMethodNotAllowed)
			}
		}, alive, "/"},
		"objects to the event": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost {
				http.NotFound(w, r)
				return
			}
			w.WriteHeader(http.StatusBadRequest)
		}, alive, "/2015-03-31/functions/function/invocations"},
		"fails": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost {
				http.NotFound(w, r)
				return
			}
			fmt.Fprint(w, `{"errorMessage":"no module named app","errorType":"Runtime.ImportModuleError"}`)
		}, sick, "/2015-03-31/functions/function/invocations"},
		"misses something in a made-up event": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost {
				http.NotFound(w, r)
				return
			}
			fmt.Fprint(w, `{"errorMessage":"'Records'","errorType":"KeyError"}`)
		}, alive, "/2015-03-31/functions/function/invocations"},
		"nothing there": {http.NotFound, missing, "/"},
	} {
		server := httptest.NewServer(c.handler)
		a := newProber().round(context.Background(), target{addresses: []string{strings.TrimPrefix(server.URL, "http://")}, paths: []string{"/"}, invoke: true})
		if a.judge() != c.is || a.path != c.path {
			t.Errorf("%s: %+v", name, a)
		}
		server.Close()
	}
}
