"""Processes: started on a core of their own, measured as a whole, always ended."""

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager

SERVER_CORE, DRIVER_CORE = (sorted(os.sched_getaffinity(0)) * 2)[:2]
CORES = len(os.sched_getaffinity(0))
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
POLL_SECONDS = 0.0005
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 10


@contextmanager
def on_core(core):
    """Children that are started meanwhile stay on this core; no extra program is run for it."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, request, seconds=START_SECONDS_MAX):
    """Sends a request on a new connection; returns the status, or None if nobody answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), seconds) as connection:
            connection.sendall(request)
            reply = connection.recv(65536)
    except (ConnectionRefusedError, ConnectionResetError):
        return None
    return int(reply.split(b" ", 2)[1]) if reply else None


class Program:
    """A running program and its children. Ends with its `with` block, come what may."""

    def __init__(self, command, environment, log, core=SERVER_CORE):
        self.command = [str(part) for part in command]
        self.log = log
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with open(log, "wb") as errors, on_core(core):
            self.started = time.perf_counter()
            self.process = subprocess.Popen(
                self.command, env=inherited | environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for kind, seconds in ((signal.SIGTERM, STOP_SECONDS_MAX), (signal.SIGKILL, STOP_SECONDS_MAX)):
            deadline = time.monotonic() + seconds
            while self.pids() and time.monotonic() < deadline:
                try:
                    os.killpg(self.process.pid, kind)
                except ProcessLookupError:
                    break
                self._wait(0.2)
        self._wait(STOP_SECONDS_MAX)

    def _wait(self, seconds):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def until(self, port, request, status):
        """Asks every half millisecond until the answer is `status`; returns seconds since the start."""
        answer = None
        while time.perf_counter() - self.started < START_SECONDS_MAX:
            answer = ask(port, request)
            if answer == status:
                return time.perf_counter() - self.started
            if self.process.poll() is not None:
                break
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"{self.command[0]} answers {answer} instead of {status}; see {self.log}")

    def pids(self):
        """The whole tree: whoever is in the process group that the program leads."""
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            stat = _read(f"/proc/{name}/stat").rpartition(")")[2].split()
            if len(stat) > 2 and stat[2] == str(self.process.pid) and stat[0] != "Z":
                found.append(name)
        return found

    def cpu_seconds(self):
        """User and system time of the tree so far."""
        stats = (_read(f"/proc/{pid}/stat").rpartition(")")[2].split() for pid in self.pids())
        return sum(int(stat[11]) + int(stat[12]) for stat in stats if stat) / TICKS_PER_SECOND

    def memory_mib(self):
        """Resident memory of the tree: the sum, and the sum with shared pages counted once."""
        lines = [line.split() for pid in self.pids()
                 for line in _read(f"/proc/{pid}/smaps_rollup").splitlines()[1:]]
        kib = lambda kind: sum(int(line[1]) for line in lines if line[0] == kind)
        return kib("Rss:") / 1024, kib("Pss:") / 1024


def _read(path):
    try:
        with open(path) as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return ""
