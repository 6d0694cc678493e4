"""Sifts one reading: pupil by pupil, group by group, what is left out, unchanged, refused, deleted or new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import msgspec

from schoolgate.blocks.rules import PageCounts, ProposedPage
from schoolgate.collecting.asked import Asked
from schoolgate.collecting.books import Books
from schoolgate.collecting.outbox import Outbox
from schoolgate.collecting.pupil_rows import PupilRows
from schoolgate.collecting.reading import ReadDomain
from schoolgate.collecting.roll import Roll, RollPupil
from schoolgate.collecting.sieve import Sieve
from schoolgate.connectors.port import Contents, Domain, Source
from schoolgate.importing.admission import SEND_GROUPS, left_lately, may_send, without_historic
from schoolgate.pupils.queries import existing_blocks
from schoolgate.runs.reasons import LEFT, NEVER_SENT, NOT_ON_ROLL, OUTSIDE_COHORT
from schoolgate_message.blocks import Content, InvalidValueError, canonical
from schoolgate_message.groups import BY_NAME
from schoolgate_message.items import DataGroup
from schoolgate_message.roll_states import LEAVER

ENROLMENTS = "enrolments"

Pairs = Collection[tuple[str, str]]
"""Pupils (external ids) with a data group each."""
Said = dict[str, object] | list[dict[str, object]]
"""What a pupil's rows say of one data group."""


class Carried(msgspec.Struct):
    """What is counted of a page while its pupils are sifted, by data group."""

    unchanged: Counter[str] = msgspec.field(default_factory=Counter)
    left_out: Counter[str] = msgspec.field(default_factory=Counter)
    historic: Counter[str] = msgspec.field(default_factory=Counter)
    rows: Counter[str] = msgspec.field(default_factory=Counter)

    def counts(self, *, is_last: bool) -> PageCounts:
        """What is remembered of the page."""
        return PageCounts(
            unchanged=dict(self.unchanged),
            left_out=dict(self.left_out),
            historic=dict(self.historic),
            rows=dict(self.rows),
            is_last=is_last,
        )


