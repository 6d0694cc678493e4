"""The reference pages of what is exchanged: data items and code sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schoolgate.codes import attendance
from schoolgate.codes.registry import code_sets
from schoolgate.codes.sets import Code, Confidence
from schoolgate_message.groups import GROUPS
from schoolgate_message.items import DataGroup, DataItem, ItemType, Scope, Sensitivity

NOTE = "<!-- Printed from the code by `make docs`; change the code, not this page. -->\n"

_CONFIDENCE = {
    Confidence.OFFICIAL: "from the publication, or ours",
    Confidence.RESTATED: "from one good source that restates the publication",
    Confidence.UNCONFIRMED: "from one third party; not confirmed",
}


def data_items_page() -> str:
    """Every data group with its items."""
    intro = (
        "# Data groups and data items\n\nWhat Schoolgate exchanges, in the order in which it is written. "
        "The register has one table for each group, `pupil_` and the group's name, with a column for each "
        "item. Names and numbers in the last two columns are those of the message and of the Common Basic "
        "Data Set, where it has the item.\n\n"
    )
    return NOTE + intro + "\n".join(line for group in GROUPS for line in _group(group)) + _marks()


def code_sets_page() -> str:
    """Every code set with its codes."""
    sure = "; ".join(f"*{word.value}*: {said}" for word, said in _CONFIDENCE.items())
    intro = (
        "# Code sets\n\nThe codes a data item may hold. A day under *from* is the first on which a code "
        "may be used, one under *until* the first on which it may not. How sure we are of a set, and of a "
        f"code where its last column says so: {sure}.\n\n"
    )
    return NOTE + intro + "\n".join([*_attendance_codes(), *_code_sets()])


def _group(group: DataGroup) -> Iterator[str]:
    yield f"## {group.label}\n"
    holds = "any number of rows" if group.is_list else "one record"
    whose = "a pupil at a base" if group.scope is Scope.BASE else "a pupil"
    special = " Special category data." if group.sensitivity is Sensitivity.SPECIAL else ""
    element = f"`{group.element}`" + (f" with `{group.row_element}`" if group.is_list else "")
    yield f"`{group.name}`, element {element}: {holds} for {whose}.{special}\n"
    yield "| Item | Name | Holds | Element | CBDS |"
    yield "|---|---|---|---|---|"
    for item in group.items:
        yield f"| {item.label} | `{item.name}` | {_holds(item)} | `{item.element}` | {item.cbds} |"
    yield ""


def _holds(item: DataItem) -> str:
    if item.type is ItemType.CODE:
        return f"code of [{item.code_set}](code-sets.md#{item.code_set})"
    if item.type is ItemType.TEXT:
        return f"text, up to {item.max_length}"
    return item.type.value


def _marks() -> str:
    return (
        "\n## Attendance\n\nMarks are no block: they travel beside the groups, day by day, and land in a "
        "string a pupil, base and academic year (`attendance_year`; views `dx_xml_attend` and "
        "`dx_xml_attendance`), two characters a calendar day from `start_date`, morning then afternoon, `-` "
        "where there is no mark. Codes: [attendance](code-sets.md#attendance).\n"
    )


def _attendance_codes() -> Iterator[str]:
    yield "## attendance\n"
    yield f"Attendance code. Publication: {attendance.PUBLICATION}."
    yield "Before 19 August 2024: the attendance codes of the Common Basic Data Set.\n"
    yield "| Code | Meaning | Counts as | From | Until | |"
    yield "|---|---|---|---|---|---|"
    for code, found in attendance.CODES.items():
        entry, shown = found.entry, code.replace("\\", "\\\\")
        meaning = f"{entry.label} | {found.mark_class.value}"
        yield f"| {shown} | {meaning} | {_dates(entry)} | {_remarks(entry, Confidence.OFFICIAL)} |"
    yield ""


def _code_sets() -> Iterator[str]:
    for found in code_sets().values():
        reference = f", {found.reference}" if found.reference else ""
        yield f"## {found.name}\n"
        yield f"{found.title}. Publication: {found.publication}{reference}."
        yield f"Confidence: {found.confidence.value}.\n"
        yield from _codes(found.entries, found.confidence)
        yield ""


def _codes(entries: Iterable[Code], usual: Confidence) -> Iterator[str]:
    yield "| Code | Meaning | From | Until | |"
    yield "|---|---|---|---|---|"
    for entry in entries:
        yield f"| {entry.code} | {entry.label} | {_dates(entry)} | {_remarks(entry, usual)} |"


def _dates(entry: Code) -> str:
    return f"{entry.valid_from or ''} | {entry.valid_until or ''}"


def _remarks(entry: Code, usual: Confidence) -> str:
    unusual = entry.confidence.value if entry.confidence is not usual else ""
    return ", ".join(filter(None, (entry.status, unusual)))
