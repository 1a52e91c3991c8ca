#!/usr/bin/env bash
# Shows that a change left every bit as it was: trains networks for 30 steps with the programs of two commits, and
# compares weights, moments and averages; then predicts with the models that come along and with the trained ones, as
# fp32, bf16 and int8, one image and many at a time. A line a case: same, or how large the largest difference is.
#
#   tests/same_bits.sh OLD [NEW] [--isa LIST] [--models LIST]
#
#   OLD, NEW        a commit, which is built in a temporary folder, or a folder that was built; NEW is build/check
#                   unless told otherwise
#   --isa LIST      what MIEN_ISA is set to, one after the other: base,avx2,avx512,avx512bf16,amx as far as this
#                   processor has them unless told otherwise; native: not set
#   --models LIST   of what is trained: paper,small,large,data/small.spec unless told otherwise
#
# Metadata of the files, such as dates and paths, are not compared. Needs python3 and 2 GB in TMPDIR; for all sets
# half an hour, most of it for base. Exit codes: 0 all the same, 1 something differs or failed, 2 bad arguments, 3 it
# cannot work here.
set -euo pipefail
root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

die() {
  local code=$1
  shift
  printf 'same_bits.sh: %s\n' "$*" >&2
  exit "$code"
}

sides=() isas='' models=paper,small,large,data/small.spec
while [ $# -gt 0 ]; do
  case $1 in
    --isa | --models)
      [ $# -ge 2 ] || die 2 "$1 needs a value"
      case $1 in
        --isa) isas=$2 ;;
        --models) models=$2 ;;
      esac
      shift
      ;;
    -h | --help)
      sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed '$d'
      exit 0
      ;;
    -*) die 2 "unknown option $1; see tests/same_bits.sh --help" ;;
    *) sides+=("$1") ;;
  esac
  shift
