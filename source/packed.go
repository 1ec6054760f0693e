package source

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/klauspost/compress/zlib"
)

// packs reads the objects of a repository's packs that fit into memory. go-git reads them too, and reads what is
// not in a pack or is large; but it loads the whole index, names every object anew by its SHA-1 and decodes trees entry by
// entry, which takes most of the time of a listing. It is not made for several goroutines.
type packs struct {
	packs  []*pack
	last   int // the pack in which something was found last
	inflow *bufio.Reader
	zlib   io.ReadCloser
	bases  bases
}

type pack struct {
	index *packIndex
	file  *os.File
	size  int64
}

// packedAt is a place in a pack.
type packedAt struct {
	pack   *pack
	offset int64
}

// packedObject is an object whose deltas are applied.
type packedObject struct {
	kind plumbing.ObjectType
	data []byte
}

const (
	maxPacks     = 256      // of more, go-git reads the rest
	maxDeltas    = 4095     // that stand on one another: Git makes no longer chain
	maxChain     = 64 << 20 // bytes of such deltas held at once
	baseCache    = 8 << 20  // bytes of objects kept as bases of deltas
	inflowBuffer = 4 << 10  // bytes read of a pack at once: most trees and manifests have fewer
)

// errNotHere leaves an object to go-git.
var errNotHere = errors.New("not read here")

// errChain is an object that nobody can read, go-git least of all: it follows such deltas until the stack is full.
var errChain = errors.New("its deltas stand on one another without an end")

// openPacks opens the packs of Git directories.
func openPacks(gitDirs []string) *packs {
	p := &packs{inflow: bufio.NewReaderSize(nil, inflowBuffer)}
	for _, dir := range gitDirs {
		folder := filepath.Join(commonDir(dir), "objects", "pack")
		names, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, d := range names {
			stem, ok := strings.CutSuffix(d.Name(), ".idx")
			if ok && len(p.packs) < maxPacks {
				p.add(filepath.Join(folder, stem))
			}
		}
	}
	return p
}

func (p *packs) add(stem string) {
	file, err := openRegularPath(stem + ".pack")
	if err != nil {
		return
	}
	info, err := file.Stat()
	index := openPackIndex(stem + ".idx")
	if err != nil || index == nil {
		_ = file.Close()
		if index != nil {
			_ = index.file.Close()
		}
		return
	}
	p.packs = append(p.packs, &pack{index: index, file: file, size: info.Size()})
}

// Close closes the files.
func (p *packs) Close() error {
	var errs []error
	for _, k := range p.packs {
		errs = append(errs, k.file.Close(), k.index.file.Close())
	}
	p.packs = nil
	return errors.Join(errs...)
}

// find looks for an object in the packs, first in the one that held the last.
func (p *packs) find(h plumbing.Hash) (packedAt, bool) {
	for i := range p.packs {
		n := (p.last + i) % len(p.packs)
		if offset, ok := p.packs[n].index.find(h); ok {
			p.last = n
			return packedAt{p.packs[n], offset}, true
		}
	}
	return packedAt{}, false
}

// object reads an object. errNotHere: it is in no pack, or of a size or form that go-git reads.
func (p *packs) object(h plumbing.Hash) (packedObject, error) {
	at, ok := p.find(h)
	if !ok {
		return packedObject{}, errNotHere
	}
	return p.read(at)
}

// objectSize is the number of bytes of an object, which is not unpacked for it.
func (p *packs) objectSize(h plumbing.Hash) (int64, error) {
	at, ok := p.find(h)
	if !ok {
		return 0, errNotHere
	}
	head, err := p.head(at)
	if err != nil {
		return 0, err
	}
	if !head.kind.IsDelta() {
		return head.size, nil
	}
	delta, err := p.inflate(min(head.size, 2*maxVarint))
	if err != nil {
		return 0, err
	}
	_, rest, ok := varint(delta)
	size, _, ok2 := varint(rest)
	if !ok || !ok2 {
		return 0, errNotHere
	}
	return size, nil
}

// read unpacks an object and what it is a delta of.
func (p *packs) read(at packedAt) (packedObject, error) {
	var deltas [][]byte
	var places []packedAt
	for held := 0; ; {
		if known, ok := p.bases.get(at); ok {
			return p.patch(known, deltas, places)
		}
		head, err := p.head(at)
		if err != nil {
			return packedObject{}, err
		}
		if len(deltas) > maxDeltas || slices.Contains(places, head.base) {
			return packedObject{}, errChain
		}
		if held += int(min(head.size, maxChain)); head.size > largeObject || held > maxChain {
			return packedObject{}, errNotHere
		}
		data, err := p.inflate(head.size)
		if err != nil {
			return packedObject{}, err
		}
		if int64(len(data)) != head.size {
			return packedObject{}, errNotHere
		}
		if !head.kind.IsDelta() {
			obj := packedObject{head.kind, data}
			if len(deltas) > 0 {
				p.bases.put(at, obj)
			}
			return p.patch(obj, deltas, places)
		}
		deltas, places = append(deltas, data), append(places, at)
		at = head.base
	}
}

