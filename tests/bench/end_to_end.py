#!/usr/bin/env python3
"""Measures from a document's commit to the commit of the handler that its event calls.

Needs a local stack: `emulator/up`, or `mesh up --detach --port-base N`. It writes assets
to Firestore at a steady pace; the bridge delivers their events, and the audit-engine
commits findings. Both times are Firestore's own commit times, so that nothing depends
on when somebody looks. The assets are deleted in the end, which resolves their findings.
"""

import argparse
import statistics
import sys
import time
from datetime import datetime

sys.dont_write_bytecode = True

from driver.estate import FINDINGS_EACH, bucket
from driver.firestore import Rest

WARM_WRITES = 20
WAIT_SECONDS_MAX = 60
WRITES_MIN, WRITES_MAX = 20, 10_000
EX_UNAVAILABLE = 69


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port-base", type=int, default=8080, help="of the stack (default: 8080)")
    parser.add_argument("--project", default="demo-mesh", help="of the stack (default: demo-mesh)")
    parser.add_argument("--writes", type=int, default=300, help="how many count (default: 300)")
    parser.add_argument("--per-second", type=float, default=10, help="pace of the writes (default: 10)")
    options = parser.parse_args()
    if not WRITES_MIN <= options.writes <= WRITES_MAX or options.per_second <= 0:
        parser.error(f"--writes must be {WRITES_MIN} to {WRITES_MAX}, --per-second above 0")
    return options


def instant(text):
    """Seconds since 1970, to the microsecond that Firestore keeps."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")


def write(rest, names, per_second):
    """Writes the assets at a steady pace; returns their paths and commit times."""
    began, committed = time.monotonic(), {}
    for turn, name in enumerate(names):
        time.sleep(max(0, began + turn / per_second - time.monotonic()))
        path, asset = bucket(name)
        committed[path] = instant(rest.write(path, asset)["updateTime"])
    return committed


def handled(rest, committed):
    """Waits for the findings of every asset; returns milliseconds from commit to commit."""
    deadline, taken = time.monotonic() + WAIT_SECONDS_MAX, {}
    while len(taken) < len(committed) and time.monotonic() < deadline:
        for path in committed.keys() - taken.keys():
            findings = rest.where("findings", "asset", path.partition("/")[2])
            if len(findings) >= FINDINGS_EACH:
                last = max(instant(finding["createTime"]) for finding in findings)
                taken[path] = (last - committed[path]) * 1e3
        time.sleep(0.2)
    return [taken[path] for path in committed if path in taken]


def main():
    options = arguments()
    rest = Rest(options.port_base + 1, options.project)
    try:
        rest.where("findings", "asset", "none")
    except ConnectionRefusedError:
        print(f"no stack runs on port base {options.port_base}; start one with `emulator/up`, "
              "or name the one you mean with --port-base", file=sys.stderr)
        raise SystemExit(EX_UNAVAILABLE)
    run = f"bench-{time.time_ns()}"
    names = [f"{run}-{turn}" for turn in range(WARM_WRITES + options.writes)]
    try:
        committed = write(rest, names, options.per_second)
        taken = handled(rest, committed)[WARM_WRITES:]
    finally:
        for name in names:
            rest.delete(bucket(name)[0])
    lost = options.writes - len(taken)
    if lost > 0:
        raise SystemExit(f"{lost} of {options.writes} writes led to no findings within {WAIT_SECONDS_MAX} s")
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    print("| document commit to handler's commit | p50 ms | p90 ms | p99 ms | max ms |\n|---|---:|---:|---:|---:|")
    print(f"| {len(taken)} writes, {options.per_second:g} a second | {cuts[49]:.0f} | {cuts[89]:.0f} "
          f"| {cuts[98]:.0f} | {max(taken):.0f} |")


if __name__ == "__main__":
    main()
