"""Collects one run, and keeps what officers set about sources."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from schoolgate.audit.actions import record_event
from schoolgate.bases.models import Base, Mis
from schoolgate.bases.queries import NoConnectionError
from schoolgate.collecting.changes import collect_changes
from schoolgate.collecting.collector import CancelWanted, Collector
from schoolgate.collecting.conclusion import conclude_with_files, conclude_without_file, has_news
from schoolgate.collecting.marks import Marks, collect_marks
from schoolgate.collecting.models import MappingOverride, SourceLimit, SourceSetting, StagedPage
from schoolgate.collecting.snapshots import collect_snapshot
from schoolgate.collecting.sources import overlap_of, plain_url, source_of
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
        collector = Collector(run, source=make_source(run.base))
    except NoConnectionError:
        _fail(run, *_NO_CONNECTION)
        return
    except NoConnectorError:
        _fail(run, *_NO_CONNECTOR)
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
