"""Families and children as they are everywhere, whichever school asks.

A person belongs to no school: children on two rolls are one person, so what
both schools hold about them is the same by construction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from schoolgate_sandbox import names
from schoolgate_sandbox.ids import Ids
from schoolgate_sandbox.schools import School

Values = dict[str, Any]
YEARS = ("N1", "N2", "R", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11")
CURRENT, LEAVER, FUTURE = "Current", "Leaver", "Future"
# Expected at a school that does not list the child yet.
AWAITED = "Awaited"
SCHOOL_DOMAINS = ("LearnerEnrolments", "LearnerExclusions")
_RECEPTION = YEARS.index("R")
_SIBLING_JITTER = 30
_LAST_OFFSET = 364


@dataclass(slots=True)
class Row:
    """One row of a domain; key names it among the rows of its pupil."""

    key: str
    values: Values


@dataclass(slots=True, eq=False)
class Family:
    """Those who share an address, contacts and a surname."""

    key: str
    culture: names.Culture
    surname: str
    birth_offset: int
    address: Values
    telephone: str
    contacts: list[Values]
    members: list[Person] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Person:
    """A child; groups holds the rows that all the child's schools share."""

    key: str
    family: Family
    groups: dict[str, list[Row]]
    pupils: list[Pupil] = field(default_factory=list)
    next_key: int = 100

    @property
    def personals(self) -> Row:
        return self.groups["LearnerPersonals"][0]

    def new_key(self) -> str:
        """Give a row key never used before for this child."""
        self.next_key += 1
        return str(self.next_key)


@dataclass(slots=True, eq=False)
class Pupil:
    """A person on one school's roll; groups holds rows of this school alone."""

    external_id: str
    school: School
    person: Person
    number: int
    state: str
    year: str
    class_name: str
    entered_on: date
    left_on: date | None
    status: str
    groups: dict[str, list[Row]] = field(default_factory=dict)
    applied_on: date | None = None
    house: str | None = None

    def rows(self, domain: str) -> list[Row]:
        """Give the rows of a domain, the school's own before the shared ones."""
        own = self.groups.get(domain)
        return own if own is not None else self.person.groups.get(domain, [])

    def own(self, domain: str) -> list[Row]:
        """Give the rows of a domain that belongs to this school alone."""
        return self.groups.setdefault(domain, [])

    def freeze(self) -> None:
        """Keep the leaver's particulars as they are now: the school learns no more."""
        self.groups["LearnerPersonals"] = [
            Row(row.key, dict(row.values)) for row in self.rows("LearnerPersonals")
        ]


def born_on(year: str, *, academic_year: int, offset: int) -> date:
    """Give a birthday offset days into the birth year of a year group."""
    age = YEARS.index(year) - _RECEPTION + 5
    return date(academic_year - age, 9, 1) + timedelta(days=offset)


def months_past_birthday(birth: date, *, today: date) -> int:
    """Give the whole months since the last birthday, 0 to 11."""
    return (today.month - birth.month - (today.day < birth.day)) % 12


def make_family(ids: Ids, key: str) -> Family:
    """Make the family of a key: culture, address, telephone and contacts."""
    rng = ids.rng(f"family/{key}")
    culture = rng.choices(names.CULTURES, [culture.weight for culture in names.CULTURES])[0]
    surname = rng.choice(culture.surnames)
    family = Family(
        key=key,
        culture=culture,
        surname=surname,
        birth_offset=rng.randrange(_LAST_OFFSET + 1),
        address=make_address(rng),
        telephone=landline(rng),
        contacts=[],
    )
    family.contacts = [
        make_contact(rng, family, relationship) for relationship in _relationships(rng.random())
    ]
    return family


def _relationships(chance: float) -> tuple[str, ...]:
    if chance < 0.62:
        return ("PAM", "PAF")
    if chance < 0.76:
        return ("PAM",)
    if chance < 0.88:
        return ("PAM", "PAF", "REL")
    return ("PAM", "STF", "PAF") if chance < 0.95 else ("PAF", "REL")


def landline(rng: Random) -> str:
    """Give a telephone number of the range kept for drama."""
    return f"01632 960{rng.randrange(1000):03d}"


def mobile(rng: Random) -> str:
    """Give a mobile number of the range kept for drama."""
    return f"07700 900{rng.randrange(1000):03d}"


def postcode(rng: Random) -> str:
    """Give a postcode of the right form; inward letters leave out C, I, K, M, O and V."""
    letters = rng.choice("ABDEFGHJLN") + rng.choice("PQRSTUWXYZ")
    return f"MK{rng.randrange(40, 46)} {rng.randrange(10)}{letters}"


def make_address(rng: Random) -> Values:
    """Make an address of the British Standard form."""
    flat = rng.random() < 0.12
    town = rng.choice(names.TOWNS)
    return {
        "SAON": f"Flat {rng.randrange(1, 30)}" if flat else None,
        "PAON": str(rng.randrange(1, 180)),
        "Street": rng.choice(names.STREETS),
        "Locality": None,
        "Town": town,
        "AdministrativeArea": "Central Bedfordshire",
        "PostTown": town.upper(),
        "County": names.COUNTY,
        "PostCode": postcode(rng),
        "Country": "United Kingdom",
        "UPRN": f"100080{rng.randrange(1_000_000):06d}",
    }


def make_contact(rng: Random, family: Family, relationship: str) -> Values:
    """Make a parent, carer or other contact of a family."""
    is_woman = relationship == "PAM" or (relationship in {"REL", "OTH"} and rng.random() < 0.7)
    forename = rng.choice(family.culture.female if is_woman else family.culture.male)
    shares_name = relationship != "REL" and rng.random() < 0.7
    surname = family.surname if shares_name else rng.choice(family.culture.surnames)
    lives_with = relationship in {"PAM", "STF"} or (relationship == "PAF" and rng.random() < 0.75)
    elsewhere = make_address(rng)
    return {
        "Title": rng.choice(("Mrs", "Ms", "Miss")) if is_woman else "Mr",
        "Forename": forename,
        "Surname": surname,
        "MiddleNames": rng.choice(names.MIDDLE) if rng.random() < 0.15 else None,
        "GenderCategory": "Female" if is_woman else "Male",
        "Relationship": relationship,
        "HasParentalResponsibility": relationship in {"PAM", "PAF"},
        "LivesWithLearner": lives_with,
        "Address": None
        if lives_with
        else {part: elsewhere[part] for part in ("SAON", "PAON", "Street", "Town", "PostCode")},
        "HomeTelephone": family.telephone if lives_with and rng.random() < 0.5 else None,
        "MobileTelephone": mobile(rng) if rng.random() < 0.93 else None,
        "WorkTelephone": landline(rng) if rng.random() < 0.2 else None,
        "Email": f"parent{rng.randrange(10_000_000):07d}@example.net" if rng.random() < 0.75 else None,
    }


def sibling_offset(family: Family, rng: Random) -> int:
    """Give a birthday's place in its year, near the siblings' so that gaps stay possible."""
    jitter = rng.randrange(-_SIBLING_JITTER, _SIBLING_JITTER + 1)
    return min(_LAST_OFFSET, max(0, family.birth_offset + jitter))
