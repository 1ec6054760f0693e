# Every target installs what it needs on a bare Debian with Go (as root; else it says
# what is missing). `make` alone prints the list.

FUZZTIME ?= 30s
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# A further engine that tests find in DRYDOCK_TEST_ENGINES beside the first: `make test BESIDE=`
# goes without.
BESIDE   ?= sid
IMAGES    = test $$(hack/golden-images)
ENSURE    = hack/engine/ensure $(BESIDE:%=--beside %) $(IMAGES)
# Two test binaries at a time, each of which may be building images.
TESTFLAGS ?= -race -timeout 40m -p 2

.DEFAULT_GOAL := help
.PHONY: help build test demo lint bench bench-images fuzz golden engine bench-peers cover release release-check vulncheck clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## bin/drydock
	@hack/need git
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/drydock ./cmd/drydock

test: ## go vet and every test, on real engines, with the race detector
	@hack/need git rsync gcc=gcc,libc6-dev
	$(ENSURE) --plugins
	go vet ./...
	python=$$(hack/python) && node=$$(hack/node) && cloudinit=$$(hack/cloud-init) && hosts=$$(hack/engine/hosts) && \
	  chromium=$$(hack/chromium) && axe=$$(hack/axe) && DRYDOCK_CHROMIUM=$$chromium DRYDOCK_AXE=$$axe DRYDOCK_PYTHON=$$python DRYDOCK_NODE=$$node DRYDOCK_CLOUD_INIT=$$cloudinit DRYDOCK_TEST_ENGINES=$$hosts go test $(TESTFLAGS) ./...

demo: build ## a Rails application from its sources to a container that answers
	hack/engine/ensure $(IMAGES)
	hack/demo.sh bin/drydock

lint: ## gofmt, go vet, other systems, staticcheck, golangci-lint, actionlint, shellcheck
	@hack/need git gcc=gcc,libc6-dev
	hack/lint.sh

bench: ## every benchmark
	@hack/need git
	go test -run '^$$' -bench . -benchmem ./...

bench-images: build ## generated images beside a newcomer's: sizes, cold builds, rebuilds (an hour)
	$(ENSURE) $$(awk 'toupper($$1) == "FROM" { print $$2 }' testdata/newcomer/*/Dockerfile | sort -u)
	hack/bench-images --drydock bin/drydock

bench-peers: build ## drydock and the peers on PATH over the same trees: DIRS="A B", BENCHFLAGS=-build for images too
	go run ./hack/benchpeers -drydock bin/drydock $(BENCHFLAGS) $(or $(DIRS),testdata/apps/rails-shop testdata/apps/spring-petstore-war)

cover: ## how much of detect, plan, generate and verify the tests reach; at least 85 %
	@hack/need git gcc=gcc,libc6-dev
	$(ENSURE) --plugins
	hack/cover.sh

fuzz: ## every fuzz target in turn, FUZZTIME=30s each
	hack/fuzz.sh $(FUZZTIME)

golden: ## write the golden files anew, for you to look at the difference
	@hack/need git
	$(ENSURE)
	python=$$(hack/python) && node=$$(hack/node) && cloudinit=$$(hack/cloud-init) && \
	  chromium=$$(hack/chromium) && axe=$$(hack/axe) && DRYDOCK_CHROMIUM=$$chromium DRYDOCK_AXE=$$axe DRYDOCK_PYTHON=$$python DRYDOCK_NODE=$$node DRYDOCK_CLOUD_INIT=$$cloudinit hack/golden.sh

engine: ## a Docker engine, where none answers, and the images of the tests
	$(ENSURE)

release: ## dist/: archives for six platforms, bill of materials, checksums
	@hack/need git
	go run ./hack/release

release-check: ## the release of this platform, built twice from two copies: the same bytes
	@hack/need git
	go run ./hack/release -check -platforms $$(go env GOOS)/$$(go env GOARCH)

vulncheck: ## known vulnerabilities that drydock reaches (VULNDB=URL for a copy of the database)
	@hack/need git
	hack/vulncheck.sh $(VULNDB)

clean: ## remove what was built; the engine stays (hack/engine/down stops it)
	rm -rf bin dist
	go clean -testcache
