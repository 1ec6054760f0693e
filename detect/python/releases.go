package python

import (
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

func itoa(n int) string { return strconv.Itoa(n) }

// compare orders versions by their numbers.
func compare(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < max(len(as), len(bs)); i++ {
		var x, y int
		if i < len(as) {
			x, _ = strconv.Atoi(strings.TrimRight(as[i], "abcdefghijklmnopqrstuvwxyz"))
		}
		if i < len(bs) {
			y, _ = strconv.Atoi(strings.TrimRight(bs[i], "abcdefghijklmnopqrstuvwxyz"))
		}
		if x != y {
			return x - y
		}
	}
	return 0
}

// minor is a version's first two numbers.
func minor(v string) string {
	parts := strings.Split(v, ".")
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// support says which Pythons a release of a framework runs on: the newest is what an unstated version is solved to.
type support struct{ framework, from, newest, source string }

// supports are ordered from the newest release to the oldest; the first whose from is not newer counts.
// Sources: docs.djangoproject.com, "What Python version can I use with Django?"; the changes pages of the others. Read 2026-11.
var supports = []support{
	{"django", "5.2", "3.13", "Django's FAQ"}, {"django", "5.0", "3.12", "Django's FAQ"}, {"django", "4.2", "3.12", "Django's FAQ"}, {"django", "4.1", "3.11", "Django's FAQ"},
	{"django", "4.0", "3.10", "Django's FAQ"}, {"django", "3.2", "3.10", "Django's FAQ"}, {"django", "3.0", "3.9", "Django's FAQ"}, {"django", "2.2", "3.9", "Django's FAQ"},
	{"django", "2.1", "3.7", "Django's FAQ"}, {"django", "2.0", "3.7", "Django's FAQ"}, {"django", "1.11", "3.7", "Django's FAQ"}, {"django", "1.8", "3.5", "Django's FAQ"},
	{"django", "1.7", "2.7", "Django's FAQ"}, {"django", "1.0", "2.7", "Django's FAQ"},
	{"flask", "3.0", "3.13", "Flask's changes"}, {"flask", "2.2", "3.11", "Flask's changes"}, {"flask", "2.0", "3.10", "Flask's changes"}, {"flask", "1.1", "3.9", "Flask's changes"},
	{"flask", "1.0", "3.7", "Flask's changes"}, {"flask", "0.11", "3.6", "Flask's changes"}, {"flask", "0.1", "2.7", "Flask's changes"},
	{"fastapi", "0.100", "3.12", "FastAPI's classifiers"}, {"fastapi", "0.60", "3.9", "FastAPI's classifiers"}, {"fastapi", "0.1", "3.8", "FastAPI's classifiers"},
	{"tornado", "6.2", "3.11", "Tornado's releases"}, {"tornado", "6.0", "3.9", "Tornado's releases"}, {"tornado", "5.0", "3.7", "Tornado's releases"}, {"tornado", "4.5", "3.6", "Tornado's releases"}, {"tornado", "1.0", "2.7", "Tornado's releases"},
	{"pyramid", "2.0", "3.11", "Pyramid's changes"}, {"pyramid", "1.10", "3.7", "Pyramid's changes"}, {"pyramid", "1.6", "3.5", "Pyramid's changes"}, {"pyramid", "1.0", "2.7", "Pyramid's changes"},
	{"pylons", "0.1", "2.7", "Pylons is Python 2 only"},
}

// limits are packages with compiled parts, of which a release is built for the Pythons of its day and no later one can be installed. Ordered as supports.
// Sources: tensorflow.org/install/source, "Tested build configurations"; the release matrices of PyTorch; the files of the releases of the others. Read 2026-11.
var limits = []support{
	{"tensorflow", "2.16", "3.12", "TensorFlow's tested configurations"}, {"tensorflow", "2.12", "3.11", "TensorFlow's tested configurations"}, {"tensorflow", "2.8", "3.10", "TensorFlow's tested configurations"}, {"tensorflow", "2.5", "3.9", "TensorFlow's tested configurations"},
	{"tensorflow", "2.2", "3.8", "TensorFlow's tested configurations"}, {"tensorflow", "1.13", "3.7", "TensorFlow's tested configurations"}, {"tensorflow", "1.0", "3.6", "TensorFlow's tested configurations"},
	{"torch", "2.2", "3.12", "PyTorch's release matrix"}, {"torch", "2.0", "3.11", "PyTorch's release matrix"}, {"torch", "1.11", "3.10", "PyTorch's release matrix"}, {"torch", "1.8", "3.9", "PyTorch's release matrix"}, {"torch", "1.4", "3.8", "PyTorch's release matrix"}, {"torch", "1.0", "3.7", "PyTorch's release matrix"},
	{"scikit-learn", "1.3", "3.12", "the files of its releases"}, {"scikit-learn", "1.1.3", "3.11", "the files of its releases"}, {"scikit-learn", "1.0", "3.10", "the files of its releases"}, {"scikit-learn", "0.24", "3.9", "the files of its releases"}, {"scikit-learn", "0.22", "3.8", "the files of its releases"}, {"scikit-learn", "0.20", "3.7", "the files of its releases"}, {"scikit-learn", "0.18", "3.6", "the files of its releases"},
}

// supported is the newest Python of a framework's release.
func supported(framework, version string) (support, bool) {
	return among(supports, framework, version)
}

func among(list []support, framework, version string) (support, bool) {
	if version == "" {
		return support{}, false
	}
	for _, s := range list {
		if s.framework == framework && compare(version, s.from) >= 0 {
			return s, true
		}
	}
	return support{}, false
}

// pythonEnds are the ends of life of Python. Source: devguide.python.org/versions, read 2026-11.
var pythonEnds = map[string]string{
	"2.6": "2013-10-29", "2.7": "2020-01-01", "3.0": "2009-06-27", "3.1": "2012-04-09", "3.2": "2016-02-20", "3.3": "2017-09-29", "3.4": "2019-03-18", "3.5": "2020-09-30",
	"3.6": "2021-12-23", "3.7": "2023-06-27", "3.8": "2024-10-07", "3.9": "2025-10-31", "3.10": "2026-10-31",
}

// djangoEnds are the ends of extended support. Source: djangoproject.com/download, read 2026-11.
var djangoEnds = map[string]string{
	"1.3": "2013-02-26", "1.4": "2015-10-01", "1.5": "2014-09-02", "1.6": "2015-04-01", "1.7": "2015-12-01", "1.8": "2018-04-01", "1.9": "2017-04-04", "1.10": "2017-12-02",
	"1.11": "2020-04-01", "2.0": "2019-04-01", "2.1": "2019-12-02", "2.2": "2022-04-11", "3.0": "2021-04-06", "3.1": "2021-12-07", "3.2": "2024-04-01", "4.0": "2023-04-01",
	"4.1": "2023-12-01", "4.2": "2026-04-30", "5.0": "2025-04-02", "5.1": "2025-12-03",
}

// endOfLife lists the parts that are no longer mended.
func endOfLife(version, framework, release string) []detect.EndOfLife {
	var out []detect.EndOfLife
	if since := pythonEnds[minor(version)]; since != "" {
		out = append(out, detect.EndOfLife{What: "python " + minor(version), Since: since, Source: "devguide.python.org/versions"})
	}
	if since := djangoEnds[minor(release)]; since != "" && framework == "django" {
		out = append(out, detect.EndOfLife{What: "django " + minor(release), Since: since, Source: "djangoproject.com/download"})
	}
	return out
}

// djangoReleases are all releases, in order. Source: djangoproject.com/download, read 2026-11.
var djangoReleases = []string{"1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "1.11", "2.0", "2.1", "2.2", "3.0", "3.1", "3.2", "4.0", "4.1", "4.2", "5.0", "5.1", "5.2", "6.0", "6.1"}

// djangoBefore is the last release before a bound.
func djangoBefore(bound string) string {
	out := ""
	for _, r := range djangoReleases {
		if compare(r, bound) < 0 {
			out = r
		}
	}
	return out
}
