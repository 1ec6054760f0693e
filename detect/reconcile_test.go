package detect

import (
	"slices"
	"strings"
	"testing"
)

func component(stack, path string, role Role, framework string) Component {
	c := Component{Stack: stack, Path: path, Role: Is(role)}
	if framework != "" {
		c.Framework = Is(framework)
	}
	return c
}

func TestReconcile(t *testing.T) {
	front := func(path, output string) Component {
		c := component("node", path, SPA, "vue")
		c.Facts = map[string]Value[string]{"packageManager": Is("npm"), "buildCommand": Is("npm run build")}
		if output != "" {
			c.Facts["output"] = Is(output)
		}
		return c
	}
	scripts := component("php", "modules/forms", Web, "none")
	scripts.Build, scripts.LanguageVersion = Is("none"), Guess("7.4", "")
	builds := component("java", ".", Web, "spring-boot")
	builds.Facts = map[string]Value[string]{FactFrontendInBuild: Is(". ui")}
	for _, tt := range []struct {
		name string
		in   []Component
		want string
	}{
		{"the build makes it itself", []Component{builds, front(".", ""), front("ui", "dist")}, "java ."},
		{"scripts inside an application", []Component{component("ruby", ".", Web, "sinatra"), scripts}, "ruby ."},
		{"scripts beside one without a framework", []Component{component("c", ".", Web, "none"), scripts}, "c ., php modules/forms"},
		{"an unpacked release of something else", []Component{component("python", "core", Web, "django"), component("python", "core/lib/openid-0.5", Web, "django")}, "python core"},
		{"only an unpacked release", []Component{component("java", "shop-1.2", Web, "struts")}, "java shop-1.2"},
		{"helpers of those who work on it", []Component{component("python", ".", Web, "django"), component("node", "tools/editor", Web, "none")}, "python ."},
		{"only helpers", []Component{component("go", "tools/probe", CLI, "none")}, "go tools/probe"},
		{"front end beside its back end", []Component{component("php", ".", Web, "laravel"), front(".", "")}, "php . frontend=."},
		{"among its resources", []Component{component("java", ".", Web, "spring-boot"), front("src/main/webapp", "")}, "java . frontend=src/main/webapp"},
		{"built into it", []Component{component("java", ".", Web, "spring-boot"), front("ui", "../src/main/resources/static")}, "java . frontend=ui"},
		{"a front end of its own", []Component{component("java", "server", Web, "spring-boot"), front("client", "dist")}, "java server, node client"},
		{"below, but of its own", []Component{component("python", ".", Web, "django"), front("frontend", "dist")}, "python ., node frontend"},
		{"the deepest owner", []Component{component("java", ".", Web, "spring-boot"), component("php", "shop", Web, "laravel"), front("shop/resources/js", "")}, "java ., php shop frontend=resources/js"},
		{"all processes of the owner", []Component{component("php", ".", Web, "laravel"), component("php", ".", Worker, "laravel"), front(".", "")}, "php . frontend=., php . frontend=."},
		{"a framework wins", []Component{component("ruby", ".", Web, "rails"), component("node", ".", Web, "none")}, "ruby ."},
		{"two frameworks stay", []Component{component("ruby", ".", Web, "rails"), component("node", ".", Web, "express")}, "ruby ., node ."},
		{"scripts are tooling", []Component{component("php", ".", Web, "none"), component("perl", ".", CLI, "none")}, "php ."},
		{"a tool alone stays", []Component{component("c", ".", CLI, "none")}, "c ."},
		{"static files inside", []Component{component("ruby", ".", Web, "rails"), component("static", "public", Static, "")}, "ruby ."},
		{"static files alone", []Component{component("static", ".", Static, "")}, "static ."},
		{"libraries go", []Component{component("java", "core", Library, ""), component("java", "app", Web, "")}, "java app"},
		{"only a library", []Component{component("java", ".", Library, "")}, "java ."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range reconcile(slices.Clone(tt.in)) {
				s := c.Stack + " " + c.Path
				if v := c.Facts[FactFrontend]; v.Set() {
					s += " frontend=" + v.V
				}
				got = append(got, s)
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("got %s, want %s", s, tt.want)
			}
		})
	}
}
