#!/usr/bin/env python3
"""Measures the function runtime against Node's and Python's functions-framework.

`run` installs the peers, builds the programs and calls this. The figures go to
standard output as Markdown, and with --write into the README beside this file.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.dont_write_bytecode = True

from driver import report, stages
from driver.candidates import KINDS, Setup
from driver.firestore import Emulator
from driver.local import Local
from driver.machine import CORES, DRIVER_CORE

HERE = Path(__file__).parent
MARKS = ("<!-- measured: written by `tests/bench/run --write` -->", "<!-- /measured -->")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, required=True, help="where run installed the peers")
    parser.add_argument("--programs", type=Path, required=True, help="where the release builds are")
    parser.add_argument("--write", action="store_true", help="also write the figures into the README")
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that it works, not to quote")
    return parser.parse_args()


def versions(peers):
    words = lambda *command: subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    node = words("node", "--version").lstrip("v")
    python = words(peers / "python/venv/bin/python", "--version").split()[1]
    framework = HERE / "peers/python/requirements.txt"
    pins = dict(line.split("==") for line in framework.read_text().splitlines() if "==" in line)
    package = (HERE / "peers/node/package.json").read_text()
    pinned = package.partition('functions-framework": "')[2].partition('"')[0]
    return (f"Node {node} with functions-framework {pinned}; Python {python} with functions-framework "
            f"{pins['functions-framework']} on gunicorn {pins['gunicorn']}.")


def measure(options, scratch, say):
    loads = []

    def noting(words):
        loads.append(os.getloadavg()[0])
        say(words)

    cold, load, first, warm = (3, 1, 2, 1) if options.quick else (20, 6, 10, 3)
    with ExitStack() as stack:
        local = stack.enter_context(Local(scratch))
        setup = Setup(scratch, options.peers, options.programs, local)
        with Emulator(local.port, scratch / "firestore.log") as emulator:
            rest = emulator.ready()
            requests = {kind: setup.requests(kind, rest) for kind in KINDS}
            cases = stages.agree(setup, rest, emulator.port, noting)
            connected = stages.connected(setup, rest, emulator.port, first, warm, noting)
        # The emulator has ended: nothing but the driver is beside the candidates.
        starts = stages.cold_starts(setup, requests, cold, noting)
        rounds, memory = stages.throughput(setup, requests, load, noting)
    return report.Figures(starts, rounds, memory, connected, cases, report.machine(loads), versions(options.peers))


def write(text):
    page = HERE / "README.md"
    before, start, rest = page.read_text().partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not (start and end):
        raise SystemExit(f"{page.name} lacks the marks between which the figures go")
    page.write_text(f"{before}{start}\n\n{text}\n\n{end}{after}")


def main():
    options = arguments()
    if CORES < 2:
        raise SystemExit("this needs two cores: one for the server, one for whoever calls it")
    # Whatever ends this process ends what it started.
    for kind in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(kind, lambda *_: sys.exit(1))
    os.sched_setaffinity(0, {DRIVER_CORE})
    began = time.monotonic()
    say = lambda words: print(f"{time.monotonic() - began:6.1f} s  {words}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="mesh-bench-") as scratch:
        try:
            text = report.markdown(measure(options, Path(scratch), say))
        except RuntimeError as error:
            for log in sorted(Path(scratch).glob("*.log")):
                print(f"── {log.name}\n{log.read_text(errors='replace')[-2000:]}", file=sys.stderr)
            raise SystemExit(f"cannot measure: {error}")
    print(text)
    if options.write:
        write(text)


if __name__ == "__main__":
    main()
