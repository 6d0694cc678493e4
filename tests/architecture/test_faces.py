"""A face gets rows through `access` alone: no model, no SQL, no question that doesn't know who asks."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import CHECKOUT, FLOORS, name_of, tree_of

FACES = tuple(
    face for face in ("console", "portal", "api", "pages") if (CHECKOUT / "src/schoolgate" / face).is_dir()
)
KNOW_NO_BASE = {"codes", "connectors", "lib"}
"""Words and sources: a contract keeps them free of the database."""
ROOMS = frozenset(room for floor in FLOORS for room in floor) - {*FACES, *KNOW_NO_BASE, "config", "commands"}
GUARDED = ("access", "actions", "refusals", "rules", "states")
"""Modules that know who asks, that write what `access` has let through, or that decide on plain values."""

MANAGERS = {"objects", "_default_manager", "_base_manager", "raw"}
DATABASE = {"connection", "connections", "RawSQL"}

ASKS_OF_NO_BASE = {
    "accounts.queries": {"names_of"},  # of the people who sign in
    "accounts.rights": {"may"},
    "accounts.scopes": {"scope_of"},
    "authority.queries": {"buffer", "default_changes", "defaults", "served"},
    "collecting.sources": {"operators_settings"},
}
ABOUT_ROWS_IN_HAND = {
    "bases.queries": {"by_name", "connection_of", "state_of"},
    "collecting.sources": {"try_connection"},
    "holding.queries": {"fingerprint_of"},
    "runs.progress": {"read_so_far"},
    "runs.queries": {"by_last_run", "cohort_of", "last_run_status"},
    "tasks.queries": {"cohort_of", "is_queued", "schedule_in_words", "schedule_of"},
    "tasks.options": {"options_for"},
    "tasks.schedule_words": {"in_words"},
    "tasks.schedules": {"next_due", "next_occurrence"},
}
"""Say or narrow what `access` gave."""
WRITES = {
    "blocks.clearing": {"clear_cache"},
    "collecting.officers": {
        "check_limit",
        "remove_override",
        "remove_source_limit",
        "save_override",
        "set_source_limit",
        "set_source_setting",
    },
    "importing.releasing": {"release"},
    "runs.engine": {"enqueue"},
    "runs.ordering": {"move_to_front"},
    "tasks.blackouts": {"add_blackout", "edit_blackout", "remove_blackout"},
    "tasks.many": {"delete_inactive", "edit_many"},
    "tasks.moving": {"settle_moved_base"},
}
"""Actions in modules of their own."""


def faces() -> Iterator[Path]:
    for face in FACES:
        yield from sorted((CHECKOUT / "src/schoolgate" / face).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of everything a module imports, wherever in it that stands."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", each.name) for each in node.names)
        elif isinstance(node, ast.Import):
            yield from ((each.name, "") for each in node.names)


def test_imports_no_model_into_a_face():
    assert not [
        f"{name_of(path)}: {module}.{name}"
        for path in faces()
        for module, name in imports(path)
        if "models" in (*module.split("."), name) and module.split(".")[0] == "schoolgate"
    ]


def test_asks_no_database_from_a_face():
    wrong = [
        f"{name_of(path)}: {name}"
        for path in faces()
        for module, name in imports(path)
        if (module.startswith("django.db") and name in DATABASE) or module.split(".")[0] == "psycopg"
    ]
    wrong += [
        f"{name_of(path)}:{node.lineno} .{node.attr}"
        for path in faces()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS
    ]
    assert not wrong


def test_keeps_no_sql_in_a_face():
    assert not [str(path) for face in FACES for path in (CHECKOUT / "src/schoolgate" / face).rglob("*.sql")]


def test_calls_from_a_face_nothing_that_could_answer_about_a_base_it_was_not_asked_for():
    known = {
        f"{module}.{name}"
        for table in (ASKS_OF_NO_BASE, ABOUT_ROWS_IN_HAND, WRITES)
        for module, names in table.items()
        for name in names
    }
    called = {
        f"{room}.{rest}.{name}"
        for path in faces()
        for room, rest, name in _functions_of_rooms(path)
        if rest not in GUARDED
    }
    assert called == known


def _functions_of_rooms(path: Path) -> Iterator[tuple[str, str, str]]:
    for module, name in imports(path):
        package, _, place = module.partition(".")
        room, _, rest = place.partition(".")
        if package != "schoolgate" or room not in ROOMS:
            continue
        found = getattr(importlib.import_module(module), name, None)
        if inspect.ismodule(found) and rest == "":
            assert name in GUARDED, f"{name_of(path)} takes in the whole of {module}.{name}"
        elif inspect.isfunction(found) or inspect.ismodule(found):
            yield room, rest, name
