package openwhisk_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain is also the application that the program of the images stands before, where an environment says so.
func TestMain(m *testing.M) {
	switch os.Getenv("APPLICATION") {
	case "server":
		http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			switch r.URL.Path {
			case "/picture":
				w.Header().Set("Content-Type", "image/png; charset=utf-8")
				_, _ = w.Write([]byte{0, 255})
			case "/old":
				w.Header().Set("Content-Type", "text/html; charset=ISO-8859-1")
				_, _ = w.Write([]byte{'h', 0xe9})
			case "/away":
				w.Header().Add("Set-Cookie", "a=1")
				w.Header().Add("Set-Cookie", "b=2")
				http.Redirect(w, r, "/there", http.StatusFound)
			case "/broken":
				http.Error(w, "it broke", http.StatusInternalServerError)
			case "/large":
				_, _ = w.Write(bytes.Repeat([]byte("x"), 2<<20))
			case "/end":
				os.Exit(3)
			default:
				w.Header().Set("Content-Type", "application/json")
				_ = json.NewEncoder(w).Encode(map[string]string{"asked": r.Method + " " + r.RequestURI, "host": r.Host, "body": string(body), "mode": os.Getenv("MODE"), "type": r.Header.Get("Content-Type")})
			}
		})
		_ = http.ListenAndServe("127.0.0.1:"+os.Getenv("SERVER_PORT"), nil)
		os.Exit(1)
	case "program":
		input, _ := io.ReadAll(os.Stdin)
		fmt.Printf("it began\n%s", os.Getenv("LAST_LINE"))
		fmt.Fprintf(os.Stderr, "%s %s %s", strings.TrimSpace(string(input)), os.Getenv("MODE"), os.Getenv("__OW_ACTIVATION_ID"))
		if strings.Contains(string(input), "fail") {
			os.Exit(7)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// free is a port that nothing listens on.
func free(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// speaker compiles the program of the images as their Dockerfile does, for another port than the platform's, and returns what starts it.
func speaker(t *testing.T) func(t *testing.T, env []string, args ...string) (post func(path, body string) (int, string)) {
	t.Helper()
	source, err := os.ReadFile("action.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	port := free(t)
	changed := strings.Replace(string(source), `listen = ":8080"`, fmt.Sprintf(`listen = "127.0.0.1:%d"`, port), 1)
	if changed == string(source) {
		t.Fatal("the program does not say that it listens on port 8080")
	}
	if err := os.WriteFile(filepath.Join(dir, "action.go"), []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"vet", "action.go"}, {"build", "-o", "action", "action.go"}} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
	return func(t *testing.T, env []string, args ...string) func(path, body string) (int, string) {
		t.Helper()
		var log bytes.Buffer
		cmd := exec.Command(filepath.Join(dir, "action"), append(args, "--", os.Args[0])...)
		cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), &log, &log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Signal(os.Interrupt)
			_ = cmd.Wait()
			if t.Failed() {
				t.Logf("the program says:\n%s", log.String())
			}
		})
		return func(path, body string) (int, string) {
			for range 200 {
				resp, err := http.Post(fmt.Sprintf("http://127.0.0.1:%d%s", port, path), "application/json", strings.NewReader(body))
				if err != nil {
					time.Sleep(20 * time.Millisecond)
					continue
				}
				defer resp.Body.Close()
				text, _ := io.ReadAll(resp.Body)
				if !json.Valid(text) {
					t.Errorf("%s: no JSON: %s", path, text)
				}
				return resp.StatusCode, string(text)
			}
			t.Fatal("it does not listen")
			return 0, ""
		}
	}
}

