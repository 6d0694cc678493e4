"""Reads pupils to the letter as our own writer writes them, without a parser.

Nearly every message that lands was written by ``xml_writer``. What is recognised here is narrower than
the schema, from the order of the attributes to the line breaks; anything else (another writer's spacing,
an entity, a comment, a value that is none) is left to parser and schema, who also say what is wrong with
it. So a message reads the same with and without this module: a test holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from schoolgate_message import layout, values
from schoolgate_message.blocks import Content, Row, in_canonical_order
from schoolgate_message.groups import GROUPS
from schoolgate_message.items import DataGroup, DataItem, ItemType
from schoolgate_message.records import DayMarks, MatchKeys, MessagePupil
from schoolgate_message.sources import GuardedSource

BEGINNING, END = b"<Pupil ", b"</Pupil>\n"
_OPENING = b"<Pupils>\n"
_MOST_BYTES = 2 * 1024 * 1024
"""A beginning or a pupil that has not ended within these bytes is not our own writer's."""

_TEXT = r"[^<>&\x00-\x1f\x7f]"
_IN_ATTRIBUTE = r'[^"<>&\x00-\x1f\x7f]'
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_WRITTEN = {
    ItemType.DATE: _DAY,
    ItemType.YES_NO: "true|false",
    ItemType.NUMBER: "-?[0-9]{1,9}",
    ItemType.DECIMAL: r"-?[0-9]{1,5}(?:\.[0-9]{1,2})?",
}

_QUICK: dict[ItemType, Callable[[Any], values.Value]] = {
    ItemType.YES_NO: "true".__eq__,
    ItemType.NUMBER: int,
}
"""Canonical values of what ``_WRITTEN`` lets through."""

_Reader = Callable[[str, bool], Content | None]


class PlainSource:
    """A message in pieces: pupils that could be read here, and bytes for the parser.

    Where in the message a pupil stands is known without the parser only as long as everything before it
    was either recognised to the letter or taken by the parser whole, and nothing that could hide markup
    (comments, CDATA, processing instructions) came. From the first doubt on all goes to the parser.
    """

    def __init__(self, source: GuardedSource) -> None:
        """Nothing is read yet."""
        self._source = source
        self._buffer, self._at = b"", 0
        self._is_begun = self._is_for_parser = False
        self._due = 0
        self._unseen_lines = 0

    def read(self, *, elements: int) -> MessagePupil | bytes:
        """The next pupil, or the next bytes for the parser; no bytes at the end.

        ``elements`` is how many of header, roll and pupils the parser has handed out so far.
        """
        if not self._is_begun:
            self._is_begun = True
            return self._beginning()
        if elements != self._due:
            self._is_for_parser = True
        if self._is_for_parser:
            return self._rest() or self._source.read()
        return self._pupil()

    def _beginning(self) -> bytes:
        """Everything before the first pupil."""
        if not self._find(_OPENING):
            self._is_for_parser = True
            return self._rest()
        beginning = self._take(_OPENING)
        self._due = 2
        self._is_for_parser = b"<!" in beginning or beginning.count(b"<?") > 1
        return beginning

    def _pupil(self) -> MessagePupil | bytes:
        if not self._find(END) or not self._buffer.startswith(BEGINNING, self._at):
            self._is_for_parser = True
            return self._rest() or self._source.read()
        written = self._take(END)
        pupil = read_pupil(written)
        if pupil is not None:
            self._unseen_lines += written.count(b"\n")
            return pupil
        self._due += 1
        self._is_for_parser = b"<!" in written or b"<?" in written
        return self._lines() + written

    def _find(self, needle: bytes) -> bool:
        """Whether the needle stands in what is waiting; reads on until it does."""
        while self._buffer.find(needle, self._at) < 0:
            self._buffer, self._at = self._buffer[self._at :], 0
            if len(self._buffer) > _MOST_BYTES or not (piece := self._source.read()):
                return False
            self._buffer += piece
        return True

    def _take(self, needle: bytes) -> bytes:
        end = self._buffer.index(needle, self._at) + len(needle)
        taken, self._at = self._buffer[self._at : end], end
        return taken

    def _rest(self) -> bytes:
        rest, self._buffer, self._at = self._buffer[self._at :], b"", 0
        return self._lines() + rest

    def _lines(self) -> bytes:
        """Line breaks for those the parser has not seen, so that it counts lines rightly."""
        lines, self._unseen_lines = b"\n" * self._unseen_lines, 0
        return lines


def read_pupil(written: bytes) -> MessagePupil | None:
    """One pupil from ``<Pupil`` to its last line break; ``None`` where the parser has to look.

    Raises nothing: what is wrong is for the parser and the schema to say.
    """
    try:
        text = written.decode()
        is_ascii = text.isascii()
        if "> " in text or " <" in text or not (is_ascii or values.UNCARRIED.search(text) is None):
            return None
        return _pupil(text.split("\n"), is_ascii)
    except (UnicodeDecodeError, values.InvalidValueError):
        return None


