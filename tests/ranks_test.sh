#!/usr/bin/env bash
# fertrain under mpirun: the same bits for any number of ranks, and how a run ends when something goes wrong.
#
#   tests/ranks_test.sh bits|faults FERTRAIN [FOLDER]     FOLDER: where to work, a temporary one unless told otherwise
#
# Exit codes: 0 all is well, 1 something is not, 77 there is no mpirun, or FERTRAIN was built without MPI: skipped.
set -euo pipefail
what=$1 fertrain=$(realpath -- "$2")
root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d "${3:-${TMPDIR:-/tmp}}/mien-ranks.XXXXXX")
pid=
trap 'if [ -n "$pid" ]; then kill "$pid" 2>/dev/null || true; fi; rm -rf -- "$work"' EXIT

skip() {
  printf 'SKIPPED: %s\n' "$*"
  exit 77
}
fail() {
  printf 'ranks_test.sh: %s\n' "$*" >&2
  exit 1
}

command -v mpirun >/dev/null || skip 'no mpirun'
# OpenMPI's; others pass them over. More ranks than processors are no fault here.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1
mpirun -n 2 true 2>/dev/null || skip 'mpirun starts nothing here'

data=$root/data/faces.csv.gz
common=(--csv "$data" --seed 3 --quiet)
tiny=(--model "$root/data/small.spec" --batch 40)
mpirun -n 2 "$fertrain" "${common[@]}" "${tiny[@]}" --steps 1 --out "$work/first" >"$work/said" 2>&1 || true
if grep -q 'built without MPI' "$work/said"; then
  skip "$fertrain was built without MPI"
fi

