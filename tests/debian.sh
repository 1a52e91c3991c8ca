#!/usr/bin/env bash
# Types ./run and ./check as a newcomer would, in a clean clone of the current commit in a minimal Debian, and says how
# long both took and whether they were green.
#
#   tests/debian.sh 12|13 [--clang|--libc++|--cxx COMPILER] [--base FOLDER] [--log FOLDER] [--keep]
#   tests/debian.sh 12|13 --deb FOLDER [--base FOLDER] [--log FOLDER] [--keep]
#
#   --deb FOLDER    instead, installs the Debian packages in FOLDER (build/deb/packages after `cmake --workflow --preset
#                   deb`), uses them, builds programs against them and removes them, and looks for what they leave:
#                   tests/deb_life.sh
#   --clang         as CXX=clang++ ./run would; --libc++ with its standard library, too (Debian 12 alone: the Catch2 of
#                   13 is a library built for GCC's); --cxx with another compiler that is a Debian package, clang++-19
#   --base FOLDER   where the minimal systems stay, which later runs copy (default: /var/cache/mien-debian)
#   --log FOLDER    where the outputs of both go (default: a new folder in /tmp)
#   --keep          leaves the system that was used, and says where
#
# Needs root, debootstrap, git and some 4 GB in FOLDER, and takes a quarter of an hour or more; not for continuous
# integration. The system is a chroot with its own mounts and processes, which end with this script, however it ends.
# Exit codes: 0 both are green, 1 one is not, 2 bad arguments, 3 it cannot work here.
set -euo pipefail
root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf 'debian.sh: %s\n' "$*" >&2; }
die() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

release='' cxx='' flags='' packages='' base=/var/cache/mien-debian log='' keep=no
while [ $# -gt 0 ]; do
  case $1 in
    12 | 13) release=$1 ;;
    --clang) cxx=clang++ ;;
    --libc++) cxx=clang++ flags=-stdlib=libc++ ;;
    --cxx | --base | --log | --deb)
      [ $# -ge 2 ] || die 2 "$1 needs a value"
      case $1 in
        --cxx) cxx=$2 ;;
        --base) base=$2 ;;
        --log) log=$2 ;;
        --deb) packages=$2 ;;
      esac
      shift
      ;;
    --keep) keep=yes ;;
    -h | --help)
      sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) die 2 "unknown argument $1; see tests/debian.sh --help" ;;
  esac
  shift
done
case $release in
  12) suite=bookworm ;;
  13) suite=trixie ;;
  *) die 2 'which Debian, 12 or 13?' ;;
esac
[ "$release$flags" != 13-stdlib=libc++ ] || die 2 "the Catch2 of Debian 13 is built for GCC's standard library"
if [ -n "$packages" ]; then
  compgen -G "$packages/*.deb" >/dev/null || die 2 "no .deb in $packages"
fi
[ -z "${CI-}" ] || die 3 'takes too long for continuous integration (CI is set)'
[ "$(id -u)" -eq 0 ] || die 3 'needs root, for chroot and mount'
for tool in debootstrap git unshare chroot; do
  command -v "$tool" >/dev/null || die 3 "needs $tool (apt-get install debootstrap git util-linux coreutils)"
done
unshare --mount --propagation private --pid --fork --kill-child -- true || die 3 'cannot have namespaces of its own'
[ -z "$(git -C "$root" status --porcelain)" ] || say 'note: what is not committed is not tried'

