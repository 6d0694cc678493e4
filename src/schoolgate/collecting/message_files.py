"""Writes what a run has collected as B2B messages: one file, several where it would be too large."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import msgspec

from schoolgate.collecting.collector import SOURCE, Collector, since_words
from schoolgate.collecting.marks import Marks
from schoolgate.collecting.parting import Weighed, parts_of
from schoolgate.files.packing import PackedMessage, Packing
from schoolgate.runs.models import Run
from schoolgate_message.blocks import InvalidValueError
from schoolgate_message.records import MessageHeader, MessagePupil
from schoolgate_message.xml_writer import MessageWriter

MAKER = "Schoolgate"
MAKER_VERSION = version("schoolgate")
BYTES_A_MARK = 12
NO_OFFSET = timedelta(0)


class WrittenFile(msgspec.Struct, frozen=True):
    """One message, packed, with its head, and how many pupils are in it."""

    body: PackedMessage
    header: MessageHeader
    pupils: int


def write_files(collector: Collector, *, header: MessageHeader, marks: Marks | None) -> Iterator[WrittenFile]:
    """The run's messages, part by part; at least one, since a changed roll is news by itself."""
    roll = collector.roll.manifest()
    parts = parts_of(_weighed(collector, marks))
    for number, external_ids in enumerate(parts, start=1):
        out = Packing()
        numbered = msgspec.structs.replace(header, part=number, parts=len(parts))
        writer = MessageWriter(out.as_file(), header=numbered, roll=roll)
        for external_id in external_ids:
            _add(collector, writer, external_id, marks)
        writer.close()
        yield WrittenFile(body=out.packed(), header=numbered, pupils=writer.pupils)


def header_for(
    run: Run, *, authority: str, academic_year: int, now: datetime, clock_offset: timedelta = NO_OFFSET
) -> MessageHeader:
    """The head of a run's messages, made now.

    ``clock_offset`` is what the source's clock shows less what ours does, where it tells one: the times of
    the read are said by the source's clock.
    """
    return MessageHeader(
        base=run.base.dfe_number,
        authority=authority,
        data_type=run.data_type,
        source=SOURCE,
        created_at=since_words(now),
        academic_year=academic_year,
        since_at=since_words(run.since_at),
        maker=MAKER,
        maker_version=MAKER_VERSION,
        message_id=message_id_of(run),
        read_from=since_words((run.read_started_at or now) + clock_offset),
        read_until=since_words(now + clock_offset),
    )


def message_id_of(run: Run) -> str:
    """The id of what a run sends, the same however often it is tried, and of no run of another installation.

    Its parts share it: the header's number tells them apart.
    """
    return f"{run.base.dfe_number}-{run.pk}-{run.planned_at.astimezone(UTC):%Y%m%dT%H%M%S}"


def _weighed(collector: Collector, marks: Marks | None) -> Iterator[Weighed]:
    if marks is None:
        for external_id in collector.outbox:
            yield Weighed(external_id=external_id, size=collector.outbox.size_of(external_id))
        return
    for external_id in marks:
        yield Weighed(external_id=external_id, size=BYTES_A_MARK * marks.count_of(external_id))


def _add(collector: Collector, writer: MessageWriter, external_id: str, marks: Marks | None) -> None:
    keys = collector.keys_of(external_id)
    try:
        if marks is None:
            writer.add(collector.outbox.pupil(keys))
        else:
            writer.add(MessagePupil(keys=keys, marks=marks.of(external_id)))
    except InvalidValueError as error:
        # A character that XML cannot carry: nothing of this pupil can be sent, and each block says why.
        for group in collector.outbox.groups_of(external_id):
            collector.tally.refuse(external_id, group, item=error.item, reason=error.reason)
