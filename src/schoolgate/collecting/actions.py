"""Collects one run, and says how it ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta

from django.db import transaction
from msgspec.structs import astuple

from schoolgate.bases.models import Base
from schoolgate.bases.queries import NoConnectionError
from schoolgate.collecting.asked import asked_by
from schoolgate.collecting.collected import Collected
from schoolgate.collecting.conclusion import conclude_with_files, conclude_without_file, files_of, has_news
from schoolgate.collecting.journeys import collected
from schoolgate.collecting.milestones import CancelWanted, Milestones
from schoolgate.collecting.models import StagedPage
from schoolgate.collecting.outbox import Outbox
from schoolgate.collecting.reader import Reader
from schoolgate.collecting.sources import source_of
from schoolgate.collecting.stage import StagedPages
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
        source = make_source(run.base)
    except NoConnectionError:
        _fail(run, "collecting.no_connection", *astuple(connector.words.settings_missing))
        return
    except UnusableSettingError as refusal:
        _fail(run, refusal.code, refusal.sentence, f"{refusal.remedy} {_WHERE_SETTINGS_ARE}")
        return
    with closing(source):
        _collect(run, source)


def _collect(run: Run, source: Source) -> None:
    asked = asked_by(run, reach_back_days=source.habits.reach_back_days)
    stage = StagedPages(run.pk, since_at=run.read_started_at, is_first_attempt=run.attempt == 1)
    milestones = Milestones(run, source=source)
    reader = Reader(source, asked=asked, stage=stage, checkpoint=milestones.passed, met=run.met)
    try:
        with closing(Outbox()) as outbox:
            said = collected(
                run, asked=asked, source=source, reader=reader, milestones=milestones, outbox=outbox
            )
            files = _conclude(said, stage)
    except SourceProblem as problem:
        stage.flush()
        _meet(run, problem, met=[*reader.met, (problem.code, problem.detail)])
    except CancelWanted:
        _cancel(run)
    else:
        if files:
            log.info("collecting.run.collected run_id=%s files=%s calls=%s", run.pk, files, source.calls)
        else:
            log.info("collecting.run.nothing_changed run_id=%s calls=%s", run.pk, source.calls)


def _conclude(said: Collected, stage: StagedPages) -> int:
    """End the collecting in one transaction, with files to land or without; answers how many."""
    now = clock.now()
    if not has_news(said):
        with transaction.atomic():
            conclude_without_file(said, now=now)
            stage.clear()
        return 0
    stage.flush()
    files = files_of(said, now=now)
    with transaction.atomic():
        conclude_with_files(said, files, now=now)
        stage.clear()
        engine.enqueue(said.run.pk)
    return len(files)


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
