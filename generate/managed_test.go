package generate

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

// TestManagedTable holds of each row of managed.yaml what its readers rely on.
func TestManagedTable(t *testing.T) {
	kinds := append(plan.Kinds(), "sqlserver", "oracle", "db2", "sqs", "s3", "smtp", "imap", "ldap", "sphinx", "nsq")
	families := []Family{AWS, Google, Azure, Kubernetes, Heroku, CloudFoundry, Convox, OpenStack}
	if len(offers()) != len(families) {
		t.Errorf("%d families in the table, %d have a name", len(offers()), len(families))
	}
	placeholder := regexp.MustCompile(`\{[^}]*\}`)
	for _, f := range families {
		if _, ok := OfferOf(f, "postgresql"); !ok {
			t.Errorf("%s: no database at all", f)
		}
		for kind, o := range offers()[f] {
			at := string(f) + " " + kind
			if !slices.Contains(kinds, kind) {
				t.Errorf("%s: no such kind of service", at)
			}
			if o.Product == "" || o.Bind == "" || strings.HasSuffix(o.Bind, ".") || !strings.HasPrefix(o.Source, "https://") {
				t.Errorf("%s: product, bind (without a full stop) and source are wanted: %+v", at, o)
			}
			for _, w := range o.Make {
				for _, p := range placeholder.FindAllString(w, -1) {
					if !slices.Contains([]string{"{name}", "{service}", "{database}", "{user}", "{version}", "{major}", "{minor}", "{minor_}"}, p) {
						t.Errorf("%s: %s is filled by nothing", at, p)
					}
				}
				// No password is made up, and none is given on a command line where other users of the machine see it.
				if strings.HasPrefix(w, "--") && strings.Contains(w, "password") && w != "--manage-master-user-password" {
					t.Errorf("%s: %s", at, w)
				}
			}
		}
	}
}

func backed() *plan.Plan {
	web := plan.Component{Component: detect.Component{Name: "web", Services: []detect.Service{
		{Kind: "postgresql", Required: true}, {Kind: "memcached"}, {Kind: "s3", Required: true, Env: map[string]string{"password": "AWS_SECRET_ACCESS_KEY", "user": "AWS_ACCESS_KEY_ID"}},
	}}, Settings: []plan.Setting{
		{Name: "DATABASE_URL", Value: "postgresql://app:${POSTGRES_PASSWORD}@db:5432/shop", Secret: true, Service: "db"},
		{Name: "DB_HOST", Value: "db", Service: "db"},
		{Name: "ADO", Value: "Host=db;Port=5432;Password=${POSTGRES_PASSWORD}", Secret: true, Service: "db"},
		{Name: "OWN", Value: "db://db:5432/shop", Service: "db"},
		{Name: "GRAPH", Value: "x", Service: "graph"},
	}}
	worker := plan.Component{Component: detect.Component{Name: "worker"}, Settings: web.Settings[:1]}
	return &plan.Plan{Name: "shop", Components: []plan.Component{web, worker}, Secrets: []plan.Secret{{Name: "POSTGRES_PASSWORD"}}, Services: []plan.Service{
		{Name: "db", Kind: "postgresql", Image: detect.Is("postgres:13.4-alpine"), Settings: []plan.Setting{
			{Name: "POSTGRES_DB", Value: "shop; rm -rf /"}, {Name: "POSTGRES_PASSWORD", Value: "${POSTGRES_PASSWORD}"}, {Name: "POSTGRES_USER", Value: "app"},
		}},
		{Name: "graph", Kind: "couchdb", Image: detect.Is("couchdb:3")},
	}}
}

func TestBackings(t *testing.T) {
	all := Backings(backed(), AWS)
	if len(all) != 3 || all[0].Service != "db" || all[1].Offered || all[2].Kind != "s3" || all[2].Offer.Product != "Amazon S3" {
		t.Fatalf("%+v", all)
	}
	want := []BackingSetting{
		{"DATABASE_URL", "postgresql://app:POSTGRES_PASSWORD@HOST:5432/shop", []string{"web", "worker"}, true},
		{"DB_HOST", "HOST", []string{"web"}, false},
		{"ADO", "Host=HOST;Port=5432;Password=POSTGRES_PASSWORD", []string{"web"}, true},
		{"OWN", "db://HOST:5432/shop", []string{"web"}, false},
	}
	for i, s := range all[0].Settings {
		if s.Name != want[i].Name || s.Shape != want[i].Shape || !slices.Equal(s.Components, want[i].Components) || s.Secret != want[i].Secret {
			t.Errorf("%+v, want %+v", s, want[i])
		}
	}
	g := NewGuide("deploy/x", "x")
	g.Backings(backed(), AWS)
	text := string(g.Artifact().Content)
	for _, line := range []string{
		"db (postgresql): Amazon RDS for PostgreSQL (`AWS::RDS::DBInstance`). RDS keeps the password in Secrets Manager",
		"aws rds create-db-instance --db-instance-identifier shop-db --engine postgres --engine-version 13 --db-name 'shop; rm -rf /' --master-username app --manage-master-user-password",
		"`DATABASE_URL` of web, worker: `postgresql://app:POSTGRES_PASSWORD@HOST:5432/shop`",
		"graph (couchdb): the platform offers none of its own: run `couchdb:3`",
		"`AWS_SECRET_ACCESS_KEY` of web: `the value of your s3`",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
	none := NewGuide("deploy/x", "x")
	none.Backings(&plan.Plan{}, AWS)
	if strings.Contains(string(none.Artifact().Content), "Backing") {
		t.Error("a step about nothing")
	}
	if got := Backings(backed(), Google)[0].Command; !slices.Contains(got, "--database-version=POSTGRES_13") {
		t.Error(got)
	}
	mysql := backed()
	mysql.Services[0] = plan.Service{Name: "db", Kind: "mysql", Image: detect.Is("registry.example.com:5000/mysql:8.0.36@sha256:aa")}
	if got := Backings(mysql, Google)[0].Command; !slices.Contains(got, "--database-version=MYSQL_8_0") {
		t.Error(got)
	}
}
