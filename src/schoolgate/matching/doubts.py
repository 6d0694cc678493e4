"""Decides whether a known external id still stands for its pupil, as a function of plain values.

Schools use an id again for another child, swap those of twins, or enter one child over another. An id is
believed as long as what comes with it agrees with what is held of its pupil, was formerly held, or came with
the id the last time (see docs/adr/0021). It is not believed

- when fewer than two of UPN, date of birth, family name and given name agree;
- when another permanent UPN and another given name come together;
- when what comes is another pupil's of the same base: that one's permanent UPN, with particulars that are no
  nearer to the id's own pupil; or all particulars of that one, of the sex where both tell it.

A value that one side doesn't know neither agrees nor differs, and where nothing differs nothing is doubted:
an id that comes alone is believed. A temporary UPN never differs, for it was bound to be replaced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import msgspec

from schoolgate.codes.upn import is_permanent
from schoolgate.lib.folding import fold
from schoolgate.matching.rules import AGREEING_WITHOUT_UPN, agreeing
from schoolgate_message.records import MatchKeys

AGREEING_AT_LEAST = 2

Particulars = tuple[str, str, str]


class HeldKeys(msgspec.Struct, frozen=True, kw_only=True):
    """Everything by which a pupil is or was known: UPNs as keys, names folded."""

    upns: frozenset[str] = frozenset()
    births: frozenset[str] = frozenset()
    family_names: frozenset[str] = frozenset()
    given_names: frozenset[str] = frozenset()
    sexes: frozenset[str] = frozenset()


def held_keys_from(
    *,
    upns: Iterable[str],
    births: Iterable[str],
    family_names: Iterable[str],
    given_names: Iterable[str],
    sexes: Iterable[str],
) -> HeldKeys:
    """The same from names as they are written; what is empty is left out."""
    return HeldKeys(
        upns=frozenset(filter(None, upns)),
        births=frozenset(filter(None, births)),
        family_names=frozenset(filter(None, map(fold, family_names))),
        given_names=frozenset(filter(None, map(fold, given_names))),
        sexes=frozenset(filter(None, sexes)),
    )


def still_agrees(said: MatchKeys, held: HeldKeys, *, others: Iterable[MatchKeys] = ()) -> bool:
    """Whether what came with a known external id may be its pupil's.

    ``said`` holds a UPN that passes its check, or none. ``others`` are the keys last seen of other pupils
    whom the base sends: those who have the UPN or all particulars that came.
    """
    upn, born, family, given = (
        _upn_agrees(said.upn, held.upns),
        _agrees(said.date_of_birth, held.births),
        _agrees(fold(said.family_name), held.family_names),
        _agrees(fold(said.given_name), held.given_names),
    )
    answers = (upn, born, family, given)
    if False in answers and answers.count(True) < AGREEING_AT_LEAST:
        return False
    if upn is False and given is False:
        return False
    own = (born, family, given, _agrees(said.sex, held.sexes)).count(True)
    return not any(_is_rather(said, each, own=own, has_own_upn=upn is True) for each in others)


def _is_rather(said: MatchKeys, other: MatchKeys, *, own: int, has_own_upn: bool) -> bool:
    """Whether what came is another pupil's rather than the id's own, of whom ``own`` particulars agree."""
    theirs = agreeing(said, other)
    if is_permanent(said.upn) and said.upn == other.upn and not has_own_upn:
        return own <= theirs
    are_all = AGREEING_WITHOUT_UPN if said.sex and other.sex else AGREEING_WITHOUT_UPN - 1
    return theirs == are_all and own < theirs


def _agrees(said: str, held: Collection[str]) -> bool | None:
    return said in held if said and held else None


def _upn_agrees(said: str, held: Collection[str]) -> bool | None:
    if said and said in held:
        return True
    return False if is_permanent(said) and any(map(is_permanent, held)) else None


class Lookalikes:
    """Finds, among the keys last seen of all pupils of a base, those that others might be taken for."""

    def __init__(self, keys: Mapping[str, MatchKeys]) -> None:
        """``keys`` by external id."""
        self._by_upn: dict[str, dict[str, MatchKeys]] = defaultdict(dict)
        self._by_particulars: dict[Particulars, dict[str, MatchKeys]] = defaultdict(dict)
        for external_id, each in keys.items():
            self.add(external_id, each)

    def add(self, external_id: str, keys: MatchKeys) -> None:
        """Take in what came with an id; what came with it earlier in the same file counts on."""
        if is_permanent(keys.upn):
            self._by_upn[keys.upn][external_id] = keys
        particulars = _particulars(keys)
        if all(particulars):
            self._by_particulars[particulars][external_id] = keys

    def of(self, said: MatchKeys) -> dict[str, MatchKeys]:
        """By external id, whoever has the permanent UPN that came, or the names and the birthday."""
        return self._by_upn.get(said.upn, {}) | self._by_particulars.get(_particulars(said), {})


def _particulars(keys: MatchKeys) -> Particulars:
    return keys.date_of_birth, fold(keys.family_name), fold(keys.given_name)
