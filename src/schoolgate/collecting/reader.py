"""Reads the domains of one run, and knows which of their pages have landed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from schoolgate.blocks.queries import every_landed_page
from schoolgate.blocks.rules import LandedPage
from schoolgate.collecting.asked import Asked
from schoolgate.collecting.reading import Checkpoint, ReadDomain, read_domain
from schoolgate.collecting.stage import StagedPages
from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import Domain, Reading, Source

NOTHING_LANDED: Mapping[int, LandedPage] = {}


class Reader:
    """Reads what is asked for, from where an earlier attempt of the run stopped. May raise SourceProblem."""

    def __init__(
        self,
        source: Source,
        *,
        asked: Asked,
        stage: StagedPages,
        checkpoint: Checkpoint,
        met: Iterable[tuple[str, str]] = (),
    ) -> None:
        """``met`` are the source problems, as code and detail, that earlier attempts met and overcame."""
        self._source = source
        self._asked = asked
        self._stage = stage
        self._checkpoint = checkpoint
        self._met = [(code, detail) for code, detail in met]
        self._unsure: list[tuple[str, str]] = []

    @property
    def domains(self) -> Sequence[Domain]:
        """The domains, the one with the match keys first."""
        return sorted(self._source.domains, key=lambda each: each.name != self._source.keys_domain)

    def whole(self, domain: Domain, *, is_landed_trusted: bool = False) -> ReadDomain:
        """Everything the source holds of a domain; pages that landed are left alone where that is trusted."""
        reading = self._source.whole(domain.name)
        return self.read(reading, landed=self.landed(reading) if is_landed_trusted else NOTHING_LANDED)

    def read(self, reading: Reading, *, landed: Mapping[int, LandedPage] = NOTHING_LANDED) -> ReadDomain:
        """One reading; pages that are the same as in ``landed`` are not parsed."""
        found = read_domain(
            self._source,
            reading,
            stage=self._stage,
            landed=landed,
            checkpoint=self._checkpoint,
            note=self._note,
        )
        if not found.is_vouched:
            self._unsure += [(reading.domain, doubt) for doubt in found.doubts]
        return found

    def landed(self, reading: Reading) -> Mapping[int, LandedPage]:
        """The pages of a whole reading that are known to have landed."""
        return self._landed.get(self._asked.signature(reading), NOTHING_LANDED)

    @cached_property
    def _landed(self) -> dict[str, dict[int, LandedPage]]:
        # Read once: a page that is forgotten while the run reads stays forgotten, and is met in the next run.
        return every_landed_page(self._asked.base_id)

    def _note(self, problem: SourceProblem) -> None:
        self._met.append((problem.code, problem.detail))

    @property
    def met(self) -> list[tuple[str, str]]:
        """The source problems of this run so far that were overcome, as code and detail."""
        return [*self._met, *self._source.met]

    @property
    def unsure(self) -> list[tuple[str, str]]:
        """The lists of this run for which nobody vouches: the domain, and why."""
        return [*self._unsure, *self._source.unsure]
