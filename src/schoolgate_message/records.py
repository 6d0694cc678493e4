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

    ``blocks`` maps a group's name to its canonical content.  ``row_ids`` maps the name of a group that is
    a list to the source's own ids of its rows, in the order of the block's rows, empty for a row without
    one; groups of which no row has an id are not in it.  It is no part of the content or its hash.
    ``deleted`` names groups that the source said outright it holds no more; absence never gets in here.
    """

    keys: MatchKeys
    blocks: dict[str, Content] = msgspec.field(default_factory=dict)
    row_ids: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
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


class KeptBack(msgspec.Struct, frozen=True, kw_only=True):
    """What the maker of a message read of one data group and did not put in, so that the books include it.

    ``unchanged`` counts blocks (of attendance: marks) that were as last sent, ``left_out`` those of each
    reason; ``who`` names the pupils of a reason by external id, where the maker names them.
    """

    unchanged: int = 0
    left_out: dict[str, int] = msgspec.field(default_factory=dict)
    who: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


class AttendanceWindow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Days of which the message holds every mark, of these attendance codes, or of all where none is named.

    From ``from_on`` to the day before ``until_on``, both written YYYY-MM-DD.
    """

    from_on: str
    until_on: str
    codes: tuple[str, ...] = ()


class MessageHeader(msgspec.Struct, frozen=True, kw_only=True):
    """Who sent what to whom, when. Instants are ISO 8601 with a zone; ``part`` counts from 1.

    ``maker`` is the program that made the message, ``message_id`` its own name for it: the same maker
    never gives an id to two messages, and the parts of one message share it.  ``read_from`` and
    ``read_until`` are when the content was read at the source, by the source's clock or the maker's.
    ``kept_back`` maps a data group, or ``attendance``, to what was read and is not in the message.
    All of these are empty in a message of version 1.
    """

    base: str
    authority: str
    data_type: str
    source: str
    created_at: str
    academic_year: int
    since_at: str = ""
    part: int = 1
    parts: int = 1
    maker: str = ""
    maker_version: str = ""
    message_id: str = ""
    read_from: str = ""
    read_until: str = ""
    kept_back: dict[str, KeptBack] = msgspec.field(default_factory=dict)
    whole_windows: tuple[AttendanceWindow, ...] = ()


class Message(msgspec.Struct, kw_only=True):
    """A whole message in memory; large files are read pupil by pupil instead."""

    header: MessageHeader
    roll: RollManifest
    pupils: list[MessagePupil]
