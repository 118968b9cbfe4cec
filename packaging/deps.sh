#!/usr/bin/env bash
# Sees to the system packages that Starling is built, run and tested with, also
# for other systems (cross).
# usage: packaging/deps.sh build|test|cross
# Says nothing when all are there. On Debian and Ubuntu it installs what is
# missing; elsewhere it says what is needed.
set -euo pipefail

purpose=${1:-}
case "$purpose" in
build) packages=(gcc libc6-dev pkg-config libgl1-mesa-dev xorg-dev libxkbcommon-dev libwayland-dev) ;;
test)
	packages=(git xvfb libgl1-mesa-dri xdotool iproute2 nftables util-linux)
	# What people write with: the letters of many scripts, and a dictionary.
	packages+=(fonts-noto-core fonts-droid-fallback fonts-nanum hunspell-en-us)
	;;
cross)
	packages=(gcc-mingw-w64-x86-64-win32)
	purpose=cross-build
	;;
*)
	echo "usage: packaging/deps.sh build|test|cross" >&2
	exit 2
	;;
esac

need_go() {
	command -v go >/dev/null && return
	echo "Starling needs Go 1.26 or newer: install it from https://go.dev/dl and put its bin folder on the PATH." >&2
	exit 1
}

on_macos() {
	if [ "$1" = build ] && ! xcode-select -p >/dev/null 2>&1; then
		echo "Starling needs Apple's command line tools: run 'xcode-select --install', then this again." >&2
		exit 1
	fi
	if [ "$1" = cross ] && ! command -v x86_64-w64-mingw32-gcc >/dev/null; then
		echo "To build for Windows, Starling needs mingw: run 'brew install mingw-w64', then this again." >&2
		exit 1
	fi
}

on_debian() {
	local missing=() name as_root=()
	for name in "${packages[@]}"; do
		# shellcheck disable=SC2016 # dpkg-query's own placeholder
		dpkg-query -W -f='${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	echo "Installing what is missing to $purpose Starling: ${missing[*]}" >&2
	if [ "$(id -u)" -ne 0 ]; then
		if ! command -v sudo >/dev/null; then
			echo "There is no sudo here. As root: apt-get install ${missing[*]}" >&2
			exit 1
		fi
		as_root=(sudo)
	fi
	"${as_root[@]}" apt-get update -q
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

need_go
case "$(uname -s)" in
Darwin) on_macos "$1" ;;
Linux)
	if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
		on_debian
	else
		echo "To $purpose Starling your system needs what Debian calls: ${packages[*]}" >&2
	fi
	;;
esac
