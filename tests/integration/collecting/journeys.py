"""What the tests of collecting share: a base of the sandbox's, a run collected and landed in this process."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests import cast
from tests.contracts.sandbox import Sandbox, settings_of

from schoolgate.authority.actions import ensure_authority
from schoolgate.bases.actions import create_base, save_connection, start_on_sims_primary
from schoolgate.bases.models import Base, Mis
from schoolgate.collecting.actions import collect
from schoolgate.collecting.officers import set_source_limit
from schoolgate.importing.actions import land_run
from schoolgate.lib import clock
from schoolgate.runs.actions import plan_run, take_up
from schoolgate.runs.models import Run
from schoolgate.runs.states import Origin, Stage


def base_of(sandbox: Sandbox, school: dict[str, Any], *, calls_per_second: float = 1000.0) -> Base:
    """A base on SIMS Primary whose source is a school of the sandbox."""
    now = clock.now()
    ensure_authority(la_number=school["dfe_number"][:3], name="Wharfdale", now=now)
    base = create_base(dfe_number=school["dfe_number"], name=school["name"], by=None, now=now)
    given = sandbox.credentials(school)
    save_connection(
        base.pk,
        mis=Mis.SIMS_PRIMARY,
        values=settings_of(given),
        by=None,
        now=now,
    )
    set_source_limit(Mis.SIMS_PRIMARY, given.api_url, calls_per_second=calls_per_second, by=None, now=now)
    moved_at = datetime.fromisoformat(school["moved_at"])
    return start_on_sims_primary(base.pk, moved_at=moved_at, by=None, now=now)


def planned(base: Base, data_type: str, *, task_id: int | None = None, nc_years: tuple[str, ...] = ()) -> Run:
    """A run asked for now."""
    origin = Origin.AD_HOC if task_id is None else Origin.TASK
    now = clock.now()
    return plan_run(
        base_id=base.pk,
        task_id=task_id,
        origin=origin,
        data_type=data_type,
        nc_years=nc_years,
        planned_at=now,
        now=now,
    )


def collected(run: Run) -> Run:
    """The run after a go at collecting."""
    taken = take_up(run.pk, stage=Stage.COLLECTING, worker=cast.SECRET[:3], now=clock.now())
    assert taken is not None
    collect(taken)
    return Run.objects.get(pk=run.pk)


def landed(run: Run) -> Run:
    """The run after landing, if it made a file."""
    if run.stage == Stage.COLLECTING.value:
        taken = take_up(run.pk, stage=Stage.LANDING, worker="w", now=clock.now())
        assert taken is not None
        land_run(run_id=run.pk, attempt=taken.attempt, now=clock.now())
    return Run.objects.get(pk=run.pk)


def done(base: Base, data_type: str, **more: Any) -> Run:
    """A run from end to end."""
    return landed(collected(planned(base, data_type, **more)))
