//go:build ignore

// Made by drydock from what the repository says. Edits are kept when it is made again.
//
// This program stands before an application that OpenWhisk runs as an action. It listens on port 8080 for what the platform says:
//
//	POST /init   the variables of the action's parameters; the server is started with them
//	POST /run    one call, a JSON object; the answer is one
//
// With -port N the rest of the command line starts a server that listens there: the call of a web action becomes the request that it was,
// any other call is posted to -path. Without, the command line is started for each call, with the call as its input.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"mime"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	listen = ":8080"
	most   = 1 << 20 // bytes of an answer; the platform takes no more
	end    = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX"
)

func main() {
	port := flag.Int("port", 0, "where the server listens; 0: the command is started for each call")
	path := flag.String("path", "/", "where calls are posted that are no requests of a web action")
	flag.Parse()
	if flag.NArg() == 0 {
		log.Fatal("there is no command")
	}
	a := &action{command: flag.Args(), port: *port, path: *path, ended: make(chan struct{})}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		a.stop(<-signals)
		os.Exit(0)
	}()
	log.Fatal(http.ListenAndServe(listen, a))
}

// action is one action: its command, and the server that was started by it.
type action struct {
	command []string
	port    int
	path    string

	mu     sync.Mutex
	ready  bool // /init has been answered
	env    []string
	server *exec.Cmd
	ended  chan struct{} // closed once the server has ended, before or after
}

// ServeHTTP answers the platform.
func (a *action) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var message struct {
		Value map[string]any `json:"value"`
		rest  map[string]any
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = errors.Join(json.Unmarshal(body, &message), json.Unmarshal(body, &message.rest))
	}
	var result map[string]any
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/init" && r.URL.Path != "/run":
		answer(w, http.StatusNotFound, map[string]any{"error": "there are POST /init and POST /run"})
		return
	case err != nil:
	case r.URL.Path == "/init":
		err = a.init(r.Context(), message.Value)
		result = map[string]any{"ok": true}
	default:
		result, err = a.run(r.Context(), message.Value, message.rest)
		defer fmt.Fprintln(os.Stdout, end)
		defer fmt.Fprintln(os.Stderr, end)
	}
	if err != nil {
		answer(w, http.StatusBadGateway, map[string]any{"error": err.Error()})
		return
	}
	answer(w, http.StatusOK, result)
}

func answer(w http.ResponseWriter, status int, result map[string]any) {
	data, err := json.Marshal(result)
	if err == nil && len(data) > most {
		err = fmt.Errorf("the answer has %d bytes, and OpenWhisk takes %d", len(data), most)
	}
	if err != nil {
		status = http.StatusBadGateway
		data, _ = json.Marshal(map[string]any{"error": err.Error()})
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// init takes the variables, once, and starts the server.
func (a *action) init(ctx context.Context, value map[string]any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.env != nil {
		return errors.New("it has been initialised before")
	}
	a.env = os.Environ()
	variables, _ := value["env"].(map[string]any)
	for name, v := range variables {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			return fmt.Errorf("%q is no name of a variable", name)
		}
		a.env = append(a.env, name+"="+text(v))
	}
	if a.port != 0 {
		if err := a.start(ctx); err != nil {
			return err
		}
	}
	a.ready = true
	return nil
}

// text is a value as a variable holds it: a string itself, anything else as JSON.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	data, _ := json.Marshal(v)
	return string(data)
}

