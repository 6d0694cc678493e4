"""The keys of a demo: made once, kept in its data folder, readable by its owner only."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
from pathlib import Path

from schoolgate.config import environment


def key_for(name: str, *, data_dir: Path, is_demo: bool) -> str:
    """The secret `name` as given from outside or, in a demo only, from the data folder, made if absent."""
    given = environment.read(name)
    if given or not is_demo:
        return given or environment.require(name)
    return _kept_or_made(data_dir / "demo-keys" / name.lower(), name=name)


def _kept_or_made(path: Path, *, name: str) -> str:
    """Several processes may start at once: the first to link the finished file into place wins."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(_made(name), encoding="utf-8")
        # Where another process was first, its key is as good as ours.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text(encoding="utf-8").strip()


def _made(name: str) -> str:
    if name == "SCHOOLGATE_ENCRYPTION_KEYS":
        return "demo:" + base64.b64encode(secrets.token_bytes(32)).decode("ascii")
    return secrets.token_urlsafe(64)
