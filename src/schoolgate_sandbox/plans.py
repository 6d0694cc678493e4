"""A pupil's year of marks as it will turn out, planned from the seed.

Present is the rule (about 94 %); absences come in spells, some children are
persistently absent, and a reason not yet known is found some days later.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from random import Random

from schoolgate_sandbox import codes, terms
from schoolgate_sandbox.codes import MARK_BYTE
from schoolgate_sandbox.groups import pick
from schoolgate_sandbox.ids import Ids
from schoolgate_sandbox.people import Pupil
from schoolgate_sandbox.schools import School

_YEAR_DAYS = 366
_MORNING, _AFTERNOON, _NOT_DUE = MARK_BYTE["/"], MARK_BYTE["\\"], MARK_BYTE["X"]
_ONE_SESSION = {"M", "U", "L"}
_SNOW_DAY = 92


@dataclass(frozen=True, slots=True)
class Correction:
    """A mark entered as N whose reason is found on a later day."""

    place: int
    found_on: int
    code: str


@dataclass(slots=True)
class _Year:
    """The year being planned: its marks, first place and open days."""

    marks: bytearray
    first: int
    days: list[int]
    is_own: bool

    def put(self, day: int, session: int, code: str) -> None:
        if code not in codes.STATUTORY_OF or (len(code) > 2 and not self.is_own):
            code = codes.STATUTORY_OF.get(code, "I")
        self.marks[day * 2 + session - self.first] = MARK_BYTE[code]


def plan_year(ids: Ids, school: School, pupil: Pupil, year: int) -> tuple[bytearray, list[Correction]]:
    """Plan the marks of an academic year while the pupil is on roll, and their corrections."""
    rng = ids.rng(f"marks/{pupil.external_id}/{year}")
    entered = pupil.entered_on.toordinal()
    left = pupil.left_on.toordinal() if pupil.left_on else 9_999_999
    days = [day for day in school.open_days(year) if entered <= day <= left]
    plan = _Year(
        bytearray(_YEAR_DAYS * 2), terms.year_start(year).toordinal() * 2, days, school.has_own_codes
    )
    afternoon = MARK_BYTE["X01"] if school.has_own_codes else _NOT_DUE
    if not pupil.year.startswith("N"):
        afternoon = _AFTERNOON
    for day in days:
        offset = day * 2 - plan.first
        plan.marks[offset] = _MORNING
        plan.marks[offset + 1] = afternoon
    corrections = _absences(rng, plan) if days else []
    _small_things(rng, plan, afternoon)
    _fixed_things(ids, plan, school, pupil, year)
    unknown = MARK_BYTE["N"]
    kept = {one.place: one for one in corrections if plan.marks[one.place - plan.first] == unknown}
    return plan.marks, list(kept.values())


def _rate(rng: Random) -> float:
    """Draw a pupil's share of sessions missed."""
    kind = rng.random()
    if kind < 0.02:
        return rng.uniform(0.5, 0.65)
    return rng.uniform(0.1, 0.26) if kind < 0.14 else rng.uniform(0.0, 0.06)


def _absences(rng: Random, plan: _Year) -> list[Correction]:
    """Sprinkle spells of absence until the pupil's share is reached."""
    corrections: list[Correction] = []
    wanted = _rate(rng) * len(plan.days) * 2
    missed = 0
    while missed < wanted:
        start = rng.randrange(len(plan.days))
        code = pick(rng, codes.ABSENCES)
        if code in _ONE_SESSION or code == "K":
            plan.put(plan.days[start], rng.randrange(2), code)
            missed += 1
            continue
        length = rng.choices((1, 2, 3, 5, 8), (52, 24, 12, 9, 3))[0]
        for day in plan.days[start : start + length]:
            for session in (0, 1):
                plan.put(day, session, code)
                missed += 1
                if code == "N":
                    corrections.append(_reason(rng, day * 2 + session, plan))
    return corrections


def _reason(rng: Random, place: int, plan: _Year) -> Correction:
    """Find the reason on a school day soon after; now and then weeks later."""
    wait = rng.choices((1, 2, 3, 4, 22), (40, 25, 17, 12, 6))[0]
    later = bisect_right(plan.days, place >> 1) + wait - 1
    found_on = plan.days[later] if later < len(plan.days) else (place >> 1) + wait
    return Correction(place, found_on, pick(rng, codes.REASONS_FOUND))


def _small_things(rng: Random, plan: _Year, afternoon: int) -> None:
    """Come late now and then, miss the register, go on a trip, or be left without a mark."""
    if not plan.days:
        return
    for code, share in (("L", 0.018), ("U", 0.003)):
        for _ in range(round(rng.uniform(0, 2 * share) * len(plan.days))):
            day = rng.choice(plan.days)
            if plan.marks[day * 2 - plan.first] == _MORNING:
                plan.put(day, 0, code)
    if rng.random() < 0.25:
        plan.marks[rng.choice(plan.days) * 2 + rng.randrange(2) - plan.first] = 0
    if rng.random() < 0.6:
        day = rng.choice(plan.days)
        if plan.marks[day * 2 - plan.first] == _MORNING and afternoon == _AFTERNOON:
            plan.put(day, 0, "V")
            plan.put(day, 1, "V")


def _fixed_things(ids: Ids, plan: _Year, school: School, pupil: Pupil, year: int) -> None:
    """Mark what is decided elsewhere: the other school, a snow day, suspensions."""
    weekdays = {"M": {3, 4}, "S": {0, 1, 2}}.get(pupil.status, set())
    snow = school.open_days(year)[_SNOW_DAY] if ids.number(f"snow/{school.index}/{year}") % 5 == 0 else 0
    whole_days = [(day, "D") for day in plan.days if weekdays and date.fromordinal(day).weekday() in weekdays]
    if snow in plan.days:
        whole_days.append((snow, "Y4"))
    for day, code in whole_days:
        plan.put(day, 0, code)
        plan.put(day, 1, code)
    for row in pupil.groups.get("LearnerExclusions", []):
        for place in excluded_places(row.values, plan.days):
            plan.put(place >> 1, place & 1, "E")


def excluded_places(values: dict[str, object], days: list[int]) -> list[int]:
    """Give the places of the sessions a suspension covers; a lunchtime one covers none."""
    if values["Category"] == "LNCH":
        return []
    first = date.fromisoformat(str(values["StartDate"])).toordinal()
    last = date.fromisoformat(str(values["EndDate"] or values["StartDate"])).toordinal()
    places = [day * 2 + session for day in days if first <= day <= last for session in (0, 1)]
    return [place for place in places if place != first * 2 or values["StartSession"] == "AM"]
