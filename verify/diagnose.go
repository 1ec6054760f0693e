package verify

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// phase is the part of a verification that failed, in the contract's words.
type phase string

const (
	phaseBuild phase = "build"
	phaseRun   phase = "run"
	phaseProbe phase = "probe"
)

// symptom is what a failure looks like in a log, and what it means.
type symptom struct {
	id      string
	phases  string // of phase, separated by spaces; empty: any
	match   func() *regexp.Regexp
	message string // with $1 for what match captured
}

// symptoms are looked for in this order: a cause stands before what follows from it. Each has the real lines
// that it was learnt from in testdata/failures.yaml.
var symptoms = []symptom{
	{"out-of-disk", "", lazy(`(?i)no space left on device|disk quota exceeded|ENOSPC`),
		"the engine's disk is full: free some (`docker system prune`) or give it more"},
	{"out-of-memory", "", lazy(`java\.lang\.OutOfMemoryError|Cannot allocate memory|JavaScript heap out of memory|signal: killed|Killed process|virtual memory exhausted|^Killed$`),
		"it ran out of memory"},
	{"exec-format", "", lazy(`exec format error`),
		"a program of the image is not made for this platform, or a script has no #! line"},
	{"dos-line-ends", "", lazy("env: [‘']?(?:ruby|bash|sh|python3?|perl|node)\\\\r|/usr/bin/env: .*\\\\r.*No such file|\\$'\\\\r': command not found|\\\\r.*bad interpreter|\\^M: bad interpreter"),
		"a script has DOS line ends: convert it (`dos2unix`), or set its eol in .gitattributes"},
	{"no-network", "build", lazy(`(?i)Temporary failure resolving|Could not resolve host|Temporary failure in name resolution|EAI_AGAIN|getaddrinfo ENOTFOUND|UnknownHostException: ([^\s:]+)|network is unreachable`),
		"a build step could not reach the network: check the engine's DNS and proxy (`drydock doctor`)"},
	{"untrusted-certificate", "build", lazy(`(?i)SELF_SIGNED_CERT_IN_CHAIN|unable to get local issuer certificate|certificate verify failed|PKIX path building failed|x509: certificate signed by unknown authority|server certificate verification failed`),
		"a build step does not trust a server's certificate: a proxy of your network may put its own there (--ca-cert)"},
	{"ssh-agent-missing", "build", lazy(`no SSH key "[^"]*" forwarded from the client|no ssh handler for id|no ssh forwarded`),
		"the build asks for an SSH agent and none was handed on: start one (`eval $(ssh-agent)`, `ssh-add`), or name a key with --ssh"},
	{"ssh-host-unknown", "build", lazy(`Host key verification failed`),
		"the build does not know an SSH server's key: hand it your known hosts (--build-secret known_hosts=~/.ssh/known_hosts)"},
	{"ssh-denied", "build", lazy(`(?:git@[\w.-]+: )?Permission denied \((?:publickey|keyboard-interactive)[^)]*\)`),
		"an SSH server refuses the login: put a key that it knows into the agent (`ssh-add -l` lists them), or name one with --ssh"},
	{"missing-library", "", lazy(`error while loading shared libraries: (\S+): cannot open shared object file`),
		"the shared library $1 is missing in the image"},
	{"missing-library", "", lazy(`(?:LoadError|ImportError|OSError|UnsatisfiedLinkError|Error|cannot load).*?\b(lib[\w.+-]+\.so[\w.]*): cannot open shared object file`),
		"the shared library $1 is missing in the image"},
	{"missing-library", "build", lazy(`fatal error: ([\w./+-]+\.h(?:pp)?): No such file or directory`),
		"the C header $1 is missing in the build stage"},
	{"missing-library", "build", lazy(`(pg_config|mysql_config|xml2-config|xslt-config|curl-config|pkg-config|Magick-config|MagickWand-config|icu-config|krb5-config)[^\n]*(?:not found|is required|\.\.\. no|No such file)`),
		"$1 is missing in the build stage: the development package of a library is needed"},
	{"missing-library", "build", lazy(`(?i)(?:can't|cannot) find (?:the )?['"]?([\w./+-]+\.h)['"]? header|Could not find (?:required )?header(?: file)?:? ['"]?([\w./+-]+\.h)`),
		"the C header $1$2 is missing in the build stage"},
	{"missing-library", "build", lazy(`cannot find -l([\w+.-]+)|No package '([\w+.-]+)' found|Package ([\w+.-]+) was not found in the pkg-config search path|mysql client is missing|missing -l([\w+.-]+)`),
		"the library $1$2$3$4 is missing in the build stage"},
	{"missing-compiler", "build", lazy(`(?:gcc|g\+\+|cc|make|cmake)['"]?: (?:command )?not found|command 'gcc' failed|You have to install development tools first|No acceptable C compiler found|unable to execute 'gcc'|no acceptable C compiler`),
		"the build stage has no compiler"},
	{"runtime-version", "", lazy(`Your Ruby version is (\S+), but your Gemfile specified (\S+)`),
		"the image has Ruby $1 and the Gemfile asks for $2"},
	{"runtime-version", "", lazy(`UnsupportedClassVersionError|invalid target release: (\S+)|Source option (\S+) is no longer supported|release version (\S+) not supported|Unsupported class file major version (\d+)`),
		"the image's Java version does not fit the code"},
	{"dependency-not-found", "build", lazy(`Could not find gem ['"]?([^'"\s]+)|Could not find artifact (\S+)|No matching distribution found for (\S+)|npm (?:ERR!|error) 404 .*'([^']+)' is not in|Could not resolve dependencies for project ([^\s:]+:[^\s:]+)`),
		"the dependency $1$2$3$4$5 is not to be had from its registry"},
	{"compile-error", "build", lazy(`COMPILATION ERROR|Compilation failure|cannot find symbol|BUILD FAILED|error: compilation failed|SyntaxError: `),
		"the code does not compile with the versions that the image has"},
	{"copy-source-missing", "build", lazy(`failed to (?:compute cache key|calculate checksum of ref)[^"]*"([^"]+)"[^"]*not found|COPY failed:.*?stat (?:/var/lib/docker/tmp/\S+?/)?(\S+): (?:no such file|file does not exist)|failed to compute cache key:.*lstat \S+?/buildkit-mount\d+(/\S+): no such file`),
		"$1$2$3 is not in the build context, or .dockerignore leaves it out"},
	{"command-not-found", "", lazy(`exec: \\?"([^"\\]+)\\?": (?:executable file not found|stat [^:]+: no such file)|exec (\S+) failed: No such file|(?:^|[:\s])([\w./+-]+): (?:command )?not found\s*$|bundler: command not found: (\S+)|env: [‘']?([^'’:]+)[’']?: No such file or directory|can't open file '([^']+)': \[Errno 2\]|Error: Unable to access jarfile (\S+)`),
		"the command $1$2$3$4$5$6$7 is not in the image"},
	{"missing-class", "run probe", lazy(`(?:ClassNotFoundException|NoClassDefFoundError): (\S+)|Could not find or load main class (\S+)`),
		"the Java class $1$2 is missing in the image"},
	{"missing-dependency", "run probe", lazy(`cannot load such file -- (\S+)|No module named ['"]?([^'"\s]+)|Cannot find module '([^']+)'|Could not find ([^\s,]+).* in any of the sources|Could not find ([^\s,]+).* in locally installed gems`),
		"the module $1$2$3$4$5 is missing in the image"},
	{"port-in-use", "run probe", lazy(`(?i)EADDRINUSE|address already in use|BindException|port is already allocated`),
		"its port is already taken: two processes of one container want the same one, or a left-over PID file says so"},
	{"port-denied", "run probe", lazy(`(?i)(?:EACCES|permission denied|Permission denied).*(?:bind|listen|0\.0\.0\.0:\d+|port \d+)|(?:bind|listen)\S*.*(?:permission denied|EACCES)`),
		"it may not listen on its port: one below 1024 needs a right that the container does not have"},
	{"read-only", "run probe", lazy(`(?i)read-only file system|EROFS`),
		"it writes where the file system is read-only"},
	{"stale-pid", "run probe", lazy(`A server is already running`),
		"a PID file in the image says that the server already runs: leave tmp/pids out of the image"},
	{"database-login", "run probe", lazy(`(?i)password authentication failed for user "?([^"\s]+)|Access denied for user '([^']+)'|no pg_hba\.conf entry|role "([^"]+)" does not exist|WRONGPASS|NOAUTH`),
		"the database refuses the login"},
	{"database-missing", "run probe", lazy(`(?i)database "?([\w-]+)"? does not exist|Unknown database '([^']+)'`),
		"the database $1$2 does not exist"},
	{"database-missing", "run probe", lazy(`ActiveRecord::NoDatabaseError`),
		"its database does not exist"},
	{"connection-refused-to-database", "run probe", lazy(`(?i)could not connect to server|connection to server (?:at|on) .* failed|Can't connect to (?:local )?(?:MySQL|server)|Communications link failure|Connection to \S+:\d+ refused|PG::ConnectionBad|Mysql2::Error::ConnectionError|Redis::CannotConnectError|Error connecting to Redis|ECONNREFUSED \S+:(?:5432|3306|6379|27017|5672|11211)|could not translate host name "([^"]+)"|Unknown (?:MySQL server )?host '([^']+)'|MongoNetworkError|Connection refused.*(?:5432|3306|6379|27017|5672)`),
		"it cannot reach its database or another service"},
	{"schema-missing", "run probe", lazy(`(?i)relation "([^"]+)" does not exist|Table '([^']+)' doesn't exist|no such table:? (\S+)|ActiveRecord::PendingMigrationError|Migrations are pending`),
		"the database has no tables: its migrations have not been run"},
	{"missing-setting", "run probe", lazy("(?i)Missing `?secret_key_base|key not found: \"([A-Z0-9_]+)\"|KeyError: '([A-Z0-9_]+)'|Could not resolve placeholder '([^']+)'|Missing required environment variable:? ['\"]?([A-Z0-9_]+)|environment variable ['\"]?([A-Z0-9_]+)['\"]? (?:is )?(?:not set|required|missing)|Missing encryption key"),
		"a setting is missing: $1$2$3$4$5"},
	{"permission-denied", "", lazy(`(?i:permission denied)(?: @ \w+ - | - |: ?['"]?)(/[^\s'"]+)|AccessDeniedException: (\S+)|(?:cannot|can't|could not) (?:open|create|write|access)[^/]*(/[^\s'":]+)['"]?:? .*[Pp]ermission denied|(?i:(?:write access|write permissions?|writing) (?:to|for|on|in) ['"]?)(/[^\s'":,]+)['"]?,?(?i: (?:is |was |has been )?denied)`),
		"it may not read, write or run $1$2$3$4: the image's user has no right to it"},
	{"permission-denied", "", lazy(`(?i)permission denied|EACCES|Operation not permitted`),
		"it may not read, write or run a file: the image's user has no right to it"},
}

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// diagnose finds the first symptom of the table in a log and says what it means; "" when there is none.
// Lines are searched from the last to the first: the cause of an end stands near it. Of each line the first KiB counts.
func diagnose(p phase, log []string) (id, message string) {
	const enough = 1 << 10
	log = slices.Clone(log)
	for i := range log {
		log[i] = log[i][:min(len(log[i]), enough)]
	}
	for _, s := range symptoms {
		if s.phases != "" && !strings.Contains(" "+s.phases+" ", " "+string(p)+" ") {
			continue
		}
		for i := len(log) - 1; i >= 0; i-- {
			if m := s.match().FindStringSubmatchIndex(log[i]); m != nil {
				text := string(s.match().ExpandString(nil, s.message, log[i], m))
				return s.id, strings.TrimRight(shorten(text, 300), ": ")
			}
		}
	}
	return "", ""
}