// TestProgram speaks the platform's protocol to the program of the images, before a server and before a command.
func TestProgram(t *testing.T) {
	start := speaker(t)
	type call struct {
		path, body string
		status     int
		want       string
	}
	hold := func(t *testing.T, post func(path, body string) (int, string), calls []call) {
		t.Helper()
		for _, c := range calls {
			if status, text := post(c.path, c.body); status != c.status || !strings.Contains(text, c.want) {
				t.Errorf("%s %s: %d %.300s, want %d with %q", c.path, c.body, status, text, c.status, c.want)
			}
		}
	}
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	const setup = `{"value": {"name": "x", "main": "main", "code": "", "binary": false, "env": {"MODE": "fast", "SIZE": 2}}}`
	t.Run("server", func(t *testing.T) {
		inner := fmt.Sprint(free(t))
		post := start(t, []string{"APPLICATION=server", "SERVER_PORT=" + inner}, "-port="+inner, "-path=/invocations")
		web := func(method, path, query, kind, body string) string {
			out, _ := json.Marshal(map[string]any{"value": map[string]any{"__ow_method": method, "__ow_path": path, "__ow_query": query, "__ow_body": body,
				"__ow_headers": map[string]string{"content-type": kind, "host": "shop.example.com", "accept-encoding": "gzip"}}})
			return string(out)
		}
		hold(t, post, []call{
			{"/run", `{"value": {}}`, 502, `{"error":"it has not been initialised"}`},
			{"/init", setup, 200, "ok"},
			{"/init", setup, 502, "initialised before"},
			{"/elsewhere", `{}`, 404, "error"},
			{"/run", "no JSON", 502, "error"},
			{"/run", `{"value": {"instances": [1]}}`, 200, `"asked":"POST /invocations","body":"{\"instances\":[1]}"`},
			{"/run", web("get", "/cart/7", "a=b%20c&d", "", ""), 200, encoded(`{"asked":"GET /cart/7?a=b%20c\u0026d","body":"","host":"shop.example.com","mode":"fast","type":""}` + "\n")},
			{"/run", web("post", "", "", "application/json", encoded(`{"a": 1}`)), 200, encoded(`{"asked":"POST /","body":"{\"a\": 1}"`)[:40]},
			{"/run", web("post", "/", "", "application/x-www-form-urlencoded", "abcd"), 200, encoded(`{"asked":"POST /","body":"abcd","host"`)[:40]},
			{"/run", web("get", "/picture", "", "", ""), 200, `"body":"AP8=","headers":{"Content-Type":"image/png"},"statusCode":200`},
			{"/run", web("get", "/old", "", "", ""), 200, `"body":"hé","headers":{"Content-Type":"text/html; charset=utf-8"}`},
			{"/run", web("get", "/away", "", "", ""), 200, `"Location":"/there","Set-Cookie":["a=1","b=2"]},"statusCode":302`},
			{"/run", web("get", "/broken", "", "", ""), 200, `"statusCode":500`},
			{"/run", web("get", "/large", "", "", ""), 502, "OpenWhisk takes 1048576"},
			{"/run", web("get", "/end", "", "", ""), 502, "error"},
			{"/run", web("get", "/", "", "", ""), 502, "error"},
		})
	})
	t.Run("program", func(t *testing.T) {
		post := start(t, []string{"APPLICATION=program"})
		hold(t, post, []call{
			{"/init", setup, 200, "ok"},
			{"/run", `{"value": {"a": 1}}`, 200, `{"stdout":"it began"}`},
			{"/run", `{"value": {"fail": true}, "activation_id": "id7"}`, 502, `{"error":"exit status 7: {\"fail\":true} fast id7"}`},
		})
	})
	t.Run("object", func(t *testing.T) {
		post := start(t, []string{"APPLICATION=program"})
		hold(t, post, []call{
			{"/init", `{"value": {"env": {"LAST_LINE": "{\"made\": 3}\n"}}}`, 200, "ok"},
			{"/run", `{"value": {}}`, 200, `{"made":3}`},
		})
	})
	t.Run("nothing listens", func(t *testing.T) {
		post := start(t, []string{"APPLICATION=program"}, fmt.Sprintf("-port=%d", free(t)))
		hold(t, post, []call{{"/init", setup, 502, "the server has ended before it listened: exit status 0"}, {"/run", `{"value": {}}`, 502, "it has not been initialised"}})
	})
}
