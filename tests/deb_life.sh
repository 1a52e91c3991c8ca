#!/usr/bin/env bash
# The life of the Debian packages in a minimal system: installed, used, built against, removed. tests/debian.sh --deb
# runs it in a system of its own; it installs and removes packages, and is nothing for yours.
#
#   tests/deb_life.sh FOLDER      the folder with the .deb files; as root
#
# Exit codes: 0 all is well, 1 something is not.
set -euo pipefail
folder=$(realpath -- "$1")
root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d /tmp/mien-deb.XXXXXX)
trap 'rm -rf -- "$work"' EXIT

fail() {
  printf 'deb_life.sh: %s\n' "$*" >&2
  exit 1
}
step() { printf -- '---- %s\n' "$*"; }
apt() { DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 "$@" >>"$work/apt.log" 2>&1 || { cat "$work/apt.log"; fail "apt-get $*"; }; }
# Every file but what apt, dpkg and this script keep.
files() {
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /root -o -path /var/lib/apt \
    -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/log \) -prune -o -print | sort
}
# CPack keeps copies in a folder below.
packages() { find "$folder" -maxdepth 1 -name "$1_*.deb"; }
# expect REGEX COMMAND...
expect() {
  local wanted=$1 said
  shift
  said=$("$@" 2>&1) || fail "$* failed: $said"
  printf '%s\n' "$said" | tail -n 4
  grep -Eq -- "$wanted" <<<"$said" || fail "$*: no $wanted"
}
gone() {
  apt purge '?name(mien)'
  apt autoremove --purge
  ! dpkg-query -W -f='${Package} ${db:Status-Status}\n' | grep mien || fail 'packages are left'
  ldconfig -p | grep mien && fail 'the loader still knows libraries' || true
}

apt update
files >"$work/before"
step 'the programs, their library and models'
apt install --no-install-recommends "$(packages mien)" "$(packages mien-models)" "$(packages 'libmien[0-9]*')"
cd "$work"
expect 'happy +9[0-9]' ferpredict "$root/data/astronaut.jpg"
expect 'step +5|5 steps|best' fertrain --csv "$root/data/faces.csv.gz" --model "$root/data/small.spec" --steps 5 --out run
expect 'happy|sad|angry|fear|disgust|surprise|neutral' ferpredict --model run "$root/data/face.png"
[ -s /usr/share/mien/emoticons.txt ] || fail 'no table of emoticons'
[ -s /usr/share/man/man1/ferpredict.1 ] && [ -s /usr/share/man/man1/fertrain.1 ] || fail 'no manual pages'
[ -s /usr/share/bash-completion/completions/fertrain ] && [ -s /usr/share/zsh/vendor-completions/_ferpredict ] ||
  fail 'no completions'
gone
files >"$work/after"
diff "$work/before" "$work/after" || fail 'files are left'

step 'development files'
apt install --no-install-recommends "$(packages libmien-dev)" "$(packages mien-models)" "$(packages 'libmien[0-9]*')" \
  g++ cmake make pkg-config
cmake -S "$root/tests/packaging/consumer" -B consumer >/dev/null && cmake --build consumer >/dev/null
expect . consumer/train tiny.safetensors
expect 'bright' consumer/predict tiny.safetensors
# shellcheck disable=SC2046  # lists of words
c++ "$root/tests/packaging/consumer/predict.cpp" $(pkg-config --cflags --libs mien-runtime) -o predict
expect 'bright' ./predict tiny.safetensors
# shellcheck disable=SC2046
cc -std=c99 "$root/tests/c/c_test.c" $(pkg-config --cflags --libs mien-c) -lm -o c_test
expect '^0 failures' ./c_test "$root/data"
gone
! find /usr /etc /opt /var/lib -xdev -name '*mien*' -not -path '/var/lib/apt/*' | grep . || fail 'files are left'
step 'all is well'
