"""What officers do while a run lands: they are answered at once, and a cancelled landing leaves nothing behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType

import pytest
from django.db import OperationalError, connection
from django.test import Client
from psycopg.errors import LockNotAvailable
from tests import cast
from tests.landing import ADDRESS, file_of, has_hash, land, message, planned, pupil

from schoolgate.audit.models import RecordChange
from schoolgate.bases.actions import edit_base, save_connection
from schoolgate.bases.models import Base
from schoolgate.blocks.clearing import clear_cache
from schoolgate.blocks.models import CachedHashes
from schoolgate.importing import file_landing, repeats, writing
from schoolgate.importing.actions import land_run
from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import Pupil
from schoolgate.runs.actions import request_cancel, take_up
from schoolgate.runs.fence import StaleAttemptError
from schoolgate.runs.models import Run
from schoolgate.runs.ordering import move_to_front
from schoolgate.runs.queries import is_cancel_wanted
from schoolgate.runs.states import Stage
from schoolgate.scheduling.actions import run_now
from schoolgate.tasks.actions import set_active
from schoolgate.tasks.many import delete_inactive
from schoolgate.tasks.models import ScheduledTask

pytestmark = pytest.mark.django_db(transaction=True)

LATER = cast.NOW + timedelta(hours=1)
BY = {"by": None, "now": LATER}
AT_ONCE = 1.0
"""Seconds an officer's wish may take on a busy machine; the landing stands still for longer."""
LONG = 20.0
PLACES = {
    "in the middle of a file": (writing, "record_changes"),
    "when all its rows are written and checked": (file_landing, "check_wanted"),
}


