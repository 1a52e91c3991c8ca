#!/bin/sh
# Makes the PNGs beside icon.svg from it; needs rsvg-convert (apt-get install librsvg2-bin).
set -eu
cd "$(dirname -- "$0")"
# Systems cut their own corners out of these.
square=$(mktemp)
trap 'rm -f "$square"' EXIT
sed 's/ rx="22"//' icon.svg >"$square"
rsvg-convert -w 192 -h 192 -o icon-192.png icon.svg
rsvg-convert -w 512 -h 512 -o icon-512.png icon.svg
rsvg-convert -w 180 -h 180 -o icon-180.png "$square"
rsvg-convert -w 512 -h 512 -o maskable-512.png "$square"
