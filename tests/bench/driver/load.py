"""Requests, and wrk to send many of them."""

import subprocess
from dataclasses import dataclass

from .machine import DRIVER_CORE, on_core

CONNECTIONS = 32
EXTRA_SECONDS_MAX = 30


@dataclass
class Request:
    """One request, the same bytes for every candidate."""

    path: str
    headers: dict
    body: bytes = b""
    method: str = "POST"

    def raw(self):
        lines = {"host": "localhost", "connection": "close", "content-length": len(self.body)} | self.headers
        head = "".join(f"{name}: {text}\r\n" for name, text in lines.items())
        return f"{self.method} {self.path} HTTP/1.1\r\n{head}\r\n".encode() + self.body

    def lua(self):
        headers = ", ".join(f"[{_lua(name)}] = {_lua(text)}" for name, text in self.headers.items())
        return f'requests[#requests + 1] = wrk.format({_lua(self.method)}, {_lua(self.path)}, {{{headers}}}, {_lua(self.body)})'


def _lua(data):
    data = data.encode() if isinstance(data, str) else data
    return '"' + "".join(f"\\{byte:03}" for byte in data) + '"'


def script(file, requests):
    """Writes a script that sends the requests in turn and counts what came back."""
    file.write_text("\n".join([
        "local requests, turn = {}, 0",
        "function init() ", *(request.lua() for request in requests), "end",
        "function request() turn = turn % #requests + 1; return requests[turn] end",
        "function done(summary)",
        "  local e = summary.errors",
        '  io.write(string.format("%d %d\\n", summary.requests, e.connect + e.read + e.write + e.status + e.timeout))',
        "end",
    ]))
    return file


def load(port, lua, seconds, refused=False):
    """Sends as much as one core can; returns the number of answers, which are all good, or all refusals."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", lua, f"http://127.0.0.1:{port}"]
    with on_core(DRIVER_CORE):
        done = subprocess.run(command, check=True, capture_output=True, text=True,
                              timeout=seconds + EXTRA_SECONDS_MAX)
    answered, failed = map(int, done.stdout.split()[-2:])
    if failed != (answered if refused else 0) or not answered:
        raise RuntimeError(f"{failed} of {answered} requests failed: the round does not count")
    return answered
