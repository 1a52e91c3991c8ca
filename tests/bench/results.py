"""Comparisons that are kept: a file for each processor, so that every machine adds a column to one table."""

import datetime
import json
import os
import re

from peers.process import fail, refuse

# Of the options, what says where things are or how they are printed, and so differs where the comparison does not.
PLACES = {"weights": "$W", "images": "$F", "csv": "$F", "ort": "$ORT"}
UNSAID = ("ferbench", "ferpredict", "onednn", "pairs", "runs", "quick", "json", "save", "command")


def parse_processor(cpuinfo):
    """The first processor's name and instruction sets, from the text of /proc/cpuinfo."""
    fields = dict(re.findall(r"^([^:\n]*?)[ \t]*:[ \t]*(.*)$", cpuinfo.split("\n\n")[0], re.MULTILINE))
    flags = fields.get("flags", "").split()
    name = (f"{fields.get('model name', 'unknown')}, family {fields.get('cpu family', '?')}, "
            f"model {fields.get('model', '?')}")
    isa = [isa for isa, flag in (("avx2", "avx2"), ("avx512", "avx512f"), ("amx", "amx_tile")) if flag in flags]
    return name, isa[-1] if isa else "base"


def processor():
    with open("/proc/cpuinfo") as file:
        return parse_processor(file.read())


def file_of(folder):
    return os.path.join(folder, re.sub(r"[^A-Za-z0-9]+", "-", " ".join(processor())).strip("-") + ".json")


def read(path):
    """The results of a file, oldest first; none where there is no file."""
    try:
        with open(path) as file:
            results = json.load(file)
        if not all(isinstance(result["command"], str) for result in results):
            raise ValueError("a result without a command")
        return results
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError) as error:
        refuse(f"{path}: cannot be read ({error}); its results stay as they are")


def refuse_where_nothing_can_be_kept(folder):
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        refuse(f"--save {folder}: {error.strerror}")
    read(file_of(folder))
    if not os.access(folder, os.W_OK):
        refuse(f"--save {folder}: cannot be written to")


def command_of(options):
    """What was compared, the same on every machine: without defaults, and with the README's names for files."""
    words = ["compare.py", options.what]
    for name, value in sorted(vars(options).items()):
        if name in UNSAID or value == options.command.get_default(name):
            continue
        words.append("--" + name.replace("_", "-"))
        if value is not True:
            words.append(PLACES.get(name, str(value)))
    return " ".join(words)


def save(options, result):
    path = file_of(options.save)
    name, isa = processor()
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    results = read(path) + [{"command": command_of(options), "processor": name, "isa": isa, "date": now,
                             "threads": options.threads, **result}]
    try:
        with open(path + ".new", "w") as file:
            file.write("[\n" + ",\n".join(map(json.dumps, results)) + "\n]\n")
        os.replace(path + ".new", path)
    except OSError as error:
        fail(f"{path}: not saved: {error.strerror}")


def milliseconds(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def cell(result):
    if result is None:
        return ""
    threads = f"{result['threads']} thread" + ("s" if result["threads"] > 1 else "")
    return (f"{result['median_ratio']:.1f} ({milliseconds(result['ours']['median_ms'])} and "
            f"{milliseconds(result['peer']['median_ms'])} ms, {threads})")


def table(folder):
    """Markdown: a row for each comparison, a column for each processor, the last result of either."""
    columns = {}
    for file in sorted(os.listdir(folder) if os.path.isdir(folder) else []):
        for result in read(os.path.join(folder, file)) if file.endswith(".json") else []:
            columns.setdefault(f"{result['processor']} ({result['isa']})", {})[result["command"]] = result
    if not columns:
        refuse(f"{folder}: no results there; --save adds some")
    rows = sorted({command for column in columns.values() for command in column})
    lines = [["comparison", *columns], ["---"] * (1 + len(columns))]
    lines += [[f"`{row}`", *(cell(column.get(row)) for column in columns.values())] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
