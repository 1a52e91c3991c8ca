#!/usr/bin/env python3
"""What only shows after a while: fertrain killed at random and resumed, and ferpredict on a damaged stream.

    tests/soak.py PROGRAMS [--minutes 60] [--kills N] [--seed 1] [--only train|frames]

PROGRAMS is the folder with fertrain and ferpredict. Each part lasts --minutes. `train` is killed (SIGKILL) at random
moments, --kills times where that is said, and must end with the weights of a run that nobody killed; `frames` must
answer every good frame as it does without damaged ones around it. The memory of both must not grow. Linux only, as it
reads /proc. Exit codes: 0 all is well, 1 something is not.
"""
import argparse
import hashlib
import json
import os
import pathlib
import queue
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEPS = 300
LIFE = 1.5  # seconds a run may live at most before it is killed
GROWTH = 1.05  # of the memory of the first tenth of a run


def resident(pid):
    """MB that a process holds, None where it has ended."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return None


class Memory:
    """What a process held over its life, in MB."""

    def __init__(self):
        self.seen = []

    def look(self, pid):
        now = resident(pid)
        if now is not None:
            self.seen.append(now)

    def part(self, begin, end):
        """The median of a part of the time, in tenths; evaluations and reports hold more for a moment."""
        count = len(self.seen)
        return statistics.median(self.seen[count * begin // 10:max(count * end // 10, count * begin // 10 + 1)])

    def verdict(self):
        early, late = self.part(1, 2), self.part(9, 10)
        return f"{early:.1f} MB after a tenth of the time, {late:.1f} MB at the end", late <= early * GROWTH + 1


def weights(folder):
    """Of the tensors alone: the header's notes say when the file was written."""
    data = (folder / "last.safetensors").read_bytes()
    size = int.from_bytes(data[:8], "little")
    return hashlib.sha256(data[8 + size:]).hexdigest()


def train_command(programs, folder, seed):
    return [programs / "fertrain", "--csv", ROOT / "data/faces.csv.gz", "--model", ROOT / "data/small.spec", "--batch",
            "20", "--steps", STEPS, "--eval-every", "10", "--threads", "1", "--seed", seed, "--quiet", "--out", folder]


def resume_command(programs, folder):
    return [programs / "fertrain", "--resume", folder, "--threads", "1", "--quiet"]


def run(command, **options):
    return subprocess.run([str(word) for word in command], stdout=subprocess.DEVNULL, **options)


def start(command, **options):
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)


def killed_run(programs, folder, seed, chance):
    """Trains to the end, killed at random moments meanwhile; how often."""
    kills = 0
    while True:
        begun = (folder / "last.safetensors").exists()
        process = start(resume_command(programs, folder) if begun else train_command(programs, folder, seed))
        try:
            _, said = process.communicate(timeout=chance.uniform(0, LIFE))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
            continue
        if process.returncode != 0:
            sys.exit(f"soak.py: seed {seed}, after {kills} kills: exit code {process.returncode}: {said.decode()}")
        return kills


def temporaries(folder):
    """Files that are none of a run's: what a writer that was killed left."""
    names = {path.name for path in folder.iterdir()}
    return sorted(name for name in names if ".tmp" in name or name.endswith("~"))


def soak_training(programs, minutes, wanted, chance):
    end = time.monotonic() + minutes * 60
    kills = runs = 0
    with tempfile.TemporaryDirectory(prefix="mien-soak.") as place:
        while time.monotonic() < end and (wanted is None or kills < wanted):
            runs += 1
            whole, broken = pathlib.Path(place, f"whole-{runs}"), pathlib.Path(place, f"broken-{runs}")
            run(train_command(programs, whole, runs), check=True)
            kills += killed_run(programs, broken, runs, chance)
            if weights(whole) != weights(broken):
                sys.exit(f"soak.py: seed {runs}: other weights than those of the run that was not killed")
            if temporaries(broken):
                sys.exit(f"soak.py: seed {runs}: left behind: {', '.join(temporaries(broken))}")
            print(f"train: {runs} runs, {kills} kills, weights equal", flush=True)
    if wanted is not None and kills < wanted:
        sys.exit(f"soak.py: only {kills} kills in {minutes} minutes")


