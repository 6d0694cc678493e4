"""Invented pupils, the same every time: canonical content of every data group in realistic proportions.

Made here and not by the sandbox, so that a benchmark needs no other process and can have schools of any
size. Nobody in it exists.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from schoolgate_message import groups
from schoolgate_message.blocks import Content, Row, canonical
from schoolgate_message.records import MatchKeys

_CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_SYLLABLES = (
    "bar",
    "den",
    "el",
    "ford",
    "gar",
    "hol",
    "is",
    "kel",
    "lin",
    "mor",
    "nor",
    "os",
    "ri",
    "ta",
    "wy",
)
_YEARS = ("R", "1", "2", "3", "4", "5", "6")
_STREETS = ("Station Road", "Church Lane", "Mill Street", "Park Avenue", "The Green", "O'Connell Way")
_ETHNICITIES = ("WBRI", "WIRI", "WOTH", "MWBC", "MWAS")
_SUPPORT_SHARE, _MEALS_SHARE, _CARE_SHARE, _SUSPENDED_SHARE = 0.16, 0.24, 0.01, 0.03


@dataclass(frozen=True, slots=True)
class MadePupil:
    """A pupil as a school would send it."""

    keys: MatchKeys
    blocks: dict[str, Content]
    nc_year: str


def made_pupils(base_number: str, count: int, *, seed: int = 8201) -> list[MadePupil]:
    """``count`` pupils of one school; another school's pupils are others."""
    return list(_make(base_number, count, random.Random(f"{seed} {base_number}")))


def _make(base_number: str, count: int, chance: random.Random) -> Iterator[MadePupil]:
    for number in range(count):
        year = number % len(_YEARS)
        day = f"{2021 - year}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        basic: Row = {
            "family_name": _name(chance),
            "given_name": _name(chance),
            "date_of_birth": day,
            "sex": chance.choice("FM"),
        }
        upn = _upn(base_number, number)
        keys = MatchKeys(
            external_id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            upn=upn,
            **{name: str(value) for name, value in basic.items()},
        )
        basic |= {"preferred_family_name": basic["family_name"], "preferred_given_name": basic["given_name"]}
        if chance.random() < 0.6:
            basic["middle_names"] = _name(chance)
        made = {
            "identifiers": {"upn": upn},
            "basic_details": basic,
            **_others(base_number, _YEARS[year], chance),
        }
        blocks = {name: canonical(groups.BY_NAME[name], content) for name, content in made.items()}
        yield MadePupil(keys=keys, blocks=blocks, nc_year=_YEARS[year])


def _others(base_number: str, year: str, chance: random.Random) -> dict[str, Row | list[Row]]:
    address = {**_postal(chance), "county": "Wharfdale", "country": "England"}
    made: dict[str, Row | list[Row]] = {
        "address": address,
        "communications": [
            {"kind": "Telephone", "location": "H", "value": _telephone(chance), "is_main": True},
            {"kind": "Telephone", "location": "M", "value": _telephone(chance), "is_main": False},
        ],
        "contacts": [_contact(priority, address, chance) for priority in range(1, chance.randint(2, 4))],
        "enrolments": [
            {
                "school_dfe_number": base_number,
                "school_name": "Invented Primary School",
                "entry_on": "2024-09-03",
                "enrolment_status": "C",
                "nc_year": year,
                "registration_group": f"{year}{chance.choice('AB')}",
                "boarder": "N",
            }
        ],
        "ethnicity_language": {
            "ethnicity": chance.choice(_ETHNICITIES),
            "ethnicity_source": "P",
            "first_language": "ENG",
            "home_language": "ENG",
            "religion": "CH",
        },
        "service_child": {"service_child": "N"},
        "young_carer": {"young_carer": "N"},
    }
    if chance.random() < _SUPPORT_SHARE:
        made["sen_provisions"] = [{"provision": chance.choice("KE"), "start_on": "2025-01-06"}]
        made["sen_needs"] = [
            {"rank": rank, "need_type": need, "start_on": "2025-01-06"}
            for rank, need in enumerate(
                chance.sample(("SPLD", "MLD", "SEMH", "SLCN"), chance.randint(1, 2)), 1
            )
        ]
    if chance.random() < _MEALS_SHARE:
        made["free_school_meals"] = [{"start_on": "2025-09-01", "country": "ENG"}]
    if chance.random() < _CARE_SHARE:
        made["looked_after"] = {"in_care": True, "care_authority": base_number[:3]}
    if chance.random() < _SUSPENDED_SHARE:
        made["suspensions"] = [
            {
                "category": "SUSP",
                "reason_1": "PP",
                "start_on": "2026-03-02",
                "end_on": "2026-03-04",
                "start_session": "AM",
                "school_days": "2.5",
            }
        ]
    return made


def _contact(priority: int, address: Row, chance: random.Random) -> Row:
    return {
        "priority": priority,
        "title": chance.choice(("Mr", "Mrs", "Ms", "Dr")),
        "family_name": _name(chance),
        "given_name": _name(chance),
        "relationship": "OTH" if priority > 2 else "PAM",
        "has_responsibility": priority < 3,
        "lives_with_pupil": priority == 1,
        **{name: address[name] for name in ("paon", "street", "town", "postcode")},
        "mobile_telephone": _telephone(chance),
        "email": f"{_name(chance).lower()}{chance.randint(1, 999)}@example.org",
    }


def _postal(chance: random.Random) -> Row:
    return {
        "paon": str(chance.randint(1, 240)),
        "street": chance.choice(_STREETS),
        "town": "Wharfborough",
        "postcode": f"ZZ{chance.randint(1, 99)} {chance.randint(1, 9)}{chance.choice('ABDEF')}Q",
    }


def _telephone(chance: random.Random) -> str:
    return f"01632 {chance.randint(960000, 960999)}"


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 3))).capitalize()


def _upn(base_number: str, number: int) -> str:
    """A UPN with a right check letter in front: LA, establishment, then five digits of our own."""
    digits = f"{base_number}{number:05d}"
    total = sum(int(digit) * weight for weight, digit in enumerate(digits, 2))
    return _CHECK_LETTERS[total % len(_CHECK_LETTERS)] + digits
