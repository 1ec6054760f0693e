package verify

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestEngineOverTLS reaches a real engine by tcp with TLS and a client's certificate, as DOCKER_HOST, DOCKER_TLS_VERIFY and
// DOCKER_CERT_PATH say, and verifies an application there: the session of BuildKit goes the same way. Without a certificate there is no engine.
func TestEngineOverTLS(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		certs := t.TempDir()
		config := certificates(t, certs)
		address := tlsProxy(t, url, config)
		t.Setenv("DOCKER_HOST", "tcp://"+address)
		t.Setenv("DOCKER_TLS_VERIFY", "1")
		t.Setenv("DOCKER_CERT_PATH", certs)
		v, rec, err := runOn(t, "", Input{Plan: webPlan(8080), Tree: tree(map[string]string{"index.html": "hello"}), Options: short(), Artifacts: busybox("RUN echo "+randomHex(8), serve)})
		if err != nil || v.Outcome != Healthy {
			t.Fatalf("%v\n%s", err, rec.text())
		}
		t.Setenv("DOCKER_CERT_PATH", t.TempDir())
		var lost *EngineError
		if _, err := connect(context.Background(), ""); !errors.As(err, &lost) && err == nil {
			t.Error("the engine took somebody without a certificate")
		}
	})
}

// certificates makes an authority, a server's certificate for 127.0.0.1 and a client's, and writes the client's as Docker wants them.
func certificates(t *testing.T, dir string) *tls.Config {
	t.Helper()
	var parent *x509.Certificate
	var parentKey *ecdsa.PrivateKey
	issue := func(name string, serial int64) (cert, key []byte) {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
			IsCA: parent == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		}
		if parent == nil {
			parent, parentKey = c, k
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, &k.PublicKey, parentKey)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := x509.MarshalECPrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})
	}
	ca, _ := issue("authority", 1)
	serverCert, serverKey := issue("engine", 2)
	clientCert, clientKey := issue("client", 3)
	for name, data := range map[string][]byte{"ca.pem": ca, "cert.pem": clientCert, "key.pem": clientKey} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair, err := tls.X509KeyPair(serverCert, serverKey)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(ca)
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert}
}

// tlsProxy hands TLS connections on to an engine's socket.
func tlsProxy(t *testing.T, url string, config *tls.Config) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	network, address, _ := strings.Cut(url, "://")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer from.Close()
				to, err := net.Dial(network, address)
				if err != nil {
					return
				}
				defer to.Close()
				go func() {
					_, _ = io.Copy(to, from)
					_ = to.(*net.UnixConn).CloseWrite()
				}()
				_, _ = io.Copy(from, to)
			}()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}
