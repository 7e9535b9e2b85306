#!/usr/bin/env python3
"""Measures the page's server: cold starts, memory, and requests for a script in a core-second.

    cargo build --release -p dashboard
    tests/bench/dashboard/server.py --programs target/release

The server has one core, `wrk` (Debian: wrk) the other; CPU is the process's own. Medians.
"""

import argparse
import os
import re
import statistics
import subprocess
import time
import urllib.request
from pathlib import Path

PORT = 18990
ADDRESS = f"http://127.0.0.1:{PORT}"
STARTS, ROUNDS, SECONDS = 11, 5, 3
# To reach.
COLD_MS_MAX, RSS_MIB_MAX, RATE_MIN = 30, 12, 50_000
ENVIRONMENT = {
    "PORT": str(PORT), "GOOGLE_CLOUD_PROJECT": "demo-bench", "WEB_API_KEY": "local",
    "WEB_AUTH_DOMAIN": "localhost", "WEB_ENVIRONMENT": "local",
    "MESH_AUDIENCE": "https://dashboard.mesh.internal",
    "MESH_INVOKERS": "mesh-invoker@demo-bench.iam.gserviceaccount.com",
    # Beside emulators it listens on loopback only; it never asks them anything.
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1", "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:2",
}


def start(program):
    """Starts the server; returns it and the milliseconds until its first answer."""
    began = time.perf_counter()
    server = subprocess.Popen(["taskset", "-c", "0", program], env=os.environ | ENVIRONMENT, stdout=subprocess.DEVNULL)
    while True:
        try:
            urllib.request.urlopen(ADDRESS, timeout=1).read()
            return server, (time.perf_counter() - began) * 1000
        except OSError:
            if server.poll() is not None:
                raise SystemExit(f"{program} ended with {server.returncode}")
            time.sleep(0.0005)


def rss_mib(server):
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def cpu_seconds(server):
    user, system = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def rate(server, asset):
    before = cpu_seconds(server)
    load = ["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{SECONDS}s", "-H", "accept-encoding: br", ADDRESS + asset]
    said = subprocess.run(load, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    return int(re.search(r"(\d+) requests in", said)[1]) / (cpu_seconds(server) - before)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=Path, required=True, help="where the build is")
    program = parser.parse_args().programs.resolve() / "dashboard"
    cold, rss = [], []
    for _ in range(STARTS):
        server, took = start(program)
        cold.append(took)
        rss.append(rss_mib(server))
        server.terminate()
        server.wait()
    server, _ = start(program)
    try:
        page = urllib.request.urlopen(ADDRESS).read().decode()
        asset = re.search(r"/assets/[^\"]+\.js", page)[0]
        rates = [rate(server, asset) for _ in range(ROUNDS)]
    finally:
        server.terminate()
    print(f"cold start: {statistics.median(cold):.1f} ms (at most {COLD_MS_MAX})")
    print(f"memory: {statistics.median(rss):.1f} MiB (at most {RSS_MIB_MAX})")
    print(f"requests in a core-second: {statistics.median(rates):,.0f} (at least {RATE_MIN:,})")


main()
