"""A vendor more is one folder, its place in the registry, one folder of tests and one page of the reference."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.architecture.source import CHECKOUT

from schoolgate.connectors.registry import CONNECTORS

SRC = CHECKOUT / "src"
READ = frozenset({".py", ".html", ".sql", ".toml"})
OTHER_NAMES = (r"sims[ _-]?id\b",)
"""Names of vendors' products beside those of the MIS."""


def names() -> re.Pattern[str]:
    """Any vendor's name, however it is written."""
    known = [*CONNECTORS, *(each.label.lower() for each in CONNECTORS.values())]
    written = [re.sub("[ _-]", "[ _-]?", each) for each in known]
    return re.compile("|".join([*written, *OTHER_NAMES]), re.IGNORECASE)


def named() -> dict[str, int]:
    """On how many lines each file outside the vendors' folders names one; the sandbox pretends to be them."""
    pattern, found = names(), {}
    folders = tuple(f"schoolgate/connectors/{mis}/" for mis in CONNECTORS)
    for path in sorted(SRC.rglob("*")):
        name = path.relative_to(SRC).as_posix()
        if (
            path.suffix not in READ
            or "migrations" in path.parts
            or name.startswith((*folders, "schoolgate_sandbox/"))
        ):
            continue
        lines = sum(bool(pattern.search(line)) for line in path.read_text(encoding="utf-8").splitlines())
        if lines:
            found[name] = lines
    return found


def folders_in(place: Path) -> set[str]:
    return {each.name for each in place.iterdir() if each.is_dir() and not each.name.startswith("__")}


def test_gives_every_vendor_a_folder_a_place_in_the_registry_tests_and_a_page():
    vendors = set(CONNECTORS)
    assert folders_in(SRC / "schoolgate/connectors") == vendors
    assert folders_in(CHECKOUT / "tests/contracts") == vendors
    assert {page.stem for page in (CHECKOUT / "docs/reference/connectors").glob("*.md")} == vendors


def test_opens_a_vendors_folder_in_one_line_of_the_registry():
    registry = (SRC / "schoolgate/connectors/registry.py").read_text(encoding="utf-8").splitlines()
    for mis in CONNECTORS:
        assert [line for line in registry if f"connectors.{mis}" in line] == [
            f"from schoolgate.connectors.{mis}.connector import {mis.upper()}"
        ]


def test_names_a_vendor_outside_its_folder_only_where_there_is_a_reason():
    entries = tomllib.loads((CHECKOUT / "tests/architecture/exemptions.toml").read_text())["vendors"]
    allowed = {name: lines for entry in entries for name, lines in entry["lines"].items()}
    assert all(entry["reason"].strip() for entry in entries)
    assert named() == allowed  # no line to spare, under which a new one could slip in


def test_lets_no_rule_reach_what_is_forbidden_through_a_neighbour():
    assert "allow_indirect_imports" not in (CHECKOUT / ".importlinter").read_text(encoding="utf-8")


def test_finds_a_vendors_name_however_it_is_written():
    for text in ("SIMS Primary", "sims_primary", "SimsPrimaryClient", "sims-primary-settings", "SIMS ID"):
        assert names().search(text), text
    for text in ("SIMS 7", "a primary school", "sims_idle"):
        assert not names().search(text), text
