"""Decides which pupil of the register an arriving pupil is, as a function of plain values.

The order is B2B:Student's: the external id known at the base; else the UPN and at least three of date
of birth, family name, given name and sex; else, without a UPN, all four. A UPN is missing whichever side
lacks it, and a temporary one is as good as none here: a pupil who comes with one that nobody holds may be
one who is held without, or with another that was temporary (see docs/adr/0011). Two different permanent
UPNs are two children, however much agrees. A postcode plays no part.

Names are compared as `lib.folding` folds them, without regard to case, accents, spaces, hyphens and
apostrophes; spelling is not forgiven. A value that is not known agrees with nothing, and what fails the
form of a UPN is none (`codes.upn.as_key`).

A UPN that the register holds as the pupil's former one counts too: a school that still sends the
temporary UPN after another has sent the permanent one means the same child.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from schoolgate.codes.upn import as_key, is_permanent
from schoolgate.lib.folding import fold
from schoolgate_message.records import MatchKeys

BY_EXTERNAL_ID = "external id"
BY_UPN = "upn"
BY_IDENTITY = "identity"
BY_PERSON = "person"
ADDED = "added"

AMBIGUOUS = "match.ambiguous"
UPN_TAKEN = "match.upn_taken"
INACTIVE = "match.inactive"
NO_KEYS = "match.no_keys"
TWO_SCHOOLS = "match.two_schools"
DOUBTED = "match.doubted"

REASONS = {
    BY_UPN: "matched by UPN",
    BY_IDENTITY: "matched by names, sex and date of birth",
    BY_PERSON: "matched by a person",
    ADDED: "new to the register",
}
"""A rule in the words of the audit."""

OTHER_CHILD = "used for another child"
"""Why a link ends."""

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
        "No name came with the pupil, and nothing else that says which pupil of the register it is.",
        "Ask the school whether the pupil's basic details are entered; the pupil is read again next time.",
    ),
    INACTIVE: (
        "The pupil fits a record of the register that is no longer in use.",
        "Take the record into use again, or ask the school which pupil is meant.",
    ),
}
"""What a problem that isn't held is called before an officer, and what to do about it.

What is held, doubted ids and children on two rolls, has its words in `holding.causes`.
"""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A pupil of the register who may be meant.

    ``is_taken`` says that another external id of the same base and source stands for the pupil, and is still
    on the base's roll; ``is_elsewhere`` that the pupil may be at another base: listed as Current there, or
    missing from its roll without having left.
    """

    pupil_id: int
    upn: str = ""
    former_upn: str = ""
    family_name: str = ""
    given_name: str = ""
    date_of_birth: str = ""
    sex: str = ""
    is_active: bool = True
    is_elsewhere: bool = False
    is_taken: bool = False


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Which pupil it is, by which rule; without a pupil, either new or a problem for a person.

    ``candidate_id`` is whom a problem is about, where that is one pupil.
    """

    pupil_id: int | None = None
    rule: str = ""
    problem_code: str = ""
    candidate_id: int | None = None


NEW = Match()
"""Nobody in the register fits."""


def agreeing(keys: MatchKeys, candidate: Candidate | MatchKeys) -> int:
    """How many of date of birth, family name, given name and sex agree, from 0 to 4."""
    family, given = fold(keys.family_name), fold(keys.given_name)
    return (
        bool(keys.date_of_birth and keys.date_of_birth == candidate.date_of_birth)
        + bool(keys.sex and keys.sex == candidate.sex)
        + bool(family and family == fold(candidate.family_name))
        + bool(given and given == fold(candidate.given_name))
    )


def match(keys: MatchKeys, candidates: Iterable[Candidate], *, attends: bool = True) -> Match:
    """Which candidate this pupil, whose external id the base has not sent before, is.

    More than one that fits is a problem for a person, and so is a UPN held by a pupil who agrees on
    fewer than three, or by one for whom the base already sends another external id; so is somebody of
    whom nothing is known: a nameless record would keep the external id from the right one for good; and
    so is one who ``attends`` the school and fits by particulars alone a pupil who may attend another.
    """
    upn = as_key(keys.upn)
    if not (upn or keys.family_name or keys.given_name or keys.date_of_birth):
        return Match(problem_code=NO_KEYS)
    found = list(candidates)
    holders = [each for each in found if upn and upn in (as_key(each.upn), as_key(each.former_upn))]
    if holders:
        fitting = [each for each in holders if agreeing(keys, each) >= AGREEING_WITH_UPN]
        settled = _only(fitting, BY_UPN)
        return Match(problem_code=UPN_TAKEN, candidate_id=_one(holders)) if settled == NEW else settled
    fitting = [
        each
        for each in found
        if agreeing(keys, each) >= AGREEING_WITHOUT_UPN and not are_two(upn, as_key(each.upn))
    ]
    settled = _only(fitting, BY_IDENTITY, is_elsewhere_a_problem=attends)
    if settled == NEW and not (keys.family_name or keys.given_name):
        return Match(problem_code=NO_KEYS)
    return settled


def are_two(upn: str, other: str) -> bool:
    """Whether these two UPNs are two children's: both permanent, and different."""
    return upn != other and is_permanent(upn) and is_permanent(other)


class SharedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A living link of a pupil at a base in use: since when and by which rule, and the UPN last seen there.

    ``link_id`` settles which of two links made at one instant came first.
    """

    link_id: int
    pupil_id: int
    base_id: int
    source: str
    external_id: str
    upn: str
    rule: str
    linked_at: datetime
    roll_state: str


def is_known_as_one(one: SharedLink, other: SharedLink) -> bool:
    """Whether it has been settled that what two schools link to one record is one child.

    A UPN in common settles it, and so does the rule that made the later link, where that was a UPN or a
    person. Particulars alone do not: they were enough only while one of the two had not got the child.
    """
    upn = as_key(one.upn)
    if upn and upn == as_key(other.upn):
        return True
    later = max(one, other, key=lambda each: (each.linked_at, each.link_id))
    return later.rule in {BY_UPN, BY_PERSON}


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A known id of which it is not settled whether it is its pupil's.

    ``keys`` came with it the last time; ``upns`` are those last seen at the other schools that may have the
    child, empty where a school sent none.
    """

    keys: MatchKeys
    pupil_id: int
    upns: tuple[str, ...]

    def is_answered_by(self, upn: str) -> bool:
        """Whether the UPN that comes with the id is the one that every other school sends."""
        key = as_key(upn)
        return bool(key) and all(key == each for each in self.upns)


def upns_of(links: Iterable[SharedLink]) -> tuple[str, ...]:
    """The UPNs last seen beside these links, as keys."""
    return tuple(as_key(each.upn) for each in links)


def _only(fitting: list[Candidate], rule: str, *, is_elsewhere_a_problem: bool = False) -> Match:
    free = {each.pupil_id: each for each in fitting if not each.is_taken}
    if len(free) > 1:
        return Match(problem_code=AMBIGUOUS)
    for candidate in free.values():
        if not candidate.is_active:
            return Match(problem_code=INACTIVE, candidate_id=candidate.pupil_id)
        if candidate.is_elsewhere and is_elsewhere_a_problem:
            return Match(problem_code=TWO_SCHOOLS, candidate_id=candidate.pupil_id)
        return Match(pupil_id=candidate.pupil_id, rule=rule)
    return NEW


def _one(candidates: list[Candidate]) -> int | None:
    ids = {each.pupil_id for each in candidates}
    return ids.pop() if len(ids) == 1 else None
