"""A Monday morning at an invented authority, built row by row: what the journeys' pages show.

Twelve bases, two weeks of runs in every outcome, pupils chosen for trouble, a year of marks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.cast import administrator
from tests.journeys.held_scenery import hold

from schoolgate.attendance.models import AttendanceYear
from schoolgate.audit.models import RecordChange
from schoolgate.authority.actions import ensure_authority
from schoolgate.bases.actions import create_base, record_test, save_connection, start_on_sims_primary
from schoolgate.bases.models import Base, Mis
from schoolgate.blocks.models import Outstanding
from schoolgate.collecting.officers import set_source_limit, set_source_setting
from schoolgate.files.models import TransferFile
from schoolgate.holding.causes import DOUBTED
from schoolgate.holding.models import HeldEntry
from schoolgate.importing.writing import SEVERAL_RULES
from schoolgate.lib.clock import LONDON
from schoolgate.pupils.models import TABLES, Pupil
from schoolgate.runs.models import Account, Run, RunException, RunItem, TaskLogEntry
from schoolgate.runs.reasons import KIND, OUTSIDE_COHORT, REASONS
from schoolgate.tasks.actions import create_task
from schoolgate.tasks.models import ScheduledTask
from schoolgate.tasks.schedules import Schedule

NAMES = (
    "Ashgrove Primary School",
    "Beckfoot Church of England Voluntary Controlled Infant, Junior and Nursery School with Resourced Provision",
    "Castle Hill Academy",
    "Dunmore Primary School",
    "Elm Tree Infant School",
    "Fairmile Junior School",
    "Gorse Lane Primary School",
    "Holy Cross Catholic Primary School",
    "Ings Lane Primary School",
    "Kingsmead Primary School",
    "Larkfield Community School",
    "St Oswald’s Primary School",
)
PARTNER_URL = "https://partner.example.invalid/ssli01"
WEEKDAYS = (0, 1, 2, 3, 4)


@dataclass(kw_only=True)
class Scenery:
    """What was built, by the names tests use."""

    now: datetime
    bases: list[Base] = field(default_factory=list)
    tasks: list[ScheduledTask] = field(default_factory=list)
    run: Run | None = None
    failed: Run | None = None
    working: Run | None = None
    pupil: Pupil | None = None
    held: list[HeldEntry] = field(default_factory=list)


def build(*, now: datetime) -> Scenery:
    """Everything, in the current database."""
    found = Scenery(now=now)
    ensure_authority(la_number="820", name="Wharfdale", now=now)
    _known_better(now=now)
    found.bases = [add_base(number, name, now=now) for number, name in enumerate(NAMES)]
    found.tasks = _tasks(found.bases, now=now)
    for base in found.bases[:10]:
        _fortnight(base, found.tasks[0], now=now)
    found.run = _rich_run(found, now=now)
    found.failed = Run.objects.filter(base=found.bases[9], stage="failed").latest("id")
    found.working = _working(found.bases[2], now=now)
    found.pupil = _pupils(found, now=now)
    found.held = hold(found.bases, found.run, now=now)
    return found


def _known_better(*, now: datetime) -> None:
    """What an administrator has said of the source: another overlap, and a test environment's pace."""
    by, last_week = administrator().pk, now - timedelta(days=6)
    set_source_setting(Mis.SIMS_PRIMARY, name="overlap_seconds", value="900", by=by, now=last_week)
    set_source_limit(Mis.SIMS_PRIMARY, PARTNER_URL, calls_per_second=2, by=by, now=last_week)


