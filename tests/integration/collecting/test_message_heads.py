"""What the messages of a collecting say of themselves: who made them, under which id, when they were read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from tests import cast
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of, done

from schoolgate.collecting.message_files import header_for, message_id_of
from schoolgate.files.models import TransferFile
from schoolgate.files.queries import open_body
from schoolgate.lib import clock
from schoolgate.receiving.actions import receive_file
from schoolgate_message.read_times import read_time
from schoolgate_message.xml_reader import MessageReader

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=1, pupils=20) as found:
        yield found


def test_name_maker_run_and_the_time_of_the_read(sandbox: Sandbox) -> None:
    run = done(base_of(sandbox, sandbox.schools()[0]), "snapshot")
    file = TransferFile.objects.get(run=run)
    header = MessageReader(open_body(file.pk)).header
    assert (header.maker, header.message_id) == ("Schoolgate", message_id_of(run))
    assert (file.maker, file.message_id) == (header.maker, header.message_id)
    assert header.maker_version
    assert datetime.fromisoformat(header.read_from) == run.read_started_at
    assert header.read_from < header.read_until == header.created_at
    assert read_time(header, received_at=file.received_at) == run.read_started_at


def test_are_known_when_somebody_brings_them_back(sandbox: Sandbox) -> None:
    base = base_of(sandbox, sandbox.schools()[0])
    run = done(base, "snapshot")
    file = TransferFile.objects.get(run=run)
    receipt = receive_file(base.pk, open_body(file.pk), by=None, now=clock.now())
    assert (receipt.is_repeat, receipt.run.pk) == (True, run.pk)


def test_keep_one_id_and_the_time_of_the_read_however_often_it_is_tried() -> None:
    run = cast.run_at_work(cast.base())
    run.read_started_at = cast.NOW - timedelta(minutes=20)
    tries = [
        header_for(run, source="SIMS Primary", authority="820", academic_year=2026, now=now)
        for now in (cast.NOW, cast.NOW + timedelta(minutes=5))
    ]
    assert tries[0].message_id == tries[1].message_id
    assert tries[0].read_from == tries[1].read_from
    assert datetime.fromisoformat(tries[0].read_from) == cast.NOW - timedelta(minutes=20)
    assert datetime.fromisoformat(tries[1].read_until) == cast.NOW + timedelta(minutes=5)


def test_bear_an_id_of_their_own_for_every_run() -> None:
    base = cast.base()
    assert message_id_of(cast.run(base)) != message_id_of(cast.run(base))
