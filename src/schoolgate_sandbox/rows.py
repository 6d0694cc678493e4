"""Rows of the Learner domains as bytes, kept until something changes.

A school's rows of a domain are encoded once and sliced into pages; the shapes
are those of docs/reference/sandbox.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import msgspec

from schoolgate_sandbox.people import CURRENT, YEARS, Pupil, Values, months_past_birthday
from schoolgate_sandbox.store import Roll, World
from schoolgate_sandbox.tracking import LEARNER_DOMAINS, RemovedRow, identifiers, is_listed, row_id, year_name

Json = dict[str, Any]
IDENTIFIERS, PERSONALS = LEARNER_DOMAINS[:2]
_ENCODE = msgspec.json.Encoder().encode
_KINDS = {"YearGroup": "year", "PrimaryClass": "class"}


def reference(kind: str, external_id: str, description: str | None = None) -> Json:
    """Give a reference object as the API writes it."""
    named: Json = {} if description is None else {"Description": description}
    return named | {"ExternalID": external_id, "Type": kind}


class Rows:
    """Gives the rows of a world's Learner domains, encoded."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[tuple[int, str], tuple[tuple[int, date], list[bytes]]] = {}

    def of(self, roll: Roll, domain: str) -> list[bytes]:
        """Give all rows of a domain of a school."""
        return self._keep(roll, domain, lambda: map(_ENCODE, self._domain(roll, domain)))

    def groups(self, roll: Roll) -> list[bytes]:
        """Give the year groups and classes of a school."""
        return self._keep(roll, "LearnerGroups", lambda: map(_ENCODE, self._groups(roll)))

    def members(self, roll: Roll, domain: str, group: str) -> list[bytes]:
        """Give the rows of identifiers or personals of a group's current pupils."""
        members = [pupil for pupil in roll.current() if group in self._groups_of(pupil)]
        return [_ENCODE(self._row(pupil, domain)) for pupil in members]

    def changes(self, roll: Roll, domain: str, *, since: float) -> list[bytes]:
        """Give all rows of the pupils whose domain changed since, then the deleted rows."""
        start = max(since, roll.tracked_from)
        pupils = roll.tracker.changed_since(domain, start)
        gone = roll.tracker.removed_since(domain, start)
        rows = [row for pupil in pupils if is_listed(pupil, domain) for row in self._rows(pupil, domain)]
        return [_ENCODE(row) for row in [*rows, *map(_deletion, gone)]]

    def _keep(self, roll: Roll, name: str, make: Callable[[], Iterable[bytes]]) -> list[bytes]:
        state = (roll.version, self._world.clock.today)
        kept = self._kept.get((roll.school.index, name))
        if kept is None or kept[0] != state:
            kept = self._kept[(roll.school.index, name)] = (state, list(make()))
        return kept[1]

    def _domain(self, roll: Roll, domain: str) -> list[Json]:
        found = [
            row for pupil in roll.pupils if is_listed(pupil, domain) for row in self._rows(pupil, domain)
        ]
        # Not in a pupil's order: a reader must not rely on rows lying together.
        return (
            found if domain in LEARNER_DOMAINS[:2] else sorted(found, key=lambda row: str(row["ExternalID"]))
        )

    def _rows(self, pupil: Pupil, domain: str) -> list[Json]:
        if domain in LEARNER_DOMAINS[:2]:
            return [self._row(pupil, domain)]
        learner = reference("Learner.Identifier", pupil.external_id)
        return [
            {"ExternalID": row_id(self._world.ids, pupil, domain, row), "Learner": learner, **row.values}
            for row in pupil.rows(domain)
        ]

    def _row(self, pupil: Pupil, domain: str) -> Json:
        """Give a pupil's one row of identifiers or personals."""
        personals = pupil.rows(PERSONALS)[0].values
        born = date.fromisoformat(personals["DateOfBirth"])
        age = {"AgeMonths": months_past_birthday(born, today=self._world.clock.today)}
        if domain == PERSONALS:
            return {"ExternalID": pupil.external_id, **personals, **age}
        return {"ExternalID": pupil.external_id, **identifiers(pupil), **age, **self._placed(pupil)}

    def _placed(self, pupil: Pupil) -> Json:
        if pupil.state != CURRENT:
            return {}
        year, group = self._groups_of(pupil)
        return {
            "CurrentYearGroup": reference("PastoralGroup.Definition.YearGroup", year, year_name(pupil.year)),
            "CurrentPrimaryClass": reference(
                "PastoralGroup.Definition.PrimaryClass", group, pupil.class_name
            ),
        }

    def _groups_of(self, pupil: Pupil) -> tuple[str, str]:
        school = pupil.school
        return self.group_id(school.dfe_number, "YearGroup", pupil.year), self.group_id(
            school.dfe_number, "PrimaryClass", pupil.class_name
        )

    def group_id(self, dfe_number: str, kind: str, name: str) -> str:
        """Give the id of a school's year group or class."""
        return self._world.ids.uid(f"{_KINDS[kind]}/{dfe_number}/{name}")

    def _groups(self, roll: Roll) -> list[Json]:
        dfe_number = roll.school.dfe_number
        classes = sorted({(YEARS.index(pupil.year), pupil.class_name) for pupil in roll.current()})
        years = [
            _group(self.group_id(dfe_number, "YearGroup", year), "YearGroup", year, _full_name(year), order)
            for order, year in enumerate(roll.school.years, start=1)
        ]
        return years + [
            _group(
                self.group_id(dfe_number, "PrimaryClass", name), "PrimaryClass", name, f"Class {name}", order
            )
            for order, (_, name) in enumerate(classes, start=1)
        ]


def _full_name(year: str) -> str:
    return {"N1": "Nursery First Year", "N2": "Nursery Second Year"}.get(year, year_name(year))


def _group(external_id: str, kind: str, short: str, full: str, order: int) -> Values:
    return {
        "@odata.type": f"#SIMS.{kind}",
        "ExternalID": external_id,
        "GroupType": kind,
        "ShortName": short,
        "FullName": full,
        "DisplayOrder": order,
    }


def _deletion(row: RemovedRow) -> Json:
    return {
        "ExternalID": row.external_id,
        "Learner": reference("Learner.Identifier", row.pupil.external_id),
        "@removed": {"reason": "deleted"},
    }
