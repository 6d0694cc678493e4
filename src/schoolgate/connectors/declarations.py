"""What a vendor's folder declares about itself, as data that pages, forms and the reference are made from.

Shared rooms read these declarations and name no vendor: which settings a base's connection has, what the
connector assumes of its source, how it maps fields onto our data items, and its sentences.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import msgspec

WORKS = "works"
"""The outcome of a connection test that came through; every other outcome is a source problem's code."""


class ConnectionSetting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting of a base's connection, in the order in which it is asked for.

    A secret is kept sealed and never shown again. An address may be left empty for the supplier's own.
    """

    name: str
    label: str
    help: str = ""
    is_secret: bool = False
    is_required: bool = True
    is_address: bool = False
    longest: int = 300


class Standing(Enum):
    """How sure a setting's default is."""

    STATED = "stated"
    """The supplier says so in public."""
    INFERRED = "inferred"
    """It follows from what the supplier says, or from the standards the supplier names."""
    ASSUMED = "assumed"
    """Nobody says so: a plausible guess, until the first real school shows otherwise."""


class Kind(Enum):
    """What a value of a setting looks like."""

    TEXT = "text"
    ADDRESS = "address"
    WHOLE_NUMBER = "whole number"
    NUMBER = "number"
    YES_OR_NO = "yes or no"
    HOSTS = "hosts"


class Assumption(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a connector takes for granted of its source, which an administrator may know better.

    ``needs`` and ``may_have`` are the places in braces a text must and may have. Numbers count ``unit``
    from ``least`` to ``most``. What ``is_operators`` is shown to officers and set where the server runs.
    """

    name: str
    section: str
    label: str
    effect: str
    fact: str
    standing: Standing
    default: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    least: float = 0
    most: float = 0
    needs: tuple[str, ...] = ()
    may_have: tuple[str, ...] = ()
    is_a_date_format: bool = False
    is_operators: bool = False


class Told(msgspec.Struct, frozen=True):
    """One sentence and what to do."""

    sentence: str
    remedy: str


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor's sentences, for rooms that must not know which vendor it is."""

    settings: str
    """What the settings of a connection are called."""
    where_settings_stand: str
    """Where whoever enters a connection finds its values."""
    settings_missing: Told
    not_supported: Told
    changes_kept: str
    """How long the source keeps its changes."""


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls a second an address allows to all who share something, such as a key."""

    address: str
    shared_by: str
    calls_per_second: float

    def __repr__(self) -> str:
        """Tells no key."""
        return f"Allowance(address={self.address!r})"


class ShippedField(msgspec.Struct, frozen=True, kw_only=True):
    """Where a data item comes from: a field, perhaps by words of ours or a place in a list, or a constant."""

    field: str = ""
    words: str = ""
    position: int = 0
    constant: str = ""


class ShippedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One data item of a domain, as the mapping ships."""

    group: str
    item: str
    source: ShippedField
    standing: Standing


class ShippedDomain(msgspec.Struct, frozen=True, kw_only=True):
    """One domain of the source, the data groups it feeds and their items."""

    name: str
    address: str
    standing: Standing
    has_changes: bool
    groups: tuple[str, ...]
    items: tuple[ShippedItem, ...]


class ShippedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is read beside the data groups: the roll, year groups, marks."""

    label: str
    address: str
    standing: Standing


class ShippedMapping(msgspec.Struct, frozen=True, kw_only=True):
    """A connector's mapping, for a person to read; ``words`` names its lists of words of ours."""

    version: int
    words: tuple[str, ...]
    places: tuple[ShippedPlace, ...]
    domains: tuple[ShippedDomain, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestOutcome:
    """What a test of a connection found: ``works``, or a source problem's code, with its words.

    ``details`` are technical and safe to show: which step failed, which domain, which status.
    """

    __test__ = False  # its name is no invitation to pytest

    code: str
    sentence: str
    remedy: str = ""
    details: dict[str, str] = field(default_factory=dict)

    @property
    def works(self) -> bool:
        """Whether the connection can be used."""
        return self.code == WORKS
