#!/usr/bin/env bash
# How long a key takes from one peer to another; live/main.go tells more.
set -euo pipefail
exec go run ./packaging/bench/live "$@"
