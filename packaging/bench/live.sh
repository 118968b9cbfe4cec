#!/usr/bin/env bash
# How long a key takes from one peer to another, how long they take to catch up,
# and what they cost at rest; live/main.go tells more.
set -euo pipefail
exec go run ./packaging/bench/live "$@"
