"""Collects one run, and keeps what officers set about sources."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta

from django.db import transaction

from schoolgate.audit.actions import record_event
from schoolgate.bases.models import Base, Mis
from schoolgate.bases.queries import NoConnectionError
from schoolgate.collecting.asked import asked_by
from schoolgate.collecting.collected import Collected
from schoolgate.collecting.conclusion import conclude_with_files, conclude_without_file, files_of, has_news
from schoolgate.collecting.journeys import collected
from schoolgate.collecting.milestones import CancelWanted, Milestones
from schoolgate.collecting.models import MappingOverride, SourceLimit, SourceSetting, StagedPage
from schoolgate.collecting.outbox import Outbox
from schoolgate.collecting.reader import Reader
from schoolgate.collecting.sources import plain_url, source_of
from schoolgate.collecting.stage import StagedPages
from schoolgate.connectors import registry
from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import FieldOverride, Source
from schoolgate.connectors.registry import NoConnectorError
from schoolgate.lib import clock
from schoolgate.runs import engine
from schoolgate.runs.actions import cancel_run, fail_run, wait_for_retry
from schoolgate.runs.models import Run
from schoolgate.runs.rules import gives_up
from schoolgate.runs.states import FINISHED
from schoolgate_message.data_types import DataType

log = logging.getLogger(__name__)

FROM_SIMS_PRIMARY = frozenset(
    {DataType.SNAPSHOT.value, DataType.CHANGED_DATA.value, DataType.ATTENDANCE_CHANGED_DATA.value}
)


def collect(run: Run, *, make_source: Callable[[Base], Source] = source_of) -> None:
    """Collect a run that was taken up. Whatever goes wrong at the source ends or postpones the run.

    Raises StaleAttemptError when another worker has taken the run over; nothing is then left behind.
    """
    if run.data_type not in FROM_SIMS_PRIMARY:
        _fail(run, *_NOT_SUPPORTED)
        return
    try:
        source = make_source(run.base)
    except NoConnectionError:
        _fail(run, *_NO_CONNECTION)
        return
    except NoConnectorError:
        _fail(run, *_NO_CONNECTOR)
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


_NO_CONNECTION = (
    "collecting.no_connection",
    "The base has no SIMS Primary settings.",
    "Add Client ID, Secret, Subscription Key and Organisation ID on the base's page.",
)
_NOT_SUPPORTED = (
    "collecting.not_supported",
    "SIMS Primary does not support this data type.",
    "Use Snapshot Data, Changed Data or Attendance Changed Data (SIMS Primary).",
)
_NO_CONNECTOR = (
    "collecting.no_connector",
    "The base is not on SIMS Primary, and this task collects from SIMS Primary.",
    "Move the base to SIMS Primary, or take it off the task.",
)


def prune_stage() -> int:
    """Delete pages of runs that have ended; answers how many."""
    return StagedPage.objects.filter(run__stage__in=FINISHED).delete()[0]


# What officers set


@transaction.atomic
def set_source_limit(api_url: str, *, calls_per_second: float, by: int | None, now: datetime) -> None:
    """Say how many calls a second an address allows; refuses none and fewer."""
    if calls_per_second <= 0:
        raise ValueError("a source must allow some calls")
    SourceLimit.objects.update_or_create(
        api_url=plain_url(api_url),
        defaults={"calls_per_second": calls_per_second, "changed_at": now, "changed_by": by},
    )
    record_event("collecting.limit.set", now=now, user_id=by, details={"calls_per_second": calls_per_second})


@transaction.atomic
def set_source_setting(mis: str, *, name: str, value: str, by: int | None, now: datetime) -> None:
    """Change a setting of a connector, or with an empty value take the default; refuses what does not fit."""
    if not value:
        SourceSetting.objects.filter(name=name).delete()
    else:
        registry.settings_for(mis, {name: value})
        SourceSetting.objects.update_or_create(
            name=name, defaults={"value": value, "changed_at": now, "changed_by": by}
        )
    record_event("collecting.setting.set", now=now, user_id=by, details={"name": name})


@transaction.atomic
def save_override(
    *,
    domain: str,
    group: str,
    item: str,
    field: str = "",
    words: str = "",
    position: int = 0,
    constant: str = "",
    mis: str = Mis.SIMS_PRIMARY.value,
    by: int | None,
    now: datetime,
) -> MappingOverride:
    """Say where a data item really comes from; refuses what the mapping does not know (MappingError)."""
    given = {"field": field, "words": words, "position": position, "constant": constant}
    override = FieldOverride(
        domain=domain, group=group, item=item, field=field, words=words, position=position, constant=constant
    )
    registry.check_field(mis, override)
    saved, _ = MappingOverride.objects.update_or_create(
        domain=domain, group=group, item=item, defaults={**given, "changed_at": now, "changed_by": by}
    )
    details = {"domain": domain, "group": group, "item": item, **given}
    record_event("collecting.override.saved", now=now, user_id=by, subject_id=saved.pk, details=details)
    return saved


@transaction.atomic
def remove_override(override_id: int, *, by: int | None, now: datetime) -> None:
    """Let a data item come from where the shipped mapping says."""
    kept = MappingOverride.objects.get(pk=override_id)
    details = {"domain": kept.domain, "group": kept.group, "item": kept.item}
    kept.delete()
    record_event("collecting.override.removed", now=now, user_id=by, subject_id=override_id, details=details)
