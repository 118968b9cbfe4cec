# What is done with this tree. `make run` and `make demo` are for everyone, the
# rest is for those who change it; CONTRIBUTING.md tells more.

.PHONY: run demo build deps deps-test fmt lint test soak bench clean
.DEFAULT_GOAL := build

# Tests of several real processes (windows, hosts, crashes) are the packages
# below packaging, except for the tools there.
TOOLS := ./packaging ./packaging/bench ./packaging/bench/live ./packaging/bench/window ./packaging/gotest
TESTED := go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}'
UNIT = { $(TESTED) ./... | grep -v '^starling/packaging'; echo $(TOOLS); }
LIVE = $(TESTED) ./packaging/... | grep -vxF "$$(go list $(TOOLS))"

# Where those tests find the programs. The headless one is built twice, with
# the race detector, too.
PROGRAMS = STARLING=$(CURDIR)/bin/starling STARLINGD=$(CURDIR)/bin/starlingd STARLINGD_RACE=$(CURDIR)/bin/race/starlingd

run: deps build
	./bin/starling

demo: deps build
	packaging/demo.sh

build:
	go build -o bin/ . ./app/starlingd

deps:
	@packaging/deps.sh build

deps-test:
	@packaging/deps.sh test

fmt:
	go tool gofumpt -w .

lint:
	@bad=$$(go tool gofumpt -l .) || exit 1; \
	if [ -n "$$bad" ]; then echo "Not formatted, 'make fmt' helps:"; echo "$$bad"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

bin/race/starlingd: FORCE
	go build -race -o $@ ./app/starlingd

FORCE:

# Live tests run one package at a time: they measure and they share the screen.
test: lint build bin/race/starlingd
	go run ./packaging/gotest -race -timeout 5m $$($(UNIT))
	@live=$$($(LIVE)); if [ -z "$$live" ]; then echo "There are no live tests."; else \
		$(PROGRAMS) go run ./packaging/gotest -count=1 -p 1 -timeout 8m $$live; \
	fi

# The live tests again, at length.
soak: build bin/race/starlingd
	@live=$$($(LIVE)); if [ -z "$$live" ]; then echo "There are no live tests."; exit 1; fi; \
	$(PROGRAMS) STARLING_SOAK=1 go run ./packaging/gotest -count=1 -p 1 -timeout 2h $$live

bench: build
	packaging/bench/run.sh

clean:
	rm -rf bin screenshots .cache bench.json