class Sifting:
    """The sifting of one reading."""

    def __init__(
        self,
        domain: Domain,
        *,
        source: Source,
        roll: Roll,
        sieve: Sieve,
        books: Books,
        outbox: Outbox,
        asked: Asked,
        done: Pairs,
    ) -> None:
        """``done`` are pairs that came by another reading of the run already."""
        self.met: set[tuple[str, str]] = set()
        self._source = source
        self._roll = roll
        self._sieve = sieve
        self._books = books
        self._outbox = outbox
        self._asked = asked
        self._domain = domain
        self._done = done
        self._groups = [BY_NAME[name] for name in domain.groups]
        self._keeps_one = not any(group.is_list for group in self._groups)
        self._carried: dict[int, Carried] = {}
        self._refused: set[str] = set()
        self._removed: list[tuple[str, str]] = []

    def pupil(self, external_id: str, rows: PupilRows, contents: Contents | None) -> None:
        """Sift one pupil's rows; ``contents`` is what they say, where they were decoded already."""
        if contents is None:
            contents = self._source.contents(self._domain.name, rows.raws) if rows.raws else {}
        self._admit(external_id, contents)
        entry = self._roll.get(external_id)
        is_wanted = entry is not None and entry.is_in_cohort
        state = entry.state if entry is not None else LEAVER
        are_leavers_asked_for = self._asked.cohort.is_leavers
        page = self._carried.setdefault(rows.first_page, Carried())
        fates: set[str] = set()
        for group in self._groups:
            name = group.name
            is_removed = rows.has_removed and not rows.raws
            if (name not in contents and not is_removed) or (external_id, name) in self._done:
                continue
            if is_removed and self._may_be_deleted(external_id):
                page.unchanged[name] += 1
                self.met.add((external_id, name))
                self._removed.append((external_id, name))
                fates.add("became")
            elif is_wanted and may_send(name, state=state, are_leavers_asked_for=are_leavers_asked_for):
                page.unchanged[name] += 1
                self.met.add((external_id, name))
                if is_removed:
                    # Of somebody who was never sent there is nothing to delete.
                    self._books.count(name, "unchanged")
                    fates.add("became")
                else:
                    fates.add(self._block(external_id, group, contents[name], page))
            else:
                self._books.leave_out(external_id, name, reason=why_left_out(entry))
                page.left_out[name] += 1
                fates.add("left_out")
        self._count_rows(external_id, rows, fates, page)

    def _count_rows(self, external_id: str, rows: PupilRows, fates: Collection[str], page: Carried) -> None:
        """Count what became of a pupil's rows of the domain, which may feed several groups.

        Where every group keeps one record one row speaks; of what came by another reading already none does.
        """
        speaking = len(rows)
        if not fates:
            speaking = 0
        elif self._keeps_one and len(rows.raws) > 1:
            speaking -= len(rows.raws) - 1
        if speaking < len(rows) and fates:
            self._books.note_beside(self._domain.name, external_id)
        fate = next((each for each in ("became", "refused", "left_out") if each in fates), "became")
        for term, times in ((fate, speaking), ("beside", len(rows) - speaking)):
            self._books.count_rows(self._domain.name, term, times)
            if times:
                page.rows[term] += times

    def _block(self, external_id: str, group: DataGroup, said: Said, page: Carried) -> str:
        """Refuse a block, count it as unchanged, or send it; answers what became of its rows."""
        name = group.name
        try:
            content = canonical(group, said)
        except InvalidValueError as error:
            self._books.refuse(external_id, name, item=error.item, reason=error.reason)
            self._refused.add(external_id)
            return "refused"
        if name in SEND_GROUPS and self._asked.cohort.is_historic_send_left_out:
            content = self._without_historic(name, content, page)
        if self._sieve.is_unchanged(external_id, group, content):
            self._books.count(name, "unchanged")
        else:
            self._outbox.add(external_id, name, content)
        return "became"

    def _may_be_deleted(self, external_id: str) -> bool:
        """Whether an explicit delete is passed on: of whoever was sent before, unless another cohort's.

        Who was deleted as a whole is on no roll any more. What becomes of a delete is decided where it lands.
        """
        entry = self._roll.get(external_id)
        return external_id in self._sieve.known and (entry is None or entry.is_in_cohort)

    def _admit(self, external_id: str, contents: Contents) -> None:
        """Take in one who joined and left between two runs: the leaving must not go unseen."""
        entry = self._roll.get(external_id)
        if entry is None or not entry.is_past or not self._asked.cohort.is_everybody:
            return
        if ENROLMENTS in contents and left_lately(contents[ENROLMENTS], since=self._asked.reach_on):
            self._roll.admit(external_id)

    def _without_historic(self, name: str, content: Content, page: Carried) -> Content:
        """Drop old SEND records that were never closed, and count them; the block itself goes on."""
        if not isinstance(content, list):
            return content
        kept, dropped = without_historic(content)
        self._books.leave_out_records(name, dropped)
        if dropped:
            page.historic[name] += dropped
        return kept

    def settle_removed(self) -> None:
        """Send the deletions of what the register holds; of nothing there is nothing to delete."""
        for group in self._groups:
            gone = [external_id for external_id, name in self._removed if name == group.name]
            ids = {external_id: self._sieve.pupil_id(external_id) for external_id in gone}
            wanted = [pupil_id for pupil_id in ids.values() if pupil_id is not None]
            held = existing_blocks(group, wanted, self._asked.base_id) if wanted else {}
            for external_id, pupil_id in ids.items():
                if pupil_id is None or not held.get(pupil_id):
                    self._books.count(group.name, "unchanged")
                else:
                    self._outbox.delete(external_id, group.name)
        self._removed = []

    def pages(self, read: ReadDomain, signature: str) -> list[ProposedPage]:
        """The reading's pages with what they carried.

        Those with a refused pupil or a row that can't be read are not proposed, nor any of a list for which
        nobody vouches: what they tell has to be told again.
        """
        found: list[ProposedPage] = []
        if not read.is_vouched:
            return found
        by_number = {page.number: page for page in read.pages}
        for number, rows in read.rows():
            pupils = tuple(dict.fromkeys(self._roll.own_name(row.pupil) for row in rows))
            if self._refused.isdisjoint(pupils) and number not in read.unplaced:
                found.append(
                    ProposedPage(
                        signature=signature,
                        page=number,
                        digest=by_number[number].digest,
                        groups=self._domain.groups,
                        counts=self._carried.get(number, Carried()).counts(is_last=by_number[number].is_last),
                        pupils=pupils,
                    )
                )
        return found


def why_left_out(entry: RollPupil | None) -> str:
    """The reason (one of REASONS) for which blocks or marks of a pupil are left out."""
    if entry is None:
        return NOT_ON_ROLL
    if entry.why_left_out:
        return entry.why_left_out
    if entry.is_past:
        return NEVER_SENT
    return LEFT if entry.is_in_cohort else OUTSIDE_COHORT
