#!/usr/bin/env python3
"""Measures what watching many services costs one instance of destine-root.

    cargo build --release -p destine-root
    tests/bench/checks.py --programs target/release

One destine-root is pinned to one core, with the real Firestore emulator, a target that
answers 200 and this driver on the other. There are 5,000 HTTP checks of 30 seconds, and a
tick each minute, as Cloud Scheduler sends it. The first tick is left out: it reads every
check and writes every first state. CPU is user and system time of the function, divided by
wall time. The jitter of a start is how much the time from one request of a check to the next
differs from 30 seconds, as the target sees it.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import threading
import time
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

sys.dont_write_bytecode = True

from driver.firestore import Emulator, fields
from driver.local import Local
from driver.machine import Program, free_port

AUDIENCE = "https://destine-root.mesh.internal"
INTERVAL_SECONDS = 30
TICK_SECONDS = 60
BATCH = 400
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
# To reach.
CPU_MAX, RSS_MIB_MAX, JITTER_MS_MAX = 0.30, 100, 250


class Target:
    """Answers every request, and remembers when each path was asked for."""

    def __init__(self):
        self.asked, self.loop = {}, asyncio.new_event_loop()
        self.port = free_port()
        threading.Thread(target=self.loop.run_until_complete, args=(self.serve(),), daemon=True).start()

    async def serve(self):
        server = await asyncio.start_server(self.answer, "127.0.0.1", self.port, backlog=1024)
        await server.serve_forever()

    async def answer(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1]
                self.asked.setdefault(path, []).append(time.perf_counter())
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def check(number, port):
    """A check, as the API writes it."""
    spec = {"name": f"Service {number}", "interval_seconds": INTERVAL_SECONDS, "timeout_seconds": 5,
            "fire_after": 3, "clear_after": 3, "severity": "p2", "enabled": True,
            "probe": {"kind": "http", "url": f"http://127.0.0.1:{port}/{number}", "method": "GET",
                      "redirects_max": 0}}
    document = fields({"spec": spec, "state": "unknown", "detail": ""})
    at = {"timestampValue": "2026-01-01T00:00:00Z"}
    return document | {"changed_at": at, "since": at}


def sow(rest, count, port):
    for first in range(0, count, BATCH):
        writes = [{"update": {"name": f"{rest.root}/checks/check-{n:05}", "fields": check(n, port)}}
                  for n in range(first, min(first + BATCH, count))]
        rest.call("POST", f"/v1/{rest.root}:commit", {"writes": writes})


def tick(local, port, at):
    """Delivers a tick, as Cloud Scheduler does; returns when all its checks ran."""
    due = datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {"authorization": f"Bearer {local.token(AUDIENCE)}", "x-cloudscheduler-scheduletime": due}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/events/check-due", b"", headers)
    with urllib.request.urlopen(request, timeout=2 * TICK_SECONDS) as answer:
        assert answer.status == 204, answer.status


def percentile(values, share):
    values = sorted(values)
    return values[min(int(len(values) * share), len(values) - 1)] if values else float("nan")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=Path, required=True, help="where the build is")
    parser.add_argument("--checks", type=int, default=5000)
    parser.add_argument("--ticks", type=int, default=4, help="measured, after the first")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mesh-bench-") as folder:
        scratch = Path(folder)
        with Local(scratch) as local, Emulator(local.port, scratch / "firestore.log") as emulator:
            rest, target, port = emulator.ready(), Target(), free_port()
            sow(rest, options.checks, target.port)
            environment = local.environment(AUDIENCE) | {
                "PORT": f"{port}", "K_SERVICE": "destine-root", "MESH_LOG": "info",
                "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{emulator.port}",
                "PUBSUB_EMULATOR_HOST": f"127.0.0.1:{free_port()}",
                "CHECK_TIMEOUT_SECONDS": "10", "CHECK_PRIVATE_RANGES": "127.0.0.0/8"}
            log = scratch / "root.log"
            # Its lines go to standard output, which a program here has none of.
            command = ["sh", "-c", f"exec {options.programs.resolve() / 'destine-root'} >&2"]
            with Program(command, environment, log) as program:
                program.until(port, b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 200)
                began = time.time()
                first = int(began) // TICK_SECONDS * TICK_SECONDS
                cpu, asked, memory = [], 0, 0
                for number in range(options.ticks + 1):
                    due = began + number * TICK_SECONDS
                    time.sleep(max(0, due - time.time()))
                    before, started = program.cpu_seconds(), time.perf_counter()
                    tick(local, port, first + number * TICK_SECONDS)
                    if number > 0:
                        cpu.append((program.cpu_seconds() - before) / TICK_SECONDS)
                        memory = max(memory, program.memory_mib()[0])
                    else:
                        # The first one may take longer than a minute; the others come in time.
                        target.asked.clear()
                        began = time.time() - TICK_SECONDS + 1
                    print(f"tick {number}: {time.perf_counter() - started:.1f} s", file=sys.stderr, flush=True)
                times = list(target.asked.values())
                runs = sum(map(len, times))
                gaps = [abs(b - a - INTERVAL_SECONDS) * 1000 for t in times for a, b in zip(t, t[1:])]
                wanted = options.checks * options.ticks * TICK_SECONDS // INTERVAL_SECONDS
                share, jitter = sum(cpu) / len(cpu), percentile(gaps, 0.99)
                print(f"{options.checks} checks every {INTERVAL_SECONDS} s, {options.ticks} min: "
                      f"{runs} of {wanted} runs\n")
                print("| | measured | to reach |\n|---|---:|---:|")
                print(f"| CPU, one core | {share:.1%} | {CPU_MAX:.0%} |")
                print(f"| RSS | {memory:.0f} MiB | {RSS_MIB_MAX} MiB |")
                print(f"| jitter of starts, p99 | {jitter:.0f} ms | {JITTER_MS_MAX} ms |")
                said = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
                late = [line["lateP99Ms"] for line in said if "lateP99Ms" in line][1:]
                print(f"| behind its plan within a tick, p99, worst tick | {max(late)} ms | |")
                print(f"| jitter of starts, p50 | {percentile(gaps, 0.5):.1f} ms | |")
                reached = share <= CPU_MAX and memory <= RSS_MIB_MAX and jitter <= JITTER_MS_MAX
                return 0 if reached and runs == wanted else 1


if __name__ == "__main__":
    sys.exit(main())
