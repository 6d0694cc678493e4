"""The one invented cast: an authority and its neighbour, its people, its bases, pupils chosen for trouble.

Everybody here is made up. Tests ask for whom they need; nothing is made that isn't asked for.
"""

from __future__ import annotations

import time as time_module
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

import pytest

from schoolgate.accounts.models import Role, User
from schoolgate.authority.actions import ensure_authority
from schoolgate.authority.models import Authority
from schoolgate.bases.actions import create_base, record_test, save_connection, start_on_sims_primary
from schoolgate.bases.models import Base, Mis
from schoolgate.lib import clock
from schoolgate.runs.actions import plan_run, take_up
from schoolgate.runs.models import Run
from schoolgate.runs.states import Origin, Stage
from schoolgate.tasks.actions import create_task
from schoolgate.tasks.models import ScheduledTask
from schoolgate.tasks.schedules import Schedule
from schoolgate_message.records import MatchKeys

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
"""Monday morning, half past eight."""
TODAY = date(2026, 11, 23)
MOVED_AT = NOW - timedelta(days=40)

LA_NUMBER = "820"

WEEKDAYS_AT_TEN_PAST_TWO = Schedule(
    frequency="weekly", starts_on=TODAY, start_time=time(2, 10), weekdays=(0, 1, 2, 3, 4)
)
SECRET = "kestrel-harbour-42"
SUBSCRIPTION_KEY = "lantern-orchard-17"

_numbers = count(1079)


def set_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process's clock go on from the cast's Monday, as the sandbox's does: dates stay apart alike."""
    started = time_module.monotonic()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=time_module.monotonic() - started))


def authority() -> Authority:
    """Wharfdale, LA 820."""
    return ensure_authority(la_number=LA_NUMBER, name="Wharfdale", now=NOW)


def person(name: str, role: Role, *, is_demo: bool = False) -> User:
    """Somebody with an account."""
    email = f"{name.lower().replace(' ', '.')}@wharfdale.invalid"
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(
        username=email,
        email=email,
        password="a long invented password",
        role=role,
        is_demo=is_demo,
        first_name=name.split(maxsplit=1)[0],
        last_name=name.rsplit(maxsplit=1)[-1],
    )


def officer() -> User:
    """Olwen Pryce, LA data officer."""
    return person("Olwen Pryce", Role.OFFICER)


def administrator() -> User:
    """Amir Haddad, LA administrator."""
    return person("Amir Haddad", Role.ADMINISTRATOR)


def reader() -> User:
    """Ruth Adeyemi, who reads the register."""
    return person("Ruth Adeyemi", Role.READER)


def stranger() -> User:
    """Sam Nobody, who has an account and no rights."""
    return person("Sam Nobody", Role.NOBODY)


def base_on_sims_7(name: str = "Kingsmead Primary") -> Base:
    """A base that has not moved."""
    authority()
    return create_base(
        dfe_number=f"{LA_NUMBER}{next(_numbers):04}",
        name=name,
        urn="123456",
        phase="Primary",
        by=None,
        now=NOW,
    )


def connect(base: Base, *, is_tested: bool = True) -> None:
    """Gives a base its four settings, tested unless told otherwise."""
    save_connection(
        base.pk,
        mis=Mis.SIMS_PRIMARY,
        values={
            "client_id": "schoolgate-820",
            "secret": SECRET,
            "subscription_key": SUBSCRIPTION_KEY,
            "organisation_id": "6f1c",
        },
        by=None,
        now=NOW,
    )
    if is_tested:
        record_test(base.pk, mis=Mis.SIMS_PRIMARY, outcome="works", by=None, now=NOW)


def base(name: str = "Ashgrove Primary", *, moved_at: datetime = MOVED_AT) -> Base:
    """A base on SIMS Primary whose connection works."""
    made = base_on_sims_7(name)
    connect(made)
    return start_on_sims_primary(made.pk, moved_at=moved_at, by=None, now=NOW)


def task(
    *bases: Base,
    name: str = "Nightly changes",
    data_type: str = "changed_data",
    schedule: Schedule = WEEKDAYS_AT_TEN_PAST_TWO,
    now: datetime = NOW,
) -> ScheduledTask:
    """A scheduled task over these bases."""
    return create_task(
        name=name,
        data_type=data_type,
        base_ids=[each.pk for each in bases],
        schedule=schedule,
        by=None,
        now=now,
    )


def run(
    base: Base,
    *,
    task: ScheduledTask | None = None,
    data_type: str = "snapshot",
    planned_at: datetime = NOW,
    priority: int = 0,
) -> Run:
    """A planned run."""
    return plan_run(
        base_id=base.pk,
        task_id=task.pk if task else None,
        origin=Origin.TASK if task else Origin.AD_HOC,
        data_type=task.data_type if task else data_type,
        planned_at=planned_at,
        priority=priority,
        now=planned_at,
    )


def run_at_work(base: Base, *, now: datetime = NOW, **planned: object) -> Run:
    """A run that a worker has taken up."""
    made = run(base, **planned)  # type: ignore[arg-type]
    taken = take_up(made.pk, stage=Stage.COLLECTING, worker="cast", now=now)
    assert taken is not None
    return taken


PUPILS = {
    "twin one": MatchKeys(
        external_id="p-001",
        upn="A820200020001",
        family_name="Marlowe",
        given_name="Iris",
        date_of_birth="2017-03-09",
        sex="F",
    ),
    "twin two": MatchKeys(
        external_id="p-002",
        upn="B820200020002",
        family_name="Marlowe",
        given_name="Ivy",
        date_of_birth="2017-03-09",
        sex="F",
    ),
    "no UPN": MatchKeys(
        external_id="p-003", family_name="Wexford", given_name="Tobias", date_of_birth="2018-11-30", sex="M"
    ),
    "changed surname": MatchKeys(
        external_id="p-004",
        upn="C820200020003",
        family_name="Ashby-Lowe",
        given_name="Nell",
        date_of_birth="2016-07-21",
        sex="F",
    ),
    "same name and birthday, one": MatchKeys(
        external_id="p-005",
        upn="D820200020004",
        family_name="Khan",
        given_name="Amina",
        date_of_birth="2017-01-02",
        sex="F",
    ),
    "same name and birthday, other": MatchKeys(
        external_id="p-006", family_name="Khan", given_name="Amina", date_of_birth="2017-01-02", sex="F"
    ),
    "an apostrophe": MatchKeys(
        external_id="p-007",
        upn="E820200020005",
        family_name="O'Shaughnessy",
        given_name="Fíonn",
        date_of_birth="2015-05-17",
        sex="M",
    ),
    "another script": MatchKeys(
        external_id="p-008",
        upn="F820200020006",
        family_name="Юрченко",
        given_name="Олена",
        date_of_birth="2016-09-01",
        sex="F",
    ),
    "young carer": MatchKeys(
        external_id="p-009",
        upn="G820200020007",
        family_name="Brackley",
        given_name="Jon",
        date_of_birth="2015-12-12",
        sex="M",
    ),
    "on two rolls": MatchKeys(
        external_id="p-010",
        upn="H820200020008",
        family_name="Tremaine",
        given_name="Zadie",
        date_of_birth="2016-02-29",
        sex="F",
    ),
    "moved from the neighbour": MatchKeys(
        external_id="p-011",
        upn="J821200020009",
        family_name="Oakes",
        given_name="Rowan",
        date_of_birth="2017-08-08",
        sex="M",
    ),
}
"""Pupils chosen for trouble, by their trouble."""
