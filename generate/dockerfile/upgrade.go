package dockerfile

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
)

// upgradesFile holds the ways up from releases that are no longer mended.
const upgradesFile = "common/upgrades.yaml"

// upgrades is that file.
type upgrades struct {
	AsOf string                `yaml:"asOf"` // ISO date
	Ways map[string]upgradeWay `yaml:"ways"` // by product
}

// upgradeWay is the way up of a product.
type upgradeWay struct {
	Steps  []string `yaml:"steps"`  // oldest first
	Mended string   `yaml:"mended"` // the first step that gets fixes
}

// loadUpgrades reads the ways; a file system without the file has none.
func loadUpgrades(fsys fs.FS) (upgrades, error) {
	var u upgrades
	data, err := fs.ReadFile(fsys, upgradesFile)
	if err != nil {
		return u, nil //nolint:nilerr // templates of a user need not have it
	}
	if err := yaml.Unmarshal(data, &u); err != nil {
		return u, fmt.Errorf("%s: %w", upgradesFile, err)
	}
	return u, nil
}

// way is the sentence that says how a release is left behind; empty: no way is known.
func (u upgrades) way(what string) string {
	at := strings.LastIndexByte(what, ' ')
	if at < 0 {
		return ""
	}
	product, version := what[:at], what[at+1:]
	way, ok := u.Ways[product]
	if !ok {
		return ""
	}
	var steps []string
	for _, s := range way.Steps {
		if compare(s, version) > 0 {
			steps = append(steps, s)
			if compare(s, way.Mended) >= 0 {
				break
			}
		}
	}
	if len(steps) == 0 {
		return ""
	}
	return fmt.Sprintf("The way up: %s %s, which gets fixes (as of %s).", product, strings.Join(steps, ", then "), u.AsOf)
}

// Ended are the sentences about what of the component is no longer mended, each with the way up.
func (v *view) Ended() ([]string, error) {
	u, err := loadUpgrades(v.files)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range v.c.EndOfLife {
		line := strings.TrimSpace(fmt.Sprintf("%s has had no fixes since %s. %s", e.What, e.Since, u.way(e.What)))
		if err := oneLine(line); err != nil {
			return nil, fmt.Errorf("end of life: %w", err)
		}
		out = append(out, line)
	}
	return out, nil
}

// endedOrigin says where the dates are from.
func endedOrigin(ends []detect.EndOfLife) string {
	var sources []string
	for _, e := range ends {
		sources = append(sources, e.What+": "+e.Source)
	}
	return "a release past its end of life: " + strings.Join(sources, "; ") + ". Ways up: " + path.Base(upgradesFile)
}
