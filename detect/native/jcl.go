package native

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// step is an EXEC statement of a job with the files that it names.
type step struct {
	program string
	line    int
	dds     []dd
}

// dd is a data definition: a file of a step.
type dd struct {
	name, dataset string
	output        bool // DISP=NEW or MOD
	sysout        bool
	line          int
}

var (
	jclExec = manifest.Lazy(`^//(\S*)\s+EXEC\s+(?:PGM=)?([A-Z0-9@#$]+)`)
	jclDD   = manifest.Lazy(`^//([A-Z0-9@#$]+)\s+DD\s+(.*)`)
	jclDSN  = manifest.Lazy(`\bDSN(?:AME)?=([A-Z0-9@#$.&()+-]+)`)
)

// parseJCL reads the steps of a job. Comments ("//*"), data in the stream and continuations are understood as far as
// programs and data sets need it.
func parseJCL(data []byte) []step {
	var out []step
	for i, text := range strings.Split(string(data), "\n") {
		text = strings.TrimRight(text, "\r ")
		if !strings.HasPrefix(text, "//") || strings.HasPrefix(text, "//*") || len(text) > 200 || len(out) >= 200 {
			continue
		}
		if m := jclExec.FindStringSubmatch(text); m != nil {
			out = append(out, step{program: m[2], line: i + 1})
			continue
		}
		if len(out) == 0 {
			continue
		}
		last := &out[len(out)-1]
		if m := jclDD.FindStringSubmatch(text); m != nil && len(last.dds) < 50 {
			d := dd{name: m[1], line: i + 1}
			d.read(m[2])
			last.dds = append(last.dds, d)
		} else if strings.HasPrefix(text, "// ") && len(last.dds) > 0 { // goes on
			last.dds[len(last.dds)-1].read(text)
		}
	}
	return out
}

func (d *dd) read(text string) {
	if m := jclDSN.FindStringSubmatch(text); m != nil && d.dataset == "" {
		d.dataset = m[1]
		if i := strings.IndexByte(d.dataset, '('); i >= 0 {
			d.dataset = d.dataset[:i]
		}
	}
	d.output = d.output || strings.Contains(text, "DISP=(NEW") || strings.Contains(text, "DISP=(MOD") || strings.Contains(text, "DISP=(,")
	d.sysout = d.sysout || strings.Contains(text, "SYSOUT=")
}

// jobs makes processes of the JCL: the steps of a job one after the other, each with its files. Without JCL the programs run
// by themselves.
func (b *batch) jobs(c *detect.Component, first *cobolFile) {
	byID := map[string]*cobolFile{}
	for _, f := range b.files {
		if f.id != "" && !f.called && plainBuilt.MatchString(f.name) && plainName.MatchString(f.stem()) {
			byID[f.id] = f
		}
	}
	data := b.dataFiles()
	used := map[string]bool{}
	for _, name := range b.jcl {
		f, ok := readText(b.dir, name)
		if !ok {
			continue
		}
		job, ev := b.job(f, byID, data, used, c)
		if job == nil {
			continue
		}
		process := detect.Process{Name: "batch", Command: job, From: detect.Inferred, Why: "the steps of the job " + path.Base(name), Evidence: ev}
		if len(c.Processes) > 0 {
			process.Name = detect.CleanName(strings.TrimSuffix(path.Base(name), path.Ext(name)))
		}
		c.Processes = append(c.Processes, process)
	}
	b.withoutJobs(c, first, used)
	if len(used) > 0 {
		c.Facts["runtimeFiles"] = detect.Infer(strings.Join(sortedSet(used), " "), "the programs read them", first.file.Evidence(first.line))
	}
	if len(b.jcl) > 0 {
		p, _ := b.dir.Rel(b.jcl[0])
		c.Facts["dialect"] = detect.Infer("ibm", "JCL says that it was written for IBM's compiler", detect.Evidence{File: p})
	}
}

func sortedSet(m map[string]bool) []string {
	keys := map[string]string{}
	for k := range m {
		keys[k] = ""
	}
	return sortedKeys(keys)
}

