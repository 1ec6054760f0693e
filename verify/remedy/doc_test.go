package remedy

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

var update = flag.Bool("update", false, "write docs/REPAIR.md anew")

// TestReference keeps docs/REPAIR.md, the list of remedies, as the tables have it.
func TestReference(t *testing.T) {
	list, err := load()
	if err != nil {
		t.Fatal(err)
	}
	signs := map[string]string{} // the first log's last line, by remedy
	for _, s := range readShown(t) {
		if _, seen := signs[s.Remedy]; !seen {
			signs[s.Remedy] = strings.TrimSpace(strings.Join(s.Log[max(0, len(s.Log)-1):], ""))
		}
	}
	var b strings.Builder
	b.WriteString(`# Repair

When a build, a start or a probe fails, drydock looks through this table from the first row to the last. The first remedy that
fits the log and would change something edits the plan; the files are made anew, and the job is tried again, at most
` + "`--max-repairs`" + ` times (8). On a terminal each remedy is shown with its difference and waits for an answer; ` + "`--yes`" + ` and scripts
apply it; ` + "`--no-repair`" + ` leaves the first failure as it is. Every attempt is in the verdict, and what was changed is in
drydock.yaml, with the remedy as its reason.

A remedy is a row of ` + "`verify/remedy/remedies.yaml`" + `: what it matches, the edit, why it helps, and the real log lines that it was
learnt from in ` + "`testdata`" + `, which are its test. Libraries, tools and their Debian packages are rows of ` + "`verify/remedy/packages.yaml`" + `.

| remedy | for | a log that shows it | what it does |
| --- | --- | --- | --- |
`)
	for _, r := range list {
		sign, does := "", "tells what a person can do"
		if line := signs[r.ID]; line != "" {
			sign = "`" + strings.ReplaceAll(cut(line, 110), "|", "\\|") + "`"
		} else if f := r.When["failure"]; f != "" {
			sign = "failure `" + strings.ReplaceAll(f, "|", "`, `") + "`"
		}
		var edits []string
		for _, e := range r.Edit {
			switch {
			case e.Add != "":
				edits = append(edits, fmt.Sprintf("adds %s to %s", e.Value, e.Add))
			case e.Words != "":
				edits = append(edits, fmt.Sprintf("adds %s to %s", e.Value, e.Words))
			case e.Build != "":
				edits = append(edits, fmt.Sprintf("builds with %s=%s", e.Build, e.Value))
			case e.Grow != "":
				edits = append(edits, fmt.Sprintf("doubles %s, up to %s", e.Grow, e.Value))
			default:
				edits = append(edits, fmt.Sprintf("sets %s to %s", e.Set, e.Value))
			}
		}
		if r.Solve != "" {
			edits = append(edits, "the rule "+r.Solve)
		}
		if len(edits) > 0 {
			does = strings.Join(edits, "; ")
		}
		language := strings.ReplaceAll(r.When["language"], "|", ", ")
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s: %s |\n", r.ID, strings.TrimSpace(language+" "+r.Phase), sign, does, strings.ReplaceAll(r.Why, "|", "\\|"))
	}
	b.WriteString(faultTable(t))
	name := filepath.Join("..", "..", "docs", "REPAIR.md")
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("%s is not what the tables say: run the test with -update", name)
	}
}

// faultTable lists the faults that flow's TestRepair mends on an engine.
func faultTable(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "faults.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var faults []struct {
		Fault, Stack, App string
		Remedies          []string
	}
	if err := yaml.Unmarshal(data, &faults); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(`
## Faults that are repaired in the tests

Each is one of the applications in ` + "`testdata/apps`" + ` with something broken (` + "`testdata/faults.yaml`" + `). The test builds and starts it on a real
engine, and it has to end healthy by these remedies, in this order, without a person. An attempt is a build and a start that
failed; the last one, which is healthy, is not counted.

| stack | application | fault | remedies | attempts |
| --- | --- | --- | --- | --- |
`)
	for _, f := range faults {
		fmt.Fprintf(&b, "| %s | `%s` | %s | `%s` | %d |\n", f.Stack, f.App, f.Fault, strings.Join(f.Remedies, "`, `"), len(f.Remedies))
	}
	return b.String()
}

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
