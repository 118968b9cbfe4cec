#!/usr/bin/env bash
# Shows two people, Ada and Grace, who write in one document: two windows side
# by side on this machine. Their documents lie in a temporary folder, which is
# removed at the end. They are paired as people are, by code and over TLS, only
# that this script reads and confirms the codes.
# usage: packaging/demo.sh   (make demo builds the programs first)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
starling=${STARLING:-$root/bin/starling}
starlingd=${STARLINGD:-$root/bin/starlingd}
for program in "$starling" "$starlingd"; do
	if [ ! -x "$program" ]; then
		echo "demo: $program is missing; run 'make demo', which builds it" >&2
		exit 1
	fi
done
if [ "$(uname -s)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
	echo "demo: there is no screen here; run it in a desktop session" >&2
	exit 1
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/starling-demo.XXXXXX")
running=()

# finish ends what still runs and removes the folder.
finish() {
	local pid
	trap '' INT TERM
	for pid in ${running[@]+"${running[@]}"}; do
		kill "$pid" 2>/dev/null || true
	done
	for pid in ${running[@]+"${running[@]}"}; do
		wait "$pid" 2>/dev/null || true
	done
	rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

ada() { "$starlingd" --home "$folder/ada" "$@"; }
grace() { "$starlingd" --home "$folder/grace" "$@"; }

# soon runs a command until it succeeds, for at most half a minute.
soon() {
	local tries=600
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		if [ "$tries" -eq 0 ]; then
			echo "demo: not in time: $*" >&2
			cat "$folder"/*.log >&2
			exit 1
		fi
		sleep 0.05
	done
}

# serve starts a person's peer, to be seen on this machine only.
serve() {
	"$starlingd" --home "$folder/$1" serve --listen 127.0.0.1:0 --no-discovery 2>"$folder/$1.log" &
	running+=($!)
}

# address is where a person's peer listens.
address() { sed -n 's/.* on \(127\.0\.0\.1:[0-9]*\)$/\1/p' "$folder/$1.log" | head -n 1; }
listens() { [ -n "$(address "$1")" ]; }

# alike says whether both have the same text of a document.
alike() { [ "$(ada cat "$1")" = "$(grace cat "$1")" ]; }

# colours are those of a person who is alone in all spaces.
colours() { "$1" space list --json | grep -o '"colour":"[^"]*"' | head -n 1; }

# meet gives both a home and a name, makes them known to each other, and lets
# Grace write in Ada's document.
meet() {
	local space doc code
	space=$(ada --name Ada space new "Weekend trip")
	doc=$(ada doc new "$space")
	ada write "$doc" <<-'TEXT'
		# A weekend by the sea

		We take the 8:15 on **Saturday** and are back for supper on Sunday.

		## To bring
		- [x] Tickets (Ada)
		- [ ] Rain jackets, the forecast says *maybe*
		- [ ] Something to read on the train

		## Type here
		Click into either window and write. It shows in the other as you type.

	TEXT
	# Colours come by chance at first; two alike would be hard to tell apart.
	until grace --name Grace space new "Grace's notes" >/dev/null && [ "$(colours ada)" != "$(colours grace)" ]; do
		rm -rf "$folder/grace"
	done
	serve ada
	serve grace
	soon listens ada
	soon listens grace
	ada connect "$(address grace)" >/dev/null
	ada pair "$(grace id)" --space "$space" >"$folder/code" 2>"$folder/pair.log" &
	running+=($!)
	soon grep -qx '[0-9]\{6\}' "$folder/code"
	code=$(cat "$folder/code")
	soon grace pair --confirm "$code"
	soon ada pair --confirm "$code"
	soon grep -q "paired" "$folder/pair.log"
	soon alike "$doc"
}

# rest ends both peers; the windows take their places.
rest() {
	local pid
	for pid in "${running[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	wait "${running[@]}" 2>/dev/null || true
	running=()
}

# screen prints width and height of the screen in pixels, or a guess.
screen() {
	if [ -n "${DISPLAY:-}" ]; then
		if command -v xdotool >/dev/null && xdotool getdisplaygeometry 2>/dev/null; then return; fi
		if command -v xdpyinfo >/dev/null && xdpyinfo 2>/dev/null | sed -n 's/.*dimensions: *\([0-9]*\)x\([0-9]*\) .*/\1 \2/p' | grep .; then return; fi
	fi
	echo "1440 900"
}

# smaller and larger of two numbers.
smaller() { echo $(($1 < $2 ? $1 : $2)); }
larger() { echo $(($1 > $2 ? $1 : $2)); }

# show opens a person's window: name, x.
show() {
	"$starling" --home "$folder/$1" --listen "$(address "$1")" --no-discovery \
		--geometry "${width}x$height+$2+$top" 2>>"$folder/$1.log" &
	running+=($!)
}

echo "Ada and Grace get to know each other ..."
meet
rest

read -r across down < <(screen)
top=$((down > 700 ? 40 : 0))
width=$(smaller 1040 "$(larger 720 $((across / 2)))")
height=$(smaller 800 "$(larger 480 $((down - 2 * top)))")
left=$(larger 0 $(((across - 2 * width) / 2)))
show ada "$left"
show grace "$(smaller $((left + width)) "$(larger 0 $((across - width)))")"

echo "Two windows open: Ada and Grace. If one hides the other, move them side by side; then type in either."
echo "Close both windows, or press Ctrl+C here, to end the demo; nothing of it stays on this computer."

failed=0
for pid in "${running[@]}"; do
	wait "$pid" || failed=1
done
if [ "$failed" -ne 0 ]; then
	echo "demo: a window ended badly:" >&2
	grep -hv '^starlingd: serving' "$folder"/ada.log "$folder"/grace.log >&2 || true
	exit 1
fi
