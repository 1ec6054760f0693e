package java

import (
	"bytes"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// code is what the sources of an application say. Sources are scanned for a few words and not parsed: what they say
// is weighed as evidence beside the build's.
type code struct {
	imports map[string][]detect.Evidence // the first import of a package of interest, by package
	env     []envRead
	urls    []mention // JDBC URLs
	main    []detect.Evidence
	class   string // of the first main
	boot    []detect.Evidence
	native  []detect.Evidence // System.loadLibrary
	paths   []mention         // absolute paths that files are opened at
	tmp     []detect.Evidence
	session []detect.Evidence
	execs   []mention // programs that are started
	ports   []mention
	// portSettings are the defaults of settings that are ports of the program's own server.
	portSettings []mention
	// sourceDefinition: an annotation @DataSourceDefinition makes a data source.
	sourceDefinition bool
}

// envRead is a variable that is read.
type envRead struct {
	name, def string
	hasDef    bool
	required  bool
	ev        detect.Evidence
}

// mention is a text of interest with its place.
type mention struct {
	text string
	ev   detect.Evidence
}

// Bounds of the scan. A file whose name speaks of configuration is read before others, so that a large application
// is judged by the files that matter: reading a file out of a Git repository costs a third of a millisecond.
const (
	maxSources     = 500
	maxSourceBytes = 32 << 20
	maxSource      = 1 << 20 // of one file: a larger one is generated
)

var speaking = manifest.Lazy(`(?i)(config|application|main|setting|propert|env|constant|datasource|database|connection|jdbc|dao|util|server|init|bootstrap|launcher|context|factory|storage|upload|service)`)

// scan reads the sources of all parts, once.
func (a *app) scan() *code {
	if a.code != nil {
		return a.code
	}
	c := &code{imports: map[string][]detect.Evidence{}}
	a.code = c
	files := a.files(sources, maxListed, "**/*.{java,kt,groovy,scala,clj}")
	var first, rest []string
	for _, f := range files {
		if speaking.MatchString(path.Base(f)) {
			first = append(first, f)
		} else {
			rest = append(rest, f)
		}
	}
	files = append(first, rest...)
	left := maxSourceBytes
	for i := 0; i < len(files) && i < maxSources && left > 0; i++ {
		if strings.Contains(files[i], "/src/test/") || generated(path.Dir(files[i])) {
			continue
		}
		f, ok := a.file(files[i])
		if !ok {
			continue
		}
		if left -= len(f.Data); len(f.Data) <= maxSource {
			c.read(f)
		}
	}
	return c
}

// packages of interest among the imports.
var packages = []string{"javax.servlet", "jakarta.servlet", "javax.ejb", "jakarta.ejb", "javax.faces", "jakarta.faces", "javax.ws.rs", "jakarta.ws.rs",
	"javax.enterprise", "jakarta.enterprise", "javax.jms", "jakarta.jms", "javax.persistence", "java.awt", "javax.imageio", "javax.mail", "jakarta.mail", "org.springframework.boot",
	"javax.websocket", "jakarta.websocket", "javax.jws", "jakarta.jws", "java.rmi", "org.springframework.web.bind", "org.springframework.cloud.netflix.eureka.server"}

var (
	cljEnv    = manifest.Lazy(`^(?:getenv\s+"([A-Za-z_][A-Za-z0-9_]*)"\s*\)(?:\s+"([^"\n]*)"|\s+(\d+))?|env\s+:([a-z][a-z0-9-]*)\s*(?:\)|"([^"\n]*)"|(\d+)))`)
	cljPort   = manifest.Lazy(`^:port\s+(\d{2,5})\b`)
	getenv    = manifest.Lazy(`^getenv\s*\(\s*\)?\s*(?:\.\s*get\s*\(|\.\s*getOrDefault\s*\(|\[)?\s*"([A-Za-z_][A-Za-z0-9_]*)"(?:\s*,\s*"([^"\n]*)")?(?:\s*\)?\s*\?:\s*"([^"\n]*)"|\s*\)\s*\)?\s*\.\s*orElse\(\s*"([^"\n]*)")?`)
	valueEnv  = manifest.Lazy(`^@Value\s*\(\s*"[^"\n]*?\$\{([A-Z][A-Z0-9_]+)(:[^}"\n]*)?\}`)
	jdbcText  = manifest.Lazy(`^"(jdbc:[a-z0-9]+:[^"\s]{1,300})"`)
	openFile  = manifest.Lazy(`(?:new\s+(?:java\.io\.)?(?:File|FileOutputStream|FileWriter|FileInputStream|FileReader|RandomAccessFile)|Paths\s*\.\s*get|Path\s*\.\s*of)\s*\("(/[^"\n]{2,200}|[A-Za-z]:\\\\[^"\n]{0,200}|[A-Za-z]:/[^"\n]{0,200})"`)
	execText  = manifest.Lazy(`^(?:\.exec|ProcessBuilder)\s*\(\s*(?:new\s+String\s*\[\s*\]\s*\{\s*|Arrays\.asList\(\s*|List\.of\(\s*)?(?:"([^"\n]{1,200})")?`)
	portText  = manifest.Lazy(`^(?:[oO]rt|Server|\.start|\.listen|Listener)\s*\(\s*(\d{2,5})\s*[,)]`)
	mainText  = manifest.Lazy(`^(?:void\s+main\s*\(\s*(?:final\s+)?String|fun\s+main\s*\(|object\s+\w+\s+extends\s+(?:[\w.\[\]]+\s+with\s+)*(?:App|IOApp(?:\.Simple)?|ZIOAppDefault|TwitterServer)\b|def\s+main\s*\(\s*\w+\s*:\s*Array)`)
	packageOf = manifest.Lazy(`(?m)^\s*package\s+([\w.]+)`)
	bootWords = []string{"@SpringBootApplication", "@EnableAutoConfiguration", "SpringApplication.run", "SpringApplicationBuilder", "runApplication<"}
	pathWords = []string{`("/`, `("C:`, `("c:`, `("D:`, `("d:`, `("E:`, `("e:`}
)

// maxHits bounds how often one word is looked at in one file.
const maxHits = 50

// each calls fn for every place where a word stands in data.
func each(data []byte, word string, fn func(offset int)) {
	for from, n := 0, 0; n < maxHits; n++ {
		i := bytes.Index(data[from:], []byte(word))
		if i < 0 {
			return
		}
		fn(from + i)
		from += i + len(word)
	}
}

// match tries a pattern on what follows an offset, some lines at most: patterns are dear on whole files. The indices
// are those of the window, which begins back bytes before the offset.
func match(pattern *manifest.Pattern, data []byte, offset, back int) (window []byte, m []int) {
	window = data[max(0, offset-back):min(len(data), offset+600)]
	return window, pattern.FindSubmatchIndex(window)
}

// read scans one file: a plain search for a word comes before every pattern.
func (c *code) read(f detect.File) {
	data := f.Data
	at := func(offset int) detect.Evidence { return f.Evidence(1 + bytes.Count(data[:offset], []byte{'\n'})) }
	each(data, "import ", func(i int) { c.imported(data[i+7:min(len(data), i+90)], at, i) })
	each(data, "getenv", func(i int) { c.environment(getenv, data, i, false, at) })
	each(data, "getenv(", func(i int) { c.helper(data, i, at) })
	each(data, "@Value", func(i int) { c.environment(valueEnv, data, i, true, at) })
	each(data, `"jdbc:`, func(i int) { c.collect(&c.urls, jdbcText, data, i, 0, at) })
	for _, w := range pathWords {
		each(data, w, func(i int) { c.collect(&c.paths, openFile, data, i, 40, at) })
	}
	for _, w := range []string{"ort(", "Server(", ".start(", ".listen(", "Listener("} {
		each(data, w, func(i int) {
			if w != "ort(" || i > 0 && data[i-1]|' ' == 'p' { // setPort(8080), not writeShort(512)
				c.collect(&c.ports, portText, data, i, 0, at)
			}
		})
	}
	each(data, `ort",`, func(i int) { c.portSetting(data, i, at) })
	each(data, ".exec(", func(i int) {
		if back := data[max(0, i-80):i]; bytes.Contains(back, []byte("untime")) { // Runtime.getRuntime(), runtime
			c.collect(&c.execs, execText, data, i, 0, at)
		}
	})
	each(data, "ProcessBuilder(", func(i int) { c.collect(&c.execs, execText, data, i, 0, at) })
	if path.Ext(f.Path) == ".clj" {
		each(data, "(env :", func(i int) { c.clojureEnv(data, i+1, at) })
		each(data, "getenv \"", func(i int) { c.clojureEnv(data, i, at) })
		each(data, ":port ", func(i int) { c.collect(&c.ports, cljPort, data, i, 0, at) })
	}
	c.sourceDefinition = c.sourceDefinition || bytes.Contains(data, []byte("@DataSourceDefinition"))
	c.places(data, at)
	c.mains(f, at)
}

// portKey matches the call by which code asks for a setting that is a port, with the value that it has when nobody sets it.
var portKey = manifest.Lazy(`\.get\w*\(\s*"((?:[\w-]+\.)*)(?:[\w-]*[_-])?[pP]ort",\s*"?(\d{2,5})"?\s*\)`)

// portSetting keeps the default of a setting that is the port of the program's own server: "port", "http.port", "web.port".
func (c *code) portSetting(data []byte, i int, at func(int) detect.Evidence) {
	w, m := match(portKey, data, i, 80)
	if m == nil || len(c.portSettings) >= 50 {
		return
	}
	switch strings.ToLower(strings.TrimSuffix(string(w[m[2]:m[3]]), ".")) {
	case "", "web", "http", "server", "server.http", "http.server", "web.server", "listen", "app", "application", "jetty", "tomcat", "netty", "undertow", "api", "rest":
		c.portSettings = append(c.portSettings, mention{string(w[m[4]:m[5]]), at(i)})
	}
}

// clojureEnv keeps a variable that Clojure reads: by System/getenv, or by environ, which writes DB_URL as :db-url.
func (c *code) clojureEnv(data []byte, i int, at func(int) detect.Evidence) {
	w, m := match(cljEnv, data, i, 0)
	if m == nil || len(c.env) > 1000 {
		return
	}
	group := func(n int) string {
		if m[2*n] < 0 {
			return ""
		}
		return string(w[m[2*n]:m[2*n+1]])
	}
	r := envRead{name: group(1), ev: at(i)}
	if r.name == "" {
		r.name = strings.ToUpper(strings.ReplaceAll(group(4), "-", "_"))
	}
	for _, n := range []int{2, 3, 5, 6} {
		if v := group(n); v != "" {
			r.def, r.hasDef = v, true
		}
	}
	c.env = append(c.env, r)
}

var (
	getenvOf   = manifest.Lazy(`^getenv\(\s*([a-z]\w*)\s*\)`)
	helperHead = manifest.Lazy(`(\w+)\s*\(\s*(?:final\s+)?(?:String\s+(\w+)|(\w+)\s*:\s*String)\b[^()]*\)[^(){}]*[{=]`)
)

// helper finds the variables that are read through a method of the same file: setting("PORT", "8080") where setting
// gives its argument to getenv.
func (c *code) helper(data []byte, i int, at func(int) detect.Evidence) {
	_, m := match(getenvOf, data, i, 0)
	if m == nil {
		return
	}
	name := string(data[i+m[2] : i+m[3]])
	from := max(0, i-400)
	heads := helperHead.FindAllStringSubmatch(string(data[from:i]), 20)
	if len(heads) == 0 {
		return
	}
	head := heads[len(heads)-1]
	if head[2]+head[3] != name || len(head[1]) < 2 {
		return
	}
	call := manifest.Lazy(`^` + head[1] + `\(\s*"([A-Z][A-Z0-9_]*)"(?:\s*,\s*"([^"\n]*)"|\s*,\s*(\d+))?`)
	each(data, head[1]+"(", func(j int) {
		c.environment(call, data, j, false, at)
	})
}

// imported keeps the first import of each package of interest.
func (c *code) imported(name []byte, at func(int) detect.Evidence, offset int) {
	for _, p := range packages {
		if bytes.HasPrefix(name, []byte(p)) && c.imports[p] == nil {
			c.imports[p] = []detect.Evidence{at(offset)}
		}
	}
}

// environment keeps a variable that is read. An injected value without a default stops the application when the
// variable is not set.
func (c *code) environment(pattern *manifest.Pattern, data []byte, i int, injected bool, at func(int) detect.Evidence) {
	w, m := match(pattern, data, i, 0)
	if m == nil || len(c.env) > 1000 {
		return
	}
	r := envRead{name: string(w[m[2]:m[3]]), ev: at(i)}
	for g := 4; g+1 < len(m); g += 2 {
		if m[g] >= 0 {
			r.def, r.hasDef = strings.TrimPrefix(string(w[m[g]:m[g+1]]), ":"), true
		}
	}
	r.required = injected && !r.hasDef
	c.env = append(c.env, r)
}

// collect keeps the first group of a match.
func (c *code) collect(into *[]mention, pattern *manifest.Pattern, data []byte, i, back int, at func(int) detect.Evidence) {
	w, m := match(pattern, data, i, back)
	if m == nil || len(*into) >= 200 {
		return
	}
	s := ""
	if m[2] >= 0 {
		s = string(w[m[2]:m[3]])
	}
	e := at(i)
	for _, have := range *into {
		if have.ev == e && have.text == s {
			return
		}
	}
	*into = append(*into, mention{s, e})
}

func (c *code) places(data []byte, at func(int) detect.Evidence) {
	for _, p := range []struct {
		into *[]detect.Evidence
		word string
	}{{&c.tmp, "java.io.tmpdir"}, {&c.tmp, "createTempFile"}, {&c.session, "HttpSession"}} {
		if i := bytes.Index(data, []byte(p.word)); i >= 0 && len(*p.into) < 5 {
			*p.into = append(*p.into, at(i))
		}
	}
	for _, w := range []string{"System.loadLibrary(", "System.load("} {
		if i := bytes.Index(data, []byte(w)); i >= 0 && len(c.native) < 5 {
			c.native = append(c.native, at(i))
		}
	}
}

// bootAt is where a source starts Spring Boot; -1 when it does not.
func bootAt(data []byte) int {
	for _, w := range bootWords {
		if i := bytes.Index(data, []byte(w)); i >= 0 {
			return i
		}
	}
	return -1
}

func (c *code) mains(f detect.File, at func(int) detect.Evidence) {
	if i := bootAt(f.Data); i >= 0 {
		c.boot = append(c.boot, at(i))
	}
	for _, w := range []string{"void main", "fun main", "object ", "def main"} {
		each(f.Data, w, func(i int) {
			if _, m := match(mainText, f.Data, i, 0); m != nil {
				c.mainAt(f, at(i))
			}
		})
	}
}

// mainAt notes a main method, and the class of the first.
func (c *code) mainAt(f detect.File, ev detect.Evidence) {
	c.main = append(c.main, ev)
	if c.class != "" {
		return
	}
	c.class = strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))
	if path.Ext(f.Path) == ".kt" {
		c.class += "Kt"
	}
	if p := packageOf.FindSubmatch(f.Data[:min(len(f.Data), 8192)]); p != nil {
		c.class = string(p[1]) + "." + c.class
	}
}

