package java

import (
	"bytes"
	"path"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
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
)

var speaking = regexp.MustCompile(`(?i)(config|application|main|setting|propert|env|constant|datasource|database|connection|jdbc|dao|util|server|init|bootstrap|launcher|context|factory|storage|upload|service)`)

// scan reads the sources of all parts, once.
func (a *app) scan() *code {
	if a.code != nil {
		return a.code
	}
	c := &code{imports: map[string][]detect.Evidence{}}
	a.code = c
	files := a.files(sources, maxListed, "**/*.{java,kt,groovy,scala}")
	sort.SliceStable(files, func(i, j int) bool {
		return speaking.MatchString(path.Base(files[i])) && !speaking.MatchString(path.Base(files[j]))
	})
	left := maxSourceBytes
	for i := 0; i < len(files) && i < maxSources && left > 0; i++ {
		if strings.Contains(files[i], "/src/test/") || generated(path.Dir(files[i])) {
			continue
		}
		f, ok := a.file(files[i])
		if !ok {
			continue
		}
		left -= len(f.Data)
		c.read(f)
	}
	return c
}

// packages of interest among the imports.
var packages = []string{"javax.servlet", "jakarta.", "javax.ejb", "jakarta.ejb", "javax.faces", "jakarta.faces", "javax.ws.rs", "jakarta.ws.rs",
	"javax.enterprise", "jakarta.enterprise", "javax.jms", "jakarta.jms", "javax.persistence", "java.awt", "javax.imageio", "javax.mail", "jakarta.mail", "org.springframework.boot",
	"javax.websocket", "java.rmi"}

var (
	getenv     = regexp.MustCompile(`getenv\s*\(\s*\)?\s*(?:\.\s*get\s*\(|\.\s*getOrDefault\s*\(|\[)?\s*"([A-Za-z_][A-Za-z0-9_]*)"(?:\s*,\s*"([^"\n]*)")?(?:\s*\)?\s*\?:\s*"([^"\n]*)"|\s*\)\s*\)?\s*\.\s*orElse\(\s*"([^"\n]*)")?`)
	valueEnv   = regexp.MustCompile(`@Value\s*\(\s*"[^"\n]*?\$\{([A-Z][A-Z0-9_]+)(:[^}"\n]*)?\}`)
	jdbcText   = regexp.MustCompile(`"(jdbc:[a-z0-9]+:[^"\s]{1,300})"`)
	loadNative = regexp.MustCompile(`System\s*\.\s*load(?:Library)?\s*\(`)
	openFile   = regexp.MustCompile(`(?:new\s+(?:java\.io\.)?(?:File|FileOutputStream|FileWriter|FileInputStream|FileReader|RandomAccessFile)|Paths\s*\.\s*get|Path\s*\.\s*of)\s*\(\s*"(/[^"\n]{2,200}|[A-Za-z]:\\\\[^"\n]{0,200}|[A-Za-z]:/[^"\n]{0,200})"`)
	execText   = regexp.MustCompile(`(?:getRuntime\s*\(\s*\)\s*\.\s*exec|new\s+ProcessBuilder)\s*\(\s*(?:new\s+String\s*\[\s*\]\s*\{\s*|Arrays\.asList\(\s*|List\.of\(\s*)?(?:"([^"\n]{1,200})")?`)
	portText   = regexp.MustCompile(`(?:\bsetPort|\bport|new\s+Server|\.start|\.listen|addHttpListener|setHttpPort)\s*\(\s*(\d{2,5})\s*[,)]`)
	mainText   = regexp.MustCompile(`(?m)^\s*(?:public\s+)?(?:static\s+)(?:public\s+)?void\s+main\s*\(\s*(?:final\s+)?String|^\s*fun\s+main\s*\(|^object\s+\w+\s+extends\s+App\b`)
	bootText   = regexp.MustCompile(`@SpringBootApplication|@EnableAutoConfiguration|SpringApplication\s*\.\s*run|SpringApplicationBuilder|runApplication<`)
	packageOf  = regexp.MustCompile(`(?m)^\s*package\s+([\w.]+)`)
)

