package static

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
	"github.com/drydock-cli/drydock/source"
)

func TestConformance(t *testing.T) {
	detecttest.Run(t, Detector{}, os.DirFS("../../testdata/apps/static-almanac"))
}

func TestDetect(t *testing.T) {
	const page = "<!DOCTYPE html>\n<html><body>x</body></html>\n"
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"the root":             {map[string]string{"index.html": page, "css/x.css": ""}, "."},
		"one site":             {map[string]string{"index.html": page, "public/index.html": page}, "."},
		"a folder":             {map[string]string{"README": "", "site/index.html": page}, "site"},
		"another page's name":  {map[string]string{"default.htm": page}, ". default.htm"},
		"a report":             {map[string]string{"reports/coverage/index.html": page}, ""},
		"beside a program":     {map[string]string{"pom.xml": "", "web/index.html": page}, ""},
		"no page":              {map[string]string{"index.html": "{{ placeholder }}"}, ""},
		"documents":            {map[string]string{"docs/index.html": page}, ""},
		"other tools' scripts": {map[string]string{"Rakefile": "", "index.html": page}, "."},
	} {
		t.Run(name, func(t *testing.T) {
			m := fstest.MapFS{}
			var entries []source.Entry
			for n, text := range tt.files {
				m[n] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
				entries = append(entries, source.Entry{Path: n, Mode: 0o644, Size: int64(len(text))})
			}
			f, err := detect.Run(context.Background(), source.NewTree(m, entries, nil), []detect.Detector{Detector{}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range f.Components {
				got = append(got, strings.TrimSpace(c.Path+" "+c.Facts["index"].V))
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("got %q, want %q", s, tt.want)
			}
		})
	}
}
