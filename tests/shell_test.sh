#!/usr/bin/env bash
# Manual pages and completions as shells use them.
#
#   tests/shell_test.sh PROGRAM FOLDER     FOLDER holds man/, bash/ and zsh/ as the build writes them
#
# Exit codes: 0 all is well, 1 something is not. What needs man, groff or zsh is passed over where they are not there.
set -euo pipefail
program=$(realpath -- "$1") folder=$(realpath -- "$2")
name=$(basename -- "$program")
help=$("$program" --help)

fail() {
  printf 'shell_test.sh: %s\n' "$*" >&2
  exit 1
}
options() { grep -oE '^  (-h, )?--[a-z0-9-]+(, --[a-z0-9-]+)?' <<<"$help" | grep -oE -- '--[a-z0-9-]+'; }
[ "$(options | wc -l)" -gt 20 ] || fail 'help has too few options: this test looks in the wrong place'

# The page has every option and nothing that the formatter complains of.
page=$folder/man/$name.1
if command -v groff >/dev/null; then
  said=$(groff -man -Tutf8 -ww -z "$page" 2>&1)
  [ -z "$said" ] || fail "$said"
fi
for option in $(options); do
  grep -qF -- "${option//-/\\-}" "$page" || fail "$page lacks $option"
done
for section in NAME SYNOPSIS DESCRIPTION OPTIONS EXAMPLES 'EXIT STATUS' ENVIRONMENT 'SEE ALSO'; do
  grep -qx ".SH $section" "$page" || fail "$page lacks $section"
done

# completed WORD...: what bash offers for the last word.
completed() {
  COMP_WORDS=("$name" "$@") COMP_CWORD=$# COMPREPLY=()
  "_$name"
  [ ${#COMPREPLY[@]} -eq 0 ] || printf '%s ' "${COMPREPLY[@]}"
}
expect() {
  local wanted=$1
  shift
  [ "$(completed "$@")" = "$wanted" ] || fail "$name $*: bash offers $(completed "$@"), expected $wanted"
}
complete() { :; } # what the file ends with; a builtin that scripts may lack
# shellcheck source=/dev/null
. "$folder/bash/$name"
for option in $(options); do
  [[ " $(completed "$option")" == *" $option "* ]] || fail "bash does not complete $option"
done
cd "$(mktemp -d)"
trap 'rm -rf -- "$PWD"' EXIT
touch photo.jpg 'my picture.png'
mkdir run
expect 'photo.jpg ' ph
expect 'my picture.png ' my
case $name in
  ferpredict)
    expect 'mirror ' --tta mi
    expect 'mirror ' --tta = mi
    expect 'small ' --model sm
    expect 'faces ' --face-model fa
    expect 'points ' --point-model po
    expect 'photo.jpg ' --draw ph
    ;;
  fertrain)
    expect 'adam adamw ' --optimizer ad
    expect 'run ' --resume ''
    expect 'run ' --compare ''
    expect '' --seed p
    ;;
esac

if command -v zsh >/dev/null; then
  zsh -n "$folder/zsh/_$name" || fail 'zsh cannot read its completion'
  for option in $(options); do
    grep -qE -- "'[*]?${option}[=[]" "$folder/zsh/_$name" || fail "zsh does not complete $option"
  done
fi
