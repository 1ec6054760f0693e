package flow

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/adrg/xdg"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/detect"
)

// maxRecent is how many sources the first screen can offer.
const maxRecent = 8

func recentFile() string { return filepath.Join(xdg.StateHome, "drydock", "recent.json") }

// Recents lists the sources that were opened before, the last one first. A list that cannot be
// read is empty: it is a convenience.
func Recents() []Recent {
	data, err := readLimited(recentFile())
	if err != nil {
		return nil
	}
	var list []Recent
	if json.Unmarshal(data, &list) != nil {
		return nil
	}
	for i := range list {
		list[i].Location = detect.Printable(list[i].Location, 400)
		list[i].Summary = detect.Printable(list[i].Summary, 80)
		list[i].Outcome = detect.Printable(list[i].Outcome, 20)
	}
	return list
}

// saveRecent puts a source at the head of the list. A list that cannot be written is left alone.
func saveRecent(r Recent) {
	r.When = time.Now().UTC().Format(time.RFC3339)
	list := []Recent{r}
	for _, old := range Recents() {
		if old.Location != r.Location && len(list) < maxRecent {
			list = append(list, old)
		}
	}
	data, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return
	}
	file := recentFile()
	if os.MkdirAll(filepath.Dir(file), 0o700) == nil {
		_ = replaceFile(file, data, 0o600)
	}
}

// SourceQuestion asks for a source where no command line named one.
func SourceQuestion() ask.Question {
	return ask.Question{ID: "source", Text: "Which application?", Why: "A folder, a Git URL (add #branch or #branch:folder), a bare repository or an archive."}
}

// summary says in a few words what was found: "Ruby on Rails 6.1", "java 8 war".
func summary(f *detect.Findings) string {
	for _, c := range f.Components {
		if c.Role.V == detect.Library {
			continue
		}
		s := c.Framework.V
		if s == "" || s == "none" {
			s = c.Language.V
			if v := c.LanguageVersion.V; v != "" {
				s += " " + v
			}
		} else if v := c.FrameworkVersion.V; v != "" {
			s += " " + v
		}
		return s
	}
	return ""
}
