"""The measurements, one function each. Candidates take turns, so that noise meets all of them."""

import time
from contextlib import ExitStack

from . import orders
from .candidates import AUDIENCE, KINDS, NAMES, accepted
from .estate import FINDINGS_EACH, bucket
from .load import Request, load, script
from .machine import ask, free_port

WARM_SECONDS = 1
ROUND_SECONDS = 2
HEALTH = b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"


def agree(setup, rest, firestore, say):
    """Makes sure that all candidates accept and refuse the same, before anything is timed."""
    say("checks that all candidates accept and refuse the same")
    cases = [(setup.request("request", {"content-type": "application/json"}, body), statuses)
             for body, statuses in orders.cases()]
    bad = orders.good()[0] | {"items": []}
    events = {"message": orders.pushed(bad, "bad"), "document": setup.written(rest, "orders/bad", bad)}
    for name in NAMES:
        for kind in KINDS:
            port, good = free_port(), setup.requests(kind, rest)
            given = [(request, {accepted(name, kind)}) for request in good]
            if kind == "request":
                given += cases
            else:
                # Mesh keeps an event that cannot be processed, and has then done with it.
                given.append((setup.request(kind, *events[kind]), {204 if name == "Mesh" else 500}))
            with setup.start(name, kind, port, firestore) as program:
                program.until(port, good[0].raw(), accepted(name, kind))
                for request, statuses in given:
                    answer = ask(port, request.raw())
                    if answer not in statuses:
                        raise RuntimeError(f"{name} answers {answer} instead of {statuses} to {request.body}")
    letters = rest.count("dead_letters")
    if letters != len(events):
        raise RuntimeError(f"Mesh kept {letters} of {len(events)} events that nobody can process")
    return len(cases)


def cold(starts, rounds, say):
    """Starts each program anew in each round; returns its seconds to the first answer, and its memory."""
    taken = {name: [] for name in starts}
    for turn in range(rounds):
        say(f"cold start, round {turn + 1} of {rounds}")
        for name, (start, request, status) in starts.items():
            port = free_port()
            with start(port) as program:
                seconds = program.until(port, request, status)
                taken[name].append((seconds, *program.memory_mib()))
    return taken


def cold_starts(setup, requests, rounds, say):
    """The candidates to their first JSON answer, and Mesh's own functions to `/health`."""
    first = requests["request"][0].raw()
    starts = {name: (lambda port, name=name: setup.start(name, "request", port), first, 200) for name in NAMES}
    for function in ("audit-engine", "destine-root"):
        starts[function] = (lambda port, function=function: setup.function(function, port), HEALTH, 200)
    return cold(starts, rounds, say)


def throughput(setup, requests, rounds, say):
    """Loads each candidate in turn; returns CPU seconds and answers of each round, and memory at the end."""
    rows, memory = {}, {}
    for kind in KINDS:
        lua = script(setup.scratch / f"{kind}.lua", requests[kind])
        with ExitStack() as programs:
            ports = {name: free_port() for name in NAMES}
            running = {name: programs.enter_context(setup.start(name, kind, ports[name])) for name in NAMES}
            for name, program in running.items():
                program.until(ports[name], requests[kind][0].raw(), accepted(name, kind))
                load(ports[name], lua, WARM_SECONDS)
            for turn in range(rounds):
                say(f"load with {kind}s, round {turn + 1} of {rounds}")
                for name, program in running.items():
                    before = program.cpu_seconds()
                    answers = load(ports[name], lua, ROUND_SECONDS)
                    used = program.cpu_seconds() - before
                    rows.setdefault((kind, name), []).append((used / answers, answers / ROUND_SECONDS))
            memory |= {(kind, name): program.memory_mib() for name, program in running.items()}
    return rows, memory


def connected(setup, rest, firestore, rounds, warm, say):
    """The audit-engine from its start to its first handled event, on the Firestore emulator.

    Each round takes three times: the emulator's own for the same reads and writes,
    the new process's to its first handled event, and the same process's for a second one.
    """
    taken = []
    for turn in range(warm + rounds):
        say(f"first event with Firestore, round {turn + 1 - warm} of {rounds}" if turn >= warm else
            "warms the emulator up")
        _, first = _asset(setup, rest, f"{turn}-first")
        _, second = _asset(setup, rest, f"{turn}-second")
        own, _ = _asset(setup, rest, f"{turn}-own")
        started = time.perf_counter()
        _same_work(rest, own, turn)
        emulator = time.perf_counter() - started
        port = free_port()
        with setup.function("audit-engine", port, firestore) as program:
            to_first = program.until(port, first.raw(), 204)
            started = time.perf_counter()
            answer = ask(port, second.raw())
            to_second = time.perf_counter() - started
        if answer != 204:
            raise RuntimeError(f"the audit-engine answers {answer} to its second event")
        if turn >= warm:
            taken.append((to_first, emulator, to_second))
    opened = rest.count("findings")
    if opened < FINDINGS_EACH * rounds:
        raise RuntimeError(f"the audit-engine opened {opened} findings, which is too few")
    return taken


def _asset(setup, rest, name):
    """Writes an asset; returns its path and the delivery of its event."""
    path, asset = bucket(f"bench-{name}")
    headers, body = setup.written(rest, path, asset)
    token = setup.local.token(AUDIENCE.format("audit-engine"))
    return path, Request("/events/estate-changed", headers | {"authorization": f"Bearer {token}"}, body)


def _same_work(rest, asset, turn):
    """What the engine asks of Firestore for such an asset, in the same order."""
    findings = [f"findings/own-{turn}-{number}" for number in (1, 2)]
    ledger = f"deliveries/own-{turn}"
    rest.where("findings", "asset", asset.partition("/")[2])
    finding = {"control": "GCS-01", "title": "Buckets are not public", "asset": asset, "state": "open",
               "evidence": "public access prevention is `inherited`", "last_seen": "2026-11-23T01:02:03Z"}
    record = {"actor": "service:audit-engine", "action": "finding.opened", "target": findings[0],
              "after": "0" * 64, "reason": finding["evidence"], "time": finding["last_seen"]}
    writes = {path: finding for path in findings}
    writes |= {f"journal/own-{turn}-{number}": record for number in (1, 2)} | {ledger: record}
    rest.transact([[ledger], [asset], findings, findings[:1], findings[1:]], writes)
