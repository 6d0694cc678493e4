"""Which kind of base can carry a task out, now or only after its migration, and why not.

SIMS 7 tasks are carried out by the agent at the school, SIMS Primary tasks by the scheduler service. Only
a snapshot, changed data and attendance changed data exist for SIMS Primary (seed: all attainment, two-way
and SIMS 7 attendance tasks are made inactive by a migration).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum

from schoolgate.tasks.refusals import RefusedError
from schoolgate.tasks.states import MembershipState
from schoolgate_message.data_types import DataType

SIMS_7 = "sims7"
SIMS_PRIMARY = "sims_primary"
ATTENDANCE_CHANGED_DATA = DataType.ATTENDANCE_CHANGED_DATA.value
ON_BOTH = frozenset({DataType.SNAPSHOT.value, DataType.CHANGED_DATA.value})
"""What SIMS 7 and SIMS Primary bases can send alike, and what goes on working after a migration."""


class TransferType(Enum):
    """Which way the data flow; the value is stored, the label is shown."""

    EXPORT = "export"
    IMPORT = "import"
    TWO_WAY = "two_way"

    @property
    def label(self) -> str:
        """The seed's words for it."""
        return _TRANSFER_WORDS[self][0]

    @property
    def flow(self) -> str:
        """The seed's Data Flow, in a list of tasks."""
        return _TRANSFER_WORDS[self][1]


_TRANSFER_WORDS = {
    TransferType.EXPORT: ("Export from School", "Export"),
    TransferType.IMPORT: ("Import to School", "Import"),
    TransferType.TWO_WAY: ("Two-way", "Two-way"),
}
EXPORT = TransferType.EXPORT.value


def is_for_sims_primary(*, transfer_type: str, data_type: str) -> bool:
    """Whether SIMS Primary can carry such a task out."""
    return transfer_type == EXPORT and (data_type in ON_BOTH or data_type == ATTENDANCE_CHANGED_DATA)


def is_for_sims_7(*, data_type: str) -> bool:
    """Whether SIMS 7 can carry such a task out."""
    return data_type != ATTENDANCE_CHANGED_DATA


def membership_state(*, task_kind: str, base_kind: str) -> MembershipState:
    """How a base stands in a task of that kind."""
    if task_kind == base_kind:
        return MembershipState.ACTIVE
    return MembershipState.WAITING if task_kind == SIMS_PRIMARY else MembershipState.ENDED


def kind_for(
    data_type: str, base_kinds: Collection[str], *, wished: str = "", transfer_type: str = EXPORT
) -> str:
    """Which kind of base carries a task out, from the bases' kinds and what it collects.

    Attendance changed data is SIMS Primary's; bases on SIMS 7 wait for their migration. What only SIMS 7
    knows is SIMS 7's. Otherwise the bases must be of one kind (seed: SIMS 7 and SIMS Primary bases can't
    be grouped), unless SIMS Primary is ``wished`` for, for after the migration of all.
    """
    if not base_kinds:
        raise RefusedError(
            "tasks.no_base", "No base is ticked.", "Tick the bases this task is for.", field="bases"
        )
    check_transfer(transfer_type, data_type=data_type)
    if not is_for_sims_7(data_type=data_type):
        if wished == SIMS_7:
            raise _not_on_sims_7()
        return SIMS_PRIMARY
    if not is_for_sims_primary(transfer_type=transfer_type, data_type=data_type):
        if wished == SIMS_PRIMARY or SIMS_PRIMARY in base_kinds:
            raise _not_on_sims_primary(transfer_type=transfer_type, data_type=data_type)
        return SIMS_7
    if wished == SIMS_PRIMARY:
        return SIMS_PRIMARY
    kinds = set(base_kinds)
    if len(kinds) > 1:
        raise mixed_bases()
    kind = kinds.pop()
    check_kind_of_base(task_kind=wished or kind, base_kind=kind)
    return kind


def check_transfer(transfer_type: str, *, data_type: str) -> None:
    """Refuses a way of transfer with a data type it does not carry."""
    if transfer_type not in {each.value for each in TransferType}:
        raise RefusedError(
            "tasks.transfer_type",
            "The Transfer Type is missing.",
            "Choose Export from School, Import to School or Two-way.",
            field="transfer_type",
        )
    carried = ON_BOTH if transfer_type == TransferType.TWO_WAY.value else {DataType.CHANGED_DATA.value}
    if transfer_type != EXPORT and data_type not in carried:
        raise RefusedError(
            "tasks.transfer_data_type",
            "This Transfer Type does not carry that data type.",
            "Choose Changed Data, or Export from School.",
            field="data_type",
        )


def mixed_bases() -> RefusedError:
    """SIMS 7 and SIMS Primary bases on one task, with the way out."""
    return RefusedError(
        "tasks.mixed_bases",
        "SIMS 7 and SIMS Primary bases can't share a task.",
        "Make one task for the SIMS 7 bases and one for the SIMS Primary bases.",
        field="bases",
    )


def _not_on_sims_7() -> RefusedError:
    return RefusedError(
        "tasks.data_type_not_on_sims_7",
        "Attendance Changed Data (SIMS Primary) can't be collected from SIMS 7.",
        "Make it a SIMS Primary task; it waits for the migration of its bases.",
        field="data_type",
    )


def _not_on_sims_primary(*, transfer_type: str, data_type: str) -> RefusedError:
    what = "Import to School and Two-way tasks" if transfer_type != EXPORT else DataType(data_type).label
    return RefusedError(
        "tasks.not_on_sims_primary",
        f"SIMS Primary does not support {what}.",
        not_on_sims_primary_remedy(transfer_type=transfer_type, data_type=data_type),
        field="transfer_type" if transfer_type != EXPORT else "data_type",
    )


def not_on_sims_primary_remedy(*, transfer_type: str, data_type: str) -> str:
    """What to choose instead for a SIMS Primary base."""
    if transfer_type != EXPORT:
        return "Choose Export from School, or untick the SIMS Primary bases."
    if DataType(data_type).is_attendance:
        return "Choose Attendance Changed Data (SIMS Primary), or untick the SIMS Primary bases."
    return "Untick the SIMS Primary bases."


def check_kind_of_base(*, task_kind: str, base_kind: str) -> None:
    """Refuses a SIMS Primary base on a SIMS 7 task; the other way round the base waits for migration."""
    if membership_state(task_kind=task_kind, base_kind=base_kind) is MembershipState.ENDED:
        raise RefusedError(
            "tasks.base_left_sims_7",
            "This is a SIMS 7 task, and a SIMS Primary base can't join it.",
            "Make a task for SIMS Primary bases, or join one.",
            field="bases",
        )


def taking_part(members: Iterable[tuple[str, str]], *, task_kind: str) -> list[str]:
    """The kinds of the bases that count when a task is judged; (base name, kind) of all members.

    Those that have ended don't: a moved base kept for the record must not stop the others' task.
    """
    return [
        kind
        for _, kind in members
        if membership_state(task_kind=task_kind, base_kind=kind) is not MembershipState.ENDED
    ]