// alarming are lines that say that something went wrong; those of a stack only say where.
var (
	alarming   = lazy(`(?i)\b(?:error|errors|fatal|exception|failed|failure|panic|abort(?:ed|ing)?|denied|refused|undefined|unresolved|invalid|cannot|can't|could not|couldn't|unable to|not found|no such|does not|doesn't|missing|unsupported|unknown|killed|caused by)\b|Error:|Exception:|ERR!`)
	stackFrame = lazy(`^\s*(?:at |from |\.\.\. \d+ more|File "|#\d+ )`)
)

// leftOut is what stands for lines that are not shown.
const leftOut = "…"

// telling are the lines of a log that tell most, at most showLog of them: the last ones, before them the first and the last that say that
// something went wrong. A log of that length stays as it is.
func telling(log []string) []string {
	const most = showLog
	if len(log) <= most {
		return log
	}
	keep := make([]bool, len(log))
	var alarms []int
	for i, l := range log {
		l = l[:min(len(l), 1<<10)]
		switch tail := len(log) - most/4; {
		case i >= tail:
			keep[i] = true
		case alarming().MatchString(l) && !stackFrame().MatchString(l) && (len(alarms) == 0 || log[alarms[len(alarms)-1]] != l):
			alarms = append(alarms, i)
		}
	}
	// Each may bring a mark for what is left out before it.
	if room := (most - most/4 - 1) / 2; len(alarms) > room {
		alarms = append(alarms[:room-room/2:room-room/2], alarms[len(alarms)-room/2:]...)
	}
	for _, i := range alarms {
		keep[i] = true
	}
	out := make([]string, 0, most)
	for i, k := range keep {
		switch {
		case k:
			out = append(out, log[i])
		case len(out) == 0 || out[len(out)-1] != leftOut:
			out = append(out, leftOut)
		}
	}
	return out
}
