"""Runs other ``schoolgate`` commands as processes of their own, and ends with them.

Each long-running child writes to a log file of its own and leads a process group, so that ending it
ends what it started too, and Ctrl-C in the terminal reaches only the parent, which ends them in order.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

COMMAND = (sys.executable, "-m", "schoolgate.commands.main")
PATIENCE_SECONDS = 15.0
_PR_SET_PDEATHSIG = 1


class CommandFailedError(Exception):
    """A child did not do its work; ``detail`` says where to look."""

    def __init__(self, sentence: str, detail: str) -> None:
        """Say in one sentence what failed, and where the detail is."""
        super().__init__(sentence)
        self.sentence = sentence
        self.detail = detail


@dataclass(frozen=True)
class Answer:
    """What a finished child printed on standard output, and its exit code."""

    output: str
    code: int


class ChildProcesses:
    """The children of one command; leaving the ``with`` block ends them."""

    def __init__(self, logs: Path) -> None:
        """Keep the children's logs in the folder ``logs``."""
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        """Begin with no children."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every child, whatever happened."""
        self.end_all()

    def start(self, name: str, *arguments: str) -> None:
        """Start a long-running command; its output goes to ``<name>.log``."""
        with self._log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own commands, no shell
                [*COMMAND, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - the parent has no threads of its own
            )

    def wait_for(self, name: str, is_ready: Callable[[], bool], *, seconds: float) -> None:
        """Return once a child is ready; refuses when it ends or takes too long."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if self._running[name].poll() is not None or time.monotonic() > deadline:
                raise CommandFailedError(f"{name} did not start.", f"Its log: {self._log(name)}")
            time.sleep(0.05)

    def run(self, *arguments: str) -> None:
        """Run a short command to its end, out of sight; refuses when it fails."""
        done = _finished(arguments)
        if done.returncode:
            detail = (done.stderr or done.stdout).strip()
            raise CommandFailedError(f"schoolgate {arguments[0]} failed.", detail)

    def show(self, *arguments: str) -> int:
        """Run a command in sight of the person, progress and all; returns its exit code."""
        return subprocess.run([*COMMAND, *arguments], check=False).returncode  # noqa: S603 - our own

    def answer(self, *arguments: str) -> Answer:
        """Run a command and take what it prints; refuses when it printed nothing."""
        done = _finished(arguments)
        if not done.stdout.strip():
            raise CommandFailedError(f"schoolgate {arguments[0]} failed.", done.stderr.strip())
        return Answer(done.stdout, done.returncode)

    def end_all(self) -> None:
        """End the children, the last started first: politely, then for good."""
        for name in reversed(list(self._running)):
            process = self._running.pop(name)
            _signal_group(process, signal.SIGTERM)
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"


def _finished(arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _end_with_parent() -> None:
    """In the new child: ask Linux to end it when the parent dies, even by ``kill -9``."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
