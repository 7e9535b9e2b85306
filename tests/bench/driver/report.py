"""The figures as Markdown."""

import os
import statistics
from dataclasses import dataclass

from .candidates import KINDS, NAMES

LABELS = {"request": "JSON over HTTP", "message": "Pub/Sub event", "document": "Firestore event"}
RUNTIMES = {"Mesh": "Mesh (Rust)", "Node": "Node functions-framework", "Python": "Python functions-framework"}
COLD_RATIO, CPU_RATIO, MEMORY_RATIO, FIRST_EVENT_MS = 15, 15, 5, 150


@dataclass
class Figures:
    """Everything that was measured."""

    cold: dict
    load: dict
    memory: dict
    connected: list
    cases: int
    machine: str
    versions: str


def median(values):
    return statistics.median(values)


def ninetieth(values):
    return statistics.quantiles(values, n=10, method="inclusive")[8]


def table(head, rows):
    lines = [f"| {' | '.join(head)} |", f"|---{'|---:' * (len(head) - 1)}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def times(value, base):
    return f"{value / base:.1f}×"


def cold_table(figures):
    def row(name):
        seconds, rss, pss = zip(*figures.cold[name])
        base = median(zip(*figures.cold["Mesh"]).__next__())
        return [RUNTIMES.get(name, f"`{name}` (to `/health`)"), f"{median(seconds) * 1e3:.1f}",
                f"{ninetieth(seconds) * 1e3:.1f}", times(median(seconds), base),
                f"{median(rss):.1f}", f"{median(pss):.1f}"]

    head = ["cold start", "median ms", "p90 ms", "against Mesh", "RSS MiB", "PSS MiB"]
    return table(head, map(row, figures.cold))


def load_table(figures):
    def row(kind, name):
        cpu = [seconds for seconds, _ in figures.load[kind, name]]
        rate = [rate for _, rate in figures.load[kind, name]]
        base = median([seconds for seconds, _ in figures.load[kind, "Mesh"]])
        return [f"{LABELS[kind]}, {RUNTIMES[name]}", f"{median(cpu) * 1e6:.1f}", times(median(cpu), base),
                f"{1 / median(cpu):,.0f}", f"{median(rate):,.0f}",
                f"{figures.memory[kind, name][0]:.0f}", f"{figures.memory[kind, name][1]:.0f}"]

    head = ["under load", "CPU µs each", "against Mesh", "per core-second", "per second, seen",
            "RSS MiB", "PSS MiB"]
    return table(head, [row(kind, name) for kind in KINDS for name in NAMES])


def connected_table(figures):
    first, emulator, second = ([1e3 * row[index] for row in figures.connected] for index in range(3))
    over = {"the emulator's own time": [a - b for a, b in zip(first, emulator)],
            "a second event": [a - b for a, b in zip(first, second)]}
    rows = [["process start to the first handled event", first],
            ["the emulator's own time: the same reads and writes over REST", emulator],
            ["a second event in the same process", second],
            *([f"**over {words}**", of] for words, of in over.items())]
    # REST through the emulator is slower than gRPC, so the stricter of the two counts.
    return table(["audit-engine with Firestore", "median ms", "p90 ms"],
                 [[words, f"{median(of):.1f}", f"{ninetieth(of):.1f}"] for words, of in rows]), max(map(median, over.values()))


def targets(figures, over):
    """Each target, what was measured, and whether it holds."""
    rows = []

    def ratio(words, peer, mesh, target):
        measured = peer / mesh
        rows.append([words, f"{target}×", f"{measured:.1f}×", "met" if measured >= target else "**missed**"])

    cold = {name: [median(column) for column in zip(*figures.cold[name])] for name in NAMES}
    cpu = {key: median([seconds for seconds, _ in rounds]) for key, rounds in figures.load.items()}
    for peer in NAMES[1:]:
        ratio(f"cold start, {peer} to Mesh", cold[peer][0], cold["Mesh"][0], COLD_RATIO)
    for kind in KINDS:
        for peer in NAMES[1:]:
            ratio(f"CPU for each {LABELS[kind]}, {peer} to Mesh", cpu[kind, peer], cpu[kind, "Mesh"], CPU_RATIO)
    for peer in NAMES[1:]:
        ratio(f"RSS after the first answer, {peer} to Mesh", cold[peer][1], cold["Mesh"][1], MEMORY_RATIO)
    for peer in NAMES[1:]:
        worst = min(KINDS, key=lambda kind: figures.memory[kind, peer][0] / figures.memory[kind, "Mesh"][0])
        ratio(f"RSS after load ({LABELS[worst]}), {peer} to Mesh",
              figures.memory[worst, peer][0], figures.memory[worst, "Mesh"][0], MEMORY_RATIO)
    rows.append(["first event with Firestore, over the faster of its two baselines", f"≤ {FIRST_EVENT_MS} ms", f"{over:.0f} ms",
                 "met" if over <= FIRST_EVENT_MS else "**missed**"])
    return table(["target", "at least", "measured", ""], rows)


def markdown(figures):
    connected, over = connected_table(figures)
    return "\n\n".join([
        f"{figures.machine} {figures.versions}", targets(figures, over), cold_table(figures),
        load_table(figures), connected,
        f"Before timing, all three answered {figures.cases} bodies, good, bad and broken, with the same status.",
    ])


def machine(loads):
    """The machine, without its name."""
    model = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 "a processor that does not say its name")
    quietest, busiest = min(loads), max(loads)
    return (f"Measured on {os.cpu_count()} cores ({model}), server on one and driver on the other; "
            f"load average during the run {quietest:.1f} to {busiest:.1f}.")
