"""Deletes the content of transfer files that have outlived their time; their rows and counts stay."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from schoolgate.files.models import FileContent
from schoolgate.runs.states import ImportJobStatus

SETTLED = (ImportJobStatus.COMPLETED.value, ImportJobStatus.FAILED.value)
BATCH = 500


@transaction.atomic
def delete_contents(*, received_before: datetime) -> int:
    """Deletes the oldest contents of settled files, at most so many at a go; answers how many.

    A file that waits to land is never touched, whatever its age.
    """
    old = FileContent.objects.filter(file__received_at__lt=received_before, file__status__in=SETTLED)
    ids = list(old.order_by("file_id").values_list("file_id", flat=True)[:BATCH])
    deleted, _ = FileContent.objects.filter(file_id__in=ids).delete()
    return deleted
