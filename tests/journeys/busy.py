"""What the clockwork's pages show beside the scenery: workers, a queue, a limit in use, holidays, a full cache."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from tests.journeys.scenery import Scenery

from schoolgate.blocks.models import CachedHashes, PageHash
from schoolgate.collecting.models import SourceTurn
from schoolgate.pupils.models import Pupil
from schoolgate.runs.models import Run
from schoolgate.scheduling.models import Clockwork, WorkerProcess
from schoolgate.tasks.actions import set_locked
from schoolgate.tasks.blackouts import add_blackout

GROUPS_HELD = 9
SLOTS = 32


def make_busy(found: Scenery) -> None:
    """Everything, into the scenery's database."""
    now = found.now
    Clockwork.objects.update_or_create(pk=1, defaults={"ticked_at": now - timedelta(seconds=3)})
    for name, seconds in (("register-1:4021", 2), ("register-2:1187", 4), ("register-2:977", 340)):
        WorkerProcess.objects.create(
            name=name, started_at=now - timedelta(hours=9), seen_at=now - timedelta(seconds=seconds), concurrency=4
        )  # fmt: skip
    SourceTurn.objects.create(
        key="0" * 64,
        next_at=now + timedelta(seconds=0.8),
        paused_until=now - timedelta(hours=2),
        calls=41_207,
    )
    Run.objects.filter(pk=found.working.pk if found.working else 0).update(worker="register-1:4021")
    _queue(found)
    add_blackout(name="Christmas holiday", kind="holiday", from_on=date(2026, 12, 21), until_on=date(2027, 1, 4),
                 by=None, now=now)  # fmt: skip
    add_blackout(name="Training day", kind="closure", from_on=date(2026, 11, 27), until_on=date(2026, 11, 28),
                 base_ids=[base.pk for base in found.bases[:3]], by=None, now=now)  # fmt: skip
    add_blackout(name="Autumn half term", kind="holiday", from_on=date(2026, 10, 26), until_on=date(2026, 10, 31),
                 by=None, now=now)  # fmt: skip
    _cache(found)
    set_locked(found.tasks[2].pk, is_locked=True, by=None, now=now)


def _queue(found: Scenery) -> None:
    """Two that wait, three that are due."""
    changes = found.tasks[0]
    waits = (
        (found.bases[2], "another run of this base", None),
        (found.bases[5], "SIMS Primary to answer again", found.now + timedelta(minutes=4)),
        (found.bases[0], "", None), (found.bases[1], "", None), (found.bases[3], "", None),
    )  # fmt: skip
    for place, (base, waits_for, until) in enumerate(waits):
        Run.objects.create(
            base=base, task=changes, task_name=changes.name, origin="ad_hoc", data_type=changes.data_type,
            planned_at=found.now - timedelta(minutes=9 - place), stage="waiting" if waits_for else "due",
            waits_for=waits_for, waits_until=until,
        )  # fmt: skip


def _cache(found: Scenery) -> None:
    """What landed of some pupils at two bases, and the pages it came on."""
    for number in range(14):
        PageHash.objects.create(
            base=found.bases[number % 2], signature="Learners all", page=number, digest=uuid4(), groups=["address"]
        )  # fmt: skip
    for number in range(12):
        CachedHashes.objects.create(
            base=found.bases[number % 2],
            pupil=Pupil.objects.create(created_at=found.now),
            hashes=[uuid4() if place < GROUPS_HELD else None for place in range(SLOTS)],
            outcomes=["w" if place < GROUPS_HELD else None for place in range(SLOTS)],
            changed_at=found.now - timedelta(days=number * 20),
        )
