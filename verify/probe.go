package verify

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/progress"
)

// Bounds of the probe.
const (
	maxBody       = 64 << 10         // bytes read of an answer
	maxRedirects  = 5                // followed within the same host and port
	askTimeout    = 30 * time.Second // for one answer: a first request may compile pages
	firstPause    = 100 * time.Millisecond
	longestPause  = 500 * time.Millisecond
	listenEvery   = 3 * time.Second // how often the container is asked what it listens on
	listenPatient = 2 * time.Second // before it is asked for the first time
)

// target is what is probed: the places where a container may be reached, best first, and the paths to ask for.
type target struct {
	port       int      // inside the container
	addresses  []string // host:port
	inside     string   // the one of them that is the container's own, on the run's network; empty: not reached from here
	paths      []string
	invoke     bool   // it is a function: what no page is there for is called
	event      string // what it is called with
	eventKnown bool   // the repository says that it expects such events
	model      bool   // it is a model: what says that it is there is also asked
}

// answer is what came back for one path.
type answer struct {
	path    string
	status  int // 0: no HTTP answer
	millis  int64
	title   string // of an HTML page, or its first line; neutral and short
	raw     bool   // something answered, but not in HTTP
	tls     bool   // it was given over TLS
	invoked string // what a function was called with; empty: a page was asked for
	objects bool   // a function has found something missing in its event
	broken  bool   // the page says that the application failed, whatever the status says
	err     error

	address string
}

// standing is what an answer says about the application.
type standing int

const (
	silent  standing = iota // nothing came back
	alive                   // it works, or asks to log in
	sick                    // an error of the server: it may still be starting
	missing                 // nothing is there at this path
)

// judge reads an answer. 405 and the like come from the application too: it has understood the question.
func (a answer) judge() standing {
	switch s := a.status; {
	case a.raw:
		return alive
	case s == 0:
		return silent
	case a.broken:
		return sick
	case s >= 200 && s < 400, s == 401, s == 403, s == 405, s == 406, s == 415, s == 422, s == 426, s == 429:
		return alive
	case s == 404, s == 410:
		return missing
	}
	return sick
}

func (a answer) String() string {
	method := http.MethodGet
	if a.invoked != "" {
		method = http.MethodPost
	}
	switch {
	case a.raw:
		return "it answers, but not in HTTP"
	case a.status > 0 && a.title != "":
		return fmt.Sprintf("%s %s → %d %q", method, a.path, a.status, a.title)
	case a.status > 0:
		return fmt.Sprintf("%s %s → %d", method, a.path, a.status)
	case a.err != nil:
		return fmt.Sprintf("%s %s: %s", method, a.path, shorten(a.err.Error(), 200))
	}
	return "no answer"
}

// prober asks over HTTP. It keeps no connection between questions and uses no proxy.
type prober struct{ client *http.Client }

func newProber() *prober {
	p := &prober{client: &http.Client{
		Timeout: askTimeout,
		Transport: &http.Transport{
			DisableKeepAlives: true, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, TLSHandshakeTimeout: 10 * time.Second,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // whether it answers is asked, not who it is: such certificates are their servers' own
		},
	}}
	p.client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects || req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return p
}

// question is one request of a probe.
type question struct {
	address, path string
	tls           bool
	body          string // calls a function or a model with this instead of asking for a page
}

// ask gets a path, over TLS where the port turns out to speak that. The answer's err says why there is none.
func (p *prober) ask(ctx context.Context, address, path string) answer {
	q := question{address: address, path: path}
	a := p.send(ctx, q)
	if a.wantsTLS() {
		q.tls = true
		if secure := p.send(ctx, q); secure.judge() != silent {
			return secure
		}
	}
	return a
}

// wantsTLS says that an answer to plain HTTP may be that of a port which speaks TLS: an alert, a closed connection, or a page that says so.
func (a answer) wantsTLS() bool {
	if a.status == http.StatusBadRequest {
		title := strings.ToLower(a.title)
		return strings.Contains(title, "https") || strings.Contains(title, "tls") || strings.Contains(title, "ssl")
	}
	return a.raw || errors.Is(a.err, io.EOF) || errors.Is(a.err, syscall.ECONNRESET)
}

