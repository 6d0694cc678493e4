"""The reference page of every refusal: code, sentence and remedy, found in the code where they are said.

A code is a text of two words with a dot that isn't a job, a right, a module or a file. Beside it, in the same
call or table, stand its sentence and its remedy; what a sentence fills in is shown as three dots.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from data_reference import NOTE
from schoolgate.accounts.rights import Right

SOURCE = Path(__file__).resolve().parents[1] / "src"
PACKAGES = ("schoolgate", "schoolgate_message")
CODE = re.compile(r"[a-z]+\.[a-z][a-z_0-9]*[a-z0-9]")
RIGHTS = frozenset(each.value for each in Right)
ENDINGS = frozenset(
    {
        "sql",
        "html",
        "xml",
        "xsd",
        "css",
        "js",
        "csv",
        "py",
        "toml",
        "txt",
        "log",
        "zip",
        "json",
        "pid",
        "lock",
    }
)
FILLED_IN, NOTHING = "…", "nothing"
FAMILIES = {
    "attendance": "Marks",
    "authority": "The authority and its defaults",
    "bases": "Bases and their connections",
    "cohort": "Left out by a filter",
    "collecting": "Collecting",
    "delete": "Deletes",
    "disk": "A full disk",
    "files": "Transfer files",
    "guard": "What waits for a person",
    "held": "What waits for a person",
    "item": "Values of data items",
    "list": "What waits for a person",
    "match": "Whose data it is",
    "message": "Messages",
    "receiving": "Files at the door",
    "removal": "What waits for a person",
    "roll": "The school's roll",
    "rows": "Rows of the source",
    "rule": "Rules",
    "run": "Runs",
    "runs": "Runs",
    "since": "What changes are counted from",
    "source": "The source",
    "tasks": "Scheduled tasks",
}
"""What the codes of a beginning are about. A beginning that isn't here is a job's or an event's."""


NOTED = {
    "collecting.no_connection": (
        "The base has no settings of a connection to its MIS.",
        "Enter them on the base's page.",
    ),
    "collecting.no_connector": (
        "The base's MIS is not one that Schoolgate collects from.",
        "Move the base, or take it off the task.",
    ),
    "collecting.not_supported": (
        "The base's MIS does not support this data type.",
        "Choose a data type that it supports.",
    ),
    "held.known": ("The same waits for a person already.", "Decide about it."),
    "rule.conflict": (
        "The block differs from what the register holds, and a processing rule puts it before a person.",
        "Compare both and decide.",
    ),
    "rule.on_roll_now": (
        "The pupil is back on the school's roll: what was ignored is read again with the next run.",
        "",
    ),
    "rule.speaks_now": ("This base speaks for the pupil now: what was ignored is read again.", ""),
}
"""Codes whose sentence is a vendor's own, or by which something is put aside without one."""


class Told(NamedTuple):
    """What the code says of one refusal at one place."""

    code: str
    sentence: str
    remedy: str


class Module:
    """One module, with what its names stand for."""

    def __init__(self, path: Path) -> None:
        """Read it."""
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.names = dict(self._assigned(self.tree.body))
        self.raised = dict(self._raised())

    def text(self, node: ast.expr | None) -> str:
        """A text as it is written; what is filled in as three dots, what is no text as nothing."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.JoinedStr(values=parts):
                return "".join(self.text(each) or FILLED_IN for each in parts)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return (self.text(left) or FILLED_IN) + (self.text(right) or FILLED_IN)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self.names.get(name, "")
            case ast.IfExp(body=body, orelse=orelse):
                return self.text(body) or self.text(orelse)
            case _:
                return ""

    def told(self) -> Iterator[Told]:
        """Every refusal that is said here with its sentence, or named without."""
        yield from self._told_in(self.tree)
        at_home = self.names
        for each in ast.walk(self.tree):
            if isinstance(each, ast.FunctionDef):
                self.names = at_home | dict(self._assigned(ast.walk(each)))
                yield from self._told_in(each)
        self.names = at_home

    def _told_in(self, tree: ast.AST) -> Iterator[Told]:
        for node in ast.walk(tree):
            match node:
                case ast.Call():
                    yield from self._of_call(node)
                case ast.Tuple(elts=parts) if len(parts) > 1:
                    yield from self._of_row(parts)
                case ast.Dict(keys=keys, values=values):
                    for key, value in zip(keys, values, strict=True):
                        row = value.args if isinstance(value, ast.Call) else [value]
                        row = list(value.elts) if isinstance(value, ast.Tuple) else row
                        yield from self._of_row([key, *row])
                case ast.ClassDef(body=body):
                    said = dict(self._assigned(body))
                    if is_code(said.get("code", "")):
                        yield Told(said["code"], said.get("sentence", ""), said.get("remedy", ""))
                case ast.Constant(value=str(text)) if is_code(text):
                    yield Told(text, "", "")

    def _of_call(self, call: ast.Call) -> Iterator[Told]:
        named = {(each.arg or "").removeprefix("refusal_"): each.value for each in call.keywords}
        if "code" in named:
            yield from self._of_row([named["code"], named.get("sentence"), named.get("remedy")])
        elif isinstance(call.func, ast.Name) and call.func.id in self.raised:
            yield from self._of_row([ast.Constant(self.raised[call.func.id]), *call.args])
        else:
            yield from self._of_row(list(call.args))

    def _of_row(self, parts: Sequence[ast.expr | None]) -> Iterator[Told]:
        if not parts or not is_code(code := self.text(parts[0])):
            return
        sentence, remedy = ([self.text(each) for each in parts[1:3]] + ["", ""])[:2]
        yield Told(code, sentence if " " in sentence else "", remedy if " " in remedy else "")

    def _assigned(self, statements: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
        self.names = getattr(self, "names", {})
        for node in statements:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if text := self.text(value):
                    yield name, text
                case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                    for each, value in zip(names, values, strict=True):
                        if isinstance(each, ast.Name) and (text := self.text(value)):
                            yield each.id, text

    def _raised(self) -> Iterator[tuple[str, str]]:
        """The code of each class of refusals that has one for all of them."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef):
                code = dict(self._assigned(node.body)).get("code", "")
                if is_code(code):
                    yield node.name, code


