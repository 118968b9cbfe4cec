#!/usr/bin/env bash
# How soon neighbours know one another; sync/main.go tells more.
set -euo pipefail
exec go run ./packaging/bench/sync "$@"
