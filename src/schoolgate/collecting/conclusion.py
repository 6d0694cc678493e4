"""Ends a collecting: with files for landing, or with the finding that nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from schoolgate.authority.academic_years import academic_year_of
from schoolgate.authority.queries import academic_year_start, the
from schoolgate.blocks.actions import (
    confirm_pages,
    drop_pages,
    note_outstanding,
    propose_pages,
    settle_outstanding,
)
from schoolgate.blocks.queries import outstanding
from schoolgate.blocks.rules import ProposedPage
from schoolgate.collecting.collected import Collected
from schoolgate.collecting.emptied import as_waiting
from schoolgate.collecting.message_files import WrittenFile, header_for, write_files
from schoolgate.files.actions import store_file
from schoolgate.holding.actions import put_aside
from schoolgate.lib.clock import london_day
from schoolgate.runs.actions import finish_unchanged
from schoolgate.runs.intake import Sifted
from schoolgate.runs.keeping import save_sifted
from schoolgate_message.groups import ATTENDANCE
from schoolgate_message.records import MatchKeys


def has_news(collected: Collected) -> bool:
    """Whether there is anything to land: a block, a deletion, a mark, or another roll."""
    if collected.marks is not None:
        return len(collected.marks) > 0
    return len(collected.outbox) > 0 or collected.roll.says_more


def files_of(collected: Collected, *, now: datetime) -> list[WrittenFile]:
    """The run's messages. Made before the transaction that keeps them begins: no row is locked meanwhile."""
    authority = the()
    header = header_for(
        collected.run,
        source=collected.source,
        authority=authority.la_number,
        academic_year=academic_year_of(london_day(now), starts_on=academic_year_start()),
        now=now,
    )
    return list(write_files(collected, header=header))


def conclude_with_files(collected: Collected, files: Sequence[WrittenFile], *, now: datetime) -> None:
    """Keep the run's messages and all that goes with them, in the caller's transaction. Landing is next."""
    run = collected.run
    save_sifted(run.pk, attempt=run.attempt, sifted=_sifted(collected))
    _settle(collected, now=now)
    _store(collected, files, now=now)
    propose_pages(run_id=run.pk, base_id=run.base_id, pages=_proposals(collected))


def conclude_without_file(collected: Collected, *, now: datetime) -> None:
    """End a run that found nothing new, in the caller's transaction.

    What its pages say is then known to have landed.
    """
    run = collected.run
    finish_unchanged(run, sifted=_sifted(collected), now=now)
    _settle(collected, now=now)
    pages = _proposals(collected)
    if pages:
        propose_pages(run_id=run.pk, base_id=run.base_id, pages=pages)
        confirm_pages(run_id=run.pk, base_id=run.base_id)


def _store(collected: Collected, files: Sequence[WrittenFile], *, now: datetime) -> None:
    run = collected.run
    for part, file in enumerate(files, start=1):
        store_file(
            base_id=run.base_id,
            run_id=run.pk,
            body=file.body,
            pupils=file.pupils,
            part=part,
            authority=file.header.authority,
            maker=file.header.maker,
            message_id=file.header.message_id,
            now=now,
        )


def _proposals(collected: Collected) -> list[ProposedPage]:
    """The pages read, but for those with a block that was refused, or forgotten since it was sifted.

    Another base may have written to a shared pupil meanwhile, or an officer cleared the cache: such a
    page must be gone through again.
    """
    pages = list(collected.pages)
    if not pages:
        return []
    untold = [(external_id, {group}) for external_id, group, _ in collected.books.refused]
    untold += collected.forgotten().items()
    return [
        page
        for page in pages
        if not any(groups.intersection(page.groups) and pupil in page.pupils for pupil, groups in untold)
    ]


def _sifted(collected: Collected) -> Sifted:
    """What collecting settled."""
    roll = collected.roll
    return Sifted(
        terms=collected.books.settled(),
        rows=collected.books.rows(),
        clock_offset=collected.clock_offset.total_seconds(),
        pupils_read=roll.pupils,
        pupils_declared=roll.declared,
        is_complete_read=roll.is_complete,
        cohort=roll.cohort,
        problems=collected.books.problems,
        beside_cohort=_beside_cohort(collected),
    )


def _beside_cohort(collected: Collected) -> Sequence[str]:
    """Who is at the school and not of the run's cohort, and so missing from nothing."""
    roll = collected.roll.roll
    return () if roll is None else roll.beside_cohort


def _settle(collected: Collected, *, now: datetime) -> None:
    """Bring the outstanding list up to date; keep what is known by another source, and what is gone."""
    collected.retell(now)
    _note_refused(collected, now=now)
    _hold_gone(collected, now=now)
    base = collected.run.base
    settle_outstanding(_settled(collected), base_id=base.pk, source=base.source)


def _hold_gone(collected: Collected, *, now: datetime) -> None:
    run = collected.run
    gone = [each for reading in collected.readings for each in reading.gone]
    source, read_at = run.base.source, run.read_started_at or now
    put_aside(
        [
            as_waiting(each, source=source, read_at=read_at, keys=MatchKeys(external_id=each.external_id))
            for each in gone
        ],
        base_id=run.base_id,
        run_id=run.pk,
        now=now,
    )


def _note_refused(collected: Collected, *, now: datetime) -> None:
    """Put what was refused on the outstanding list, and trust no page with it that landed before.

    Such a page may have landed when the pupil was left out of it; its bytes are the same today.
    """
    run = collected.run
    refused = collected.books.refused
    note_outstanding(refused, base_id=run.base_id, source=run.base.source, run_id=run.pk, now=now)
    for name in {group for _, group, _ in refused}:
        pupils = {external_id for external_id, group, _ in refused if group == name}
        drop_pages(base_id=run.base_id, groups=[name], external_ids=pupils)


def _settled(collected: Collected) -> list[tuple[str, str]]:
    """Blocks that had not landed, were read again by this very run, and are as the register has them.

    Of marks: those of pupils of whom the source has none any more, as far back as it reaches.
    """
    if (marks := collected.marks) is not None:
        return [(each, ATTENDANCE) for each in marks.read_anew if not marks.count_of(each)]
    roll = collected.roll.roll
    if roll is None or not collected.readings:
        return []
    refused = {(external_id, group) for external_id, group, _ in collected.books.refused}
    cohort = roll.cohort
    return [
        (external_id, group)
        for external_id, group, _ in outstanding(collected.run.base_id, source=collected.run.base.source)
        if group != ATTENDANCE
        and external_id in cohort
        and collected.has_read(external_id, group)
        and (external_id, group) not in refused
        and group not in collected.outbox.groups_of(external_id)
    ]
