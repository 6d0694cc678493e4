"""Bases with invented schools behind them, and the two jobs of a run carried out in this process."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from bench.made_pages import API_URL, MemoryClient, pages_of
from bench.made_school import made_pupils

from schoolgate.authority.actions import ensure_authority
from schoolgate.bases.actions import create_base, save_connection, start_on_sims_primary
from schoolgate.bases.models import Base, Mis
from schoolgate.bases.queries import credentials_for
from schoolgate.collecting.actions import collect
from schoolgate.collecting.sources import officers_settings
from schoolgate.connectors.port import NoLimit
from schoolgate.connectors.sims_primary.assumptions import settings_with
from schoolgate.connectors.sims_primary.connection import connection_of
from schoolgate.connectors.sims_primary.mapping import overridden
from schoolgate.connectors.sims_primary.source import SimsPrimarySource
from schoolgate.importing.actions import land_run
from schoolgate.lib import clock
from schoolgate.runs.actions import plan_run, take_up
from schoolgate.runs.models import Run
from schoolgate.runs.states import Origin, Stage
from schoolgate_message.data_types import DataType

MOVED_AT = datetime(2025, 9, 1, tzinfo=UTC)
WORKER = f"bench:{os.getpid()}"

Pages = dict[str, list[bytes]]


def make_school(number: int, *, pupils: int) -> tuple[Base, Pages]:
    """A base on SIMS Primary, and the pages of its source, which never leave this process."""
    now = clock.now()
    ensure_authority(la_number="820", name="Invented Council", is_demo=True, now=now)
    dfe_number = f"820{number:04d}"
    base = create_base(dfe_number=dfe_number, name=f"Invented School {number}", by=None, now=now)
    save_connection(
        base.pk,
        mis=Mis.SIMS_PRIMARY,
        values={
            "client_id": "bench",
            "secret": "bench",
            "subscription_key": "bench",
            "organisation_id": "bench",
            "api_url": API_URL,
        },
        by=None,
        now=now,
    )
    start_on_sims_primary(base.pk, moved_at=MOVED_AT, by=None, now=now)
    return Base.objects.get(pk=base.pk), pages_of(made_pupils(dfe_number, pupils))


def plan_snapshot(base: Base) -> int:
    """A due run, as an officer's "run now" would make it."""
    now = clock.now()
    data_type = DataType.SNAPSHOT.value
    return plan_run(base_id=base.pk, origin=Origin.AD_HOC, data_type=data_type, planned_at=now, now=now).pk


def collect_run(run_id: int, pages: Pages) -> None:
    """The collecting job, from taking the run up to its last commit; the source answers from memory."""
    run = take_up(run_id, stage=Stage.COLLECTING, worker=WORKER, now=clock.now())
    assert run is not None
    collect(run, make_source=lambda base: _source(base, pages))


def land(run_id: int) -> None:
    """The landing job."""
    run = take_up(run_id, stage=Stage.LANDING, worker=WORKER, now=clock.now())
    assert run is not None
    land_run(run_id=run_id, attempt=run.attempt, now=clock.now())


def status_of(run_id: int) -> str:
    """How the run ended."""
    return Run.objects.values_list("status", flat=True).get(pk=run_id)


def _source(base: Base, pages: Pages) -> SimsPrimarySource:
    """What ``collecting.sources.source_of`` makes, with the network and its limiter left out."""
    said = officers_settings(base.mis)
    client = MemoryClient(
        credentials=connection_of(credentials_for(base.pk, mis=base.mis)),
        settings=settings_with(said.settings),
        limiter=NoLimit(),
    )
    client.pages = pages
    return SimsPrimarySource(client=client, mapping=overridden(said.fields))
