"""Attendance as the API tells it: sessions, records, and the lookup of codes.

A school has tens of thousands of records, so only their places are found in
advance; a page's rows are written out when it is asked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import msgspec

from schoolgate_sandbox import terms
from schoolgate_sandbox.codes import ATTENDANCE_CODES, OWN_ATTENDANCE, STATUTORY_ATTENDANCE, STATUTORY_OF
from schoolgate_sandbox.marks import unpack
from schoolgate_sandbox.store import Roll, World

_ENCODE = msgspec.json.Encoder().encode
_STARTS = ((8, 50), (13, 0))
_ENDS = ((12, 0), (15, 15))
_LATE = {"L", "U"}
_HEAD = '{"ExternalID":"%s","Attendee":{"ExternalID":"%s","Type":"Learner.Identifier"},"Event":%s'
_REST = ',"AttendanceCode":%s,"Qualifier":{"MinutesLate":%s,"Comment":null}}'
_GONE = ',"@removed":{"reason":"deleted"}}'


def session_starts_at(place: int) -> float:
    """Give the UTC instant at which the session of a place starts."""
    hour, minute = _STARTS[place & 1]
    return terms.at(place >> 1, hour=hour, minute=minute)


class Records:
    """A list of attendance records, written out page by page."""

    def __init__(
        self, world: World, roll: Roll, found: array[int], deleted: Sequence[tuple[int, int]] = ()
    ) -> None:
        self._ids = world.ids
        self._roll = roll
        self._found = found
        self._deleted = deleted
        self._codes = [_ENCODE(code_reference(world, roll, code)).decode() for code in ATTENDANCE_CODES]
        self._events: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._found) + len(self._deleted)

    def __getitem__(self, part: slice) -> list[bytes]:
        start, stop, _ = part.indices(len(self))
        split = len(self._found)
        rows = [self._row(*unpack(packed)) for packed in self._found[start : min(stop, split)]]
        gone = self._deleted[max(0, start - split) : max(0, stop - split)]
        return rows + [self._head(place, number).encode() + _GONE.encode() for place, number in gone]

    def _row(self, place: int, number: int) -> bytes:
        byte = self._roll.book.get(self._roll.pupils[number], place)
        if not byte:
            return self._head(place, number).encode() + _GONE.encode()
        late = "null"
        if STATUTORY_OF[ATTENDANCE_CODES[byte - 1]] in _LATE:
            late = str(5 + (place * 7 + number * 11) % 25)
        return (self._head(place, number) + _REST % (self._codes[byte - 1], late)).encode()

    def _head(self, place: int, number: int) -> str:
        pupil = self._roll.pupils[number].external_id
        event = self._events.get(place)
        if event is None:
            event = self._events[place] = _ENCODE(
                {
                    "ExternalID": session_id(self._ids.uid, self._roll, place),
                    "Type": "Attendance.StatutoryAttendanceSession",
                }
            ).decode()
        return _HEAD % (self._ids.uid(f"record/{pupil}/{place}"), pupil, event)


def session_id(uid: Any, roll: Roll, place: int) -> str:
    """Give the id of a school's session."""
    return str(uid(f"session/{roll.school.dfe_number}/{place}"))


def code_reference(world: World, roll: Roll, code: str) -> dict[str, str]:
    """Give the reference to one of a school's attendance codes; it never names the letter."""
    return {
        "ExternalID": world.ids.uid(f"code/{roll.school.dfe_number}/{code}"),
        "Type": "Attendance.Lookup.AttendanceCode",
    }


def find_records(world: World, roll: Roll, *, first: float, until: float) -> Records:
    """Find the records of sessions that start from first, before until, if tracked at all."""
    low, high = terms.day_of(first) - 1, terms.day_of(until) + 1
    found = roll.book.find(roll.pupils, since=roll.tracked_from, first=low, last=high)
    kept: dict[int, bool] = {}
    inside = array("Q")
    for packed in found:
        place, _ = unpack(packed)
        if place not in kept:
            kept[place] = first <= session_starts_at(place) < until
        if kept[place]:
            inside.append(packed)
    return Records(world, roll, inside)


def changed_records(world: World, roll: Roll, *, since: float) -> Records:
    """Find the records changed at or after an instant, and those deleted."""
    start = max(since, roll.tracked_from)
    found = roll.book.changes(roll.pupils, since=start)
    deleted = [(one.place, one.number) for one in roll.book.deletions(since=start)]
    return Records(world, roll, found, deleted)


def sessions(world: World, roll: Roll, *, first: float | None, until: float | None) -> list[bytes]:
    """Give the school's sessions that start in a span, or in this academic year."""
    year = terms.academic_year(world.clock.today)
    low = terms.at(terms.year_start(year).toordinal(), hour=0) if first is None else first
    high = terms.at(terms.year_start(year + 1).toordinal(), hour=0) if until is None else until
    rows: list[bytes] = []
    for day in range(terms.day_of(low) - 1, terms.day_of(high) + 2):
        if not roll.school.is_open(day):
            continue
        for session, name in enumerate(terms.SESSIONS):
            starts = session_starts_at(day * 2 + session)
            if low <= starts < high:
                rows.append(_ENCODE(_session(world, roll, day * 2 + session, name)))
    return rows


def _session(world: World, roll: Roll, place: int, name: str) -> dict[str, str]:
    hour, minute = _ENDS[place & 1]
    return {
        "ExternalID": session_id(world.ids.uid, roll, place),
        "AttendableEventStart": terms.iso(session_starts_at(place)),
        "AttendableEventEnd": terms.iso(terms.at(place >> 1, hour=hour, minute=minute)),
        "SessionName": name,
    }


def code_lookup(world: World, roll: Roll) -> list[bytes]:
    """Give the school's attendance codes, its own among them where it has any."""
    meanings = dict(STATUTORY_ATTENDANCE)
    own = OWN_ATTENDANCE if roll.school.has_own_codes else ()
    listed = [*STATUTORY_ATTENDANCE, *((code, text) for code, _, text in own)]
    return [
        _ENCODE(
            {
                "@odata.type": "#ESS.Attendance.AttendanceCode",
                "ExternalID": code_reference(world, roll, code)["ExternalID"],
                "LookupType": "AttendanceCode",
                "Code": code,
                "Description": text,
                "DisplayOrder": order,
                "IsVisible": True,
                "ResourceProvider": "School" if code not in meanings else "DfE",
                "StatutoryAttendanceCode": {
                    "Description": STATUTORY_OF[code],
                    "ExternalID": world.ids.uid(f"statutory/{STATUTORY_OF[code]}"),
                    "Type": "Attendance.Lookup.StatutoryAttendanceCode",
                },
            }
        )
        for order, (code, text) in enumerate(listed, start=1)
    ]


def statutory_lookup(world: World) -> list[bytes]:
    """Give the statutory attendance codes."""
    return [
        _ENCODE({"ExternalID": world.ids.uid(f"statutory/{code}"), "Code": code, "Description": text})
        for code, text in STATUTORY_ATTENDANCE
    ]
