package native

import (
	"path"
	"regexp"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// library is a C library with the Debian packages that hold it, and the service that it talks to.
type library struct {
	name       string // as people know it
	build, run []string
	service    string // contract vocabulary; empty: none
	required   bool   // what links it does not work without the service
	asked      []string
}

// libraries by Debian 12's packages. asked are the names by which builds ask for one: of -l, AC_CHECK_LIB, pkg-config and CMake's
// find_package, in small letters. Source: packages.debian.org, suite bookworm.
var libraries = []library{
	{"openssl", []string{"libssl-dev"}, []string{"libssl3"}, "", false, []string{"ssl", "crypto", "openssl", "libssl", "libcrypto"}},
	{"gnutls", []string{"libgnutls28-dev"}, []string{"libgnutls30"}, "", false, []string{"gnutls"}},
	{"mbedtls", []string{"libmbedtls-dev"}, []string{"libmbedtls14", "libmbedcrypto7", "libmbedx509-1"}, "", false, []string{"mbedtls", "mbedcrypto", "mbedx509"}},
	{"zlib", []string{"zlib1g-dev"}, []string{"zlib1g"}, "", false, []string{"z", "zlib"}},
	{"bzip2", []string{"libbz2-dev"}, []string{"libbz2-1.0"}, "", false, []string{"bz2", "bzip2"}},
	{"xz", []string{"liblzma-dev"}, []string{"liblzma5"}, "", false, []string{"lzma", "liblzma"}},
	{"zstd", []string{"libzstd-dev"}, []string{"libzstd1"}, "", false, []string{"zstd", "libzstd"}},
	{"brotli", []string{"libbrotli-dev"}, []string{"libbrotli1"}, "", false, []string{"brotli", "brotlienc", "brotlidec", "libbrotlienc"}},
	{"lz4", []string{"liblz4-dev"}, []string{"liblz4-1"}, "", false, []string{"lz4", "liblz4"}},
	{"libevent", []string{"libevent-dev"}, []string{"libevent-2.1-7"}, "", false, []string{"event", "event_core", "event_extra", "event_openssl", "event_pthreads", "libevent", "libevent_openssl", "libevent_pthreads"}},
	{"libev", []string{"libev-dev"}, []string{"libev4"}, "", false, []string{"ev", "libev"}},
	{"libuv", []string{"libuv1-dev"}, []string{"libuv1"}, "", false, []string{"uv", "libuv"}},
	{"libmicrohttpd", []string{"libmicrohttpd-dev"}, []string{"libmicrohttpd12"}, "", false, []string{"microhttpd", "libmicrohttpd"}},
	{"libwebsockets", []string{"libwebsockets-dev"}, []string{"libwebsockets17"}, "", false, []string{"websockets", "libwebsockets"}},
	{"libcurl", []string{"libcurl4-openssl-dev"}, []string{"libcurl4"}, "", false, []string{"curl", "libcurl"}},
	{"libxml2", []string{"libxml2-dev"}, []string{"libxml2"}, "", false, []string{"xml2", "libxml2", "libxml-2.0"}},
	{"libxslt", []string{"libxslt1-dev"}, []string{"libxslt1.1"}, "", false, []string{"xslt", "libxslt"}},
	{"expat", []string{"libexpat1-dev"}, []string{"libexpat1"}, "", false, []string{"expat"}},
	{"json-c", []string{"libjson-c-dev"}, []string{"libjson-c5"}, "", false, []string{"json-c", "jsonc"}},
	{"jansson", []string{"libjansson-dev"}, []string{"libjansson4"}, "", false, []string{"jansson"}},
	{"yajl", []string{"libyajl-dev"}, []string{"libyajl2"}, "", false, []string{"yajl"}},
	{"jsoncpp", []string{"libjsoncpp-dev"}, []string{"libjsoncpp25"}, "", false, []string{"jsoncpp"}},
	{"nlohmann-json", []string{"nlohmann-json3-dev"}, nil, "", false, []string{"nlohmann_json"}},
	{"libyaml", []string{"libyaml-dev"}, []string{"libyaml-0-2"}, "", false, []string{"yaml", "yaml-0.1"}},
	{"yaml-cpp", []string{"libyaml-cpp-dev"}, []string{"libyaml-cpp0.7"}, "", false, []string{"yaml-cpp"}},
	{"libconfig", []string{"libconfig-dev"}, []string{"libconfig9"}, "", false, []string{"config", "libconfig"}},
	{"libconfuse", []string{"libconfuse-dev"}, []string{"libconfuse2"}, "", false, []string{"confuse", "libconfuse"}},
	{"glib", []string{"libglib2.0-dev"}, []string{"libglib2.0-0"}, "", false, []string{"glib-2.0", "gio-2.0", "gobject-2.0", "gthread-2.0", "glib", "glib2"}},
	{"pcre", []string{"libpcre3-dev"}, []string{"libpcre3"}, "", false, []string{"pcre", "libpcre", "pcreposix"}},
	{"pcre2", []string{"libpcre2-dev"}, []string{"libpcre2-8-0"}, "", false, []string{"pcre2-8", "libpcre2-8", "pcre2"}},
	{"ncurses", []string{"libncurses-dev"}, []string{"libncurses6"}, "", false, []string{"ncurses", "curses", "ncursesw", "tinfo", "termcap"}},
	{"readline", []string{"libreadline-dev"}, []string{"libreadline8"}, "", false, []string{"readline", "libreadline"}},
	{"libedit", []string{"libedit-dev"}, []string{"libedit2"}, "", false, []string{"edit", "libedit"}},
	{"lua", []string{"liblua5.3-dev"}, []string{"liblua5.3-0"}, "", false, []string{"lua", "lua5.3", "lua-5.3", "lua53"}},
	{"lua5.1", []string{"liblua5.1-0-dev"}, []string{"liblua5.1-0"}, "", false, []string{"lua5.1", "lua-5.1", "lua51"}},
	{"linux-pam", []string{"libpam0g-dev"}, []string{"libpam0g"}, "", false, []string{"pam"}},
	{"libcap", []string{"libcap-dev"}, []string{"libcap2"}, "", false, []string{"cap", "libcap"}},
	{"libcap-ng", []string{"libcap-ng-dev"}, []string{"libcap-ng0"}, "", false, []string{"cap-ng", "libcap-ng"}},
	{"systemd", []string{"libsystemd-dev"}, []string{"libsystemd0"}, "", false, []string{"systemd", "libsystemd", "systemd-daemon", "libsystemd-daemon"}},
	{"libpcap", []string{"libpcap-dev"}, []string{"libpcap0.8"}, "", false, []string{"pcap", "libpcap"}},
	{"libnl", []string{"libnl-3-dev", "libnl-genl-3-dev", "libnl-route-3-dev"}, []string{"libnl-3-200", "libnl-genl-3-200", "libnl-route-3-200"}, "", false, []string{"nl-3", "nl-genl-3", "libnl-3.0", "libnl-genl-3.0", "libnl-route-3.0"}},
	{"libmnl", []string{"libmnl-dev"}, []string{"libmnl0"}, "", false, []string{"mnl", "libmnl"}},
	{"libseccomp", []string{"libseccomp-dev"}, []string{"libseccomp2"}, "", false, []string{"seccomp", "libseccomp"}},
	{"libwrap", []string{"libwrap0-dev"}, []string{"libwrap0"}, "", false, []string{"wrap"}},
	{"libuuid", []string{"uuid-dev"}, []string{"libuuid1"}, "", false, []string{"uuid"}},
	{"libidn", []string{"libidn-dev"}, []string{"libidn12"}, "", false, []string{"idn", "libidn"}},
	{"libidn2", []string{"libidn2-dev"}, []string{"libidn2-0"}, "", false, []string{"idn2", "libidn2"}},
	{"libsodium", []string{"libsodium-dev"}, []string{"libsodium23"}, "", false, []string{"sodium", "libsodium"}},
	{"libgcrypt", []string{"libgcrypt20-dev"}, []string{"libgcrypt20"}, "", false, []string{"gcrypt", "libgcrypt"}},
	{"nettle", []string{"nettle-dev"}, []string{"libnettle8", "libhogweed6"}, "", false, []string{"nettle", "hogweed"}},
	{"gmp", []string{"libgmp-dev"}, []string{"libgmp10"}, "", false, []string{"gmp"}},
	{"libmagic", []string{"libmagic-dev"}, []string{"libmagic1"}, "", false, []string{"magic", "libmagic"}},
	{"gdbm", []string{"libgdbm-dev"}, []string{"libgdbm6"}, "", false, []string{"gdbm"}},
	{"berkeley-db", []string{"libdb-dev"}, []string{"libdb5.3"}, "", false, []string{"db", "db-5.3"}},
	{"lmdb", []string{"liblmdb-dev"}, []string{"liblmdb0"}, "", false, []string{"lmdb"}},
	{"leveldb", []string{"libleveldb-dev"}, []string{"libleveldb1d"}, "", false, []string{"leveldb"}},
	{"libpng", []string{"libpng-dev"}, []string{"libpng16-16"}, "", false, []string{"png", "libpng"}},
	{"libjpeg", []string{"libjpeg-dev"}, []string{"libjpeg62-turbo"}, "", false, []string{"jpeg", "libjpeg"}},
	{"gd", []string{"libgd-dev"}, []string{"libgd3"}, "", false, []string{"gd", "gdlib"}},
	{"boost", []string{"libboost-all-dev"}, []string{"libboost-system1.74.0", "libboost-filesystem1.74.0", "libboost-thread1.74.0", "libboost-program-options1.74.0", "libboost-regex1.74.0", "libboost-date-time1.74.0"}, "", false, []string{"boost", "boost_system", "boost_thread", "boost_filesystem", "boost_program_options", "boost_regex"}},
	{"protobuf", []string{"libprotobuf-dev", "protobuf-compiler"}, []string{"libprotobuf32"}, "", false, []string{"protobuf"}},
	{"protobuf-c", []string{"libprotobuf-c-dev", "protobuf-c-compiler"}, []string{"libprotobuf-c1"}, "", false, []string{"protobuf-c", "libprotobuf-c"}},
	{"grpc", []string{"libgrpc++-dev", "protobuf-compiler-grpc"}, []string{"libgrpc++1.51"}, "", false, []string{"grpc", "grpc++"}},
	{"fmt", []string{"libfmt-dev"}, []string{"libfmt9"}, "", false, []string{"fmt"}},
	{"spdlog", []string{"libspdlog-dev"}, []string{"libspdlog1.10"}, "", false, []string{"spdlog"}},
	{"zeromq", []string{"libzmq3-dev"}, []string{"libzmq5"}, "", false, []string{"zmq", "libzmq"}},
	{"mosquitto", []string{"libmosquitto-dev"}, []string{"libmosquitto1"}, "", false, []string{"mosquitto", "libmosquitto"}}, //nolint:misspell // a name
	{"c-ares", []string{"libc-ares-dev"}, []string{"libc-ares2"}, "", false, []string{"cares", "libcares"}},
	{"nghttp2", []string{"libnghttp2-dev"}, []string{"libnghttp2-14"}, "", false, []string{"nghttp2", "libnghttp2"}},
	{"libunistring", []string{"libunistring-dev"}, []string{"libunistring2"}, "", false, []string{"unistring"}},
	{"libxcrypt", nil, nil, "", false, []string{"crypt"}},
	{"sasl", []string{"libsasl2-dev"}, []string{"libsasl2-2"}, "", false, []string{"sasl2", "sasl"}},
	{"kerberos", []string{"libkrb5-dev"}, []string{"libkrb5-3", "libgssapi-krb5-2"}, "", false, []string{"krb5", "gssapi_krb5", "gssapi"}},
	{"poco", []string{"libpoco-dev"}, []string{"libpoconet80", "libpocofoundation80", "libpocoutil80", "libpocojson80", "libpocoxml80"}, "", false, []string{"poco", "poconet", "pocofoundation"}},
	{"qt5", []string{"qtbase5-dev"}, []string{"libqt5core5a", "libqt5network5", "libqt5sql5"}, "", false, []string{"qt5", "qt5core", "qt5network"}},
	{"libpq", []string{"libpq-dev"}, []string{"libpq5"}, "postgresql", true, []string{"pq", "libpq", "postgresql"}},
	{"libpqxx", []string{"libpqxx-dev"}, []string{"libpqxx-6.4"}, "postgresql", true, []string{"pqxx", "libpqxx"}},
	{"mariadb-client", []string{"default-libmysqlclient-dev"}, []string{"libmariadb3"}, "mysql", true, []string{"mysqlclient", "mysqlclient_r", "mysql", "mariadb", "libmariadb", "mysqlcppconn"}},
	{"sqlite3", []string{"libsqlite3-dev"}, []string{"libsqlite3-0"}, "sqlite", true, []string{"sqlite3", "sqlite"}},
	{"unixodbc", []string{"unixodbc-dev"}, []string{"libodbc2", "libodbcinst2"}, "", false, []string{"odbc", "unixodbc"}},
	{"freetds", []string{"freetds-dev"}, []string{"libsybdb5", "freetds-common"}, "sqlserver", true, []string{"sybdb", "ct", "tds"}},
	{"hiredis", []string{"libhiredis-dev"}, []string{"libhiredis0.14"}, "redis", true, []string{"hiredis"}},
	{"libmemcached", []string{"libmemcached-dev"}, []string{"libmemcached11"}, "memcached", true, []string{"memcached", "libmemcached"}},
	{"mongo-c-driver", []string{"libmongoc-dev"}, []string{"libmongoc-1.0-0"}, "mongodb", true, []string{"mongoc-1.0", "libmongoc-1.0"}},
	{"librabbitmq", []string{"librabbitmq-dev"}, []string{"librabbitmq4"}, "rabbitmq", true, []string{"rabbitmq", "librabbitmq"}},
	{"librdkafka", []string{"librdkafka-dev"}, []string{"librdkafka1", "librdkafka++1"}, "kafka", true, []string{"rdkafka", "rdkafka++"}},
	{"openldap", []string{"libldap-dev"}, []string{"libldap-2.5-0"}, "ldap", false, []string{"ldap", "lber"}},
}

// byAsked finds a library by what a build asks for.
func byAsked(name string) (library, bool) {
	name = strings.ToLower(name)
	for _, l := range libraries {
		for _, a := range l.asked {
			if a == name {
				return l, true
			}
		}
	}
	return library{}, false
}

var (
	checkLib    = manifest.Lazy(`(?:AC_CHECK_LIB|AC_SEARCH_LIBS)\s*\(\s*\[?\s*([\w+.-]+)\s*\]?\s*,\s*\[?\s*([\w+. -]+)`)
	pkgCheck    = manifest.Lazy(`PKG_CHECK_(?:MODULES|EXISTS)\s*\(\s*(?:\[?\s*\w+\s*\]?\s*,\s*)?\[?\s*([^\]\),]+)`)
	findPackage = manifest.Lazy(`(?i)\b(?:find_package|pkg_check_modules|pkg_search_module)\s*\(\s*(\w[\w+.-]*)\s*([^)]*)`)
	linkFlag    = manifest.Lazy(`(?:^|[\s="(])-l([A-Za-z0-9_+.-]+)`)
	pkgConfig   = manifest.Lazy(`pkg-config\s+(?:--\S+\s+)*([\w+.-]+)`)
	includeLine = manifest.Lazy(`^\s*#\s*include\s*[<"]([\w/.+-]+)[>"]`)
)

// headerLibraries are headers whose library a build may ask for in ways that are not seen.
var headerLibraries = map[string]string{"libpq-fe.h": "libpq", "postgresql/libpq-fe.h": "libpq", "mysql.h": "mysql", "mysql/mysql.h": "mysql", "sqlite3.h": "sqlite3", "hiredis/hiredis.h": "hiredis", "hiredis.h": "hiredis",
	"libmemcached/memcached.h": "libmemcached", "mongoc.h": "mongoc-1.0", "amqp.h": "rabbitmq", "librdkafka/rdkafka.h": "rdkafka", "openssl/ssl.h": "openssl", "curl/curl.h": "curl", "zlib.h": "zlib", "microhttpd.h": "microhttpd", "pqxx/pqxx": "pqxx"}

// packages are the libraries that the build asks for, and the tools that it runs.
func (u *unit) packages() []detect.SystemPackage {
	var out []detect.SystemPackage
	add := func(name, why string, ev detect.Evidence) {
		l, ok := byAsked(name)
		if !ok || len(l.build) == 0 {
			return
		}
		for _, have := range out {
			if have.Name == l.name {
				return
			}
		}
		out = append(out, detect.SystemPackage{Name: l.name, Build: l.build, Run: l.run, Why: why, Evidence: []detect.Evidence{ev}})
	}
	optional := u.optional()
	for _, f := range u.buildFiles() {
		for i, text := range strings.Split(string(f.Data), "\n") {
			if len(text) > maxLine || strings.HasPrefix(strings.TrimSpace(text), "#") || strings.HasPrefix(strings.TrimSpace(text), "dnl") {
				continue
			}
			for _, name := range asked(text) {
				if !optional[strings.ToLower(name)] {
					add(name, "the build asks for "+detect.Printable(name, 60), f.Evidence(i+1))
				}
			}
		}
	}
	included := map[string]detect.Evidence{}
	for _, h := range grep(u.code, 4000, includeLine.Regexp(), "include") {
		if name := headerLibraries[h.match[1]]; name != "" && included[name].File == "" {
			included[name] = h.evidence()
			if !optional[name] {
				add(name, "the sources include "+h.match[1], h.evidence())
			}
		}
	}
	return append(out, u.tools()...)
}

// asked are the libraries that a line of a build file names.
func asked(text string) []string {
	var out []string
	if m := checkLib.FindStringSubmatch(text); m != nil {
		if strings.Contains(m[0], "SEARCH_LIBS") {
			out = append(out, strings.Fields(m[2])...)
		} else {
			out = append(out, m[1])
		}
	}
	if m := pkgCheck.FindStringSubmatch(text); m != nil {
		for _, w := range strings.Fields(m[1]) {
			if strings.Trim(w, "<>=0123456789.") != "" {
				out = append(out, w)
			}
		}
	}
	if m := findPackage.FindStringSubmatch(text); m != nil {
		out = append(out, m[1])
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), "pkg_") {
			for _, w := range strings.Fields(m[2]) {
				w, _, _ = strings.Cut(w, ">")
				out = append(out, w)
			}
		}
	}
	if m := pkgConfig.FindStringSubmatch(text); m != nil {
		out = append(out, m[1])
	}
	for _, m := range linkFlag.FindAllStringSubmatch(text, 20) {
		out = append(out, m[1])
	}
	return out
}

