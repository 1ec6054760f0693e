package source

import "strings"

// Kind says in what way a source cannot be read.
type Kind string

// The kinds of Error.
const (
	NotFound    Kind = "not-found"   // there is nothing at the location
	Unreachable Kind = "unreachable" // its host does not answer
	NoAccess    Kind = "no-access"   // credentials are missing or refused
	BadRef      Kind = "bad-ref"     // no such branch, tag, commit or folder
	Empty       Kind = "empty"       // it holds no files
	Corrupt     Kind = "corrupt"     // it is damaged
	TooLarge    Kind = "too-large"   // it exceeds a limit
	Unsupported Kind = "unsupported" // it is no kind of source
)

// Error says why a source cannot be read: what was attempted, where, why, and what to try.
type Error struct {
	Kind     Kind
	Op       string // what was attempted: "open", "clone", "read"
	Location string // without credentials
	Err      error  // the cause; may be nil
	Reason   string // one sentence; empty: Err says it
	Try      string // the next thing to try
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op + " " + printable(e.Location) + ": ")
	switch {
	case e.Reason != "" && e.Err != nil:
		b.WriteString(e.Reason + ": " + e.Err.Error())
	case e.Reason != "":
		b.WriteString(e.Reason)
	case e.Err != nil:
		b.WriteString(e.Err.Error())
	default:
		b.WriteString(string(e.Kind))
	}
	if e.Try != "" {
		b.WriteString("\n  try: " + e.Try)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// printable replaces control characters: a location or a name in it may come from anywhere.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || (r >= 0x7f && r < 0xa0) || r == 0x202e {
			return '·'
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}
