package python

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
	"github.com/drydock-cli/drydock/source"
)

func TestConformance(t *testing.T) {
	apps := "../../testdata/apps/"
	detecttest.Run(t, Detector{}, os.DirFS(apps+"python-helpdesk"), os.DirFS(apps+"python-links"), fstest.MapFS{
		"pyproject.toml":     {Data: []byte("[tool.poetry]\nname = \"x\"\n\n[tool.poetry.dependencies]\npython = \"^3.8\"\nfastapi = \"^0.95\"\nasyncpg = \"*\"\n")},
		"poetry.lock":        {Data: []byte("[[package]]\nname = \"fastapi\"\nversion = \"0.95.2\"\n\n[[package]]\nname = \"asyncpg\"\nversion = \"0.27.0\"\n")},
		"app/main.py":        {Data: []byte("import os\nfrom fastapi import FastAPI\n\napp = FastAPI()\nDATABASE_URL = os.environ[\"DATABASE_URL\"]\n\n\n@app.get(\"/health\")\nasync def health():\n    return {}\n")},
		"docker-compose.yml": {Data: []byte("services:\n  app:\n    build: .\n    command: uvicorn app.main:app --host 0.0.0.0 --port 8001\n    ports: ['8001:8001']\n")},
		"tox.ini":            {Data: []byte("[tox]\nenvlist = py38,py39\n")},
	}, fstest.MapFS{
		"setup.py":       {Data: []byte("from setuptools import setup\nsetup(name='old', install_requires=['Pylons==1.0', 'psycopg2'], classifiers=['Programming Language :: Python :: 2.7'])\n")},
		"production.ini": {Data: []byte("[server:main]\nuse = egg:Paste#http\nport = 5010\n\n[app:main]\nuse = egg:old\nsqlalchemy.url = postgres://u@localhost/old\n")},
		"old/app.py":     {Data: []byte("import pylons\nprint 'hello'\n")},
	})
}

// find runs the detector over a tree.
func find(t testing.TB, files map[string]string) *detect.Findings {
	t.Helper()
	return detecttest.Find(t, Detector{}, files)
}

// one is the first component of a tree.
func one(t testing.TB, files map[string]string) detect.Component {
	t.Helper()
	f := find(t, files)
	if len(f.Components) == 0 {
		t.Fatalf("nothing found; warnings %v", f.Warnings)
	}
	return f.Components[0]
}

var update = flag.Bool("update", false, "write the golden files")

// TestGolden compares all that is said about the repository's own applications with what they are known to be.
func TestGolden(t *testing.T) {
	for _, app := range []string{"python-helpdesk", "python-links", "python-inventory", "python-thumbs", "python-digits"} {
		t.Run(app, func(t *testing.T) {
			tr, err := source.Open(context.Background(), "../../testdata/apps/"+app, source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close()
			f, err := detect.Run(context.Background(), tr, []detect.Detector{Detector{}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			f.Location = app
			got, err := f.JSON()
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "golden", app+".json")
			if *update {
				if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("differs (- golden, + now; -update writes it):\n%s", diff)
			}
		})
	}
}
