"""Once a day, what is older than the System defaults allow goes: file contents and cached data, nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import cast
from tests.landing import ADDRESS, has_hash, land, pupil

from schoolgate.authority.actions import set_defaults
from schoolgate.blocks.models import CachedHashes
from schoolgate.files.models import FileContent, TransferFile
from schoolgate.files.queries import FileGoneError, open_body
from schoolgate.maintenance.retention import Retained, retain
from schoolgate.runs.models import TaskLogEntry
from schoolgate.runs.states import ImportJobStatus
from schoolgate.scheduling.tick import turn

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=40)


def test_deletes_old_contents_and_keeps_rows_accounts_and_log():
    run = land(cast.base(), pupil("twin one", address=ADDRESS))
    file = TransferFile.objects.get()
    assert retain(now=LATER) == Retained(files=0, blocks=0)
    set_defaults({"imported_files_days": 30}, by=None, now=LATER)
    assert retain(now=LATER) == Retained(files=1, blocks=0)
    assert retain(now=LATER).files == 0
    with pytest.raises(FileGoneError) as gone:
        open_body(file.pk)
    assert gone.value.remedy
    assert TransferFile.objects.filter(pk=file.pk).exists()
    assert run.accounts.exists()
    assert TaskLogEntry.objects.exists()


def test_never_deletes_a_file_that_waits_to_land():
    land(cast.base(), pupil("twin one", address=ADDRESS))
    TransferFile.objects.update(status=ImportJobStatus.QUEUED.value)
    set_defaults({"imported_files_days": 1}, by=None, now=LATER)
    assert retain(now=LATER).files == 0
    assert FileContent.objects.exists()


def test_forgets_cached_data_that_reached_its_age():
    base, other = cast.base(), cast.base("Marsh Lane")
    land(base, pupil("twin one", address=ADDRESS))
    land(other, pupil("young carer", address=ADDRESS))
    CachedHashes.objects.filter(base=other).update(changed_at=LATER)
    set_defaults({"cache_days": 30}, by=None, now=LATER)
    assert retain(now=LATER).blocks > 0
    assert not has_hash(base, "twin one", "address")
    assert has_hash(other, "young carer", "address")


def test_is_asked_for_once_a_day():
    for hours in (0, 1, 23, 25):
        turn(now=cast.NOW + timedelta(hours=hours))
    assert ProcrastinateJob.objects.filter(task_name="maintenance.retain").count() == 2
