"""What the sandbox holds to be true of a school, straight from its store.

It is what the API can give: marks only as far as they were entered or changed
since the school's move, at most three months before the process started.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from schoolgate_sandbox.marks import statutory, unpack
from schoolgate_sandbox.people import FUTURE, Pupil
from schoolgate_sandbox.store import Roll
from schoolgate_sandbox.tracking import LEARNER_DOMAINS, identifiers, is_listed

Json = dict[str, Any]
NO_MARK = "-"


def truth_of(roll: Roll, *, since: float | None = None) -> Json:
    """Give a school's pupils with their rows and marks; since narrows the marks."""
    marks = _marks(roll, since=max(since or 0.0, roll.tracked_from))
    pupils = [_pupil(pupil, marks.get(pupil.number, {})) for pupil in roll.pupils]
    return {"dfe_number": roll.school.dfe_number, "pupils": pupils}


def _pupil(pupil: Pupil, marks: dict[str, list[str | None]]) -> Json:
    rows = {
        domain: [dict(row.values) for row in pupil.rows(domain)] if is_listed(pupil, domain) else []
        for domain in LEARNER_DOMAINS[1:]
    }
    return {
        "external_id": pupil.external_id,
        "on_roll": pupil.state,
        "year": pupil.year,
        "LearnerIdentifiers": [identifiers(pupil)],
        **rows,
        "marks": {day: "".join((code or NO_MARK)[0] for code in codes) for day, codes in marks.items()},
        "mark_codes": marks,
    }


def _marks(roll: Roll, *, since: float) -> dict[int, dict[str, list[str | None]]]:
    """Give the statutory codes of each pupil's days, AM then PM, None where there is none."""
    found: dict[int, dict[str, list[str | None]]] = {}
    for packed in roll.book.changes(roll.pupils, since=since):
        place, number = unpack(packed)
        pupil = roll.pupils[number]
        if pupil.state == FUTURE:
            continue
        day = date.fromordinal(place >> 1).isoformat()
        codes = found.setdefault(number, {}).setdefault(day, [None, None])
        codes[place & 1] = statutory(roll.book.get(pupil, place))
    return found
