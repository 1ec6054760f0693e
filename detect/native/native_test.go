package native

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
)

func TestConformance(t *testing.T) {
	detecttest.Run(t, Detector{}, os.DirFS("../../testdata/apps/c-gauged"), os.DirFS("../../testdata/apps/cobol-tolls"), fstest.MapFS{
		"configure.ac":     {Data: []byte("AC_INIT([relayd], [1.2])\nAM_INIT_AUTOMAKE\nAC_PROG_CC\nPKG_CHECK_MODULES([EV], [libevent])\nAC_CHECK_LIB(pq, PQconnectdb)\n")},
		"Makefile.am":      {Data: []byte("SUBDIRS = src\n")},
		"src/Makefile.am":  {Data: []byte("sbin_PROGRAMS = relayd\nrelayd_SOURCES = main.c\n")},
		"src/main.c":       {Data: []byte("#include <libpq-fe.h>\nint main(int argc, char **argv)\n{\n\tgetenv(\"PGHOST\");\n\tdaemon(0, 0);\n\tlisten(fd, 5);\n}\n")},
		"etc/relayd.conf":  {Data: []byte("port = 7001\nlogfile = /var/log/relayd/relayd.log\n")},
		"contrib/x/test.c": {Data: []byte("int main(void) {}\n")},
	}, fstest.MapFS{
		"CMakeLists.txt": {Data: []byte("project(pump CXX)\nset(CMAKE_CXX_STANDARD 14)\nfind_package(OpenSSL REQUIRED)\nadd_executable(${PROJECT_NAME} main.cpp)\ninstall(TARGETS pump)\n")},
		"main.cpp":       {Data: []byte("#define PORT 9001\nint main() { listen(s, 1); }\n")},
	})
}

func find(t *testing.T, files map[string]string) *detect.Findings {
	t.Helper()
	return detecttest.Find(t, Detector{}, files)
}

func one(t *testing.T, files map[string]string) detect.Component {
	t.Helper()
	f := find(t, files)
	if len(f.Components) == 0 {
		t.Fatalf("nothing found; warnings %v", f.Warnings)
	}
	return f.Components[0]
}

const (
	tool   = "#include <stdio.h>\nint main(int argc, char **argv)\n{\n\treturn 0;\n}\n"
	server = "#include <sys/socket.h>\nint main(void)\n{\n\tserver.sin_port = htons(7777);\n\tlisten(fd, 5);\n}\n"
	daemon = "int\nmain(int argc, char **argv)\n{\n\tdaemon(0, 0);\n\tfor (;;) sleep(1);\n}\n"
)

