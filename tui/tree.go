package tui

import (
	"path"
	"strings"
)

// treeRow is a row of the file tree: a file, or a folder that holds several.
type treeRow struct {
	file   int    // index of the file; of a folder, its first file
	folder string // of a folder: its path from the top, without a slash at its end
	name   string // what is shown: the path below the nearest folder row
	depth  int
	files  []int // of a folder: the indices of all files below it
}

// treeRows lays files out as a tree in the order of their first appearance.
// A folder with one file only is no row of its own: the file stands with its
// path, and a chain of folders is one row. What is folded hides its files.
func treeRows(files []file, folded map[string]bool) []treeRow {
	all := make([]int, len(files))
	for i := range files {
		all[i] = i
	}
	return layRows(files, all, "", 0, folded)
}

// layRows lays out the files at some indices, all of them below a folder.
func layRows(files []file, at []int, below string, depth int, folded map[string]bool) []treeRow {
	var order []string
	groups := map[string][]int{}
	for _, i := range at {
		first, rest, deeper := strings.Cut(relative(files[i].path, below), "/")
		key := first + "/"
		if !deeper || rest == "" {
			key = first
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], i)
	}
	var rows []treeRow
	for _, key := range order {
		group := groups[key]
		folder := commonFolder(files, group)
		// A path that is not clean must not lead round in a circle.
		if len(group) == 1 || !strings.HasSuffix(key, "/") || len(folder) <= len(below) {
			for _, i := range group {
				rows = append(rows, treeRow{file: i, name: relative(files[i].path, below), depth: depth})
			}
			continue
		}
		rows = append(rows, treeRow{file: group[0], folder: folder, name: relative(folder, below) + "/", depth: depth, files: group})
		if !folded[folder] {
			rows = append(rows, layRows(files, group, folder, depth+1, folded)...)
		}
	}
	return rows
}

// relative is a path as it is written below a folder.
func relative(name, below string) string {
	if below == "" {
		return name
	}
	return strings.TrimPrefix(name, below+"/")
}

// commonFolder is the deepest folder that holds all files at some indices.
func commonFolder(files []file, at []int) string {
	folder := path.Dir(files[at[0]].path)
	for _, i := range at[1:] {
		for !strings.HasPrefix(files[i].path, folder+"/") {
			if strings.LastIndex(folder, "/") < 1 {
				return strings.SplitN(files[at[0]].path, "/", 2)[0]
			}
			folder = folder[:strings.LastIndex(folder, "/")]
		}
	}
	return folder
}

// actions says in few words what writing does to the files of a folder, what needs a look first.
func actions(files []file, at []int) string {
	counts := map[string]int{}
	for _, i := range at {
		counts[files[i].action]++
	}
	for _, worst := range []string{"conflict", "force", "remove", "merge", "update"} {
		if n := counts[worst]; n > 0 {
			return itoa(n) + " " + actionWord(worst)
		}
	}
	return count(len(at), "file")
}
