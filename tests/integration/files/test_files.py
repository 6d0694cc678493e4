"""Transfer files: numbers without a gap, bytes as they came, a state for each."""

from __future__ import annotations

import hashlib

import pytest
from django.db import transaction
from tests import cast

from schoolgate.files import queries
from schoolgate.files.actions import begin_file, mark_landed, refuse_file, store_file
from schoolgate.files.models import FileCounter, TransferFile
from schoolgate.runs.actions import finish_run
from schoolgate.runs.models import TaskLogEntry
from schoolgate.runs.rules import Terms

pytestmark = pytest.mark.django_db

BODY = b"<B2BStudent>" + b"x" * 1000 + b"</B2BStudent>"


def store(run, body: bytes = BODY, part: int = 1) -> TransferFile:
    return store_file(
        base_id=run.base_id, run_id=run.pk, body=body, pupils=1, part=part, authority="820", now=cast.NOW
    )


def test_keeps_the_bytes_as_they_came_and_smaller():
    stored = store(cast.run(cast.base()))
    assert queries.open_body(stored.pk) == BODY
    with queries.open_stream(stored.pk) as stream:
        assert stream.read(12) == b"<B2BStudent>"
    assert stored.stored_size < stored.size == len(BODY)
    assert stored.digest == hashlib.blake2b(BODY, digest_size=32).hexdigest()


def test_numbers_the_files_of_a_base_without_a_gap():
    run, other = cast.run(cast.base()), cast.run(cast.base("Marsh Lane"))
    store(run)
    with transaction.atomic():
        assert store(run).number == 2
        transaction.set_rollback(True)
    assert store(run).number == 2
    assert store(other).number == 1


def test_wraps_the_name_after_999_and_never_the_number():
    run = cast.run(cast.base())
    FileCounter.objects.create(base_id=run.base_id, last_number=999)
    stored = store(run)
    assert stored.number == 1000
    assert stored.name == f"{run.base.dfe_number}_CES_820LLLL_001.xml"


def test_gives_no_number_twice_even_when_files_were_deleted():
    run = cast.run(cast.base())
    store(run).delete()
    assert store(run).number == 2


def test_moves_from_queued_to_completed_or_failed():
    run = cast.run(cast.base())
    first, second, third = store(run), store(run, part=2), store(run, part=3)
    begin_file(first.pk)
    assert queries.queued_files(run.pk) == [first, second, third]
    mark_landed(first.pk, now=cast.NOW)
    refuse_file(second.pk, code="message.truncated", sentence="It ends too early.", line=7, now=cast.NOW)
    assert queries.queued_files(run.pk) == [third]
    second.refresh_from_db()
    assert second.status == "import_failed"
    assert (second.refusal_code, second.refusal_line) == ("message.truncated", 7)
    assert queries.open_body(second.pk) == BODY


def test_gives_every_file_its_row_in_the_task_log():
    run = cast.run_at_work(cast.base())
    names = [store(run).name, store(run, part=2).name]
    finish_run(run.pk, attempt=1, accounts={"address": Terms(received=1, written=1)}, now=cast.NOW)
    entries = TaskLogEntry.objects.filter(run=run).order_by("id")
    assert [(each.file_name, each.status) for each in entries] == [(name, "exported") for name in names]
