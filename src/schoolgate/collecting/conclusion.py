"""Ends a collecting: a file for landing, or the finding that nothing changed; either in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from schoolgate.authority.models import Authority
from schoolgate.authority.queries import the
from schoolgate.blocks.actions import (
    confirm_pages,
    drop_pages,
    note_outstanding,
    propose_pages,
    settle_outstanding,
)
from schoolgate.blocks.queries import outstanding
from schoolgate.blocks.rules import ProposedPage
from schoolgate.collecting.collector import Collector
from schoolgate.collecting.marks import Marks
from schoolgate.collecting.message_files import WrittenFile, header_for, write_files
from schoolgate.files.actions import store_file
from schoolgate.lib.clock import london_day
from schoolgate.runs.actions import finish_unchanged
from schoolgate.runs.intake import Sifted
from schoolgate.runs.keeping import save_sifted
from schoolgate_message.data_types import DataType
from schoolgate_message.groups import ATTENDANCE


def has_news(collector: Collector, marks: Marks | None) -> bool:
    """Whether there is anything to land: a block, a deletion, a mark, or another roll."""
    if marks is not None:
        return len(marks) > 0
    if len(collector.outbox):
        return True
    if collector.roll_read.is_known and not collector.is_roll_parsed:
        return False
    before = {key: known.roll_state for key, known in collector.sieve.known.items()}
    return collector.roll.says_more_than(before)


def conclude_with_files(collector: Collector, marks: Marks | None, *, now: datetime) -> int:
    """Keep the run's messages and all that goes with them; answers how many files. Landing is next."""
    run = collector.run
    authority = the()
    header = header_for(
        run,
        authority=authority.la_number,
        academic_year=_academic_year(authority, london_day(now)),
        now=now,
    )
    # Written before the transaction begins: a row lock must not be held while a county's XML is made.
    files = list(write_files(collector, header=header, marks=marks))
    with transaction.atomic():
        beside = () if marks is not None else collector.roll.beside_cohort
        save_sifted(run.pk, attempt=run.attempt, sifted=_sifted(collector, beside_cohort=beside))
        _settle(collector, now=now)
        _store(collector, files, authority=authority.la_number, now=now)
        propose_pages(run_id=run.pk, base_id=run.base_id, pages=_proposals(collector))
    return len(files)


def conclude_without_file(collector: Collector, *, now: datetime) -> None:
    """End a run that found nothing new; what its pages say is then known to have landed."""
    run = collector.run
    sifted = _sifted(collector)
    with transaction.atomic():
        finish_unchanged(run, sifted=sifted, now=now)
        _settle(collector, now=now)
        pages = _proposals(collector)
        if pages:
            propose_pages(run_id=run.pk, base_id=run.base_id, pages=pages)
            confirm_pages(run_id=run.pk, base_id=run.base_id)


def _store(collector: Collector, files: Sequence[WrittenFile], *, authority: str, now: datetime) -> None:
    run = collector.run
    for part, file in enumerate(files, start=1):
        store_file(
            base_id=run.base_id,
            run_id=run.pk,
            body=file.body,
            pupils=file.pupils,
            part=part,
            authority=authority,
            maker=file.header.maker,
            message_id=file.header.message_id,
            now=now,
        )


def _proposals(collector: Collector) -> list[ProposedPage]:
    """The pages read, but for those with a block that was refused, or forgotten since it was sifted.

    Another base may have written to a shared pupil meanwhile, or an officer cleared the cache: such a
    page must be gone through again.
    """
    if not collector.proposed:
        return []
    untold = [(external_id, {group}) for external_id, group, _ in collector.tally.refused]
    untold += collector.sieve.forgotten().items()
    return [
        page
        for page in collector.proposed
        if not any(groups.intersection(page.groups) and pupil in page.pupils for pupil, groups in untold)
    ]


def _sifted(collector: Collector, *, beside_cohort: Sequence[str] = ()) -> Sifted:
    """What collecting settled; of a roll whose pages all landed before, as it was when they did."""
    is_parsed = collector.is_roll_parsed
    declared = collector.roll.declared if is_parsed else collector.declared_when_landed()
    return Sifted(
        terms=collector.tally.settled(),
        pupils_read=collector.pupils_seen,
        pupils_declared=declared,
        is_complete_read=collector.roll.is_complete if is_parsed else declared is not None,
        # Who was read is asked for by the next run that reads changes.
        cohort=() if collector.run.data_type == DataType.SNAPSHOT.value else _cohort(collector),
        problems=collector.tally.problems,
        beside_cohort=beside_cohort,
    )


def _cohort(collector: Collector) -> list[str]:
    return list(collector.roll.cohort if collector.is_roll_parsed else collector.landed_on_roll)


def _settle(collector: Collector, *, now: datetime) -> None:
    """Bring the outstanding list up to date, and let the staged pages go."""
    _note_refused(collector, now=now)
    settle_outstanding(_settled(collector), base_id=collector.run.base_id)
    collector.stage.clear()


def _note_refused(collector: Collector, *, now: datetime) -> None:
    """Put what was refused on the outstanding list, and trust no page with it that landed before.

    Such a page may have landed when the pupil was left out of it; its bytes are the same today.
    """
    run = collector.run
    refused = collector.tally.refused
    note_outstanding(refused, base_id=run.base_id, run_id=run.pk, now=now)
    for name in {group for _, group, _ in refused}:
        pupils = {external_id for external_id, group, _ in refused if group == name}
        drop_pages(base_id=run.base_id, groups=[name], external_ids=pupils)


def _settled(collector: Collector) -> list[tuple[str, str]]:
    """Blocks that had not landed, were read again by this very run, and are as the register has them."""
    if not collector.is_roll_parsed:
        return []
    refused = {(external_id, group) for external_id, group, _ in collector.tally.refused}
    return [
        (external_id, group)
        for external_id, group, _ in outstanding(collector.run.base_id)
        if group != ATTENDANCE
        and external_id in collector.roll.cohort
        and collector.is_read(external_id, group)
        and (external_id, group) not in refused
        and group not in collector.outbox.groups_of(external_id)
    ]


def _academic_year(authority: Authority, today: date) -> int:
    """The calendar year in which the academic year of a day began."""
    first = (authority.academic_year_starts_month, authority.academic_year_starts_day)
    return today.year if (today.month, today.day) >= first else today.year - 1
