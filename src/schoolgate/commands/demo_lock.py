"""One demo at a time in a data folder: a lock the kernel lets go of however the demo ends."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


class DemoRunsError(Exception):
    """A demo is running in this data folder already."""

    sentence = "A demo is running in this data folder already."
    remedy = "Stop it first (Ctrl-C where it was started), or set SCHOOLGATE_DATA_DIR to another folder."


@contextlib.contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Hold the data folder's demo for the length of the block; raises DemoRunsError when somebody does."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "demo.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoRunsError from None
        yield