def soak_training_memory(programs, minutes):
    """One long run that evaluates and writes all the time."""
    memory = Memory()
    with tempfile.TemporaryDirectory(prefix="mien-soak.") as place:
        command = train_command(programs, pathlib.Path(place, "long"), 1) + ["--time-limit", f"{round(minutes * 60)}s"]
        command[command.index(STEPS)] = 1000 * 1000
        process = start(command)
        time.sleep(2)
        while process.poll() is None:
            memory.look(process.pid)
            time.sleep(0.5)
        if process.returncode != 0:
            sys.exit(f"soak.py: the long run: {process.stderr.read().decode()}")
    said, good = memory.verdict()
    print(f"train: {said}", flush=True)
    if not good:
        sys.exit("soak.py: the memory of fertrain grows")


def damaged(jpeg, chance):
    """A JPEG that is not quite one; its beginning is there, so that the frame behind it is found."""
    kind = chance.randrange(4)
    if kind == 0:
        return jpeg[:chance.randrange(4, len(jpeg))]
    if kind == 1:
        return bytes(chance.randrange(0, 0xff) for _ in range(chance.randrange(1, 3000)))
    broken = bytearray(jpeg)
    for _ in range(1 if kind == 2 else 200):
        # No new marker, which could begin a frame of its own.
        broken[chance.randrange(2, len(broken) - 2)] = chance.randrange(0, 0xff)
    return bytes(broken)


def answer(line):
    """What a line says of its frame: the time and the numbers of frame and track go on."""
    faces = json.loads(line).get("faces")
    return None if faces is None else json.dumps([{k: v for k, v in face.items() if k != "track"} for face in faces])


def frame_command(programs):
    return [programs / "ferpredict", "--frames", "-", "--smooth", "0", "--hold", "0", "--threads", "1"]


def soak_frames(programs, minutes, chance):
    jpeg = (ROOT / "data/astronaut.jpg").read_bytes()
    other = (ROOT / "data/astronaut-read.jpg").read_bytes()  # of another answer, should it survive its damage
    alone = subprocess.run([str(w) for w in frame_command(programs)], input=jpeg, capture_output=True, check=True)
    expected = answer(alone.stdout.splitlines()[0])
    process = subprocess.Popen([str(w) for w in frame_command(programs)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(answer(line))

    reader = threading.Thread(target=read)
    reader.start()
    memory, good, bad, right = Memory(), 0, 0, 0
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        for _ in range(chance.randrange(1, 4)):
            process.stdin.write(damaged(other, chance))
            bad += 1
        process.stdin.write(jpeg)
        process.stdin.flush()
        good += 1
        memory.look(process.pid)
        while not lines.empty():
            right += lines.get() == expected
    process.stdin.close()
    reader.join()
    process.wait()
    while not lines.empty():
        right += lines.get() == expected
    said, flat = memory.verdict()
    print(f"frames: {good} good among {bad} damaged, {right} answers as without damage, {said}", flush=True)
    if process.returncode not in (0, 3):
        sys.exit(f"soak.py: ferpredict ended with {process.returncode}")
    if right != good:
        sys.exit(f"soak.py: {good - right} good frames without their answer")
    if not flat:
        sys.exit("soak.py: the memory of ferpredict grows")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["train", "frames"])
    options = parser.parse_args()
    chance = random.Random(options.seed)
    if options.only != "frames":
        soak_training(options.programs, options.minutes, options.kills, chance)
        soak_training_memory(options.programs, options.minutes / 4)
    if options.only != "train":
        soak_frames(options.programs, options.minutes, chance)


if __name__ == "__main__":
    main()
