package plan

import (
	"cmp"

	"github.com/drydock-cli/drydock/detect"
)

// Pinned is why an image has a digest.
const Pinned = "what the tag stood for when --pin-digests asked"

var checkDigest = match(`^sha256:[0-9a-f]{64}$`, 71, "a digest: sha256: and 64 hex digits")

// digestField is the digests.IMAGE rows: a decision, so that the next run builds on the same images until somebody asks anew.
func digestField() *field {
	return &field{
		pattern: "digests.*", label: "digest of",
		items: func(p *Plan, _ string) []item {
			var out []item
			for _, image := range sortedKeys(p.Digests) {
				out = append(out, item{keys: []string{image}, val: raw{text: p.Digests[image]}, from: detect.Chosen, why: Pinned})
			}
			return out
		},
		set: func(p *Plan, keys []string, v raw, _ origin) error {
			if v.null {
				delete(p.Digests, keys[0])
				return nil
			}
			if err := cmp.Or(checkImage(keys[0]), checkDigest(v.text)); err != nil {
				return err
			}
			if p.Digests == nil {
				p.Digests = map[string]string{}
			}
			p.Digests[keys[0]] = v.text
			return nil
		},
	}
}
