"""What the task form may offer for the ticked bases: now, only after a migration, or not at all, and why."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec

from schoolgate.tasks import kinds
from schoolgate.tasks.kinds import EXPORT, SIMS_7, SIMS_PRIMARY, TransferType
from schoolgate.tasks.refusals import RefusedError
from schoolgate_message.data_types import DataType

_TRANSFERS = tuple((each.value, each.label) for each in TransferType)
_FILTERS = (
    ("nc_years", "NCY"),
    ("is_looked_after_only", "Looked After"),
    ("is_leavers", "Leavers"),
    ("leaver_months", "Month filter"),
    ("is_historic_send_left_out", "Historic SEND"),
)


class Availability(Enum):
    """When something can be had."""

    NOW = "now"
    AFTER_MIGRATION = "after_migration"
    NOT_FOR_THESE = "not_for_these"


class BaseKind(msgspec.Struct, frozen=True, kw_only=True):
    """A ticked base, as far as the offer depends on it."""

    base_id: int
    name: str
    mis: str


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One choice: ``reason`` is a sentence unless it can be had now, ``bases`` are those it is about."""

    value: str
    label: str
    availability: Availability = Availability.NOW
    reason: str = ""
    bases: tuple[str, ...] = ()

    @property
    def may_be_chosen(self) -> bool:
        """Whether a task with it can be saved."""
        return self.availability is not Availability.NOT_FOR_THESE


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The whole offer for some bases."""

    transfer_types: tuple[Option, ...]
    data_types: tuple[Option, ...]
    filters: tuple[Option, ...]
    bases_by_kind: dict[str, tuple[str, ...]]
    refusal: RefusedError | None = None

    def for_(self, value: str) -> Option:
        """The option of that value, whichever list it stands in. Raises KeyError."""
        for each in (*self.transfer_types, *self.data_types, *self.filters):
            if each.value == value:
                return each
        raise KeyError(value)


def options_for(bases: Sequence[BaseKind]) -> Options:
    """What can be offered for these bases together.

    ``refusal`` says that they can share no task but attendance changed data: they are of both kinds.
    """
    by_kind = {
        kind: tuple(each.name for each in bases if each.mis == kind) for kind in (SIMS_7, SIMS_PRIMARY)
    }
    return Options(
        transfer_types=tuple(_transfer(value, label, by_kind) for value, label in _TRANSFERS),
        data_types=tuple(_data_type(each, by_kind) for each in DataType),
        filters=tuple(_filter(name, label, by_kind) for name, label in _FILTERS),
        bases_by_kind=by_kind,
        refusal=kinds.mixed_bases() if by_kind[SIMS_7] and by_kind[SIMS_PRIMARY] else None,
    )


def _transfer(value: str, label: str, by_kind: dict[str, tuple[str, ...]]) -> Option:
    if value == EXPORT or not by_kind[SIMS_PRIMARY]:
        return Option(value=value, label=label)
    return Option(
        value=value,
        label=label,
        availability=Availability.NOT_FOR_THESE,
        reason="SIMS Primary does not support it.",
        bases=by_kind[SIMS_PRIMARY],
    )


def _data_type(data_type: DataType, by_kind: dict[str, tuple[str, ...]]) -> Option:
    value, label = data_type.value, data_type.label
    if not kinds.is_for_sims_7(data_type=value):
        return _after_migration(value, label, "It starts by itself when the base has moved.", by_kind)
    if not kinds.is_for_sims_primary(transfer_type=EXPORT, data_type=value):
        if not by_kind[SIMS_PRIMARY]:
            return Option(value=value, label=label)
        reason, concerned = "SIMS Primary does not support it.", by_kind[SIMS_PRIMARY]
    elif by_kind[SIMS_7] and by_kind[SIMS_PRIMARY]:
        reason, concerned = "SIMS 7 and SIMS Primary bases can't share it.", by_kind[SIMS_PRIMARY]
    else:
        return Option(value=value, label=label)
    return Option(
        value=value, label=label, availability=Availability.NOT_FOR_THESE, reason=reason, bases=concerned
    )


def _filter(name: str, label: str, by_kind: dict[str, tuple[str, ...]]) -> Option:
    if name != "is_historic_send_left_out":
        return Option(value=name, label=label)
    return _after_migration(name, label, "It takes effect when the base has moved.", by_kind)


def _after_migration(value: str, label: str, effect: str, by_kind: dict[str, tuple[str, ...]]) -> Option:
    if not by_kind[SIMS_7]:
        return Option(value=value, label=label)
    names = by_kind[SIMS_7]
    who = f"{names[0]} is" if len(names) == 1 else f"{len(names)} bases are"
    return Option(
        value=value,
        label=label,
        availability=Availability.AFTER_MIGRATION,
        reason=f"{who} still on SIMS 7. {effect}",
        bases=names,
    )
