"""Finds transfer files and opens what they hold."""

from __future__ import annotations

import gzip
import io
from typing import BinaryIO, cast

from django.db.models import QuerySet

from schoolgate.files.models import FileContent, TransferFile
from schoolgate.runs.states import ImportJobStatus

WAITING = (ImportJobStatus.QUEUED.value, ImportJobStatus.PROCESSING.value)


def _packed(file_id: int) -> bytes:
    return bytes(FileContent.objects.values_list("body", flat=True).get(file_id=file_id))


def open_body(file_id: int) -> bytes:
    """The whole message as it was received."""
    return gzip.decompress(_packed(file_id))


def open_stream(file_id: int) -> BinaryIO:
    """The message as a stream, so that a large one need not be unpacked in memory."""
    return cast("BinaryIO", gzip.GzipFile(fileobj=io.BytesIO(_packed(file_id))))


def queued_files(run_id: int) -> list[TransferFile]:
    """The files of a run that have not landed, in order."""
    return list(TransferFile.objects.filter(run_id=run_id, status__in=WAITING).order_by("part", "number"))


def files_of(run_id: int) -> QuerySet[TransferFile]:
    """All files of a run, in order."""
    return TransferFile.objects.filter(run_id=run_id).order_by("part", "number")


def import_jobs(*, status: str = "", base_id: int | None = None) -> QuerySet[TransferFile]:
    """Received files and where they stand, newest first."""
    found = TransferFile.objects.select_related("base", "run").order_by("-id")
    if status:
        found = found.filter(status=status)
    return found if base_id is None else found.filter(base_id=base_id)
