package manifest

import (
	"fmt"
	"strings"
	"testing"
)

func TestLinesWith(t *testing.T) {
	var got []string
	for n, text := range LinesWith([]byte("one\ntwo a\n\na b\nthree\nb"), []string{"a", "b", "z"}) {
		got = append(got, fmt.Sprint(n, " ", string(text)))
	}
	if s := strings.Join(got, "|"); s != "2 two a|4 a b|6 b" {
		t.Error(s)
	}
}
