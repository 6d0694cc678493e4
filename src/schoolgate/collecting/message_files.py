"""Writes what a run has collected as B2B messages: one file, several where it would be too large."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version

import msgspec

from schoolgate.collecting.collected import Collected
from schoolgate.collecting.parting import Weighed, parts_of
from schoolgate.files.packing import PackedMessage, Packing
from schoolgate.runs.models import Run
from schoolgate_message.blocks import InvalidValueError
from schoolgate_message.records import MessageHeader, MessagePupil
from schoolgate_message.xml_writer import MessageWriter

MAKER = "Schoolgate"
MAKER_VERSION = version("schoolgate")
BYTES_A_MARK = 12


class WrittenFile(msgspec.Struct, frozen=True):
    """One message, packed, with its head, and how many pupils are in it."""

    body: PackedMessage
    header: MessageHeader
    pupils: int


def write_files(collected: Collected, *, header: MessageHeader) -> Iterator[WrittenFile]:
    """The run's messages, part by part; at least one, since a changed roll is news by itself.

    A pupil of whom nothing can be written is refused in the books. Refuses a roll that nobody has parsed.
    """
    if collected.roll.roll is None:
        raise ValueError("a message names everybody on the roll")
    roll = collected.roll.roll.manifest()
    parts = parts_of(_weighed(collected))
    for number, external_ids in enumerate(parts, start=1):
        out = Packing()
        numbered = msgspec.structs.replace(header, part=number, parts=len(parts))
        writer = MessageWriter(out.as_file(), header=numbered, roll=roll)
        for external_id in external_ids:
            _add(collected, writer, external_id)
        writer.close()
        yield WrittenFile(body=out.packed(), header=numbered, pupils=writer.pupils)


def header_for(run: Run, *, source: str, authority: str, academic_year: int, now: datetime) -> MessageHeader:
    """The head of a run's messages, made now; ``source`` is the MIS as people call it.

    The times of the read are said by our own clock, in which all read times are compared.
    """
    return MessageHeader(
        base=run.base.dfe_number,
        authority=authority,
        data_type=run.data_type,
        source=source,
        created_at=since_words(now),
        academic_year=academic_year,
        since_at=since_words(run.since_at),
        maker=MAKER,
        maker_version=MAKER_VERSION,
        message_id=message_id_of(run),
        read_from=since_words(run.read_started_at or now),
        read_until=since_words(now),
    )


def since_words(since_at: datetime | None) -> str:
    """An instant as the message's header has it; empty for none."""
    return "" if since_at is None else since_at.isoformat().replace("+00:00", "Z")


def message_id_of(run: Run) -> str:
    """The id of what a run sends, the same however often it is tried, and of no run of another installation.

    Its parts share it: the header's number tells them apart.
    """
    return f"{run.base.dfe_number}-{run.pk}-{run.planned_at.astimezone(UTC):%Y%m%dT%H%M%S}"


def _weighed(collected: Collected) -> Iterator[Weighed]:
    outbox, marks = collected.outbox, collected.marks
    if marks is None:
        for external_id in outbox:
            yield Weighed(external_id=external_id, size=outbox.size_of(external_id))
        return
    for external_id in marks:
        yield Weighed(external_id=external_id, size=BYTES_A_MARK * marks.count_of(external_id))


def _add(collected: Collected, writer: MessageWriter, external_id: str) -> None:
    keys, outbox, marks = collected.keys[external_id], collected.outbox, collected.marks
    try:
        if marks is None:
            writer.add(outbox.pupil(keys))
        else:
            writer.add(MessagePupil(keys=keys, marks=marks.of(external_id)))
    except InvalidValueError as error:
        # A character that XML cannot carry: nothing of this pupil can be sent, and each block says why.
        for group in outbox.groups_of(external_id):
            collected.books.refuse(external_id, group, item=error.item, reason=error.reason)
