"""The data groups of a child that every school of the child shares.

Proportions follow the national picture roughly: a quarter with free school
meals, one in six with special educational needs, a few in care.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from schoolgate_sandbox import codes, names, upn
from schoolgate_sandbox.ids import Ids
from schoolgate_sandbox.people import (
    YEARS,
    Family,
    Person,
    Row,
    Values,
    born_on,
    landline,
    mobile,
    sibling_offset,
)

Rows = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Birth:
    """What decides a child: who, which year group when, and where the UPN came from."""

    key: str
    year: str
    academic_year: int
    today: date
    la: int
    establishment: int
    serial: int
    alias: str = ""
    twin_of: Person | None = None
    is_full: bool = True
    half: int | None = None


def pick(rng: Random, table: codes.Weighted) -> str:
    """Draw a code by its weight."""
    return rng.choices([code for code, _ in table], [weight for _, weight in table])[0]


def issued_in(year: str, *, academic_year: int) -> int:
    """Give the year in which a child of a year group got a UPN: on starting school."""
    return academic_year - max(0, YEARS.index(year) - YEARS.index("R"))


def make_person(ids: Ids, family: Family, birth: Birth) -> Person:
    """Make a child of a family and enter the child among its members."""
    rng = ids.rng(f"person/{birth.key}")
    personals = _personals(ids, rng, family, birth)
    groups: Rows = {"LearnerPersonals": [Row("1", personals)]}
    if birth.is_full:
        groups |= _shared_groups(rng, family, birth, personals)
    person = Person(birth.key, family, groups)
    family.members.append(person)
    family.members.sort(key=lambda member: member.key)
    return person


def _personals(ids: Ids, rng: Random, family: Family, birth: Birth) -> Values:
    stream = ids.rng(f"namesake/{birth.alias}") if birth.alias else rng
    culture = names.CULTURES[0] if birth.alias else family.culture
    is_girl = stream.random() < 0.49
    offset = stream.randrange(365) if birth.alias else sibling_offset(family, rng)
    born = born_on(birth.year, academic_year=birth.academic_year, offset=offset)
    if birth.twin_of is not None:
        born = date.fromisoformat(birth.twin_of.personals.values["DateOfBirth"])
    surname = stream.choice(culture.surnames) if birth.alias else family.surname
    forename = stream.choice(_forenames(culture, family, birth, is_girl=is_girl))
    double = f"{surname}-{rng.choice(culture.surnames)}" if rng.random() < 0.03 else None
    return {
        "PreferredForename": forename[:3] if rng.random() < 0.05 and len(forename) > 5 else forename,
        "PreferredSurname": double or surname,
        "GenderCategory": "Female" if is_girl else "Male",
        "LegalForename": forename,
        "LegalSurname": surname,
        "MiddleNames": rng.choice(names.MIDDLE) if rng.random() < 0.55 else None,
        "FormerSurname": rng.choice(culture.surnames) if rng.random() < 0.03 else None,
        "DateOfBirth": born.isoformat(),
        **_numbers(rng, birth),
    }


def _forenames(culture: names.Culture, family: Family, birth: Birth, *, is_girl: bool) -> tuple[str, ...]:
    """Give the forenames that no brother or sister has.

    Children of a linked family may be made in either order, so each has a half of its own.
    """
    forenames = culture.female if is_girl else culture.male
    if birth.half is not None:
        return forenames[birth.half :: 2]
    taken = {member.personals.values["LegalForename"] for member in family.members}
    return tuple(name for name in forenames if name not in taken) or forenames


def _numbers(rng: Random, birth: Birth) -> Values:
    """Give the UPN or the reason for having none."""
    issued = issued_in(birth.year, academic_year=birth.academic_year)
    where = {"la": birth.la + birth.serial // 1000, "establishment": birth.establishment, "year": issued}
    number: Values = {
        "UPN": upn.permanent(**where, serial=birth.serial % 1000),
        "FormerUPN": None,
        "UPNUnknownReason": None,
        "UniqueLearnerNumber": None,
        "UCI": None,
    }
    chance = rng.random()
    if chance < 0.014:
        number["UPN"] = upn.temporary(**where, serial=birth.serial % 1000)
    elif chance < 0.026 or (birth.year == "N1" and chance < 0.3):
        number |= {"UPN": None, "UPNUnknownReason": "UN1" if birth.year in {"N1", "N2", "R"} else "UN3"}
    elif chance > 0.985:
        number["FormerUPN"] = upn.temporary(**where, serial=birth.serial % 1000)
    return number


def _shared_groups(rng: Random, family: Family, birth: Birth, personals: Values) -> Rows:
    started = date(birth.academic_year - max(0, YEARS.index(birth.year) - 2), 9, 4)
    born = date.fromisoformat(personals["DateOfBirth"])
    lived = max(born + timedelta(days=1000), started - timedelta(days=300))
    groups: Rows = {
        "LearnerAddresses": [Row("1", dict(family.address))],
        "LearnerCommunications": _communications(rng, family),
        "LearnerContacts": [
            Row(str(place), {"Priority": place, **contact})
            for place, contact in enumerate(family.contacts, start=1)
        ],
        "LearnerSenProvisions": [],
        "LearnerSenNeeds": [],
        "LearnerFreeSchoolMeals": meals(rng, since=started, today=birth.today),
        "LearnerCulturals": [Row("1", _cultural(rng, family, birth.year))],
        "LearnerServiceChildren": [Row("1", {"ServiceChild": pick(rng, codes.SERVICE_CHILD)})],
        "LearnerYoungCarers": [Row("1", {"YoungCarer": pick(rng, codes.YOUNG_CARER)})],
        "LearnerLookedAfters": _looked_after(rng),
    }
    _special_needs(rng, groups, lived=lived, today=birth.today)
    return groups


def _communications(rng: Random, family: Family) -> list[Row]:
    rows: list[Row] = []
    if rng.random() < 0.6:
        rows.append(_communication("1", "Telephone", "H", family.telephone, is_main=True))
    if rng.random() < 0.15:
        rows.append(_communication("2", "Telephone", rng.choice("MAM"), mobile(rng), is_main=not rows))
    if rng.random() < 0.12:
        address = f"family{rng.randrange(10_000_000):07d}@example.net"
        rows.append(_communication("3", "Email", None, address, is_main=True))
    if rng.random() < 0.02:
        rows.append(_communication("4", "Telephone", "A", landline(rng), is_main=False))
    return rows


def _communication(key: str, kind: str, location: str | None, value: str, *, is_main: bool) -> Row:
    return Row(key, {"Kind": kind, "Location": location, "Value": value, "IsMain": is_main})


def _special_needs(rng: Random, groups: Rows, *, lived: date, today: date) -> None:
    """Give one in six an open provision with ranked needs, and a few a closed one."""
    chance = rng.random()
    if chance > 0.21:
        return
    start = _between(rng, lived, today)
    provisions = [Row("1", provision("K", start))]
    if chance < 0.045:
        later = _between(rng, start, today)
        if later > start:
            provisions[0].values["EndDate"] = (later - timedelta(days=1)).isoformat()
            provisions.append(Row("2", provision("E", later)))
        else:
            provisions[0].values["Provision"] = "E"
    elif chance > 0.175:
        provisions[0].values["EndDate"] = _between(rng, start, today).isoformat()
        if chance > 0.19:
            provisions.append(Row("2", provision("N", date.fromisoformat(provisions[0].values["EndDate"]))))
    groups["LearnerSenProvisions"] = provisions
    if chance <= 0.175:
        groups["LearnerSenNeeds"] = needs(rng, start)


def provision(code: str, start: date) -> Values:
    """Give the values of a provision that begins on a day."""
    return {"Provision": code, "StartDate": start.isoformat(), "EndDate": None}


def needs(rng: Random, start: date) -> list[Row]:
    """Give one to three needs ranked from 1."""
    count = rng.choices((1, 2, 3), (68, 26, 6))[0]
    found: list[str] = []
    while len(found) < count:
        code = pick(rng, codes.SEN_NEEDS)
        if code not in found:
            found.append(code)
    if count == 1 and rng.random() < 0.04:
        found = [codes.NO_SPECIALIST_ASSESSMENT]
    return [Row(str(rank), need(code, rank=rank, start=start)) for rank, code in enumerate(found, start=1)]


def need(code: str, *, rank: int, start: date) -> Values:
    """Give the values of a need that was seen from a day on."""
    return {"NeedType": code, "Rank": rank, "StartDate": start.isoformat(), "EndDate": None}


def meals(rng: Random, *, since: date, today: date) -> list[Row]:
    """Give a quarter an open period of free school meals, and a few a closed one."""
    chance = rng.random()
    if chance > 0.29 or since > today:
        return []
    start = _between(rng, since, today)
    end = _between(rng, start, today).isoformat() if chance > 0.25 else None
    return [Row("1", {"StartDate": start.isoformat(), "EndDate": end, "Country": "ENG"})]


def _cultural(rng: Random, family: Family, year: str) -> Values:
    ethnicity = rng.choice(family.culture.ethnicities)
    first = rng.choice(family.culture.languages)
    source = pick(rng, codes.ETHNICITY_SOURCES)
    if ethnicity == "REFU":
        source = "P"
    return {
        "Ethnicity": ethnicity,
        "EthnicitySource": None if ethnicity == "NOBT" else source,
        "FirstLanguage": first,
        "HomeLanguage": first if rng.random() < 0.9 else "ENG",
        "EnglishProficiency": None
        if first == "ENG"
        else ("N" if year == "N1" else pick(rng, codes.PROFICIENCY)),
        "Religion": pick(rng, codes.RELIGIONS) if rng.random() < 0.85 else None,
    }


def _looked_after(rng: Random) -> list[Row]:
    chance = rng.random()
    if chance < 0.008:
        authority = pick(rng, codes.CARE_AUTHORITIES)
        return [Row("1", {"InCare": True, "CareAuthority": authority, "PostLookedAfter": None})]
    if chance < 0.016:
        left = pick(rng, codes.POST_LOOKED_AFTER)
        return [Row("1", {"InCare": False, "CareAuthority": None, "PostLookedAfter": left})]
    return []


def _between(rng: Random, first: date, last: date) -> date:
    """Draw a day of a span; the last day where the span is empty."""
    days = (last - first).days
    return first + timedelta(days=rng.randrange(days + 1)) if days > 0 else last
