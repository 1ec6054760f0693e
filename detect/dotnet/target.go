package dotnet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// family is a kind of .NET.
type family uint8

const (
	unknownFamily family = iota
	standard             // netstandard, portable libraries: nothing runs on them
	framework            // the .NET Framework
	dnx                  // the betas of ASP.NET 5
	core                 // .NET Core, .NET 5 and later
)

// target is what a project is built for.
type target struct {
	moniker string // as the project writes it: netcoreapp3.1, net48, v4.5
	family  family
	version string // 3.1, 4.8, 4.5
	os      string // windows, android, ios: of net6.0-windows
}

// parseTarget reads a target framework moniker, long or short, or the value of TargetFrameworkVersion.
func parseTarget(s string) target {
	t := target{moniker: s}
	name := strings.ToLower(strings.TrimSpace(s))
	if long, version, ok := strings.Cut(name, ",version="); ok {
		version = strings.TrimPrefix(version, "v")
		version, _, _ = strings.Cut(version, ",")
		switch strings.TrimPrefix(long, ".") {
		case "netframework":
			return t.of(framework, version)
		case "netcoreapp":
			return t.of(core, version)
		}
		return t.of(standard, version)
	}
	name, t.os, _ = strings.Cut(name, "-")
	t.os = strings.TrimRight(t.os, "0123456789.")
	rest := ""
	switch {
	case cut(name, "netcoreapp", &rest):
		return t.of(core, rest)
	case cut(name, "netstandard", &rest), cut(name, "portable", &rest), cut(name, "netcore", &rest), cut(name, "dotnet", &rest), cut(name, "uap", &rest), cut(name, "mono", &rest), cut(name, "xamarin", &rest):
		return t.of(standard, rest)
	case cut(name, "dnxcore", &rest), cut(name, "dnx", &rest), cut(name, "aspnetcore", &rest), cut(name, "aspnet", &rest):
		return t.of(dnx, dotted(rest))
	case cut(name, "v", &rest):
		return t.of(framework, rest)
	case cut(name, "net", &rest):
		if major, _, ok := strings.Cut(rest, "."); ok {
			if n, err := strconv.Atoi(major); err == nil && n >= 5 {
				return t.of(core, rest)
			}
			return t.of(framework, rest)
		}
		if n, err := strconv.Atoi(rest); err == nil && n >= 5 && n < 11 { // net5 and so on is taken for net5.0
			return t.of(core, rest+".0")
		}
		return t.of(framework, dotted(rest))
	}
	return t
}

func cut(s, prefix string, rest *string) bool {
	after, ok := strings.CutPrefix(s, prefix)
	if ok {
		*rest = after
	}
	return ok
}

// dotted is 4.7.2 for 472.
func dotted(digits string) string {
	if digits == "" || strings.Trim(digits, "0123456789") != "" || len(digits) > 4 {
		return ""
	}
	return strings.Join(strings.Split(digits, ""), ".")
}

func (t target) of(f family, version string) target {
	if version != "" && strings.Trim(version, "0123456789.") != "" || len(version) > 12 {
		return t
	}
	t.family, t.version = f, version
	if f == core && version != "" && !strings.Contains(version, ".") {
		t.version += ".0"
	}
	return t
}

// rank orders targets by how well they run in a container: .NET without an operating system of its own first, newest first.
func (t target) rank() []int {
	plain := 1
	if t.os != "" {
		plain = 0
	}
	return append([]int{int(t.family), plain}, numbers(t.version)...)
}

// best picks the target that an image is made for.
func best(list []target) target {
	if len(list) == 0 {
		return target{}
	}
	return slices.MaxFunc(list, func(a, b target) int { return slices.Compare(a.rank(), b.rank()) })
}

// numbers are the parts of a version.
func numbers(v string) []int {
	var out []int
	for _, p := range strings.Split(v, ".") {
		n, err := strconv.Atoi(p)
		if err != nil {
			break
		}
		out = append(out, n)
	}
	return out
}

// before reports whether version a is older than b.
func before(a, b string) bool { return slices.Compare(numbers(a), numbers(b)) < 0 }

// targets lists what the project is built for, with the places that say so. many says that it is more than one.
func (p *project) targets() (list []target, from []detect.Evidence) {
	for _, name := range []string{"TargetFrameworks", "TargetFramework", "TargetFrameworkVersion"} {
		v, ok := p.eval.prop(name)
		if !ok {
			continue
		}
		list = nil
		for _, one := range strings.Split(v.value, ";") {
			if t := parseTarget(one); t.family != unknownFamily {
				list = append(list, t)
			}
		}
		if len(list) == 0 {
			continue
		}
		if id := p.eval.get("TargetFrameworkIdentifier"); name == "TargetFrameworkVersion" && strings.EqualFold(id, ".NETCoreApp") {
			list[0].family = core
		} else if name == "TargetFrameworkVersion" && id != "" && !strings.EqualFold(id, ".NETFramework") {
			list[0].family = standard
		}
		return list, v.evidence
	}
	return nil, nil
}
