"""A source that speaks otherwise: stands between the connector and the sandbox, and bends what it answers.

It is told what to change as functions on an answer's body, by a part of the address; it never leaves this
machine, and ends with the test.
"""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Bend = Callable[[bytes], bytes]
HOP_BY_HOP = frozenset({"host", "accept-encoding", "connection"})


@dataclass
class BentSource:
    """The address to call instead of the sandbox's, and what is bent."""

    url: str
    rules: list[tuple[str, Bend]] = field(default_factory=list)
    answers: list[tuple[str, int, dict[str, str], bytes]] = field(default_factory=list)

    def bend(self, path: str, change: Bend) -> None:
        """Change the body of every answer of an address that holds ``path``."""
        self.rules.append((path, change))

    def answer_once(
        self, path: str, *, status: int, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> None:
        """Answer the next call of such an address with this, and not with what the sandbox says."""
        self.answers.append((path, status, headers or {}, body))

    def straighten(self) -> None:
        """Bend nothing any more."""
        self.rules.clear()
        self.answers.clear()


@contextmanager
def bent(target: str) -> Iterator[BentSource]:
    """Stand before the sandbox at ``target`` (``http://127.0.0.1:8100``)."""
    to = urlsplit(target)
    source = BentSource(url="")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            sent = self.rfile.read(length) if length else None
            for number, (path, status, headers, body) in enumerate(source.answers):
                if path in self.path:
                    del source.answers[number]
                    self._say(status, headers, body)
                    return
            calls = http.client.HTTPConnection(to.hostname or "", to.port, timeout=60)
            passed = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            calls.request(self.command, self.path, sent, passed)
            answer = calls.getresponse()
            body = answer.read().replace(target.encode(), source.url.encode())
            for path, change in source.rules:
                if path in self.path:
                    body = change(body)
            kept = {name: answer.headers[name] for name in ("content-type", "date") if answer.headers[name]}
            self._say(answer.status, kept, body)
            calls.close()

        def do_POST(self) -> None:
            self.do_GET()

        def _say(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep still."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    source.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield source
    finally:
        server.shutdown()
        server.server_close()
