#!/usr/bin/env python3
"""Measures what a request to the API for people costs before it does anything.

    cargo build --release -p firebase-proxy
    tests/bench/api.py --programs target/release

One firebase-proxy is pinned to one core, with the real Firestore emulator, wrk and this
driver on the other. `GET /api/v1/me` is authenticated and answered; a command whose body
is wrong is authenticated, authorised, parsed, validated and refused. CPU is user and system time of the
function, divided by answers. Tokens are the Auth emulator's, which have no signature:
what verifying one costs is part of the figures of `run`, where every event has one.
"""

import argparse
import base64
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

from driver.firestore import Emulator
from driver.load import Request, load, script
from driver.local import PROJECT, Local
from driver.machine import Program, free_port

PEOPLE = 2000
ROUNDS, ROUND_SECONDS, WARM_SECONDS = 7, 3, 2
ROLES = ("viewer", "operator", "auditor", "treasurer", "admin", "owner")


def token(uid, now):
    """An ID token as the Auth emulator makes them."""
    part = lambda claims: base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    claims = {"iss": f"https://securetoken.google.com/{PROJECT}", "aud": PROJECT, "sub": uid, "user_id": uid,
              "auth_time": now, "iat": now, "exp": now + 3600, "email": f"{uid}@meridian.example",
              "firebase": {"sign_in_provider": "password", "identities": {}}}
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


def person(rest, uid, role):
    """Writes a person, as iam-control keeps them."""
    fields = {"email": {"stringValue": f"{uid}@meridian.example"}, "display_name": {"stringValue": uid},
              "state": {"stringValue": "active"},
              "roles": {"arrayValue": {"values": [{"stringValue": role}]}},
              "elevations": {"mapValue": {"fields": {}}},
              "sessions_since": {"timestampValue": "2026-01-01T00:00:00Z"},
              "policy_version": {"integerValue": "1"}}
    rest.call("PATCH", f"/v1/{rest.root}/users/{uid}", {"fields": fields})


def measure(port, program, requests, lua, refused):
    """Returns CPU microseconds for each answer, and answers for each second, of every round."""
    script(lua, requests)
    load(port, lua, WARM_SECONDS, refused)
    rows = []
    for _ in range(ROUNDS):
        before = program.cpu_seconds()
        answers = load(port, lua, ROUND_SECONDS, refused)
        rows.append(((program.cpu_seconds() - before) / answers * 1e6, answers / ROUND_SECONDS))
    return [statistics.median(column) for column in zip(*rows)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=Path, required=True, help="where the release build is")
    programs = parser.parse_args().programs
    with tempfile.TemporaryDirectory(prefix="mesh-bench-") as folder:
        scratch = Path(folder)
        with Local(scratch) as local, Emulator(local.port, scratch / "firestore.log") as emulator:
            rest, now = emulator.ready(), int(time.time())
            people = [(f"person-{n:04}", ROLES[n % len(ROLES)]) for n in range(PEOPLE)]
            for uid, role in people:
                person(rest, uid, role)
            port = free_port()
            environment = local.environment("https://firebase-proxy.mesh.internal") | {
                "PORT": f"{port}", "K_SERVICE": "firebase-proxy", "CORS_ORIGINS": "none",
                "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{emulator.port}",
                "FIREBASE_AUTH_EMULATOR_HOST": f"127.0.0.1:{free_port()}",
                "PUBSUB_EMULATOR_HOST": f"127.0.0.1:{free_port()}",
                "MESH_URL_IAM_CONTROL": f"http://127.0.0.1:{free_port()}"}
            headers = {uid: {"authorization": f"Bearer {token(uid, now)}"} for uid, _ in people}
            me = [Request("/api/v1/me", headers[uid], method="GET") for uid, _ in people]
            wrong = json.dumps({"control": "trading", "wanted": "halted", "reason": "x"}).encode()
            sent = {"content-type": "application/json"}
            refused = [Request("/api/v1/overrides", headers[uid] | sent, wrong)
                       for uid, role in people if role in ("operator", "owner")]
            command = [programs / "firebase-proxy"]
            with Program(command, environment, scratch / "firebase-proxy.log") as program:
                program.until(port, me[0].raw(), 200)
                program.until(port, refused[0].raw(), 422)
                print("| request | CPU \u00b5s each | answers per second, one core |\n|---|---:|---:|")
                for name, requests, refusals in (("`GET /api/v1/me`", me, False),
                                                 ("`POST /api/v1/overrides`, refused with 422", refused, True)):
                    cpu, rate = measure(port, program, requests, scratch / "load.lua", refusals)
                    print(f"| {name} | {cpu:.0f} | {rate:,.0f} |", flush=True)
                print(f"\n{PEOPLE} people, RSS {program.memory_mib()[0]:.0f} MiB")


if __name__ == "__main__":
    main()
