"""Releases what waits for a person: as a message of its own that lands through the same engine.

What was put aside becomes a transfer file and a run, so that a release is in the task log, in the audit and
in the books like anything else that lands; the landing asks `holding.queries.released` what of the run's
file it may believe. A pupil missing from the roll has nothing to land: the officer says that the pupil has
left, and the link of the base's id says so from then on, while the record stays as it is (ADR 7).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import msgspec
from django.db import transaction

from schoolgate.authority.academic_years import academic_year_of
from schoolgate.authority.queries import academic_year_start, the
from schoolgate.bases.models import Base
from schoolgate.files.actions import store_file
from schoolgate.holding.actions import as_waiting, checked_reason, choose, send_off, settle
from schoolgate.holding.causes import CAUSES, Cause
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.holding.refusals import no_decision
from schoolgate.holding.rules import ABSENCE, Waiting, are_marks_alone, pupils_of
from schoolgate.importing.leaving import close_outstanding
from schoolgate.importing.speaking import let_speak
from schoolgate.lib.clock import london_day
from schoolgate.matching.actions import mark_left
from schoolgate.matching.occasions import Occasion
from schoolgate.runs import engine
from schoolgate.runs.actions import plan_run
from schoolgate.runs.states import Origin
from schoolgate_message.data_types import DataType
from schoolgate_message.records import Message, MessageHeader, RollManifest
from schoolgate_message.xml_writer import write_message

RELEASE_PRIORITY = 10


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """Of how many pupils something was released, and the runs that land it; none where nothing lands."""

    pupils: int
    run_ids: list[int]


@transaction.atomic
def release(
    entry_id: int,
    *,
    by: int | None,
    reason: str,
    now: datetime,
    external_ids: Collection[str] | None = None,
    decision: str = "",
    seen: str = "",
) -> Released:
    """Release what waits in an entry, whole or of some pupils, by one of the ways its cause knows.

    Refuses without a reason, where nothing waits any more or not what was looked at (``seen``, the
    fingerprint of it), and where the cause can be released in several ways and none of them was named.
    """
    reason = checked_reason(reason)
    entry, items = choose(entry_id, external_ids, seen=seen)
    cause = CAUSES[entry.code]
    code = _checked_decision(cause, decision)
    if not cause.lands:
        _confirm_left(entry, items, by=by, now=now)
        return Released(pupils=settle(entry, items, decision=code, by=by, reason=reason, now=now), run_ids=[])
    of_roll = [each for each in items if each.kind == ABSENCE]
    if of_roll:  # who has left, while the leaving dates land like anything else
        _confirm_left(entry, of_roll, by=by, now=now)
        settle(entry, of_roll, decision=code, by=by, reason=reason, now=now)
    by_source: dict[str, list[HeldItem]] = defaultdict(list)
    for item in (each for each in items if each.kind != ABSENCE):
        by_source[item.source].append(item)
    run_ids = []
    for source, some in sorted(by_source.items()):
        run_id = _land_again(entry, [as_waiting(each) for each in some], source=source, by=by, now=now)
        send_off(entry, some, run_id=run_id, decision=code, by=by, reason=reason, now=now)
        run_ids.append(run_id)
    return Released(pupils=len({each.external_id for each in items}), run_ids=run_ids)


def _checked_decision(cause: Cause, code: str) -> str:
    found = cause.decision(code)
    if found is None:
        raise no_decision()
    return found.code


def _land_again(
    entry: HeldEntry, waiting: Sequence[Waiting], *, source: str, by: int | None, now: datetime
) -> int:
    """The run that lands what waits of one source, with its file; answers its id."""
    data_type = DataType.ATTENDANCE_CHANGED_DATA if are_marks_alone(waiting) else DataType.CHANGED_DATA
    run = plan_run(
        base_id=entry.base_id,
        origin=Origin.RELEASE,
        data_type=data_type.value,
        planned_at=now,
        priority=RELEASE_PRIORITY,
        requested_by=by,
        now=now,
    )
    body, pupils = _message(entry, waiting, data_type=data_type, source=source, now=now)
    store_file(
        base_id=entry.base_id, run_id=run.pk, body=body, pupils=pupils, authority=the().la_number, now=now
    )
    engine.enqueue(run.pk)
    return run.pk


def _message(
    entry: HeldEntry, waiting: Sequence[Waiting], *, data_type: DataType, source: str, now: datetime
) -> tuple[bytes, int]:
    """What waits as a message, and of how many pupils. It says nothing of the roll.

    Its making is the oldest reading in it, so that nothing in it passes for newer than it is; when each
    block was read the landing learns from what was released.
    """
    authority = the()
    read_at = min(each.read_at for each in waiting).astimezone(UTC)
    pupils = pupils_of(waiting)
    header = MessageHeader(
        base=Base.objects.values_list("dfe_number", flat=True).get(pk=entry.base_id),
        authority=authority.la_number,
        data_type=data_type.value,
        source=source,
        created_at=read_at.isoformat().replace("+00:00", "Z"),
        academic_year=academic_year_of(london_day(now), starts_on=academic_year_start()),
    )
    return write_message(Message(header=header, roll=RollManifest(), pupils=pupils)), len(pupils)


def _confirm_left(entry: HeldEntry, items: Sequence[HeldItem], *, by: int | None, now: datetime) -> None:
    """The pupils count as leavers of the base, where others may speak for them now; no record ends."""
    by_source: dict[str, set[str]] = defaultdict(set)
    for item in items:
        by_source[item.source].add(item.external_id)
    for source, external_ids in by_source.items():
        on = Occasion(base_id=entry.base_id, source=source, now=now)
        left = mark_left(external_ids, on=on, by=by)
        close_outstanding(external_ids, base_id=entry.base_id, source=source)
        let_speak(left, run_id=None, now=now)
