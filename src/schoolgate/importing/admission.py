"""What of an arriving message may come in at all: by its roll, by the run's filters, by who has left.

Plain functions on plain values, the same for every way in. Collecting asks some of them before a message
exists, to spare the calls and the bytes; that is a shortcut to the answer given here, never another one.
What is left out is a term of the account, with a reason that opens its list.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from datetime import date

import msgspec

from schoolgate.runs.reasons import LEFT, NEVER_SENT, NOT_ON_ROLL, OUTSIDE_COHORT
from schoolgate.tasks.cohorts import Cohort
from schoolgate_message.blocks import Content, InvalidValueError, Row, canonical_value
from schoolgate_message.groups import ATTENDANCE, ENROLMENTS, LOOKED_AFTER, SEN_NEEDS, SEN_PROVISIONS
from schoolgate_message.records import DayMarks, MessagePupil
from schoolgate_message.roll_states import CURRENT, LEAVER

SEND_GROUPS = frozenset({SEN_PROVISIONS.name, SEN_NEEDS.name})
SENT_BY_LEAVERS = frozenset({ENROLMENTS.name, ATTENDANCE})
"""What comes of a pupil who has left: the leaving itself, and the marks of the days before it."""


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """What a message's pupils are let in by.

    ``states`` is the message's own roll, set right by a newer one that came before it; ``last_states`` the
    roll as the base last told it, for those whom the message's doesn't name. A roll that ``is_whole`` is
    complete, of no cohort and the newest: it names everybody the message may speak of. ``sent_before`` are
    the external ids that stand for a pupil, and those of whom a block is outstanding or stands under Held.
    Where the run ``is_chosen`` its pupils were picked by its cohort when the source was read, or by a person
    who released them. ``reach_on`` is the first leaving date that is still of interest of somebody who was
    never sent.
    """

    states: Mapping[str, str]
    last_states: Mapping[str, str]
    is_whole: bool
    sent_before: Container[str]
    cohort: Cohort
    is_chosen: bool
    reach_on: date

    def state_of(self, external_id: str) -> str:
        """Where the pupil stands on the base's roll, as far as is known."""
        return self.states.get(external_id) or self.last_states.get(external_id) or CURRENT


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """A pupil with what may come in, and what may not: groups and how many blocks (or marks), by reason."""

    pupil: MessagePupil
    state: str
    left_out: Mapping[str, Mapping[str, int]] = {}
    historic: Mapping[str, int] = {}

    @property
    def is_nobody(self) -> bool:
        """Whether nothing is left that would be worth knowing who the pupil is."""
        pupil = self.pupil
        return bool(self.left_out) and not (pupil.blocks or pupil.deleted or pupil.marks)


def admit(pupil: MessagePupil, gate: Gate) -> Admitted:
    """What of one pupil may come in."""
    state = gate.state_of(pupil.keys.external_id)
    reason = _why_nothing(pupil, state, gate)
    if reason:
        return _shut_out(pupil, state, reason)
    is_past = state == LEAVER and pupil.keys.external_id not in gate.sent_before
    blocks, out = dict[str, Content](), dict[str, int]()
    for name, content in pupil.blocks.items():
        if may_send(name, state=state, are_leavers_asked_for=gate.cohort.is_leavers and not is_past):
            blocks[name] = content
        else:
            out[name] = 1
    marks = pupil.marks
    if marks and (is_past or not may_send(ATTENDANCE, state=state)):
        marks, out[ATTENDANCE] = (), count_of(pupil.marks)
    historic = _drop_historic(blocks) if gate.cohort.is_historic_send_left_out else {}
    if not (out or historic):
        return Admitted(pupil=pupil, state=state)
    kept = msgspec.structs.replace(pupil, blocks=blocks, marks=marks)
    return Admitted(pupil=kept, state=state, left_out={LEFT: out} if out else {}, historic=historic)


def _shut_out(pupil: MessagePupil, state: str, reason: str) -> Admitted:
    """Nothing but explicit deletes, which are weighed where it is known whether the pupil has left."""
    out = dict.fromkeys(pupil.blocks, 1)
    if pupil.marks:
        out[ATTENDANCE] = count_of(pupil.marks)
    kept = msgspec.structs.replace(pupil, blocks={}, marks=())
    return Admitted(pupil=kept, state=state, left_out={reason: out} if out else {})


