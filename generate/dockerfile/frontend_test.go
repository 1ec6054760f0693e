package dockerfile

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/templates"
)

// withFrontend renders the two parts of common/frontend.tmpl as a back end's template uses them.
func withFrontend(t *testing.T, c detect.Component) (string, error) {
	t.Helper()
	over := fstest.MapFS{"java/Dockerfile.tmpl": {Data: []byte(`{{template "frontend" .}}
FROM {{.Image "build"}} AS build
WORKDIR /src
COPY . .
{{template "frontend-result" .}}
USER {{user}}
`)}}
	target := Target{Templates: templates.Overlay(over, templates.FS())}
	artifacts, err := target.Generate(context.Background(), newPlan(t, c))
	if err != nil {
		return "", err
	}
	for _, problem := range target.Check(artifacts) {
		t.Errorf("%+v\n%s", problem, artifacts[0].Content)
	}
	return string(artifacts[0].Content), nil
}

func TestFrontend(t *testing.T) {
	for _, tt := range []struct {
		name       string
		facts      []string
		path, root string
		want, not  []string
	}{
		{"none", nil, ".", "", nil, []string{"frontend"}},
		{"beside, output not known", []string{"frontend", ".", "frontendPackageManager", "npm", "frontendBuild", "npm run build", "frontendNode", "14.17"}, ".", "", []string{
			"FROM node:14 AS frontend\nWORKDIR /src\n", "COPY package.json .npmrc* ./", "npm install", "COPY . /src", "RUN npm run build \\\n && rm -rf node_modules", "COPY --from=frontend /src ./\n",
		}, nil},
		{"below, of a module", []string{"frontend", "ui", "frontendPackageManager", "yarn", "frontendLockfile", "yarn.lock", "frontendBuild", "yarn build", "frontendOutput", "dist"}, "web", ".", []string{
			"FROM node:20 AS frontend\nWORKDIR /src/web/ui\n", "COPY web/ui/package.json web/ui/.yarnrc* web/ui/.npmrc* web/ui/yarn.lock ./", "--frozen-lockfile", "COPY web/ui ./\nRUN yarn build\n", "COPY --from=frontend /src/web/ui/dist ./web/ui/dist",
		}, []string{"rm -rf"}},
		{"built into the resources", []string{"frontend", "ui", "frontendPackageManager", "pnpm", "frontendBuild", "pnpm build", "frontendOutput", "../src/main/resources/static"}, ".", "", []string{
			"corepack enable && pnpm install", "COPY ui ./", "COPY --from=frontend /src/src/main/resources/static ./src/main/resources/static",
		}, nil},
		{"bower", []string{"frontend", "public", "frontendPackageManager", "bower", "frontendNode", "0.10"}, ".", "", []string{"FROM node:0.10 AS", "COPY public/bower.json public/package.json* public/.bowerrc* ./", "bower@1.8.14 install"}, nil},
		{"output outside of the context", []string{"frontend", ".", "frontendBuild", "npm run build", "frontendOutput", "../../etc"}, ".", "", []string{"COPY --from=frontend /src ./"}, []string{"etc"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := warApp()
			c.Path, c.Root = tt.path, tt.root
			for k, v := range facts(tt.facts...) {
				c.Facts[k] = v
			}
			got, err := withFrontend(t, c)
			if err != nil {
				t.Fatal(err)
			}
			mustHold(t, got, tt.want, tt.not)
		})
	}
	for _, dir := range []string{"a b", "x\nRUN evil", "$(evil)", "../..", "*"} {
		c := warApp()
		c.Path, c.Root = ".", ""
		c.Facts["frontend"], c.Facts["frontendBuild"] = detect.Is(dir), detect.Is("npm run build")
		if got, err := withFrontend(t, c); err == nil && strings.Contains(got, "frontend") {
			t.Errorf("%q is accepted:\n%s", dir, got)
		}
	}
}
