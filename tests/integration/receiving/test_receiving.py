"""Files at the door: any bytes become a run and a kept file, once; size and repeats are judged here."""

from __future__ import annotations

import threading
from datetime import timedelta

import msgspec
import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import cast
from tests.landing import ADDRESS, file_of, held, message, pupil, who_is
from tests.unit.message.messages import VERSION_1

from schoolgate.audit.models import Event
from schoolgate.bases.models import Base
from schoolgate.files.actions import store_file
from schoolgate.files.models import TransferFile
from schoolgate.files.queries import open_body, queued_files
from schoolgate.importing.actions import land_run
from schoolgate.receiving.actions import Receipt, RefusedAtTheDoorError, check_size, receive_file
from schoolgate.runs.actions import fail_run, request_cancel, take_up
from schoolgate.runs.models import Run
from schoolgate.runs.states import Stage
from schoolgate_message.xml_reader import read_message
from schoolgate_message.xml_writer import write_message

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)


def receive(base: Base, body: bytes, *, now=cast.NOW) -> Receipt:
    """Somebody without a name brings a file."""
    return receive_file(base.pk, body, by=None, now=now)


def landed(receipt: Receipt) -> Run:
    """The receipt's run when it has landed."""
    taken = take_up(receipt.run.pk, stage=Stage.LANDING, worker="test", now=cast.NOW)
    assert taken is not None
    land_run(run_id=taken.pk, attempt=taken.attempt, now=cast.NOW)
    return Run.objects.get(pk=taken.pk)


def said_by(
    base: Base, *, maker: str = "Bell MIS", message_id: str = "m-1", part: int = 1, town: str = "Otley"
) -> bytes:
    """A message whose maker gave it an id."""
    sent = read_message(message(base, pupil("twin one", address={**ADDRESS, "town": town})))
    header = msgspec.structs.replace(
        sent.header, maker=maker, message_id=message_id, part=part, parts=max(part, 1)
    )
    return write_message(msgspec.structs.replace(sent, header=header))


def assert_came_once(base: Base) -> None:
    """One run, one file and one job stand for all that was brought of a base."""
    run, _ = Run.objects.get(base=base), TransferFile.objects.get(base=base)
    assert ProcrastinateJob.objects.filter(args__run_id=run.pk).count() == 1


@pytest.mark.parametrize("body", [b"<B2BStudent", b"%PDF-1.7", b"\x00\xff"])
def test_keeps_whatever_comes_and_queues_its_landing(body):
    officer = cast.officer()
    receipt = receive_file(cast.base().pk, body, by=officer.pk, now=cast.NOW)
    run = receipt.run
    (kept,) = queued_files(run.pk)
    assert (receipt.file_id, receipt.received_at, receipt.is_repeat) == (kept.pk, cast.NOW, False)
    assert (run.origin, run.stage, run.requested_by) == ("upload", "due", officer.pk)
    assert run.noted_files == [[kept.pk, kept.name]]
    assert open_body(kept.pk) == body
    job = ProcrastinateJob.objects.get(args__run_id=run.pk)
    assert job.task_name == "importing.land_run"


def test_refuses_an_empty_file_and_one_that_is_too_large():
    base = cast.base()
    with pytest.raises(RefusedAtTheDoorError, match="empty"):
        receive_file(base.pk, b"", by=None, now=cast.NOW)
    with pytest.raises(RefusedAtTheDoorError, match="257 MB; 256 MB is the most"):
        check_size(257 * 1024 * 1024)
    assert not Run.objects.exists()


def test_keeps_who_made_a_message_its_id_and_its_part():
    base = cast.base()
    receipt = receive(base, said_by(base, part=40_000))
    kept = TransferFile.objects.get(pk=receipt.file_id)
    assert (kept.maker, kept.message_id, kept.part) == ("Bell MIS", "m-1", 40_000)


@pytest.mark.parametrize("has_id", [True, False])
def test_answers_the_same_message_with_the_first_ones_run(has_id):
    base = cast.base()
    body = said_by(base) if has_id else message(base, pupil("twin one", address=ADDRESS))
    first = receive(base, body)
    waiting = receive(base, body, now=LATER)
    run = landed(first)
    again = receive(base, body, now=LATER)
    for repeat in (waiting, again):
        assert (repeat.is_repeat, repeat.received_at) == (True, cast.NOW)
        assert (repeat.run.pk, repeat.file_id) == (first.run.pk, first.file_id)
    assert again.run.status == run.status == "exported"
    assert_came_once(base)
    told = (
        Event.objects.filter(name__startswith="receiving.").order_by("id").values_list("name", "subject_id")
    )
    assert list(told) == [
        ("receiving.file.received", first.file_id),
        ("receiving.file.repeated", first.file_id),
        ("receiving.file.repeated", first.file_id),
    ]