// send puts one question.
func (p *prober) send(ctx context.Context, q question) answer {
	a := answer{path: q.path, address: q.address, tls: q.tls, invoked: q.body}
	scheme, method, body := "http", http.MethodGet, io.Reader(nil)
	if q.tls {
		scheme = "https"
	}
	if q.body != "" {
		method, body = http.MethodPost, strings.NewReader(q.body)
	}
	req, err := http.NewRequestWithContext(ctx, method, scheme+"://"+q.address+q.path, body)
	if err != nil {
		a.err = err
		return a
	}
	req.Header.Set("User-Agent", "drydock-probe")
	req.Header.Set("Accept", "text/html,application/json;q=0.9,*/*;q=0.8")
	if q.body != "" {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
	}
	begin := time.Now()
	resp, err := p.client.Do(req)
	a.millis = time.Since(begin).Milliseconds()
	if err != nil {
		a.err = err
		// The library has no type for an answer that is no HTTP.
		a.raw = strings.Contains(err.Error(), "malformed HTTP")
		return a
	}
	defer resp.Body.Close()
	a.status = resp.StatusCode
	page, _ := io.ReadAll(io.LimitReader(resp.Body, maxBody)) // a body that breaks off changes nothing: the status is known
	a.broken = a.status/100 == 2 && isErrorPage(page) || resp.Header.Get("X-Amz-Function-Error") != ""
	a.objects = a.broken && objection().Match(page)
	if a.judge() != alive {
		a.title = titleOf(page)
	}
	return a
}

var (
	titleTag = lazy(`(?is)<title[^>]*>(.*?)</title>`)
	anyTag   = lazy(`(?s)<[^>]*>`)
)

// What frameworks and languages answer with status 200 when the application has failed: PHP shows errors in the page by default, and
// handlers of one's own forget the status. Each is the start of a page's title, or markup that nothing else writes.
var (
	errorTitle = lazy(`(?i)^(error 5\d\d|5\d\d( -|:| ) ?(internal|bad gateway|service)|http status 5\d\d|internal server error|fatal error|unhandled exception|uncaught |action controller: exception caught|database error$|error establishing a database connection|whoops, looks like something went wrong|application error$|server error in '|django: |bad gateway$|service unavailable$)`)
	errorMark  = lazy(`(?i)(<b>)?(fatal error|parse error)(</b>)?:\s+(uncaught |require(_once)?\(\)|call to |class |syntax error|allowed memory|maximum execution|cannot |declaration of )|^\s*\{"errorMessage":|^traceback \(most recent call last\):`)
)

// isErrorPage says that a page tells of a failure though its status does not.
func isErrorPage(page []byte) bool {
	if m := titleTag().FindSubmatch(page); m != nil && errorTitle().MatchString(strings.Join(strings.Fields(html.UnescapeString(string(m[1]))), " ")) {
		return true
	}
	return errorMark().Match(page)
}

// titleOf is what a person would first read of an error page.
func titleOf(body []byte) string {
	text := string(body)
	if m := titleTag().FindStringSubmatch(text); m != nil {
		text = m[1]
	} else {
		text = anyTag().ReplaceAllString(text, " ")
	}
	text = strings.Join(strings.Fields(html.UnescapeString(strings.ToValidUTF8(text, "\uFFFD"))), " ")
	return detect.Printable(cleanLine([]byte(text)), 120)
}

// round asks for the paths in turn until one is there: what the first of them says counts, good or bad. Where nothing
// answers the next address is tried.
func (p *prober) round(ctx context.Context, t target) answer {
	var a answer
	for _, address := range t.addresses {
		for _, path := range t.paths {
			if a = p.ask(ctx, address, path); a.judge() != missing {
				break
			}
		}
		if t.invoke && (a.judge() == missing || a.status == http.StatusMethodNotAllowed) {
			a = p.call(ctx, address, t, a.tls)
		}
		if t.model && a.judge() == alive && a.path == t.paths[0] {
			a = p.model(ctx, address, a)
		}
		if a.judge() != silent {
			return a
		}
	}
	return a
}

// patience says how long an answer that is not yet good is borne with before it is believed.
func (o *Options) patience(a answer) time.Duration {
	switch {
	case a.judge() == missing, a.status == http.StatusServiceUnavailable, a.status == http.StatusBadGateway:
		return 3 * o.Settle // what a server says while it deploys the application, or while that starts
	}
	return o.Settle
}