// patch applies deltas, the last one first.
func (p *packs) patch(obj packedObject, deltas [][]byte, places []packedAt) (packedObject, error) {
	for i := len(deltas) - 1; i >= 0; i-- {
		_, rest, _ := varint(deltas[i])
		size, _, ok := varint(rest)
		if !ok || size > largeObject {
			return packedObject{}, errNotHere
		}
		data, err := packfile.PatchDelta(obj.data, deltas[i])
		if err != nil {
			return packedObject{}, err
		}
		obj.data = data
		if i > 0 {
			p.bases.put(places[i], obj)
		}
	}
	return obj, nil
}

// packedHead is what stands before the bytes of an object.
type packedHead struct {
	kind plumbing.ObjectType
	size int64
	base packedAt // of a delta
}

const maxVarint = 10 // bytes of a number of 64 bits

// head reads an object's head; what p.inflow gives next are its compressed bytes.
func (p *packs) head(at packedAt) (packedHead, error) {
	if at.offset < 0 || at.offset >= at.pack.size {
		return packedHead{}, errNotHere
	}
	p.inflow.Reset(io.NewSectionReader(at.pack.file, at.offset, at.pack.size-at.offset))
	c, err := p.inflow.ReadByte()
	if err != nil {
		return packedHead{}, err
	}
	h := packedHead{kind: plumbing.ObjectType(c >> 4 & 7), size: int64(c & 15)}
	for shift := 4; c&0x80 != 0; shift += 7 {
		if c, err = p.inflow.ReadByte(); err != nil || shift > 53 {
			return packedHead{}, errNotHere
		}
		h.size |= int64(c&0x7f) << shift
	}
	switch h.kind {
	case plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject:
		return h, nil
	case plumbing.OFSDeltaObject:
		back, err := p.distance()
		h.base = packedAt{at.pack, at.offset - back}
		return h, err
	case plumbing.REFDeltaObject:
		var name plumbing.Hash
		if _, err := io.ReadFull(p.inflow, name[:]); err != nil {
			return h, errNotHere
		}
		offset, ok := at.pack.index.find(name)
		if !ok {
			return h, errNotHere
		}
		h.base = packedAt{at.pack, offset}
		return h, nil
	}
	return h, errNotHere
}

// distance reads how far before a delta its base begins.
func (p *packs) distance() (int64, error) {
	c, err := p.inflow.ReadByte()
	n := int64(c & 0x7f)
	for err == nil && c&0x80 != 0 {
		if n >= 1<<53 {
			return 0, errNotHere
		}
		c, err = p.inflow.ReadByte()
		n = (n+1)<<7 | int64(c&0x7f)
	}
	if err != nil || n == 0 {
		return 0, errNotHere
	}
	return n, nil
}

// inflate unpacks so many bytes of what p.inflow gives, or fewer where it gives fewer. The checksum is read with the last byte.
func (p *packs) inflate(size int64) ([]byte, error) {
	var err error
	if p.zlib == nil {
		p.zlib, err = zlib.NewReader(p.inflow)
	} else if again, ok := p.zlib.(zlib.Resetter); ok {
		err = again.Reset(p.inflow, nil)
	}
	if err != nil {
		p.zlib = nil
		return nil, err
	}
	data := make([]byte, size+1) // one more: a stream that says more than its head is damaged, and its end is checked
	n, err := io.ReadFull(p.zlib, data)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return data[:n], nil
}

// varint reads a number as deltas have it, seven bits a byte, the lowest first.
func varint(b []byte) (n int64, rest []byte, ok bool) {
	for i, c := range b {
		if i >= 9 {
			break
		}
		n |= int64(c&0x7f) << (7 * i)
		if c&0x80 == 0 {
			return n, b[i+1:], true
		}
	}
	return 0, nil, false
}

// bases keeps objects on which deltas stand: those of late, and those of a while before.
type bases struct {
	young, old map[packedAt]packedObject
	bytes      int
}

func (b *bases) get(at packedAt) (packedObject, bool) {
	if obj, ok := b.young[at]; ok {
		return obj, true
	}
	obj, ok := b.old[at]
	return obj, ok
}

func (b *bases) put(at packedAt, obj packedObject) {
	if b.bytes += len(obj.data); b.young == nil || b.bytes > baseCache/2 {
		b.old, b.young, b.bytes = b.young, map[packedAt]packedObject{}, len(obj.data)
	}
	b.young[at] = obj
}
