"""The page of the B2B message, for those who make one: a text written by hand, with what the code knows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path

import msgspec

from data_reference import NOTE
from schoolgate_message import layout
from schoolgate_message.data_types import DataType
from schoolgate_message.extensions import MAX_EXTENSION_BYTES, MAX_NAMES
from schoolgate_message.groups import GROUPS
from schoolgate_message.message_errors import KINDS, MOST_PUPILS
from schoolgate_message.records import (
    AttendanceWindow,
    DayMarks,
    KeptBack,
    MatchKeys,
    Message,
    MessageHeader,
    MessagePupil,
    RollEntry,
    RollManifest,
)
from schoolgate_message.schema import FILE_NAMES
from schoolgate_message.xml_reader import DEFAULT_MAX_BYTES, MAX_PART_BYTES
from schoolgate_message.xml_writer import write_message

_TEMPLATE = Path(__file__).with_name("b2b-message.md")

_HEADER = {
    "Base": ("must", "DfE number of the school: authority and establishment."),
    "Authority": ("must", "Number of the authority the message is for."),
    "DataType": ("must", "What was asked of the source; see below."),
    "Source": ("must", "The school's system, in the maker's words."),
    "CreatedAt": ("must", "When the message was made, with its zone."),
    "AcademicYear": ("must", "The calendar year in which the academic year of the content began."),
    "SinceAt": ("may", "What *changed* is counted from; left out where everything was read."),
    "Part": ("must", "Which part of the message this is, from 1."),
    "Parts": ("must", "How many parts it has."),
    "Maker": ("should", "The program that made the message, without its version."),
    "MakerVersion": ("may", "Its version."),
    "MessageId": ("should", "The maker's own id of the message; see *Ids, and sending again*."),
    "ReadFrom": ("should", "When reading began at the source; see *Times*."),
    "ReadUntil": ("may", "When it ended."),
}
_TYPES = {
    "Base": "seven letters or digits",
    "Authority": "three letters or digits",
    "DataType": "a word",
    "Instant": "date and time with a zone",
    "Number": "whole number",
    "Count": "whole number from 1",
}

_CHANGES = Message(
    header=MessageHeader(
        base="8201079",
        authority="820",
        data_type="changed_data",
        source="Bell MIS",
        created_at="2026-11-23T02:12:40Z",
        academic_year=2026,
        since_at="2026-11-22T02:10:00Z",
        maker="Bell agent",
        maker_version="3.1",
        message_id="8201079-20261123-0210",
        read_from="2026-11-23T02:10:00Z",
        read_until="2026-11-23T02:12:38Z",
        kept_back={
            "sen_needs": KeptBack(
                unchanged=41, left_out={"cohort.leaver": 1}, who={"cohort.leaver": ("1043",)}
            ),
            "attendance": KeptBack(unchanged=835),
        },
        whole_windows=(AttendanceWindow(from_on="2026-11-16", until_on="2026-11-21"),),
    ),
    roll=RollManifest(
        cohort=("R", "1"),
        declared=2,
        is_complete=True,
        pupils=(RollEntry(external_id="1042"), RollEntry(external_id="1043", state="Leaver")),
    ),
    pupils=[
        MessagePupil(
            keys=MatchKeys(
                external_id="1042",
                upn="H801200001001",
                family_name="O'Neil",
                given_name="Zoë",
                date_of_birth="2020-02-29",
                sex="F",
            ),
            blocks={
                "service_child": {"service_child": "N"},
                "sen_needs": [{"rank": 1, "need_type": "SLCN", "start_on": "2026-11-20"}],
            },
            row_ids={"sen_needs": ("77120",)},
            deleted=("free_school_meals",),
            marks=(DayMarks(on="2026-11-19", am="/", pm="C1"), DayMarks(on="2026-11-20", am="-")),
        )
    ],
)
_SMALLEST = Message(
    header=msgspec.structs.replace(
        _CHANGES.header,
        maker_version="",
        message_id="8201079-20261123-1200",
        since_at="",
        read_until="",
        kept_back={},
        whole_windows=(),
    ),
    roll=RollManifest(pupils=(RollEntry(external_id="1042"),)),
    pupils=[],
)
_EXTENDED = msgspec.structs.replace(
    _SMALLEST, header=msgspec.structs.replace(_SMALLEST.header, message_id="8201079-20261123-1210")
)
_BESIDE = """\
<Extensions>
<Lunch xmlns="https://bell.invalid/lunch" Paid="yes"><Choice>Vegetarian</Choice></Lunch>
</Extensions>
"""


def message_page() -> str:
    """The B2B message, what its maker must and may say, and what becomes of it."""
    first, version = layout.VERSIONS
    told = {
        "version": version,
        "first": first,
        "schema": FILE_NAMES[version],
        "first_schema": FILE_NAMES[first],
        "layout": textwrap.dedent((layout.__doc__ or "").split("::", 1)[1].strip("\n")),
        "header": _header(),
        "data_types": _table(("`DataType`", "Means"), ((f"`{each.value}`", each.label) for each in DataType)),
        "states": ", ".join(f"`{each}`" for each in layout.ROLL_STATES),
        "groups": _groups(),
        "row_id": str(layout.LONGEST_ROW_ID),
        "limits": _limits(),
        "pupils": f"{MOST_PUPILS:,}",
        "changes": write_message(_CHANGES).decode(),
        "smallest": write_message(_SMALLEST).decode(),
        "extended": write_message(_EXTENDED).decode().replace("</B2BStudent>", f"{_BESIDE}</B2BStudent>"),
        "refusals": _table(("Code", "Meaning"), ((f"`{code}`", meaning) for code, meaning in KINDS.items())),
    }
    page = _TEMPLATE.read_text(encoding="utf-8")
    for name, text in told.items():
        page = page.replace(f"{{{{{name}}}}}", text)
    return NOTE + page


def _header() -> str:
    rows = []
    for element, _, kind in (*layout.HEADER, *layout.HEADER_SINCE_2):
        need, meaning = _HEADER[element]
        holds = f"text, up to {kind[4:]}" if kind.startswith("Text") else _TYPES[kind]
        rows.append((f"`{element}`", need, holds, meaning))
    return _table(("Element", "", "Holds", "Meaning"), rows)


def _groups() -> str:
    rows = (
        (
            f"[{group.label}](data-items.md#{_anchor(group.label)})",
            f"`{group.element}`",
            f"rows, each a `{group.row_element}`" if group.is_list else "one record",
        )
        for group in GROUPS
    )
    return _table(("Data group", "Element", "Holds"), rows)


def _anchor(title: str) -> str:
    """Where a page's section is found, as the usual viewers of Markdown name it."""
    return "".join(each for each in title.lower().replace(" ", "-") if each.isalnum() or each == "-")


def _limits() -> str:
    rows = (
        ("The file", f"{DEFAULT_MAX_BYTES:,} bytes"),
        ("The header, the roll, one pupil: each", f"{MAX_PART_BYTES:,} bytes"),
        ("One `Extensions`", f"{MAX_EXTENSION_BYTES:,} bytes"),
        ("Different names of elements and attributes in all `Extensions`", f"{MAX_NAMES:,}"),
        ("Elements in each other", "256"),
    )
    return _table(("What", "At most"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(head), "|".join("---" for _ in head), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" if "---" not in line else f"|{line}|" for line in lines)
