"""Collecting from the sandbox happens on the sandbox's day, whenever the tests are run."""

from __future__ import annotations

import pytest
from tests import cast


@pytest.fixture(autouse=True)
def _on_the_casts_day(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.set_clock(monkeypatch)