def add_base(number: int, name: str, *, now: datetime) -> Base:
    """One base; number 9's secret is rejected, 10 is on SIMS 7 still, 11 has no settings."""
    base = create_base(
        dfe_number=f"820{1079 + number}", urn=f"10{7000 + number}", name=name, phase="Primary",
        contact_name="Bronwen Ellis", contact_email="office@school.invalid", telephone="01632 960001",
        address="1 School Lane, Wharfdale, WD1 2AB", by=None, now=now,
    )  # fmt: skip
    if number == 11:
        return base
    save_connection(
        base.pk, mis=Mis.SIMS_PRIMARY, by=None, now=now, values={
            "client_id": f"wharfdale-{number}", "secret": "kestrel-harbour-42", "subscription_key": "lantern-17",
            "organisation_id": f"0f3c{number:04d}-7a1e-4c55-9d20-6b1d7e00aa10",
        },
    )  # fmt: skip
    if number != 10:
        start_on_sims_primary(base.pk, moved_at=now - timedelta(days=80), by=None, now=now)
    outcome = (
        ("source.wrong_secret", "SIMS ID rejects the secret of this base.") if number == 9 else ("works", "")
    )
    record_test(
        base.pk,
        mis=Mis.SIMS_PRIMARY,
        outcome=outcome[0],
        sentence=outcome[1],
        by=None,
        now=now - timedelta(hours=2),
    )
    base.refresh_from_db()
    return base


def _tasks(bases: list[Base], *, now: datetime) -> list[ScheduledTask]:
    tomorrow = (now + timedelta(days=1)).date()
    ids = [base.pk for base in bases[:10]]

    def make(name: str, data_type: str, at: time, base_ids: list[int], **more: Any) -> ScheduledTask:
        schedule = Schedule(frequency="weekly", starts_on=tomorrow, start_time=at, weekdays=WEEKDAYS)
        return create_task(
            name=name, data_type=data_type, base_ids=base_ids, schedule=schedule, by=None, now=now, **more
        )

    return [
        make("Nightly changes", "changed_data", time(2, 10), ids),
        make("Attendance every morning", "attendance_changed_data", time(10, 30), [*ids, bases[10].pk]),
        make("Snapshot of Reception and Year 1", "snapshot", time(1), ids[:4], nc_years=["R", "1"]),
    ]


def _fortnight(base: Base, task: ScheduledTask, *, now: datetime) -> None:
    """A run every weekday night; base 9 fails of late, base 8 fell silent, base 7 missed one."""
    place = int(base.dfe_number) - 8201079
    for back in range(14, -1, -1):
        on = (now - timedelta(days=back)).astimezone(LONDON).date()
        if on.weekday() > 4 or (place == 8 and back < 6):
            continue
        at = datetime.combine(on, time(2, 10), LONDON)
        if place == 9 and back < 3:
            _run(base, task, at=at, stage="failed", status="failed", code="source.wrong_secret")
        elif place == 7 and back == 0:
            Run.objects.create(base=base, task=task, task_name=task.name, origin="task",
                               data_type="changed_data", planned_at=at, stage="due")  # fmt: skip
        else:
            _run(
                base,
                task,
                at=at,
                stage="done",
                status="nothing_changed" if (back + place) % 3 else "exported",
            )


def _run(base: Base, task: ScheduledTask, *, at: datetime, stage: str, status: str, code: str = "") -> Run:
    run = Run.objects.create(
        base=base, task=task, task_name=task.name, origin="task", data_type=task.data_type, planned_at=at,
        started_at=at + timedelta(seconds=4), finished_at=at + timedelta(seconds=12), stage=stage, status=status,
        pupils_read=212, pupils_declared=212, is_complete_read=True, is_balanced=stage == "done" or None, attempt=1,
        exception_code=code, worker="worker-1",
        exception_sentence="SIMS ID rejects the secret of this base." if code else "",
        exception_remedy="Enter the secret of the newest credentials report." if code else "",
        exception_detail="POST /connect/token answered 400 invalid_client" if code else "",
    )  # fmt: skip
    number = run.pk % 999 + 1
    name = f"{base.dfe_number}_CES_820LLLL_{number:03d}.xml" if status == "exported" else ""
    TaskLogEntry.objects.create(
        base=base, run=run, task_id=task.pk, task_name=task.name, data_type=task.data_type, cohort="All",
        logged_at=at + timedelta(seconds=12), status=status, file_name=name,
        exception_details=f"{run.exception_remedy} {run.exception_sentence}".strip(),
    )  # fmt: skip
    if stage == "done":
        written = 9 if status == "exported" else 0
        Account.objects.create(
            run=run, group="address", received=212, unchanged=212 - written, written=written
        )
    return run


