"""Every address says who may open it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

OPEN_TO_ANYBODY = {"health"}
SIGNING_IN = "allauth."


def routes(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        else:
            yield path, pattern


def test_declares_a_right_for_every_route():
    open_doors = [
        path
        for path, pattern in routes()
        if not pattern.callback.__module__.startswith(SIGNING_IN)
        and pattern.name not in OPEN_TO_ANYBODY
        and not getattr(pattern.callback, "right", "")
    ]
    assert not open_doors


def test_gives_every_route_a_name_of_its_own():
    names = [
        pattern.name for _, pattern in routes() if not pattern.callback.__module__.startswith(SIGNING_IN)
    ]
    assert all(names)
    assert len(names) == len(set(names))
