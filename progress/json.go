package progress

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// JSON prints one Event a line as a JSON object, for machines.
type JSON struct {
	mu  sync.Mutex
	enc *json.Encoder
	err error
}

// NewJSON returns a renderer that writes to w.
func NewJSON(w io.Writer) *JSON {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &JSON{enc: enc}
}

// Sink returns the receiver of events. It may be called from many goroutines.
func (j *JSON) Sink() Sink { return j.event }

// Err returns the first error of writing; nothing is written after it.
func (j *JSON) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

func (j *JSON) event(e Event) {
	e = e.safe()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return
	}
	if err := j.enc.Encode(e); err != nil {
		j.err = fmt.Errorf("write progress: %w", err)
	}
}