def _rich_run(found: Scenery, *, now: datetime) -> Run:
    """The snapshot of Ashgrove, with every term in its books."""
    run = _run(found.bases[0], found.tasks[2], at=now - timedelta(hours=6), stage="done", status="exceptions")
    Account.objects.filter(run=run).delete()
    for group, numbers in {
        "identifiers": (412, 0, 410, 1), "basic_details": (412, 0, 404, 6), "address": (412, 0, 401, 11),
        "contacts": (1030, 12, 1006, 9), "sen_provisions": (71, 0, 66, 4), "ethnicity_language": (412, 0, 407, 5),
        "attendance": (2060, 0, 1980, 80),
    }.items():  # fmt: skip
        received, left_out, unchanged, written = numbers
        Account.objects.create(run=run, group=group, received=received, left_out=left_out, unchanged=unchanged,
                               written=written, refused=received - left_out - unchanged - written)  # fmt: skip
    Run.objects.filter(pk=run.pk).update(pupils_read=412, pupils_declared=412, nc_years=["R", "1"])
    name = f"{found.bases[0].dfe_number}_CES_820LLLL_005.xml"
    file = TransferFile.objects.create(
        base=found.bases[0], run=run, name=name, number=5, received_at=now - timedelta(hours=6),
        landed_at=now - timedelta(hours=6), status="completed", pupils=38, size=48_211, stored_size=6_033,
        digest="0" * 64,
    )  # fmt: skip
    TaskLogEntry.objects.filter(run=run).update(
        file_name=name, file_id=file.pk, cohort="NCY R, 1",
        exception_details="Correct the type of need in SIMS. 1 code of SEN provision is unknown.",
    )  # fmt: skip
    run.refresh_from_db()
    return run


def _working(base: Base, *, now: datetime) -> Run:
    return Run.objects.create(
        base=base, origin="ad_hoc", task_name="Run by an officer", data_type="snapshot", planned_at=now,
        started_at=now - timedelta(seconds=40), stage="collecting", attempt=1, priority=10,
        progress={"pages": 18, "pages_expected": 45, "pupils": 1210, "domain": "LearnerContacts"},
    )  # fmt: skip


def _pupils(found: Scenery, *, now: datetime) -> Pupil:
    base, run = found.bases[0], found.run
    assert run is not None
    people = (
        ("Zoë", "O’Brien-Łukasiewicz", date(2017, 3, 9)),
        ("Aarav", "Patel", date(2016, 11, 2)),
        ("Wren", "Okafor", date(2017, 1, 30)),
        ("子涵", "王", date(2017, 6, 14)),
    )
    first: Pupil | None = None
    for number, (given, family, born) in enumerate(people):
        pupil = Pupil.objects.create(created_at=now, created_by_run=run.pk)
        _record(pupil, base, run, given=given, family=family, born=born, number=number, now=now)
        first = first or pupil
    assert first is not None
    _marks(first, base, run, now=now)
    _history(first, found, run, now=now)
    return first


def _record(
    pupil: Pupil, base: Base, run: Run, *, given: str, family: str, born: date, number: int, now: datetime
) -> None:
    mark = {"base_id": base.pk, "run_id": run.pk, "written_at": now - timedelta(hours=6)}

    def one(group: str, **items: Any) -> None:
        TABLES[group]._default_manager.create(pupil=pupil, **mark, **items)

    one("identifiers", upn=None if number == 3 else f"A82010790{number:04d}")
    one(
        "basic_details",
        given_name=given,
        family_name=family,
        date_of_birth=born,
        sex="F" if number % 2 else "M",
    )
    one("address", paon="14", street="Mill Race Lane", town="Wharfdale", postcode="WD3 4EF")
    one("enrolments", position=1, school_dfe_number=base.dfe_number, school_name=base.name,
        entry_on=date(2021, 9, 6), nc_year="4", registration_group="4E", enrolment_status="C")  # fmt: skip
    one("sen_provisions", position=1, provision="K", start_on=date(2025, 1, 8))
    one("contacts", position=1, priority=1, title="Mrs", family_name=family, given_name="Marta",
        relationship="PAM", has_responsibility=True, mobile_telephone="07700 900123",
        email="marta@family.invalid")  # fmt: skip
    one("contacts", position=2, priority=2, title="Mr", family_name=family, given_name="Piotr",
        relationship="PAF", has_responsibility=True, mobile_telephone="07700 900124")  # fmt: skip
    one("ethnicity_language", ethnicity="WBRI", first_language="ENG", home_language="ENG")
    one("service_child", service_child="N")


