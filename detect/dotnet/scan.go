package dotnet

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// hit is a line of source that a rule matched.
type hit struct {
	rule     string
	match    []string
	evidence detect.Evidence
}

// rule is a sign in source. Lines that hold one of the hints are matched against the pattern.
type rule struct {
	id      string
	hints   []string
	pattern *manifest.Pattern
}

// maxHits are those kept of one rule in one file.
const maxHits = 6

// rules are what the sources of a project are searched for, once for each file.
var rules = []rule{
	{"env", []string{"GetEnvironmentVariable("}, manifest.Lazy(`Environment\.GetEnvironmentVariable\(\s*"([A-Za-z_][A-Za-z0-9_]*)"\s*\)(?:\s*\?\?\s*"([^"]*)")?`)},
	{"main", []string{"Main("}, manifest.Lazy(`\b(?:static\s[\w\s<>\[\].]*|Sub\s+|Function\s+)Main\s*\(`)},
	{"entry", []string{"EntryPoint"}, manifest.Lazy(`\[<EntryPoint>\]`)},
	{"host", []string{"WebApplication.Create", "WebHost", "CreateDefaultBuilder", "UseKestrel", "ConfigureWebHost"}, manifest.Lazy(`WebApplication\.Create|new WebHostBuilder|WebHost\.CreateDefaultBuilder|ConfigureWebHost|\.UseKestrel\(`)},
	{"owin", []string{"WebApp.Start", "HttpSelfHostServer", "NancyHost", "HttpListener("}, manifest.Lazy(`WebApp\.Start\s*[<(]|new HttpSelfHostServer|new NancyHost|new HttpListener\(`)},
	{"wcfhost", []string{"ServiceHost("}, manifest.Lazy(`new (?:Web)?ServiceHost\(`)},
	{"service", []string{"ServiceBase", "HostFactory.", "UseWindowsService"}, manifest.Lazy(`:\s*(?:System\.ServiceProcess\.)?ServiceBase\b|ServiceBase\.Run|Inherits\s+(?:[\w.]+\.)?ServiceBase|HostFactory\.(?:Run|New)|UseWindowsService\(`)},
	{"endless", []string{"while", "While", "BackgroundService", "IHostedService", "AddHostedService", "Host.Create", "RunConsoleAsync", "BasicConsume", ".Consume(", "Scheduler.Start", "RecurringJob", "Thread.Sleep(Timeout"},
		manifest.Lazy(`while\s*\(\s*true\s*\)|While\s+True\b|while true do|:\s*BackgroundService\b|IHostedService|AddHostedService|Host\.Create(?:Default|Application)Builder|RunConsoleAsync|BasicConsume|\.Consume\(|Scheduler\.Start\(|RecurringJob\.|Thread\.Sleep\(Timeout\.Infinite`)},
	{"database", []string{"UseSqlServer(", "UseNpgsql(", "UseMySql(", "UseMySQL(", "UseSqlite(", "UseOracle(", "UseInMemoryDatabase(", "UseInMemoryDatabase"}, manifest.Lazy(`\.(UseSqlServer|UseNpgsql|UseMySql|UseMySQL|UseSqlite|UseOracle|UseInMemoryDatabase)\s*\(`)},
	{"connection", []string{"Connection("}, manifest.Lazy(`new\s+(SqlConnection|NpgsqlConnection|MySqlConnection|OracleConnection|SQLiteConnection|SqliteConnection)\s*\(`)},
	{"name", []string{"GetConnectionString("}, manifest.Lazy(`GetConnectionString\(\s*"([^"]+)"\s*\)`)},
	{"migrate", []string{".Migrate(", ".MigrateAsync(", "EnsureCreated", "DbUp", "MigrateUp("}, manifest.Lazy(`\.Database\.(?:Migrate|EnsureCreated)(?:Async)?\(|DeployChanges\.To|\.MigrateUp\(`)},
	{"health", []string{"HealthChecks(", "Health"}, manifest.Lazy(`(?:MapHealthChecks|UseHealthChecks|MapHealthEndpoints)\(\s*"(/[\w/.-]*)"|\[(?:Route|HttpGet)\("/?((?:health|healthz|status|ping|alive|ready|healthcheck)[\w/-]*)"\)\]`)},
	{"get", []string{"MapGet("}, manifest.Lazy(`MapGet\(\s*"(/(?:health|healthz|status|ping|alive|ready|healthcheck|up)[\w/-]*)"`)},
	{"listen", []string{"UseUrls(", "Listen", "http://"}, manifest.Lazy(`UseUrls\([^)]*?https?://[^:;"/]*:(\d{2,5})|\.ListenAnyIP\(\s*(\d{2,5})|\.Listen\(\s*IPAddress\.\w+\s*,\s*(\d{2,5})|(?:WebApp\.Start|SelfHostConfiguration|NancyHost|Prefixes\.Add)[^"]*"http://[^:"]*:(\d{2,5})|app\.Run\("http://[^:"]*:(\d{2,5})|baseAddress\s*=\s*"http://[^:"]*:(\d{2,5})`)},
	{"session", []string{"AddSession(", "AddDistributedMemoryCache("}, manifest.Lazy(`\.(?:AddSession|AddDistributedMemoryCache)\(`)},
	{"sessionvar", []string{"Session["}, manifest.Lazy(`\bSession\["`)},
	{"store", []string{"StackExchangeRedisCache", "AddDistributedSqlServerCache", "AddDistributedRedisCache"}, manifest.Lazy(`\.(AddStackExchangeRedisCache|AddDistributedRedisCache|AddDistributedSqlServerCache)\(`)},
	{"cookies", []string{"AddIdentity", "AddCookie(", "AddDefaultIdentity", "UseCookieAuthentication", "AddRazorPages(", "AddControllersWithViews("}, manifest.Lazy(`\.(?:AddIdentity|AddDefaultIdentity|AddCookie|UseCookieAuthentication|AddRazorPages|AddControllersWithViews)\b`)},
	{"keys", []string{"PersistKeysTo", "ProtectKeysWith"}, manifest.Lazy(`\.PersistKeysTo\w+`)},
	{"signalr", []string{"AddSignalR(", "MapSignalR("}, manifest.Lazy(`\.(?:AddSignalR|MapSignalR)\(`)},
	{"registry-access", []string{"Registry"}, manifest.Lazy(`\bRegistry(?:Key)?\.(?:LocalMachine|CurrentUser|ClassesRoot|GetValue|SetValue|OpenBaseKey|OpenSubKey)`)},
	{"com-interop", []string{"ComImport", "FromProgID", "GetActiveObject", "Office.Interop", "CreateObject("}, manifest.Lazy(`\[ComImport|Type\.GetTypeFromProgID|Marshal\.GetActiveObject|Microsoft\.Office\.Interop|=\s*CreateObject\(|Server\.CreateObject\(`)},
	{"native-library", []string{"DllImport(", "LibraryImport(", "Declare "}, manifest.Lazy(`(?:DllImport|LibraryImport)\(\s*@?"([^"]+)"|Declare\s+(?:Auto\s+|Ansi\s+|Unicode\s+)?(?:Function|Sub)\s+\w+\s+Lib\s+"([^"]+)"`)},
	{"event-log", []string{"EventLog"}, manifest.Lazy(`\bEventLog\.(?:WriteEntry|CreateEventSource|SourceExists)|new EventLog\(`)},
	{"message-queuing", []string{"MessageQueue"}, manifest.Lazy(`new MessageQueue\(|MessageQueue\.(?:Create|Exists)\(`)},
	{"performance-counters", []string{"PerformanceCounter"}, manifest.Lazy(`new PerformanceCounter\(|PerformanceCounterCategory\.`)},
	{"windows-management", []string{"ManagementObject"}, manifest.Lazy(`new ManagementObject(?:Searcher)?\(`)},
	{"windows-identity", []string{"WindowsIdentity", "WindowsPrincipal", "PrincipalContext("}, manifest.Lazy(`WindowsIdentity\.(?:GetCurrent|Impersonate)|new WindowsPrincipal|new PrincipalContext\(`)},
	{"directory", []string{"DirectoryEntry(", "LdapConnection("}, manifest.Lazy(`new (?:DirectoryEntry|DirectorySearcher|LdapConnection)\(`)},
	{"negotiate", []string{"AddNegotiate(", "IISDefaults", "HttpSysDefaults", "UseHttpSys("}, manifest.Lazy(`\.AddNegotiate\(|IISDefaults\.AuthenticationScheme|HttpSysDefaults|\.UseHttpSys\(`)},
	{"smtp", []string{"SmtpClient("}, manifest.Lazy(`new (?:[\w.]+\.)?SmtpClient\(`)},
	{"zone", []string{"FindSystemTimeZoneById("}, manifest.Lazy(`FindSystemTimeZoneById\(\s*"([^"/]* [^"/]*)"`)},
	{"drive-path", []string{`:\`}, manifest.Lazy(`@?"[A-Za-z]:\\\\?[\w\\. $()-]*"`)},
	{"share-path", []string{`"\\`}, manifest.Lazy(`@"\\\\[A-Za-z][\w.-]+\\|"\\\\\\\\[A-Za-z][\w.-]+\\\\`)},
	{"upload", []string{".SaveAs(", ".CopyTo", "File.Write", "File.Create(", "FileMode.Create", "File.AppendAll", "StreamWriter("}, manifest.Lazy(`\.SaveAs\(|\bFile\.(?:Write\w+|Create|AppendAll\w+|OpenWrite)\(|FileMode\.(?:Create|Append|OpenOrCreate)|new StreamWriter\(\s*"`)},
	{"directory-made", []string{"CreateDirectory("}, manifest.Lazy(`Directory\.CreateDirectory\(`)},
	{"mapped", []string{"MapPath("}, manifest.Lazy(`MapPath\(\s*@?"~?/?([A-Za-z][\w./-]*)/?[^"]*"`)},
	{"combined", []string{"WebRootPath", "ContentRootPath"}, manifest.Lazy(`Path\.Combine\([^"]*(WebRootPath|ContentRootPath)\s*,\s*"([A-Za-z][\w./-]*)"`)},
	{"domain-split", []string{"AppDomain.CreateDomain(", "BinaryFormatter(", "RemotingConfiguration", "Thread.Abort("}, manifest.Lazy(`AppDomain\.CreateDomain\(|new BinaryFormatter\(|RemotingConfiguration\.`)},
	{"distributed-transactions", []string{"TransactionScope("}, manifest.Lazy(`new TransactionScope\(`)},
	{"drawing", []string{"System.Drawing"}, manifest.Lazy(`^\s*(?:using|Imports|open)\s+System\.Drawing(?:\.Imaging|\.Drawing2D)?\s*;?\s*$`)},
	{"spa-dev", []string{"UseReactDevelopmentServer", "UseAngularCliServer", "UseSpa("}, manifest.Lazy(`\.UseSpa\(`)},
	{"lambda", []string{"LambdaSerializer", "APIGatewayProxyFunction"}, manifest.Lazy(`LambdaSerializer|APIGatewayProxyFunction`)},
	{"https-only", []string{"UseHttps("}, manifest.Lazy(`\.UseHttps\(\s*"`)},
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

// search applies the rules to a file.
func search(f detect.File) []hit {
	basic := strings.EqualFold(path.Ext(f.Path), ".vb")
	var out []hit
	for i := range rules {
		r := &rules[i]
		n, line, at := 0, 1, 0
		for _, start := range linesWith(f.Data, r.hints) {
			line += bytes.Count(f.Data[at:start], []byte{'\n'})
			at = start
			raw, _, _ := bytes.Cut(f.Data[start:], []byte{'\n'})
			text := strings.TrimSpace(string(raw[:min(len(raw), 3000)]))
			if len(raw) > 3000 || isComment(text, basic) {
				continue
			}
			if m := r.pattern.FindStringSubmatch(text); m != nil {
				out = append(out, hit{r.id, m, f.Evidence(line)})
				if n++; n == maxHits {
					break
				}
			}
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

// linesWith are the offsets of the lines that hold one of some texts, ascending.
func linesWith(data []byte, texts []string) []int {
	var out []int
	for _, t := range texts {
		for at := 0; len(out) < 2000; {
			i := bytes.Index(data[at:], []byte(t))
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
	}
	if len(out) > 1 {
		slices.Sort(out)
		out = slices.Compact(out)
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
