"""No thread that works is the first to meet a type: see `schoolgate.lib.convert`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import modules, name_of, tree_of

CONVERTERS = "schoolgate/lib/convert.py"
FRESH = "msgspec.defstruct"
"""A type made on the spot is shown to other threads with its decoder, and so whole."""


def met_in_functions(path: Path) -> Iterator[str]:
    """Every place within a function where msgspec is given a type to work out."""
    functions = [
        each for each in ast.walk(tree_of(path)) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    inside = {node for function in functions for node in ast.walk(function)}
    fresh = {
        ast.unparse(target)
        for node in inside
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith(FRESH)
        for target in node.targets
    }
    for node in inside:
        if isinstance(node, ast.Call) and _meets_a_type(node, fresh=fresh):
            yield f"{name_of(path)}:{node.lineno}"


def _meets_a_type(call: ast.Call, *, fresh: set[str]) -> bool:
    match ast.unparse(call.func):
        case "msgspec.convert" | "converter":
            return True
        case "msgspec.json.decode":
            return any(keyword.arg == "type" for keyword in call.keywords)
        case "msgspec.json.Decoder":
            kind = ast.unparse(call.args[0]) if call.args else FRESH
            return kind not in fresh and not kind.startswith(FRESH)
    return False


def test_meets_types_where_modules_begin_and_never_in_a_function():
    assert not [
        place for path in modules() if name_of(path) != CONVERTERS for place in met_in_functions(path)
    ]
