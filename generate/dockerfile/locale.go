package dockerfile

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
)

// localeArchive is the file in which Debian keeps the locales that were made.
const localeArchive = "/usr/lib/locale/locale-archive"

// locales are the locales that the image must have, in the order of their names, and the one that its processes start with (LANG; empty: the
// base image's). They come from the source and from settings of the plan.
func (v *view) locales() (names []string, lang string) {
	add := func(name string) string {
		name, ok := detect.Locale(name)
		if ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
		return name
	}
	lang = add(v.c.Fact(detect.FactLocale))
	for _, name := range strings.Fields(v.c.Fact(detect.FactLocales)) {
		add(name)
	}
	for _, s := range v.c.Settings {
		if s.Name == "LANG" || strings.HasPrefix(s.Name, "LC_") {
			add(s.Value)
		}
	}
	if found, err := v.image("run"); err == nil && found.closed {
		return nil, "" // its Debian release serves no packages any more, and locales come in one
	}
	slices.Sort(names)
	return names, lang
}

// Lang is what LANG says in the image: the application's locale, else the one that every system has and that knows UTF-8.
func (v *view) Lang() string {
	if _, lang := v.locales(); lang != "" {
		return lang
	}
	return "C.UTF-8"
}

// timeZone is the zone that the processes of the image start in: TZ; empty: UTC, or what the plan sets.
func (v *view) timeZone() string { return v.c.Fact(detect.FactTimeZone) }

// withSurroundings gives the last stage the locales and the time zone that the application expects. The locales are made in a stage of their
// own, on the same image: what makes them is ten times their size.
func withSurroundings(content []byte, origins []generate.Origin, v *view) ([]byte, []generate.Origin, error) {
	names, lang := v.locales()
	zone := v.timeZone()
	if v.c.Platform.V == "windows" || len(names) == 0 && zone == "" {
		return content, origins, nil
	}
	if zone != "" {
		if err := oneLine(zone); err != nil {
			return nil, nil, fmt.Errorf("time zone: %w", err)
		}
	}
	parsed, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		return nil, nil, fmt.Errorf("parse the Dockerfile for its locale: %w", err)
	}
	first, last, image := 0, 0, ""
	for _, n := range parsed.AST.Children {
		if strings.EqualFold(n.Value, "FROM") && n.Next != nil {
			first, last, image = n.StartLine, n.EndLine, n.Next.Value
		}
	}
	var before, after []string
	if len(names) > 0 {
		before = localeStage(image, names, ownUser(v.c))
		after = append(after, "COPY --from=locale "+localeArchive+" "+path.Dir(localeArchive)+"/")
	}
	var env []string
	if lang != "" {
		env = append(env, "LANG="+lang)
	}
	if zone != "" {
		value, err := envValue(zone)
		if err != nil {
			return nil, nil, fmt.Errorf("time zone: %w", err)
		}
		env = append(env, "TZ="+value)
	}
	if len(env) > 0 {
		after = append(after, strings.Split("ENV "+strings.Join(env, " \\\n    "), "\n")...)
	}
	var lines []string
	var reasons []generate.Origin
	add := func(more []string) {
		for _, l := range more {
			lines, reasons = append(lines, l), append(reasons, v.surroundingsOrigin())
		}
	}
	for i, l := range strings.Split(strings.TrimSuffix(string(content), "\n"), "\n") {
		if i+1 == first {
			add(before)
		}
		lines, reasons = append(lines, l), append(reasons, origins[i])
		if i+1 == last {
			add(after)
		}
	}
	return []byte(strings.Join(lines, "\n") + "\n"), reasons, nil
}

// localeStage makes locales on an image, which may begin as another user than root.
func localeStage(image string, names []string, user bool) []string {
	lines := []string{
		"# Only what is made here is taken over: " + strings.Join(names, ", ") + ".",
		"FROM " + image + " AS locale",
	}
	if user {
		lines = append(lines, "USER 0")
	}
	var patterns []string
	for _, n := range names {
		patterns = append(patterns, regexp.QuoteMeta(n))
	}
	return append(lines,
		"RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\",
		"    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\",
		"    rm -f /etc/apt/apt.conf.d/docker-clean \\",
		" && apt-get update \\",
		" && apt-get install -y --no-install-recommends locales \\",
		" && grep -E '^("+strings.Join(patterns, "|")+") ' /usr/share/i18n/SUPPORTED > /etc/locale.gen \\",
		" && locale-gen",
		"",
	)
}

// surroundingsOrigin says why: the facts with their evidence.
func (v *view) surroundingsOrigin() generate.Origin {
	o := generate.Origin{Why: "the locale and the time zone that the application expects"}
	for _, key := range []string{detect.FactLocale, detect.FactLocales, detect.FactTimeZone} {
		if f, ok := v.c.Facts[key]; ok {
			o.Fields = append(o.Fields, v.scope("facts."+key))
			o.Evidence = append(o.Evidence, f.Evidence...)
		}
	}
	return o
}