def _marks(pupil: Pupil, base: Base, run: Run, *, now: datetime) -> None:
    start = date(2026, 9, 1)
    marks: list[str] = []
    for offset in range(365):
        on = start + timedelta(days=offset)
        if on.weekday() > 4 or on > now.date():
            marks += "--"
        elif date(2026, 10, 26) <= on <= date(2026, 10, 30):
            marks += "##"
        elif on in {date(2026, 9, 17), date(2026, 9, 18)}:
            marks += "II"
        elif on == date(2026, 10, 8):
            marks += "OO"
        elif on.day == 12:
            marks += "L\\"
        elif on == date(2026, 11, 5):
            marks += "VV"
        elif on == date(2026, 11, 17):
            marks += "M\\"
        else:
            marks += "/\\"
    AttendanceYear.objects.create(
        pupil=pupil, base=base, academic_year=2026, start_date=start, marks="".join(marks), run_id=run.pk,
        corrected={"2026-10-08 AM": "N", "2026-10-08 PM": "N"}, written_at=now - timedelta(hours=6),
    )  # fmt: skip


def _history(pupil: Pupil, found: Scenery, run: Run, *, now: datetime) -> None:
    shared = {"pupil_id": pupil.pk, "base_id": found.bases[0].pk, "run_id": run.pk, "reason": "always import"}
    at = now - timedelta(hours=6)
    RecordChange.objects.create(at=at, group="address", kind="changed", before={"paon": "9", "street": "Beck Row"},
                                after={"paon": "14", "street": "Mill Race Lane"}, **shared)  # fmt: skip
    RecordChange.objects.create(at=at, group="attendance", kind="changed", before=None,
                                after={"2026-10-08": ["N", "O", "N", "O"]}, **shared)  # fmt: skip
    RecordChange.objects.create(at=at, group="sen_provisions", kind="added", before=None,
                                after=[{"provision": "K", "start_on": "2025-01-08"}], **shared)  # fmt: skip
    RecordChange.objects.create(at=at, group="identifiers", kind="changed", before={}, after={"uci": "820107912345"},
                                rules={"upn": "item.upn_held", "uci": "always import"},
                                **{**shared, "reason": SEVERAL_RULES})  # fmt: skip
    about: dict[str, Any] = {"run": run, "base_id": run.base_id, "pupil_id": pupil.pk, "external_id": "a-1"}
    waits = {"external_id": "a-1", "group": "sen_needs", "code": "sets.unknown", "since_at": at}
    Outstanding.objects.create(base_id=run.base_id, run_id=run.pk, **waits)
    RunException.objects.create(
        kind="refused", code="sets.unknown", sentence="The type of need is no code of the set.",
        remedy="Correct the type of need in SIMS.", group="sen_needs", item="need_type", line=118, **about,
    )  # fmt: skip
    RunException.objects.create(
        kind="held", code=DOUBTED.code, sentence=DOUBTED.sentence, remedy=DOUBTED.remedy, **about
    )
    RunException.objects.create(
        run=run, base_id=run.base_id, kind=KIND, code=OUTSIDE_COHORT, sentence=REASONS[OUTSIDE_COHORT],
        details={"lists": [{"groups": ["contacts"], "pupils": ["c-1", "c-2"]}], "unnamed": {"contacts": 10}},
    )  # fmt: skip
    told = {"run": run, "pupil_id": pupil.pk, "external_id": "a-1", "group": "identifiers"}
    RunItem.objects.create(item="upn", fate="refused", rule="item.upn_held", **told)
    RunItem.objects.create(item="uci", fate="written", rule="always import", **told)
