package verify

import (
	"context"
	"strings"
)

// Digests asks for the digest that each image's name stands for now: the engine asks the registries, with the logins and mirrors that it
// would pull by. A name that has a digest keeps it. An image that cannot be had is a *BaseImageError, no engine an *EngineError.
func Digests(ctx context.Context, engineURL string, images []string) (map[string]string, error) {
	e, err := connect(ctx, engineURL)
	if err != nil {
		return nil, err
	}
	defer e.close()
	out := make(map[string]string, len(images))
	for _, image := range images {
		if _, digest, pinned := strings.Cut(image, "@"); pinned {
			out[image] = digest
			continue
		}
		d, err := e.api.DistributionInspect(ctx, image, e.login(image))
		if err != nil {
			if err := e.check(ctx, "ask for the digest of "+image, err); isEngineError(err) || ctx.Err() != nil {
				return nil, err
			}
			return nil, &BaseImageError{Image: image, Reason: whyNotPulled(err.Error()), Err: flatten(err)}
		}
		out[image] = d.Descriptor.Digest.String()
	}
	return out, nil
}
