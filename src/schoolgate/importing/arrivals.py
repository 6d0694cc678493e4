"""Finds out who arrives: believes or doubts known ids, matches unknown ones, adds and links newcomers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from schoolgate.importing.beliefs import Beliefs
from schoolgate.importing.sent_keys import in_form, said_by
from schoolgate.importing.voices import Voices
from schoolgate.matching.actions import NewLink, link_pupils
from schoolgate.matching.claims import claim_pupils
from schoolgate.matching.occasions import Occasion
from schoolgate.matching.queries import Known, find_matches, holders_of
from schoolgate.matching.rules import (
    ADDED,
    BY_PERSON,
    BY_UPN,
    DOUBTED,
    NEW,
    SENTENCES,
    TWO_SCHOOLS,
    UPN_TAKEN,
    Match,
    Question,
)
from schoolgate.pupils.actions import add_pupils, lock_pupils
from schoolgate_message.groups import IDENTIFIERS
from schoolgate_message.records import MatchKeys, MessagePupil
from schoolgate_message.roll_states import CURRENT

NOBODY: Mapping[str, int] = {}
NO_QUESTIONS: Mapping[str, Question] = {}
HELD_CODES = frozenset({DOUBTED, TWO_SCHOOLS})
"""What waits on the Held list, with both sides shown; the other problems are counted as unmatched."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A pupil of the file, and whom of the register that is.

    ``is_new``: nothing is held of the pupil yet. ``is_superseded``: another external id of the base
    speaks for the pupil.
    ``upn_holder``: another pupil, who holds the UPN that came, so that it must not be written here.
    """

    pupil: MessagePupil
    pupil_id: int
    state: str
    is_new: bool = False
    is_superseded: bool = False
    upn_holder: int | None = None

    @property
    def external_id(self) -> str:
        """The base's id for the pupil."""
        return self.pupil.keys.external_id


class Unmatched(msgspec.Struct, frozen=True, kw_only=True):
    """A pupil of the file of whom a person must say who it is.

    ``pupil_id`` is whom of the register it may be, or was until now; ``said`` are the keys that came, to be
    shown beside what is held.
    """

    pupil: MessagePupil
    code: str
    said: MatchKeys
    pupil_id: int | None = None

    @property
    def words(self) -> tuple[str, str]:
        """One sentence, and the remedy."""
        return SENTENCES[self.code]

    @property
    def is_held(self) -> bool:
        """Whether it waits on the Held list."""
        return self.code in HELD_CODES


