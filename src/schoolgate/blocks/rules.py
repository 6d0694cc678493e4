"""What the cache of hashes and the outstanding list work with, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from uuid import UUID

import msgspec

from schoolgate_message import groups

SLOTS = max(group.number for group in groups.GROUPS)
"""How many groups have a place in a row of the cache."""


class Outcome(Enum):
    """How a remembered block ended; only what is settled is remembered."""

    WRITTEN = "w"
    UNCHANGED = "u"
    IGNORED = "i"


class Remembered(msgspec.Struct, frozen=True):
    """The hash of a block that landed, and how."""

    digest: bytes
    outcome: Outcome


class ProposedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page as read: which request it answers, its hash, and the blocks and pupils on it.

    ``groups`` are the data groups the page feeds, ``counts`` its blocks by group, ``pupils`` external ids.
    """

    signature: str
    page: int
    digest: bytes
    groups: tuple[str, ...]
    counts: dict[str, int]
    pupils: tuple[str, ...]


class LandedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of which every block landed: how many pupils are on it, and who, where that was asked for."""

    digest: bytes
    counts: dict[str, int]
    how_many: int
    pupils: list[str] = []


def as_arrays(landed: Mapping[int, Remembered]) -> tuple[str, str]:
    """The hashes and outcomes of one pupil, by group number, as PostgreSQL writes arrays."""
    hashes, outcomes = [], []
    for number in range(1, SLOTS + 1):
        found = landed.get(number)
        hashes.append(found.digest.hex() if found else "NULL")
        outcomes.append(found.outcome.value if found else "NULL")
    return "{" + ",".join(hashes) + "}", "{" + ",".join(outcomes) + "}"


def as_digests(hashes: list[UUID | None]) -> tuple[bytes | None, ...]:
    """A row of the cache: the hash of the group numbered n stands at n - 1."""
    return tuple(each.bytes if each is not None else None for each in hashes)
