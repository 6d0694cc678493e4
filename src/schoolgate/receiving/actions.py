"""Takes files in at the door: whatever bytes come become a run and a kept transfer file, once.

Size is judged here, and whether the message came before. Whether the bytes are a message is the landing's
to say, which refuses with the line and the reason and keeps the file for a person to see.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.db import transaction

from schoolgate.audit.actions import record_event
from schoolgate.authority.queries import the
from schoolgate.files.actions import hold_door, store_file
from schoolgate.files.models import TransferFile
from schoolgate.files.packing import PackedMessage, pack
from schoolgate.files.queries import received_before, under_same_id
from schoolgate.runs import engine
from schoolgate.runs.actions import plan_run
from schoolgate.runs.models import Run
from schoolgate.runs.states import Origin
from schoolgate_message.data_types import DataType
from schoolgate_message.records import MessageHeader
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


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file at the door: the run that lands it, and the file that is kept.

    ``is_repeat`` says that the same message came before, and that run and file are the first one's;
    ``received_at`` is when that was.
    """

    run: Run
    file_id: int
    received_at: datetime
    is_repeat: bool


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


def receive_file(base_id: int, body: bytes, *, by: int | None, now: datetime) -> Receipt:
    """Keeps the file, plans the run that lands it and queues the landing; a repeat changes nothing.

    The same bytes again are answered with what became of the first, unless nothing of those landed or
    will. Refuses an empty file, one that is too large, and another message under an id that its maker has
    given before: one of the two would be lost without anybody seeing it.
    """
    check_size(len(body))
    packed, header = pack(body), _header(body)
    with transaction.atomic():
        hold_door(base_id)
        earlier = received_before(base_id, digest=packed.digest)
        if earlier is not None:
            _note("receiving.file.repeated", earlier, by=by, now=now)
            return _receipt(earlier, is_repeat=True)
        reused = _under_same_id(base_id, header)
        if reused is None:
            stored = _take_in(base_id, packed, header, by=by, now=now)
            return _receipt(stored, is_repeat=False)
        _note("receiving.file.id_reused", reused, by=by, now=now)
    raise RefusedAtTheDoorError(
        "receiving.id_reused",
        f"The maker of the message has given its id to another one, which came as {reused.name}.",
        "Have every message made with an id of its own. If the first one was spoilt on its way, send this "
        "one again when the first has failed.",
    )


def _take_in(
    base_id: int, packed: PackedMessage, header: MessageHeader | None, *, by: int | None, now: datetime
) -> TransferFile:
    run = plan_run(
        base_id=base_id,
        origin=Origin.UPLOAD,
        data_type=_claimed_data_type(header),
        planned_at=now,
        priority=UPLOAD_PRIORITY,
        requested_by=by,
        now=now,
    )
    stored = store_file(
        base_id=base_id,
        run_id=run.pk,
        body=packed,
        pupils=0,
        part=1 if header is None else header.part,
        authority=the().la_number,
        maker="" if header is None else header.maker,
        message_id="" if header is None else header.message_id,
        now=now,
    )
    _note("receiving.file.received", stored, by=by, now=now)
    engine.enqueue(run.pk)
    return stored


def _note(event: str, file: TransferFile, *, by: int | None, now: datetime) -> None:
    record_event(event, now=now, user_id=by, base_id=file.base_id, subject_id=file.pk)


def _receipt(file: TransferFile, *, is_repeat: bool) -> Receipt:
    run = Run.objects.get(pk=file.run_id)
    return Receipt(run=run, file_id=file.pk, received_at=file.received_at, is_repeat=is_repeat)


def _under_same_id(base_id: int, header: MessageHeader | None) -> TransferFile | None:
    if header is None or not header.maker or not header.message_id:
        return None  # an id means something beside the maker's name alone
    return under_same_id(base_id, maker=header.maker, message_id=header.message_id, part=header.part)


def _header(body: bytes) -> MessageHeader | None:
    """The message's head; nothing of bytes that are none, until landing refuses them."""
    try:
        return MessageReader(body).header
    except MessageError:
        return None


def _claimed_data_type(header: MessageHeader | None) -> str:
    """What the file says it is; one that can't be read is logged as a snapshot."""
    return DataType.SNAPSHOT.value if header is None else header.data_type