// read scans one file. A cheap search decides whether a pattern is tried at all.
func (c *code) read(f detect.File) {
	data := f.Data
	at := func(offset int) detect.Evidence { return f.Evidence(1 + bytes.Count(data[:offset], []byte{'\n'})) }
	for _, p := range packages {
		if c.imports[p] == nil {
			if i := bytes.Index(data, []byte("import "+p)); i >= 0 {
				c.imports[p] = []detect.Evidence{at(i)}
			}
		}
	}
	has := func(s string) bool { return bytes.Contains(data, []byte(s)) }
	if has("getenv") {
		for _, m := range getenv.FindAllSubmatchIndex(data, 200) {
			r := envRead{name: string(data[m[2]:m[3]]), ev: at(m[0])}
			for _, g := range []int{4, 6, 8} {
				if m[g] >= 0 {
					r.def, r.hasDef = string(data[m[g]:m[g+1]]), true
				}
			}
			c.env = append(c.env, r)
		}
	}
	if has("@Value") {
		for _, m := range valueEnv.FindAllSubmatchIndex(data, 200) {
			r := envRead{name: string(data[m[2]:m[3]]), ev: at(m[0]), required: m[4] < 0}
			if m[4] >= 0 {
				r.def, r.hasDef = string(data[m[4]+1:m[5]]), true
			}
			c.env = append(c.env, r)
		}
	}
	c.collect(&c.urls, data, "jdbc:", jdbcText, at)
	c.collect(&c.paths, data, "\"", openFile, at)
	c.collect(&c.ports, data, "ort", portText, at)
	if !has("ort") {
		c.collect(&c.ports, data, "Server(", portText, at)
	}
	if has(".exec") || has("ProcessBuilder") {
		c.collect(&c.execs, data, "", execText, at)
	}
	c.places(data, at)
	c.mains(f, at)
}

// collect keeps the first group of each match.
func (c *code) collect(into *[]mention, data []byte, word string, pattern *regexp.Regexp, at func(int) detect.Evidence) {
	if len(*into) >= 200 || word != "" && !bytes.Contains(data, []byte(word)) {
		return
	}
	for _, m := range pattern.FindAllSubmatchIndex(data, 20) {
		s := ""
		if m[2] >= 0 {
			s = string(data[m[2]:m[3]])
		}
		*into = append(*into, mention{s, at(m[0])})
	}
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
	if bytes.Contains(data, []byte("System")) && len(c.native) < 5 {
		if m := loadNative.FindIndex(data); m != nil {
			c.native = append(c.native, at(m[0]))
		}
	}
}

func (c *code) mains(f detect.File, at func(int) detect.Evidence) {
	if i := bootText.FindIndex(f.Data); i != nil && bytes.Contains(f.Data, []byte("springframework.boot")) {
		c.boot = append(c.boot, at(i[0]))
	}
	if !bytes.Contains(f.Data, []byte("main")) && !bytes.Contains(f.Data, []byte("extends App")) {
		return
	}
	if m := mainText.FindIndex(f.Data); m != nil {
		line := at(m[0])
		for m[0] < m[1] && (f.Data[m[0]] == '\n' || f.Data[m[0]] == '\r') {
			m[0]++
			line = at(m[0])
		}
		c.main = append(c.main, line)
		if c.class == "" {
			c.class = strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))
			if path.Ext(f.Path) == ".kt" {
				c.class += "Kt"
			}
			if p := packageOf.FindSubmatch(f.Data); p != nil {
				c.class = string(p[1]) + "." + c.class
			}
		}
	}
}

var mainName = regexp.MustCompile(`(?i)(app|application|main|boot\w*|server|starter|launcher|bootstrap|service)\.(java|kt|groovy)$`)

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
		if m := bootText.FindIndex(f.Data); m != nil {
			a.hasMain = []detect.Evidence{f.Evidence(1 + bytes.Count(f.Data[:m[0]], []byte{'\n'}))}
			return a.hasMain
		}
	}
	return nil
}

// codePort is the port that the sources open; 0 when they say none or several.
func (c *code) codePort() (int, []detect.Evidence) {
	port := 0
	var ev []detect.Evidence
	for _, m := range c.ports {
		n, err := strconv.Atoi(m.text)
		if err != nil || n < 80 || n > 65535 || port != 0 && n != port {
			continue
		}
		port, ev = n, append(ev, m.ev)
	}
	return port, ev
}
