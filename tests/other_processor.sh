#!/usr/bin/env bash
# Shows that an instruction set gives the same bits on processors of different makes: trains a network of every kind of
# layer for a few steps on this one and on the one qemu emulates, whose reciprocal roots and caches are different ones,
# and compares the weights. AVX2 and plain x86-64; qemu knows no AVX-512. Then on a processor of 2008, which has no AVX:
# the plain kernels are to be chosen there unasked. Two or three minutes.
#
#   tests/other_processor.sh [BUILD]     BUILD: a folder that was built, build/check unless told otherwise
#
# Exit codes: 0 the same bits, 1 other bits or a failed run, 3 qemu-user is missing.
set -euo pipefail
root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
fertrain=${1:-$root/build/check}/apps/fertrain
command -v qemu-x86_64 >/dev/null || { echo "please install qemu-user" >&2; exit 3; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/network.spec" <<'SPEC'
conv 16 5 | relu | maxpool 3 2 same | lrn 4 1 0.00017 0.75
conv 24 3 stride 2 | batchnorm | relu | conv 32 1 | relu | maxpool 2 2 | lrn 3 1 0.001 0.5
conv 32 3 | batchnorm | relu | conv 32 3 | avgpool 2 1 | dense 64 | relu | dropout 0.3 | dense 7
SPEC

# train NAME COMMAND...
train() {
  local name=$1
  shift
  "$@" --csv "$root/data/faces.csv.gz" --model "$work/network.spec" --steps 20 --batch 25 --quiet \
    --out "$work/$name" >"$work/$name.log" 2>&1 </dev/null || { cat "$work/$name.log" >&2; exit 1; }
}

different=0
# compare NAME FOLDER FOLDER
compare() {
  if cmp -s "$work/$2/best.safetensors" "$work/$3/best.safetensors"; then
    echo "$1: the same weights"
  else
    echo "$1: other weights"
    different=1
  fi
}

for isa in base avx2; do
  MIEN_ISA=$isa train "$isa-here" "$fertrain"
  MIEN_ISA=$isa train "$isa-qemu" qemu-x86_64 -cpu max "$fertrain"
  compare "$isa" "$isa-here" "$isa-qemu"
done
unset MIEN_ISA
train old-qemu qemu-x86_64 -cpu Nehalem "$fertrain"
compare 'without AVX' base-here old-qemu
exit $different
