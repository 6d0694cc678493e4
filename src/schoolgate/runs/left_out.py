"""Whom a filter left out of a run, and why: what is counted can be listed (promise 8).

Kept among the run's exceptions, one for each reason, pupils with the same data groups together: a cohort's
snapshot leaves hundreds of pupils out of every group, night after night.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from django.db.models import QuerySet

from schoolgate.runs.models import Run, RunException
from schoolgate.runs.reasons import KIND, REASONS


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """One pupil whom a run left out, in which data groups, and why in a sentence."""

    external_id: str
    groups: Sequence[str]
    reason: str


def left_out_of(run: Run, *, group: str = "") -> tuple[list[LeftOut], Run]:
    """Who was left out of a run, and the run that found it out; of one data group or all.

    A run that met only pages it knew did not look at them again: the newest run of this base before it,
    with the same cohort and kind of data, says who is on them.
    """
    told_by = run if _told(run).exists() else _told_before(run) or run
    return [each for each in _of(told_by) if not group or group in each.groups], told_by


def unnamed_in(run: Run, *, group: str = "") -> dict[str, int]:
    """How many blocks (of attendance: marks) were left out of pupils whom nobody named, by data group.

    The maker of a message may say how much it left out, and not of whom.
    """
    found: dict[str, int] = {}
    for told in _told(run):
        for name, number in told.details.get("unnamed", {}).items():
            if not group or group == name:
                found[name] = found.get(name, 0) + number
    return found


def _of(run: Run) -> Iterator[LeftOut]:
    for told in _told(run):
        for part in told.details.get("lists", ()):
            for external_id in part["pupils"]:
                yield LeftOut(external_id=external_id, groups=part["groups"], reason=told.sentence)


def _told(run: Run) -> QuerySet[RunException]:
    return RunException.objects.filter(run=run, kind=KIND, code__in=REASONS).order_by("id")


def _told_before(run: Run) -> Run | None:
    same = Run.objects.filter(
        base_id=run.base_id,
        data_type=run.data_type,
        nc_years=run.nc_years,
        filters=run.filters,
        pk__lt=run.pk,
    )
    told = same.filter(exceptions__kind=KIND, exceptions__code__in=list(REASONS))
    return told.order_by("-pk").first()
