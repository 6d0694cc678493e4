"""The reference page of promises: every chapter of tests/spec, as its tests tell it."""

from __future__ import annotations

import ast
from pathlib import Path

from data_reference import NOTE

SPEC = Path(__file__).resolve().parent.parent / "tests" / "spec"


def sentence(name: str) -> str:
    """A test's name as the sentence it finishes."""
    words = name.removeprefix("test_").replace("_s_", "'s ").replace("_", " ")
    return words[0].upper() + words[1:] + "."


def chapter(source: str) -> list[str]:
    """A chapter: its heading and paragraph, then what it holds, sentence by sentence."""
    module = ast.parse(source)
    told = (ast.get_docstring(module) or "").splitlines()
    if not told or not told[0].startswith("# "):
        return []
    tests = [
        node for node in module.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    return [f"#{told[0]}", *told[1:], "", *(f"- {sentence(test.name)}" for test in tests), ""]


def promises_page() -> str:
    """What Schoolgate promises, chapter by chapter; each sentence is a test."""
    chapters = [chapter(path.read_text(encoding="utf-8")) for path in sorted(SPEC.glob("test_*.py"))]
    lines = [line for each in sorted(filter(None, chapters)) for line in each]
    head = ["# What Schoolgate promises", "", "Every sentence below is a test, run on every change.", ""]
    return NOTE + "\n".join([*head, *lines]).rstrip() + "\n"
