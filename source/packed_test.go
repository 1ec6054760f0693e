package source

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// history is a bare repository in which many versions of files and folders stand on one another as deltas.
func history(t testing.TB, settings ...string) string {
	t.Helper()
	work, bare := t.TempDir(), filepath.Join(t.TempDir(), "r.git")
	run := func(args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	run("init", "-q", "-b", "main", work)
	for version := range 4 {
		for i := range 20 {
			text := strings.Repeat(fmt.Sprintf("line of file %d\n", i), 60)
			write(t, filepath.Join(work, "folder", fmt.Sprintf("file%02d.txt", i)), text+fmt.Sprintf("version %d\n", version*(i%3)))
		}
		write(t, filepath.Join(work, "large.bin"), strings.Repeat(fmt.Sprint(version), largeObject+1))
		write(t, filepath.Join(work, "empty"), "")
		run("-C", work, "add", "-A")
		run("-C", work, "commit", "-q", "-m", fmt.Sprint(version))
	}
	run("clone", "-q", "--bare", work, bare)
	run(append(append([]string{"-C", bare}, settings...), "repack", "-q", "-a", "-d", "-f", "--depth=40", "--window=40")...)
	return bare
}

// TestPackedObjects reads every object of packs beside go-git: the same kind, bytes and size.
func TestPackedObjects(t *testing.T) {
	for name, settings := range map[string][]string{
		"deltas by distance": nil,
		"deltas by name":     {"-c", "repack.useDeltaBaseOffset=false"},
		"several packs":      {"-c", "pack.packSizeLimit=1m"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := history(t, settings...)
			out, err := exec.Command("git", "-C", dir, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype) %(objectsize)").Output()
			if err != nil {
				t.Fatal(err)
			}
			repo := openRepository(dir)
			defer repo.Close()
			here := 0
			for line := range strings.Lines(string(out)) {
				var hash, kind string
				var size int64
				if _, err := fmt.Sscan(line, &hash, &kind, &size); err != nil {
					t.Fatal(err)
				}
				h := plumbing.NewHash(hash)
				packed, err := repo.packed(h)
				if err != nil {
					t.Fatal(err)
				}
				if packed.data == nil {
					continue
				}
				here++
				obj, err := repo.main.EncodedObject(plumbing.AnyObject, h)
				if err != nil {
					t.Fatal(err)
				}
				r := must(obj.Reader())(t)
				want := must(io.ReadAll(r))(t)
				_ = r.Close()
				if packed.kind != obj.Type() || packed.kind.String() != kind || !bytes.Equal(packed.data, want) {
					t.Errorf("%s: %s of %d bytes; want %s of %d", h, packed.kind, len(packed.data), kind, len(want))
				}
				if n, err := repo.size(h); err != nil || n != size {
					t.Errorf("%s: size %d, %v; want %d", h, n, err, size)
				}
			}
			if total := strings.Count(string(out), "\n"); here < total-4-2 { // all but the large files and the empty one
				t.Errorf("%d of %d objects were read", here, total)
			}
			tree := open1(t, dir, Options{})
			if tree.Len() != 22 {
				t.Errorf("%d files", tree.Len())
			}
		})
	}
}

// packOf makes a pack and its index of entries that are given byte by byte.
func packOf(t testing.TB, dir string, entries map[plumbing.Hash][]byte, order []plumbing.Hash) string {
	t.Helper()
	pack := []byte("PACK\x00\x00\x00\x02")
	pack = binary.BigEndian.AppendUint32(pack, uint32(len(order))) //nolint:gosec // a handful
	var offsets []byte
	for _, h := range order {
		offsets = binary.BigEndian.AppendUint32(offsets, uint32(len(pack))) //nolint:gosec // small
		pack = append(pack, entries[h]...)
	}
	index := []byte(indexMagic)
	for first := range 256 {
		n := uint32(0)
		for _, h := range order {
			if int(h[0]) <= first {
				n++
			}
		}
		index = binary.BigEndian.AppendUint32(index, n)
	}
	for _, h := range order { // in the order of their names
		index = append(index, h[:]...)
	}
	index = append(index, make([]byte, 4*len(order))...)
	index = append(append(index, offsets...), make([]byte, 40)...)
	stem := filepath.Join(dir, "objects", "pack", "pack-x")
	write(t, stem+".pack", string(pack)+strings.Repeat("\x00", 20))
	write(t, stem+".idx", string(index))
	return stem
}

// TestDeltasInACircle: two objects, each a delta of the other by its name.
func TestDeltasInACircle(t *testing.T) {
	a, b := plumbing.NewHash(strings.Repeat("1a", 20)), plumbing.NewHash(strings.Repeat("2b", 20))
	delta := func(base plumbing.Hash) []byte { // kind 7, three bytes; "\x01\x01\x00" as one stored block
		return append(append([]byte{7<<4 | 3}, base[:]...), "\x78\x01\x01\x03\x00\xfc\xff\x01\x01\x00\x00\x08\x00\x03"...)
	}
	dir := t.TempDir()
	packOf(t, dir, map[plumbing.Hash][]byte{a: delta(b), b: delta(a)}, []plumbing.Hash{a, b})
	p := openPacks([]string{dir})
	defer p.Close()
	if _, err := p.object(a); !errors.Is(err, errChain) {
		t.Errorf("error %v", err)
	}
}

// FuzzPack: whatever a pack and its index hold, reading ends, with bytes within the limits or an error.
func FuzzPack(f *testing.F) {
	h := plumbing.NewHash(strings.Repeat("1a", 20))
	dir := f.TempDir()
	blob := []byte("\x33\x78\x01\x01\x03\x00\xfc\xffabc\x02\x4d\x01\x27")
	stem := packOf(f, dir, map[plumbing.Hash][]byte{h: blob}, []plumbing.Hash{h})
	f.Add(must(os.ReadFile(stem+".pack"))(f), must(os.ReadFile(stem+".idx"))(f))
	f.Add([]byte("PACK"), []byte(indexMagic))
	f.Fuzz(func(t *testing.T, pack, index []byte) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "objects/pack/p.pack"), string(pack))
		write(t, filepath.Join(dir, "objects/pack/p.idx"), string(index))
		p := openPacks([]string{dir})
		defer p.Close()
		for _, k := range p.packs {
			for offset := range int64(min(len(pack), 64)) {
				obj, err := p.read(packedAt{k, offset})
				if err == nil && len(obj.data) > largeObject {
					t.Fatalf("%d bytes", len(obj.data))
				}
			}
		}
		if obj, err := p.object(h); err == nil && obj.kind == plumbing.TreeObject {
			_, _ = treePaths(obj.data, "a/")
		}
		_, _ = p.objectSize(h)
	})
}
