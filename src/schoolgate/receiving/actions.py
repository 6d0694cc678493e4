"""Takes files in at the door: whatever bytes come become a run and a kept transfer file.

Only size is judged here. Whether the bytes are a message is the landing's to say, which refuses with
the line and the reason and keeps the file for a person to see.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from schoolgate.audit.actions import record_event
from schoolgate.authority.queries import the
from schoolgate.files.actions import store_file
from schoolgate.runs import engine
from schoolgate.runs.actions import plan_run
from schoolgate.runs.models import Run
from schoolgate.runs.states import Origin
from schoolgate_message.data_types import DataType
from schoolgate_message.xml_reader import DEFAULT_MAX_BYTES, MessageError, MessageReader

UPLOAD_PRIORITY = 10
MEBIBYTE = 1024 * 1024


class RefusedAtTheDoorError(Exception):
    """The file is not taken in at all: a stable code, one sentence, and what to do instead."""

    def __init__(self, code: str, sentence: str, remedy: str) -> None:
        super().__init__(f"{sentence} {remedy}")
        self.code = code
        self.sentence = sentence
        self.remedy = remedy


def check_size(size: int, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
    """Refuses an empty file and one larger than any message may be; ask before reading it into memory."""
    if size == 0:
        raise RefusedAtTheDoorError(
            "receiving.empty", "The file is empty.", "Choose the file again, or make a new one in the MIS."
        )
    if size > max_bytes:
        most = f"{max_bytes / MEBIBYTE:,.0f} MB is the most that is taken"
        raise RefusedAtTheDoorError(
            "receiving.too_large",
            f"The file has {size / MEBIBYTE:,.0f} MB; {most}.",
            "Send the pupils in several files.",
        )


@transaction.atomic
def receive_file(base_id: int, body: bytes, *, by: int | None, now: datetime) -> Run:
    """Keeps the file, plans the run that lands it and queues the landing; answers the run."""
    check_size(len(body))
    run = plan_run(
        base_id=base_id,
        origin=Origin.UPLOAD,
        data_type=_claimed_data_type(body),
        planned_at=now,
        priority=UPLOAD_PRIORITY,
        requested_by=by,
        now=now,
    )
    stored = store_file(
        base_id=base_id, run_id=run.pk, body=body, pupils=0, authority=the().la_number, now=now
    )
    record_event("receiving.file.received", now=now, user_id=by, base_id=base_id, subject_id=stored.pk)
    engine.enqueue(run.pk)
    return Run.objects.get(pk=run.pk)


def _claimed_data_type(body: bytes) -> str:
    """What the file says it is; one that can't be read is logged as a snapshot, until landing refuses it."""
    try:
        return DataType(MessageReader(body).header.data_type).value
    except (MessageError, ValueError):
        return DataType.SNAPSHOT.value
