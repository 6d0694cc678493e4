"""What spans two schools, decided from the seed before any child is made.

Schools are filled lazily, so whatever two of them must agree on is planned
here first: dual registrations, siblings, children who moved between them, and
two children who happen to share name and birthday.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from schoolgate_sandbox.ids import Ids
from schoolgate_sandbox.schools import School

Role = Literal["main", "subsidiary", "sibling", "left", "moved", "namesake"]
_PUPILS_A_SIBLING_PAIR = 60
_NAMESAKES_EVERY = 4
_ROLL_NEEDED = 12


@dataclass(frozen=True, slots=True)
class Place:
    """One linked child's place in one school; year is the year group now.

    home is the school that issued the UPN; other the second school of the link.
    """

    school: int
    role: Role
    year: str
    person: str
    family: str
    home: int
    other: int
    serial: int
    alias: str


def plan_links(ids: Ids, schools: list[School]) -> dict[int, list[Place]]:
    """Give each school's linked places, by the school's index."""
    places: dict[int, list[Place]] = {school.index: [] for school in schools}
    if len(schools) < 2:
        return places
    for school in schools:
        other = schools[(school.index + 1) % len(schools)]
        if min(school.pupils, other.pupils) < _ROLL_NEEDED:
            continue
        for place in _between(ids, school, other):
            places[place.school].append(place)
    return places


def _between(ids: Ids, a: School, b: School) -> list[Place]:
    rng = ids.rng(f"link/{a.index}/{b.index}")
    shared = [year for year in a.years if year in b.years and year not in ("N1", "N2")]
    links = _siblings(a, b, years=(list(a.years), list(b.years)), rng=rng)
    if not shared:
        return links
    links += _pair("dual", a, b, year=rng.choice(shared), roles=("main", "subsidiary"), serial=998)
    movable = [year for year in shared if year != a.years[-1]] or shared
    links += _pair("mover", a, b, year=rng.choice(movable), roles=("left", "moved"), serial=997)
    if a.index % _NAMESAKES_EVERY == 0:
        links += _namesakes(a, b, year=rng.choice(shared))
    return links


def _pair(
    kind: str, a: School, b: School, *, year: str, roles: tuple[Role, Role], serial: int
) -> list[Place]:
    """One child in two schools: the same person in both."""
    key = f"{kind}-{a.index}-{b.index}"
    ends = ((a.index, b.index, roles[0]), (b.index, a.index, roles[1]))
    return [
        Place(here, role, year, key, f"f-{key}", a.index, there, serial, "") for here, there, role in ends
    ]


def _siblings(a: School, b: School, *, years: tuple[list[str], list[str]], rng: Random) -> list[Place]:
    """Families with one child in each school."""
    found: list[Place] = []
    for number in range(max(1, a.pupils // _PUPILS_A_SIBLING_PAIR)):
        key = f"sibling-{a.index}-{b.index}-{number}"
        older, younger = rng.choice(years[0]), rng.choice(years[1])
        for end, (here, there, year) in enumerate(((a, b, older), (b, a, younger))):
            serial = 990 - number * 2 - end
            found.append(
                Place(
                    here.index,
                    "sibling",
                    year,
                    f"{key}-{end}",
                    f"f-{key}",
                    here.index,
                    there.index,
                    serial,
                    "",
                )
            )
    return found


def _namesakes(a: School, b: School, *, year: str) -> list[Place]:
    """Two unrelated children, one in each school, with one name and birthday."""
    key = f"namesake-{a.index}-{b.index}"
    return [
        Place(
            school=here.index,
            role="namesake",
            year=year,
            person=f"{key}-{here.index}",
            family=f"f-{key}-{here.index}",
            home=here.index,
            other=there.index,
            serial=996,
            alias=key,
        )
        for here, there in ((a, b), (b, a))
    ]