def _why_nothing(pupil: MessagePupil, state: str, gate: Gate) -> str:
    """The reason for which a pupil's blocks and marks all stay outside; empty where some may come in."""
    external_id = pupil.keys.external_id
    if gate.is_whole and external_id not in gate.states:
        return NOT_ON_ROLL
    if not gate.is_chosen and is_outside(pupil, state, gate.cohort):
        return OUTSIDE_COHORT
    if state == LEAVER and external_id not in gate.sent_before:
        enrolments = pupil.blocks.get(ENROLMENTS.name)
        if gate.is_chosen and enrolments is not None:
            return ""  # the source was asked for recent leavers only
        if not gate.cohort.is_everybody or not left_lately(enrolments, since=gate.reach_on):
            return NEVER_SENT
    return ""


def is_outside(pupil: MessagePupil, state: str, cohort: Cohort) -> bool:
    """Whether a message says itself that a pupil doesn't belong to the cohort that was asked for."""
    if cohort.is_leavers and state != LEAVER:
        return True
    if cohort.is_looked_after_only:
        care = pupil.blocks.get(LOOKED_AFTER.name)
        if isinstance(care, dict) and not care.get("in_care"):
            return True
    years = _years_of(pupil.blocks.get(ENROLMENTS.name))
    return bool(cohort.nc_years and state != LEAVER and years and years.isdisjoint(cohort.nc_years))


def _years_of(enrolments: Content | None) -> set[str]:
    rows = enrolments if isinstance(enrolments, list) else []
    return {str(row["nc_year"]) for row in rows if row.get("nc_year") and not row.get("leaving_on")}


def may_send(group: str, *, state: str, are_leavers_asked_for: bool = False) -> bool:
    """Whether a pupil in this state of the roll sends this group.

    A leaver sends the enrolment with its leaving date, marks that were entered late, and nothing else: a
    school that was left never competes with the one the child goes to. A task for leavers asks for all they
    have.
    """
    return state != LEAVER or are_leavers_asked_for or group in SENT_BY_LEAVERS


def left_lately(enrolments: object, *, since: date) -> bool:
    """Whether enrolment rows, raw or canonical, end no earlier than ``since``.

    Of a school's past a leaver who was never sent is no concern of the authority's; one who joined and
    left between two runs is (see docs/adr/0012).
    """
    rows = enrolments if isinstance(enrolments, list) else [enrolments]
    left = [_day_of(row.get("leaving_on")) for row in rows if isinstance(row, dict)]
    return max(left, default="") >= since.isoformat()


def _day_of(value: object) -> str:
    """The day of a leaving date; empty for none, and for what is no day."""
    try:
        return str(canonical_value(_LEAVING_ON, value) or "")
    except InvalidValueError:
        return ""


_LEAVING_ON = next(each for each in ENROLMENTS.items if each.name == "leaving_on")


def is_in_cohort(nc_year: str, *, nc_years: Collection[str], state: str, was_sent_before: bool) -> bool:
    """Whether a pupil belongs to the cohort of a task; no years ticked means everybody.

    A leaver who was never sent does not appear (handbook; but see ``left_lately``). One who was sent
    before stays, so that the leaving date comes: a leaver has no year group any more.
    """
    if state == LEAVER and not was_sent_before:
        return False
    return not nc_years or nc_year in nc_years or (state == LEAVER and not nc_year)


def without_historic(records: Sequence[Row]) -> tuple[list[Row], int]:
    """SEND records without the old ones that were never closed, and how many those are (handbook).

    Sorted by start date, the newest is kept, with all that began on its day; of the others those with an
    end date are kept and those without are dropped. The order stays.
    """
    if not records:
        return [], 0
    newest = max(str(each.get("start_on") or "") for each in records)
    kept = [each for each in records if each.get("end_on") or str(each.get("start_on") or "") == newest]
    return kept, len(records) - len(kept)


def _drop_historic(blocks: dict[str, Content]) -> dict[str, int]:
    """Take historic SEND out of the blocks; answers how many records, by data group."""
    dropped: dict[str, int] = {}
    for name in SEND_GROUPS & blocks.keys():
        content = blocks[name]
        if isinstance(content, list):
            blocks[name], times = without_historic(content)
            if times:
                dropped[name] = times
    return dropped


def count_of(marks: Sequence[DayMarks]) -> int:
    """How many marks these days hold."""
    return sum((day.am is not None) + (day.pm is not None) for day in marks)
