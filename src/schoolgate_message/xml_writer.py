"""Writes a B2B message as XML, pupil by pupil.

Strings are put together by hand, since building a tree first costs five times as much.  Values are
expected in canonical form (``blocks.canonical``); what XML cannot carry is refused, so that a
message that was written can always be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from io import BytesIO
from itertools import starmap
from typing import BinaryIO

from schoolgate_message import layout
from schoolgate_message.blocks import Content, InvalidValueError, Row, Value
from schoolgate_message.groups import ATTENDANCE, BY_NAME, GROUPS
from schoolgate_message.items import DataGroup
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
from schoolgate_message.values import UNCARRIED

_UNWRITABLE = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_NON_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF in UTF-8
_IN_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


class MessageWriter:
    """Writes one message to ``out``: header and roll at once, then each pupil, then ``close``.

    ``pupils`` and ``size`` (bytes) say how much has been written, for whoever splits large runs.
    """

    def __init__(self, out: BinaryIO, *, header: MessageHeader, roll: RollManifest) -> None:
        """Begin the message."""
        self.pupils = 0
        self.size = 0
        self._out = out
        self._write(f'<?xml version="1.0" encoding="UTF-8"?>\n<{layout.ROOT} Version="{layout.VERSION}">\n')
        self._write(_header(header))
        self._write(_roll(roll))
        self._write("<Pupils>\n")

    def add(self, pupil: MessagePupil) -> None:
        """Write one pupil.

        Raises InvalidValueError, and writes nothing, for a character XML cannot carry, match keys
        that are too long, a group that is not declared, row ids that are not one a row, or an
        attendance code that is none.
        """
        text = _pupil(pupil)
        try:
            self._write(text)
        except _UncarriedError:
            raise InvalidValueError(
                _culprit(pupil), "holds a character that a message cannot carry"
            ) from None
        self.pupils += 1

    def close(self) -> None:
        """End the message; ``out`` stays open."""
        self._write(f"</Pupils>\n</{layout.ROOT}>\n")

    def _write(self, text: str) -> None:
        try:
            data = text.encode()
        except UnicodeEncodeError:
            raise _UncarriedError from None
        if len(data.translate(None, _UNWRITABLE)) != len(data) or any(
            each in data for each in _NON_CHARACTERS
        ):
            raise _UncarriedError
        self._out.write(data)
        self.size += len(data)


class _UncarriedError(InvalidValueError):
    """XML has no way to write a character of this text."""

    def __init__(self) -> None:
        super().__init__("message", "holds a character that a message cannot carry")


def write_message(message: Message) -> bytes:
    """Write a whole message; large ones are better written pupil by pupil."""
    out = BytesIO()
    writer = MessageWriter(out, header=message.header, roll=message.roll)
    for pupil in message.pupils:
        writer.add(pupil)
    writer.close()
    return out.getvalue()


def _header(header: MessageHeader) -> str:
    said = [(name, str(getattr(header, field))) for name, field, _ in layout.HEADER]
    for name, field, longest in _HEADER_SINCE_2:
        text: str = getattr(header, field)
        if longest and len(text) > longest:
            raise InvalidValueError(field, f"is longer than {longest} characters")
        said.append((name, text.strip()))
    inner = "".join(f"<{name}>{text.translate(_IN_TEXT)}</{name}>" for name, text in said if text)
    if header.kept_back:
        groups = "".join(starmap(_kept_group, header.kept_back.items()))
        inner += f"\n<{layout.KEPT}>{groups}</{layout.KEPT}>"
    if header.whole_windows:
        windows = "".join(map(_window, header.whole_windows))
        inner += f"\n<{layout.MARKS_NAME}>{windows}</{layout.MARKS_NAME}>"
    return f"<Header>{inner}</Header>\n"


_HEADER_SINCE_2 = tuple(
    (name, field, int(kind.removeprefix("Text")) if kind.startswith("Text") else 0)
    for name, field, kind in layout.HEADER_SINCE_2
)


def _kept_group(name: str, kept: KeptBack) -> str:
    if name != ATTENDANCE and name not in BY_NAME:
        raise InvalidValueError("kept_back", "has a data group that is not declared")
    element = layout.MARKS_NAME if name == ATTENDANCE else BY_NAME[name].element
    pieces = [f'<Group Name="{element}" Unchanged="{kept.unchanged}">']
    for reason, count in kept.left_out.items():
        who = "".join(f'<Who Id="{each.translate(_IN_ATTRIBUTE)}"/>' for each in kept.who.get(reason, ()))
        pieces.append(f'<LeftOut Reason="{reason.translate(_IN_ATTRIBUTE)}" Count="{count}">{who}</LeftOut>')
    return "".join([*pieces, "</Group>"])


def _window(window: AttendanceWindow) -> str:
    codes = f' Codes="{" ".join(map(_code, window.codes))}"' if window.codes else ""
    return f'<Window From="{_to_day(window.from_on)}" Until="{_to_day(window.until_on)}"{codes}/>'


def _roll(roll: RollManifest) -> str:
    for code in roll.cohort:
        if not code or code.split() != [code]:
            raise InvalidValueError("cohort", "is not a National Curriculum Year")
    cohort = f' Cohort="{" ".join(roll.cohort).translate(_IN_ATTRIBUTE)}"' if roll.cohort else ""
    declared = "" if roll.declared is None else f' Declared="{roll.declared}"'
    complete = "true" if roll.is_complete else "false"
    entries = "".join(map(_roll_entry, roll.pupils))
    return f'<Roll{cohort}{declared} Complete="{complete}">\n{entries}</Roll>\n'


def _roll_entry(entry: RollEntry) -> str:
    external_id = entry.external_id.translate(_IN_ATTRIBUTE)
    if entry.state == layout.ROLL_STATES[0]:
        return f'<Entry Id="{external_id}"/>\n'
    if entry.state not in layout.ROLL_STATES:
        raise InvalidValueError("roll state", "is not Current, Leaver or Future")
    return f'<Entry Id="{external_id}" State="{entry.state}"/>\n'


def _pupil(pupil: MessagePupil) -> str:
    pieces = ["<Pupil", _match_keys(pupil.keys), ">\n"]
    blocks = pupil.blocks
    if blocks:
        ids = pupil.row_ids
        written = [write(blocks[name], ids.get(name, ())) for name, write in _WRITERS if name in blocks]
        if len(written) != len(blocks):
            raise InvalidValueError("blocks", "has a data group that is not declared")
        pieces += written
    if pupil.deleted:
        pieces.append(_deleted(pupil.deleted))
    if pupil.marks:
        pieces += ["<Marks>", *map(_day, pupil.marks), "</Marks>\n"]
    pieces.append("</Pupil>\n")
    return "".join(pieces)


def _match_keys(keys: MatchKeys) -> str:
    if not keys.external_id:
        raise InvalidValueError("external_id", "is missing")
    pieces: list[str] = []
    for attribute, name, longest in layout.MATCH_KEYS:
        value: str = getattr(keys, name)
        if value:
            if len(value) > longest:
                raise InvalidValueError(name, f"is longer than {longest} characters")
            if attribute == "DOB":
                _to_day(value)
            if not value.isalnum():
                value = value.translate(_IN_ATTRIBUTE)
            pieces.append(f' {attribute}="{value}"')
    return "".join(pieces)


def _deleted(names: tuple[str, ...]) -> str:
    unknown = set(names) - BY_NAME.keys()
    if unknown:
        raise InvalidValueError("deleted", "has a data group that is not declared")
    return f'<Deleted Groups="{" ".join(BY_NAME[name].element for name in names)}"/>\n'


def _day(day: DayMarks) -> str:
    pieces = [f'<Day Date="{_to_day(day.on)}"']
    for attribute, code in (("AM", day.am), ("PM", day.pm)):
        if code is not None:
            pieces.append(f' {attribute}="{_code(code)}"')
    pieces.append("/>")
    return "".join(pieces)


def _to_day(text: str) -> str:
    """A day of the calendar; whether marks are kept of it is asked where they land."""
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise InvalidValueError("date", "is not a date written YYYY-MM-DD")


def _code(code: str) -> str:
    if code.isalnum() and len(code) <= layout.LONGEST_CODE:
        return code
    if code.split() != [code] or len(code) > layout.LONGEST_CODE:
        raise InvalidValueError("marks", "has an attendance code that is none")
    return code.translate(_IN_ATTRIBUTE)


def _written(value: Value) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    if type(value) is int:
        return str(value)
    text = str(value)
    if text.isalnum() or not ("&" in text or "<" in text or ">" in text or "\r" in text):
        return text
    return text.translate(_IN_TEXT)


def _group_writer(group: DataGroup) -> Callable[[Content, Sequence[str]], str]:
    """Compile a data group's tags once: this is the inner loop of writing a county's pupils."""
    items = tuple((item.name, f"<{item.element}>", f"</{item.element}>") for item in group.items)
    known = frozenset(group.item_names)

    def inner(row: Row) -> str:
        if not row.keys() <= known:
            raise InvalidValueError(group.name, "has an item that is not declared")
        pieces: list[str] = []
        for name, opening, closing in items:
            value = row.get(name)
            if value is not None:
                pieces += (opening, _written(value), closing)
        return "".join(pieces)

    def record(content: Content, ids: Sequence[str]) -> str:
        if not isinstance(content, dict):
            raise InvalidValueError(group.name, "is one record, and a list was given")
        if ids:
            raise InvalidValueError(group.name, "is one record, which has no row ids")
        return f"<{group.element}>{inner(content)}</{group.element}>\n"

    def rows(content: Content, ids: Sequence[str]) -> str:
        if not isinstance(content, list):
            raise InvalidValueError(group.name, "is a list, and one record was given")
        row = group.row_element
        if ids:
            every = "".join(_with_ids(group, [inner(each) for each in content], ids))
        else:
            every = "".join([f"<{row}>{inner(each)}</{row}>" for each in content])
        return f"<{group.element}>{every}</{group.element}>\n"

    return rows if group.is_list else record


def _with_ids(group: DataGroup, rows: Sequence[str], ids: Sequence[str]) -> Iterator[str]:
    """The rows with the source's ids, empty for none."""
    if len(rows) != len(ids) or any(len(each) > layout.LONGEST_ROW_ID for each in ids):
        raise InvalidValueError(group.name, "has row ids that are not one a row, or one that is too long")
    row = group.row_element
    for inner, row_id in zip(rows, ids, strict=True):
        said = f' Id="{row_id.translate(_IN_ATTRIBUTE)}"' if row_id else ""
        yield f"<{row}{said}>{inner}</{row}>"


_WRITERS = tuple((group.name, _group_writer(group)) for group in GROUPS)


def _culprit(pupil: MessagePupil) -> str:
    """The name of the item whose text XML cannot carry, for the message a person reads."""
    for _, name, _ in layout.MATCH_KEYS:
        if UNCARRIED.search(getattr(pupil.keys, name)):
            return name
    for content in pupil.blocks.values():
        for row in content if isinstance(content, list) else [content]:
            for name, value in row.items():
                if isinstance(value, str) and UNCARRIED.search(value):
                    return name
    for name, ids in pupil.row_ids.items():
        if any(map(UNCARRIED.search, ids)):
            return name
    return "marks"