var mainName = manifest.Lazy(`(?i)(app|application|main|boot\w*|server|starter|launcher|bootstrap|service)\.(java|kt|groovy)$`)

// applicationClass returns where the part itself has a class that starts Spring Boot. Only files that are named like
// one are read, so that it can be asked of every module of a large build.
func (a *app) applicationClass() []detect.Evidence {
	if a.hasMain != nil || len(a.parts) == 0 {
		return a.hasMain
	}
	own := app{idx: a.idx, parts: a.parts[:1]}
	read := 0
	for _, at := range own.files(sources, maxListed, "**/*.{java,kt,groovy}") {
		if !mainName.MatchString(at) {
			continue
		}
		if read++; read > 40 {
			break
		}
		f, ok := a.file(at)
		if !ok {
			continue
		}
		if i := bootAt(f.Data); i >= 0 {
			a.hasMain = []detect.Evidence{f.Evidence(1 + bytes.Count(f.Data[:i], []byte{'\n'}))}
			return a.hasMain
		}
	}
	return nil
}

// codePort is the port that the sources open, the first that they name; 0 when they say none.
func (c *code) codePort() (int, []detect.Evidence) {
	port := 0
	var ev []detect.Evidence
	for _, m := range append(c.ports[:len(c.ports):len(c.ports)], c.portSettings...) {
		n, err := strconv.Atoi(m.text)
		if err != nil || n < 80 || n > 65535 || port != 0 && n != port {
			continue
		}
		port, ev = n, append(ev, m.ev)
	}
	return port, ev
}
