"""Who is measured, and what each is sent."""

from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path

from . import orders
from .load import Request
from .local import PROJECT, Local
from .machine import Program, free_port

NAMES = ("Mesh", "Node", "Python")
# What a handler is called by, and the path of Mesh's trigger; the peers take any path.
KINDS = {"request": "/order", "message": "/events/order-placed", "document": "/events/order-written"}
EVENT_SECONDS_MAX = 10
AUDIENCE = "https://{}.mesh.internal"
# What the manifests of the functions that are measured declare; the keys are of RFC 8032's tests.
MANIFESTS = {
    "CHECK_TIMEOUT_SECONDS": "10", "CHECK_PRIVATE_RANGES": "none",
    "ASSET_SCOPE": "project", "AUDIT_CONTROLS": "none", "AUDIT_SUBJECT_SECRET": "5" * 64,
    "AUDIT_SIGNING_KEY": "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "WITNESS_PUBLIC_KEY": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "MESH_URL_AUDIT_WITNESS": "http://127.0.0.1:9",
}


def accepted(name, kind):
    """The answer to a good request; Python's framework says 200 to an event where others say 204."""
    return 200 if kind == "request" or name == "Python" else 204


@dataclass
class Setup:
    """Where everything is."""

    scratch: Path
    peers: Path
    programs: Path
    local: Local

    def function(self, name, port, firestore=None):
        """Starts a function of Mesh, as the local stack does; without Firestore nobody is there."""
        nobody = f"127.0.0.1:{firestore or free_port()}"
        environment = self.local.environment(AUDIENCE.format(name)) | {
            "PORT": f"{port}", "K_SERVICE": name, "FIRESTORE_EMULATOR_HOST": nobody,
            "PUBSUB_EMULATOR_HOST": f"127.0.0.1:{free_port()}", **MANIFESTS}
        return Program([self.programs / name], environment, self.scratch / f"{name}.log")

    def start(self, name, kind, port, firestore=None):
        """Starts one candidate; Mesh's one program has the handlers of all kinds."""
        if name == "Mesh":
            return self.function("bench-echo", port, firestore)
        log = self.scratch / f"{name.lower()}-{kind}.log"
        common = [f"--target={kind}", f"--port={port}"]
        if name == "Node":
            folder = self.peers / "node"
            environment = {"NODE_ENV": "production", "NODE_OPTIONS": f"--require={folder}/loopback.js"}
            command = [folder / "node_modules/.bin/functions-framework", f"--source={folder}/{kind}.js"]
        else:
            folder, environment = self.peers / "python", {}
            command = [folder / "venv/bin/functions-framework", f"--source={folder}/{kind}.py", "--host=127.0.0.1"]
        return Program([*command, *common], environment, log)

    def request(self, kind, headers, body, age_seconds=0):
        """A request with the token that Mesh asks for; the peers ignore it."""
        token = self.local.token(AUDIENCE.format("bench-echo"), age_seconds)
        return Request(KINDS[kind], headers | {"authorization": f"Bearer {token}"}, body)

    def requests(self, kind, rest=None):
        """The good requests of one kind, each with a token of its own."""
        made = []
        for number, order in enumerate(orders.good()):
            if kind == "request":
                headers, body = {"content-type": "application/json"}, orders.dumps(order)
            elif kind == "message":
                headers, body = orders.pushed(order, number)
            else:
                headers, body = self.written(rest, f"orders/{order['id']}", order)
            made.append(self.request(kind, headers, body, age_seconds=number))
        return made

    def written(self, rest, path, plain):
        """Writes a document and returns the event that the emulator makes of it.

        The emulator wraps the body in Base64, which Eventarc does not.
        """
        rest.write(path, plain)
        while True:
            headers, body = self.local.events.get(timeout=EVENT_SECONDS_MAX)
            headers = {name.lower(): text for name, text in headers.items()}
            if headers["ce-document"] == path:
                kept = ("ce-", "content-type")
                return {name: text for name, text in headers.items() if name.startswith(kept)}, b64decode(body)