// optional are libraries of configure that must be switched on by --with or --enable, whose default is no.
func (u *unit) optional() map[string]bool {
	out := map[string]bool{}
	if u.system != "autotools" {
		return out
	}
	text := strings.ToLower(string(u.build.Data))
	for _, m := range optionMacro.FindAllStringSubmatchIndex(text, 300) {
		name := text[m[2]:m[3]]
		help := text[m[1]:min(len(text), m[1]+300)]
		offered := strings.Contains(help, "--with-"+name) || strings.Contains(help, "--enable-"+name)
		place := strings.Contains(help, "--with-"+name+"=") // only says where it is
		if !offered || place || onByDefault.MatchString(help) {
			continue
		}
		out[name] = true
		if alias := optionNames[name]; alias != "" {
			name = alias
		}
		if l, ok := byAsked(name); ok {
			for _, a := range l.asked {
				out[a] = true
			}
		}
	}
	return out
}

// optionNames are names of configure's options that differ from the library's.
var optionNames = map[string]string{"pgsql": "pq", "postgres": "pq", "tls": "ssl", "krb5": "krb5", "attr": "attr", "maxminddb": "maxminddb"}

var (
	optionMacro = manifest.Lazy(`ac_arg_(?:with|enable)\s*\(\s*\[?([\w+-]+)\]?`)
	onByDefault = manifest.Lazy(`^[^()]{0,300}?default[^\])]{0,12}(?:yes|enabled|auto|check|on\b)`)
)

