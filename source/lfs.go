package source

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitattributes"
)

const (
	maxAttributeFiles = 100     // .gitattributes looked at
	maxAttributes     = 1 << 20 // bytes read of one
	maxPointers       = 1000    // files looked into
	lfsPointer        = "version https://git-lfs.github.com/spec/"
)

// warnOfLFS says which files are pointers of Git LFS: their contents are not in the source.
func warnOfLFS(t *Tree) {
	rules := lfsRules(t)
	if len(rules) == 0 {
		return
	}
	var pointers []string
	looked := 0
	for _, e := range t.entries {
		if e.Mode&fs.ModeSymlink != 0 || e.Size > 1024 || !filtered(rules, e.Path) {
			continue
		}
		if looked++; looked > maxPointers {
			break
		}
		if isPointer(t, e.Path) {
			pointers = append(pointers, e.Path)
		}
	}
	if len(pointers) == 0 {
		return
	}
	text := "its content is kept by Git LFS and is not in the source"
	if more := len(pointers) - 1; more > 0 {
		text += fmt.Sprintf("; so is that of %d more files", more)
		if looked > maxPointers {
			text += " at least"
		}
	}
	t.Warnings = append(t.Warnings, Warning{Path: printable(pointers[0]), Text: text})
}

// attributeFiles looks through the list: an index of all names, for which Tree.Named is, costs more than all else here.
func attributeFiles(t *Tree) (files []string) {
	const name = ".gitattributes"
	for _, e := range t.entries {
		if stem, ok := strings.CutSuffix(e.Path, name); ok && (stem == "" || strings.HasSuffix(stem, "/")) {
			files = append(files, e.Path)
		}
	}
	return files
}

// lfsRules are the lines of .gitattributes files that say something of filters, once one of them names LFS.
func lfsRules(t *Tree) []gitattributes.MatchAttribute {
	var rules []gitattributes.MatchAttribute
	usesLFS := false
	files := attributeFiles(t)
	for _, name := range files[:min(len(files), maxAttributeFiles)] {
		f, err := t.Open(name)
		if err != nil {
			continue
		}
		data, err := io.ReadAll(io.LimitReader(f, maxAttributes))
		_ = f.Close()
		if err != nil || !bytes.Contains(data, []byte("filter")) {
			continue
		}
		var domain []string
		if dir := path.Dir(name); dir != "." {
			domain = strings.Split(dir, "/")
		}
		lines := bufio.NewScanner(bytes.NewReader(data))
		for lines.Scan() {
			rule, ok := filterRule(lines.Text(), domain)
			if ok {
				rules = append(rules, rule)
				usesLFS = usesLFS || strings.Contains(lines.Text(), "filter=lfs")
			}
		}
	}
	if !usesLFS {
		return nil
	}
	return rules
}

// filterRule reads a line of .gitattributes; ok says that it is about filters.
func filterRule(line string, domain []string) (rule gitattributes.MatchAttribute, ok bool) {
	err := guard(".gitattributes", func() (err error) {
		rule, err = gitattributes.ParseAttributesLine(line, domain, false)
		return err
	})
	if err != nil || rule.Pattern == nil {
		return rule, false
	}
	for _, a := range rule.Attributes {
		if a.Name() == "filter" {
			rule.Attributes = []gitattributes.Attribute{a}
			return rule, true
		}
	}
	return rule, false
}

// filtered says whether the last rule that matches a path is LFS's.
func filtered(rules []gitattributes.MatchAttribute, name string) bool {
	parts := strings.Split(name, "/")
	for i := len(rules) - 1; i >= 0; i-- {
		if rules[i].Pattern.Match(parts) {
			return rules[i].Attributes[0].Value() == "lfs"
		}
	}
	return false
}

func isPointer(t *Tree, name string) bool {
	f, err := t.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(lfsPointer))
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == lfsPointer
}
