package flow

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-cli/drydock/ask"
)

// These tests speak the platforms' protocols to containers of images that were built from generated files.

// made generates an application for targets and builds its image; it returns the output directory and the image's name.
func made(t *testing.T, docker, app string, targets ...string) (dir, image string) {
	t.Helper()
	engine(t)
	isolate(t)
	dir = copyApp(t, app)
	if _, err := Run(t.Context(), dir, Options{Targets: targets}, Stages{Generate: true, Write: true}, ask.Defaults(), nil); err != nil {
		t.Fatal(err)
	}
	image = "drydock/contract-" + app + ":test"
	buildImage(t, docker, image, dir)
	return dir, image
}

// buildImage builds what the arguments say under a name.
func buildImage(t *testing.T, docker, image string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), docker, append([]string{"build", "-q", "-t", image}, args...)...)
	cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// started runs a container and returns the address of its port, and what it says when the test fails. args are those of docker create behind
// the options that all have; copies are files put into it before it starts, FILE:PATH.
func started(t *testing.T, docker string, port int, copies []string, args ...string) string {
	t.Helper()
	run := func(args ...string) string {
		out, err := exec.Command(docker, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	id := run(append([]string{"create", "-p", fmt.Sprintf("127.0.0.1::%d", port)}, args...)...)
	t.Cleanup(func() {
		if log, _ := exec.Command(docker, "logs", id).CombinedOutput(); t.Failed() {
			t.Logf("the container says:\n%s", log)
		}
		run("rm", "-f", "-v", id)
	})
	for _, c := range copies {
		file, place, _ := strings.Cut(c, ":")
		run("cp", file, id+":"+place)
	}
	run("start", id)
	return run("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", id) + fmt.Sprintf(":%d", port)
}

// asked puts a question until it is answered, for at most a minute, and returns the status and the answer.
func asked(t *testing.T, method, url, contentType, body string) (int, string) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", contentType)
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			text, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err == nil {
				return resp.StatusCode, string(text)
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s %s: %v", method, url, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// said holds that a question is answered with a status and a text in the answer.
func said(t *testing.T, method, url, body string, status int, want string) {
	t.Helper()
	if got, text := asked(t, method, url, "application/json", body); got != status || !strings.Contains(text, want) {
		t.Errorf("%s %s: %d %s, want %d with %q", method, url, got, text, status, want)
	}
}

// TestLambda invokes a handler through Lambda's runtime interface emulator, which starts the image as Lambda does.
func TestLambda(t *testing.T) {
	docker := plainDocker(t)
	emulator := filepath.Join(filepath.Dir(os.Getenv("DRYDOCK_PYTHON")), "aws-lambda-rie")
	if _, err := os.Stat(emulator); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the emulator is needed:", err)
		}
		t.Skip(`no emulator: run the tests with DRYDOCK_PYTHON="$(hack/python)":`, err)
	}
	_, image := made(t, docker, "python-thumbs", "lambda")
	address := started(t, docker, 8080, []string{emulator + ":/aws-lambda-rie"}, "-e", "THUMBS_BUCKET=thumbs",
		"--entrypoint", "/aws-lambda-rie", image, "python", "/opt/drydock/function.py", "thumbs.handler")
	said(t, http.MethodPost, "http://"+address+"/2015-03-31/functions/function/invocations", `{"Records": []}`, 200, `{"made": []}`)
	said(t, http.MethodPost, "http://"+address+"/2015-03-31/functions/function/invocations", `{}`, 200, `"errorType": "KeyError"`)
}

// TestSageMaker starts the image as SageMaker does, to serve and to train: a model that a training has made is the one that answers.
func TestSageMaker(t *testing.T) {
	docker := plainDocker(t)
	dir, base := made(t, docker, "python-digits", "sagemaker")
	image := "drydock/contract-python-digits-sagemaker:test"
	files := filepath.Join(dir, "deploy", "sagemaker")
	buildImage(t, docker, image, "--build-arg", "IMAGE="+base, "-f", filepath.Join(files, "Dockerfile.inference"), files)
	address := started(t, docker, 8080, nil, image, "serve")
	said(t, http.MethodGet, "http://"+address+"/ping", "", 200, "")
	said(t, http.MethodPost, "http://"+address+"/invocations", `{"instances": [[0, 9, 9, 0, 9, 0, 0, 9, 9, 0, 0, 9, 0, 9, 9, 0]]}`, 200, `{"digits": [0]}`)
	out, err := exec.CommandContext(t.Context(), docker, "run", "--rm", image, "train").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "trained on 30 pictures") {
		t.Errorf("%v\n%s", err, out)
	}
	failed, err := exec.CommandContext(t.Context(), docker, "run", "--rm", "-e", "SM_CHANNEL_TRAIN=/etc/ssl", "-v", "/opt/ml/input/data/train", "--entrypoint", "bash", image,
		"-c", "echo x,1 > /etc/ssl/bad.csv; bash /opt/sagemaker.sh train; echo code $?; cat /opt/ml/output/failure").CombinedOutput()
	if err != nil || !strings.Contains(string(failed), "code 1") || strings.Count(string(failed), "ValueError") != 2 {
		t.Errorf("%v\n%s", err, failed)
	}
}

// TestOpenWhisk initialises and runs a handler's image as OpenWhisk does: as it is, and as the action that the target makes of it, which is told
// its variables by /init alone.
func TestOpenWhisk(t *testing.T) {
	docker := plainDocker(t)
	dir, base := made(t, docker, "python-thumbs", "openwhisk")
	address := started(t, docker, 8080, nil, "-e", "THUMBS_BUCKET=thumbs", base)
	said(t, http.MethodPost, "http://"+address+"/init", `{"value": {"name": "thumbs", "env": {"A": "b"}}}`, 200, `"ok"`)
	said(t, http.MethodPost, "http://"+address+"/run", `{"value": {"Records": []}, "activation_id": "1"}`, 200, `{"made": []}`)
	said(t, http.MethodPost, "http://"+address+"/run", `{"value": {}}`, 502, `"error"`)
	image := "drydock/contract-python-thumbs-openwhisk:test"
	files := filepath.Join(dir, "deploy", "openwhisk")
	buildImage(t, docker, image, "--build-arg", "IMAGE="+base, "-f", filepath.Join(files, "Dockerfile.function"), files)
	address = started(t, docker, 8080, nil, image)
	said(t, http.MethodPost, "http://"+address+"/run", `{"value": {"Records": []}}`, 502, `"it has not been initialised"`)
	said(t, http.MethodPost, "http://"+address+"/init", `{"value": {"name": "thumbs", "env": {"THUMBS_BUCKET": "thumbs"}}}`, 200, `"ok"`)
	said(t, http.MethodPost, "http://"+address+"/run", `{"value": {"Records": []}, "activation_id": "1"}`, 200, `{"made":[]}`)
	said(t, http.MethodPost, "http://"+address+"/run", `{"value": {}}`, 502, `Records`)
}
