"""What waits, as plain values: how a message is made of it, and how marks that wait become one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

import msgspec
import xxhash

from schoolgate_message.blocks import content_from
from schoolgate_message.groups import ATTENDANCE
from schoolgate_message.records import DayMarks, MatchKeys, MessagePupil

BLOCK, DELETE, MARKS, ABSENCE, WHO = "block", "delete", "marks", "absence", "who"
"""The kinds of what waits; the last is the question who a pupil is that stands already."""

NO_GROUP = ""
"""The data group of an absence: the whole pupil. The question who it is stands under its kind's own name."""

Pair = tuple[str, str]
"""An external id of a base and a data group."""

_days_from = msgspec.json.Decoder(list[tuple[str, str | None, str | None]]).decode


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that waits for a person, as a source sent it.

    ``source`` is the source's slug, ``content`` canonical JSON: of a block its content, of marks a list of
    ``[on, am, pm]``, of anything else nothing. ``pupil_id`` is the pupil of the register the
    question is about (the one held, or the candidate), if there is one. ``code`` names the cause.
    """

    external_id: str
    source: str
    group: str
    kind: str
    code: str
    digest: bytes
    read_at: datetime
    keys: MatchKeys
    content: bytes = b""
    pupil_id: int | None = None

    @property
    def pair(self) -> Pair:
        """External id and data group."""
        return self.external_id, self.group


class Standing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of a pair: it waits, or was refused, with this content."""

    state: str
    digest: bytes
    code: str


class Release(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was decided of a pair that a run is to land, when it was read, and by whom it was released.

    ``pupil_id`` is the pupil of the register about whom it was decided.
    """

    decision: str
    read_at: datetime
    by: int | None
    pupil_id: int | None = None


def fingerprint(items: Iterable[tuple[str, str, str]]) -> str:
    """Short for what was looked at: external id, data group and digest of each."""
    written = "\x1e".join("\x1f".join(each) for each in sorted(items))
    return xxhash.xxh3_64_hexdigest(written.encode())


def fixed_digest(kind: str) -> bytes:
    """The digest of what has no content: one delete is like the other, and so is an absence."""
    return xxhash.xxh3_128_digest(f"held:{kind}".encode())


def marks_content(days: Iterable[DayMarks]) -> bytes:
    """Marks as they wait, by day: a list of ``[on, am, pm]``."""
    return msgspec.json.encode([(day.on, day.am, day.pm) for day in sorted(days, key=lambda day: day.on)])


def marks_of(content: bytes) -> tuple[DayMarks, ...]:
    """The marks in what waits."""
    found = _days_from(content or b"[]")
    return tuple(DayMarks(on=on, am=am, pm=pm) for on, am, pm in found)


def joined_marks(held: bytes, newer: bytes) -> bytes:
    """Marks that wait with newer ones put over them, half day by half day: a message tells only some days."""
    days = {day.on: day for day in marks_of(held)}
    for day in marks_of(newer):
        old = days.get(day.on, day)
        days[day.on] = DayMarks(
            on=day.on,
            am=old.am if day.am is None else day.am,
            pm=old.pm if day.pm is None else day.pm,
        )
    return marks_content(days.values())


def marks_digest(content: bytes) -> bytes:
    """The digest of marks as they wait."""
    return xxhash.xxh3_128_digest(b"marks:" + content)


def newest_of_each(waiting: Iterable[Waiting]) -> list[Waiting]:
    """One of each source, external id and data group: what was read last; marks of several joined."""
    found: dict[tuple[str, str, str], Waiting] = {}
    for each in sorted(waiting, key=lambda each: each.read_at):
        key = (each.source, *each.pair)
        found[key] = with_marks_of(found[key], each) if key in found else each
    return list(found.values())


def with_marks_of(held: Waiting, newer: Waiting) -> Waiting:
    """The newer one, with the marks that wait beneath it where both are marks."""
    if held.kind != MARKS or newer.kind != MARKS:
        return newer
    content = joined_marks(held.content, newer.content)
    return msgspec.structs.replace(newer, content=content, digest=marks_digest(content))


def pupils_of(waiting: Sequence[Waiting]) -> list[MessagePupil]:
    """What waits of one source, as a message says it: one pupil an external id, with the keys last sent."""
    by_pupil = sorted(waiting, key=lambda each: (each.external_id, each.read_at))
    return [_pupil(list(each)) for _, each in groupby(by_pupil, key=lambda each: each.external_id)]


def _pupil(waiting: list[Waiting]) -> MessagePupil:
    return MessagePupil(
        keys=waiting[-1].keys,
        blocks={each.group: content_from(each.content) for each in waiting if each.kind == BLOCK},
        deleted=tuple(each.group for each in waiting if each.kind == DELETE),
        marks=tuple(day for each in waiting if each.kind == MARKS for day in marks_of(each.content)),
    )


def are_marks_alone(waiting: Iterable[Waiting]) -> bool:
    """Whether marks are all that waits: the run that lands them is one of attendance."""
    return all(each.group == ATTENDANCE for each in waiting)
