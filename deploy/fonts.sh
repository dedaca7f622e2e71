#!/bin/sh
# Fetch the faces listed in assets/fonts.toml into a directory.
#
#   deploy/fonts.sh [DIR]          default: assets/fonts beside this repository
#
# For each face, in this order: the file is already there and right; the Debian package is installed on this machine;
# the package is downloaded with `apt-get download` (works as root and as an ordinary user) and unpacked without
# installing it. Every file is checked against the SHA-256 in the list before it is moved in place, so a run that is
# interrupted or repeated does no harm. HUB_FONT_DEBS=DIR takes the .deb files from DIR (for networks without a mirror).
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
list="$here/assets/fonts.toml"
dir=${1:-"$here/assets/fonts"}
mkdir -p "$dir"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

sum() { sha256sum "$1" | cut -d' ' -f1; }

# id|file|sha256|package|path, one face per line.
faces() {
    awk -F'"' '
        /^\[\[face\]\]/ { if (file) print id "|" file "|" sha "|" package "|" path; id = file = sha = package = path = "" }
        /^\[roles\]/    { if (file) print id "|" file "|" sha "|" package "|" path; exit }
        /^id = /      { id = $2 }
        /^file = /    { file = $2 }
        /^sha256 = /  { sha = $2 }
        /^package = / { package = $2 }
        /^path = /    { path = $2 }
    ' "$list"
}

unpack() { # package: leaves its tree in $work/tree-package
    [ -d "$work/tree-$1" ] && return 0
    deb=
    if [ -n "${HUB_FONT_DEBS:-}" ]; then
        deb=$(find "$HUB_FONT_DEBS" -maxdepth 1 -name "$1_*.deb" | head -n 1)
    fi
    if [ -z "$deb" ]; then
        command -v apt-get >/dev/null || { echo "fonts.sh: apt-get not found; put $1_*.deb into a folder and set HUB_FONT_DEBS" >&2; return 1; }
        chmod 755 "$work"
        if ! (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "$1" >"$work/apt.log" 2>&1); then
            # The package lists may be old or missing; only root can renew them.
            if [ "$(id -u)" = 0 ]; then apt-get -qq update || true; fi
            (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "$1" >"$work/apt.log" 2>&1) || {
                cat "$work/apt.log" >&2
                echo "fonts.sh: cannot download $1 (run 'sudo apt-get update' once, or set HUB_FONT_DEBS)" >&2
                return 1
            }
        fi
        deb=$(find "$work" -maxdepth 1 -name "$1_*.deb" | head -n 1)
    fi
    mkdir "$work/tree-$1"
    dpkg-deb -x "$deb" "$work/tree-$1"
}

take() { # source file sha256: check and move in place; 1 when the source is absent or another version
    [ -f "$1" ] || return 1
    [ "$(sum "$1")" = "$3" ] || return 1
    cp "$1" "$dir/.$2.part"
    chmod 644 "$dir/.$2.part"
    mv "$dir/.$2.part" "$dir/$2"
}

faces >"$work/list"
while IFS='|' read -r id file sha package path; do
    if [ -f "$dir/$file" ] && [ "$(sum "$dir/$file")" = "$sha" ]; then continue; fi
    if take "/$path" "$file" "$sha"; then echo "fonts: $file (installed package)"; continue; fi
    unpack "$package"
    if take "$work/tree-$package/$path" "$file" "$sha"; then echo "fonts: $file ($package)"; continue; fi
    echo "fonts.sh: $file from $package is not the pinned version (want sha256 $sha); see assets/fonts.toml, face $id" >&2
    exit 1
done <"$work/list"

# The licences travel with the files.
for package in $(cut -d'|' -f4 "$work/list" | sort -u); do
    [ -f "$dir/licence-$package.txt" ] && continue
    for copyright in "$work/tree-$package/usr/share/doc/$package/copyright" "/usr/share/doc/$package/copyright"; do
        if [ -f "$copyright" ]; then cp "$copyright" "$dir/licence-$package.txt"; break; fi
    done
done
echo "fonts: complete in $dir"