// start starts the server and waits until it listens; the platform ends what takes longer than the action's time.
func (a *action) start(ctx context.Context) error {
	a.server = exec.Command(a.command[0], a.command[1:]...)
	a.server.Env, a.server.Stdout, a.server.Stderr = a.env, os.Stdout, os.Stderr
	if err := a.server.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	go func() {
		_ = a.server.Wait()
		close(a.ended)
	}()
	for {
		conn, err := net.DialTimeout("tcp", a.address(), time.Second)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-a.ended:
			return fmt.Errorf("the server has ended before it listened: %s", a.server.ProcessState)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (a *action) address() string { return fmt.Sprintf("127.0.0.1:%d", a.port) }

// stop hands a signal on to the server and gives it ten seconds.
func (a *action) stop(s os.Signal) {
	if a.server == nil || a.server.Process == nil {
		return
	}
	_ = a.server.Process.Signal(s)
	select {
	case <-a.ended:
	case <-time.After(10 * time.Second):
	}
}

// run makes one call.
func (a *action) run(ctx context.Context, value, rest map[string]any) (map[string]any, error) {
	a.mu.Lock()
	ready := a.ready
	a.mu.Unlock()
	switch {
	case !ready:
		return nil, errors.New("it has not been initialised")
	case a.port == 0:
		return a.program(ctx, value, rest)
	}
	select {
	case <-a.ended:
		return nil, fmt.Errorf("the server has ended: %s", a.server.ProcessState)
	default:
	}
	if method, ok := value["__ow_method"].(string); ok {
		return a.request(ctx, method, value)
	}
	return a.post(ctx, value)
}

// program starts the command with the call as its input. Its last line is the result when that is a JSON object; otherwise all that it says.
func (a *action) program(ctx context.Context, value, rest map[string]any) (map[string]any, error) {
	input, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var out, wrong bytes.Buffer
	cmd := exec.CommandContext(ctx, a.command[0], a.command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(append(input, '\n')), io.MultiWriter(os.Stdout, &out), io.MultiWriter(os.Stderr, &wrong)
	cmd.Env = slices.Clone(a.env)
	for name, v := range rest {
		if name != "value" {
			cmd.Env = append(cmd.Env, "__OW_"+strings.ToUpper(name)+"="+text(v))
		}
	}
	if err := cmd.Run(); err != nil {
		said := strings.TrimSpace(wrong.String())
		return nil, fmt.Errorf("%w: %s", err, said[max(0, len(said)-2000):])
	}
	said := strings.TrimRight(out.String(), "\n")
	var result map[string]any
	if json.Unmarshal([]byte(said[strings.LastIndexByte(said, '\n')+1:]), &result) == nil && result != nil {
		return result, nil
	}
	if tail := len(said) - most/2; tail > 0 {
		return map[string]any{"stdout": strings.ToValidUTF8(said[tail:], ""), "truncated": true}, nil
	}
	return map[string]any{"stdout": strings.ToValidUTF8(said, "\uFFFD")}, nil
}

// post hands a call to the server as the body of a request.
func (a *action) post(ctx context.Context, value map[string]any) (map[string]any, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	resp, data, err := a.ask(ctx, http.MethodPost, a.path, http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 400 {
		return nil, fmt.Errorf("%s: %s", resp.Status, strings.TrimSpace(string(data[:min(len(data), 2000)])))
	}
	var result any
	if json.Unmarshal(data, &result) != nil {
		return map[string]any{"result": strings.ToValidUTF8(string(data), "\uFFFD")}, nil
	}
	if object, ok := result.(map[string]any); ok {
		return object, nil
	}
	return map[string]any{"result": result}, nil
}

// hop are headers of one connection, and the length and coding of a body that is handed on decoded.
var hop = []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length", "Accept-Encoding", "Host", "Date"}

// request makes a web action's call the request that it was.
func (a *action) request(ctx context.Context, method string, value map[string]any) (map[string]any, error) {
	target, _ := value["__ow_path"].(string)
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	if query, _ := value["__ow_query"].(string); query != "" {
		target += "?" + query
	}
	header := http.Header{}
	given, _ := value["__ow_headers"].(map[string]any)
	for name, v := range given {
		if !slices.Contains(hop, http.CanonicalHeaderKey(name)) {
			header.Set(name, text(v))
		}
	}
	if host, _ := given["host"].(string); host != "" && header.Get("X-Forwarded-Host") == "" {
		header.Set("X-Forwarded-Host", host)
	}
	said, _ := value["__ow_body"].(string)
	body := []byte(said)
	if decoded, err := base64.StdEncoding.DecodeString(said); err == nil && !written(header.Get("Content-Type")) {
		body = decoded
	}
	resp, data, err := a.ask(ctx, strings.ToUpper(method), target, header, body)
	if err != nil {
		return nil, err
	}
	headers := map[string]any{}
	for name, values := range resp.Header {
		switch {
		case slices.Contains(hop, name):
		case len(values) == 1:
			headers[name] = values[0]
		default:
			headers[name] = values
		}
	}
	result := map[string]any{"statusCode": resp.StatusCode, "headers": headers}
	if len(data) > 0 {
		result["body"], headers["Content-Type"] = encode(data, resp.Header.Get("Content-Type"))
	}
	return result, nil
}

// encode is a body as the platform's controller takes it, and its type. The controller takes a type that it does not know for text when it
// names a character set, for bytes in base64 when it names none.
func encode(data []byte, contentType string) (body, kind string) {
	if contentType == "" {
		contentType = http.DetectContentType(data)
	}
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind, parameters = "application/octet-stream", nil
	}
	if written(kind) {
		body = decode(data, strings.ToLower(parameters["charset"]))
		return body, kind + "; charset=utf-8"
	}
	delete(parameters, "charset")
	return base64.StdEncoding.EncodeToString(data), mime.FormatMediaType(kind, parameters)
}

// texts are the types beside text/* that the platform's controller hands on as they are. Every other body is in base64, JSON too.
var texts = []string{
	"application/atom+xml", "application/javascript", "application/rss+xml", "application/soap+xml", "application/x-www-form-urlencoded",
	"application/xhtml+xml", "application/xml", "application/xml-dtd",
}

// written reports whether a body of a type stands in a call or an answer as it is.
func written(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (strings.HasPrefix(kind, "text/") || slices.Contains(texts, kind))
}

// decode is a text that is written in a character set.
func decode(data []byte, charset string) string {
	if charset == "iso-8859-1" || charset == "latin1" {
		runes := make([]rune, len(data))
		for i, b := range data {
			runes[i] = rune(b)
		}
		return string(runes)
	}
	return strings.ToValidUTF8(string(data), "\uFFFD")
}

// client follows no redirection: that is the caller's to do.
var client = http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{Proxy: nil},
}

// ask puts a request to the server.
func (a *action) ask(ctx context.Context, method, target string, header http.Header, body []byte) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+a.address()+target, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	r.Header = header
	if host := header.Get("X-Forwarded-Host"); host != "" {
		r.Host = host
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	return resp, data, err
}