done
[ ${#sides[@]} -ge 1 ] || die 2 'which commit or folder is the old one?'
[ ${#sides[@]} -le 2 ] || die 2 'only two can be compared'
command -v python3 >/dev/null || die 3 'needs python3'
unset MIEN_MODEL MIEN_ISA

work=$(mktemp -d "${TMPDIR:-/tmp}/mien-same-bits.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT TERM HUP

# built NAME WHAT: the folder with the programs of a commit or of a folder.
built() {
  local commit
  if [ -x "$2/apps/fertrain" ] && [ -x "$2/apps/ferpredict" ]; then
    realpath -- "$2"
    return
  fi
  commit=$(git -C "$root" rev-parse --quiet --verify "$2^{commit}") ||
    die 2 "$2 is neither a commit nor a folder with apps/fertrain and apps/ferpredict"
  mkdir -- "$work/source-$1"
  git -C "$root" archive "$commit" | tar -x -C "$work/source-$1"
  { cmake -S "$work/source-$1" -B "$work/build-$1" -G Ninja -D CMAKE_BUILD_TYPE=Release &&
    cmake --build "$work/build-$1" --target fertrain ferpredict; } >"$work/output" 2>&1 ||
    { tail -n 20 "$work/output" >&2 && die 3 "$2 cannot be built"; }
  printf '%s\n' "$work/build-$1"
}
declare -A programs
programs[old]=$(built old "${sides[0]}")
programs[new]=$(built new "${sides[1]:-$root/build/check}")
cd "$root"
python3 -c "import gzip, sys; sys.stdout.writelines(list(gzip.open('data/faces.csv.gz', 'rt'))[:2])" >"$work/one.csv"

# run ISA SIDE PROGRAM ARGUMENTS...
run() {
  local isa=$1 side=$2 program=$3
  shift 3
  if [ "$isa" = native ]; then
    "${programs[$side]}/apps/$program" "$@" </dev/null
  else
    MIEN_ISA=$isa "${programs[$side]}/apps/$program" "$@" </dev/null
  fi
}

# Whether the processor and the build of SIDE have ISA.
has() { run "$1" "$2" ferpredict --model data/models/small.safetensors data/face.png >/dev/null 2>&1; }

if [ -n "$isas" ]; then
  IFS=, read -r -a isas <<<"$isas"
  for isa in "${isas[@]}"; do
    { has "$isa" old && has "$isa" new; } || die 3 "this processor or one of the builds has no $isa"
  done
else
  isas=()
  for isa in base avx2 avx512 avx512bf16 amx; do
    if has "$isa" old || has "$isa" new; then isas+=("$isa"); fi
  done
  [ ${#isas[@]} -gt 0 ] || die 3 'neither side can predict with a model that comes along'
fi
IFS=, read -r -a models <<<"$models"

different=0
report() {
  printf '%-10s  %-46s  %s\n' "$isa" "$1" "$2"
  [[ $2 = same* ]] || different=1
}

# both CASE ACTION ARGUMENTS...: ACTION old ARGUMENTS and ACTION new ARGUMENTS; reports the one that fails.
both() {
  local what=$1 action=$2 side code
  shift 2
  for side in old new; do
    code=0
    "$action" "$side" "$@" >"$work/output" 2>&1 || code=$?
    [ $code -eq 0 ] && continue
    report "$what" "FAILED: $side, exit code $code: $(tail -n 1 "$work/output")"
    return 1
  done
}

# compare CASE FILE...: files of both sides, by name.
compare() {
  local what=$1
  shift
  report "$what" "$(python3 tests/same_bits.py "$work/old" "$work/new" "$@" 2>&1 | tail -n 1)"
}

# train SIDE OPTIONS...
# shellcheck disable=SC2317  # called by both
train() {
  local side=$1
  shift
  rm -rf -- "${work:?}/$side"
  run "$isa" "$side" fertrain --csv data/faces.csv.gz --steps 30 --batch 50 --seed 3 --quiet --out "$work/$side" "$@"
}

# predict SIDE MODEL: a crop and a photo, each by itself and its twelve views at once; one row; many rows.
# shellcheck disable=SC2317  # called by both
predict() {
  local side=$1 out=$work/$1
  mkdir -p -- "$out"
  local ferpredict=(run "$isa" "$side" ferpredict --model "$2") pictures=(data/face.png data/astronaut.jpg)
  "${ferpredict[@]}" --json "${pictures[@]}" >"$out/pictures.json" &&
    "${ferpredict[@]}" --json --tta full "${pictures[@]}" >"$out/views.json" &&
    "${ferpredict[@]}" --csv "$work/one.csv" --usage all --report "$out/one.json" &&
    "${ferpredict[@]}" --csv data/faces.csv.gz --report "$out/many.json"
}
predict_and_compare() { # CASE MODEL
  if both "$1" predict "$2"; then compare "$1" pictures.json views.json one.json many.json; fi
}

# convert SIDE DTYPE
# shellcheck disable=SC2317  # called by both
convert() {
  run "$isa" "$1" ferpredict --model "$work/old/best.safetensors" --convert "$work/$1/$2.safetensors" --dtype "$2"
}

# trained NAME OPTIONS...: all cases of one training.
trained() {
  local name=$1 dtype
  shift
  both "train $name" train "$@" || return 0
  compare "train $name" best.safetensors last.safetensors
  rm -f -- "$work"/{old,new}/last.safetensors
  predict_and_compare "predict $name, f32" "$work/old/best.safetensors"
  for dtype in bf16 int8; do
    both "encode $name, $dtype" convert "$dtype" || continue
    compare "encode $name, $dtype" "$dtype.safetensors"
    predict_and_compare "predict $name, $dtype" "$work/old/$dtype.safetensors"
  done
}

for isa in "${isas[@]}"; do
  for model in data/models/*.safetensors; do
    predict_and_compare "predict $model" "$model"
  done
  for model in "${models[@]}"; do
    trained "$model" --model "$model"
    trained "$model --recipe best" --model "$model" --recipe best
    [ "$model" != paper ] || trained 'paper --precision bf16' --precision bf16 --moments bf16
  done
done
exit $different
