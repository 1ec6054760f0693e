package verify

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestAsk holds what a server may do to a probe.
func TestAsk(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect to another place was followed") }))
	defer other.Close()
	hops := 0
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("User-Agent") == "" {
			t.Error("no user agent")
		}
	})
	mux.HandleFunc("/to-ok", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	mux.HandleFunc("/to-error", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/error", http.StatusFound) })
	mux.HandleFunc("/error", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		fmt.Fprint(w, "<title>We're sorry, but something went wrong (500)</title>")
	})
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/login", http.StatusFound)
	})
	mux.HandleFunc("/https", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+r.Host+"/", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) {
		hops++
		http.Redirect(w, r, "/loop", http.StatusFound)
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		chunk := []byte(strings.Repeat("x", 32<<10))
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/hangup", func(w http.ResponseWriter, r *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.Close()
	})
	mux.HandleFunc("/escape", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(503)
		fmt.Fprint(w, "<title>\x1b[2J\x07down\u202e for repair</title>")
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1") // must not be used
	for path, want := range map[string]struct {
		status int
		is     standing
		title  string
	}{
		"/ok": {200, alive, ""}, "/to-ok": {200, alive, ""}, "/to-error": {500, sick, "We're sorry, but something went wrong (500)"},
		"/elsewhere": {302, alive, ""}, "/https": {301, alive, ""}, "/loop": {302, alive, ""}, "/endless": {200, alive, ""},
		"/hangup": {0, silent, ""}, "/absent": {404, missing, "404 page not found"}, "/escape": {503, sick, "down for repair"},
	} {
		a := newProber().ask(context.Background(), address, path)
		if a.status != want.status || a.judge() != want.is || a.title != want.title || a.path != path {
			t.Errorf("%s: %+v", path, a)
		}
		if a.String() == "" {
			t.Errorf("%s: nothing to say", path)
		}
	}
	if hops != maxRedirects+1 {
		t.Errorf("%d redirects were followed", hops-1)
	}
	if a := newProber().ask(context.Background(), "\x00", "/"); a.err == nil || a.judge() != silent {
		t.Errorf("%+v", a)
	}
	if (answer{}).String() != "no answer" {
		t.Error(answer{}.String())
	}
}

// TestRound sees that a missing path leads to the next one, that an error does not, and that the next address is tried when nothing answers.
func TestRound(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/up":
			w.WriteHeader(500)
		case "/":
		default:
			w.WriteHeader(404)
		}
	}))
	defer server.Close()
	here := strings.TrimPrefix(server.URL, "http://")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	_ = closed.Close()
	for _, c := range []struct {
		addresses, paths []string
		path             string
		is               standing
	}{
		{[]string{here}, []string{"/absent", "/"}, "/", alive},
		{[]string{here}, []string{"/up", "/"}, "/up", sick},
		{[]string{here}, []string{"/a", "/b"}, "/b", missing},
		{[]string{nobody, here}, []string{"/"}, "/", alive},
		{[]string{nobody}, []string{"/", "/x"}, "/", silent},
		{nil, []string{"/"}, "", silent},
	} {
		a := newProber().round(context.Background(), target{addresses: c.addresses, paths: c.paths})
		if a.path != c.path || a.judge() != c.is {
			t.Errorf("%+v: %+v", c, a)
		}
	}
}

// TestAnotherProtocol sees that a server which does not speak HTTP counts as one that answers.
func TestAnotherProtocol(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "220 mail.example.com ESMTP\r\n")
			_ = c.Close()
		}
	}()
	// A greeting that overtakes the request is only a broken connection to net/http: like a run, ask again.
	var a answer
	for range 50 {
		if a = newProber().ask(context.Background(), l.Addr().String(), "/"); a.judge() == alive {
			break
		}
	}
	_ = l.Close()
	<-done
	if a.judge() != alive || a.status != 0 || !strings.Contains(a.String(), "not in HTTP") {
		t.Errorf("%+v", a)
	}
}

func TestPatience(t *testing.T) {
	o := Options{Settle: time.Second}.withDefaults()
	for status, want := range map[int]time.Duration{500: time.Second, 503: 3 * time.Second, 404: 3 * time.Second} {
		if got := o.patience(answer{status: status}); got != want {
			t.Errorf("%d: %s", status, got)
		}
	}
}
