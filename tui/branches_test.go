package tui

import (
	"errors"
	"strings"
	"testing"
)

func TestBranchPicker(t *testing.T) {
	g := newRig(t, 80, 24, false)
	g.typed("https://git.example.com/redmine")
	g.shows("tab branches and tags")
	g.keys("tab")
	g.shows("redmine#_", "23 of 23 names", "> master", "branch, the default", "4.2-stable", "tag")
	g.keys("down down")
	g.shows("> 4.2-stable")
	g.typed("4.2.1")
	g.shows("10 of 23 names", "> 4.2.19")
	g.keys("down enter")
	g.shows("redmine#4.2.18_", "enter next")
	g.hides("Branches and tags")
	g.keys("enter")
	g.shows("Findings]")
	if !strings.Contains(g.d.seen(), "refs https://git.example.com/redmine open") {
		t.Error(g.d.seen())
	}
}

func TestBranchPickerKeepsTheFolder(t *testing.T) {
	g := newRig(t, 80, 24, false)
	g.typed("/srv/mono#stable:apps/shop")
	g.keys("tab")
	g.shows("2 of 23 names")
	g.keys("down enter")
	g.shows("/srv/mono#4.2-stable:apps/shop_")
}

func TestBranchPickerNothingFits(t *testing.T) {
	g := newRig(t, 80, 24, false)
	g.typed("https://git.example.com/redmine#9d1f0c4")
	g.keys("tab")
	g.shows("0 of 23 names", "a commit can be named too")
	g.keys("enter")
	g.shows("Findings]")
	g.keys("1 esc")
}

func TestBranchPickerFailsAndCloses(t *testing.T) {
	g := newRig(t, 80, 24, false)
	g.d.refsErr = errors.New("list the branches of https://git.example.com/x: it asks for a password" + hostile)
	g.typed("https://git.example.com/x")
	g.keys("tab")
	g.shows("✗ list the branches", "asks for a password")
	g.fits()
	g.d.refsErr = nil
	g.keys("tab")
	g.shows("> master")
	g.keys("backspace") // the "#" goes, and the list with it
	g.hides("Branches and tags")
	g.keys("tab esc")
	g.hides("Branches and tags")
	g.shows("git.example.com/x#_")
}

func TestBranchPickerCanBeStopped(t *testing.T) {
	g := newRig(t, 80, 24, false)
	g.hold = true
	g.typed("https://git.example.com/redmine")
	g.keys("tab")
	g.shows("asking for branches and tags")
	g.keys("esc")
	g.release()
	g.hides("Branches and tags", "✗")
	g.keys("enter")
	g.shows("Findings]")
}
