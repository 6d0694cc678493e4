"""The world of the sandbox: its schools, children and what changes about them.

Schools are filled when first touched. Every change goes through here, so that
change tracking, the log and the encoded rows never disagree.
"""

from __future__ import annotations

from datetime import date

from schoolgate_sandbox import terms
from schoolgate_sandbox.clock import Clock
from schoolgate_sandbox.groups import Birth, make_person
from schoolgate_sandbox.ids import Ids
from schoolgate_sandbox.links import Place, plan_links
from schoolgate_sandbox.log import ChangeLog, Items, added, differences, removed
from schoolgate_sandbox.marks import MarkBook
from schoolgate_sandbox.people import (
    AWAITED,
    CURRENT,
    FUTURE,
    LEAVER,
    SCHOOL_DOMAINS,
    Family,
    Person,
    Pupil,
    Row,
    Values,
    make_family,
)
from schoolgate_sandbox.pupils import depart
from schoolgate_sandbox.rolls import RollMaker
from schoolgate_sandbox.schools import School, plan_schools
from schoolgate_sandbox.tracking import LEARNER_DOMAINS, Tracker, identifiers, is_listed, row_id

_NAME_ITEMS = {"LegalForename": "Forename", "LegalSurname": "Surname", "GenderCategory": "GenderCategory"}


class Roll:
    """One filled school: its pupils, their marks, and what is tracked of them."""

    def __init__(self, world: World, school: School) -> None:
        self.school = school
        self.pupils = RollMaker(world, school).fill()
        self.by_id = {pupil.external_id: pupil for pupil in self.pupils}
        self.book = MarkBook(world.ids, school, world.clock)
        self.tracked_from = world.clock.tracked_from(school.moved_at)
        self.tracker = Tracker(world.ids)
        self.version = 0
        for pupil in self.pupils:
            self.tracker.begin(pupil, clock=world.clock, since=self.tracked_from)

    def current(self) -> list[Pupil]:
        """Give the pupils on roll now."""
        return [pupil for pupil in self.pupils if pupil.state == CURRENT]

    def add(self, pupil: Pupil) -> None:
        """Enter a new pupil at the end of the roll."""
        pupil.number = len(self.pupils)
        self.pupils.append(pupil)
        self.by_id[pupil.external_id] = pupil


