# shellcheck shell=bash
# Shared by run and check, which source it: Debian packages, and building a preset.

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

missing_packages() {
  local package status
  for package in "$@"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || status=
    [ "$status" = installed ] || printf '%s ' "$package"
  done
}

# The program that compiles: CXX, as CMake takes it, without its arguments.
compiler() {
  local words=${CXX:-c++}
  printf '%s' "${words%% *}"
}

# What has it, and with -stdlib=libc++ in CXXFLAGS the library that asks for. Of a compiler with a path, and of one
# that is no Debian package, this is no judge: g++ then, for its library.
compiler_packages() {
  local name suffix=
  name=$(compiler)
  case $name in
    clang++ | clang++-[0-9]*) printf '%s ' "${name/++/}" ;;
    g++-[0-9]*) printf '%s ' "$name" ;;
    *) printf 'g++ ' ;;
  esac
  case $name in clang++-[0-9]*) suffix=${name#clang++} ;; esac
  case ${CXXFLAGS-} in
    *-stdlib=libc++*) printf 'libc++%s-dev libc++abi%s-dev ' "$suffix" "$suffix" ;;
  esac
}

# The words that go in front of apt-get: none for root, sudo where it asks for no password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    return 0
  elif sudo -n true 2>/dev/null; then
    echo sudo -n
  else
    return 1
  fi
}

# install_packages LOG PACKAGE...
install_packages() {
  local log=$1 root_words
  shift
  root_words=$(as_root) || return 1
  apt_install() {
    $root_words env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -y -qq \
      install --no-install-recommends "$@"
  }
  apt_update() { $root_words apt-get -o DPkg::Lock::Timeout=120 -qq update; }
  lists_are_empty() { ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; }
  if lists_are_empty; then
    apt_update && apt_install "$@"
  else
    # Lists that are out of date name files that are gone.
    apt_install "$@" || { apt_update && apt_install "$@"; }
  fi >"$log" 2>&1 </dev/null
}

# need_packages ROOT INSTALL PACKAGE...: makes sure they are there, with INSTALL=no by looking only. Where dpkg
# is missing, or with INSTALL=no, having the tools is enough; CMake then says which library it did not find.
need_packages() {
  local root=$1 install=$2 missing log tool have_tools=yes
  shift 2
  for tool in "$(compiler)" cmake ninja; do command -v "$tool" >/dev/null || have_tools=no; done
  if ! command -v dpkg-query >/dev/null; then
    [ "$have_tools" = yes ] && return 0
    say "needs a C++20 compiler, CMake 3.25 and Ninja; on Debian they are: $*"
    exit 3
  fi
  missing=$(missing_packages "$@")
  missing=${missing% }
  [ -n "$missing" ] || return 0
  if [ "$install" = yes ]; then
    mkdir -p "$root/build"
    log=$root/build/packages.log
    say "installing the Debian packages $missing"
    # shellcheck disable=SC2086  # a list of words
    if install_packages "$log" $missing && [ -z "$(missing_packages "$@")" ]; then
      return 0
    elif [ -s "$log" ]; then
      tail -n 15 "$log" >&2
    fi
  elif [ "$have_tools" = yes ]; then
    say "going on without the Debian packages $missing (--no-install)"
    return 0
  fi
  say "please install what is missing:"
  printf 'apt-get update && apt-get install -y --no-install-recommends %s\n' "$missing" >&2
  exit 3
}

# need_web ROOT INSTALL PACKAGE...: need_packages for what WebAssembly is built with, and further packages. A node
# that is not Debian's does as well.
need_web() {
  local root=$1 install=$2 packages=(cmake ninja-build libeigen3-dev libstb-dev emscripten)
  shift 2
  command -v node >/dev/null || packages+=(nodejs)
  # shellcheck disable=SC2046  # a list of words
  need_packages "$root" "$install" $(compiler_packages) "${packages[@]}" "$@"
}

# build_preset ROOT PRESET [TARGET]: configures build/PRESET when needed, and builds everything in it, or TARGET alone;
# by ccache, where that is installed. Says nothing when there is nothing to do.
build_preset() {
  local root=$1 preset=$2 target=${3-all} folder=$1/build/$2 launcher='' fresh=
  # A tree that was moved or copied brings a cache that names its old place.
  if [ -e "$folder/CMakeCache.txt" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    fresh=--fresh
  fi
  if [ -n "$fresh" ] || [ ! -e "$folder/build.ninja" ]; then
    say "configuring build/$preset"
    if [ "$preset" != wasm ] && command -v ccache >/dev/null; then launcher=ccache; fi  # ccache does not know em++
    CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-$launcher} \
      cmake $fresh --log-level=WARNING -S "$root" --preset "$preset" </dev/null >&2 || return
  fi
  [ "$(ninja -C "$folder" -n "$target" 2>/dev/null | tail -n 1)" = "ninja: no work to do." ] && return 0
  say "building build/$preset"
  cmake --build "$folder" --parallel "$(nproc)" --target "$target" </dev/null >&2
}
