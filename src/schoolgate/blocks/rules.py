"""What the cache of hashes and the outstanding list work with, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

import msgspec

from schoolgate_message import groups

SLOTS = max(group.number for group in groups.GROUPS)
"""How many groups have a place in a row of the cache."""

_NONE = bytes(16)


class Outcome(StrEnum):
    """How a remembered block ended; only what is settled is remembered.

    Ignored is what a processing rule would not take, unheard what another base speaks for, other source what
    another source of the same base does.
    """

    WRITTEN = "w"
    UNCHANGED = "u"
    IGNORED = "i"
    UNHEARD = "s"
    OTHER_SOURCE = "o"


LANDED = [Outcome.WRITTEN.value, Outcome.UNCHANGED.value]
"""What the register holds as it came."""


class Hashes:
    """A row of the cache, held as one piece of bytes: the hash of the group numbered n stands at n - 1."""

    __slots__ = ("_packed",)

    def __init__(self, packed: bytes) -> None:
        """``packed`` are the hashes one behind the other, noughts for none."""
        self._packed = packed

    def __len__(self) -> int:
        return len(self._packed) // len(_NONE)

    def __getitem__(self, place: int) -> bytes | None:
        if not 0 <= place < len(self):
            raise IndexError(place)
        digest = self._packed[place * len(_NONE) : (place + 1) * len(_NONE)]
        return None if digest == _NONE else digest

    def __iter__(self) -> Iterator[bytes | None]:
        return (self[place] for place in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hashes) and self._packed == other._packed

    def __hash__(self) -> int:
        return hash(self._packed)


NOTHING_KNOWN = Hashes(b"")


class Remembered(msgspec.Struct, frozen=True, gc=False):
    """The hash of a block that landed, and how; when it was read, where it now speaks for the pupil.

    Without a digest nothing is recognised by it, as after an explicit delete: only its time is kept.
    """

    digest: bytes | None
    outcome: Outcome
    read_at: datetime | None = None


class Said(msgspec.Struct, frozen=True, gc=False):
    """What one source of a base last said of one pupil.

    Hash, outcome and read time of the group numbered n at n - 1.
    """

    hashes: Hashes
    outcomes: Sequence[str | None]
    read_at: Sequence[datetime | None]

    def digest_of(self, number: int) -> bytes | None:
        """The hash known of the group with this number."""
        return self.hashes[number - 1] if number <= len(self.hashes) else None

    def read_at_of(self, number: int) -> datetime | None:
        """When the source was read for what last landed of the group; ``None`` where nothing ever did."""
        return self.read_at[number - 1] if number <= len(self.read_at) else None


class Unheard(msgspec.Struct, frozen=True, order=True):
    """A block of which a source of a base was not heard."""

    base_id: int
    source: str
    pupil_id: int
    group: str


class PageCounts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a page carried, so that it can be counted again without being looked at.

    ``unchanged`` are its blocks that landed, by data group: the same bytes bring them unchanged. ``left_out``
    are blocks of pupils whom the cohort leaves out, ``historic`` the records within blocks that were left out
    as historic SEND; ``rows`` what became of its rows. Of a page of the roll ``declared`` is how many rows
    the source said there were on all pages. ``is_last`` says that no other page came behind it.
    """

    unchanged: dict[str, int] = {}
    left_out: dict[str, int] = {}
    historic: dict[str, int] = {}
    rows: dict[str, int] = {}
    declared: int | None = None
    is_last: bool = False


class ProposedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page as read: which request it answers, its hash, what it carried and the pupils on it.

    ``groups`` are the data groups the page feeds, ``pupils`` external ids.
    """

    signature: str
    page: int
    digest: bytes
    groups: tuple[str, ...]
    counts: PageCounts
    pupils: tuple[str, ...]


class LandedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of which every block landed: how many pupils are on it, and who, where that was asked for."""

    digest: bytes
    counts: PageCounts
    how_many: int
    pupils: list[str] = []


def as_arrays(landed: Mapping[int, Remembered]) -> tuple[str, str, str]:
    """Hashes, outcomes and read times of one pupil, by group number, as PostgreSQL writes arrays."""
    hashes, outcomes, read_at = ["NULL"] * SLOTS, ["NULL"] * SLOTS, ["NULL"] * SLOTS
    for number, found in landed.items():
        if found.digest is not None:
            hashes[number - 1] = found.digest.hex()
            outcomes[number - 1] = found.outcome
        if found.read_at is not None:
            read_at[number - 1] = _quoted(found.read_at)
    return "{" + ",".join(hashes) + "}", "{" + ",".join(outcomes) + "}", "{" + ",".join(read_at) + "}"


@lru_cache(maxsize=16)
def _quoted(instant: datetime) -> str:
    """An instant within an array; those of a landing's blocks are nearly always one and the same."""
    return f'"{instant.isoformat()}"'
