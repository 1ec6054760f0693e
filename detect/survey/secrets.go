package survey

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// isKey reports whether a file's name says that it holds a secret.
func isKey(dir, lower string) bool {
	switch lower {
	case "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".npmrc", ".pypirc", ".netrc", "_netrc", ".dockercfg", ".htpasswd", ".pgpass", ".my.cnf",
		"terraform.tfstate", "terraform.tfvars", "auth.json", "credentials", "credentials.json", "service-account.json", "serviceaccount.json",
		".git-credentials", "settings.xml", "nuget.config", "secrets.yml", "secrets.json", "master.key", ".s3cfg", ".boto", "wp-config.php":
		return true
	case "config.json":
		return path.Base(dir) == ".docker"
	}
	if strings.HasPrefix(lower, ".env") {
		return true
	}
	switch path.Ext(lower) {
	case ".pem", ".key", ".pfx", ".p12", ".jks", ".keystore", ".ppk", ".tfstate", ".tfvars":
		return true
	}
	return false
}

// sample reports whether a name says that the values in the file are examples.
func sample(lower string) bool {
	for _, w := range []string{"example", "sample", "dist", "template", "tmpl", "default", "test", "dummy", "ci", "development", ".dev"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

const changeIt = " Whoever has the repository has it: change it, take it out of the history, and give it to the container as a secret."

// secrets looks into the files whose names say that they hold secrets.
func (s *survey) secrets() {
	for _, p := range s.keys {
		lower := strings.ToLower(path.Base(p))
		if sample(lower) {
			continue
		}
		f, ok := s.read(p)
		if !ok {
			continue
		}
		if message, ev, ok := secretIn(lower, f); ok {
			s.trouble("secret-committed", "high", message+changeIt, ev)
		}
	}
}

// secretIn says what secret a file holds and where. The line itself is never shown: it may be the secret.
func secretIn(lower string, f detect.File) (string, detect.Evidence, bool) {
	hidden := func(line int) detect.Evidence { return detect.Evidence{File: f.Path, Line: line} }
	switch ext := path.Ext(lower); {
	case strings.HasPrefix(lower, ".env"):
		return dotenv(f, hidden)
	case ext == ".pfx" || ext == ".p12" || ext == ".jks" || ext == ".keystore":
		return "A key store is in the repository.", hidden(0), len(f.Data) > 0
	case lower == ".htpasswd" || lower == ".git-credentials" || lower == ".pgpass":
		return "Passwords are in the repository.", hidden(0), len(bytes.TrimSpace(f.Data)) > 0
	case lower == "master.key":
		return "The key that opens the application's credentials is in the repository.", hidden(0), len(bytes.TrimSpace(f.Data)) > 0
	}
	n := 0
	for text := range bytes.Lines(f.Data) {
		n++
		if what := secretLine(lower, text); what != "" {
			return what, hidden(n), true
		}
		if n > 5000 {
			break
		}
	}
	return "", detect.Evidence{}, false
}

var secretPatterns = sync.OnceValue(func() (p struct{ npm, password, nuget, cloud, assigned *regexp.Regexp }) {
	p.npm = regexp.MustCompile(`(?i)_(?:authToken|auth|password)\s*=\s*"?([^\s"$]+)`)
	p.password = regexp.MustCompile(`(?i)\bpassword\s*[:=]?\s*(\S+)`)
	p.nuget = regexp.MustCompile(`(?i)key="(?:ClearTextPassword|Password)"\s+value="([^"%]+)"`)
	p.cloud = regexp.MustCompile(`\bAKIA[0-9A-Z]{16}\b|(?i)aws_secret_access_key\s*[:=]\s*["']?[A-Za-z0-9/+]{30,}`)
	p.assigned = regexp.MustCompile(`(?i)["']?\b\w*(?:password|passwd|secret|token|api_?key|private_key)\w*["']?\s*[:=]\s*["']?([^\s"',]{4,})`)
	return p
})

func secretLine(lower string, text []byte) string {
	if len(text) > 4096 {
		text = text[:4096]
	}
	if bytes.Contains(text, []byte("PRIVATE KEY-----")) && bytes.Contains(text, []byte("BEGIN")) {
		return "A private key is in the repository."
	}
	p := secretPatterns()
	if p.cloud.Match(text) {
		return "Credentials of a cloud account are in the repository."
	}
	real := func(m [][]byte) bool { return m != nil && !placeholder(string(m[1])) }
	switch lower {
	case ".npmrc":
		if real(p.npm.FindSubmatch(text)) {
			return "The token of a package registry is in the repository."
		}
	case ".pypirc", ".netrc", "_netrc", ".my.cnf":
		if real(p.password.FindSubmatch(text)) {
			return "A password is in the repository."
		}
	case "nuget.config":
		if real(p.nuget.FindSubmatch(text)) {
			return "The password of a package registry is in the repository."
		}
	case "settings.xml":
		if _, value, ok := strings.Cut(string(text), "<password>"); ok {
			if value, _, _ = strings.Cut(value, "</"); placeholder(strings.TrimSpace(value)) {
				return ""
			}
			return "The password of a package registry is in the repository."
		}
	case ".dockercfg", "config.json", "auth.json":
		if i := bytes.Index(text, []byte(`"auth"`)); i >= 0 && len(bytes.TrimSpace(text[i:])) > 12 {
			return "The credentials of a registry are in the repository."
		}
	case "terraform.tfvars", "secrets.yml", "secrets.json", "credentials.json", "credentials":
		if real(p.assigned.FindSubmatch(text)) {
			return "Secrets are in the repository."
		}
	}
	return ""
}

// dotenv looks for values of variables whose names say that they are secret.
func dotenv(f detect.File, hidden func(int) detect.Evidence) (string, detect.Evidence, bool) {
	list, _ := manifest.ParseDotenv(f.Data) // what is no assignment is passed over
	for _, a := range list {
		if secretName(a.Name) && !placeholder(a.Value) {
			return "The value of " + detect.Printable(a.Name, 60) + " is in the repository, in a .env file.", hidden(a.Line), true
		}
	}
	return "", detect.Evidence{}, false
}

func secretName(name string) bool {
	name = strings.ToUpper(name)
	for _, w := range []string{"PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "APP_KEY"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// placeholder reports whether a value stands for one that is to be filled in, or is read from elsewhere.
func placeholder(v string) bool {
	v = strings.ToLower(strings.Trim(v, `"'<> `))
	if len(v) < 4 || strings.ContainsAny(v, "${%<") {
		return true
	}
	for _, w := range []string{"changeme", "change_me", "change-me", "your", "xxx", "todo", "example", "placeholder", "replace", "insert", "secret", "password",
		"null", "none", "true", "false", "test", "root", "dummy", "fixme", "..."} {
		if strings.HasPrefix(v, w) {
			return true
		}
	}
	return false
}