class StandingStill:
    """A landing in a thread of its own that stops where it is told, until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, *, time: int) -> None:
        self.there, self.go = threading.Event(), threading.Event()
        self.outcome: list[BaseException | None] = []
        real, calls = getattr(module, name), iter(range(1, 1000))

        def stopping(*given, **named):
            answer = real(*given, **named)
            if next(calls) == time:
                self.there.set()
                assert self.go.wait(LONG)
            return answer

        monkeypatch.setattr(module, name, stopping)

    def land(self, run: Run) -> None:
        try:
            land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
            self.outcome.append(None)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shall see it
            self.outcome.append(error)
        finally:
            connection.close()

    @contextmanager
    def of(self, run: Run) -> Iterator[None]:
        thread = threading.Thread(target=self.land, args=(run,))
        thread.start()
        try:
            assert self.there.wait(LONG)
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{AT_ONCE}s'")
            yield
        finally:
            self.go.set()
            thread.join(LONG)
            connection.close()


@pytest.fixture
def base() -> Base:
    return cast.base()


@pytest.fixture
def run(base: Base, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(repeats, "BATCH_PUPILS", 1)
    return planned(
        base, message(base, pupil("twin one", address=ADDRESS), pupil("twin two", address=ADDRESS))
    )


def standing(monkeypatch: pytest.MonkeyPatch, place: str) -> StandingStill:
    module, name = PLACES[place]
    # The checkpoints: one a batch, and the last one behind the rows.
    return StandingStill(monkeypatch, module, name, time=1 if module is writing else 3)


def test_cancels_a_landing_at_its_next_batch_and_writes_nothing(monkeypatch, base, run):
    still = standing(monkeypatch, "in the middle of a file")
    with still.of(run):
        request_cancel(run.pk, **BY)
        assert is_cancel_wanted(run.pk)
    assert still.outcome == [None]
    run.refresh_from_db()
    assert (run.stage, run.status) == ("cancelled", "")
    assert not any(each.objects.exists() for each in (Pupil, ExternalId, CachedHashes, RecordChange))
    assert (file_of(run).status, file_of(run).refusal_code) == ("import_failed", "files.run_ended")
    assert not run.log_entries.exists()


def test_makes_a_cancelled_landing_good_with_the_next_run(monkeypatch, base, run):
    still = standing(monkeypatch, "in the middle of a file")
    with still.of(run):
        request_cancel(run.pk, **BY)
    again = land(base, pupil("twin one", address=ADDRESS), pupil("twin two", address=ADDRESS), now=LATER)
    assert again.status == "exported"
    assert Pupil.objects.count() == 2
    assert has_hash(base, "twin two", "address")


def test_ends_a_landing_that_was_cancelled_too_late_as_if_nobody_had(monkeypatch, base, run):
    still = standing(monkeypatch, "when all its rows are written and checked")
    with still.of(run):
        request_cancel(run.pk, **BY)
    run.refresh_from_db()
    assert (run.stage, run.status) == ("done", "exported")
    assert has_hash(base, "twin two", "address")


def errands(base: Base, run: Run, task: ScheduledTask) -> dict[str, Callable[[], object]]:
    connection_settings = {
        "client_id": "x",
        "secret": "y",
        "subscription_key": "z",
        "organisation_id": "6f1c",
    }
    return {
        "move to front": lambda: move_to_front(run.pk, **BY),
        "edit the base": lambda: edit_base(base.pk, name="Ashgrove Academy", is_active=True, **BY),
        "save its settings": lambda: save_connection(base.pk, mis=base.mis, values=connection_settings, **BY),
        "run the task now": lambda: run_now(task.pk, **BY),
        "pause the task": lambda: set_active(task.pk, is_active=False, **BY),
        "delete it": lambda: delete_inactive([task.pk], **BY),
        "cancel the run": lambda: request_cancel(run.pk, **BY),
    }


@pytest.mark.parametrize("place", PLACES)
def test_lets_an_officer_act_at_once_while_a_run_lands(monkeypatch, base, run, place):
    task = cast.task(base)
    Run.objects.filter(pk=run.pk).update(task=task)
    still, slow = standing(monkeypatch, place), []
    with still.of(run):
        for name, errand in errands(base, run, task).items():
            began = time.monotonic()
            try:
                errand()
            except OperationalError:
                slow.append(name)
            if time.monotonic() - began > AT_ONCE:
                slow.append(name)
    assert not slow


def test_lands_a_run_whose_task_was_deleted_meanwhile(monkeypatch, base, run):
    task = cast.task(base)
    Run.objects.filter(pk=run.pk).update(task=task)
    set_active(task.pk, is_active=False, **BY)
    still = standing(monkeypatch, "when all its rows are written and checked")
    with still.of(run):
        assert delete_inactive([task.pk], **BY).changed == (task.pk,)
    assert still.outcome == [None]
    run.refresh_from_db()
    assert (run.stage, run.task_id) == ("done", None)
    assert not ScheduledTask.objects.exists()


def test_clears_the_cache_of_the_other_bases_while_one_is_landing(monkeypatch, base):
    other = cast.base("Marsh Lane")
    land(base, pupil("twin one", address=ADDRESS))
    land(other, pupil("young carer", address=ADDRESS))
    again = planned(base, message(base, pupil("twin one", address={**ADDRESS, "paon": "15"})), now=LATER)
    still = StandingStill(monkeypatch, writing, "settle_outstanding", time=1)
    with still.of(again):
        cost = clear_cache(base_ids=None, groups=["address"], **BY)
    assert (cost.bases, cost.blocks, cost.busy) == (1, 1, (base.pk,))
    assert not has_hash(other, "young carer", "address")
    assert has_hash(base, "twin one", "address")


def test_says_which_bases_were_left_when_the_cache_was_cleared(monkeypatch, base):
    land(base, pupil("twin one", address=ADDRESS))
    again = planned(base, message(base, pupil("twin one", address={**ADDRESS, "paon": "15"})), now=LATER)
    client = Client()
    client.force_login(cast.administrator())
    still = StandingStill(monkeypatch, writing, "settle_outstanding", time=1)
    with still.of(again):
        client.post("/system/cache/confirm/", {"base": "all"})
        page = client.get("/system/cache/").content.decode()
    assert f"A run is landing at {base.name}, so nothing was cleared there." in page


def test_answers_an_officer_who_waited_in_vain_with_a_plain_page(monkeypatch, base):
    client = Client()
    client.force_login(cast.officer())

    def wait_in_vain(*given, **named):
        raise OperationalError from LockNotAvailable()

    monkeypatch.setattr("schoolgate.console.runs.queue.request_cancel", wait_in_vain)
    answer = client.post(f"/runs/{cast.run(base).pk}/cancel/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Nothing of what you sent was changed." in answer.content.decode()


def test_lets_whoever_takes_the_run_up_again_wait_until_its_landing_is_over(monkeypatch, run):
    taken: list[Run | None] = []

    def take() -> None:
        taken.append(take_up(run.pk, stage=Stage.LANDING, worker="another", now=LATER))
        connection.close()

    still = standing(monkeypatch, "in the middle of a file")
    second = threading.Thread(target=take)
    with still.of(run):
        second.start()
        second.join(0.5)
        assert second.is_alive()
    second.join(LONG)
    assert taken == [None]
    assert still.outcome == [None]
    run.refresh_from_db()
    assert (run.stage, run.attempt) == ("done", 1)


def test_throws_a_landing_away_whose_run_was_ended_meanwhile(monkeypatch, run):
    still = standing(monkeypatch, "in the middle of a file")
    with still.of(run):
        Run.objects.filter(pk=run.pk).update(stage=Stage.FAILED.value)
    assert isinstance(still.outcome[0], StaleAttemptError)
    assert not Pupil.objects.exists()
