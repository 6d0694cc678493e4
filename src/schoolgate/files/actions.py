"""Keeps transfer files, compressed, under numbers that rise per base without a gap, and their state."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.db import connection, transaction

from schoolgate.bases.models import Base
from schoolgate.files.models import FileCounter, TransferFile
from schoolgate.files.packing import PackedMessage, pack
from schoolgate.files.queries import WAITING
from schoolgate.runs.keeping import note_file
from schoolgate.runs.states import FINISHED, ImportJobStatus
from schoolgate_message.names import file_name


@transaction.atomic
def store_file(
    *,
    base_id: int,
    run_id: int,
    body: bytes | PackedMessage,
    pupils: int,
    part: int = 1,
    authority: str,
    maker: str = "",
    message_id: str = "",
    now: datetime,
) -> TransferFile:
    """Keeps one message, whole or packed already, and queues it for landing.

    ``authority`` is the receiver's LA number; ``maker`` and ``message_id`` are the header's.

    The number is taken under a lock of the base's counter and given back if the transaction fails.
    """
    number = _next_number(base_id)
    base = Base.objects.get(pk=base_id)
    packed = pack(body) if isinstance(body, bytes) else body
    stored = TransferFile.objects.create(
        base=base,
        run_id=run_id,
        name=file_name(base=base.dfe_number, authority=authority, number=number),
        number=number,
        part=part,
        received_at=now,
        status=ImportJobStatus.QUEUED.value,
        pupils=pupils,
        size=packed.size,
        stored_size=len(packed.body),
        digest=packed.digest,
        maker=maker,
        message_id=message_id,
    )
    _keep_content(stored.pk, packed.body)
    note_file(run_id, file_id=stored.pk, name=stored.name)
    return stored


def _keep_content(file_id: int, body: bytes) -> None:
    """As bytes: an INSERT would write them as text, and hold that three times over."""
    statement = "COPY transfer_file_content (file_id, body) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cast("Any", cursor).copy(statement) as copy:
        copy.set_types(["int8", "bytea"])
        copy.write_row((file_id, body))


def hold_door(base_id: int) -> FileCounter:
    """Lets one file of a base in at a time: whoever comes at the same moment waits for our commit."""
    FileCounter.objects.bulk_create([FileCounter(base_id=base_id)], ignore_conflicts=True)
    return FileCounter.objects.select_for_update().get(base_id=base_id)


def _next_number(base_id: int) -> int:
    counter = hold_door(base_id)
    counter.last_number += 1
    counter.save(update_fields=["last_number"])
    return counter.last_number


def begin_file(file_id: int) -> None:
    """Shows a queued file as being processed."""
    TransferFile.objects.filter(pk=file_id, status=ImportJobStatus.QUEUED.value).update(
        status=ImportJobStatus.PROCESSING.value
    )


def mark_landed(file_id: int, *, now: datetime) -> None:
    """Marks a file as landed, in the transaction that lands it."""
    TransferFile.objects.filter(pk=file_id).update(status=ImportJobStatus.COMPLETED.value, landed_at=now)


def refuse_file(file_id: int, *, code: str, sentence: str, line: int | None, now: datetime) -> None:
    """Marks a file as one that can't be imported, with the reason and the line; it is kept for a person."""
    TransferFile.objects.filter(pk=file_id).update(
        status=ImportJobStatus.FAILED.value,
        refusal_code=code,
        refusal_sentence=sentence[:500],
        refusal_line=line,
        landed_at=now,
    )


def withdraw_files(*, now: datetime, run_id: int | None = None) -> int:
    """Marks files whose run ended before their turn came: of one run, or of all. Answers how many.

    Nobody will land them any more; without this their content would be kept for ever.
    """
    left = TransferFile.objects.filter(status__in=WAITING, run__stage__in=FINISHED)
    if run_id is not None:
        left = left.filter(run_id=run_id)
    return left.update(
        status=ImportJobStatus.FAILED.value,
        refusal_code="files.run_ended",
        refusal_sentence="The run was cancelled or failed before this file landed; none of it was written.",
        landed_at=now,
    )
