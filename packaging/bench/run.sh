#!/usr/bin/env bash
# Measures everything and writes the table: Go's benchmarks, then each other
# script beside this one, which prints lines for the report and says what it
# does on standard error. The scripts find the built programs in bin.
set -euo pipefail
cd "$(dirname "$0")/../.."

results=.cache/bench
rm -rf "$results"
mkdir -p "$results"
failed=()

mapfile -t packages < <(grep -rl --include='*_test.go' '^func Benchmark' . | xargs -r -n1 dirname | sort -u)
if [ ${#packages[@]} -gt 0 ]; then
	echo "Go benchmarks in ${packages[*]}" >&2
	if ! go test -run '^$' -bench . "${packages[@]}" >"$results/go.txt"; then
		# What failed has no place in a table.
		cat "$results/go.txt" >&2
		rm "$results/go.txt"
		failed+=("go test -bench")
	fi
fi

for program in packaging/bench/*.sh; do
	[ "$program" != packaging/bench/run.sh ] || continue
	echo "$program" >&2
	name=$(basename "$program" .sh)
	if "$program" >"$results/$name.part"; then
		mv "$results/$name.part" "$results/$name.txt"
	else
		failed+=("$program")
	fi
done

shopt -s nullglob
go run ./packaging/bench report "$results"/*.txt
if [ ${#failed[@]} -gt 0 ]; then
	printf 'failed: %s\n' "${failed[@]}" >&2
	exit 1
fi
