"""One run's collecting: what every kind of transfer needs to read, sift and count.

Memory stays flat: a domain's pages lie as bytes, a pupil's rows are decoded one pupil at a time, and a
large domain is gone through in several passes of a share of its pupils each.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice

from schoolgate.blocks.queries import every_landed_page, landed_pages, outstanding
from schoolgate.blocks.rules import LandedPage, PageCounts, ProposedPage
from schoolgate.collecting.cohorts import CohortFilter
from schoolgate.collecting.outbox import Outbox
from schoolgate.collecting.reading import ReadDomain, read_domain
from schoolgate.collecting.roll import Roll, roll_from
from schoolgate.collecting.sieve import Sieve, keys_from
from schoolgate.collecting.sifting import PupilRows, Sifting, grouped_rows
from schoolgate.collecting.stage import Stage
from schoolgate.collecting.tallies import Tally
from schoolgate.connectors.errors import WORDINGS, SourceProblem
from schoolgate.connectors.port import Contents, Domain, Reading, Source
from schoolgate.lib.clock import london_day
from schoolgate.runs.keeping import save_progress
from schoolgate.runs.models import Run
from schoolgate.runs.progress import ReadSoFar
from schoolgate.runs.queries import cohort_of
from schoolgate.runs.rules import Problem
from schoolgate_message.records import MatchKeys
from schoolgate_message.roll_states import has_come, is_on_roll
from schoolgate_message.source_keys import source_key

PASS_BYTES = 4 * 1024 * 1024
PUPILS_AT_ONCE = 500
"""So many pupils are decoded and looked up together."""
CHECK_SECONDS = 0.5
SOURCE = "SIMS Primary"
"""What the header of the messages calls the source."""


class CancelWanted(Exception):
    """Somebody asked the run to stop; found between two pages."""


class Collector:
    """The tools of one run. Close it in any case."""

    def __init__(self, run: Run, *, source: Source, monotonic: Callable[[], float] = time.monotonic) -> None:
        """``run`` was taken up for collecting; ``source`` is closed with the collector."""
        self.run = run
        self.source = source
        self.today = london_day(run.read_started_at or run.planned_at)
        self._reach_on = self.today - timedelta(days=source.habits.reach_back_days)
        self.cohort = cohort_of(run)
        self.stage = Stage(
            run.pk,
            since_at=run.read_started_at,
            is_first_attempt=run.attempt == 1,
            monotonic=monotonic,
        )
        self.sieve = Sieve(run.base_id, source=source_key(SOURCE))
        self.outbox = Outbox()
        self.tally = Tally()
        self.proposed: list[ProposedPage] = []
        self.groups_read: set[str] = set()
        self.pairs_read: set[tuple[str, str]] = set()
        self._met: list[tuple[str, str]] = [(code, detail) for code, detail in run.met]
        self._monotonic = monotonic
        self._checked_at = monotonic()
        self._pages = 0

    def close(self) -> None:
        """Let everything go."""
        self.outbox.close()
        self.source.close()
        if "roll_read" in self.__dict__:
            self.roll_read.close()

    # Reading

    @property
    def domains(self) -> list[Domain]:
        """The domains, the one with the match keys first."""
        return sorted(self.source.domains, key=lambda each: each.name != self.source.keys_domain)

    def signature(self, reading: Reading) -> str:
        """What a whole reading is remembered by: the request, the mapping and the cohort."""
        return f"{reading.signature} {self.cohort.key}"[:120]

    def landed(self, reading: Reading) -> dict[int, LandedPage]:
        """The pages of a whole reading that are known to have landed."""
        return self._landed.get(self.signature(reading), {})

    @cached_property
    def _landed(self) -> dict[str, dict[int, LandedPage]]:
        # Read once: a page that is forgotten while the run reads stays forgotten, and is met in the next run.
        return every_landed_page(self.run.base_id)

    def read(
        self, reading: Reading, *, landed: Mapping[int, LandedPage] | None = None, must_parse: bool = False
    ) -> ReadDomain:
        """Read a domain from where an earlier attempt stopped."""
        return read_domain(
            self.source,
            reading,
            stage=self.stage,
            landed=landed or {},
            checkpoint=self.checkpoint,
            note=self._note,
            must_parse=must_parse,
        )

    def checkpoint(self, reading: Reading) -> None:
        """Between two pages: show how far the run is, and stop if somebody wished so."""
        self._pages += 1
        now = self._monotonic()
        if now - self._checked_at < CHECK_SECONDS:
            return
        self._checked_at = now
        if self.show(domain=reading.domain):
            raise CancelWanted

    def _note(self, problem: SourceProblem) -> None:
        self._met.append((problem.code, problem.detail))

    @property
    def met(self) -> list[tuple[str, str]]:
        """The source problems of this run so far that were overcome, as code and detail."""
        return [*self._met, *self.source.met]

    def note_met(self) -> None:
        """Put what was overcome among the run's exceptions: how often, and that nothing needs doing."""
        for code, times in Counter(code for code, _ in self.met).items():
            details = [detail for each, detail in self.met if each == code]
            self.tally.note(
                Problem(
                    kind="source",
                    code=code,
                    sentence=f"{WORDINGS[code].sentence} ({details[0]})",
                    remedy="Nothing needs doing: it was tried again, and the run went on.",
                    details={"times": times, "where": sorted(set(details))[:20]},
                )
            )

    def show(self, *, domain: str = "") -> bool:
        """Keep how far the run is; answers whether it should stop. Raises StaleAttemptError."""
        so_far = ReadSoFar(pages=self._pages, calls=self.source.calls, pupils=self.pupils_seen, domain=domain)
        return save_progress(self.run.pk, attempt=self.run.attempt, progress=so_far)

    # The roll

    @cached_property
    def _landed_roll(self) -> dict[int, LandedPage]:
        if self.cohort.is_changing:
            # The same roll may stand for another cohort today: it is gone through anew each time.
            return {}
        return self.landed(self.source.roll())

    @cached_property
    def roll_read(self) -> ReadDomain:
        """The pages of the roll."""
        return self.read(self.source.roll(), landed=self._landed_roll)

    @cached_property
    def roll(self) -> Roll:
        """The roll itself, parsed when somebody first asks."""
        if not self.roll_read.is_confirmed:
            self.roll_read.check()
        # Who came and has not landed was sent as well, though nobody's link says so.
        waiting = {external_id for external_id, _, _ in outstanding(self.run.base_id)}
        sent_before = self.sieve.known.keys() | waiting | self.sieve.kept
        is_wanted = CohortFilter(
            self.cohort,
            sent_before=sent_before,
            source=self.source,
            sieve=self.sieve,
            base_id=self.run.base_id,
            read=self.read,
            today=self.today,
        )
        return roll_from(
            self.source, self.roll_read, cohort=self.cohort, is_wanted=is_wanted, sent_before=sent_before
        )

    @property
    def is_roll_parsed(self) -> bool:
        """Whether anybody has asked for the roll."""
        return "roll" in self.__dict__

    @property
    def pupils_seen(self) -> int:
        """How many pupils the cohort has, as far as is known."""
        if self.is_roll_parsed:
            return len(self.roll.cohort)
        return sum(page.how_many for page in self._landed_roll.values())

    @cached_property
    def on_roll(self) -> frozenset[str] | None:
        """Everybody who is on the roll, where it was read completely and for everybody."""
        if not self.cohort.is_everybody or not self.roll.is_complete:
            return None
        return frozenset(key for key, state in self.roll.cohort.items() if is_on_roll(state))

    @property
    def has_roll_landed(self) -> bool:
        """Whether pages of the roll are known to have landed."""
        return bool(self._landed_roll)

    @cached_property
    def landed_on_roll(self) -> frozenset[str]:
        """Who belonged to the cohort when the roll's pages last landed; asked for when somebody wants it."""
        if not self.has_roll_landed:
            return frozenset()
        pages = landed_pages(self.run.base_id, self.signature(self.source.roll()))
        return frozenset(key for page in pages.values() for key in page.pupils)

    def declared_when_landed(self) -> int | None:
        """How many rows the source had declared when the roll's pages last landed."""
        return next((page.counts.declared for page in self._landed_roll.values()), None)

    def returners(self) -> set[str]:
        """Those whom the school lists in full for the first time, or again: read like somebody new."""
        known = self.sieve.known
        return {
            key
            for key, state in self.roll.cohort.items()
            if key in known and has_come(state, before=known[key].roll_state)
        }

    def propose_roll(self) -> None:
        """Remember the roll's pages with the run, if they say something new."""
        if self.roll_read.is_known:
            return
        signature = self.signature(self.roll_read.reading)
        cohort = self.roll.cohort
        by_number = {page.number: page for page in self.roll_read.pages}
        for number, rows in self.roll_read.rows():
            self.proposed.append(
                ProposedPage(
                    signature=signature,
                    page=number,
                    digest=by_number[number].digest,
                    groups=(),
                    counts=PageCounts(declared=self.roll.declared, is_last=by_number[number].is_last),
                    pupils=tuple(row.pupil for row in rows if row.pupil in cohort),
                )
            )

    # Sifting

    def count_known(self, read: ReadDomain, landed: Mapping[int, LandedPage]) -> None:
        """Count a domain of which every page is known: nothing of it is looked at."""
        for page in read.pages:
            self.tally.count_known_page(landed[page.number].counts)

    def sift(
        self,
        domain: Domain,
        read: ReadDomain,
        *,
        only: Collection[str] | None = None,
        done: Collection[tuple[str, str]] = (),
    ) -> set[tuple[str, str]]:
        """Sift every pupil's rows of a domain, or only some pupils'; answers (pupil, group) pairs met.

        ``done`` are pairs that came by another reading of this run already, and are passed over.
        """
        sifting = Sifting(
            domain,
            source=self.source,
            roll=self.roll,
            sieve=self.sieve,
            tally=self.tally,
            outbox=self.outbox,
            cohort=self.cohort,
            base_id=self.run.base_id,
            done=done,
            reach_on=self._reach_on,
        )
        passes = read.size // PASS_BYTES + 1
        for share in range(passes):
            grouped = grouped_rows(read, only=only, share=share, shares=passes)
            pupils = iter(grouped.items())
            while some := dict(islice(pupils, PUPILS_AT_ONCE)):
                contents = self._identify(domain, some) if domain.name == self.source.keys_domain else {}
                for external_id, rows in some.items():
                    sifting.pupil(external_id, rows, contents.pop(external_id, None))
            sifting.settle_removed()
        if only is None and read.reading.signature:
            self.groups_read |= set(domain.groups)
            self.proposed += sifting.pages(read, self.signature(read.reading))
            return sifting.met
        self.pairs_read |= sifting.met
        if only is not None:
            self.pairs_read |= {(external_id, group) for external_id in only for group in domain.groups}
        return sifting.met

    def is_read(self, external_id: str, group: str) -> bool:
        """Whether this run has read all that the source holds of a pupil's group."""
        return group in self.groups_read or (external_id, group) in self.pairs_read

    def _identify(self, domain: Domain, grouped: Mapping[str, PupilRows]) -> dict[str, Contents]:
        """Learn the match keys and find out who the newcomers are; answers what was decoded for it."""
        decoded: dict[str, Contents] = {}
        unknown, states = [], {}
        for external_id, rows in grouped.items():
            entry = self.roll.get(external_id)
            if not rows.raws or entry is None or not (entry.is_in_cohort or entry.is_past):
                continue
            decoded[external_id] = self.source.contents(domain.name, rows.raws)
            keys = keys_from(external_id, decoded[external_id])
            self.sieve.learn_keys(keys)
            if entry.is_in_cohort and external_id not in self.sieve.known:
                unknown.append(keys)
                states[external_id] = entry.state
        self.sieve.identify(unknown, states=states, on_roll=self.on_roll)
        for keys in unknown:
            if self.sieve.pupil_id(keys.external_id) is not None:
                # Even if the cache traps every block: landing has to learn the new external id.
                self.outbox.introduce(keys.external_id)
        return decoded

    def fetch_keys(self, external_ids: Iterable[str]) -> None:
        """Read the match keys of pupils of whom nothing has landed and nothing was read (a call each)."""
        domain = next(each for each in self.domains if each.name == self.source.keys_domain)
        for external_id in external_ids:
            with_rows = self.read(self.source.of_pupil(domain.name, external_id))
            self._identify(domain, grouped_rows(with_rows, only={external_id}, share=0, shares=1))
            with_rows.close()

    def complete_keys(self) -> None:
        """Ask for the match keys of those whose blocks were read again without them."""
        self.fetch_keys([each for each in self.outbox if self.sieve.keys_of(each) is None])

    def keys_of(self, external_id: str) -> MatchKeys:
        """By what a pupil is recognised; the external id alone where the source says nothing of the pupil."""
        return self.sieve.keys_of(external_id) or MatchKeys(external_id=external_id)


def since_words(since_at: datetime | None) -> str:
    """An instant as the message's header has it; empty for none."""
    return "" if since_at is None else since_at.isoformat().replace("+00:00", "Z")