// job is the command of a job: nil when none of its steps is a program of the unit.
func (b *batch) job(f detect.File, byID map[string]*cobolFile, data map[string]string, used map[string]bool, c *detect.Component) ([]string, []detect.Evidence) {
	var lines []string
	var ev []detect.Evidence
	for _, s := range parseJCL(f.Data) {
		program := byID[s.program]
		if program == nil {
			continue
		}
		ev = append(ev, f.Evidence(s.line))
		words := ""
		for _, d := range s.dds {
			if d.dataset == "" || d.sysout || strings.HasPrefix(d.name, "STEPLIB") || strings.HasPrefix(d.name, "JOBLIB") || strings.ContainsAny(d.name+d.dataset, "&@#$+") {
				continue
			}
			file, ok := data[strings.ToLower(d.dataset)]
			if !ok {
				file = "data/" + strings.ToLower(d.dataset)
			} else {
				used[topOf(file)] = true
			}
			if !ok || d.output {
				c.Writes = appendOnce(c.Writes, detect.Infer(path.Dir(file), "the data set of "+d.name+" is kept there", f.Evidence(d.line)))
			}
			words += "DD_" + d.name + "=" + file + " "
		}
		lines = append(lines, words+"/app/bin/"+program.stem())
	}
	if len(lines) == 0 {
		return nil, nil
	}
	if len(lines) == 1 && !strings.Contains(lines[0], " ") {
		return []string{lines[0]}, ev
	}
	return []string{"sh", "-ec", strings.Join(lines, "; ")}, ev
}

// topOf is the first part of a path.
func topOf(file string) string {
	top, _, _ := strings.Cut(file, "/")
	return top
}

// dataFiles are files of the repository that could be data sets, by their names in small letters, with and without ending.
func (b *batch) dataFiles() map[string]string {
	out := map[string]string{}
	for name := range b.dir.Files() {
		ext := strings.ToLower(path.Ext(name))
		if isCobol(name) || ext == ".cpy" || ext == ".jcl" || ext == ".md" || !detect.Ours(path.Dir(name)) || !plainBuilt.MatchString(name) || !strings.Contains(name, "/") || len(out) > 2000 {
			continue
		}
		base := strings.ToLower(path.Base(name))
		out[base] = name
		if ext != "" && len(ext) < 6 {
			if _, have := out[strings.TrimSuffix(base, ext)]; !have {
				out[strings.TrimSuffix(base, ext)] = name
			}
		}
	}
	return out
}

// withoutJobs starts the one program when there is no job, and finds the files that programs name in quotes.
func (b *batch) withoutJobs(c *detect.Component, first *cobolFile, used map[string]bool) {
	programs := 0
	for _, f := range b.files {
		if f.id == "" || !plainBuilt.MatchString(f.name) {
			continue
		}
		if !f.called {
			programs++
		}
		for _, a := range f.opens {
			dir := path.Dir(path.Clean(a.to))
			if !a.quoted || dir == "." || strings.HasPrefix(dir, "..") || strings.HasPrefix(dir, "/") || !plainBuilt.MatchString(dir) {
				continue
			}
			if a.output {
				c.Writes = appendOnce(c.Writes, detect.Infer(dir, "the program writes "+detect.Printable(a.to, 80), f.file.Evidence(a.line)))
			}
			if b.dir.Has(a.to) {
				used[topOf(dir)] = true
			}
		}
	}
	if len(c.Processes) > 0 || !plainName.MatchString(first.stem()) {
		return
	}
	p := detect.Process{Name: "batch", Command: []string{"/app/bin/" + first.stem()}, From: detect.Inferred, Why: "the program that no other one calls", Evidence: []detect.Evidence{first.file.Evidence(first.line)}}
	if programs > 1 {
		p.From, p.Why = detect.Default, "several programs are called by no other one, and nothing says in which order they run"
	}
	if c.Role.V == detect.Web {
		p.Name = "web"
	}
	c.Processes = append(c.Processes, p)
}