# same_tensors FILE FILE: all but their notes.
same_tensors() {
  python3 - "$1" "$2" <<'PYTHON'
import json, struct, sys
def tensors(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    return {name: (v["dtype"], v["shape"], data[8 + size + v["data_offsets"][0]:8 + size + v["data_offsets"][1]])
            for name, v in header.items() if name != "__metadata__"}
sys.exit(tensors(sys.argv[1]) != tensors(sys.argv[2]))
PYTHON
}

# train RANKS NAME OPTIONS...
train() {
  local ranks=$1 name=$2
  shift 2
  mpirun -n "$ranks" "$fertrain" "${common[@]}" --threads "${threads:-1}" --out "$work/$name" "$@" >"$work/said" 2>&1 ||
    fail "$ranks ranks, $*: $(cat "$work/said")"
}

# The network of all kinds of layers that sum over images, with what makes images depend on one another.
bits() {
  local options=("${tiny[@]}" --recipe best --mixup 0.2) ranks
  command -v python3 >/dev/null || skip 'no python3'
  "$fertrain" "${common[@]}" "${options[@]}" --steps 8 --parts 8 --out "$work/alone" >/dev/null
  for ranks in 1 2 3 4; do
    train "$ranks" "of-$ranks" "${options[@]}" --steps 8
    same_tensors "$work/alone/last.safetensors" "$work/of-$ranks/last.safetensors" ||
      fail "$ranks ranks give other bits than one process"
  done
  # By TCP, two threads each.
  OMPI_MCA_btl=tcp,self threads=2 train 3 tcp "${options[@]}" --steps 8
  same_tensors "$work/alone/last.safetensors" "$work/tcp/last.safetensors" || fail 'other bits over TCP'
  grep -q '"bytes_a_step"' "$work/tcp/args.json" || fail 'args.json does not say what was sent'
  # Another number of ranks goes on, and then a process by itself.
  options+=(--schedule constant)
  train 1 whole "${options[@]}" --steps 8
  train 4 cut "${options[@]}" --steps 3
  mpirun -n 2 "$fertrain" --resume "$work/cut" --threads 1 --quiet --steps 6 >"$work/said" 2>&1 ||
    fail "resumed: $(cat "$work/said")"
  "$fertrain" --resume "$work/cut" --quiet --steps 8 >/dev/null
  same_tensors "$work/whole/last.safetensors" "$work/cut/last.safetensors" || fail 'other bits when resumed'
  shared_layer
}

# The same of a dense layer so large that ranks share it out.
shared_layer() {
  local options=(--model "$work/wide.spec" --batch 40 --average 0.9 --schedule constant) ranks
  printf 'input 1 48 48 | conv 8 5 same | relu | maxpool 3 2 same | dense 1024 | relu | dropout 0.5 | dense 7\n' \
    >"$work/wide.spec"
  "$fertrain" "${common[@]}" "${options[@]}" --steps 4 --parts 8 --shard-dense on --out "$work/wide" >/dev/null
  for ranks in 1 2 3 4; do
    threads=$((ranks % 2 + 1)) train "$ranks" "wide-$ranks" "${options[@]}" --steps 4
    grep -q '"shard_dense": true' "$work/wide-$ranks/args.json" || fail "$ranks ranks do not share the layer out"
    same_tensors "$work/wide/last.safetensors" "$work/wide-$ranks/last.safetensors" ||
      fail "$ranks ranks that share a layer out give other bits than one process"
  done
  train 4 wide-cut "${options[@]}" --steps 2
  mpirun -n 2 "$fertrain" --resume "$work/wide-cut" --threads 1 --quiet --steps 3 >"$work/said" 2>&1 ||
    fail "resumed: $(cat "$work/said")"
  "$fertrain" --resume "$work/wide-cut" --quiet --steps 4 >/dev/null
  same_tensors "$work/wide/last.safetensors" "$work/wide-cut/last.safetensors" ||
    fail 'other bits when resumed, of a layer that is shared out'
}

# ends CODE TEXT COMMAND...: within seconds, with that exit code, and TEXT among what is said, once.
ends() {
  local code=$1 text=$2 got=0
  shift 2
  timeout 60 "$@" >"$work/said" 2>&1 || got=$?
  [ "$got" = "$code" ] || fail "exit code $got, expected $code: $(cat "$work/said")"
  [ "$(grep -c -- "$text" "$work/said")" = 1 ] || fail "expected once: $text; got $(cat "$work/said")"
}

# ranks_of PID COUNT: the processes that this mpirun has started, once there are so many.
ranks_of() {
  local waited found
  for waited in $(seq 300); do
    found=$(pgrep -P "$1") && [ "$(wc -l <<<"$found")" = "$2" ] && printf '%s\n' "$found" && return
    sleep 0.1
  done
  fail "no ranks after $waited tenths of a second: $(cat "$work/said")"
}

faults() {
  local each=("$fertrain" "${common[@]}" "${tiny[@]}" --threads 1 --steps 4 --out) rank code=0 round
  cp -- "$data" "$work/data.csv.gz"
  mkdir "$work/here" "$work/there"
  ln -s "$data" "$work/here/data.csv.gz"
  local moved=("$fertrain" --csv data.csv.gz "${each[@]:3}")
  ends 3 '^rank 1: .*data.csv.gz' mpirun -n 1 -wdir "$work/here" "${moved[@]}" "$work/a" : \
    -n 1 -wdir "$work/there" "${moved[@]}" "$work/a"
  gzip -dc "$data" | sed '2s/^[0-9]/6/;3s/^[0-9]/5/' | gzip >"$work/there/data.csv.gz"
  ends 3 'rank 1 differs from rank 0 in its data' mpirun -n 1 -wdir "$work/here" "${moved[@]}" "$work/b" : \
    -n 1 -wdir "$work/there" "${moved[@]}" "$work/b"
  ends 2 'rank 1 differs from rank 0 in its options' mpirun -n 1 "${each[@]}" "$work/c" : \
    -n 1 "${each[@]}" "$work/c" --lr 0.5
  ends 2 'each rank needs five images' mpirun -n 4 "$fertrain" --csv "$data" --quiet --steps 4 --batch 16 --out "$work/d"
  ends 2 'one rank has none' mpirun -n 3 "${each[@]}" "$work/e" --parts 2
  ends 2 '--shard-dense on requires' mpirun -n 3 "${each[@]}" "$work/e" --shard-dense on
  ends 2 '--no-such' mpirun -n 3 "${each[@]}" "$work/e" --no-such
  ends 4 'step 2: the loss is NaN\|step [0-9]*: .*NaN' mpirun -n 3 "${each[@]}" "$work/f" --lr 1e30
  # A disk that is full for the first rank: what it has written stays as it was.
  OMPI_MCA_btl=tcp,self ends 3 'File too large' mpirun -n 1 bash -c 'trap "" XFSZ; ulimit -f 64; exec "$@"' - "${each[@]}" "$work/g" : \
    -n 2 "${each[@]}" "$work/g"
  # One rank is killed, any time: the others end, and the run goes on from its checkpoint.
  train 3 killed "${tiny[@]}" --steps 2
  for round in 1 2 3; do
    code=0
    mpirun -n 3 "$fertrain" --resume "$work/killed" --threads 1 --quiet --steps 100000 --eval-every 5 \
      >"$work/said" 2>&1 &
    pid=$!
    rank=$(ranks_of "$pid" 3 | sed -n "${round}p")
    sleep 1.$round
    kill -KILL "$rank"
    timeout 30 tail --pid="$pid" -f /dev/null || fail 'still there half a minute after a rank was killed'
    wait "$pid" || code=$?
    [ "$code" != 0 ] || fail 'ends well although a rank was killed'
  done
  # Ctrl-C.
  mpirun -n 3 "$fertrain" --resume "$work/killed" --threads 1 --quiet --steps 100000 >"$work/said" 2>&1 &
  pid=$!
  ranks_of "$pid" 3 >/dev/null
  sleep 2
  kill -INT "$pid"
  timeout 30 tail --pid="$pid" -f /dev/null || fail 'still there half a minute after Ctrl-C'
  wait "$pid" && fail 'ends well although interrupted'
  "$fertrain" --resume "$work/killed" --threads 1 --quiet --steps 3 >/dev/null || fail 'cannot be resumed'
}

case $what in
  bits | faults) "$what" ;;
  *) fail "what is $what?" ;;
esac
