#!/usr/bin/env python3
"""Asks 24 demands of generated exports, by Mesh and by Cloud Custodian, in turns.

    cargo build --release -p bench-audit
    tests/bench/audit.py --programs target/release

Both see the same file and must find the same assets for each demand. What is compared is the
CPU time of asking alone, which each takes in its own process, without reading the file;
Mesh's whole process is given beside it. Medians of five runs in turns. Custodian is installed into a
folder of its own, at the versions below.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

sys.dont_write_bytecode = True

import importlib.util

HERE = Path(__file__).resolve().parent / "audit"
PEER = ["c7n==0.9.53", "c7n-gcp==0.4.52"]
NOW = "2026-11-23T00:00:00Z"
ROUNDS = 5
# To reach.
RATE_MIN, RSS_MIB_MAX, FINDINGS_MIN, CHANGED_MS_MAX = 1_000_000, 128, 200_000, 5


def corpus(path, assets, seed):
    spec = importlib.util.spec_from_file_location("corpus", HERE / "corpus.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write(path, assets, seed)


def peer(folder):
    python = folder / "bin" / "python"
    if not python.exists():
        print("installing Cloud Custodian", file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEER], check=True)
    return python


def controls(folder, python):
    """Writes the conditions as files of controls; the YAML is read by the peer's library."""
    read = "import json,sys,yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))"
    rules = json.loads(subprocess.check_output([python, "-c", read, HERE / "rules.yaml"]))
    for rule in rules:
        control = {
            "id": rule["id"], "title": rule["id"], "severity": "low", "asset_types": [rule["type"]],
            "rationale": "compared", "condition": rule["condition"], "found": '"found"',
            "remediation": {"text": "none"},
        }
        (folder / f"{rule['id']}.yaml").write_text(json.dumps(control))


def run(*command):
    """Returns what a program printed, its CPU seconds and its largest memory in MiB."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed")
    return json.loads(said), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=Path, required=True, help="where the build is")
    parser.add_argument("--assets", type=int, default=100_000)
    parser.add_argument("--peer", type=Path, default=Path(tempfile.gettempdir()) / "mesh-bench-c7n")
    args = parser.parse_args()
    python, mesh = peer(args.peer), args.programs / "bench-audit"
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "controls").mkdir()
        controls(folder / "controls", python)
        for assets, seed in ((10_000, 1), (10_000, 2)):
            corpus(folder / "small", assets, seed)
            ours, *_ = run(mesh, "ask", folder / "small", folder / "controls", NOW)
            theirs, *_ = run(python, HERE / "custodian.py", folder / "small", HERE / "rules.yaml", NOW)
            compare(ours, theirs)
            print(f"{assets} assets, seed {seed}: the same {sum(map(len, ours['failing'].values()))} failures")
        corpus(folder / "large", args.assets, 3)
        figures = {"whole": [], "ours": [], "peer": [], "rss": [], "peer rss": []}
        for _ in range(ROUNDS):
            ours, cpu, rss = run(mesh, "ask", folder / "large", folder / "controls", NOW)
            figures["whole"].append(cpu)
            figures["rss"].append(rss)
            figures["ours"].append(ours["cpu"])
            theirs, _, rss = run(python, HERE / "custodian.py", folder / "large", HERE / "rules.yaml", NOW)
            figures["peer"].append(theirs["cpu"])
            figures["peer rss"].append(rss)
        compare(ours, theirs)
        figures["rows"] = []
        for _ in range(ROUNDS):
            found, cpu, _ = run(mesh, "findings", folder / "large", NOW)
            figures["rows"].append(found["rows"] / found["cpu"])
        changed, *_ = run(mesh, "changed", folder / "large", NOW)
        report(ours["asked"], {name: statistics.median(values) for name, values in figures.items()})
        print(f"| one changed asset of these at p99 | {changed['own']['p99']:.3f} ms | | {CHANGED_MS_MAX} ms |")
        print(f"| with all that are judged by it | {changed['all']['p99']:.3f} ms | | |")


def compare(ours, theirs):
    assert ours["asked"] == theirs["asked"], (ours["asked"], theirs["asked"])
    for rule in sorted({*ours["failing"], *theirs["failing"]}):
        one, other = set(ours["failing"].get(rule, [])), set(theirs["failing"].get(rule, []))
        assert one == other, f"{rule}: only Mesh {sorted(one - other)[:3]}, only Custodian {sorted(other - one)[:3]}"
    assert len(ours["failing"]) == 24, f"only {len(ours['failing'])} demands fail somewhere"


def report(asked, median):
    print(f"\n{asked} evaluations\n")
    print("| | Mesh | Cloud Custodian | to reach |")
    print("|---|---:|---:|---:|")
    print(f"| evaluations for each CPU second, without reading | {asked / median['ours']:,.0f} | {asked / median['peer']:,.0f} | {RATE_MIN:,} |")
    print(f"| with reading the file | {asked / median['whole']:,.0f} | | |")
    print(f"| CPU seconds, reading and asking | {median['whole']:.2f} | | |")
    print(f"| findings of all built-in controls for each CPU second, also what passes, without reading | {median['rows']:,.0f} | | {FINDINGS_MIN:,} |")
    print(f"| memory at most | {median['rss']:.0f} MiB | {median['peer rss']:.0f} MiB | {RSS_MIB_MAX} MiB |")


main()
