package templates

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Authority is the certificate of a certificate authority.
type Authority struct {
	Name string // of a file for it: letters, digits and dashes, ending in .crt, which is what Debian's and Alpine's tools look for
	File string // where it was read
	PEM  []byte
}

// readAuthorities reads certificates from PEM files. A file without one, one that holds a private key, and one that is damaged are errors.
func readAuthorities(fsys fs.FS, files []string) ([]Authority, error) {
	var out []Authority
	seen, names := map[string]bool{}, map[string]bool{}
	for _, name := range files {
		fail := func(format string, args ...any) error {
			return fmt.Errorf("%s: caCertificates: %s: %w", RulesFile, name, fmt.Errorf(format, args...))
		}
		rest, err := fs.ReadFile(fsys, path.Clean(name))
		if err != nil {
			return nil, fail("%w", err)
		}
		found := false
		for {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil {
				break
			}
			if block.Type != "CERTIFICATE" {
				return nil, fail("it holds a %s: certificates alone belong into images", strings.ToLower(block.Type))
			}
			if _, err := x509.ParseCertificate(block.Bytes); err != nil {
				return nil, fail("%w", err)
			}
			found = true
			if !seen[string(block.Bytes)] {
				seen[string(block.Bytes)] = true
				out = append(out, Authority{Name: freeName(names, name), File: name, PEM: pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes})})
			}
		}
		if !found {
			return nil, fail("it holds no certificate in PEM")
		}
	}
	return out, nil
}

// freeName makes a file's name out of another's: "Corp CA.pem" is corp-ca.crt, its second certificate corp-ca-2.crt.
func freeName(taken map[string]bool, file string) string {
	base := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, strings.TrimSuffix(path.Base(file), path.Ext(file))), "-")
	if base == "" {
		base = "ca"
	}
	name := base + ".crt"
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s-%d.crt", base, n)
	}
	taken[name] = true
	return name
}
