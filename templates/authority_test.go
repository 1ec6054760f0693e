package templates

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"testing/fstest"
)

// certificate makes one of a new authority.
func certificate(t *testing.T, serial int64) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x := &x509.Certificate{SerialNumber: big.NewInt(serial), IsCA: true}
	der, err := x509.CreateCertificate(rand.Reader, x, x, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func TestAuthorities(t *testing.T) {
	one, two := certificate(t, 1), certificate(t, 2)
	files := fstest.MapFS{
		RulesFile:       {Data: []byte("caCertificates: [Corp CA.pem, more/two.crt]\n")},
		"Corp CA.pem":   {Data: append(append([]byte("the first\n"), one...), two...)},
		"more/two.crt":  {Data: two},
		"key.pem":       {Data: append(bytes.Clone(one), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"...)},
		"none.pem":      {Data: []byte("hello")},
		"damaged.pem":   {Data: []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")},
		"other/more.md": {},
	}
	r, err := ReadRules(files)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range r.Authorities() {
		names = append(names, a.Name)
		if bytes.Contains(a.PEM, []byte("first")) {
			t.Errorf("%s", a.PEM)
		}
	}
	if got := strings.Join(names, " "); got != "corp-ca.crt corp-ca-2.crt" {
		t.Error(got)
	}
	for file, want := range map[string]string{
		"key.pem": "private key", "none.pem": "no certificate", "damaged.pem": "x509", "away.pem": "not exist", "../away.pem": "not exist",
	} {
		files[RulesFile].Data = []byte("caCertificates: [" + file + "]\n")
		if _, err := ReadRules(files); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "rules.yaml: caCertificates: "+file) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
