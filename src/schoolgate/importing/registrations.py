"""Who speaks for a pupil whom several know: the base the child is at, of two the main registration.

A pupil who has left, or is only expected, is spoken for by the base that has the child now. Where two
bases list the child as Current, the main registration speaks for the groups that state facts of the pupil;
what it doesn't send is the other's. Facts of the pupil at a base compete with nobody's.

Of the sources of one base that list a pupil, one comes before the other, first that of the MIS: what it has
never told is the other's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from schoolgate_message.groups import ENROLMENTS
from schoolgate_message.items import DataGroup, Scope
from schoolgate_message.roll_states import attends

NOT_ON_ROLL = "rule.not_on_roll"
NOT_MAIN = "rule.not_main"
OTHER_SOURCE = "rule.other_source"
SENTENCES = {
    NOT_ON_ROLL: "The pupil is not on this school's roll: only its enrolment is taken from here.",
    NOT_MAIN: "The pupil's main registration is at another school, which speaks for this.",
    OTHER_SOURCE: "Another source of the school speaks for this: its MIS, or one that sent the pupil first.",
}
MAIN_STATUSES = frozenset({"C", "M"})
"""Enrolment statuses of a pupil's only, or main, registration (CBDS)."""


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """How a pupil is registered at a base now: enrolment status and entry date, empty where not told."""

    status: str = ""
    entry_on: str = ""


NOT_TOLD = Registration()


def main_of(registrations: Mapping[int, Registration], *, incumbent: int | None) -> int:
    """The base of the main registration: status C or M; then the newest entry; then who speaks now.

    ``incumbent`` is the base whose word the register holds. Where nothing tells two bases apart the one
    entered first among ours stays, so that the answer is the same every night.
    """
    return max(registrations, key=lambda base_id: _weight(base_id, registrations[base_id], incumbent))


def _weight(base_id: int, told: Registration, incumbent: int | None) -> tuple[bool, str, bool, int]:
    return told.status in MAIN_STATUSES, told.entry_on, base_id == incumbent, -base_id


def comes_before(
    source: str, other: str, *, own_source: str, mis_sources: Collection[str], came_first: bool
) -> bool:
    """Whether one source of a base is heard before another: the MIS; then who came first; then another MIS.

    ``own_source`` is that of the base's MIS, ``mis_sources`` are those of every MIS: another one than its own
    is one that the base has left, or has not moved to yet.
    """

    def place(each: str) -> int:
        return 0 if each == own_source else 2 if each in mis_sources else 1

    return place(source) < place(other) or (place(source) == place(other) and came_first)


def why_silent(
    group: DataGroup, *, state: str, is_current_elsewhere: bool, is_main: bool, does_main_tell: bool
) -> str:
    """Why a base isn't heard about a group; empty where it is.

    ``does_main_tell`` says whether the base of the main registration has ever sent the group.
    """
    if not is_current_elsewhere or group is ENROLMENTS:
        return ""
    if not attends(state):
        return NOT_ON_ROLL
    if group.scope is Scope.BASE or is_main or not does_main_tell:
        return ""
    return NOT_MAIN
