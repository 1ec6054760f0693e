package templates

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"gopkg.in/yaml.v3"
)

// RulesFile holds the house rules of an organisation, at the root of an overlay.
const RulesFile = "rules.yaml"

// Rules are an organisation's house rules for images. The zero value has none.
type Rules struct {
	// Registry is where base images are pulled from when --registry does not say: "registry.example.com/hub".
	Registry string `yaml:"registry"`
	// BaseImages names the organisation's image for one that a template chooses: patterns of whole references
	// ("ruby:*-slim"), tried in the order of the file, to images, in which {tag} is the tag that was chosen.
	BaseImages []ImageRule `yaml:"baseImages"`
	// AllowedBaseImages are patterns of references; an image of a Dockerfile that none matches is an error. Empty: all are allowed.
	AllowedBaseImages []string `yaml:"allowedBaseImages"`
	// Labels are put on every image.
	Labels map[string]string `yaml:"labels"`
	// CACertificates are PEM files of the overlay with certificates of authorities that every image trusts, while it is built and while it
	// runs: those of a proxy that opens TLS, those of inner services.
	CACertificates []string `yaml:"caCertificates"`

	authorities []Authority
}

// Authorities are the certificates of CACertificates, each once, in the order of the files.
func (r Rules) Authorities() []Authority { return r.authorities }

// ImageRule replaces base images.
type ImageRule struct {
	Match string `yaml:"match"`
	Use   string `yaml:"use"`
}

// ReadRules reads the house rules of a file system; none is no error. An error names the rule.
func ReadRules(fsys fs.FS) (Rules, error) {
	var r Rules
	data, err := fs.ReadFile(fsys, RulesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("read the house rules: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil && !errors.Is(err, io.EOF) {
		return r, fmt.Errorf("%s: %s", RulesFile, strings.Join(strings.Fields(strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:")), " "))
	}
	if err := r.check(); err != nil {
		return r, err
	}
	r.authorities, err = readAuthorities(fsys, r.CACertificates)
	return r, err
}

var (
	labelKey  = regexp.MustCompile(`^[a-z0-9][a-z0-9._/-]*$`)
	reference = regexp.MustCompile(`^[A-Za-z0-9][\w./:@{}-]*$`)
)

func (r Rules) check() error {
	for k, v := range r.Labels {
		if !labelKey.MatchString(k) || strings.ContainsFunc(v, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return fmt.Errorf("%s: labels: %q is no label", RulesFile, k)
		}
	}
	for i, b := range r.BaseImages {
		if !doublestar.ValidatePattern(b.Match) || b.Match == "" || !reference.MatchString(b.Use) {
			return fmt.Errorf("%s: baseImages[%d]: match is a pattern of image references, and use an image, in which {tag} may stand", RulesFile, i)
		}
	}
	for i, p := range r.AllowedBaseImages {
		if !doublestar.ValidatePattern(p) || p == "" {
			return fmt.Errorf("%s: allowedBaseImages[%d]: %q is no pattern", RulesFile, i, p)
		}
	}
	if r.Registry != "" && !reference.MatchString(r.Registry) {
		return fmt.Errorf("%s: registry: %q is no registry", RulesFile, r.Registry)
	}
	return nil
}

// BaseImage returns the organisation's image for one that a template chose, and the pattern that says so; empty: it stays.
func (r Rules) BaseImage(image string) (use, because string) {
	for _, b := range r.BaseImages {
		if ok, _ := doublestar.Match(b.Match, image); ok {
			_, tag, found := strings.Cut(path.Base(image), ":")
			if !found {
				tag = "latest"
			}
			return strings.ReplaceAll(b.Use, "{tag}", tag), b.Match
		}
	}
	return "", ""
}

// Allows reports whether an image may stand in a Dockerfile.
func (r Rules) Allows(image string) bool {
	if len(r.AllowedBaseImages) == 0 || image == "scratch" {
		return true
	}
	return slices.ContainsFunc(r.AllowedBaseImages, func(p string) bool {
		ok, _ := doublestar.Match(p, image)
		return ok
	})
}
