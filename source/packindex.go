package source

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"sort"

	"github.com/go-git/go-git/v5/plumbing"
)

// packIndex finds objects in one pack by its index, version 2 of Git's format (git help format-pack). Of the
// names only those of a first byte that was asked for are read: a mirror's index can have a hundred megabytes, and a
// listing asks for few of its objects.
type packIndex struct {
	file    *os.File
	fanout  [257]uint32 // objects whose first byte is less than the position
	size    int64
	buckets [256]bucket
}

// bucket holds the objects of one first byte.
type bucket struct {
	names   []byte // 20 bytes each, sorted
	offsets []byte // 4 bytes each
}

const (
	indexMagic  = "\xfftOc\x00\x00\x00\x02"
	fanoutBytes = 256 * 4
	nameBytes   = 20
)

// openPackIndex opens an index. Nil: it is none that can be used here.
func openPackIndex(name string) *packIndex {
	f, err := openRegularPath(name)
	if err != nil {
		return nil
	}
	x := &packIndex{file: f}
	if !x.readHead() {
		_ = f.Close()
		return nil
	}
	return x
}

func (x *packIndex) readHead() bool {
	info, err := x.file.Stat()
	if err != nil {
		return false
	}
	x.size = info.Size()
	var head [len(indexMagic) + fanoutBytes]byte
	if _, err := io.ReadFull(x.file, head[:]); err != nil || string(head[:len(indexMagic)]) != indexMagic {
		return false
	}
	for i := range 256 {
		n := binary.BigEndian.Uint32(head[len(indexMagic)+4*i:])
		if n < x.fanout[i] {
			return false
		}
		x.fanout[i+1] = n
	}
	return x.size >= x.at(nameBytes+4+4, x.fanout[256])
}

// at is a place behind the fan-out table: so many bytes for every object of the pack.
func (x *packIndex) at(each int64, objects uint32) int64 {
	return int64(len(indexMagic)+fanoutBytes) + each*int64(objects)
}

// find returns where in the pack an object begins. An index that cannot be read holds nothing.
func (x *packIndex) find(h plumbing.Hash) (offset int64, ok bool) {
	from, to := x.fanout[h[0]], x.fanout[int(h[0])+1]
	b := &x.buckets[h[0]]
	if b.names == nil && !x.read(b, from, to) {
		return 0, false
	}
	n := len(b.offsets) / 4
	i := sort.Search(n, func(i int) bool { return bytes.Compare(b.names[i*nameBytes:(i+1)*nameBytes], h[:]) >= 0 })
	if i == n || !bytes.Equal(b.names[i*nameBytes:(i+1)*nameBytes], h[:]) {
		return 0, false
	}
	at := binary.BigEndian.Uint32(b.offsets[4*i:])
	if at&(1<<31) == 0 {
		return int64(at), true
	}
	var far [8]byte // a pack of more than 2 GiB: the number is a place in a table of its own
	if _, err := x.file.ReadAt(far[:], x.at(nameBytes+4+4, x.fanout[256])+8*int64(at&^(1<<31))); err != nil {
		return 0, false
	}
	offset = int64(binary.BigEndian.Uint64(far[:])) //nolint:gosec // a negative offset is refused where it is used
	return offset, offset >= 0
}

func (x *packIndex) read(b *bucket, from, to uint32) bool {
	n := int64(to - from)
	both := make([]byte, n*(nameBytes+4))
	names, offsets := both[:n*nameBytes], both[n*nameBytes:]
	if _, err := x.file.ReadAt(names, x.at(nameBytes, 0)+nameBytes*int64(from)); err != nil && n > 0 {
		return false
	}
	if _, err := x.file.ReadAt(offsets, x.at(nameBytes+4, x.fanout[256])+4*int64(from)); err != nil && n > 0 {
		return false
	}
	b.names, b.offsets = names, offsets
	return true
}
