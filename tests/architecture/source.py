"""The source as the architecture tests see it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("schoolgate", "schoolgate_message", "schoolgate_sandbox")

FLOORS: tuple[tuple[str, ...], ...] = (
    ("commands",),
    ("config",),
    ("console",),
    ("pages",),
    ("scheduling",),
    ("collecting", "receiving", "maintenance"),
    ("importing",),
    ("matching", "attendance", "blocks", "holding"),
    ("pupils",),
    ("files",),
    ("runs",),
    ("tasks",),
    ("bases",),
    ("accounts",),
    ("authority",),
    ("audit",),
    ("connectors",),
    ("codes",),
    ("lib",),
)
"""Top floor first, as in `.importlinter`; a test holds the two together."""


def modules() -> Iterator[Path]:
    """Every module of ours but migrations, which Django writes."""
    for package in PACKAGES:
        for path in sorted((CHECKOUT / "src" / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def name_of(path: Path) -> str:
    """A module's path below `src`, with slashes."""
    return path.relative_to(CHECKOUT / "src").as_posix()


def tree_of(path: Path) -> ast.Module:
    """What Python reads in a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def floor_of(room: str) -> int:
    """How high a room is; the roof is 0."""
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)
