"""Schools with facts as the national register has them, and their credentials.

A school is planned from the seed before any child is made: its number, name,
phase, year groups, how many pupils each has, and when it moved to SIMS Primary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from schoolgate_sandbox import names, terms
from schoolgate_sandbox.ids import Ids

SIZES = {"small": (20, 60), "normal": (60, 450), "large": (300, 900)}
NURSERY = ("N1", "N2")
_PRIMARY = ("R", "1", "2", "3", "4", "5", "6")
_PHASES: tuple[tuple[str, str, tuple[str, ...], float], ...] = (
    ("Primary", "Primary School", _PRIMARY, 70),
    ("Infant", "Infant School", ("R", "1", "2"), 11),
    ("Junior", "Junior School", ("3", "4", "5", "6"), 11),
    ("First", "Lower School", ("R", "1", "2", "3", "4"), 8),
)
_CLASS_SIZE = 30
_FIRST_ESTABLISHMENT = 1079
_SHORTEST_MOVE, _LONGEST_MOVE = 35, 600
_SCHOOL_WEEK = 5


@dataclass(frozen=True, slots=True, eq=False)
class School:
    """One school's facts; pupils_a_year gives the number planned for each year group."""

    index: int
    dfe_number: str
    urn: str
    name: str
    phase: str
    moved_at: float
    pupils_a_year: dict[str, int]
    has_own_codes: bool
    closed_on: frozenset[int]
    organisation_id: str
    client_id: str
    client_secret: str
    address: dict[str, str]
    email: str
    head: str

    @property
    def years(self) -> tuple[str, ...]:
        return tuple(self.pupils_a_year)

    @property
    def pupils(self) -> int:
        return sum(self.pupils_a_year.values())

    @property
    def establishment(self) -> int:
        return int(self.dfe_number[3:])

    def class_of(self, year: str, place: int) -> str:
        """Name the class of the pupil at a place (from 0) in a year group."""
        count = max(1, -(-self.pupils_a_year.get(year, 1) // _CLASS_SIZE))
        return f"{year} {names.CLASSES[place % count % len(names.CLASSES)]}"

    def is_open(self, ordinal: int) -> bool:
        """Tell whether children are due on a day."""
        year = terms.academic_year(date.fromordinal(ordinal))
        return ordinal in _open_days(year) and ordinal not in self.closed_on

    def open_days(self, year: int) -> tuple[int, ...]:
        """Give the days of an academic year on which children are due."""
        return _open_days_of(self, year)


@cache
def _open_days(year: int) -> frozenset[int]:
    return frozenset(terms.school_days(year))


@cache
def _open_days_of(school: School, year: int) -> tuple[int, ...]:
    return tuple(day for day in terms.school_days(year) if day not in school.closed_on)


def school_names(ids: Ids, count: int) -> list[str]:
    """Give that many different stems, the first two always the same."""
    stems = [stem + ending for stem in names.SCHOOL_STEMS for ending in names.SCHOOL_ENDINGS]
    ids.rng("school names").shuffle(stems)
    first = ["Ashgrove", "Kingsmead"]
    stems = first + [stem for stem in stems if stem not in first]
    while len(stems) < count:
        stems += [f"{side} {stem}" for side in ("North", "South", "East", "West") for stem in stems]
    return stems[:count]


def plan_schools(
    ids: Ids, *, count: int, la: int, today: date, size: str, pupils: int | None
) -> list[School]:
    """Plan the schools; pupils, where given, is the exact number of each school."""
    stems = school_names(ids, count)
    return [
        _plan(ids, index, stem=stems[index], la=la, today=today, size=size, pupils=pupils)
        for index in range(count)
    ]


def _plan(ids: Ids, index: int, *, stem: str, la: int, today: date, size: str, pupils: int | None) -> School:
    rng = ids.rng(f"school/{index}")
    phase, kind, years, _ = _PHASES[0] if index == 0 else rng.choices(_PHASES, [p[3] for p in _PHASES])[0]
    if "R" in years and rng.random() < (1.0 if index == 0 else 0.45):
        years = (("N2",) if rng.random() < 0.5 else NURSERY) + years
    # The first school has the number the product's own examples use.
    establishment = _FIRST_ESTABLISHMENT if index == 0 else 2000 + index * 3 % 1949 + (index * 3 // 1949)
    dfe_number = f"{la:03d}{establishment:04d}"
    low, high = SIZES[size]
    total = (
        pupils if pupils is not None else _total(rng.triangular(low, high, (low + high) / 2.2), len(years))
    )
    domain = f"{stem.lower().replace(' ', '')}.sandbox.example"
    return School(
        index=index,
        dfe_number=dfe_number,
        urn=str(109400 + index * 7 + rng.randrange(7)),
        name=f"{stem} {kind}",
        phase=phase,
        moved_at=_moved_at(rng.random(), index, today),
        pupils_a_year=_share(total, years),
        has_own_codes=index % 3 == 0,
        closed_on=_closed_on(ids, index, today),
        organisation_id=ids.uid(f"organisation/{dfe_number}"),
        client_id=f"sas-simsprimary-{ids.uid(f'client/{dfe_number}')}",
        client_secret=ids.secret(f"client/{dfe_number}"),
        address={
            "street": f"{rng.randrange(1, 90)} {rng.choice(names.STREETS)}",
            "town": rng.choice(names.TOWNS),
            "county": names.COUNTY,
            "postcode": f"MK{rng.randrange(40, 46)} {rng.randrange(1, 10)}ZZ",
        },
        email=f"office@{domain}",
        head=f"{rng.choice(('Mrs', 'Mr', 'Ms', 'Dr'))} {rng.choice(names.CULTURES[0].surnames)}",
    )


def _total(drawn: float, years: int) -> int:
    """Scale a whole primary school's size to a school of fewer years."""
    return max(60 if drawn >= 60 else 20, round(drawn * min(years, 8) / 8))


def _share(total: int, years: tuple[str, ...]) -> dict[str, int]:
    each, rest = divmod(total, len(years))
    return {year: each + (place < rest) for place, year in enumerate(years)}


def _moved_at(chance: float, index: int, today: date) -> float:
    """Spread the moves over five weeks to twenty months back; every third is recent."""
    span = 92 if index % 3 == 1 else _LONGEST_MOVE
    days = _SHORTEST_MOVE + round(chance * (span - _SHORTEST_MOVE))
    day = today - timedelta(days=days)
    day -= timedelta(days=max(0, day.weekday() + 1 - _SCHOOL_WEEK))
    return terms.at(day.toordinal(), hour=18)


def _closed_on(ids: Ids, index: int, today: date) -> frozenset[int]:
    """Choose five training days of each academic year."""
    closed: set[int] = set()
    this = terms.academic_year(today)
    for year in range(this - 2, this + 2):
        days = terms.school_days(year)
        closed.add(days[0])
        closed.update(ids.rng(f"training/{index}/{year}").sample(days[5:], 4))
    return frozenset(closed)