// buildFiles are the files in which a build asks for libraries.
func (u *unit) buildFiles() []detect.File {
	out := []detect.File{u.build}
	for _, name := range u.others {
		base := path.Base(name)
		if base != "CMakeLists.txt" && base != "Makefile.am" || len(out) > 60 {
			continue
		}
		if f, ok := u.read(name); ok && f.Path != u.build.Path {
			out = append(out, f)
		}
	}
	return out
}

// tools are the programs that the build runs beyond a compiler.
func (u *unit) tools() []detect.SystemPackage {
	var out []detect.SystemPackage
	add := func(name string, line int, why string, packages ...string) {
		if line > 0 {
			out = append(out, detect.SystemPackage{Name: name, Build: packages, Why: why, Evidence: []detect.Evidence{u.build.Evidence(line)}})
		}
	}
	if u.system == "autotools" {
		add("autoconf", u.line, "configure is made by it", "autoconf")
		if l := lineOf(u.build, "AM_INIT_AUTOMAKE"); l > 0 {
			add("automake", l, "the Makefiles are made by it", "automake")
		}
		for _, macro := range []string{"LT_INIT", "AC_PROG_LIBTOOL", "AM_PROG_LIBTOOL"} {
			if l := lineOf(u.build, macro); l > 0 {
				add("libtool", l, "libraries are linked by it", "libtool")
				break
			}
		}
		for _, macro := range []string{"AM_GNU_GETTEXT", "AM_PO_SUBDIRS"} {
			if l := lineOf(u.build, macro); l > 0 {
				add("gettext", l, "translations are made by it", "gettext", "autopoint")
				break
			}
		}
		add("autoconf-archive", lineOf(u.build, "\nAX_")+boolInt(lineOf(u.build, "\nAX_") > 0), "it uses macros of the archive", "autoconf-archive")
		for _, t := range []struct{ macro, tool string }{{"AC_PROG_LEX", "flex"}, {"AM_PROG_LEX", "flex"}, {"AC_PROG_YACC", "bison"}, {"AC_PROG_BISON", "bison"}, {"gperf", "gperf"}, {"xsltproc", "xsltproc"}, {"asciidoc", "asciidoc-base"}, {"pod2man", "perl"}} {
			add(t.tool, lineOf(u.build, t.macro), "the build runs it", t.tool)
		}
	}
	if u.system == "cmake" {
		add("cmake", u.line, "the build is described for it", "cmake")
		for _, t := range []struct{ text, tool string }{{"FLEX", "flex"}, {"BISON", "bison"}, {"find_package(Git", "git"}, {"FetchContent", "git"}, {"find_package(Perl", "perl"}, {"find_package(Python", "python3"}} {
			add(t.tool, lineOf(u.build, t.text), "the build runs it", t.tool)
		}
	}
	if u.system == "make" {
		for _, t := range []struct{ re, tool string }{{`(?m)^\t.*\bflex\s|^LEX\s*=`, "flex"}, {`(?m)^\t.*\b(?:bison|yacc)\s|^YACC\s*=`, "bison"}, {`(?m)^\t.*\bgperf\s`, "gperf"}} {
			if loc := regexp.MustCompile(t.re).FindIndex(u.build.Data); loc != nil {
				add(t.tool, 1+strings.Count(string(u.build.Data[:loc[0]]), "\n"), "the build runs it", t.tool)
			}
		}
	}
	return out
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// services are what the linked libraries talk to.
func (u *unit) services(packages []detect.SystemPackage) []detect.Service {
	var out []detect.Service
	for _, p := range packages {
		for _, l := range libraries {
			if l.name != p.Name || l.service == "" {
				continue
			}
			have := false
			for _, s := range out {
				have = have || s.Kind == l.service
			}
			if !have {
				out = append(out, detect.Service{Kind: l.service, Required: l.required, From: detect.Inferred, Why: "it links " + l.name, Evidence: p.Evidence, Env: rolesOf(l.service, u.env())})
			}
		}
	}
	return out
}

// rolesOf says which variables name a service, by their names.
func rolesOf(kind string, env []detect.EnvVar) map[string]string {
	prefix := map[string][]string{"postgresql": {"PG", "POSTGRES", "DB", "DATABASE"}, "mysql": {"MYSQL", "MARIADB", "DB", "DATABASE"}, "redis": {"REDIS"}, "mongodb": {"MONGO"}, "memcached": {"MEMCACHE"},
		"rabbitmq": {"AMQP", "RABBITMQ"}, "kafka": {"KAFKA"}, "sqlserver": {"MSSQL", "DB"}}[kind]
	out := map[string]string{}
	for _, e := range env {
		for _, p := range prefix {
			if !strings.HasPrefix(e.Name, p) {
				continue
			}
			for _, s := range []struct{ end, role string }{{"URL", "url"}, {"HOST", "host"}, {"PORT", "port"}, {"DATABASE", "name"}, {"_NAME", "name"}, {"_DB", "name"}, {"USER", "user"}, {"PASSWORD", "password"}, {"_PASS", "password"}} {
				if strings.HasSuffix(e.Name, s.end) && out[s.role] == "" {
					out[s.role] = e.Name
					break
				}
			}
			break
		}
	}
	return out
}
