package generate

import (
	"io/fs"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

func TestPlace(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"nothing there":             {nil, "Jenkinsfile"},
		"the source's own":          {map[string]string{"Jenkinsfile": "node {}"}, "deploy/jenkins/Jenkinsfile"},
		"made before":               {map[string]string{"Jenkinsfile": "// " + Header + "\nedited"}, "Jenkinsfile"},
		"made before, header taken": {map[string]string{"Jenkinsfile": "edited", ".drydock/generated/Jenkinsfile": "x"}, "Jenkinsfile"},
	} {
		read := func(n string) ([]byte, error) {
			if s, ok := tt.files[n]; ok {
				return []byte(s), nil
			}
			return nil, fs.ErrNotExist
		}
		if got, own := Place(read, "Jenkinsfile", "deploy/jenkins"); got != tt.want || own != (got != "Jenkinsfile") {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got, _ := Place(nil, "x", "y"); got != "x" {
		t.Error(got)
	}
}

func TestPortCommand(t *testing.T) {
	web := func(port int, command ...string) *plan.Component {
		return &plan.Component{Component: detect.Component{Name: "web", Role: detect.Is(detect.Web), Port: detect.Is(port), Processes: []detect.Process{{Name: "web", Command: command}}}}
	}
	boot := web(8080, "java", "-jar", "/app/app.jar")
	boot.Framework = detect.Is("spring-boot")
	reads := web(3000, "bundle", "exec", "puma")
	reads.Settings = []plan.Setting{{Name: "PORT", Value: "3000"}}
	war := web(8080)
	war.Processes, war.Packaging = nil, detect.Is("war")
	for _, tt := range []struct {
		c    *plan.Component
		line string
		ok   bool
	}{
		{web(8000, "gunicorn", "--bind", "0.0.0.0:8000", "a b"), `gunicorn --bind 0.0.0.0:"$PORT" 'a b'`, true},
		{web(8000, "x", "--port=8000", "18000"), `x '--port='"$PORT" 18000`, true},
		{web(8000, "x", "8000"), `x "$PORT"`, true},
		{reads, "", true},
		{boot, `env SERVER_PORT="$PORT" java -jar /app/app.jar`, true},
		{web(8080, "nginx", "-g", "daemon off;"), `sed "s/listen 8080;/listen $PORT;/" /etc/nginx/nginx.conf > /tmp/nginx.conf && nginx -c /tmp/nginx.conf -g "daemon off;"`, true},
		{war, `sed "s/port=\"8080\"/port=\"$PORT\"/" conf/server.xml > /tmp/server.xml && catalina.sh run -config /tmp/server.xml`, true},
		{web(9000, "server"), "", false},
	} {
		if line, ok := PortCommand(tt.c); line != tt.line || ok != tt.ok {
			t.Errorf("%v: %q, %v; want %q", tt.c.Command(), line, ok, tt.line)
		}
	}
}
