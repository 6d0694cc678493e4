"""A sandbox process of a test's own, and credentials for its schools."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

import msgspec

from schoolgate.connectors.sims_primary.connection import SimsPrimaryConnection


@dataclass
class Sandbox:
    """A running sandbox."""

    url: str
    process: subprocess.Popen[bytes]

    def control(self, path: str, body: object | None = None, *, method: str | None = None) -> Any:
        """Ask or tell the control endpoint something."""
        data = None if body is None else json.dumps(body).encode()
        verb = method or ("GET" if body is None else "POST")
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self.url}/control{path}", data=data, method=verb, headers=headers)
        with urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def schools(self) -> list[dict[str, Any]]:
        """The schools it pretends to be."""
        found: list[dict[str, Any]] = self.control("/schools")
        return found

    def credentials(self, school: dict[str, Any], **other: Any) -> SimsPrimaryConnection:
        """A school's connection."""
        values = {
            "client_id": school["client_id"],
            "secret": school["client_secret"],
            "subscription_key": school["subscription_key"],
            "organisation_id": school["organisation_id"],
            "token_url": f"{self.url}/sts/connect/token",
            "api_url": f"{self.url}/ssli01",
        }
        return SimsPrimaryConnection(**{**values, **other})

    def fault(self, kind: str, **more: Any) -> None:
        """Let something go wrong."""
        self.control("/faults", {"kind": kind, **more})

    def heal(self) -> None:
        """Nothing goes wrong any more, and every setting is as it was."""
        self.control("/faults", method="DELETE")


def settings_of(given: SimsPrimaryConnection) -> dict[str, str]:
    """A school's connection as an administrator types it."""
    told = msgspec.structs.asdict(given)
    del told["version"]
    return told


@contextlib.contextmanager
def running(*, schools: int = 2, pupils: int = 40, calls_per_second: int = 1000) -> Iterator[Sandbox]:
    """A sandbox that ends with the block."""
    command = [
        sys.executable,
        "-m",
        "schoolgate_sandbox",
        "--port",
        "0",
        "--seed",
        "8201",
        "--today",
        "2026-11-23",
    ]
    command += [
        "--schools",
        str(schools),
        "--pupils",
        str(pupils),
        "--calls-per-second",
        str(calls_per_second),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            yield Sandbox(url=f"http://127.0.0.1:{ready['port']}", process=process)
        finally:
            process.kill()
            process.wait(timeout=10)
