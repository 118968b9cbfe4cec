# What is done with this tree. `make run` and `make demo` are for everyone, the
# rest is for those who change it; CONTRIBUTING.md tells more.

.PHONY: run demo build cross deps deps-test deps-cross fmt lint test soak bench clean
.DEFAULT_GOAL := build

# Tests of several real processes (windows, hosts, crashes) are the packages
# below packaging, except for the tools there and for the tests of what
# `make cross` builds.
TOOLS := ./packaging ./packaging/bench ./packaging/bench/live ./packaging/bench/window ./packaging/gotest
TESTED := go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}'
UNIT = { $(TESTED) ./... | grep -v '^starling/packaging'; echo $(TOOLS); }

# What is tested both ways, at length without the race detector.
BOTH := ./crdt ./crdt/store ./sync/trust ./sync/protocol ./sync/peer

# What one goroutine at a time uses: the race detector would only make it slow.
SINGLE := ./app/buffer ./app/find ./app/highlight ./app/markdown ./app/recent ./app/typeset \
	./crdt/format ./crdt/graph ./crdt/guard ./crdt/history ./crdt/opid ./crdt/opset ./crdt/sequence

# What takes longest with it, to begin with. Three packages at a time: some wait
# more than they work.
LONG := ./sync/peer ./crdt/store ./app/desktop

# Whole peers in virtual time: a thousand stories, and a few of them once more
# with the race detector.
STORIES := ./sync/simulation
WAITING := ./packaging/crash ./packaging/hosts
LIVE = $(TESTED) ./packaging/... | grep -vxF "$$(go list $(TOOLS) ./packaging/build)"

# Where those tests find the programs. The headless one is built twice, with
# the race detector, too.
PROGRAMS = STARLING=$(CURDIR)/bin/starling STARLINGD=$(CURDIR)/bin/starlingd STARLINGD_RACE=$(CURDIR)/bin/race/starlingd

run: deps build
	./bin/starling

demo: deps build
	packaging/demo.sh

build:
	go build -o bin/ . ./app/starlingd

# The programs for other systems, in bin/cross: the headless one without cgo,
# and the window for Windows with mingw, which takes minutes the first time.
cross: build
	@for system in linux-amd64 linux-arm64 darwin-arm64 windows-amd64; do \
		echo "starlingd for $$system"; \
		CGO_ENABLED=0 GOOS=$${system%-*} GOARCH=$${system#*-} go build -o bin/cross/$$system/ ./app/starlingd || exit 1; \
	done
	@echo "starling for windows-amd64"
	@CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc GOOS=windows GOARCH=amd64 go build -ldflags=-H=windowsgui -o bin/cross/windows-amd64/ .
	$(PROGRAMS) STARLING_CROSS=$(CURDIR)/bin/cross go run ./packaging/gotest -count=1 ./packaging/build

deps:
	@packaging/deps.sh build

deps-test:
	@packaging/deps.sh test

deps-cross:
	@packaging/deps.sh cross

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

# Live tests run one package at a time, as they measure and share the screen, but
# for those that mostly wait.
test: lint build bin/race/starlingd
	go run ./packaging/gotest -timeout 5m $(BOTH) $$($(TESTED) $(SINGLE))
	go run ./packaging/gotest -race -short -p 3 -timeout 12m $(LONG) $$($(UNIT) | grep -vxF "$$(go list $(SINGLE) $(STORIES))")
	go run ./packaging/gotest -timeout 8m $(STORIES)
	go run ./packaging/gotest -race -short -timeout 5m $(STORIES)
	$(PROGRAMS) go run ./packaging/gotest -count=1 -p 2 -timeout 8m $(WAITING)
	$(PROGRAMS) go run ./packaging/gotest -count=1 -p 1 -timeout 8m $$($(LIVE) | grep -vxF "$$(go list $(WAITING))")

# The live tests again, at length.
soak: build bin/race/starlingd
	@live=$$($(LIVE)); if [ -z "$$live" ]; then echo "There are no live tests."; exit 1; fi; \
	$(PROGRAMS) STARLING_SOAK=1 go run ./packaging/gotest -count=1 -p 1 -timeout 2h $(STORIES) $$live

bench: build
	packaging/bench/run.sh

clean:
	rm -rf bin screenshots .cache bench.json
