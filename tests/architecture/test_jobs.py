"""A job is named where it is defined, and nowhere else: who wants it imports it, or asks by the run's stage."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from procrastinate.contrib.django import app
from tests.architecture.source import CHECKOUT, modules

OURS = frozenset(name for name in app.tasks if not name.startswith(("builtin:", "procrastinate.")))


def texts(path: Path) -> Iterator[str]:
    """Every text that stands in a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_names_a_job_in_its_own_rooms_jobs_alone():
    named = {
        (path.relative_to(CHECKOUT / "src" / "schoolgate").as_posix(), text)
        for path in modules()
        if path.is_relative_to(CHECKOUT / "src" / "schoolgate")
        for text in texts(path)
        if text in OURS
    }
    homes = {place for place, _ in named}
    assert len(OURS) >= 4
    assert {text for _, text in named} == OURS
    assert homes == {f"{place.split('/')[0]}/jobs.py" for place in homes}
    assert {(place, text) for place, text in named if not text.startswith(place.split("/")[0])} == {
        ("importing/jobs.py", "collecting.land_run")  # as it was called once; jobs may still wait so
    }
