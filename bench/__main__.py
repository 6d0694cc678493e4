"""Measures every target, each in a process of its own, and writes the page of results.

`python -m bench` measures all of them and writes docs/reference/performance.md; with names behind it
(`python -m bench marks throttle`) it measures only these, prints them, and writes nothing.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

from bench.findings import Finding
from bench.installation import open_installation
from bench.report import page, told

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = CHECKOUT / "docs" / "reference" / "performance.md"
LIMIT_SECONDS = 480
PATIENCE_SECONDS = 60

BENCHES = {
    "nothing_changed": True,
    "first_snapshot": True,
    "throttle": False,
    "marks": True,
    "memory": False,
    "pages": True,
}
"""Each target's module, and whether it works inside an installation of this process."""


class TookTooLong(Exception):
    """A benchmark did not end in its time."""


def main(arguments: list[str]) -> int:
    """Measure what is asked for; the exit code is 1 where a benchmark broke, not where a target is missed."""
    if arguments[:1] == ["--into"]:
        Path(arguments[1]).write_text(json.dumps(_measured(arguments[2]).as_dict()), encoding="utf-8")
        return 0
    unknown = set(arguments) - BENCHES.keys()
    if unknown:
        print(
            f"No such benchmark: {', '.join(sorted(unknown))}. There are {', '.join(BENCHES)}.",
            file=sys.stderr,
        )
        return 2
    found = [_in_own_process(name) for name in arguments or BENCHES]
    measured = [each for each in found if each is not None]
    if len(measured) == len(BENCHES):
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page(measured), encoding="utf-8")
        print(f"Written: {PAGE.relative_to(CHECKOUT)}")
    return 0 if len(measured) == len(found) else 1


def _measured(name: str) -> Finding:
    """Measure in this process; the alarm lets everything that was started be ended in order."""
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(LIMIT_SECONDS)
    with open_installation() if BENCHES[name] else contextlib.nullcontext():
        finding = importlib.import_module(f"bench.{name}").measure()
    assert isinstance(finding, Finding)
    return finding


def _give_up(_number: int, _frame: FrameType | None) -> None:
    raise TookTooLong(f"not done after {LIMIT_SECONDS} s")


def _in_own_process(name: str) -> Finding | None:
    print(f"{name} …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "finding.json"
        command = [sys.executable, "-m", "bench", "--into", str(answer), name]
        done = subprocess.run(command, cwd=CHECKOUT, timeout=LIMIT_SECONDS + PATIENCE_SECONDS, check=False)
        if done.returncode != 0:
            print(f"{name} broke.", file=sys.stderr)
            return None
        finding = Finding.from_dict(json.loads(answer.read_text(encoding="utf-8")))
    print(told(finding), flush=True)
    return finding


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
