"""What the server asks of any connector: pages of a domain as raw bytes, and what they say.

A connector knows one vendor's addresses, words and shapes. It keeps nothing, writes nothing and does
not decide what is new. The clock, the limiter and the credentials are handed to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

import msgspec


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """A base's connection with its secrets opened: the settings its connector declares, by name.

    ``version`` rises with every change of one of them. Its representation tells nothing, so that it can't
    end up in a log.
    """

    values: dict[str, str]
    version: int = 1

    def __repr__(self) -> str:
        return f"Credentials(version={self.version})"


class Limiter(Protocol):
    """Who may call the source when; shared by every worker that shares the source's allowance."""

    def wait_turn(self) -> None:
        """Block until a call may be sent, and count it."""

    def push_back(self, seconds: float) -> None:
        """Let nobody call for so long: the source said so."""


Contents = dict[str, dict[str, object] | list[dict[str, object]]]
"""What one pupil's rows say, by data group, in our words and not yet in canonical form."""


class NoLimit:
    """A limiter that never waits, for a connection test and for tests."""

    def wait_turn(self) -> None:
        """Go at once."""

    def push_back(self, seconds: float) -> None:
        """There is nobody to hold back."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A part of the source that is read by itself, and the data groups it feeds."""

    name: str
    groups: tuple[str, ...]
    may_have_changes: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One read of a domain: whole, its changes, or one pupil's rows.

    ``key`` names it within a run, ``signature`` beyond it (domain, page size, mapping): two whole
    readings of the same signature that give the same bytes say the same.
    """

    key: str
    domain: str
    first_link: str
    signature: str = ""
    must_have_rows: bool = False


class FieldOverride(msgspec.Struct, frozen=True, kw_only=True):
    """Where one data item really comes from. An empty ``field`` without a constant leaves the item out."""

    domain: str
    group: str
    item: str
    field: str = ""
    words: str = ""
    position: int = 0
    constant: str = ""


class Habits(Protocol):
    """What of a connector's settings those who call it need to know. Times in seconds and days."""

    @property
    def api_url(self) -> str: ...
    @property
    def calls_per_second(self) -> float: ...
    @property
    def overlap_seconds(self) -> int: ...
    @property
    def reach_back_days(self) -> int: ...
    @property
    def session_window_days(self) -> int: ...


class SourceRow(msgspec.Struct, frozen=True, gc=False):
    """One row of a page, still as bytes: whose it is, its own id, and whether it says "deleted"."""

    pupil: str
    row_id: str
    is_removed: bool
    raw: msgspec.Raw


class Unpacked(msgspec.Struct, frozen=True):
    """What a page says; ``declared`` is how many rows the source says there are on all pages.

    ``doubts`` say in a few words why the list may go on, or be wrong, without saying so. ``unplaced`` are
    rows that can't be read, or that don't say whose they are.
    """

    rows: list[SourceRow]
    next_link: str | None
    declared: int | None
    doubts: tuple[str, ...] = ()
    unplaced: int = 0


@dataclass(frozen=True, slots=True)
class OnRoll:
    """One pupil of the roll: Current, Leaver or Future, and the year group's id and words.

    ``state`` is empty where the source's word for it, ``said``, is not known.
    """

    external_id: str
    state: str
    year_group_id: str = ""
    year_group: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class SchoolSession:
    """A morning or afternoon (``AM``, ``PM``) of a day at a school.

    ``on`` is ``None`` where the source gives no day that could be one; ``name`` is empty where its word,
    ``said``, is not known.
    """

    on: date | None
    name: str
    said: str = ""


NO_CODE = "?"
"""Stands for the attendance code of a mark that is there and names none: nothing was removed."""


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One mark as the source sends it: ids of the pupil, the school session and the school's code.

    ``session_id`` is empty where the row names no school session, ``code_id`` where the mark was removed.
    """

    external_id: str
    session_id: str
    code_id: str


@dataclass(frozen=True, slots=True)
class SchoolCode:
    """One of a school's attendance codes: as the school writes it, and the statutory code it stands for.

    ``statutory`` is whole, as the source tells it, and may be none; empty where it tells none.
    """

    said: str
    statutory: str


class Source(Protocol):
    """One base's source. Every method that calls it may raise SourceProblem."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the mapping or a setting that shapes pages does."""

    @property
    def domains(self) -> Sequence[Domain]:
        """The domains that feed data groups; the one with the match keys comes first."""

    @property
    def calls(self) -> int:
        """How many calls were made so far."""

    @property
    def clock_offset(self) -> timedelta:
        """The source's clock minus ours, as its first answer told it; zero before, or where it tells none."""

    @property
    def keys_domain(self) -> str:
        """The domain whose rows hold the match keys."""

    @property
    def habits(self) -> Habits:
        """What of its settings those who read it need to know."""

    def close(self) -> None: ...
    @property
    def met(self) -> Sequence[tuple[str, str]]:
        """Problems that were overcome within a call, as code and detail."""

    @property
    def unsure(self) -> Sequence[tuple[str, str]]:
        """Lists, read within a call of another method, for which nobody vouches: where, and why."""

    def roll(self) -> Reading: ...
    def whole(self, domain: str) -> Reading: ...
    def changes(self, domain: str, since_at: datetime) -> Reading: ...
    def of_pupil(self, domain: str, external_id: str) -> Reading: ...
    def read_page(self, link: str) -> bytes:
        """The bytes of one page, checked to be data of this source."""

    def next_link(self, body: bytes, *, link: str) -> str | None:
        """The continuation of a page read at ``link`` whose bytes are known to be good."""

    def unpack(self, body: bytes, *, domain: str, link: str) -> Unpacked:
        """A page read at ``link``, parsed as a whole, its rows left as bytes."""

    def roll_entry(self, row: SourceRow) -> OnRoll: ...
    def nc_year_names(self) -> Mapping[str, str]:
        """The school's name of every year group, by its id (one call)."""

    def nc_year(self, entry: OnRoll, names: Mapping[str, str]) -> str:
        """The National Curriculum Year of a pupil; empty where there is none, or its word is not known."""

    def contents(self, domain: str, rows: Sequence[msgspec.Raw]) -> Contents:
        """One pupil's rows of a domain as content of its data groups, in our words, not yet canonical."""

    def changed_marks(self, since_at: datetime) -> Reading: ...
    def marks_of(self, external_id: str, from_at: datetime, until_at: datetime) -> Reading:
        """One pupil's marks as they stand, of a window of at most ``session_window_days``.

        Marks that were removed are not among them; a source that can't be asked so answers with
        ``source.not_found`` or ``source.request_refused``.
        """

    def mark(self, row: SourceRow) -> MarkRow: ...
    def sessions(self, from_at: datetime, until_at: datetime) -> Mapping[str, SchoolSession]:
        """The school sessions of a window of at most ``session_window_days``, by id."""

    def attendance_codes(self) -> Mapping[str, SchoolCode]:
        """Every code the school uses, by the code's id."""
