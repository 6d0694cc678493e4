"""What one B2B message says, as typed records: header, roll manifest, pupils, blocks and marks."""

from __future__ import annotations

import msgspec

from schoolgate_message.blocks import Content
from schoolgate_message.roll_states import CURRENT

REMOVED_MARK = "-"
"""A mark that was taken out at the source; in the year string, a school session without a mark."""


class MatchKeys(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a pupil is recognised by; every pupil element carries them. Dates are YYYY-MM-DD."""

    external_id: str
    upn: str = ""
    family_name: str = ""
    given_name: str = ""
    date_of_birth: str = ""
    sex: str = ""


class DayMarks(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The marks sent for one calendar day: whole attendance codes, ``-`` removed, ``None`` not sent."""

    on: str
    am: str | None = None
    pm: str | None = None


class MessagePupil(msgspec.Struct, kw_only=True, gc=False):
    """One pupil: match keys, the blocks that are new or changed, groups deleted at the source, marks.

    ``blocks`` maps a group's name to its canonical content.  ``deleted`` names groups that the
    source said outright it holds no more; absence never gets in here.
    """

    keys: MatchKeys
    blocks: dict[str, Content] = msgspec.field(default_factory=dict)
    deleted: tuple[str, ...] = ()
    marks: tuple[DayMarks, ...] = ()


class RollEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One pupil who was read, and the state of the roll: Current, Leaver or Future."""

    external_id: str
    state: str = CURRENT


class RollManifest(msgspec.Struct, kw_only=True):
    """Which pupils were read, for which cohort, and whether the read was complete.

    ``cohort`` lists National Curriculum Years, empty for all.  ``declared`` is how many the source
    said there are, ``None`` when it does not say.  Only a complete manifest may ever end anything.
    """

    cohort: tuple[str, ...] = ()
    declared: int | None = None
    is_complete: bool = False
    pupils: tuple[RollEntry, ...] = ()


class MessageHeader(msgspec.Struct, frozen=True, kw_only=True):
    """Who sent what to whom, when. Instants are ISO 8601 in UTC; ``part`` counts from 1."""

    base: str
    authority: str
    data_type: str
    source: str
    created_at: str
    academic_year: int
    since_at: str = ""
    part: int = 1
    parts: int = 1


class Message(msgspec.Struct, kw_only=True):
    """A whole message in memory; large files are read pupil by pupil instead."""

    header: MessageHeader
    roll: RollManifest
    pupils: list[MessagePupil]
