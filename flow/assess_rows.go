package flow

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/drydock-cli/drydock/assess"
)

// rows are the rows of a run in a file, one JSON object a line, in the order in which they came. A run that is killed loses
// what was under way and nothing else: a line that was cut off does not count.
type rows struct {
	file   *os.File
	lock   *flock.Flock
	dir    string
	end    int64
	places map[int]spot    // by the number of the source
	keys   map[string]spot // by the key, of an earlier run
}

type spot struct {
	offset int64
	length int
}

// line is one line of the file.
type line struct {
	Key string             `json:"key"`
	Row *assess.Repository `json:"row"`
}

// openRows opens the file of rows in a folder, empty unless the rows of an earlier run are wanted. Two runs do not share one.
func openRows(dir string, resume bool) (*rows, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keep the rows: %w", err)
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	switch ok, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("keep the rows in %s: %w", dir, err)
	case !ok:
		return nil, &UsageError{fmt.Errorf("another drydock assess of the same list is running (%s is locked)", dir)}
	}
	flags := os.O_RDWR | os.O_CREATE
	if !resume {
		flags |= os.O_TRUNC
	}
	f, err := os.OpenFile(filepath.Join(dir, "rows.jsonl"), flags, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("keep the rows: %w", err), lock.Unlock())
	}
	r := &rows{file: f, lock: lock, dir: dir, places: map[int]spot{}, keys: map[string]spot{}}
	if err := r.load(); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// load finds the whole lines of an earlier run; what follows them is overwritten.
func (r *rows) load() error {
	in := bufio.NewReaderSize(r.file, 1<<20)
	for {
		data, err := in.ReadBytes('\n')
		if err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return fmt.Errorf("read the rows of the earlier run: %w", err)
		}
		var head struct {
			Key string `json:"key"`
		}
		if json.Unmarshal(data, &head) != nil || head.Key == "" {
			break
		}
		r.keys[head.Key] = spot{r.end, len(data)}
		r.end += int64(len(data))
	}
	if err := r.file.Truncate(r.end); err != nil {
		return fmt.Errorf("keep the rows: %w", err)
	}
	return nil
}

// find returns the row of an earlier run.
func (r *rows) find(key string) (*assess.Repository, bool) {
	at, ok := r.keys[key]
	if !ok {
		return nil, false
	}
	row, err := r.at(at)
	return row, err == nil
}

// place says which source the row of an earlier run is for.
func (r *rows) place(i int, key string) { r.places[i] = r.keys[key] }

// add keeps a row.
func (r *rows) add(i int, key string, row *assess.Repository) error {
	data, err := json.Marshal(line{key, row})
	if err != nil {
		return fmt.Errorf("keep the row of %s: %w", row.Location, err)
	}
	data = append(data, '\n')
	if _, err := r.file.WriteAt(data, r.end); err != nil {
		return fmt.Errorf("keep the row of %s: %w", row.Location, err)
	}
	r.places[i] = spot{r.end, len(data)}
	r.end += int64(len(data))
	return nil
}

// read returns the row of a source.
func (r *rows) read(i int) (*assess.Repository, error) {
	at, ok := r.places[i]
	if !ok {
		return nil, fmt.Errorf("the row of source %d is missing", i+1)
	}
	return r.at(at)
}

func (r *rows) at(p spot) (*assess.Repository, error) {
	data := make([]byte, p.length)
	if _, err := r.file.ReadAt(data, p.offset); err != nil {
		return nil, fmt.Errorf("read a row: %w", err)
	}
	var l line
	if err := json.Unmarshal(data, &l); err != nil || l.Row == nil {
		return nil, fmt.Errorf("read a row: %w", errors.Join(err, errors.New("it is damaged")))
	}
	return l.Row, nil
}

func (r *rows) close() error { return errors.Join(r.file.Close(), r.lock.Unlock()) }

// delete removes the folder with its rows.
func (r *rows) delete() error { return os.RemoveAll(r.dir) }
