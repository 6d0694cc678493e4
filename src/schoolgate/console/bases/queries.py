"""What the pages of a base show of its runs and its groups, in few queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from schoolgate.runs.models import Account, Run
from schoolgate.runs.states import Stage
from schoolgate_message.groups import ATTENDANCE, GROUPS


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """When a data group of a base was last read, and what became of it."""

    group: str
    run_id: int | None
    read_at: datetime | None
    received: int
    written: int


def freshness(base_id: int, *, look_back: int = 60) -> list[Freshness]:
    """Every data group with the newest run that carried it, among the base's last ``look_back`` runs."""
    recent = (
        Run.objects.filter(base_id=base_id, stage=Stage.DONE.value).order_by("-id").values("id")[:look_back]
    )
    newest = Window(RowNumber(), partition_by=F("group"), order_by=F("run_id").desc())
    accounts = (
        Account.objects.filter(run_id__in=[row["id"] for row in recent], received__gt=0)
        .annotate(place=newest)
        .filter(place=1)
        .select_related("run")
    )
    by_group = {account.group: account for account in accounts}
    names = [group.name for group in GROUPS] + [ATTENDANCE]
    return [_freshness(name, by_group.get(name)) for name in names]


def _freshness(name: str, account: Account | None) -> Freshness:
    if account is None:
        return Freshness(group=name, run_id=None, read_at=None, received=0, written=0)
    return Freshness(
        group=name,
        run_id=account.run_id,
        read_at=account.run.finished_at,
        received=account.received,
        written=account.written,
    )


def last_runs(base_id: int, *, limit: int = 8) -> list[Run]:
    """The newest runs of a base, planned ones left out."""
    return list(Run.objects.filter(base_id=base_id).exclude(stage=Stage.DUE.value).order_by("-id")[:limit])