func TestC(t *testing.T) {
	makefile := "CC = gcc\nPROG = pumpd\n$(PROG): main.o\n\t$(CC) -o $@ main.o -lz\n"
	tests := map[string]struct {
		files   map[string]string
		role    detect.Role
		lang    string
		build   string
		program string
		port    int
	}{
		"make":         {map[string]string{"Makefile": makefile, "main.c": server}, detect.Web, "c", "make", "pumpd", 7777},
		"daemon":       {map[string]string{"Makefile": makefile, "main.c": daemon}, detect.Worker, "c", "make", "pumpd", 0},
		"tool":         {map[string]string{"Makefile": makefile, "main.c": tool}, detect.CLI, "c", "make", "pumpd", 0},
		"its XML":      {map[string]string{"configure.ac": "AC_INIT([pumpd], [1])\n", "Makefile.am": "bin_PROGRAMS = pumpd\n", "main.c": tool, "conf/pumpd.xml.in": "<pump>\n<!-- <port>1</port>\n<port>7070</port> -->\n<listen-socket>\n<port>8000</port>\n</pump>\n"}, detect.Web, "c", "make", "pumpd", 8000},
		"link line":    {map[string]string{"Makefile": "all:\n\tg++ main.cpp -o bin/pump\n", "main.cpp": server}, detect.Web, "cpp", "make", "pump", 7777},
		"cmake":        {map[string]string{"CMakeLists.txt": "cmake_minimum_required(VERSION 3.1)\nproject(Pump C)\nadd_executable(test_pump t.c)\nadd_executable(pump main.c)\n", "main.c": server}, detect.Web, "c", "cmake", "pump", 7777},
		"cmake's name": {map[string]string{"CMakeLists.txt": "project(Pump)\nadd_executable(${PROJECT_NAME} main.cc)\n", "main.cc": tool}, detect.CLI, "cpp", "cmake", "Pump", 0},
		"autotools":    {map[string]string{"configure.ac": "AC_INIT([pump], [1])\n", "src/Makefile.am": "bin_PROGRAMS = pumpctl \\\n  pump\n", "src/main.c": server}, detect.Web, "c", "make", "pump", 7777},
		"library":      {map[string]string{"configure.ac": "AC_INIT([libpump], [1])\n", "pump.c": "int pump(void) { return 1; }\n"}, detect.Library, "c", "make", "", 0},
		"short name":   {map[string]string{"Makefile": "TARG=pumpd\n$(TARG): main.o\n\t$(LINK.o) -o $@ $^\n", "main.c": server}, detect.Web, "c", "make", "pumpd", 7777},
		"make's rules": {map[string]string{"Makefile": "override CFLAGS+=-g\nTARG=pumpd\n$(TARG): main.o\n", "main.c": server}, detect.Web, "c", "make", "pumpd", 7777},
		"YAML":         {map[string]string{"Makefile": makefile, "main.c": "#define KETAMA_PORT 11222\n" + server, "conf/pumpd.yml": "alpha:\n  listen: 127.0.0.1:22121\n", "ci/other.yml": "listen: 1234\n"}, detect.Web, "c", "make", "pumpd", 22121},
		"configuration": {map[string]string{"Makefile": makefile, "main.c": server, "etc/pumpd.conf": "# port = 1111\nport = 8899\n"},
			detect.Web, "c", "make", "pumpd", 8899},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := one(t, tt.files)
			if c.Role.V != tt.role || c.Language.V != tt.lang || c.Build.V != tt.build || c.Facts["program"].V != tt.program || c.Port.V != tt.port {
				t.Errorf("%s %s %s %q %d; want %s %s %s %q %d", c.Role.V, c.Language.V, c.Build.V, c.Facts["program"].V, c.Port.V, tt.role, tt.lang, tt.build, tt.program, tt.port)
			}
		})
	}
}

func TestNotC(t *testing.T) {
	makefile := "CC = gcc\nPROG = x\n"
	tests := map[string]map[string]string{
		"shortcuts":           {"Makefile": "run:\n\tnode server.js\n", "a.c": tool},
		"native part of Node": {"package.json": "{}", "Makefile": makefile, "src/x.c": tool},
		"extension of Ruby":   {"Gemfile": "", "ext/x/Makefile": makefile, "ext/x/x.c": tool},
		"scripts":             {"scripts/Makefile": makefile, "scripts/x.c": tool},
		"vendored":            {"vendor/x/Makefile": makefile, "vendor/x/x.c": tool},
		"no sources":          {"Makefile": makefile},
	}
	for name, files := range tests {
		if f := find(t, files); len(f.Components) > 0 {
			t.Errorf("%s: %+v", name, f.Components[0].Facts)
		}
	}
}

func TestStart(t *testing.T) {
	c := one(t, map[string]string{
		"configure.ac": "AC_INIT([pumpd], [1])\nAM_INIT_AUTOMAKE\n", "Makefile.am": "sbin_PROGRAMS = pumpd\n", "autogen.sh": "#!/bin/sh\nautoreconf\n", "etc/pumpd.conf.in": "Port 8888\nPidFile /var/run/pumpd/pumpd.pid\n",
		"main.c": server + "/* */ void usage(void) { daemon(0, 0);\n\tputs(\n\t\t\"  -d        Do not daemonize (run in foreground).\\n\"\n\t\t\"  -c FILE   Use an alternate configuration file.\\n\"); }\n",
	})
	if got := strings.Join(c.Processes[0].Command, " "); got != "/usr/local/sbin/pumpd -d -c /etc/pumpd/pumpd.conf" {
		t.Error(got)
	}
	for fact, want := range map[string]string{"sbin": "true", "bootstrap": "autogen.sh", "configFile": "pumpd.conf", "configSource": "etc/pumpd.conf", "configured": ""} {
		if got := c.Facts[fact].V; got != want {
			t.Errorf("%s: %q, want %q", fact, got, want)
		}
	}
	if len(c.Writes) != 1 || c.Writes[0].V != "/var/run/pumpd" {
		t.Errorf("writes %+v", c.Writes)
	}
}

