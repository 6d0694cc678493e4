"""`schoolgate migrate`: brings the database to this release; safe to repeat."""

from __future__ import annotations

from typing import Annotated

import typer
from django.core.management import call_command


def migrate(
    *, quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing when all goes well.")] = False
) -> None:
    """Bring the database to this release."""
    call_command("migrate", interactive=False, verbosity=0 if quiet else 1)
