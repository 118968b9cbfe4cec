#!/usr/bin/env bash
# Makes the fonts in this folder anew from their npm packages. See README.md.
# Needs npm and python3-fonttools (Debian's package; 4.38 was used).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Latin, IPA, accents, Greek, Cyrillic, punctuation, arrows, mathematics, box
# drawing, shapes and common symbols.
ranges=U+0000-036F,U+0370-052F,U+1D00-1DBF,U+1E00-1FFF,U+2000-218F,U+2190-23FF,U+2460-24FF,U+2500-27BF,U+27E6-27EF,U+27F5-27FF,U+2B00-2BFF,U+2E00-2E7F,U+A640-A7FF,U+FB00-FB06,U+FEFF,U+FFFD
# What a shaper applies by itself. Small capitals and the like can't be asked
# for in Fyne, so they would be dead weight.
always=ccmp,locl,kern,mark,mkmk

fetch() { # package, version
	(cd "$work" && npm pack --silent "@expo-google-fonts/$1@$2" >/dev/null)
	mkdir "$work/$1"
	tar xzf "$work/expo-google-fonts-$1-$2.tgz" -C "$work/$1" --strip-components=1
	cp "$work/$1/LICENSE_FONT" "$here/$3-LICENSE.txt"
}

subset() { # source, target, features
	/usr/bin/python3 -m fontTools.subset "$work/$1.ttf" --output-file="$here/$2.ttf" \
		--unicodes="$ranges" --layout-features="$3" \
		--no-hinting --name-IDs='*' --notdef-outline --recommended-glyphs
}

fetch inter 0.4.2 Inter
for w in 400Regular 500Medium 600SemiBold 700Bold; do
	subset "inter/$w/Inter_$w" "Inter-${w#???}" "$always,liga,rlig,clig,calt"
done
subset inter/400Regular_Italic/Inter_400Regular_Italic Inter-Italic "$always,liga,rlig,clig,calt"
subset inter/700Bold_Italic/Inter_700Bold_Italic Inter-BoldItalic "$always,liga,rlig,clig,calt"

fetch source-serif-4 0.4.1 SourceSerif4
for w in 400Regular 600SemiBold 700Bold; do
	subset "source-serif-4/$w/SourceSerif4_$w" "SourceSerif4-${w#???}" "$always,liga,rlig,clig"
done
subset source-serif-4/400Regular_Italic/SourceSerif4_400Regular_Italic SourceSerif4-Italic "$always,liga,rlig,clig"
subset source-serif-4/700Bold_Italic/SourceSerif4_700Bold_Italic SourceSerif4-BoldItalic "$always,liga,rlig,clig"

# Without ligatures: in code each character keeps its own cell.
fetch jetbrains-mono 0.4.1 JetBrainsMono
for w in 400Regular 700Bold; do
	subset "jetbrains-mono/$w/JetBrainsMono_$w" "JetBrainsMono-${w#???}" "$always,rlig"
done
