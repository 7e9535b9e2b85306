"""Firestore: the real emulator, spoken to over REST on one warm connection."""

import http.client
import json
import os
from pathlib import Path

from .local import PROJECT
from .machine import DRIVER_CORE, Program, free_port

CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
# Where the package `google-cloud-cli-firestore-emulator` puts it.
JAR = "/usr/lib/google-cloud-sdk/platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"
REQUEST_SECONDS = 30


def value(plain):
    """A plain value as Firestore's REST API spells it."""
    match plain:
        case None: return {"nullValue": None}
        case bool(): return {"booleanValue": plain}
        case int(): return {"integerValue": str(plain)}
        case str(): return {"stringValue": plain}
        case list(): return {"arrayValue": {"values": [value(inner) for inner in plain]}}
        case dict(): return {"mapValue": {"fields": fields(plain)}}


def fields(plain):
    return {name: value(inner) for name, inner in plain.items()}


class Rest:
    """One warm connection to a Firestore emulator."""

    def __init__(self, port, project=PROJECT):
        self.root = f"projects/{project}/databases/(default)/documents"
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=REQUEST_SECONDS)

    def call(self, method, path, body=None):
        headers = {"authorization": "Bearer owner", "content-type": "application/json"}
        self.connection.request(method, path, body and json.dumps(body), headers)
        reply = self.connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"Firestore answers {reply.status} to {method} {path}: {text[:300]}")
        return json.loads(text)

    def write(self, path, plain):
        return self.call("PATCH", f"/v1/{self.root}/{path}", {"fields": fields(plain)})

    def delete(self, path):
        self.call("DELETE", f"/v1/{self.root}/{path}")

    def where(self, collection, field, text):
        """Returns the documents of a collection whose field holds a text."""
        condition = {"field": {"fieldPath": field}, "op": "EQUAL", "value": value(text)}
        query = {"from": [{"collectionId": collection}], "where": {"fieldFilter": condition}}
        answer = self.call("POST", f"/v1/{self.root}:runQuery", {"structuredQuery": query})
        return [row["document"] for row in answer if "document" in row]

    def count(self, collection):
        return len(self.call("GET", f"/v1/{self.root}/{collection}?pageSize=300").get("documents", []))

    def transact(self, reads, writes):
        """Reads documents, one request for each group, and writes others, in one transaction."""
        name = lambda path: f"{self.root}/{path}"
        begun = self.call("POST", f"/v1/{self.root}:beginTransaction", {"options": {"readWrite": {}}})
        for group in reads:
            wanted = {"documents": list(map(name, group)), "transaction": begun["transaction"]}
            self.call("POST", f"/v1/{self.root}:batchGet", wanted)
        updates = [{"update": {"name": name(path), "fields": fields(plain)}} for path, plain in writes.items()]
        commit = {"writes": updates, "transaction": begun["transaction"]}
        self.call("POST", f"/v1/{self.root}:commit", commit)


class Emulator(Program):
    """The emulator, posting every change to whoever receives events."""

    def __init__(self, events_port, log):
        jar = Path(os.environ.get("FIRESTORE_EMULATOR_JAR", JAR))
        if not jar.is_file():
            raise SystemExit("there is no Firestore emulator; run emulator/install "
                             "or set FIRESTORE_EMULATOR_JAR")
        self.port = free_port()
        command = ["java", "-Xmx512m", "-Duser.language=en", "-cp", jar, CLASS, "--host", "127.0.0.1",
                   "--port", self.port, "--websocket_port", free_port(),
                   "--functions_emulator", f"127.0.0.1:{events_port}",
                   "--project_id", PROJECT, "--single_project_mode"]
        super().__init__(command, {}, log, core=DRIVER_CORE)

    def ready(self):
        """Waits until it serves, asks it for events, and returns a connection."""
        self.until(self.port, b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", 200)
        rest = Rest(self.port)
        rest.call("POST", f"/emulator/v1/projects/{PROJECT}/eventarcTrigger?eventarcTriggerId=bench", {
            "eventType": "google.cloud.firestore.document.v1.written",
            "database": "(default)", "namespace": "(default)",
            "document": {"value": "**", "matchType": "PATH_PATTERN"}})
        return rest