class World:
    """All schools of one seed."""

    def __init__(
        self,
        *,
        seed: int,
        schools: int,
        clock: Clock,
        la: int = 820,
        size: str = "normal",
        pupils: int | None = None,
    ) -> None:
        """Plan the schools and their links; no child is made yet."""
        self.ids = Ids(seed)
        self.clock = clock
        self.la = la
        self.schools = plan_schools(
            self.ids, count=schools, la=la, today=clock.started_on, size=size, pupils=pupils
        )
        self.by_dfe = {school.dfe_number: school for school in self.schools}
        self.links = plan_links(self.ids, self.schools)
        self.families: dict[str, Family] = {}
        self.persons: dict[str, Person] = {}
        self.rolls: dict[int, Roll] = {}
        self.log = ChangeLog()
        self.joining: dict[int, list[tuple[Pupil, str]]] = {}
        self.newcomers = 0

    def family(self, key: str) -> Family:
        """Give the family of a key, made when first asked for."""
        family = self.families.get(key)
        if family is None:
            family = self.families[key] = make_family(self.ids, key)
        return family

    def linked_person(self, place: Place) -> Person:
        """Give the person of a link, made by whichever of the two schools comes first."""
        person = self.persons.get(place.person)
        if person is None:
            year = terms.academic_year(self.clock.started_on)
            home = self.schools[place.home]
            birth = Birth(
                key=place.person,
                year=place.year,
                academic_year=year,
                today=self.clock.started_on,
                la=self.la,
                establishment=home.establishment,
                serial=place.serial,
                alias=place.alias,
                half=int(place.person[-1]) if place.role == "sibling" else 0,
            )
            person = self.persons[place.person] = make_person(self.ids, self.family(place.family), birth)
        return person

    def newcomer(self, family: Family, year: str, *, name: str) -> Person:
        """Make a child new to the authority, with a UPN from a neighbour."""
        self.newcomers += 1
        birth = Birth(
            key=f"newcomer-{name}",
            year=year,
            academic_year=terms.academic_year(self.clock.today),
            today=self.clock.today,
            la=823,
            establishment=2000 + self.newcomers // 900,
            serial=self.newcomers % 900,
        )
        person = self.persons[birth.key] = make_person(self.ids, family, birth)
        return person

    def roll(self, school: School) -> Roll:
        """Give a school's roll, filled when first touched."""
        roll = self.rolls.get(school.index)
        if roll is None:
            roll = self.rolls[school.index] = Roll(self, school)
            for pupil in roll.pupils:
                if pupil.state == FUTURE:
                    self.expect(pupil, kind="joined")
        return roll

    def fill(self) -> None:
        """Fill every school: changes may reach any of them."""
        for school in self.schools:
            self.roll(school)

    def coming_days(self, school: School, after: date, *, count: int) -> list[int]:
        """Give the next open days of a school after a day."""
        year = terms.academic_year(after)
        days = [day for ahead in (0, 1) for day in school.open_days(year + ahead) if day > after.toordinal()]
        return days[:count]

    def holders(self, pupil: Pupil, domain: str) -> list[Pupil]:
        """Give the places on rolls that hold a pupil's rows of a domain."""
        if domain in SCHOOL_DOMAINS or pupil.state == LEAVER:
            return [pupil]
        return [other for other in pupil.person.pupils if other.state in {CURRENT, FUTURE}]

    def note(self, pupil: Pupil, domain: str, kind: str, *, items: Items, row: Row | None = None) -> None:
        """Track and log a change of a pupil's row."""
        at = self.clock.stamp()
        roll = self.roll(pupil.school)
        roll.version += 1
        if not is_listed(pupil, domain):
            return
        name = row_id(self.ids, pupil, domain, row)
        if domain in LEARNER_DOMAINS:
            roll.tracker.touch(pupil, domain, at=at)
            if kind == "removed":
                roll.tracker.remove(pupil, domain, name, at=at)
        self.log.note(pupil, domain, kind, items=items, at=at, on=self.clock.today.isoformat(), row=name)

    def amend(self, pupil: Pupil, domain: str, row: Row, items: Values) -> None:
        """Change items of a row, in every school that holds it."""
        pairs = differences(row.values, row.values | items)
        row.values.update(items)
        if not pairs:
            return
        for holder in self.holders(pupil, domain):
            self.note(holder, domain, "changed", items=pairs, row=row)
            if domain == "LearnerPersonals" and (named := _NAME_ITEMS.keys() & pairs.keys()):
                renamed = {_NAME_ITEMS[name]: pairs[name] for name in sorted(named)}
                self.note(holder, LEARNER_DOMAINS[0], "changed", items=renamed)

    def add_row(self, pupil: Pupil, domain: str, values: Values) -> Row:
        """Add a row to a pupil's domain, in every school that holds it."""
        row = Row(pupil.person.new_key(), values)
        where = pupil.groups if domain in SCHOOL_DOMAINS else pupil.person.groups
        where.setdefault(domain, []).append(row)
        for holder in self.holders(pupil, domain):
            self.note(holder, domain, "added", items=added(values), row=row)
        return row

    def drop_row(self, pupil: Pupil, domain: str, row: Row) -> None:
        """Delete a row, leaving an explicit delete behind in every school that held it."""
        pupil.rows(domain).remove(row)
        for holder in self.holders(pupil, domain):
            self.note(holder, domain, "removed", items=removed(row.values), row=row)

    def expect(self, pupil: Pupil, *, kind: str) -> None:
        """Have a pupil come on roll when the day of entry comes."""
        if pupil.state == CURRENT:
            pupil.state = AWAITED
        self.joining.setdefault(pupil.entered_on.toordinal(), []).append((pupil, kind))

    def join(self, pupil: Pupil, *, kind: str) -> None:
        """Bring a pupil on roll: the pupil and every row the school now holds are new."""
        roll = self.roll(pupil.school)
        was_future = pupil.state == FUTURE
        before = identifiers(pupil) if was_future else {}
        pupil.state = CURRENT
        if not was_future:
            roll.add(pupil)
        self.note(pupil, LEARNER_DOMAINS[0], kind, items=differences(before, identifiers(pupil)))
        for domain in LEARNER_DOMAINS[1:]:
            if domain == "LearnerPersonals" and was_future:
                continue
            for row in pupil.rows(domain):
                self.note(pupil, domain, "added", items=added(row.values), row=row)

    def promote(self, pupil: Pupil, year: str) -> None:
        """Move a pupil into a year group and its class."""
        before, row = identifiers(pupil), pupil.rows("LearnerEnrolments")[0]
        pupil.year = year
        pupil.class_name = pupil.school.class_of(year, self.ids.number(f"class/{pupil.person.key}") % 1000)
        items = {"NCYear": pupil.year, "RegistrationGroup": pupil.class_name}
        self.amend(pupil, "LearnerEnrolments", row, items)
        self.note(pupil, LEARNER_DOMAINS[0], "changed", items=differences(before, identifiers(pupil)))

    def leave(self, pupil: Pupil, *, on: date, reason: str) -> None:
        """Take a pupil off roll with a date and a reason; the last day counts."""
        before, row = identifiers(pupil), pupil.rows("LearnerEnrolments")[0]
        enrolled = dict(row.values)
        depart(pupil, on=on, reason=reason)
        self.roll(pupil.school).book.end(pupil, on.toordinal())
        self.log.forget(pupil, [domain for domain in LEARNER_DOMAINS if not is_listed(pupil, domain)])
        self.note(pupil, LEARNER_DOMAINS[0], "left", items=differences(before, identifiers(pupil)))
        self.note(pupil, "LearnerEnrolments", "changed", items=differences(enrolled, row.values), row=row)