def is_code(text: str) -> bool:
    """Whether a text is a refusal's code."""
    family, _, name = text.partition(".")
    return bool(CODE.fullmatch(text)) and family in FAMILIES and name not in ENDINGS and text not in RIGHTS


def modules() -> list[Module]:
    """Every module of ours; a name that is imported stands for what it does at home."""
    paths = [path for package in PACKAGES for path in sorted((SOURCE / package).rglob("*.py"))]
    read = {path: Module(path) for path in paths if "migrations" not in path.parts and path.stem != "jobs"}
    homes = {".".join(path.relative_to(SOURCE).with_suffix("").parts): made for path, made in read.items()}
    for module in read.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom):
                for each in node.names:
                    if (whole := homes.get(f"{node.module}.{each.name}")) is not None:
                        module.names = whole.names | module.names
            if isinstance(node, ast.ImportFrom) and node.module in homes:
                home, wanted = homes[node.module], {each.name for each in node.names}
                module.names |= {name: text for name, text in home.names.items() if name in wanted}
                module.raised |= {name: code for name, code in home.raised.items() if name in wanted}
    return list(read.values())


def refusals() -> dict[str, list[Told]]:
    """What is said of every code: the places with a remedy, else those with a sentence."""
    found: dict[str, list[Told]] = {}
    for module in modules():
        for told in module.told():
            places = found.setdefault(told.code, [])
            if told not in places:
                places.append(told)
    return {code: _best(places) for code, places in sorted(found.items())}


def _best(places: list[Told]) -> list[Told]:
    said = [each for each in places if each.sentence]
    said = [each for each in said if each.remedy] or said
    code = places[0].code
    return said or ([Told(code, *NOTED[code])] if code in NOTED else [])


def unplaced() -> set[str]:
    """Codes given to something whose beginning no part of the page is for."""
    return {
        code
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.keyword) and node.arg in {"code", "refusal_code"}
        if CODE.fullmatch(code := module.text(node.value)) and code.partition(".")[0] not in FAMILIES
    }


def refusals_page() -> str:
    """Every refusal by what it is about."""
    intro = (
        "Whatever Schoolgate refuses, leaves out or puts aside has a code that stays the same from release "
        "to release, one sentence, and what to do about it. Pages and commands show sentence and remedy; "
        "the code is kept with a run's exceptions. Three dots stand for what a sentence fills in."
    )
    lines = ["# Refusals", "", intro]
    told = refusals()
    for title in sorted(set(FAMILIES.values())):
        about = [some for code, some in told.items() if FAMILIES[code.partition(".")[0]] == title]
        rows = [
            f"| `{each.code}` | {each.sentence} | {each.remedy or NOTHING} |"
            for some in about
            for each in some
        ]
        if rows:
            lines += ["", f"## {title}", "", "| Code | Sentence | What to do |", "|---|---|---|", *rows]
    return NOTE + "\n".join(lines) + "\n"


def main() -> int:
    """Names the codes that the page has no part for, or that nobody has written a sentence for."""
    for code in sorted(unplaced()):
        print(f"{code}: say in FAMILIES what codes of this beginning are about")
    silent = [code for code, told in refusals().items() if not told]
    for code in silent:
        print(f"{code}: give it a sentence where it is used, or in NOTED")
    return 1 if silent or unplaced() else 0


if __name__ == "__main__":
    sys.exit(main())