def _pupil(lines: list[str], is_ascii: bool) -> MessagePupil | None:
    opening = _KEYS.fullmatch(lines[0])
    if opening is None or lines[-2:] != ["</Pupil>", ""]:
        return None
    pupil = MessagePupil(keys=_match_keys(opening.groups("")))
    blocks = pupil.blocks
    last = 0
    for line in lines[1:-2]:
        found = _READERS.get(line[: line.find(">") + 1])
        if found is None and line is lines[-3] and (marks := _marks(line)):
            pupil.marks = marks
            break
        if found is None or found[0] <= last:
            return None
        last, name, read = found
        content = read(line, is_ascii)
        if content is None:
            return None
        blocks[name] = content
    return pupil


def _match_keys(texts: Sequence[str]) -> MatchKeys:
    external_id, upn, family_name, given_name, date_of_birth, sex = texts
    if date_of_birth:
        _to_day(date_of_birth)
    return MatchKeys(
        external_id=external_id,
        upn=upn,
        family_name=family_name,
        given_name=given_name,
        date_of_birth=date_of_birth,
        sex=sex,
    )


def _marks(line: str) -> tuple[DayMarks, ...]:
    """The marks of a line that holds nothing else; none where it is not such a line."""
    at = len("<Marks>")
    days: list[DayMarks] = []
    if line.startswith("<Marks>"):
        while (found := _DAY_OF_MARKS(line, at)) is not None:
            on, am, pm = found.groups()
            days.append(DayMarks(on=str(_to_day(on)), am=am, pm=pm))
            at = found.end()
    return tuple(days) if line[at:] == "</Marks>" else ()


_CODE = f"[!#-%'-;=?-~]{{1,{layout.LONGEST_CODE}}}"
_DAY_OF_MARKS = re.compile(f'<Day Date="({_DAY})"(?: AM="({_CODE})")?(?: PM="({_CODE})")?/>').match

_to_day = values.converter(DataItem(name="date", label="", element="Date", type=ItemType.DATE))


def _keys_pattern() -> str:
    def attribute(name: str, longest: int) -> str:
        value = _DAY if name == "DOB" else f"{_IN_ATTRIBUTE}{{1,{longest}}}"
        return f' {name}="({value})"'

    (first, _, longest), *others = layout.MATCH_KEYS
    rest = "".join(f"(?:{attribute(name, most)})?" for name, _, most in others)
    return f"<Pupil{attribute(first, longest)}{rest}>"


_KEYS = re.compile(_keys_pattern())


def _items_pattern(group: DataGroup) -> str:
    """The items of one record or row, each once at most, in declared order."""

    def item(each: DataItem) -> str:
        value = _WRITTEN.get(each.type) or f"{_TEXT}{{1,{each.max_length}}}"
        return f"(?:<{each.element}>({value})</{each.element}>)?"

    return "".join(map(item, group.items))


def _row_reader(group: DataGroup) -> Callable[[tuple[str | None, ...], bool], Row]:
    """From an item's text to its canonical value; plain ASCII without white space around it is that."""
    names = group.item_names
    every = {item.name: values.converter(item) for item in group.items}
    typed = {
        item.name: _QUICK.get(item.type) or every[item.name] for item in group.items if item.type in _WRITTEN
    }

    def row(texts: tuple[str | None, ...], is_ascii: bool) -> Row:
        found: Row = {name: text for name, text in zip(names, texts, strict=True) if text is not None}
        for name, convert in (typed if is_ascii else every).items():
            if name in found:
                value = convert(found[name])
                if value is None:
                    del found[name]
                else:
                    found[name] = value
        return found

    return row


def _record_reader(group: DataGroup) -> _Reader:
    match = re.compile(f"<{group.element}>{_items_pattern(group)}</{group.element}>").fullmatch
    row = _row_reader(group)

    def read(line: str, is_ascii: bool) -> Content | None:
        found = match(line)
        return None if found is None else row(found.groups(), is_ascii)

    return read


def _list_reader(group: DataGroup) -> _Reader:
    match = re.compile(f"<{group.row_element}>{_items_pattern(group)}</{group.row_element}>").match
    row = _row_reader(group)
    beginning, end = len(group.element) + 2, f"</{group.element}>"

    def read(line: str, is_ascii: bool) -> Content | None:
        at = beginning
        rows: list[Row] = []
        while (found := match(line, at)) is not None:
            rows.append(row(found.groups(), is_ascii))
            at = found.end()
        if line[at:] != end:
            return None
        return in_canonical_order([each for each in rows if each])

    return read


_READERS = {
    f"<{group.element}>": (
        place,
        group.name,
        (_list_reader if group.is_list else _record_reader)(group),
    )
    for place, group in enumerate(GROUPS, start=1)
}
"""How each group's line is read, by its opening tag, and its place among the groups."""
