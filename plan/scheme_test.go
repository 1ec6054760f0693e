package plan

import (
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// TestAddresses holds how an address is written for clients that want it their own way.
func TestAddresses(t *testing.T) {
	tests := map[string]struct{ kind, scheme, want string }{
		"plain":       {"postgresql", "", "postgresql://app:${POSTGRES_PASSWORD}@db:5432/app"},
		"with a word": {"postgresql", "postgres?sslmode=disable", "postgres://app:${POSTGRES_PASSWORD}@db:5432/app?sslmode=disable"},
		"Go's MySQL":  {"mysql", "go-mysql", "app:${MYSQL_PASSWORD}@tcp(db:3306)/app?parseTime=true"},
		"ADO.NET":     {"postgresql", "ado:npgsql", "Host=db;Port=5432;Database=app;Username=app;Password=${POSTGRES_PASSWORD}"},
		"host, port":  {"redis", "host:port", "redis:6379"},
		"JDBC":        {"mysql", "jdbc:mysql", "jdbc:mysql://db:3306/app"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := New(&detect.Findings{Location: "shop", Components: []detect.Component{{Name: "web", Path: ".", Stack: "golang", Role: detect.Is(detect.Web),
				Services: []detect.Service{{Kind: tt.kind, Required: true, Scheme: tt.scheme, Env: map[string]string{"url": "DB_URL"}}}}}}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range p.Components[0].Settings {
				if s.Name == "DB_URL" && s.Value != tt.want {
					t.Errorf("%q, want %q", s.Value, tt.want)
				}
			}
			if len(p.Components[0].Settings) == 0 {
				t.Error("no setting")
			}
		})
	}
}
