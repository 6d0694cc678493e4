"""Two schools that both have everything, and somebody who looks after one: for tests of who sees what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests import cast
from tests.landing import ADDRESS, OTHER_ADDRESS, file_of, land, pupil, who_is
from tests.waiting import block, put

from schoolgate.accounts.actions import limit_person
from schoolgate.accounts.models import Role, User
from schoolgate.attendance.models import AttendanceYear
from schoolgate.audit.models import RecordChange
from schoolgate.bases.models import Base
from schoolgate.blocks.models import Outstanding
from schoolgate.files.models import TransferFile
from schoolgate.holding.models import HeldEntry
from schoolgate.runs.models import Run, RunException, RunItem
from schoolgate.runs.reasons import KIND, OUTSIDE_COHORT
from schoolgate.runs.states import Stage
from schoolgate.tasks.blackouts import add_blackout
from schoolgate.tasks.models import Blackout, Membership, ScheduledTask

NOWHERE = 10**9
"""An id that nothing has."""
YEAR = 2026


@dataclass(frozen=True, kw_only=True)
class Side:
    """One school with what hangs on it; ``failed`` is a run that did not come through, ``due`` one to come."""

    base: Base
    task: ScheduledTask
    run: Run
    failed: Run
    due: Run
    file: TransferFile
    pupil_id: int
    external_id: str
    blackout: Blackout
    entry: HeldEntry
    """In which an address waits."""


@dataclass(frozen=True, kw_only=True)
class TwoBases:
    """``here`` is the school of the person who is limited, ``there`` the other; ``shared`` collects both."""

    here: Side
    there: Side
    shared: ScheduledTask
    officer: User
    """Looks after the school here."""
    all_rights: User
    """Looks after the school here, and holds every right."""
    holidays: Blackout
    """Of the whole authority."""
    sides: dict[int, str] = field(default_factory=dict)


def build() -> TwoBases:
    """Both schools, with a landed file, books, marks, a failed run, one to come, and dates of closure each."""
    here = _side("Ashgrove Primary", "twin one", "Nightly changes")
    there = _side("Marsh Lane", "young carer", "Changes of Marsh Lane")
    [holidays] = add_blackout(
        name="Half term", kind="holiday", from_on=cast.TODAY, until_on=cast.TODAY + timedelta(days=1),
        by=None, now=cast.NOW,
    )  # fmt: skip
    return TwoBases(
        here=here,
        there=there,
        shared=cast.task(here.base, there.base, name="Both schools"),
        officer=limited("Petra Osei", Role.OFFICER, here.base),
        all_rights=limited("Idris Vaughan", Role.ADMINISTRATOR, here.base),
        holidays=holidays,
    )


def limited(name: str, role: Role, *bases: Base) -> User:
    """Somebody who looks after these bases alone."""
    person = cast.person(name, role)
    limit_person(person.pk, base_ids=[base.pk for base in bases], by=None, now=cast.NOW)
    person.refresh_from_db()
    return person


def nowhere() -> Side:
    """The wrong ids: rows that are not in the database, of a school that isn't either."""
    base = Base(pk=NOWHERE, name="Nowhere")
    run = Run(pk=NOWHERE, base=base, data_type="snapshot")
    task = ScheduledTask(pk=NOWHERE)
    return Side(
        base=base, task=task, run=run, failed=run, due=run, file=TransferFile(pk=NOWHERE, base=base, run=run),
        pupil_id=NOWHERE, external_id="nobody", blackout=Blackout(pk=NOWHERE, base=base),
        entry=HeldEntry(pk=NOWHERE, base=base, code="match.doubted"),
    )  # fmt: skip


def _side(name: str, who: str, task_name: str) -> Side:
    base = cast.base(name)
    enrolments = [{"school_dfe_number": base.dfe_number, "entry_on": "2021-09-06", "nc_year": "4"}]
    run = land(base, pupil(who, address=ADDRESS, enrolments=enrolments))
    external_id = cast.PUPILS[who].external_id
    pupil_id = who_is(base, external_id)
    AttendanceYear.objects.create(
        pupil_id=pupil_id, base=base, academic_year=YEAR, start_date=date(YEAR, 9, 1), marks="/\\" * 300,
        written_at=cast.NOW,
    )  # fmt: skip
    RecordChange.objects.create(
        at=cast.NOW, pupil_id=pupil_id, group="attendance", kind="changed", base_id=base.pk, run_id=run.pk,
        after={"2026-10-08": ["N", "O", "N", "O"]}, reason="always import",
    )  # fmt: skip
    _exceptions(run, pupil_id, external_id)
    task = cast.task(base, name=task_name)
    rows = {"LearnerAddresses": {"received": 1, "became": 1}}
    Run.objects.filter(pk=run.pk).update(rows=rows, clock_offset=600.0)
    run.refresh_from_db()
    failed = cast.run(base, task=task)
    Run.objects.filter(pk=failed.pk).update(
        stage=Stage.FAILED.value, exception_code="source.gone", planned_at=cast.NOW - timedelta(hours=1)
    )
    [blackout] = add_blackout(
        name=f"Burst pipe at {name}", kind="closure", from_on=cast.TODAY + timedelta(days=1),
        until_on=cast.TODAY + timedelta(days=3), base_ids=[base.pk], by=None, now=cast.NOW,
    )  # fmt: skip
    Membership.objects.filter(task=task).update(next_due_at=cast.NOW + timedelta(hours=3), pending_reason="")
    return Side(
        base=base, task=task, run=run, failed=failed, due=cast.run(base), file=file_of(run), pupil_id=pupil_id,
        external_id=external_id, blackout=blackout,
        entry=put(base, block(who, "address", OTHER_ADDRESS, pupil_id=pupil_id)),
    )  # fmt: skip


def _exceptions(run: Run, pupil_id: int, external_id: str) -> None:
    told: dict[str, Any] = {"run": run, "base_id": run.base_id}
    lists = {"lists": [{"groups": ["address"], "pupils": [external_id]}], "unnamed": {"contacts": 2}}
    RunException.objects.create(kind=KIND, code=OUTSIDE_COHORT, sentence="Outside.", details=lists, **told)
    RunException.objects.create(
        kind="refused", code="sets.unknown", sentence="The type of need is no code of the set.",
        pupil_id=pupil_id, external_id=external_id, group="sen_needs", **told,
    )  # fmt: skip
    waits = {"external_id": external_id, "group": "sen_needs", "code": "sets.unknown", "since_at": cast.NOW}
    Outstanding.objects.create(base_id=run.base_id, run_id=run.pk, **waits)
    RunItem.objects.create(
        run=run, pupil_id=pupil_id, external_id=external_id, group="identifiers", item="upn", fate="refused",
        rule="item.upn_held",
    )  # fmt: skip
