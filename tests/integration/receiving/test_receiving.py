"""Files at the door: any bytes become a run and a kept file; only size is judged here."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import cast

from schoolgate.files.queries import open_body, queued_files
from schoolgate.receiving.actions import RefusedAtTheDoorError, check_size, receive_file
from schoolgate.runs.models import Run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("body", [b"<B2BStudent", b"%PDF-1.7", b"\x00\xff"])
def test_keeps_whatever_comes_and_queues_its_landing(body):
    officer = cast.officer()
    run = receive_file(cast.base().pk, body, by=officer.pk, now=cast.NOW)
    (kept,) = queued_files(run.pk)
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