def test_answers_a_file_that_was_collected_and_is_brought_back():
    base = cast.base()
    body = said_by(base)
    run = cast.run(base)
    stored = store_file(base_id=base.pk, run_id=run.pk, body=body, pupils=1, authority="820", now=cast.NOW)
    assert receive(base, body).file_id == stored.pk


def test_refuses_another_message_under_an_id_that_was_given_before():
    base = cast.base()
    landed(receive(base, said_by(base)))
    with pytest.raises(RefusedAtTheDoorError) as refusal:
        receive(base, said_by(base, town="Ilkley"), now=LATER)
    assert refusal.value.code == "receiving.id_reused"
    assert file_of(Run.objects.get()).name in refusal.value.sentence
    assert held(base, "twin one", "address")["town"] == "Otley"
    assert Event.objects.filter(
        name="receiving.file.id_reused", subject_id=file_of(Run.objects.get()).pk
    ).exists()


@pytest.mark.parametrize(
    "other", [{"maker": "Gong MIS"}, {"message_id": "m-2"}, {"part": 2}, {"maker": ""}, {"message_id": ""}]
)
def test_takes_an_id_for_one_maker_and_one_part_only(other):
    base = cast.base()
    receive(base, said_by(base))
    assert not receive(base, said_by(base, town="Ilkley", **other)).is_repeat


@pytest.mark.parametrize("unnamed", [{"maker": ""}, {"message_id": ""}])
def test_tells_messages_apart_by_their_bytes_where_maker_or_id_is_missing(unnamed):
    base = cast.base()
    receive(base, said_by(base, **unnamed))
    assert not receive(base, said_by(base, town="Ilkley", **unnamed)).is_repeat
    assert receive(base, said_by(base, **unnamed)).is_repeat


def test_knows_a_message_of_one_base_from_the_same_of_another():
    base, other = cast.base(), cast.base("Marsh Lane")
    body = said_by(base)
    receive(base, body)
    assert not receive(other, body).is_repeat


@pytest.mark.parametrize("ending", ["refused", "failed", "cancelled"])
@pytest.mark.parametrize("town", ["Otley", "Ilkley"])
def test_takes_a_message_again_when_nothing_of_the_first_landed(ending, town):
    base = cast.base()
    first = receive(base, said_by(base))
    if ending == "cancelled":
        request_cancel(first.run.pk, by=None, now=cast.NOW)
    elif ending == "failed":
        fail_run(first.run.pk, attempt=None, code="x", sentence="It broke.", remedy="", now=cast.NOW)
    else:
        TransferFile.objects.filter(pk=first.file_id).update(status="import_failed")
    again = receive(base, said_by(base, town=town), now=LATER)
    assert not again.is_repeat
    landed(again)
    assert held(base, "twin one", "address")["town"] == town


def test_answers_a_file_that_landed_though_its_run_failed_later():
    base = cast.base()
    first = receive(base, said_by(base))
    landed(first)
    Run.objects.filter(pk=first.run.pk).update(stage=Stage.FAILED.value)
    assert receive(base, said_by(base)).is_repeat


@pytest.mark.django_db(transaction=True)
def test_lands_one_of_two_that_come_at_the_same_moment():
    base = cast.base()
    body, start = said_by(base), threading.Barrier(4)
    receipts: list[Receipt] = []

    def bring() -> None:
        try:
            start.wait()
            receipts.append(receive(base, body))
        finally:
            connection.close()

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.is_repeat for each in receipts) == [False, True, True, True]
    assert len({(each.run.pk, each.file_id) for each in receipts}) == 1
    assert_came_once(base)


@pytest.mark.django_db(transaction=True)
def test_refuses_all_but_one_of_several_that_claim_one_id_at_the_same_moment():
    base = cast.base()
    start, outcomes = threading.Barrier(3), []

    def bring(town: str) -> None:
        try:
            start.wait()
            receive(base, said_by(base, town=town))
            outcomes.append("taken")
        except RefusedAtTheDoorError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=bring, args=(town,)) for town in ("Otley", "Ilkley", "Guiseley")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["receiving.id_reused", "receiving.id_reused", "taken"]
    assert TransferFile.objects.filter(base=base).count() == 1


def test_lands_what_the_last_writer_of_version_1_wrote():
    base = cast.base()
    body = VERSION_1.replace(b"8201079", base.dfe_number.encode())
    run = landed(receive(base, body))
    assert run.stage == "done"
    assert run.is_balanced
    assert who_is(base, "a-1")
    kept = file_of(run)
    assert (kept.maker, kept.message_id, kept.status) == ("", "", "completed")
