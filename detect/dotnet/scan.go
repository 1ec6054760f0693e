package dotnet

import (
	"bytes"
	"path"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// hit is a line of source that a rule matched.
type hit struct {
	rule     string
	match    []string
	evidence detect.Evidence
}

// rule is a sign in source. Lines that hold one of the hints are matched against the pattern. A hint that is an identifier is
// looked for as a whole word.
type rule struct {
	id      string
	hints   []string
	pattern *manifest.Pattern
}

// maxHits are those kept of one rule in one file.
const maxHits = 6

// rules are what the sources of a project are searched for, once for each file.
var rules = []rule{
	{"env", []string{"GetEnvironmentVariable"}, manifest.Lazy(`Environment\.GetEnvironmentVariable\(\s*"([A-Za-z_][A-Za-z0-9_]*)"\s*\)(?:\s*\?\?\s*"([^"]*)")?`)},
	{"main", []string{"Main"}, manifest.Lazy(`\b(?:static\s[\w\s<>\[\].]*|Sub\s+|Function\s+)Main\s*\(`)},
	{"entry", []string{"EntryPoint"}, manifest.Lazy(`\[<EntryPoint>\]`)},
	{"host", []string{"WebApplication", "WebHost", "WebHostBuilder", "UseKestrel", "ConfigureWebHost", "ConfigureWebHostDefaults"}, manifest.Lazy(`WebApplication\.Create|new WebHostBuilder|WebHost\.CreateDefaultBuilder|ConfigureWebHost|\.UseKestrel\(`)},
	{"owin", []string{"WebApp", "HttpSelfHostServer", "NancyHost", "HttpListener"}, manifest.Lazy(`WebApp\.Start\s*[<(]|new HttpSelfHostServer|new NancyHost|new HttpListener\(`)},
	{"wcfhost", []string{"ServiceHost", "WebServiceHost"}, manifest.Lazy(`new (?:Web)?ServiceHost\(`)},
	{"service", []string{"ServiceBase", "HostFactory", "UseWindowsService"}, manifest.Lazy(`:\s*(?:System\.ServiceProcess\.)?ServiceBase\b|ServiceBase\.Run|Inherits\s+(?:[\w.]+\.)?ServiceBase|HostFactory\.(?:Run|New)|UseWindowsService\(`)},
	{"endless", []string{"while", "While", "BackgroundService", "IHostedService", "AddHostedService", "CreateDefaultBuilder", "CreateApplicationBuilder", "RunConsoleAsync", "BasicConsume", "Consume", "Scheduler", "RecurringJob", "Infinite"},
		manifest.Lazy(`while\s*\(\s*true\s*\)|While\s+True\b|while true do|:\s*BackgroundService\b|IHostedService|AddHostedService|Host\.Create(?:Default|Application)Builder|RunConsoleAsync|BasicConsume|\.Consume\(|Scheduler\.Start\(|RecurringJob\.|Thread\.Sleep\(Timeout\.Infinite`)},
	{"database", []string{"UseSqlServer", "UseNpgsql", "UseMySql", "UseMySQL", "UseSqlite", "UseOracle", "UseInMemoryDatabase"}, manifest.Lazy(`\.(UseSqlServer|UseNpgsql|UseMySql|UseMySQL|UseSqlite|UseOracle|UseInMemoryDatabase)\s*\(`)},
	{"connection", []string{"SqlConnection", "NpgsqlConnection", "MySqlConnection", "OracleConnection", "SQLiteConnection", "SqliteConnection"}, manifest.Lazy(`new\s+(SqlConnection|NpgsqlConnection|MySqlConnection|OracleConnection|SQLiteConnection|SqliteConnection)\s*\(`)},
	{"name", []string{"GetConnectionString"}, manifest.Lazy(`GetConnectionString\(\s*"([^"]+)"\s*\)`)},
	{"health", []string{"MapHealthChecks", "UseHealthChecks", "MapHealthEndpoints", "Route", "HttpGet"}, manifest.Lazy(`(?:MapHealthChecks|UseHealthChecks|MapHealthEndpoints)\(\s*"(/[\w/.-]*)"|\[(?:Route|HttpGet)\("/?((?:health|healthz|status|ping|alive|ready|healthcheck)[\w/-]*)"\)\]`)},
	{"get", []string{"MapGet"}, manifest.Lazy(`MapGet\(\s*"(/(?:health|healthz|status|ping|alive|ready|healthcheck|up)[\w/-]*)"`)},
	{"listen", []string{"UseUrls", "ListenAnyIP", "Listen", "Start", "SelfHostConfiguration", "NancyHost", "Prefixes", "Run", "baseAddress"}, manifest.Lazy(`UseUrls\([^)]*?https?://[^:;"/]*:(\d{2,5})|\.ListenAnyIP\(\s*(\d{2,5})|\.Listen\(\s*IPAddress\.\w+\s*,\s*(\d{2,5})|(?:WebApp\.Start|SelfHostConfiguration|NancyHost|Prefixes\.Add)[^"]*"http://[^:"]*:(\d{2,5})|app\.Run\("http://[^:"]*:(\d{2,5})|baseAddress\s*=\s*"http://[^:"]*:(\d{2,5})`)},
	{"session", []string{"AddSession", "AddDistributedMemoryCache"}, manifest.Lazy(`\.(?:AddSession|AddDistributedMemoryCache)\(`)},
	{"sessionvar", []string{"Session"}, manifest.Lazy(`\bSession\["`)},
	{"store", []string{"AddStackExchangeRedisCache", "AddDistributedSqlServerCache", "AddDistributedRedisCache"}, manifest.Lazy(`\.(AddStackExchangeRedisCache|AddDistributedRedisCache|AddDistributedSqlServerCache)\(`)},
	{"redis", []string{"ConnectionMultiplexer", "IConnectionMultiplexer", "StackExchange"}, manifest.Lazy(`\bI?ConnectionMultiplexer\b|\bStackExchange\.Redis\b`)},
	{"cookies", []string{"AddIdentity", "AddCookie", "AddDefaultIdentity", "UseCookieAuthentication", "AddRazorPages", "AddControllersWithViews"}, manifest.Lazy(`\.(?:AddIdentity|AddDefaultIdentity|AddCookie|UseCookieAuthentication|AddRazorPages|AddControllersWithViews)\b`)},
	{"keys", []string{".PersistKeysTo"}, manifest.Lazy(`\.PersistKeysTo\w+`)},
	{"signalr", []string{"AddSignalR", "MapSignalR"}, manifest.Lazy(`\.(?:AddSignalR|MapSignalR)\(`)},
	{"registry-access", []string{"Registry", "RegistryKey"}, manifest.Lazy(`\bRegistry(?:Key)?\.(?:LocalMachine|CurrentUser|ClassesRoot|GetValue|SetValue|OpenBaseKey|OpenSubKey)`)},
	{"com-interop", []string{"ComImport", "GetTypeFromProgID", "GetActiveObject", "Interop", "CreateObject"}, manifest.Lazy(`\[ComImport|Type\.GetTypeFromProgID|Marshal\.GetActiveObject|Microsoft\.Office\.Interop|=\s*CreateObject\(|Server\.CreateObject\(`)},
	{"native-library", []string{"DllImport", "LibraryImport", "Declare"}, manifest.Lazy(`(?:DllImport|LibraryImport)\(\s*@?"([^"]+)"|Declare\s+(?:Auto\s+|Ansi\s+|Unicode\s+)?(?:Function|Sub)\s+\w+\s+Lib\s+"([^"]+)"`)},
	{"event-log", []string{"EventLog"}, manifest.Lazy(`\bEventLog\.(?:WriteEntry|CreateEventSource|SourceExists)|new EventLog\(`)},
	{"message-queuing", []string{"MessageQueue"}, manifest.Lazy(`new MessageQueue\(|MessageQueue\.(?:Create|Exists)\(`)},
	{"performance-counters", []string{"PerformanceCounter", "PerformanceCounterCategory"}, manifest.Lazy(`new PerformanceCounter\(|PerformanceCounterCategory\.`)},
	{"windows-management", []string{"ManagementObject", "ManagementObjectSearcher"}, manifest.Lazy(`new ManagementObject(?:Searcher)?\(`)},
	{"windows-identity", []string{"WindowsIdentity", "WindowsPrincipal", "PrincipalContext"}, manifest.Lazy(`WindowsIdentity\.(?:GetCurrent|Impersonate)|new WindowsPrincipal|new PrincipalContext\(`)},
	{"directory", []string{"DirectoryEntry", "DirectorySearcher", "LdapConnection"}, manifest.Lazy(`new (?:DirectoryEntry|DirectorySearcher|LdapConnection)\(`)},
	{"negotiate", []string{"AddNegotiate", "IISDefaults", "HttpSysDefaults", "UseHttpSys"}, manifest.Lazy(`\.AddNegotiate\(|IISDefaults\.AuthenticationScheme|HttpSysDefaults|\.UseHttpSys\(`)},
	{"smtp", []string{"SmtpClient"}, manifest.Lazy(`new (?:[\w.]+\.)?SmtpClient\(`)},
	{"zone", []string{"FindSystemTimeZoneById"}, manifest.Lazy(`FindSystemTimeZoneById\(\s*"([^"/]* [^"/]*)"`)},
	{"drive-path", []string{`:\`}, manifest.Lazy(`@?"[A-Za-z]:\\\\?[\w\\. $()-]*"`)},
	{"share-path", []string{`"\\`}, manifest.Lazy(`@"\\\\[A-Za-z][\w.-]+\\|"\\\\\\\\[A-Za-z][\w.-]+\\\\`)},
	{"upload", []string{"SaveAs", "File", "FileMode", "StreamWriter"}, manifest.Lazy(`\.SaveAs\(|\bFile\.(?:Write\w+|Create|AppendAll\w+|OpenWrite)\(|FileMode\.(?:CreateNew|Create|Append|OpenOrCreate)\b|new StreamWriter\(\s*"`)},
	{"mapped", []string{"MapPath"}, manifest.Lazy(`MapPath\(\s*@?"~?/?([A-Za-z][\w./-]*)/?[^"]*"`)},
	{"combined", []string{"WebRootPath", "ContentRootPath"}, manifest.Lazy(`Path\.Combine\([^"]*(WebRootPath|ContentRootPath)\s*,\s*"([A-Za-z][\w./-]*)"`)},
	{"domain-split", []string{"CreateDomain", "BinaryFormatter", "RemotingConfiguration"}, manifest.Lazy(`AppDomain\.CreateDomain\(|new BinaryFormatter\(|RemotingConfiguration\.`)},
	{"distributed-transactions", []string{"TransactionScope"}, manifest.Lazy(`new TransactionScope\(`)},
	{"lambda", []string{"LambdaSerializer", "APIGatewayProxyFunction"}, manifest.Lazy(`LambdaSerializer|APIGatewayProxyFunction`)},
	{"https-only", []string{"UseHttps"}, manifest.Lazy(`\.UseHttps\(\s*"`)},
}

// scan searches a source file once.
func (ix *index) scan(name string) []hit {
	if found, ok := ix.scanned[name]; ok {
		return found
	}
	ix.scanned[name] = nil
	if ix.read >= maxReadFiles || ix.bytes > maxReadBytes {
		return nil
	}
	f, err := ix.root.Read(name)
	if err != nil || len(f.Data) > maxSource || bytes.IndexByte(f.Data[:min(len(f.Data), 1024)], 0) >= 0 {
		return nil
	}
	ix.read++
	ix.bytes += len(f.Data)
	found := search(f)
	ix.scanned[name] = found
	return found
}

// scanAll searches several source files.
func (ix *index) scanAll(names []string) []hit {
	out := []hit{}
	for _, n := range names {
		out = append(out, ix.scan(n)...)
	}
	return out
}

// lexicon is where the rules' hints are looked up.
type lexicon struct {
	words map[string][]int // rules by an identifier
	sizes [256]uint64      // by the first byte: the lengths of identifiers that begin with it
	texts []hint           // hints that are no identifiers
}

type hint struct {
	text string
	rule int
}

// lexiconOf is made when the first source is searched.
var lexiconOf = sync.OnceValue(func() *lexicon {
	x := &lexicon{words: map[string][]int{}}
	for i, r := range rules {
		for _, h := range r.hints {
			if len(h) > 63 || strings.IndexFunc(h, func(c rune) bool { return !letter(byte(c)) }) >= 0 {
				x.texts = append(x.texts, hint{h, i})
				continue
			}
			x.words[h] = append(x.words[h], i)
			x.sizes[h[0]] |= 1 << len(h)
		}
	}
	return x
})

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= '0' && c <= '9'
}

// place is a line on which a hint of a rule stands.
type place struct{ rule, start, line int }

// search applies the rules to a file: one pass over its words finds the lines that each rule looks at.
func search(f detect.File) []hit {
	var out []hit
	basic := strings.EqualFold(path.Ext(f.Path), ".vb")
	n := make([]int, len(rules))
	last := make([]int, len(rules)) // the last line that a rule looked at
	for _, at := range places(f.Data) {
		r := &rules[at.rule]
		if n[at.rule] >= maxHits || last[at.rule] == at.line {
			continue
		}
		last[at.rule] = at.line
		raw, _, _ := bytes.Cut(f.Data[at.start:], []byte{'\n'})
		if len(raw) > maxLine {
			continue
		}
		text := strings.TrimSpace(string(raw))
		if isComment(text, basic) {
			continue
		}
		if m := r.pattern.FindStringSubmatch(text); m != nil {
			out = append(out, hit{r.id, m, f.Evidence(at.line)})
			n[at.rule]++
		}
	}
	return out
}

// Bounds of what is looked at in one file.
const (
	maxLine   = 3000 // bytes of a line: those of generated tables are longer
	maxPlaces = 4000
)

// places are the lines that hold a hint, in order for each rule.
func places(data []byte) []place {
	x := lexiconOf()
	var out []place
	line, start := 1, 0
	for i := 0; i < len(data) && len(out) < maxPlaces; {
		c := data[i]
		if !letter(c) {
			if i++; c == '\n' {
				line, start = line+1, i
			}
			continue
		}
		end := i + 1
		for end < len(data) && letter(data[end]) {
			end++
		}
		if size := end - i; size < 64 && x.sizes[c]&(1<<size) != 0 {
			for _, r := range x.words[string(data[i:end])] {
				out = append(out, place{r, start, line})
			}
		}
		i = end
	}
	for _, h := range x.texts {
		at, line := 0, 1
		for _, start := range linesWith(data, h.text) {
			line += bytes.Count(data[at:start], []byte{'\n'})
			at = start
			out = append(out, place{h.rule, start, line})
		}
	}
	return out
}

func isComment(text string, basic bool) bool {
	if basic {
		return strings.HasPrefix(text, "'")
	}
	return strings.HasPrefix(text, "//") || strings.HasPrefix(text, "/*") || strings.HasPrefix(text, "*")
}

// linesWith are the offsets of the lines that hold a text, ascending.
func linesWith(data []byte, text string) []int {
	var out []int
	for at := 0; len(out) < maxPlaces; {
		i := bytes.Index(data[at:], []byte(text))
		if i < 0 {
			break
		}
		out = append(out, bytes.LastIndexByte(data[:at+i], '\n')+1)
		end := bytes.IndexByte(data[at+i:], '\n')
		if end < 0 {
			break
		}
		at += i + end + 1
	}
	return out
}

// captured is the first group that matched.
func (h hit) captured() string {
	for _, m := range h.match[1:] {
		if m != "" {
			return m
		}
	}
	return ""
}
