"""Finds transfer files and opens what they hold."""

from __future__ import annotations

import gzip
import io
from typing import BinaryIO, cast

from django.db.models import Q, QuerySet

from schoolgate.accounts.scopes import Scope
from schoolgate.files.models import FileContent, TransferFile
from schoolgate.runs.states import FINISHED, ImportJobStatus

WAITING = (ImportJobStatus.QUEUED.value, ImportJobStatus.PROCESSING.value)


_NOTHING_LANDED = Q(status=ImportJobStatus.FAILED.value) | Q(status__in=WAITING, run__stage__in=FINISHED)
"""Files that were refused, or whose run ended before their turn: none of them was written, ever."""


class FileGoneError(Exception):
    """The content of a file was deleted when it reached the age the System defaults set."""

    code = "files.gone"
    sentence = "The content of this file was deleted for its age."
    remedy = "Its counts and its row in the task log remain; a snapshot brings the data themselves again."

    def __init__(self) -> None:
        super().__init__(f"{self.sentence} {self.remedy}")


def _packed(file_id: int) -> bytes:
    body = FileContent.objects.filter(file_id=file_id).values_list("body", flat=True).first()
    if body is None:
        raise FileGoneError
    return bytes(body)


def open_body(file_id: int) -> bytes:
    """The whole message as it was received. Raises FileGoneError once its content was deleted for age."""
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


def received_before(base_id: int, *, digest: str) -> TransferFile | None:
    """The file with these very bytes that came of a base first, unless nothing of it landed or will."""
    return _counting(base_id).filter(digest=digest).first()


def under_same_id(base_id: int, *, maker: str, message_id: str, part: int) -> TransferFile | None:
    """The file that came of a base under this id of its maker, unless nothing of it landed or will."""
    return _counting(base_id).filter(maker=maker, message_id=message_id, part=part).first()


def _counting(base_id: int) -> QuerySet[TransferFile]:
    """A base's files but those of which nothing landed or will, oldest first, with their runs."""
    return (
        TransferFile.objects.filter(base_id=base_id)
        .exclude(_NOTHING_LANDED)
        .select_related("run")
        .order_by("id")
    )


def seen(scope: Scope) -> QuerySet[TransferFile]:
    """The files of a scope, with their base and run."""
    return scope.narrow(TransferFile.objects.select_related("base", "run"))