// probe asks a starting container until it is alive. The error is an *UnhealthyError, an *EngineError or the context's.
func (r *run) probe(ctx context.Context, c *running, t target) (answer, error) {
	p := newProber()
	deadline := c.begin.Add(r.opts.StartTimeout)
	var since time.Time // when it first answered, but not well
	var loopback, elsewhere time.Time
	asked := c.begin.Add(listenPatient - listenEvery)
	wait, told := firstPause, ""
	for {
		a := p.round(c.alive, t)
		switch {
		case c.ended():
			return a, r.endedEarly(ctx, c, "exited-early")
		case ctx.Err() != nil:
			return a, fmt.Errorf("probe %s: %w", c.spec.component, ctx.Err())
		case a.judge() == alive:
			if c.spec.stage != progress.Measure {
				r.tell(c, progress.Running, a.String())
			}
			return a, nil
		case a.judge() == silent:
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		}
		if !since.IsZero() && time.Since(since) >= r.opts.patience(a) || time.Now().After(deadline) {
			return a, r.unwell(ctx, c, t, a)
		}
		if a.judge() == silent && time.Since(asked) >= listenEvery {
			asked = time.Now()
			open := r.listening(ctx, c)
			if lasts(&loopback, open.onlyLoopback(t.port), asked, min(r.opts.Settle, listenEvery)) ||
				lasts(&elsewhere, !open.on(t.port) && len(open.others(t.port)) > 0, asked, 3*r.opts.Settle) {
				return a, r.unwell(ctx, c, t, a)
			}
		}
		if a.String() != told && c.spec.stage != progress.Measure { // the second start is no probe of its own
			told = a.String()
			r.tell(c, progress.Running, told)
		}
		select {
		case <-c.exited:
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(wait*5/4, longestPause)
	}
}

// lasts notes when something began to hold, and reports whether it has held for a while.
func lasts(since *time.Time, holds bool, now time.Time, enough time.Duration) bool {
	switch {
	case !holds:
		*since = time.Time{}
	case since.IsZero():
		*since = now
	}
	return holds && now.Sub(*since) >= enough
}

// unwell says why a container that runs is not healthy.
func (r *run) unwell(ctx context.Context, c *running, t target, a answer) error {
	log, long := c.log(), c.longLog()
	u := &UnhealthyError{Component: c.spec.component, Phase: string(phaseProbe), Log: telling(long), Tail: long, Err: a.err}
	cause, says := diagnose(phaseProbe, log)
	paths := strings.Join(t.paths, " and ")
	switch a.judge() {
	case sick:
		u.ID, u.Message = "http-error", "it answers with an error: "+a.String()
		if cause != "" {
			u.ID, u.Message = cause, says+" ("+a.String()+")"
		}
	case missing:
		u.ID = "http-not-found"
		u.Message = fmt.Sprintf("the server answers, but the application is not there: 404 for %s (%q); set healthPath when it lives elsewhere", paths, a.title)
	default:
		u.ID, u.Message = r.unheard(ctx, c, t)
		if cause != "" && u.ID == "timeout" {
			u.ID, u.Message = cause, says+"; "+u.Message
		}
	}
	return u
}

// unheard says why nothing answers.
func (r *run) unheard(ctx context.Context, c *running, t target) (id, message string) {
	after := fmt.Sprintf("after %.0f s", time.Since(c.begin).Seconds())
	sockets := r.listening(ctx, c)
	switch others := sockets.others(t.port); {
	case sockets.onlyLoopback(t.port):
		return "loopback-only", fmt.Sprintf("it listens on 127.0.0.1:%d only, where nothing outside its container reaches it: let it listen on 0.0.0.0", t.port)
	case sockets.on(t.port):
		return "timeout", fmt.Sprintf("it listens on port %d but does not answer %s", t.port, after)
	case len(others) > 0:
		return "wrong-port", fmt.Sprintf("nothing listens on port %d %s; it listens on %s: set its port", t.port, after, joinInts(others))
	}
	return "timeout", fmt.Sprintf("nothing listens on port %d %s", t.port, after)
}

func joinInts(n []int) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(n)), ", "), "[]")
}

// sockets are the TCP ports that a container listens on, each with whether only its own loopback is served. nil: not known.
type sockets map[int]bool

func (s sockets) on(port int) bool {
	_, ok := s[port]
	return ok
}

func (s sockets) onlyLoopback(port int) bool { return s[port] }

// others are the ports that serve the outside, but for one.
func (s sockets) others(port int) []int {
	var out []int
	for p, loopback := range s {
		if p != port && !loopback {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// dockerDNS is where the engine's name server listens inside every container.
const dockerDNS = "0B00007F"

// parseSockets reads /proc/net/tcp and tcp6 (proc(5)): the second field is the local address in hexadecimal, the fourth the
// state, 0A for a listening socket.
func parseSockets(table string) sockets {
	out := sockets{}
	lines := bufio.NewScanner(strings.NewReader(table))
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || f[3] != "0A" {
			continue
		}
		host, hexPort, ok := strings.Cut(f[1], ":")
		var port int
		if _, err := fmt.Sscanf(hexPort, "%X", &port); !ok || err != nil || host == dockerDNS {
			continue
		}
		loopback := strings.HasSuffix(host, "7F") && len(host) == 8 || // 127.x.x.x, in the byte order of the machine
			host == "00000000000000000000000001000000" || // ::1
			strings.HasPrefix(host, "0000000000000000FFFF0000") && strings.HasSuffix(host, "7F")
		if was, seen := out[port]; seen {
			loopback = loopback && was
		}
		out[port] = loopback
	}
	return out
}

// errNoTable says that the container has nothing to read its sockets with.
var errNoTable = errors.New("the container's sockets cannot be read")