// A flag that only checks the configuration ends the program.
func TestStartWithoutCheck(t *testing.T) {
	c := one(t, map[string]string{"Makefile": "CC = gcc\nPROG = pumpd\n$(PROG): main.o\n\t$(CC) -o $@ main.o\n", "conf/pumpd.yml": "listen: 127.0.0.1:22121\n",
		"main.c": server + "void usage(void) {\n\tputs(\n\t\t\"  -t, --test-conf   : test configuration for syntax errors and exit\\n\"\n\t\t\"  -c, --conf-file=S : set configuration file\\n\"); }\n"})
	if got := strings.Join(c.Processes[0].Command, " "); got != "/usr/local/bin/pumpd -c /etc/pumpd/pumpd.yml" {
		t.Error(got)
	}
}

func TestLibraries(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		want  string
		kinds string
	}{
		"flags":     {map[string]string{"Makefile": "CC = gcc\nPROG = x\nLDLIBS = -lpq -lssl -lcrypto -lm\n"}, "libpq openssl", "postgresql"},
		"configure": {map[string]string{"configure.ac": "AC_INIT(x, 1)\nAC_CHECK_LIB([z], [inflate])\nPKG_CHECK_MODULES([A], [libcurl >= 7.2 hiredis])\nAC_SEARCH_LIBS(sqlite3_open, sqlite3)\n"}, "zlib libcurl hiredis sqlite3 autoconf", "redis sqlite"},
		"options": {map[string]string{"configure.ac": "AC_INIT(x, 1)\nAC_ARG_WITH([mysql], [AS_HELP_STRING([--with-mysql], [MySQL support])])\nAC_CHECK_LIB(mysqlclient, mysql_init)\n" +
			"AC_ARG_WITH([libevent], [AS_HELP_STRING([--with-libevent=DIR], [where])])\nAC_CHECK_LIB(event, event_init)\n"}, "libevent autoconf", ""},
		"cmake":   {map[string]string{"CMakeLists.txt": "project(x)\nfind_package(ZLIB REQUIRED)\n# find_package(Boost)\nfind_package(PostgreSQL)\nadd_executable(x x.c)\n"}, "zlib libpq cmake", "postgresql"},
		"headers": {map[string]string{"Makefile": "CC = gcc\nPROG = x\n", "y.c": "#include <sqlite3.h>\n"}, "sqlite3", "sqlite"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.files["x.c"] = tool
			c := one(t, tt.files)
			var names, kinds []string
			for _, p := range c.SystemPackages {
				names = append(names, p.Name)
			}
			for _, s := range c.Services {
				kinds = append(kinds, s.Kind)
			}
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("packages %q, want %q", got, tt.want)
			}
			if got := strings.Join(kinds, " "); got != tt.kinds {
				t.Errorf("services %q, want %q", got, tt.kinds)
			}
		})
	}
}

func TestTrouble(t *testing.T) {
	c := one(t, map[string]string{"CMakeLists.txt": "project(pump)\nfind_package(Frobnicate REQUIRED)\nadd_executable(pump main.c)\n", "pump.conf": "bind = 127.0.0.1\nlogfile /var/log/pump/pump.log\n",
		"main.c": "#include <syslog.h>\nint main(void)\n{\n\topenlog(\"pump\", 0, 0);\n\tsetuid(99);\n\tlisten(1, 1);\n}\n"})
	var ids []string
	for _, r := range c.Readiness {
		ids = append(ids, r.ID)
	}
	if got := strings.Join(ids, " "); got != "loopback-only log-to-file syslog drops-privileges library-not-packaged" {
		t.Error(got)
	}
}

func cobol(id, division string, lines ...string) string {
	text := "       IDENTIFICATION DIVISION.\n       PROGRAM-ID. " + id + ".\n"
	for _, l := range lines {
		text += "           " + l + "\n"
	}
	return text + "       PROCEDURE DIVISION" + division + ".\n           STOP RUN.\n"
}

