"""Starts the sandbox: `python -m schoolgate_sandbox --port 0 --schools 60 --seed 8201`.

Prints one line of JSON with the port when it listens.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import uvicorn

from schoolgate_sandbox.app import make_app
from schoolgate_sandbox.schools import SIZES
from schoolgate_sandbox.state import Options, Sandbox


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="schoolgate_sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--schools", type=int, default=60, help="how many schools")
    parser.add_argument("--seed", type=int, default=8201, help="the same seed gives the same data")
    parser.add_argument("--la", type=int, default=820, help="number of the authority")
    parser.add_argument("--today", type=date.fromisoformat, help="calendar day (default: the machine's)")
    parser.add_argument("--size", choices=sorted(SIZES), default="normal", help="size of the schools")
    parser.add_argument("--pupils", type=int, help="exact number of pupils of each school")
    parser.add_argument("--calls-per-second", type=float, default=5.0, help="throttle; 0 lifts it")
    parser.add_argument("--ready-file", type=Path, help="file to write the ready line to as well")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    """Listen until stopped."""
    given = read_options(arguments)
    sandbox = Sandbox(
        Options(
            schools=given.schools,
            seed=given.seed,
            la=given.la,
            today=given.today,
            size=given.size,
            pupils=given.pupils,
            calls_per_second=given.calls_per_second,
        )
    )
    # The protocol has to be named, or asyncio leaves Nagle's delay of 40 ms on small answers.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((given.host, given.port))
    config = uvicorn.Config(
        make_app(sandbox), log_level="warning", access_log=False, timeout_graceful_shutdown=1
    )
    AnnouncingServer(config, ready_file=given.ready_file).run(sockets=[listener])


class AnnouncingServer(uvicorn.Server):
    """A server that says on which port it listens as soon as it does."""

    def __init__(self, config: uvicorn.Config, *, ready_file: Path | None) -> None:
        super().__init__(config)
        self._ready_file = ready_file

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then announce it."""
        await super().startup(sockets)
        line = json.dumps({"port": sockets[0].getsockname()[1] if sockets else self.config.port})
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        if self._ready_file is not None:
            await asyncio.to_thread(_announce, self._ready_file, line)


def _announce(ready_file: Path, line: str) -> None:
    """Write the ready line at once, never half."""
    partial = ready_file.with_suffix(".partial")
    partial.write_text(line + "\n", encoding="utf-8")
    partial.replace(ready_file)


if __name__ == "__main__":
    main(sys.argv[1:])
