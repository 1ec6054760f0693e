package dockerfile

import (
	"context"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// nodeApp is a server as detection describes one.
func nodeApp(edit func(*detect.Component)) detect.Component {
	c := detect.Component{
		Name: "web", Path: ".", Stack: "node", Role: detect.Is(detect.Web), Language: detect.Is("javascript"), LanguageVersion: detect.Is("16"), Framework: detect.Is("express"), Build: detect.Is("npm"),
		Port: detect.Is(3000), Processes: []detect.Process{{Name: "web", Command: []string{"node", "server.js"}, From: detect.Declared}},
		Facts: facts("packageManager", "npm", "lockfile", "package-lock.json", "manifests", "package.json package-lock.json", "installCommand", "npm ci", "productionInstall", "npm ci --omit dev", "pruneCommand", "npm prune --omit dev"),
	}
	edit(&c)
	return c
}

func TestNodeVariants(t *testing.T) {
	with := func(pairs ...string) func(*detect.Component) {
		return func(c *detect.Component) {
			for k, v := range facts(pairs...) {
				c.Facts[k] = v
			}
		}
	}
	site := func(c *detect.Component) {
		c.Role, c.Port, c.Framework = detect.Is(detect.SPA), detect.Value[int]{}, detect.Is("react")
		c.Processes = []detect.Process{{Name: "spa", Command: []string{"nginx", "-g", "daemon off;"}}}
		with("buildCommand", "npm run build", "output", "dist", "fallback", "index.html", "buildEnv", "NODE_ENV=production A=$(evil)")(c)
	}
	for name, tt := range map[string]struct {
		component detect.Component
		want, not []string
		fails     string
	}{
		"plain": {component: nodeApp(func(*detect.Component) {}), want: []string{
			"FROM node:16-bullseye AS build", "COPY package.json package-lock.json ./", "npm ci --omit dev", "FROM node:16-bullseye-slim\n", "      tini\n", "COPY --from=build /app/node_modules /app/node_modules\nCOPY . /app", `ENTRYPOINT ["/usr/bin/tini", "--"]`, "USER 10001:0",
		}, not: []string{"npm run", "prune"}},
		"built": {component: nodeApp(with("buildCommand", "npm run build", "buildEnv", "NODE_ENV=production")), want: []string{
			"    npm ci\n", "COPY . .\nRUN NODE_ENV=production npm run build\n", "    npm prune --omit dev", "COPY --from=build /app /app",
		}, not: []string{"--only"}},
		"scripts that read the sources": {component: nodeApp(with("installNeedsSources", "true")), want: []string{"COPY . .\nRUN --mount=type=cache,target=/root/.npm \\\n    npm ci\n"}, not: []string{"COPY package.json"}},
		"a private registry":            {component: nodeApp(with("npmrc", "secret")), want: []string{"--mount=type=secret,id=npmrc,target=/root/.npmrc", "rm -f /app/.npmrc"}},
		"an old Node": {component: nodeApp(func(c *detect.Component) {
			c.LanguageVersion = detect.Is("0.10.25")
			c.SystemPackages = []detect.SystemPackage{{Name: "graphicsmagick", Run: []string{"graphicsmagick"}}}
		}), want: []string{"FROM node:0.10 AS build", "FROM node:0.10-slim\n", "# Not installed, because the packages of this image's Debian release are no longer served: graphicsmagick"}, not: []string{"apt-get", "tini"}},
		"between two lines": {component: nodeApp(func(c *detect.Component) { c.LanguageVersion = detect.Is("13.1.0") }), want: []string{"FROM node:14-bullseye AS build"}},
		"newer than known":  {component: nodeApp(func(c *detect.Component) { c.LanguageVersion = detect.Is("27") }), want: []string{"FROM node:24-bookworm AS build"}},
		"yarn": {component: nodeApp(func(c *detect.Component) {
			c.Build = detect.Is("yarn")
			with("packageManagerSetup", "npm install --global --force @yarnpkg/cli-dist@3.2.1")(c)
		}), want: []string{"RUN npm install --global --force @yarnpkg/cli-dist@3.2.1", "YARN_NODE_LINKER=node-modules", "target=/root/.yarn/berry/cache"}},
		"a workspace": {component: nodeApp(func(c *detect.Component) {
			c.Path, c.Root = "packages/api", "."
			with("manifests", "package.json packages/api/package.json packages/shared/package.json", "buildCommand", "npm run build")(c)
		}), want: []string{"COPY package.json ./\nCOPY packages/api/package.json ./packages/api/", "WORKDIR /app/packages/api\nRUN npm run build", "PATH=/app/packages/api/node_modules/.bin:/app/node_modules/.bin:$PATH"}},
		"a site":                   {component: nodeApp(site), want: []string{"A='$(evil)' npm run build", "FROM nginx:1.26\n", "listen 8080;", "try_files", "COPY --from=build /app/dist /usr/share/nginx/html/", "EXPOSE 8080", `CMD ["nginx", "-g", "daemon off;"]`}, not: []string{"tini", "bullseye-slim"}},
		"a site with a port":       {component: nodeApp(func(c *detect.Component) { site(c); c.Port = detect.Is(4100) }), want: []string{"listen 4100;", "EXPOSE 4100"}},
		"a site, output not known": {component: nodeApp(func(c *detect.Component) { site(c); delete(c.Facts, "output") }), fails: "set facts.output"},
		"a site built outside":     {component: nodeApp(func(c *detect.Component) { site(c); c.Facts["output"] = detect.Is("../../etc") }), fails: "leaves the build context"},
		"meteor":                   {component: nodeApp(func(c *detect.Component) { c.Framework = detect.Is("meteor"); with("meteor", "1.6.0.1")(c) }), want: []string{"FROM geoffreybooth/meteor-base:1.6.0.1 AS meteor", "meteor build --directory /out", "COPY --from=meteor /out/bundle ./"}},
		"meteor without a tool":    {component: nodeApp(func(c *detect.Component) { c.Framework = detect.Is("meteor"); with("meteor", "0.8.2")(c) }), fails: "Meteor before 1.4"},
		"a function":               {component: nodeApp(func(c *detect.Component) { c.Role = detect.Is(detect.Function) }), fails: "called by their platform"},
		"no way to install":        {component: nodeApp(func(c *detect.Component) { delete(c.Facts, "installCommand") }), fails: "set facts.installCommand"},
		"a directory with a trick": {component: nodeApp(func(c *detect.Component) { c.Path, c.Root = "a b", "." }), fails: "no plain path"},
		"what runs after installing": {component: nodeApp(with("afterInstall", "npx bower@1.8.14 install --allow-root", "bower", "true")), want: []string{
			"    npx bower@1.8.14 install --allow-root\n", "bower_allow_root=true",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			artifacts, err := target.Generate(context.Background(), newPlan(t, tt.component))
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("error %v, want one with %q", err, tt.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range target.Check(artifacts) {
				t.Errorf("%+v\n%s", problem, artifacts[0].Content)
			}
			got := string(artifacts[0].Content)
			mustHold(t, got, tt.want, tt.not)
		})
	}
}
