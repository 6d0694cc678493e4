"""Which base speaks for a pupil whom several know: the one the child is at, of two the main registration.

A pupil who has left, or is only expected, is spoken for by the base that has the child now. Where two
bases list the child as Current, the main registration speaks for the groups that state facts of the pupil;
what it doesn't send is the other's. Facts of the pupil at a base compete with nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from schoolgate_message.groups import ENROLMENTS
from schoolgate_message.items import DataGroup, Scope
from schoolgate_message.roll_states import attends

NOT_ON_ROLL = "rule.not_on_roll"
NOT_MAIN = "rule.not_main"
SENTENCES = {
    NOT_ON_ROLL: "The pupil is not on this school's roll: only its enrolment is taken from here.",
    NOT_MAIN: "The pupil's main registration is at another school, which speaks for this.",
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
