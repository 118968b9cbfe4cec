#!/usr/bin/env bash
# How soon the window is ready, and what memory it holds; window/main.go tells
# more.
set -euo pipefail
mkdir -p .cache
go build -o .cache/empty ./packaging/bench/window/testdata/empty
exec go run ./packaging/bench/window "$@" bin/starling .cache/empty
