"""Modules and functions stay small enough to be read at one sitting."""

from __future__ import annotations

import ast
import tomllib

from tests.architecture.source import CHECKOUT, modules, name_of, tree_of

LONGEST_MODULE = 400
LONGEST_FUNCTION = 60


def test_keeps_every_module_within_400_lines_or_its_exemption():
    exempt = tomllib.loads((CHECKOUT / "tests/architecture/exemptions.toml").read_text()).get("modules", {})
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    too_long = {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE}
    assert too_long == {name: entry["lines"] for name, entry in exempt.items()}
    assert all(entry["reason"].strip() for entry in exempt.values())


def test_keeps_every_function_within_60_lines():
    too_long = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not too_long
