package python

import (
	"testing"

	"github.com/drydock-cli/drydock/detect/detecttest"
)

func TestPatternsCompile(t *testing.T) { detecttest.Patterns(t, ".") }