class Register:
    """Who is who at one base while one of its files lands."""

    def __init__(
        self,
        *,
        on: Occasion,
        known: Mapping[str, Known],
        states: Mapping[str, str],
        on_roll: frozenset[str] | None,
        trusted: Collection[str] = frozenset(),
        separate: Mapping[str, int] = NOBODY,
        in_doubt: Collection[str] = frozenset(),
        questions: Mapping[str, Question] = NO_QUESTIONS,
    ) -> None:
        """``known`` as before this file; ``states`` the file's roll; ``on_roll`` where that is complete.

        ``trusted`` are external ids that a person has released: a doubted one is believed, one of a child
        whom two schools list is the child of the other school. Of those that are ``separate`` a person has
        said that it is another child than that one: a known one's link ends, and the child is looked for
        anew among all others. For those ``in_doubt`` something waits already because they were not believed;
        ``questions`` are known ids of which a person must say whose they are.
        """
        self.answered: set[str] = set()
        self._questions = questions
        self._on = on
        self._beliefs = Beliefs(known, on=on)
        self._states = {external_id: each.roll_state for external_id, each in known.items()} | dict(states)
        self._on_roll = on_roll
        self._trusted = trusted
        self._separate = separate
        self._in_doubt = in_doubt
        self._claimed: set[int] = set()
        self._brought: set[str] = set()
        self._upns: dict[str, int] = {}
        self._voices = Voices(self._beliefs.pupils(), self._states)

    def pupil_id(self, external_id: str) -> int | None:
        """Whom of the register an id stands for by now."""
        return self._beliefs.pupil_id(external_id) if external_id in self._beliefs else None

    def resolve(self, pupils: Sequence[MessagePupil]) -> tuple[list[Arrival], list[Unmatched]]:
        """Say who each of these is; adds and links those who are new to the base."""
        said = {each.keys.external_id: said_by(each) for each in pupils}
        self._part(said)
        doubted = self._beliefs.doubted(pupils, said, trusted=self._trusted, in_doubt=self._in_doubt)
        problems = {
            external_id: Match(problem_code=DOUBTED, candidate_id=pupil_id)
            for external_id, pupil_id in doubted.items()
        } | self._questioned(said, but=doubted)
        unknown = [keys for external_id, keys in said.items() if external_id not in self._beliefs]
        upns = {
            each.keys.external_id: upn
            for each in pupils
            if self._brings_upn(each) and (upn := said[each.keys.external_id].upn)
        }
        moving = self._moving(upns, but=doubted)
        claim_pupils(unknown, upns=moving.values())
        added, unmatched = self._admit(unknown)
        problems |= unmatched
        found = [each for each in pupils if each.keys.external_id not in problems]
        linked = {keys.external_id for keys in unknown} - problems.keys() - (added - self._separate.keys())
        holders = self._holders(moving | {key: upn for key, upn in upns.items() if key in linked})
        self._beliefs.remember(found, said, without_upn=holders)
        arrivals = [self._arrival(each, added, holders) for each in found]
        lock_pupils([each.pupil_id for each in arrivals if not each.is_new])
        return arrivals, [
            Unmatched(pupil=each, said=said[key], code=match.problem_code, pupil_id=match.candidate_id)
            for each in pupils
            if (match := problems.get(key := each.keys.external_id)) is not None
        ]

    def _arrival(self, pupil: MessagePupil, added: Collection[str], holders: Mapping[str, int]) -> Arrival:
        external_id = pupil.keys.external_id
        pupil_id = self._beliefs.pupil_id(external_id)
        written = in_form(pupil)
        if external_id in holders and external_id in self._separate:
            written = msgspec.structs.replace(written, keys=msgspec.structs.replace(written.keys, upn=""))
        return Arrival(
            pupil=written,
            pupil_id=pupil_id,
            state=self._states.get(external_id, CURRENT),
            is_new=external_id in added,
            is_superseded=self._voices.speaker(pupil_id) != external_id,
            upn_holder=holders.get(external_id),
        )

    def _questioned(self, said: Mapping[str, MatchKeys], *, but: Collection[str]) -> dict[str, Match]:
        """Of those who come, the known ones of whom a person must say who it is, unless a UPN says so."""
        found = {}
        for external_id, keys in said.items():
            question = self._questions.get(external_id)
            if question is None or external_id in but:
                continue
            if question.is_answered_by(keys.upn):
                self.answered.add(external_id)
            elif external_id not in self.answered:
                found[external_id] = Match(problem_code=TWO_SCHOOLS, candidate_id=question.pupil_id)
        return found

    def _brings_upn(self, pupil: MessagePupil) -> bool:
        """Whether the UPN that came is about to be written: in its block, or as all that is known of a child
        who gets a record of its own, while the record it had may hold that UPN.
        """
        return IDENTIFIERS.name in pupil.blocks or pupil.keys.external_id in self._separate

    def _part(self, external_ids: Iterable[str]) -> None:
        parted = [each for each in external_ids if each in self._separate]
        if parted and self._beliefs.part(parted):
            self._voices = Voices(self._beliefs.pupils(), self._states)

    # UPNs

    def _moving(self, upns: Mapping[str, str], *, but: Collection[str]) -> dict[str, str]:
        """Of the UPNs that known pupils bring, those that are not held as theirs already, by external id."""
        wanted = {key: upn for key, upn in upns.items() if key in self._beliefs and key not in but}
        held = holders_of(set(wanted.values()))
        return {key: upn for key, upn in wanted.items() if held.get(upn) != self._beliefs.pupil_id(key)}

    def _holders(self, wanted: Mapping[str, str]) -> dict[str, int]:
        """By external id, who else holds the UPN that came, or gets it by this file already.

        Asked once the UPNs are claimed, so that what another landing has written is seen.
        """
        held = holders_of(set(wanted.values()))
        found = {}
        for external_id, upn in wanted.items():
            pupil_id = self._beliefs.pupil_id(external_id)
            holder = held.get(upn) or self._upns.setdefault(upn, pupil_id)
            if holder != pupil_id:
                found[external_id] = holder
        return found

    # Unknown ids

    def _admit(self, unknown: Sequence[MatchKeys]) -> tuple[frozenset[str], dict[str, Match]]:
        """Match or add; answers the external ids of pupils added, and the problems by external id."""
        if not unknown:
            return frozenset(), {}
        found = find_matches(
            self._on.base_id,
            unknown,
            source=self._on.source,
            states=self._states,
            on_roll=self._on_roll,
            claimed=self._claimed,
            apart=self._separate,
        )
        matches = {keys.external_id: self._settle(keys, found[keys.external_id]) for keys in unknown}
        new = [external_id for external_id, match in matches.items() if match == NEW]
        ids = dict(zip(new, add_pupils(len(new), run_id=self._on.run_id, now=self._on.now), strict=True))
        self._take_in(
            [
                NewLink(
                    keys=keys,
                    pupil_id=ids.get(keys.external_id) or match.pupil_id or 0,
                    rule=match.rule or ADDED,
                    roll_state=self._states.get(keys.external_id, CURRENT),
                )
                for keys in unknown
                if not (match := matches[keys.external_id]).problem_code
            ]
        )
        problems = {external_id: match for external_id, match in matches.items() if match.problem_code}
        return frozenset(ids), problems

    def _settle(self, keys: MatchKeys, match: Match) -> Match:
        """What a person has said of a child whom two schools list; then that each is matched once."""
        if match.problem_code == TWO_SCHOOLS:
            if keys.external_id in self._trusted:
                match = Match(pupil_id=match.candidate_id, rule=BY_PERSON)
            elif keys.external_id in self._separate:
                match = NEW
        return self._once(keys, match)

    def _once(self, keys: MatchKeys, match: Match) -> Match:
        """Two external ids of one file never match one pupil, nor bring one UPN; the first has it."""
        if match.problem_code:
            return match
        is_second = match.pupil_id in self._claimed
        if (keys.upn and keys.upn in self._brought) or (is_second and match.rule == BY_UPN):
            return Match(problem_code=UPN_TAKEN, candidate_id=self._upns.get(keys.upn) or match.pupil_id)
        if keys.upn:
            self._brought.add(keys.upn)
        if is_second:
            return NEW
        if match.pupil_id is not None:
            self._claimed.add(match.pupil_id)
        return match

    def _take_in(self, links: Sequence[NewLink]) -> None:
        link_pupils(links, on=self._on)
        self._beliefs.add(links)
        for link in links:
            self._claimed.add(link.pupil_id)
            if link.keys.upn:
                self._upns[link.keys.upn] = link.pupil_id
            self._voices.add(link.pupil_id, link.keys.external_id)