func TestCOBOL(t *testing.T) {
	c := one(t, map[string]string{
		"src/LOAD.cbl": cobol("LOAD", "", "CALL 'CHECK' USING X."), "src/CHECK.cbl": cobol("CHECK", " USING X"), "src/free.cob": "identification division.\nprogram-id. free.\nprocedure division.\nstop run.\n",
		"copy/REC.cpy": "", "jcl/DAILY.jcl": "//DAILY JOB\n//* EXEC PGM=NOTHING\n//S1 EXEC PGM=LOAD\n//IN DD DSN=A.B.INPUT,DISP=SHR\n//OUT DD DSN=A.B.OUT,\n//     DISP=(NEW,CATLG)\n//SYSOUT DD SYSOUT=*\n//S2 EXEC PGM=FREE\n//S3 EXEC PGM=IEFBR14\n",
		"data/A.B.INPUT": "x\n",
	})
	want := map[string]string{"programs": "load:src/LOAD.cbl free:src/free.cob", "modules": "CHECK:src/CHECK.cbl", "freeFormat": "src/free.cob", "copybooks": "copy", "dialect": "ibm", "runtimeFiles": "data", "unbuildable": ""}
	for fact, v := range want {
		if got := c.Facts[fact].V; got != v {
			t.Errorf("%s: %q, want %q", fact, got, v)
		}
	}
	if c.Path != "." || c.Role.V != detect.Batch || c.Language.V != "cobol" {
		t.Errorf("%s %s %s", c.Path, c.Role.V, c.Language.V)
	}
	if got := c.Processes[0].Command; len(got) != 3 || got[2] != "DD_IN=data/A.B.INPUT DD_OUT=data/a.b.out /app/bin/load; /app/bin/free" {
		t.Errorf("%q", got)
	}
}

func TestMainframe(t *testing.T) {
	c := one(t, map[string]string{"ACCT.cbl": cobol("ACCT", "", "EXEC CICS RECEIVE MAP('A') END-EXEC.", "EXEC SQL SELECT 1 END-EXEC.")})
	if c.Facts["unbuildable"].V != "cics sql" || c.Role.V != detect.Web || len(c.Readiness) != 2 || len(c.Services) != 1 || c.Services[0].Kind != "db2" {
		t.Errorf("%+v", c)
	}
	c = one(t, map[string]string{"A.cbl": cobol("A", ""), "B.cbl": cobol("B", "")})
	if p := c.Processes[0]; p.From != detect.Default || p.Command[0] != "/app/bin/a" {
		t.Errorf("%+v", p)
	}
}

// FuzzDetect puts any text into any file of a program in C and of a batch in COBOL.
func FuzzDetect(f *testing.F) {
	names := []string{"configure.ac", "src/Makefile.am", "src/main.c", "etc/relayd.conf", "Makefile", "CMakeLists.txt", "batch/A.cbl", "batch/run.jcl", "autogen.sh"}
	for i, text := range []string{"AC_INIT([x], [1])\nAC_CHECK_LIB([pq], [x])\n", "sbin_PROGRAMS = a \\\n b\n", server, "port = 80\n", "PROG = x\n$(CC) -lz\n", "project(x)\nadd_executable(x y.c)\n", cobol("A", "", "SELECT F ASSIGN TO 'data/x'."), "//A EXEC PGM=A\n//B DD DSN=X\n"} {
		f.Add(uint8(i), text)
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		files := map[string]string{"configure.ac": "AC_INIT([relayd], [1])\n", "src/Makefile.am": "sbin_PROGRAMS = relayd\n", "src/main.c": server, "etc/relayd.conf": "port = 80\n", "batch/A.cbl": cobol("A", ""), "batch/run.jcl": "//A EXEC PGM=A\n"}
		if name := names[int(which)%len(names)]; name == "Makefile" || name == "CMakeLists.txt" {
			delete(files, "configure.ac")
		}
		files[names[int(which)%len(names)]] = text
		found := find(t, files)
		for _, w := range found.Warnings {
			if strings.Contains(w.Text, "internal error") {
				t.Fatal(w.Text)
			}
		}
		if _, err := found.JSON(); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzJCL reads any text as a job.
func FuzzJCL(f *testing.F) {
	f.Add([]byte("//A EXEC PGM=B\n//C DD DSN=D(E),DISP=(NEW\n// X\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, s := range parseJCL(data) {
			if s.program == "" || s.line < 1 {
				t.Fatalf("%+v", s)
			}
		}
	})
}
