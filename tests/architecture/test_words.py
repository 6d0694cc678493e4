"""Names and sentences: a stranger finds the code by the word the officer used."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import CHECKOUT, modules, name_of, tree_of

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "services", "misc", "base_classes"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")


def test_has_no_module_named_after_nothing():
    empty = [name_of(path) for path in modules() if EMPTY_NAMES & {path.stem, *path.parent.parts[-2:]}]
    assert not empty


def test_opens_every_module_with_a_sentence():
    silent = [name_of(path) for path in modules() if not (ast.get_docstring(tree_of(path)) or "").strip()]
    assert not silent


def test_leaves_nothing_unfinished():
    places = [*modules(), *(CHECKOUT / "tests").rglob("*.py"), *(CHECKOUT / "tools").rglob("*.py")]
    found = [
        f"{path.relative_to(CHECKOUT)}:{number}"
        for path in places
        if path.name != "test_words.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if UNFINISHED.search(line)
    ]
    assert not found


def test_skips_no_test():
    skipping = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b")
    found = [
        str(path.relative_to(CHECKOUT))
        for path in (CHECKOUT / "tests").rglob("*.py")
        if path.name != "test_words.py" and skipping.search(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_imports_at_the_top_only():
    hidden = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        for function in ast.walk(tree_of(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden


def test_connects_rooms_by_no_signal():
    found = [
        name_of(path)
        for path in modules()
        if re.search(
            r"django\.(db\.models|core|dispatch).*\b(signals|receiver)\b", path.read_text(encoding="utf-8")
        )
    ]
    assert not found


def test_swallows_no_error():
    """An `except` says what it does about it; `contextlib.suppress` names what is expected."""
    swallowed = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _does_nothing(node))
    ]
    assert not swallowed


def _does_nothing(handler: ast.ExceptHandler) -> bool:
    return (
        all(isinstance(statement, ast.Pass | ast.Continue) for statement in handler.body)
        and isinstance(handler.type, ast.Name)
        and handler.type.id in {"Exception", "BaseException"}
    )
