package dockerfile

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/templates"
)

// authorityDir is where the certificates of the house rules lie in a build context.
const authorityDir = "house-certificates"

// bundle is the file with all trusted certificates: where Debian and Alpine keep it, and where the others get it.
const bundle = "/etc/ssl/certs/ca-certificates.crt"

// trustScript makes an image trust the certificates beside it: by the system's own tool where there is one, else in the bundle itself, and in
// the store of Java, which looks at no bundle.
const trustScript = `#!/bin/sh
# Made by drydock: makes an image trust the certificate authorities beside this file (caCertificates in the house rules).
set -eu
here=$(dirname "$0")
bundle=` + bundle + `
mkdir -p /usr/local/share/ca-certificates /etc/ssl/certs
cp "$here"/*.crt /usr/local/share/ca-certificates/

if command -v update-ca-certificates > /dev/null; then # Debian, Ubuntu, Alpine
  update-ca-certificates
elif command -v update-ca-trust > /dev/null; then # Red Hat and its kin
  cp "$here"/*.crt /etc/pki/ca-trust/source/anchors/
  update-ca-trust extract
  ln -sf /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem "$bundle"
else # an image without any: the package, where it is installed later, takes in the copies as well
  cat "$here"/*.crt >> "$bundle"
fi

if command -v keytool > /dev/null; then
  java=$(dirname "$(dirname "$(readlink -f "$(command -v keytool)")")")
  for store in "$java/lib/security/cacerts" "$java/jre/lib/security/cacerts"; do
    [ -f "$store" ] || continue
    for file in "$here"/*.crt; do
      name=house-$(basename "$file" .crt)
      if ! keytool -list -storepass changeit -keystore "$store" -alias "$name" > /dev/null 2>&1; then
        keytool -importcert -noprompt -storepass changeit -keystore "$store" -alias "$name" -file "$file"
      fi
    done
  done
fi
`

// trusting runs it.
var trusting = []string{
	"RUN --mount=type=bind,source=" + authorityDir + ",target=/run/" + authorityDir + " \\",
	"    sh /run/" + authorityDir + "/trust.sh",
}

// trustVariables are read by what brings its own bundle: Node, and by stack the tools that look neither at it nor at OpenSSL's variable.
var trustVariables = map[string][]string{
	"python": {"PIP_CERT", "REQUESTS_CA_BUNDLE"},
	"elixir": {"HEX_CACERTS_PATH"},
	"erlang": {"HEX_CACERTS_PATH"},
	"perl":   {"PERL_LWP_SSL_CA_FILE"},
	"rust":   {"CARGO_HTTP_CAINFO"},
}

// authorities are the files of the certificates, one set for each context.
func (t Target) authorities(groups []plan.ImageGroup, rules templates.Rules) []generate.Artifact {
	var out []generate.Artifact
	var roots []string
	for _, g := range groups {
		if slices.Contains(roots, g.Root) {
			continue
		}
		roots = append(roots, g.Root)
		if len(rules.Authorities()) > 0 {
			out = append(out, generate.Artifact{
				Path: path.Join(g.Root, authorityDir, "trust.sh"), Mode: 0o644, Content: []byte(trustScript), Target: t.Name(),
				Origins: slices.Repeat([]generate.Origin{{Why: "the house rules want their certificate authorities trusted in every image: caCertificates"}}, strings.Count(trustScript, "\n")),
			})
		}
		for _, a := range rules.Authorities() {
			out = append(out, generate.Artifact{
				Path: path.Join(g.Root, authorityDir, a.Name), Mode: 0o644, Content: a.PEM, Target: t.Name(),
				Origins: slices.Repeat([]generate.Origin{{Why: "a certificate that the house rules want trusted: caCertificates, " + a.File}}, bytes.Count(a.PEM, []byte("\n"))),
			})
		}
	}
	return out
}

// withAuthorities makes every stage that begins with an image trust the certificates, before anything else is done in it.
func withAuthorities(content []byte, origins []generate.Origin, authorities []templates.Authority, c *plan.Component) ([]byte, []generate.Origin, error) {
	if len(authorities) == 0 || c.Platform.V == "windows" { // Windows keeps its own store, by tools of its own
		return content, origins, nil
	}
	parsed, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		return nil, nil, fmt.Errorf("parse the Dockerfile for caCertificates: %w", err)
	}
	after := map[int][]string{} // lines to be put in behind a line, from 1
	own := map[string]bool{}
	nodes := parsed.AST.Children
	for i, n := range nodes {
		if !strings.EqualFold(n.Value, "FROM") || n.Next == nil {
			continue
		}
		image := n.Next.Value
		if !own[strings.ToLower(image)] {
			after[n.EndLine] = trust(image, nodes[i+1:], c)
		}
		if as := n.Next.Next; as != nil && as.Next != nil {
			own[strings.ToLower(as.Next.Value)] = true
		}
	}
	var lines []string
	var reasons []generate.Origin
	for i, l := range strings.Split(strings.TrimSuffix(string(content), "\n"), "\n") {
		lines, reasons = append(lines, l), append(reasons, origins[i])
		for _, more := range after[i+1] {
			lines = append(lines, more)
			reasons = append(reasons, generate.Origin{Why: "the house rules want their certificate authorities trusted in every image: caCertificates"})
		}
	}
	return []byte(strings.Join(lines, "\n") + "\n"), reasons, nil
}

// trust are the lines for a stage, given its image and the instructions that follow.
func trust(image string, rest []*parser.Node, c *plan.Component) []string {
	if image == "scratch" || strings.Contains(image, "distroless") || strings.Contains(image, "chiseled") {
		return []string{"COPY " + authorityDir + "/*.crt /etc/ssl/certs/"} // no shell; Go and Rust read the whole directory
	}
	lines := slices.Clone(trusting)
	names := append([]string{"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"}, trustVariables[c.Stack]...)
	slices.Sort(names)
	lines = append(lines, "ENV "+strings.Join(names, "="+bundle+" \\\n    ")+"="+bundle)
	lines = append(lines[:len(lines)-1], strings.Split(lines[len(lines)-1], "\n")...)
	if user := serverUser(c, rest); user != "" {
		lines = append(append([]string{"USER 0"}, lines...), "USER "+user)
	}
	return lines
}

// ownUser reports whether the image of a component's server begins as another user than root.
func ownUser(c *plan.Component) bool {
	switch c.AppServer.V {
	case "wildfly", "jboss", "liberty", "websphere", "glassfish", "payara":
		return true
	}
	return false
}

// serverUser is the user of a server whose image does not begin as root, from the stage's own last USER; empty: root.
func serverUser(c *plan.Component, rest []*parser.Node) string {
	if !ownUser(c) {
		return ""
	}
	user := ""
	for _, n := range rest {
		if strings.EqualFold(n.Value, "FROM") {
			return "" // not the last stage: an image of a build tool
		}
		if strings.EqualFold(n.Value, "USER") && n.Next != nil {
			user = n.Next.Value
		}
	}
	return user
}
