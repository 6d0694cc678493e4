"""Finds out who arrives: matches a batch's pupils, adds those nobody knows, links their external ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from schoolgate.matching.actions import NewLink, claim_pupils, link_pupils, refresh_keys
from schoolgate.matching.queries import Known, find_matches
from schoolgate.matching.rules import ADDED, BY_UPN, SENTENCES, UPN_TAKEN, Match
from schoolgate.pupils.actions import add_pupils, lock_pupils
from schoolgate_message.records import MatchKeys, MessagePupil

ON_ROLL = frozenset({"Current", "Future"})
_VOICES = ("Current", "Future", "Leaver")


class Arrival(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A pupil of the file, and whom of the register that is.

    ``is_new``: nothing is held of the pupil yet. ``was_leaver``: the base had reported the pupil as gone
    before this file. ``is_superseded``: another external id of the base speaks for the pupil.
    """

    pupil: MessagePupil
    pupil_id: int
    state: str
    is_new: bool = False
    was_leaver: bool = False
    is_superseded: bool = False

    @property
    def external_id(self) -> str:
        """The base's id for the pupil."""
        return self.pupil.keys.external_id


class Unmatched(msgspec.Struct, frozen=True, kw_only=True):
    """A pupil of the file who may be somebody of the register, and a person must say who."""

    pupil: MessagePupil
    code: str

    @property
    def words(self) -> tuple[str, str]:
        """One sentence, and the remedy."""
        return SENTENCES[self.code]


class Register:
    """Who is who at one base while one of its files lands."""

    def __init__(
        self,
        *,
        base_id: int,
        run_id: int,
        now: datetime,
        known: dict[str, Known],
        states: Mapping[str, str],
        on_roll: frozenset[str] | None,
    ) -> None:
        """``known`` as before this file; ``states`` the file's roll; ``on_roll`` where that is complete."""
        self.base_id = base_id
        self.run_id = run_id
        self.now = now
        self._known = {external_id: each.pupil_id for external_id, each in known.items()}
        self._keys = {external_id: each.keys for external_id, each in known.items()}
        self._was_leaver = {external_id for external_id, each in known.items() if each.roll_state == "Leaver"}
        self._states = {external_id: each.roll_state for external_id, each in known.items()} | dict(states)
        self._on_roll = on_roll
        self._claimed: set[int] = set()
        self._upns: set[str] = set()
        self._voices: dict[int, str] = {}
        for external_id, pupil_id in self._known.items():
            self._let_speak(pupil_id, external_id)

    def resolve(self, pupils: Sequence[MessagePupil]) -> tuple[list[Arrival], list[Unmatched]]:
        """Say who each of these is; adds and links those who are new to the base."""
        unknown = [each.keys for each in pupils if each.keys.external_id not in self._known]
        added, unmatched = self._admit(unknown)
        self._refresh(each.keys for each in pupils if each.keys.external_id in self._keys)
        arrivals = [self._arrival(each, added) for each in pupils if each.keys.external_id not in unmatched]
        lock_pupils([each.pupil_id for each in arrivals if not each.is_new])
        return arrivals, [
            Unmatched(pupil=each, code=unmatched[each.keys.external_id])
            for each in pupils
            if each.keys.external_id in unmatched
        ]

    def _arrival(self, pupil: MessagePupil, added: frozenset[str]) -> Arrival:
        external_id = pupil.keys.external_id
        pupil_id = self._known[external_id]
        return Arrival(
            pupil=pupil,
            pupil_id=pupil_id,
            state=self._states.get(external_id, "Current"),
            is_new=external_id in added,
            was_leaver=external_id in self._was_leaver,
            is_superseded=self._voices[pupil_id] != external_id,
        )

    def _admit(self, unknown: Sequence[MatchKeys]) -> tuple[frozenset[str], dict[str, str]]:
        """Match or add; answers the external ids of pupils added, and the problems by external id."""
        if not unknown:
            return frozenset(), {}
        claim_pupils(unknown)
        found = find_matches(self.base_id, unknown, on_roll=self._on_roll, claimed=self._claimed)
        matches = [(keys, self._once(keys, found[keys.external_id])) for keys in unknown]
        new = [keys for keys, match in matches if match.pupil_id is None and not match.problem_code]
        ids = dict(
            zip(
                (keys.external_id for keys in new),
                add_pupils(len(new), run_id=self.run_id, now=self.now),
                strict=True,
            )
        )
        links = [
            NewLink(
                keys=keys,
                pupil_id=ids.get(keys.external_id) or match.pupil_id or 0,
                rule=match.rule or ADDED,
                roll_state=self._states.get(keys.external_id, "Current"),
            )
            for keys, match in matches
            if not match.problem_code
        ]
        self._take_in(links)
        problems = {keys.external_id: match.problem_code for keys, match in matches if match.problem_code}
        return frozenset(ids), problems

    def _once(self, keys: MatchKeys, match: Match) -> Match:
        """Two external ids of one file never match one pupil, nor bring one UPN; the first has it."""
        if match.problem_code:
            return match
        is_second = match.pupil_id in self._claimed
        if (keys.upn and keys.upn in self._upns) or (is_second and match.rule == BY_UPN):
            return Match(problem_code=UPN_TAKEN)
        if keys.upn:
            self._upns.add(keys.upn)
        if is_second:
            return Match()
        if match.pupil_id is not None:
            self._claimed.add(match.pupil_id)
        return match

    def _take_in(self, links: Sequence[NewLink]) -> None:
        link_pupils(links, base_id=self.base_id, run_id=self.run_id, now=self.now)
        for link in links:
            external_id = link.keys.external_id
            self._known[external_id] = link.pupil_id
            self._claimed.add(link.pupil_id)
            self._let_speak(link.pupil_id, external_id)

    def _refresh(self, sent: Iterable[MatchKeys]) -> None:
        changed = [keys for keys in sent if keys != self._keys[keys.external_id]]
        refresh_keys(changed, base_id=self.base_id)

    def _let_speak(self, pupil_id: int, external_id: str) -> None:
        """Of several external ids for one pupil the one on the roll speaks, else the one known first."""
        speaking = self._voices.get(pupil_id)
        if speaking is None or self._rank(external_id) < self._rank(speaking):
            self._voices[pupil_id] = external_id

    def _rank(self, external_id: str) -> int:
        state = self._states.get(external_id, "Current")
        return _VOICES.index(state) if state in _VOICES else len(_VOICES)
