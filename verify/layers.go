package verify

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/drydock-cli/drydock/detect"
)

// layersTimeout bounds the question for an image's history, which is worth no waiting.
const layersTimeout = 10 * time.Second

// layerSizes lists what each instruction added to an image, the base's first. What adds nothing is left out; nil when the engine
// does not tell.
func (r *run) layerSizes(ctx context.Context, image string) []LayerSize {
	ctx, cancel := context.WithTimeout(ctx, layersTimeout)
	defer cancel()
	history, err := r.engine.api.ImageHistory(ctx, image)
	if err != nil {
		return nil
	}
	var out []LayerSize
	for _, h := range slices.Backward(history) { // the engine tells the newest first
		if h.Size > 0 {
			out = append(out, LayerSize{CreatedBy: r.mask.mask(instruction(h.CreatedBy)), SizeBytes: h.Size})
		}
	}
	return out
}

// instruction is a line of an image's history as a Dockerfile would write it.
func instruction(createdBy string) string {
	s := strings.TrimPrefix(createdBy, "/bin/sh -c #(nop) ")
	s = strings.TrimSuffix(strings.TrimSpace(s), " # buildkit")
	if rest, ok := strings.CutPrefix(s, "/bin/sh -c "); ok {
		s = "RUN " + rest
	}
	s = strings.Replace(s, "RUN /bin/sh -c ", "RUN ", 1)
	return detect.Printable(strings.Join(strings.Fields(s), " "), 160)
}
