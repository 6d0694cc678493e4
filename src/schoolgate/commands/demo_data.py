"""``schoolgate demo-data``: fills an empty demo installation with the sandbox's schools, people and tasks.

Everything is made through the same actions a person's clicks would call. Repeating it changes nothing.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Any

import httpx2
import msgspec
import typer
from django.conf import settings
from django.db import transaction

from schoolgate.accounts.models import Role, User
from schoolgate.authority.actions import ensure_authority
from schoolgate.bases.actions import create_base, record_test, save_connection, start_on_sims_primary
from schoolgate.bases.models import Base, Connection, Mis
from schoolgate.collecting.officers import set_source_limit
from schoolgate.collecting.sources import try_connection
from schoolgate.commands import exits
from schoolgate.lib import clock
from schoolgate.tasks.actions import create_task, refresh_memberships
from schoolgate.tasks.models import Frequency, ScheduledTask
from schoolgate.tasks.schedules import Schedule
from schoolgate_message.data_types import DataType

DEMO_PASSWORD = "schoolgate demo"  # noqa: S105 - printed on purpose; works on loopback in a demo only
PEOPLE = (
    ("officer", Role.OFFICER, "Olwen", "Officer"),
    ("admin", Role.ADMINISTRATOR, "Amir", "Administrator"),
)
EVERY_WEEKDAY = (0, 1, 2, 3, 4)


def demo_data(
    *,
    sandbox: Annotated[str, typer.Option(help="Address of a running sandbox, http://127.0.0.1:PORT.")],
) -> None:
    """Fill a demo installation from a running sandbox."""
    if not settings.IS_DEMO:
        typer.echo("This is not a demo (SCHOOLGATE_DEMO is not 1); nothing was done.", err=True)
        raise typer.Exit(exits.USAGE)
    schools = httpx2.get(f"{sandbox}/control/schools", timeout=120).raise_for_status().json()
    allowed = httpx2.get(f"{sandbox}/control/settings", timeout=30).raise_for_status().json()
    now = clock.now()
    with transaction.atomic():
        la_number = schools[0]["dfe_number"][:3]
        ensure_authority(la_number=la_number, name="Wharfdale Council (demo)", is_demo=True, now=now)
        by = _people()
        bases = [_base(school, sandbox=sandbox, by=by, now=now) for school in schools]
        set_source_limit(
            Mis.SIMS_PRIMARY,
            f"{sandbox}/ssli01",
            calls_per_second=float(allowed["calls_per_second"]),
            by=by,
            now=now,
        )
        if not ScheduledTask.objects.exists():
            _tasks([base.pk for base in bases], by=by, now=now)
    _test(bases, by=by)
    typer.echo(f"{len(bases)} bases are ready.")


def _people() -> int:
    """The demo's accounts, marked as such; returns the administrator's id."""
    for username, role, given_name, family_name in PEOPLE:
        user, is_new = User.objects.get_or_create(
            username=username,
            defaults={
                "email": f"{username}@demo.invalid",
                "role": role,
                "is_demo": True,
                "first_name": given_name,
                "last_name": family_name,
            },
        )
        if is_new:
            user.set_password(DEMO_PASSWORD)
            user.save(update_fields=["password"])
    return User.objects.get(username="admin").pk


def _base(school: dict[str, Any], *, sandbox: str, by: int, now: datetime) -> Base:
    """One base with its connection; the sandbox's address may have changed since the last start."""
    base = Base.objects.filter(dfe_number=school["dfe_number"]).first()
    if base is None:
        base = create_base(
            dfe_number=school["dfe_number"],
            urn=str(school["urn"]),
            name=school["name"],
            phase=school["phase"],
            contact_name=school["head"],
            contact_email=school["email"],
            address=", ".join(school["address"].values()),
            by=by,
            now=now,
        )
    save_connection(
        base.pk,
        mis=Mis.SIMS_PRIMARY,
        values={
            "client_id": school["client_id"],
            "secret": school["client_secret"],
            "subscription_key": school["subscription_key"],
            "organisation_id": school["organisation_id"],
            "token_url": f"{sandbox}/sts/connect/token",
            "api_url": f"{sandbox}/ssli01",
        },
        by=by,
        now=now,
    )
    if base.moved_to_sims_primary_at is None:
        moved_at = datetime.fromisoformat(school["moved_at"])
        base = start_on_sims_primary(base.pk, moved_at=moved_at, by=by, now=now)
    return base


def _test(bases: list[Base], *, by: int) -> None:
    """Tests every connection that is untested; until then a base's tasks are Pending."""
    wanted = {base.pk: base for base in bases}
    for connection in Connection.objects.filter(base_id__in=wanted, tested_at__isnull=True):
        outcome = try_connection(wanted[connection.base_id], mis=connection.mis)
        record_test(
            connection.base_id,
            mis=connection.mis,
            outcome=outcome.code,
            sentence=outcome.sentence,
            version=connection.version,
            by=by,
            now=clock.now(),
        )
    refresh_memberships(base_ids=list(wanted), now=clock.now())


def _tasks(base_ids: list[int], *, by: int, now: datetime) -> None:
    """What an authority would typically set up: nightly changes, marks each morning, a monthly snapshot."""
    tomorrow = (now + timedelta(days=1)).date()
    weekdays = Schedule(
        frequency=Frequency.WEEKLY, weekdays=EVERY_WEEKDAY, starts_on=tomorrow, start_time=time(2, 10)
    )
    monthly = Schedule(
        frequency=Frequency.MONTHLY,
        months=tuple(range(1, 13)),
        month_day=1,
        starts_on=tomorrow,
        start_time=time(1, 0),
    )
    for name, data_type, schedule in (
        ("Nightly changes", DataType.CHANGED_DATA, weekdays),
        (
            "Attendance every morning",
            DataType.ATTENDANCE_CHANGED_DATA,
            msgspec.structs.replace(weekdays, start_time=time(10, 30)),
        ),
        ("Monthly snapshot", DataType.SNAPSHOT, monthly),
    ):
        create_task(
            name=name, data_type=data_type.value, base_ids=base_ids, schedule=schedule, by=by, now=now
        )
