package survey

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
)

// marked finds a web component wherever a file named web lies: each of its words is a service that it needs, or can use when it ends in "?".
type marked struct{}

func (marked) Name() string      { return "marked" }
func (marked) Markers() []string { return []string{"web"} }
func (marked) Detect(_ context.Context, d detect.Dir) ([]detect.Component, error) {
	f, err := d.Read("web")
	if err != nil {
		return nil, err
	}
	c := detect.Component{Role: detect.Is(detect.Web, f.Evidence(1)), Language: detect.Is("ruby", f.Evidence(1))}
	for _, kind := range strings.Fields(string(f.Data)) {
		kind, optional := strings.CutSuffix(kind, "?")
		c.Services = append(c.Services, detect.Service{Kind: kind, Required: !optional, From: detect.Declared, Evidence: []detect.Evidence{f.Evidence(1)}})
	}
	return []detect.Component{c}, nil
}

func look(t *testing.T, files map[string]string) *detect.Findings {
	t.Helper()
	f, err := detect.Run(context.Background(), detecttest.Tree(files), []detect.Detector{marked{}}, nil, Repository{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// said lists what a survey added to the components: "PATH kind! version" for a service that is required.
func said(f *detect.Findings) []string {
	var out []string
	for _, c := range f.Components {
		for _, s := range c.Services {
			need := ""
			if s.Required {
				need = "!"
			}
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s%s %s", c.Path, s.Kind, need, s.Version)))
		}
	}
	slices.Sort(out)
	return out
}

func TestServices(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"compose adds what the application is started with", map[string]string{"web": "", "docker-compose.yml": "services:\n  app:\n    build: .\n    depends_on: [db]\n  db:\n    image: postgres:12\n"},
			[]string{". postgresql! 12"}},
		{"compose dates what is known", map[string]string{"web": "mysql", "docker-compose.yml": "services:\n  app:\n    build: .\n  db:\n    image: mysql:5.7\n"},
			[]string{". mysql! 5.7"}},
		{"MariaDB stands in for MySQL", map[string]string{"web": "mysql", "docker-compose.yml": "services:\n  db:\n    image: mariadb:10\n"},
			[]string{". mysql!"}},
		{"an alternative database is not added", map[string]string{"web": "mysql", "docker-compose.yml": "services:\n  db:\n    image: postgres:12\n"},
			[]string{". mysql!"}},
		{"the compose file chooses among databases", map[string]string{"web": "postgresql mongodb?", "docker-compose.yml": "services:\n  app:\n    build: .\n  db:\n    image: mongo:7\n  other:\n    image: postgres:18\n    profiles: [postgres]\n"},
			[]string{". mongodb! 7", ". postgresql 18"}},
		{"a compose file of another name does not", map[string]string{"web": "postgresql mongodb?", "docker-compose-mongo.yml": "services:\n  app:\n    build: .\n  db:\n    image: mongo:7\n"},
			[]string{". mongodb 7", ". postgresql!"}},
		{"two databases in it are both used", map[string]string{"web": "postgresql mongodb?", "docker-compose.yml": "services:\n  app:\n    build: .\n  a:\n    image: mongo:7\n  b:\n    image: postgres:12\n"},
			[]string{". mongodb 7", ". postgresql! 12"}},
		{"a variable links", map[string]string{"web": "", "compose.yaml": "services:\n  app:\n    build: .\n    environment:\n      CACHE: redis://cache:6379/0\n  cache:\n    image: redis:6\n  other:\n    image: busybox\n    depends_on: [queue]\n  queue:\n    image: rabbitmq:3\n"},
			[]string{". redis! 6"}},
		{"tests do not make it required", map[string]string{"web": "", "docker-compose.test.yml": "services:\n  app:\n    build: .\n    depends_on: [db]\n  db:\n    image: postgres:12\n"},
			[]string{". postgresql 12"}},
		{"each component its own", map[string]string{"a/web": "", "b/web": "", "docker-compose.yml": "services:\n  a:\n    build: ./a\n    depends_on: [b, db]\n  b:\n    build: ./b\n    depends_on: [queue]\n  db:\n    image: postgres\n  queue:\n    image: rabbitmq:3\n"},
			[]string{"a postgresql!", "a rabbitmq! 3", "b rabbitmq! 3"}},
		{"the build server", map[string]string{"web": "", ".travis.yml": "services:\n  - postgresql\n  - redis-server\n"},
			[]string{". postgresql", ". redis"}},
		{"a matrix of databases is a choice", map[string]string{"web": "", ".travis.yml": "services:\n  - postgresql\n  - mysql\n"}, nil},
		{"Terraform", map[string]string{"web": "", "infra/main.tf": "resource \"aws_db_instance\" \"db\" {\n  engine = \"postgres\"\n}\nresource \"aws_sqs_queue\" \"q\" {}\n"},
			[]string{". postgresql", ". sqs"}},
		{"Vagrant's script", map[string]string{"web": "", "vagrant/provision.sh": "#!/bin/sh\napt-get install -y nginx mysql-server-5.5 redis-server\n"},
			[]string{". mysql", ". redis"}},
		{"Ansible", map[string]string{"web": "", "ansible/site.yml": "- hosts: all\n  roles:\n    - geerlingguy.postgresql\n    - role: memcached\n"},
			[]string{". memcached", ". postgresql"}},
		{"Chef", map[string]string{"web": "", "cookbooks/shop/recipes/default.rb": "include_recipe 'mysql::server'\n"}, []string{". mysql"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := said(look(t, tt.files)); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDependsOn(t *testing.T) {
	f := look(t, map[string]string{"a/web": "", "b/web": "", "docker-compose.yml": "services:\n  front:\n    build: ./a\n    environment: {API: 'http://back:80/'}\n  back:\n    build: ./b\n"})
	for _, c := range f.Components {
		want := map[string]int{"a": 1, "b": 0}[c.Path]
		if len(c.DependsOn) != want || want == 1 && c.DependsOn[0].V != "b" {
			t.Errorf("%s depends on %v", c.Path, c.DependsOn)
		}
	}
}

func TestReadiness(t *testing.T) {
	for _, tt := range []struct {
		name, file, text string
		want             string // id FILE:LINE, empty: nothing
	}{
		{"env file", ".env", "PORT=80\nDB_PASSWORD=kx82hsla\n", "secret-committed .env:2"},
		{"env file of placeholders", ".env", "DB_PASSWORD=changeme\nAPI_KEY=${KEY}\nSECRET=\n", ""},
		{"env example", ".env.example", "DB_PASSWORD=kx82hsla\n", ""},
		{"private key", "deploy/server.pem", "-----BEGIN RSA " + "PRIVATE KEY-----\nabc\n", "secret-committed deploy/server.pem:1"},
		{"certificate", "deploy/ca.pem", "-----BEGIN CERTIFICATE-----\nabc\n", ""},
		{"npm token", ".npmrc", "registry=x\n//r.example.com/:_authToken=abcdef0123\n", "secret-committed .npmrc:2"},
		{"npm variable", ".npmrc", "//r.example.com/:_authToken=${NPM_TOKEN}\n", ""},
		{"Maven password", "settings.xml", "<server>\n<password>hgt5423</password>\n", "secret-committed settings.xml:2"},
		{"cloud account", "terraform.tfvars", "region = \"eu\"\nkey = \"AKIA" + "IOSFODNN7EXAMPLA\"\n", "secret-committed terraform.tfvars:2"},
		{"submodules", ".gitmodules", "[submodule \"lib\"]\n\tpath = lib\n\turl = ../lib\n", "git-submodules .gitmodules:2"},
		{"large files", ".gitattributes", "*.psd filter=lfs diff=lfs\n", "git-lfs .gitattributes:1"},
		{"crontab", "deploy/crontab", "# m h\n0 3 * * * /app/nightly.sh\n", "cron-schedule deploy/crontab:2"},
		{"supervisor", "etc/supervisord.conf", "[program:x]\n", "process-supervisor etc/supervisord.conf:0"},
		{"licence", "lib/vendorx.lic", "x", "licence-binding lib/vendorx.lic:0"},
		{"dead host", "pom.xml", "<repositories>\n<repository>\n<url>http://repository.codehaus.org</url>\n", "dead-download-host pom.xml:3"},
		{"told of a dead host", "pom.xml", "<project>\n<url>http://x.codehaus.org</url>\n<connection>scm:git:git://github.com/a/b</connection>\n", ""},
		{"gem by the git protocol", "Gemfile", "gem 'a', git: 'git://github.com/a/b.git'\n", "dead-download-host Gemfile:1"},
		{"address", "config/app.yml", "db:\n  host: 10.1.2.3\n", "hardcoded-host config/app.yml:2"},
		{"intranet name", "config/app.yml", "ldap: ldap://dc1.acme.corp\n", "hardcoded-host config/app.yml:1"},
		{"a version is no address", "config/app.yml", "version: 10.1.2\nnet: 10.0.0.0/8\n", ""},
		{"directory", "config/app.properties", "dir=/opt/acme/files\n", "absolute-path config/app.properties:1"},
		{"Windows directory", "config/app.ini", "dir=C:\\inetpub\\files\n", "absolute-path config/app.ini:1"},
		{"share", "config/app.ini", "dir=\\\\fileserver\\share$\n", "absolute-path config/app.ini:1"},
		{"a machine's own settings", "docker/app.conf", "dir=/opt/acme/files\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := look(t, map[string]string{"web": "", tt.file: tt.text})
			got := ""
			for _, r := range f.Components[0].Readiness {
				got += fmt.Sprintf("%s %s:%d ", r.ID, r.Evidence[0].File, r.Evidence[0].Line)
				if strings.Contains(r.Evidence[0].Text, "kx82") {
					t.Errorf("the secret is shown: %q", r.Evidence[0].Text)
				}
			}
			if strings.TrimSpace(got) != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestSurroundings: what machines gave to an application, from the files that say it.
func TestSurroundings(t *testing.T) {
	for _, tt := range []struct{ name, file, text, locale, zone string }{
		{"own Dockerfile", "Dockerfile", "FROM a\nENV LANG de_DE.utf8\nENV TZ=Europe/Berlin\n", "de_DE.UTF-8 Dockerfile:2", "Europe/Berlin Dockerfile:3"},
		{"LC_ALL before LANG", "Dockerfile", "FROM a\nENV LANG=en_US.UTF-8 LC_ALL=fr_FR.UTF-8\n", "fr_FR.UTF-8 Dockerfile:2", ""},
		{"unit", "deploy/shop.service", "[Service]\nEnvironment=\"LANG=pl_PL.UTF-8\" TZ=Europe/Warsaw\n", "pl_PL.UTF-8 deploy/shop.service:2", "Europe/Warsaw deploy/shop.service:2"},
		{"init script", "etc/init.d/shop", "#!/bin/sh\n# LANG=en_US\nexport LANG=de_DE.ISO-8859-1\n", "de_DE etc/init.d/shop:3", ""},
		{"Procfile", "Procfile", "web: LC_ALL=ja_JP.UTF-8 bundle exec puma\n", "ja_JP.UTF-8 Procfile:1", ""},
		{"compose", "docker-compose.yml", "services:\n  web:\n    build: .\n    environment:\n      TZ: America/New_York\n", "", "America/New_York docker-compose.yml:5"},
		{"of another's image", "docker-compose.yml", "services:\n  db:\n    image: mysql:8\n    environment:\n      TZ: America/New_York\n", "", ""},
		{"what every system has", "Dockerfile", "FROM a\nENV LANG=C.UTF-8 LC_ALL=POSIX TZ=UTC\n", "", ""},
		{"of no system", "Dockerfile", "FROM a\nENV LANG=xx_YY.UTF-8 TZ=Mars/Olympus\n", "", ""},
		{"a variable", "start.sh", "export LANG=$LOCALE TZ=${ZONE}\n", "", ""},
		{"another name", "start.sh", "export MYLANG=de_DE.UTF-8 XTZ=Europe/Berlin\n", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := look(t, map[string]string{"web": "", tt.file: tt.text})
			for fact, want := range map[string]string{detect.FactLocale: tt.locale, detect.FactTimeZone: tt.zone} {
				got := ""
				if v, ok := f.Components[0].Facts[fact]; ok {
					got = fmt.Sprintf("%s %s:%d", v.V, v.Evidence[0].File, v.Evidence[0].Line)
				}
				if got != want {
					t.Errorf("%s: got %q, want %q", fact, got, want)
				}
			}
		})
	}
}

func TestContainers(t *testing.T) {
	f := look(t, map[string]string{"web": "", "Dockerfile": "", "docker-compose.yml": "", "chart/Chart.yaml": "", "js/dockerfile.js": "", "test/Dockerfile": ""})
	var got []string
	for _, c := range f.Containers {
		got = append(got, c.Kind+" "+c.File)
	}
	if want := []string{"dockerfile Dockerfile", "compose docker-compose.yml", "helm chart/Chart.yaml"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzSurvey hands foreign bytes to everything that reads a file: no panic, no control character, every place real.
func FuzzSurvey(f *testing.F) {
	names := []string{".env", ".npmrc", "docker-compose.yml", ".travis.yml", "main.tf", "provision.sh", "crontab", "pom.xml", "config/a.yml", ".gitmodules", "server.pem", "ansible/site.yml", "Dockerfile", "shop.service"}
	f.Add(uint8(0), []byte("A_SECRET=abcdefg\n"))
	f.Add(uint8(2), []byte("services:\n  a:\n    build: .\n    depends_on: [a]\n  b: {image: postgres}\n"))
	f.Add(uint8(4), []byte("resource \"aws_db_instance\" \"x\" {\nengine = \"mysql\"\n"))
	f.Add(uint8(8), []byte("a: 10.0.0.1\nb: C:\\x\\y\n"))
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		name := names[int(which)%len(names)]
		found, err := detect.Run(context.Background(), detecttest.Tree(map[string]string{"web": "", name: string(data)}), []detect.Detector{marked{}}, nil, Repository{})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range found.Warnings {
			if strings.Contains(w.Text, "internal error") {
				t.Fatal(w.Text)
			}
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, r := range found.Components[0].Readiness {
			for _, e := range r.Evidence {
				if e.Line > lines || strings.ContainsAny(e.Text, "\x1b\n\r") {
					t.Fatalf("evidence %+v of %d lines", e, lines)
				}
			}
		}
	})
}
