"""Collects one run, and says how it ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.db import transaction
from msgspec.structs import astuple

from schoolgate.bases.models import Base
from schoolgate.bases.queries import NoConnectionError
from schoolgate.collecting.changes import collect_changes
from schoolgate.collecting.collector import CancelWanted, Collector
from schoolgate.collecting.conclusion import conclude_with_files, conclude_without_file, has_news
from schoolgate.collecting.marks import Marks, collect_marks
from schoolgate.collecting.models import StagedPage
from schoolgate.collecting.snapshots import collect_snapshot
from schoolgate.collecting.sources import overlap_of, source_of
from schoolgate.connectors import registry
from schoolgate.connectors.errors import SETTINGS_PAGE, SourceProblem, UnusableSettingError
from schoolgate.connectors.port import Source
from schoolgate.connectors.registry import NoConnectorError
from schoolgate.lib import clock
from schoolgate.runs import engine
from schoolgate.runs.actions import cancel_run, fail_run, wait_for_retry
from schoolgate.runs.models import Run
from schoolgate.runs.rules import gives_up
from schoolgate.runs.states import FINISHED
from schoolgate_message.data_types import DataType

log = logging.getLogger(__name__)


def collect(run: Run, *, make_source: Callable[[Base], Source] = source_of) -> None:
    """Collect a run that was taken up. Whatever goes wrong at the source ends or postpones the run.

    Raises StaleAttemptError when another worker has taken the run over; nothing is then left behind.
    """
    try:
        connector = registry.of(run.base.mis)
    except NoConnectorError:
        _fail(run, "collecting.no_connector", *_no_connector())
        return
    if run.data_type not in connector.data_types:
        _fail(run, "collecting.not_supported", *astuple(connector.words.not_supported))
        return
    try:
        collector = Collector(run, source=make_source(run.base))
    except NoConnectionError:
        _fail(run, "collecting.no_connection", *astuple(connector.words.settings_missing))
        return
    except UnusableSettingError as refusal:
        _fail(run, refusal.code, refusal.sentence, f"{refusal.remedy} {_WHERE_SETTINGS_ARE}")
        return
    try:
        _collect(collector)
    except SourceProblem as problem:
        collector.stage.flush()
        _meet(run, problem, met=[*collector.met, (problem.code, problem.detail)])
    except CancelWanted:
        _cancel(run)
    finally:
        collector.close()


def _collect(collector: Collector) -> None:
    run, settings = collector.run, collector.source.habits
    marks: Marks | None = None
    if run.progress:
        collector.show()
    if run.data_type == DataType.ATTENDANCE_CHANGED_DATA.value:
        reach = clock.now() - timedelta(days=settings.reach_back_days)
        marks = collect_marks(
            collector,
            since_at=run.since_at or run.base.moved_to_sims_primary_at or reach,
            reach_at=reach,
            settings=settings,
        )
    elif run.data_type == DataType.CHANGED_DATA.value:
        collect_changes(collector, since_at=run.since_at, overlap=overlap_of(settings))
    else:
        collect_snapshot(collector)
    if marks is None:
        collector.complete_keys()
    collector.note_met()
    collector.tally.note_historic()
    collector.tally.note_left_out()
    if has_news(collector, marks):
        collector.stage.flush()
        with transaction.atomic():
            files = conclude_with_files(collector, marks, now=clock.now())
            engine.enqueue(run.pk)
        log.info(
            "collecting.run.collected run_id=%s files=%s calls=%s", run.pk, files, collector.source.calls
        )
    else:
        conclude_without_file(collector, now=clock.now())
        log.info("collecting.run.nothing_changed run_id=%s calls=%s", run.pk, collector.source.calls)


def _meet(run: Run, problem: SourceProblem, *, met: Sequence[tuple[str, str]]) -> None:
    """End the run on a permanent problem, or try again later; what was read so far stays staged."""
    log.warning("collecting.source.problem run_id=%s code=%s", run.pk, problem.code)
    if problem.is_permanent or gives_up(run.retries):
        sentence = f"{problem.sentence} ({problem.detail})" if problem.detail else problem.sentence
        _fail(run, problem.code, sentence, problem.remedy, problem.detail)
        return
    now = clock.now()
    until = None if problem.retry_after is None else now + timedelta(seconds=problem.retry_after)
    with transaction.atomic():
        again_at = wait_for_retry(
            run.pk, attempt=run.attempt, waits_for=problem.sentence, now=now, until=until, met=met
        )
        engine.enqueue(run.pk, not_before=again_at)


def _fail(run: Run, code: str, sentence: str, remedy: str, detail: str = "") -> None:
    with transaction.atomic():
        fail_run(
            run.pk,
            attempt=run.attempt,
            code=code,
            sentence=sentence,
            remedy=remedy,
            detail=detail,
            now=clock.now(),
        )
        StagedPage.objects.filter(run=run).delete()


def _cancel(run: Run) -> None:
    with transaction.atomic():
        cancel_run(run.pk, attempt=run.attempt, now=clock.now())
        StagedPage.objects.filter(run=run).delete()


_WHERE_SETTINGS_ARE = f"An administrator can change it on the page {SETTINGS_PAGE}."


def _no_connector() -> tuple[str, str]:
    labels = registry.labels()
    return (
        f"The base is not on {labels}, and this task collects from {labels}.",
        f"Move the base to {labels}, or take it off the task.",
    )


def prune_stage() -> int:
    """Delete pages of runs that have ended; answers how many."""
    return StagedPage.objects.filter(run__stage__in=FINISHED).delete()[0]
