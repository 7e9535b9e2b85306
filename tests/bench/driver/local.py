"""What stands in for Google on this machine: an issuer of tokens, and a receiver of events."""

import base64
import json
import queue
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PROJECT = "demo-bench"
INVOKER = f"mesh-invoker@{PROJECT}.iam.gserviceaccount.com"
TOKEN_SECONDS = 3600


def _base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Local:
    """Serves the public key, signs tokens with the other one, keeps events that are posted."""

    def __init__(self, folder):
        self.key = folder / "issuer.pem"
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True, capture_output=True)
        modulus = self._openssl("rsa", "-in", self.key, "-noout", "-modulus").decode().partition("=")[2]
        self.jwks = json.dumps({"keys": [{
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "bench",
            "n": _base64url(bytes.fromhex(modulus.strip())), "e": "AQAB"}]}).encode()
        self.events = queue.Queue()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self.server.server_port
        self.issuer = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def token(self, audience, age_seconds=0):
        """A token as Google's transports carry it; one of another age is another token."""
        issued = int(time.time()) - age_seconds
        claims = {"iss": self.issuer, "aud": audience, "sub": "1", "email": INVOKER,
                  "email_verified": True, "iat": issued, "exp": issued + TOKEN_SECONDS}
        header = {"alg": "RS256", "kid": "bench", "typ": "JWT"}
        message = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        signature = self._openssl("dgst", "-sha256", "-sign", self.key, given=message.encode())
        return f"{message}.{_base64url(signature)}"

    def environment(self, audience):
        """The environment of a function that trusts this issuer and one busy caller."""
        plenty = "1000000"
        return {"GOOGLE_CLOUD_PROJECT": PROJECT, "MESH_ISSUER": self.issuer,
                "MESH_AUDIENCE": audience, "MESH_INVOKERS": INVOKER,
                "MESH_RATE_PER_SECOND": plenty, "MESH_RATE_BURST": plenty}

    @staticmethod
    def _openssl(*arguments, given=None):
        return subprocess.run(["openssl", *arguments], input=given, check=True, capture_output=True).stdout

    def _handler(local):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body are two writes; the second must not wait for an acknowledgement.
            disable_nagle_algorithm = True

            def do_GET(self):
                self.answer(local.jwks if self.path == "/.well-known/jwks.json" else b"{}")

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                local.events.put((dict(self.headers), body))
                self.answer(b"{}")

            def answer(self, body):
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
