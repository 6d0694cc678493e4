"""What the API tells of a pupil domain by domain, and what it tracks as changed.

Tracking is by pupil and domain: one changed item brings all the pupil's rows
of the domain. A deleted row leaves its id behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from schoolgate_sandbox.clock import Clock
from schoolgate_sandbox.ids import Ids
from schoolgate_sandbox.people import CURRENT, FUTURE, LEAVER, Pupil, Row, Values

# In the order of the contract; the first two hold leavers and future pupils too.
LEARNER_DOMAINS = (
    "LearnerIdentifiers",
    "LearnerPersonals",
    "LearnerAddresses",
    "LearnerCommunications",
    "LearnerContacts",
    "LearnerEnrolments",
    "LearnerSenProvisions",
    "LearnerSenNeeds",
    "LearnerFreeSchoolMeals",
    "LearnerCulturals",
    "LearnerServiceChildren",
    "LearnerYoungCarers",
    "LearnerLookedAfters",
    "LearnerExclusions",
)
YEAR_NAMES = {"R": "Reception", "N1": "Nursery", "N2": "Nursery"}
_DATED = ("EntryDate", "LeavingDate", "StartDate", "EndDate")


def year_name(year: str) -> str:
    """Give the name of a year group as the API writes it."""
    return YEAR_NAMES.get(year, f"Year {year}")


def is_listed(pupil: Pupil, domain: str) -> bool:
    """Tell whether the API lists a pupil's rows of a domain."""
    if domain in LEARNER_DOMAINS[:2]:
        return True
    return pupil.state == CURRENT or (pupil.state == LEAVER and domain == "LearnerEnrolments")


def identifiers(pupil: Pupil) -> Values:
    """Give the identifiers of a pupil as plain values, but for the age, which moves by itself."""
    personals = pupil.rows("LearnerPersonals")[0].values
    is_on_roll = pupil.state == CURRENT
    return {
        "Forename": personals["LegalForename"],
        "Surname": personals["LegalSurname"],
        "GenderCategory": personals["GenderCategory"],
        "DoNotCommunicate": False,
        "OnRollState": pupil.state,
        "DateOfApplication": pupil.applied_on.isoformat() if pupil.applied_on else None,
        "Photograph": None,
        "CurrentYearGroup": year_name(pupil.year) if is_on_roll else None,
        "CurrentPrimaryClass": pupil.class_name if is_on_roll else None,
        "CurrentHouse": pupil.house,
    }


def row_id(ids: Ids, pupil: Pupil, domain: str, row: Row | None) -> str:
    """Give a row's external id; identifiers and personals carry the pupil's own."""
    if row is None or domain in LEARNER_DOMAINS[:2]:
        return pupil.external_id
    return ids.uid(f"{pupil.external_id}/{domain}/{row.key}")


@dataclass(frozen=True, slots=True)
class RemovedRow:
    """A deleted row of a pupil."""

    pupil: Pupil
    external_id: str
    at: float


class Tracker:
    """Remembers when each pupil's domains last changed, and which rows were deleted."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.changed: dict[str, dict[Pupil, float]] = {domain: {} for domain in LEARNER_DOMAINS}
        self.removed: dict[str, list[RemovedRow]] = {domain: [] for domain in LEARNER_DOMAINS}

    def touch(self, pupil: Pupil, domain: str, *, at: float) -> None:
        """Remember that a pupil's domain changed."""
        self.changed[domain][pupil] = at

    def remove(self, pupil: Pupil, domain: str, external_id: str, *, at: float) -> None:
        """Remember that a row was deleted."""
        self.removed[domain].append(RemovedRow(pupil, external_id, at))

    def begin(self, pupil: Pupil, *, clock: Clock, since: float) -> None:
        """Take what happened before the start from the dates in the rows."""
        came = [pupil.entered_on] if pupil.state != FUTURE else []
        if pupil.left_on:
            came.append(pupil.left_on)
        if pupil.applied_on:
            came.append(pupil.applied_on)
        for domain in LEARNER_DOMAINS:
            if not is_listed(pupil, domain):
                continue
            days = came + [day for row in pupil.rows(domain) for day in _days(row.values)]
            happened = max((day for day in days if day <= clock.started_on), default=None)
            if happened is not None and (at := clock.happened_at(happened)) >= since:
                self.changed[domain][pupil] = at

    def changed_since(self, domain: str, since: float) -> list[Pupil]:
        """Give the pupils whose rows of a domain changed at or after an instant."""
        found = [pupil for pupil, at in self.changed[domain].items() if at >= since]
        return sorted(found, key=lambda pupil: pupil.number)

    def removed_since(self, domain: str, since: float) -> list[RemovedRow]:
        """Give the rows of a domain deleted at or after an instant."""
        return [row for row in self.removed[domain] if row.at >= since]


def _days(values: dict[str, Any]) -> list[date]:
    return [date.fromisoformat(values[name]) for name in _DATED if values.get(name)]
