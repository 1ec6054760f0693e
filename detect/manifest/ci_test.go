package manifest

import (
	"reflect"
	"testing"
)

func TestParseCI(t *testing.T) {
	tests := []struct {
		file, in string
		versions []CIVersion
		services []CIService
		packages []Item
	}{
		{".travis.yml", "language: ruby\nrvm:\n  - 2.1\n  - ruby-2.2.1\njdk: oraclejdk8\nservices:\n  - redis-server\n  - docker\naddons:\n  postgresql: \"9.4\"\n  apt:\n    packages: [libx]\n  mariadb:\nmatrix:\n  include:\n    - rvm: 2.3\n    - rvm: 2.1\n",
			[]CIVersion{{"ruby", "2.1", 3}, {"ruby", "2.2.1", 4}, {"java", "8", 5}, {"ruby", "2.3", 16}},
			[]CIService{{"redis", "", 7}, {"postgresql", "9.4", 10}, {"mariadb", "", 13}}, []Item{{"libx", 12}}},
		{".github/workflows/test.yml", `jobs:
  test:
    container: ruby:2.5
    services:
      db: {image: "mysql:5.7"}
    strategy:
      matrix:
        ruby: [2.6, "2.7"]
        entry:
          - {node: 12}
        include:
          - ruby: 3.0
    steps:
      - uses: actions/checkout@v2
      - uses: ruby/setup-ruby@v1
        with:
          ruby-version: ${{ matrix.ruby }}
      - uses: actions/setup-node@v2
        with: {node-version: "${{ matrix.entry.node }}"}
      - uses: actions/setup-java@v1
        with: {java-version: 11}
      - uses: actions/setup-python@v1
        with: {python-version: "${{ env.X }}"}
      - uses: ruby/setup-ruby@v1
  other:
    container:
      image: maven:3-jdk-8
`, []CIVersion{{"ruby", "2.5", 3}, {"ruby", "2.6", 8}, {"ruby", "2.7", 8}, {"ruby", "3.0", 12}, {"node", "12", 10}, {"java", "11", 21}, {"java", "8", 27}},
			[]CIService{{"mysql", "5.7", 5}}, nil},
		{".gitlab-ci.yml", "image: ruby:2.4\nservices:\n  - postgres:9.6\n  - name: redis:4\njob:\n  image:\n    name: node:8\n",
			[]CIVersion{{"ruby", "2.4", 1}, {"node", "8", 7}}, []CIService{{"postgresql", "9.6", 3}, {"redis", "4", 4}}, nil},
		{".travis.yml", "language: elixir\nelixir: 1.4.5\notp_release:\n  - 19.3\nperl: [\"5.10\", 5.26]\n",
			[]CIVersion{{"perl", "5.10", 5}, {"perl", "5.26", 5}, {"elixir", "1.4.5", 2}, {"erlang", "19.3", 4}}, nil, nil},
		{".github/workflows/t.yml", "jobs:\n  t:\n    steps:\n      - uses: erlef/setup-beam@v1\n        with:\n          otp-version: 25\n          elixir-version: 1.14.2\n      - uses: shogo82148/actions-setup-perl@v1\n        with: {perl-version: \"5.30\"}\n",
			[]CIVersion{{"elixir", "1.14.2", 7}, {"erlang", "25", 6}, {"perl", "5.30", 9}}, nil, nil},
		{"circle.yml", "machine:\n  ruby:\n    version: 2.0.0\n  services:\n    - elasticsearch\n",
			[]CIVersion{{"ruby", "2.0.0", 3}}, []CIService{{"elasticsearch", "", 5}}, nil},
		{".circleci/config.yml", "jobs:\n  build:\n    docker:\n      - image: cimg/ruby:2.7.1-node\n      - image: circleci/postgres:9.5\nexecutors:\n  e:\n    docker:\n      - image: cimg/openjdk:11.0\n",
			[]CIVersion{{"ruby", "2.7.1", 4}, {"java", "11.0", 9}}, []CIService{{"postgresql", "9.5", 5}}, nil},
		{"appveyor.yml", "environment:\n  JAVA_HOME: C:\\Program Files\\Java\\jdk1.8.0\n  nodejs_version: 6\n  matrix:\n    - RUBY_VERSION: 25-x64\nservices:\n  - postgresql101\n  - mssql2014\nstack: jdk 7, ruby 2.4, mysql\n",
			[]CIVersion{{"java", "1.8", 2}, {"node", "6", 3}, {"ruby", "2.5", 5}, {"java", "7", 9}, {"ruby", "2.4", 9}},
			[]CIService{{"postgresql", "", 7}, {"mysql", "", 9}}, nil},
		{"Jenkinsfile", "pipeline {\n  agent { docker { image 'maven:3-jdk-11' } }\n  tools { maven 'm'\n  jdk 'OpenJDK 8'\n }\n docker.image(\"postgres:10\").withRun { } // docker.image('mysql')\n}\n",
			[]CIVersion{{"java", "11", 2}, {"java", "8", 4}}, []CIService{{"postgresql", "10", 6}}, nil},
		{"other.yml", "rvm: 2", nil, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			ci, err := ParseCI(tt.file, []byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(ci.Versions, tt.versions) {
				t.Errorf("versions %v, want %v", ci.Versions, tt.versions)
			}
			if !reflect.DeepEqual(ci.Services, tt.services) {
				t.Errorf("services %v, want %v", ci.Services, tt.services)
			}
			if len(ci.Packages)+len(tt.packages) > 0 && !reflect.DeepEqual(ci.Packages, tt.packages) {
				t.Errorf("packages %v, want %v", ci.Packages, tt.packages)
			}
		})
	}
	if _, err := ParseCI(".travis.yml", []byte("a: [")); err == nil {
		t.Error("broken YAML")
	}
	if _, err := ParseCI("Jenkinsfile", []byte("\x00")); err == nil {
		t.Error("binary")
	}
	if CIFile("x/.travis.yml") || !CIFile(".github/workflows/a.yaml") {
		t.Error("CIFile")
	}
}

func FuzzParseCI(f *testing.F) {
	names := []string{".travis.yml", ".github/workflows/a.yml", ".gitlab-ci.yml", "circle.yml", ".circleci/config.yml", "appveyor.yml", "Jenkinsfile"}
	for i := range names {
		f.Add(uint8(i), []byte("rvm: [2.1]\njobs:\n  a:\n    docker: [{image: ruby}]\n    steps: [{uses: ruby/setup-ruby@v1, with: {ruby-version: \"${{ matrix.a }}\"}}]\nstack: jdk 8\nenvironment: {a: b}\n"))
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		ci, err := ParseCI(names[int(which)%len(names)], data)
		if err == nil && ci == nil {
			t.Fatal("neither answer nor error")
		}
	})
}
