"""What stands behind a number of an account: the blocks that a run told of, one by one.

Whatever became of a block that somebody may want to look at was told, under one of the kinds below. Of what
a run merely found as it stands, and of what it ignored because it says no more than is held, the number alone
is kept; of an unmatched pupil is told once, whatever the number of blocks.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import msgspec
from django.db.models import Count, Min, Q, QuerySet

from schoolgate.runs.models import RunException
from schoolgate_message.groups import ATTENDANCE

OF_WHO_IS_WHO = Q(kind="held", group="", code__startswith="match.")
"""What is held until somebody says who the pupil is: it counts as unmatched."""
TOLD_AS = MappingProxyType(
    {
        "in_conflict": Q(kind="held") & ~Q(group=""),
        "unmatched": Q(kind="unmatched") | OF_WHO_IS_WHO,
        "ignored": Q(kind="ignored"),
        "refused": Q(kind="refused"),
    }
)
"""The terms of an account behind which stands a list of what was told, and under which kinds."""


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """The blocks told of, as dictionaries of ``external_id``, ``group`` and ``pupil_id``, and how many.

    ``counted`` says how much of the account's number they are: blocks, and marks for attendance. It is
    ``None`` for what is unmatched, of which the pupils are told and not their blocks.
    """

    blocks: QuerySet[Any, Any]
    counted: int | None


def behind(run_id: int, term: str, *, group: str = "") -> Behind:
    """What a run told of one term (of ``TOLD_AS``), of one data group or of all, in the order it was met."""
    told = told_of(run_id, term)
    if group and term != "unmatched":
        told = told.filter(group=group)
    blocks = told.values("external_id", "group").annotate(pupil_id=Min("pupil_id"), first=Min("id"))
    return Behind(
        blocks=blocks.order_by("first"), counted=None if term == "unmatched" else _counted(told, term)
    )


def told_of(run_id: int, term: str) -> QuerySet[RunException]:
    """The exceptions of one term of a run, in the order they were met."""
    return RunException.objects.filter(TOLD_AS[term], run_id=run_id).order_by("id")


def _counted(told: QuerySet[RunException], term: str) -> int:
    """How many blocks and marks these are; several values of one block are told one by one."""
    of_marks = Q(group=ATTENDANCE)
    blocks = told.exclude(of_marks).order_by().values("external_id", "group").annotate(times=Count("id"))
    if term == "ignored":
        marks = sum(
            int(each.get("marks", 1)) for each in told.filter(of_marks).values_list("details", flat=True)
        )
    else:
        marks = told.filter(of_marks).count()
    return blocks.count() + marks
