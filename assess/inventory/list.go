// Package inventory makes the list of repositories that a portfolio is: from files, folders of repositories, and the
// organisations of a GitHub or GitLab server.
package inventory

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Item is one repository of a list.
type Item struct {
	Location    string   `json:"location"`
	Name        string   `json:"name,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	Criticality string   `json:"criticality,omitempty"`
	Tags        []string `json:"tags,omitempty"`
}

const (
	maxList  = 64 << 20 // bytes of a list
	maxItems = 200_000
)

// Read reads a list: lines with a source each (# begins a comment), CSV with a header that names location (or url, repository, source)
// and may name name, owner, criticality and tags, or JSON, an array of the same fields or of sources. What a list is shows its content;
// name is for errors.
func Read(r io.Reader, name string) ([]Item, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxList+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", name, err)
	case len(data) > maxList:
		return nil, fmt.Errorf("read %s: larger than %d MiB", name, maxList>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("read %s: it is not UTF-8 text", name)
	}
	var items []Item
	switch text := bytes.TrimSpace(data); {
	case bytes.HasPrefix(text, []byte("[")), bytes.HasPrefix(text, []byte("{")):
		items, err = readJSON(text)
	case isCSV(text):
		items, err = readCSV(text)
	default:
		items = readLines(text)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(items) > maxItems {
		return nil, fmt.Errorf("read %s: more than %d repositories", name, maxItems)
	}
	return items, nil
}

// RelativeTo makes the paths of a list count from its folder, as those of a Makefile do; URLs and absolute paths stay.
func RelativeTo(dir string, items []Item) {
	for i := range items {
		l := items[i].Location
		if filepath.IsAbs(l) || strings.HasPrefix(l, "~") || strings.Contains(l, "://") {
			continue
		}
		path, _, _ := strings.Cut(l, "#")
		if colon := strings.IndexByte(path, ':'); colon > 1 && !strings.Contains(path[:colon], "/") { // git@host:path
			continue
		}
		items[i].Location = filepath.Join(dir, l)
	}
}

func readLines(text []byte) []Item {
	var out []Item
	for line := range bytes.Lines(text) {
		if l := strings.TrimSpace(string(line)); l != "" && !strings.HasPrefix(l, "#") {
			out = append(out, Item{Location: l})
		}
	}
	return out
}

// locationNames are the columns that can hold the source.
var locationNames = []string{"location", "url", "repository", "repo", "source", "clone_url"}

// isCSV reports whether the first line is a header that names a column for the source.
func isCSV(text []byte) bool {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	if !bytes.ContainsAny(first, ",;\t") && !slices.Contains(locationNames, strings.ToLower(strings.TrimSpace(string(first)))) {
		return false
	}
	for _, h := range strings.FieldsFunc(string(first), func(r rune) bool { return strings.ContainsRune(",;\t", r) }) {
		if slices.Contains(locationNames, strings.ToLower(strings.Trim(h, "\" \r"))) {
			return true
		}
	}
	return false
}

func readCSV(text []byte) ([]Item, error) {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.TrimLeadingSpace, r.ReuseRecord = -1, true, true
	if !bytes.ContainsRune(first, ',') {
		if r.Comma = ';'; bytes.ContainsRune(first, '\t') {
			r.Comma = '\t'
		}
	}
	header, err := r.Read()
	if err != nil {
		return nil, err
	}
	column := map[string]int{}
	for i, h := range header {
		h = strings.ToLower(strings.TrimSpace(h))
		if slices.Contains(locationNames, h) {
			h = "location"
		}
		if _, twice := column[h]; !twice {
			column[h] = i
		}
	}
	var out []Item
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		field := func(name string) string {
			if i, ok := column[name]; ok && i < len(record) {
				return strings.TrimSpace(record[i])
			}
			return ""
		}
		item := Item{Location: field("location"), Name: field("name"), Owner: field("owner"), Criticality: field("criticality"), Tags: tags(field("tags"))}
		if item.Location != "" && !strings.HasPrefix(item.Location, "#") {
			out = append(out, item)
		}
	}
}

// tags splits "a b", "a;b" and "a|b".
func tags(s string) []string {
	list := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,;|", r) })
	if len(list) == 0 {
		return nil
	}
	return list
}

func readJSON(text []byte) ([]Item, error) {
	if text[0] == '{' {
		var doc struct {
			Repositories []json.RawMessage `json:"repositories"`
		}
		if err := json.Unmarshal(text, &doc); err != nil {
			return nil, err
		}
		return itemsOf(doc.Repositories)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	return itemsOf(list)
}

func itemsOf(list []json.RawMessage) ([]Item, error) {
	out := make([]Item, 0, len(list))
	for i, raw := range list {
		var plain string
		if json.Unmarshal(raw, &plain) == nil {
			out = append(out, Item{Location: plain})
			continue
		}
		var item struct {
			Item
			URL        string `json:"url"`
			Repository string `json:"repository"`
		}
		if err := json.Unmarshal(raw, &item); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		for _, l := range []string{item.URL, item.Repository} {
			if item.Location == "" {
				item.Location = l
			}
		}
		if item.Location == "" {
			return nil, fmt.Errorf("entry %d has no location", i+1)
		}
		out = append(out, item.Item)
	}
	return out, nil
}

const (
	maxDepth   = 4      // folders below which repositories are looked for
	maxFolders = 50_000 // that are looked at
)

// Below finds the repositories below a folder that is none itself: work trees, bare repositories and archives, and the folders
// beside them that hold none, which are sources too. Empty: the folder is a repository, or holds none.
func Below(dir string) ([]Item, error) {
	if isRepository(dir) {
		return nil, nil
	}
	var out []Item
	folders := 0
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if p == dir {
				return err
			}
			return nil // what cannot be read holds nothing for us
		}
		rel, _ := filepath.Rel(dir, p)
		switch depth := strings.Count(filepath.ToSlash(rel), "/"); {
		case p == dir:
			return nil
		case d.IsDir():
			if folders++; folders > maxFolders || depth >= maxDepth || d.Name() == "node_modules" {
				return fs.SkipDir
			}
			if isRepository(p) {
				out = append(out, Item{Location: p, Name: repositoryName(rel)})
				return fs.SkipDir
			}
		case depth == 0 && d.Type().IsRegular() && isArchive(d.Name()):
			out = append(out, Item{Location: p, Name: rel})
		}
		if len(out) > maxItems {
			return fmt.Errorf("more than %d repositories", maxItems)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for repositories in %s: %w", dir, err)
	}
	if !slices.ContainsFunc(out, func(i Item) bool { return !isArchive(i.Location) }) {
		return nil, nil // archives alone are part of an application
	}
	return append(out, plainFolders(dir, out)...), nil
}

// plainFolders are the folders directly below a folder of repositories in which none of these lies: applications that nobody put
// into Git. To leave them out without a word would be a wrong answer.
func plainFolders(dir string, found []Item) []Item {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []Item
	for _, e := range entries {
		p := filepath.Join(dir, e.Name())
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || e.Name() == "lost+found" {
			continue
		}
		if !slices.ContainsFunc(found, func(i Item) bool {
			return i.Location == p || strings.HasPrefix(i.Location, p+string(filepath.Separator))
		}) {
			out = append(out, Item{Location: p, Name: e.Name()})
		}
	}
	return out
}

// repositoryName is a path without what every repository's path ends in.
func repositoryName(rel string) string {
	rel = filepath.ToSlash(rel)
	for _, end := range []string{"/repo", "/repo.git", ".git"} {
		rel = strings.TrimSuffix(rel, end)
	}
	return rel
}

// isRepository reports whether a folder is a work tree or a Git directory.
func isRepository(dir string) bool {
	has := func(name string) bool {
		_, err := os.Lstat(filepath.Join(dir, name))
		return err == nil
	}
	return has(".git") || has("HEAD") && has("objects")
}

func isArchive(name string) bool {
	lower := strings.ToLower(name)
	for _, ext := range []string{".zip", ".tar", ".tar.gz", ".tgz", ".war", ".ear"} {
		if strings.HasSuffix(lower, ext) {
			return true
		}
	}
	return false
}
