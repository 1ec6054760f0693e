package manifest

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseProcfile(t *testing.T) {
	got, err := ParseProcfile([]byte("# c\r\nweb: bundle exec puma -p $PORT\r\n\r\nworker:  rake jobs:work  \r\n  clock_1 : x\n"))
	want := []Process{{"web", "bundle exec puma -p $PORT", 2}, {"worker", "rake jobs:work", 4}, {"clock_1", "x", 5}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	got, err = ParseProcfile([]byte("web: a\n<<<<<<< HEAD\nb\n"))
	if err == nil || !strings.Contains(err.Error(), "line 2") || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := ParseProcfile([]byte("a\x00b")); err == nil {
		t.Error("binary")
	}
}

func TestExec(t *testing.T) {
	env := func(n string) (string, bool) {
		v, ok := map[string]string{"PORT": "3000", "RACK_ENV": "production", "SPACED": "a b"}[n]
		return v, ok
	}
	for in, want := range map[string][]string{
		`bundle exec puma -p $PORT -e ${RACK_ENV:-development}`: {"bundle", "exec", "puma", "-p", "3000", "-e", "production"},
		`puma -t ${MIN:-5}:${MAX:-"9"}`:                         {"puma", "-t", "5:9"},
		`exec bin/rails server -b '0.0.0.0' -p "$PORT"`:         {"bin/rails", "server", "-b", "0.0.0.0", "-p", "3000"},
		`RAILS_ENV=production QUEUE="a b" rake jobs:work`:       {"env", "RAILS_ENV=production", "QUEUE=a b", "rake", "jobs:work"},
		`java -jar a\ b.jar "c\d\"e"`:                           {"java", "-jar", "a b.jar", `c\d"e`},
		`java $JAVA_OPTS -jar target/*.jar`:                     {"sh", "-c", "exec java $JAVA_OPTS -jar target/*.jar"},
		`echo $SPACED`:                                          {"sh", "-c", "exec echo $SPACED"},
		`echo "$SPACED"`:                                        {"echo", "a b"},
		`rake db:migrate && puma`:                               {"sh", "-c", "rake db:migrate && puma"},
		`cd app && puma`:                                        {"sh", "-c", "cd app && puma"},
		`cd $X`:                                                 {"sh", "-c", "cd $X"},
		`cd app`:                                                {"sh", "-c", "cd app"},
		`puma > log/puma.log`:                                   {"sh", "-c", "exec puma > log/puma.log"},
		`A=$X puma`:                                             {"sh", "-c", "A=$X puma"},
		`exec puma $X`:                                          {"sh", "-c", "exec puma $X"},
		`puma $(nproc)`:                                         {"sh", "-c", "exec puma $(nproc)"},
		`puma ${X:?no}`:                                         {"sh", "-c", "exec puma ${X:?no}"},
		`puma ${#PORT}`:                                         {"sh", "-c", "exec puma ${#PORT}"},
		`puma "$(x)"`:                                           {"sh", "-c", `exec puma "$(x)"`},
		`puma &`:                                                {"sh", "-c", "puma &"},
		`A=1`:                                                   {"sh", "-c", "A=1"},
		`puma "`:                                                {"sh", "-c", `puma "`},
		`(puma)`:                                                {"sh", "-c", "(puma)"},
	} {
		if got := Exec(in, env); !reflect.DeepEqual(got, want) {
			t.Errorf("Exec(%s) = %q, want %q", in, got, want)
		}
	}
	if got := Exec(strings.Repeat("(", 1<<20), env); got[0] != "sh" {
		t.Errorf("deep nesting: %.20q", got)
	}
	if got := Exec("puma ${A:-b}", nil); !reflect.DeepEqual(got, []string{"puma", "b"}) {
		t.Errorf("without a lookup: %q", got)
	}
}

func TestParseDotenv(t *testing.T) {
	in := "# c\r\nexport A=1\r\nB=\"two\n lines\"\nC='$X'\nD=$A/x # c\nE=\nF=\"open\nnot a line\nG=h\n"
	got, err := ParseDotenv([]byte(in))
	want := []Assignment{{"A", "1", 2}, {"B", "two\n lines", 3}, {"C", "$X", 5}, {"D", "$A/x", 6}, {"E", "", 7}, {"F", "open", 8}, {"G", "h", 10}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if err == nil || !strings.Contains(err.Error(), "line 8") {
		t.Errorf("error %v", err)
	}
	if _, err := ParseDotenv([]byte("A=1\nB\n")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error %v", err)
	}
	if _, err := ParseDotenv([]byte("\x00")); err == nil {
		t.Error("binary")
	}
}

func TestParseDotenvWithoutEnds(t *testing.T) {
	got, err := ParseDotenv([]byte(strings.Repeat("A=\"\n"+strings.Repeat("B=1\n", 99), 200)))
	if err == nil || len(got) != 20_000 {
		t.Errorf("%d assignments, %v", len(got), err)
	}
}

func TestParseToolVersions(t *testing.T) {
	got, err := ParseToolVersions([]byte("# c\nruby 2.7.1 2.6.5 # x\nnodejs 12.1\nbad\n"))
	if want := []Tool{{"ruby", "2.7.1", 2}, {"nodejs", "12.1", 3}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := ParseToolVersions([]byte("\x00")); err == nil {
		t.Error("binary")
	}
}

func TestIdentifyImage(t *testing.T) {
	for in, want := range map[string]Image{
		"postgres:9.6-alpine":                        {Service: "postgresql", Version: "9.6"},
		"postgis/postgis:12-3.0":                     {Service: "postgresql", Version: "12"},
		"registry.local:5000/library/mysql":          {Service: "mysql"},
		"mysql:latest":                               {Service: "mysql"},
		"mcr.microsoft.com/mssql/server:2019-latest": {Service: "sqlserver", Version: "2019"},
		"redis@sha256:" + strings.Repeat("a", 64):    {Service: "redis"},
		"ruby:2.3.1-slim":                            {Language: "ruby", Version: "2.3.1"},
		"circleci/ruby:2.4-node":                     {Language: "ruby", Version: "2.4"},
		"phusion/passenger-ruby22:0.9.18":            {Language: "ruby", Version: "2.2"},
		"openjdk:8u212-jdk":                          {Language: "java", Version: "8"},
		"adoptopenjdk/openjdk11:alpine":              {Language: "java", Version: "11"},
		"maven:3.6-jdk-8":                            {Language: "java", Version: "8"},
		"maven:3.9-eclipse-temurin-17":               {Language: "java", Version: "17"},
		"maven:3":                                    {},
		"busybox":                                    {}, "$IMAGE": {}, "": {}, "UPPER/Case": {},
	} {
		if got := IdentifyImage(in); got != want {
			t.Errorf("IdentifyImage(%q) = %+v, want %+v", in, got, want)
		}
	}
}

func TestParseDockerfile(t *testing.T) {
	in := "ARG V=2.3\r\nFROM ruby:${V}-slim AS base\r\nENV A=1 B=\"two\"\r\nENV C three\nEXPOSE 80\nRUN apt-get update && \\\n  apt-get install -y imagemagick\nRUN [\"a\", \"b\"]\n" +
		"FROM node:8 AS assets\nFROM base\nEXPOSE 3000 514/udp $P 4000/tcp\nENTRYPOINT [\"/e\"]\nCMD bundle exec puma\nMADEUP x\n"
	d, err := ParseDockerfile([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if want := []Stage{{"ruby:2.3-slim", "base", 2}, {"node:8", "assets", 9}, {"base", "", 10}}; !reflect.DeepEqual(d.Stages, want) {
		t.Errorf("stages %v", d.Stages)
	}
	if want := []Assignment{{"A", "1", 3}, {"B", "two", 3}, {"C", "three", 4}}; !reflect.DeepEqual(d.Env, want) {
		t.Errorf("env %v", d.Env)
	}
	if want := []Port{{3000, 11}, {4000, 11}}; !reflect.DeepEqual(d.Expose, want) {
		t.Errorf("expose %v", d.Expose)
	}
	if want := (Command{[]string{"bundle exec puma"}, true, 13}); !reflect.DeepEqual(d.Cmd, want) {
		t.Errorf("cmd %v", d.Cmd)
	}
	if want := (Command{[]string{"/e"}, false, 12}); !reflect.DeepEqual(d.Entrypoint, want) {
		t.Errorf("entrypoint %v", d.Entrypoint)
	}
	if len(d.Run) != 2 || !strings.Contains(d.Run[0].Args[0], "imagemagick") || d.Run[0].Line != 6 || d.Run[1].Shell {
		t.Errorf("run %v", d.Run)
	}
	if b := d.Base(d.Stages[2]); b.Image != "ruby:2.3-slim" {
		t.Errorf("base %v", b)
	}
	for _, in := range []string{"", "FROM ruby\nRUN <<EOF\nx\n", "\x00"} {
		if _, err := ParseDockerfile([]byte(in)); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
	if d, err := ParseDockerfile([]byte("FROM a AS a\nFROM a AS a\n")); err != nil || d.Base(d.Stages[1]).Line != 1 {
		t.Errorf("stages that name each other: %v", err)
	}
}

func TestParseCompose(t *testing.T) {
	in := `version: "3"
services:
  web:
    build:
      context: .
    ports:
      - "8080:3000"
      - "127.0.0.1:9000:9001/tcp"
      - target: 4000
      - "53:53/udp"
    environment:
      DB: db
      EMPTY:
    depends_on:
      db:
        condition: service_healthy
    command: ["bundle", "exec", "rails server"]
  db:
    image: postgres:${PG:-9.6}
    environment:
      - POSTGRES_DB=shop
    expose: ["5432"]
  other:
    build:
    depends_on: [db]
    command: sleep 1
  nothing:
    labels: [a]
`
	got, err := ParseCompose([]byte(in))
	if err != nil || len(got) != 3 {
		t.Fatalf("%v, %v", got, err)
	}
	web := got[0]
	if web.Build != "." || web.Line != 3 || !reflect.DeepEqual(web.Ports, []Port{{3000, 7}, {9001, 8}, {4000, 9}}) ||
		!reflect.DeepEqual(web.Environment, []Assignment{{"DB", "db", 12}, {"EMPTY", "", 13}}) ||
		!reflect.DeepEqual(web.DependsOn, []Item{{"db", 15}}) || web.Command != (Item{"bundle exec 'rails server'", 17}) {
		t.Errorf("web %+v", web)
	}
	db := got[1]
	if db.Image != "postgres:9.6" || db.ImageLine != 19 || !reflect.DeepEqual(db.Environment, []Assignment{{"POSTGRES_DB", "shop", 21}}) ||
		!reflect.DeepEqual(db.Ports, []Port{{5432, 22}}) {
		t.Errorf("db %+v", db)
	}
	if got[2].Build != "." || got[2].Command.Value != "sleep 1" || got[2].DependsOn[0].Value != "db" {
		t.Errorf("other %+v", got[2])
	}
	got, err = ParseCompose([]byte("db:\n  image: mysql:$TAG\nweb:\n  build: web\n"))
	if err != nil || len(got) != 2 || got[0].Image != "mysql:$TAG" || got[1].Build != "web" || got[1].ImageLine != 4 {
		t.Errorf("first format: %+v, %v", got, err)
	}
	if _, err := ParseCompose([]byte("a: [")); err == nil {
		t.Error("broken")
	}
}

func FuzzParseProcfile(f *testing.F) {
	f.Add([]byte("web: A=1 bundle exec puma -p ${PORT:-3000} && x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		ps, _ := ParseProcfile(data)
		n := strings.Count(string(data), "\n") + 1
		for _, p := range ps {
			if p.Line < 1 || p.Line > n {
				t.Fatalf("line %d of %d", p.Line, n)
			}
			if argv := Exec(p.Command, func(string) (string, bool) { return "1", true }); len(argv) == 0 {
				t.Fatalf("no command for %q", p.Command)
			}
		}
	})
}

func FuzzParseDotenv(f *testing.F) {
	f.Add([]byte("export A=\"x\ny\"\nB='$C'\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := strings.Count(string(data), "\n") + 1
		got, _ := ParseDotenv(data)
		for _, a := range got {
			if a.Line < 1 || a.Line > n || a.Name == "" {
				t.Fatalf("%+v of %d", a, n)
			}
		}
	})
}

func FuzzParseToolVersions(f *testing.F) {
	f.Add([]byte("ruby 2.7.1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, _ := ParseToolVersions(data)
		for _, a := range got {
			if a.Line < 1 || a.Name == "" || a.Version == "" {
				t.Fatalf("%+v", a)
			}
		}
	})
}

func FuzzParseDockerfile(f *testing.F) {
	f.Add([]byte("ARG V=1\nFROM a:$V AS b\nRUN <<EOF\nx\nEOF\nCMD [\"a\"]\nEXPOSE 80/tcp\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDockerfile(data)
		if err != nil {
			return
		}
		n := strings.Count(string(data), "\n") + 1
		for _, s := range d.Stages {
			d.Base(s)
			IdentifyImage(s.Image)
			if s.Line < 1 || s.Line > n {
				t.Fatalf("line %d of %d", s.Line, n)
			}
		}
	})
}

func FuzzParseCompose(f *testing.F) {
	f.Add([]byte("services:\n  a:\n    image: x:${V:-1}\n    ports: [\"1:2\"]\n    command: [a, b]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := ParseCompose(data)
		if err != nil {
			return
		}
		for _, s := range got {
			IdentifyImage(s.Image)
		}
	})
}