# The rest in namespaces of its own: mounts and processes are gone with it.
if [ "${MIEN_DEBIAN_INSIDE-}" != yes ]; then
  [ -n "$log" ] || log=$(mktemp -d "/tmp/mien-debian$release.XXXXXX")
  mkdir -p -- "$base" "$log" || die 3 "cannot make $base and $log"
  export MIEN_DEBIAN_INSIDE=yes
  again=("$release" --base "$(realpath -- "$base")" --log "$(realpath -- "$log")")
  if [ -n "$flags" ]; then again+=(--libc++); elif [ -n "$cxx" ]; then again+=(--cxx "$cxx"); fi
  [ "$keep" = no ] || again+=(--keep)
  [ -z "$packages" ] || again+=(--deb "$(realpath -- "$packages")")
  system=$(mktemp -d "$base/try.XXXXXX") || die 3 "cannot write to $base"
  export MIEN_DEBIAN_SYSTEM=$system
  unshare --mount --propagation private --pid --fork --kill-child -- "$root/tests/debian.sh" "${again[@]}" </dev/null &
  child=$!
  # shellcheck disable=SC2317  # called by trap
  finish() {
    # unshare ignores SIGTERM; when it is gone, so is what it started.
    if kill -KILL "$child" 2>/dev/null; then wait "$child" 2>/dev/null || true; fi
    if [ "$keep" = yes ]; then say "the system is in $system"; else rm -rf --one-file-system -- "$system"; fi
  }
  trap finish EXIT
  trap 'exit 130' INT TERM HUP
  code=0
  wait "$child" || code=$?
  exit "$code"
fi
system=$MIEN_DEBIAN_SYSTEM

# What packages come by, as on this machine: names of hosts, proxies, certificates' checks.
share_network() {
  cp -L /etc/resolv.conf /etc/hosts "$1/etc/" || return
  apt-config dump | grep -E '^Acquire::(http|https|ftp|Check-|Retries)' >"$1/etc/apt/apt.conf.d/90host" || true
}

# The minimal system of this release, made once.
minimal=$base/debian-$release
if [ ! -d "$minimal" ]; then
  say "making a minimal Debian $release in $minimal"
  rm -rf -- "$minimal.new"
  debootstrap --variant=minbase "$suite" "$minimal.new" >"$log/debootstrap.log" 2>&1 ||
    die 3 "debootstrap failed: $log/debootstrap.log"
  rm -rf "$minimal.new/var/cache/apt/archives/"*.deb
  mv -- "$minimal.new" "$minimal" || die 3 "cannot make $minimal"
fi
set_up() {
  cp -a --reflink=auto -- "$minimal/." "$system/" &&
    share_network "$system" &&
    printf '#!/bin/sh\nexit 101\n' >"$system/usr/sbin/policy-rc.d" && # no services
    chmod +x "$system/usr/sbin/policy-rc.d" &&
    mount -t proc proc "$system/proc" &&
    mount --rbind /dev "$system/dev" &&
    mount --rbind /sys "$system/sys" &&
    git clone -q --no-hardlinks -- "$root" "$system/root/mien" &&
    commit=$(git -C "$system/root/mien" log -1 --format='%h %s')
}
set_up || die 3 "cannot set up $system"

# typed NAME COMMAND: as root in the clone, with nothing of this machine's environment. Adds to the summary.
summary=''
all=green
typed() {
  local name=$1 seconds=$SECONDS verdict=green output
  output=${name%% *}
  output=$log/${output##*/}.log
  say "Debian $release${cxx:+, $cxx}${flags:+ $flags}: $name"
  chroot "$system" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb \
    ${cxx:+CXX="$cxx"} ${flags:+CXXFLAGS="$flags"} /bin/sh -c "cd /root/mien && $name" >"$output" 2>&1 ||
    verdict="RED (exit code $?)" all=red
  seconds=$((SECONDS - seconds))
  summary+=$(printf '%-8s %4d:%02d  %s' "$name" $((seconds / 60)) $((seconds % 60)) "$verdict")$'\n'
  [ "$verdict" = green ] || tail -n 25 "$output" >&2
}
if [ -n "$packages" ]; then
  cp -r -- "$packages" "$system/root/packages" || die 3 "cannot copy $packages"
  typed 'tests/deb_life.sh /root/packages'
else
  typed ./run
  typed ./check
fi

printf 'Debian %s, %s, %s\n' "$(cat "$system/etc/debian_version")" "${cxx:-g++}${flags:+ $flags}" "$commit"
printf '%s' "$summary"
grep -hE '^[0-9]+% tests passed|SKIPPED|^----' "$log"/check.log "$log"/deb_life.sh.log 2>/dev/null || true
printf 'outputs: %s\n' "$log"
[ "$all" = green ]
