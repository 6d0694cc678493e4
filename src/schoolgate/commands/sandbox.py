"""`schoolgate sandbox`: starts the pretend SIMS ID and SIMS Primary, a program of its own.

It is never imported: a pretend source that shared our code would agree with us by construction.
"""

from __future__ import annotations

import os
import sys

import typer


def sandbox(context: typer.Context) -> None:
    """Become the sandbox; every option is its own."""
    os.execv(sys.executable, [sys.executable, "-m", "schoolgate_sandbox", *context.args])  # noqa: S606
