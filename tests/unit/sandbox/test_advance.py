"""Moving the calendar on."""

from __future__ import annotations

import copy
from collections import Counter, defaultdict

import pytest

from schoolgate_sandbox.advance import advance
from schoolgate_sandbox.tracking import LEARNER_DOMAINS, identifiers, is_listed, row_id
from schoolgate_sandbox.truth import truth_of

from .conftest import make_world

EVENTS = {"joined", "moved", "left"}


def picture(world):
    """Every listed row by pupil, domain and row id, and every mark: what the API can tell."""
    rows, marks = {}, {}
    for school in world.schools:
        roll = world.roll(school)
        for pupil in roll.pupils:
            for domain in LEARNER_DOMAINS[1:]:
                for row in pupil.rows(domain) if is_listed(pupil, domain) else []:
                    rows[(pupil.external_id, domain, row_id(world.ids, pupil, domain, row))] = copy.deepcopy(
                        row.values
                    )
            rows[(pupil.external_id, LEARNER_DOMAINS[0], pupil.external_id)] = identifiers(pupil)
        for pupil in truth_of(roll)["pupils"]:
            for day, codes in pupil["mark_codes"].items():
                for session, code in zip(("AM", "PM"), codes, strict=True):
                    if code:
                        marks[(pupil["external_id"], f"{day} {session}")] = code
    return rows, marks


def differences(before, after, left):
    """The log a step should have, from the pictures before and after it."""
    found = {}
    for key in before.keys() | after.keys():
        if key[0] in left and key[1] not in (LEARNER_DOMAINS[0], LEARNER_DOMAINS[1], "LearnerEnrolments"):
            continue
        old, new = before.get(key, {}), after.get(key, {})
        items = {n: [old.get(n), new.get(n)] for n in old.keys() | new.keys() if old.get(n) != new.get(n)}
        if items:
            found[key] = items
    return found


@pytest.fixture(scope="module")
def step():
    world = make_world(schools=8, size="normal")
    world.fill()
    before = picture(world)
    log = advance(world, days=28)
    return world, before, picture(world), log


def test_logs_just_the_difference_of_rows_before_and_after(step):
    _, before, after, log = step
    left = {entry["external_id"] for entry in log if entry["kind"] == "left"}
    logged = {
        (entry["external_id"], entry["domain"], entry["row"]): {
            name: pair for name, pair in entry["items"].items() if pair[0] != pair[1]
        }
        for entry in log
        if entry["kind"] != "mark"
    }
    assert {key: items for key, items in logged.items() if items} == differences(before[0], after[0], left)


def test_logs_just_the_difference_of_marks_before_and_after(step):
    _, before, after, log = step
    logged = {
        (entry["external_id"], name): tuple(pair)
        for entry in log
        if entry["kind"] == "mark"
        for name, pair in entry["items"].items()
    }
    keys = before[1].keys() | after[1].keys()
    truth = {key: (before[1].get(key), after[1].get(key)) for key in keys}
    assert logged == {key: pair for key, pair in truth.items() if pair[0] != pair[1]}


def test_brings_every_kind_of_change(step):
    log = step[3]
    kinds = {entry["kind"] for entry in log}
    assert kinds == {"changed", "added", "removed", "joined", "left", "moved", "mark"}
    domains = Counter(entry["domain"] for entry in log if entry["kind"] in {"changed", "added", "removed"})
    assert {
        "LearnerSenNeeds",
        "LearnerAddresses",
        "LearnerContacts",
        "LearnerFreeSchoolMeals",
    } <= domains.keys()


def test_corrects_and_deletes_old_marks(step):
    pairs = [pair for entry in step[3] if entry["kind"] == "mark" for pair in entry["items"].values()]
    assert any(old == "N" and new not in {None, "N"} for old, new in pairs)
    assert any(old and new is None for old, new in pairs)


def test_moves_a_child_with_the_same_upn_a_new_id_and_the_old_school_in_its_history(step):
    world, _, _, log = step
    entry = next(entry for entry in log if entry["kind"] == "moved")
    roll = world.roll(world.by_dfe[entry["dfe_number"]])
    pupil = roll.by_id[entry["external_id"]]
    before = next(other for other in pupil.person.pupils if other is not pupil and other.left_on)
    assert before.external_id != pupil.external_id
    assert pupil.rows("LearnerPersonals")[0].values["UPN"] == before.rows("LearnerPersonals")[0].values["UPN"]
    assert before.school.dfe_number in {
        row.values["SchoolDfENumber"] for row in pupil.rows("LearnerEnrolments")
    }


def test_changes_a_dual_pupil_in_both_schools(step):
    log = [entry for entry in step[3] if entry["domain"] not in {"LearnerEnrolments", "LearnerExclusions"}]
    world = step[0]
    mains = [p for roll in world.rolls.values() for p in roll.current() if p.status == "M"]
    main = mains[0]
    world.amend(main, "LearnerAddresses", main.rows("LearnerAddresses")[0], {"PAON": "999"})
    entries = world.log.close()
    assert {entry["external_id"] for entry in entries} == {place.external_id for place in main.person.pupils}
    assert log


def test_gives_every_change_a_later_instant_than_the_start(step):
    world, _, _, log = step
    assert world.log.since(world.clock.started_at) == log or len(
        world.log.since(world.clock.started_at)
    ) > len(log)
    assert world.log.since(world.clock.stamp() + 1) == []


def test_is_the_same_again_for_the_same_seed():
    logs = []
    for _ in range(2):
        world = make_world()
        entries = advance(world, days=10)
        logs.append([{name: value for name, value in entry.items() if name != "at"} for entry in entries])
    assert logs[0] == logs[1]


def test_enters_no_marks_on_days_off():
    world = make_world()
    advance(world, days=4)  # to Friday 27 November
    assert [entry for entry in advance(world, days=2) if entry["kind"] == "mark"] == []


def test_moves_everybody_up_in_september():
    world = make_world(schools=2)
    world.fill()
    years = {p.external_id: p.year for roll in world.rolls.values() for p in roll.current()}
    advance(world, days=290)
    kinds = defaultdict(int)
    for roll in world.rolls.values():
        for pupil in roll.pupils:
            if pupil.external_id in years:
                kinds[(pupil.state, pupil.year == years[pupil.external_id])] += 1
        assert len(roll.current()) > roll.school.pupils * 0.7
    assert kinds[("Current", True)] == 0
    assert kinds[("Current", False)] > 20
