"""Decides which pupil of the register an arriving pupil is, as a function of plain values.

The order is B2B:Student's: the external id known at the base; else the UPN and at least three of date
of birth, family name, given name and sex; else, without a UPN, all four. A UPN is missing whichever side
lacks it: a pupil who comes with one that nobody holds may be one who is held without (see docs/adr/0011).
A postcode plays no part.

Names are compared as `lib.folding` folds them, without regard to case, accents, spaces, hyphens and
apostrophes; spelling is not forgiven. A value that is not known agrees with nothing.

A UPN that the register holds as the pupil's former one counts too: a school that still sends the
temporary UPN after another has sent the permanent one means the same child.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from schoolgate.lib.folding import fold
from schoolgate_message.records import MatchKeys

BY_EXTERNAL_ID = "external id"
BY_UPN = "upn"
BY_IDENTITY = "identity"
ADDED = "added"

AMBIGUOUS = "match.ambiguous"
UPN_TAKEN = "match.upn_taken"
INACTIVE = "match.inactive"
NO_KEYS = "match.no_keys"

AGREEING_WITH_UPN = 3
AGREEING_WITHOUT_UPN = 4

SENTENCES = {
    AMBIGUOUS: (
        "More than one pupil of the register fits this pupil.",
        "Compare the pupils and settle which one is meant; correct the others' UPN or details.",
    ),
    UPN_TAKEN: (
        "The UPN belongs to another pupil of the register, whose details do not agree.",
        "Ask the school to check the UPN, or correct the details of the pupil who holds it.",
    ),
    NO_KEYS: (
        "Nothing came by which the pupil could be recognised: no UPN, no name and no date of birth.",
        "Ask the school whether the pupil's basic details are entered; the pupil is read again next time.",
    ),
    INACTIVE: (
        "The pupil fits a record of the register that is no longer in use.",
        "Take the record into use again, or ask the school which pupil is meant.",
    ),
}
"""What a problem is called before an officer, and what to do about it."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A pupil of the register who may be meant.

    ``is_taken`` says that another external id of the same base stands for the pupil, and is still on
    the base's roll.
    """

    pupil_id: int
    upn: str = ""
    former_upn: str = ""
    family_name: str = ""
    given_name: str = ""
    date_of_birth: str = ""
    sex: str = ""
    is_active: bool = True
    is_taken: bool = False


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Which pupil it is, by which rule; without a pupil, either new or a problem for a person."""

    pupil_id: int | None = None
    rule: str = ""
    problem_code: str = ""


NEW = Match()
"""Nobody in the register fits."""


def agreeing(keys: MatchKeys, candidate: Candidate) -> int:
    """How many of date of birth, family name, given name and sex agree, from 0 to 4."""
    family, given = fold(keys.family_name), fold(keys.given_name)
    return (
        bool(keys.date_of_birth and keys.date_of_birth == candidate.date_of_birth)
        + bool(keys.sex and keys.sex == candidate.sex)
        + bool(family and family == fold(candidate.family_name))
        + bool(given and given == fold(candidate.given_name))
    )


def match(keys: MatchKeys, candidates: Iterable[Candidate]) -> Match:
    """Which candidate this pupil, whose external id the base has not sent before, is.

    More than one that fits is a problem for a person, and so is a UPN held by a pupil who agrees on
    fewer than three, or by one for whom the base already sends another external id; so is somebody of
    whom nothing is known: a nameless record would keep the external id from the right one for good.
    """
    if not (keys.upn or keys.family_name or keys.given_name or keys.date_of_birth):
        return Match(problem_code=NO_KEYS)
    if not keys.upn:
        fitting = [each for each in candidates if agreeing(keys, each) >= AGREEING_WITHOUT_UPN]
        return _only(fitting, BY_IDENTITY)
    fitting = list(candidates)
    holders = [each for each in fitting if keys.upn in (each.upn, each.former_upn)]
    if not holders:
        without = [each for each in fitting if not each.upn]
        return _only([each for each in without if agreeing(keys, each) >= AGREEING_WITHOUT_UPN], BY_IDENTITY)
    found = _only([each for each in holders if agreeing(keys, each) >= AGREEING_WITH_UPN], BY_UPN)
    return Match(problem_code=UPN_TAKEN) if found == NEW else found


def _only(fitting: list[Candidate], rule: str) -> Match:
    free = {each.pupil_id: each for each in fitting if not each.is_taken}
    if len(free) > 1:
        return Match(problem_code=AMBIGUOUS)
    for candidate in free.values():
        return (
            Match(pupil_id=candidate.pupil_id, rule=rule)
            if candidate.is_active
            else Match(problem_code=INACTIVE)
        )
    return NEW
