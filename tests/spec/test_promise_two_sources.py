"""# Two sources, one school

A school's MIS and another source, such as a supplier's message or the agent of the system that it has left, may
both tell a pupil's data. The MIS speaks for all it sends, whoever comes first and whoever was read later; what it
doesn't send, and whom it doesn't list, is the other's. Nothing turns from night to night.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import permutations, product

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests import cast
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of
from tests.landing import (
    ADDRESS,
    OTHER_ADDRESS,
    account,
    changes,
    codes,
    enrolled,
    file_of,
    held,
    keys,
    land,
    pupil,
    upn,
    who_is,
)
from tests.spec.test_promise_one_door import as_message, pulled, received_body

from schoolgate.attendance.models import AttendanceYear
from schoolgate.bases.actions import start_on_sims_primary
from schoolgate.blocks.queries import outstanding
from schoolgate.files.models import TransferFile
from schoolgate.files.queries import open_stream
from schoolgate.holding.models import HeldItem
from schoolgate.importing.causes_gone import close_gone
from schoolgate.lib import clock
from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import TABLES, Pupil
from schoolgate.runs.models import RunException
from schoolgate_message.groups import BY_NAME
from schoolgate_message.records import DayMarks, MatchKeys

pytestmark = pytest.mark.django_db

MIS, AGENT, SUPPLIER, SECOND = "SIMS Primary", "SIMS 7", "A Supplier's System", "Another Supplier's"
THIRD_ADDRESS = {"paon": "9", "street": "Church Walk", "town": "Otley", "postcode": "LS21 3BB"}
MOBILE = [{"kind": "Telephone", "location": "M", "value": "07700900111"}]
DAYS = [cast.NOW + timedelta(days=number) for number in range(9)]
MONDAY, TUESDAY = "2026-11-16", "2026-11-17"


@pytest.fixture
def base():
    return cast.base()


def theirs(who="twin one", external_id="s-1", **changed):
    """The same child by the supplier's id."""
    return keys(who, external_id=external_id, **changed)


def tell(base, source, who, *, day=0, read=None, roll=None, is_complete=False, **what):
    """Land a message of a source on a day, read then or on another day."""
    return land(
        base, pupil(who, **what), source=source, roll=roll, is_complete=is_complete,
        now=DAYS[day], made_at=DAYS[day if read is None else read],
    )  # fmt: skip


def move_to_sims_primary(base):
    cast.connect(base)
    return start_on_sims_primary(base.pk, moved_at=cast.NOW, by=None, now=cast.NOW)


# Blocks

ORDERS = [*product([MIS, SUPPLIER], [MIS, SUPPLIER])]


@pytest.mark.parametrize(("first", "read_last"), ORDERS)
def test_the_mis_speaks_whoever_comes_first_and_whoever_was_read_last(base, first, read_last):
    said = {MIS: ("twin one", ADDRESS), SUPPLIER: (theirs(), OTHER_ADDRESS)}
    for day, source in enumerate(sorted(said, key=lambda each: each != first), start=2):
        who, address = said[source]
        tell(base, source, who, day=day, read=1 if source == read_last else 0, address=address)
    assert Pupil.objects.count() == 1
    assert held(base, "twin one", "address") == ADDRESS


def test_what_the_other_sends_is_ignored_shown_and_told_once(base):
    tell(base, MIS, "twin one", address=ADDRESS)
    run = tell(base, SUPPLIER, theirs(), day=1, address=OTHER_ADDRESS)
    assert account(run, "address") == {"received": 1, "ignored": 1}
    assert account(run, "basic_details") == {"received": 1, "ignored": 1}
    told = RunException.objects.get(run=run)
    assert (told.group, told.code, told.external_id) == ("address", "rule.other_source", "s-1")
    assert (run.status, changes(run)) == ("exported", [])
    again = tell(base, SUPPLIER, theirs(), day=2, address=OTHER_ADDRESS)
    assert account(again, "address") == {"received": 1, "unchanged": 1}
    assert codes(again) == []


def test_nothing_turns_from_night_to_night(base):
    for night in range(4):
        runs = [
            tell(base, MIS, "twin one", day=2 * night, address=ADDRESS, enrolments=[enrolled(base)]),
            tell(base, SUPPLIER, theirs(), day=2 * night + 1, address=OTHER_ADDRESS, enrolments=[enrolled(base)]),
        ]  # fmt: skip
        if night:
            assert [changes(run) for run in runs] == [[], []]
            assert [account(run, "address") for run in runs] == [{"received": 1, "unchanged": 1}] * 2


@pytest.mark.parametrize("order", list(permutations([MIS, SUPPLIER])))
def test_what_the_mis_does_not_send_is_the_others(base, order):
    for day, source in enumerate(order):
        if source == MIS:
            tell(base, MIS, "twin one", day=day, address=ADDRESS)
        else:
            tell(base, SUPPLIER, theirs(), day=day, address=OTHER_ADDRESS, communications=MOBILE)
    run = tell(base, SUPPLIER, theirs(), day=4, communications=[{**MOBILE[0], "value": "07700900222"}])
    assert held(base, "twin one", "address") == ADDRESS
    assert account(run, "communications") == {"received": 1, "written": 1}
    first = tell(base, MIS, "twin one", day=5, communications=MOBILE)
    assert account(first, "communications") == {"received": 1, "written": 1}
    later = tell(base, SUPPLIER, theirs(), day=6, communications=[])
    assert account(later, "communications") == {"received": 1, "ignored": 1}


def test_a_pupil_whom_the_mis_does_not_list_is_the_others(base):
    tell(base, MIS, "twin one", address=ADDRESS)
    for day, address in enumerate([OTHER_ADDRESS, THIRD_ADDRESS], start=1):
        run = tell(base, SUPPLIER, theirs("young carer"), day=day, address=address)
        assert account(run, "address") == {"received": 1, "written": 1}
    assert held(base, theirs("young carer"), "address") == THIRD_ADDRESS


def test_for_facts_of_the_pupil_at_the_base_the_mis_speaks_as_well(base):
    tell(base, MIS, "twin one", enrolments=[enrolled(base, nc_year="3")])
    run = tell(base, SUPPLIER, theirs(), day=1, enrolments=[enrolled(base, nc_year="4")])
    assert account(run, "enrolments") == {"received": 1, "ignored": 1}
    assert held(base, "twin one", "enrolments") == [enrolled(base, nc_year="3")]


def test_a_delete_is_the_mis_word_and_not_the_others(base):
    tell(base, MIS, "twin one", address=ADDRESS)
    tell(base, SUPPLIER, theirs())
    run = tell(base, SUPPLIER, theirs(), day=1, with_identity=False, deleted=["address"])
    assert account(run, "address") == {"received": 1, "ignored": 1}
    assert held(base, "twin one", "address") == ADDRESS
    tell(base, MIS, "twin one", day=2, with_identity=False, deleted=["address"])
    run = tell(base, SUPPLIER, theirs(), day=3, address=OTHER_ADDRESS)
    assert account(run, "address") == {"received": 1, "ignored": 1}
    assert held(base, "twin one", "address") is None


def test_the_mis_older_message_never_overwrites_its_newer_one_whatever_the_other_has_sent_meanwhile(base):
    tell(base, MIS, "twin one", day=3, address=ADDRESS)
    tell(base, SUPPLIER, theirs(), day=4, address=OTHER_ADDRESS)
    run = tell(base, MIS, "twin one", day=5, read=1, address=THIRD_ADDRESS)
    assert account(run, "address") == {"received": 1, "ignored": 1}
    assert held(base, "twin one", "address") == ADDRESS


def test_of_two_others_the_one_that_sent_the_pupil_first_speaks(base):
    tell(base, SUPPLIER, theirs(), address=ADDRESS)
    run = tell(base, SECOND, theirs(external_id="t-1"), day=1, address=OTHER_ADDRESS)
    assert account(run, "address") == {"received": 1, "ignored": 1}
    tell(base, SUPPLIER, theirs(), day=2, address=THIRD_ADDRESS)
    assert held(base, theirs(), "address") == THIRD_ADDRESS


# The move from one MIS to another


def test_the_old_mis_late_file_does_not_overwrite_after_the_move():
    base = cast.base_on_sims_7()
    tell(base, AGENT, theirs(), address=OTHER_ADDRESS)
    move_to_sims_primary(base)
    tell(base, MIS, "twin one", day=1, address=ADDRESS)
    for day, read in ((3, 0), (4, 4)):
        run = tell(base, AGENT, theirs(), day=day, read=read, address=[OTHER_ADDRESS, THIRD_ADDRESS][day - 3])
        assert account(run, "address") == {"received": 1, "ignored": 1}
        assert held(base, "twin one", "address") == ADDRESS


def test_what_the_new_mis_was_not_heard_about_is_taken_again_once_the_base_has_moved():
    base = cast.base_on_sims_7()
    tell(base, AGENT, theirs(), address=OTHER_ADDRESS)
    run = tell(base, MIS, "twin one", day=1, address=ADDRESS)
    assert account(run, "address") == {"received": 1, "ignored": 1}
    base = move_to_sims_primary(base)
    tell(base, MIS, "twin one", day=2, roll={"p-001": "Current"}, with_identity=False)
    asked = {group for _, group, _ in outstanding(base.pk, source="sims_primary")}
    assert asked == {"identifiers", "basic_details", "address"}
    run = tell(base, MIS, "twin one", day=3, address=ADDRESS)
    assert account(run, "address") == {"received": 1, "written": 1}
    assert outstanding(base.pk, source="sims_primary") == []
    assert held(base, "twin one", "address") == ADDRESS


def test_what_the_new_mis_never_sends_is_another_sources_before_the_old_ones():
    base = cast.base_on_sims_7()
    tell(base, AGENT, theirs(external_id="a-1"), communications=MOBILE)
    new = [{**MOBILE[0], "value": "07700900222"}]
    run = tell(base, SUPPLIER, theirs(), day=1, communications=new)
    assert account(run, "communications") == {"received": 1, "ignored": 1}
    base = move_to_sims_primary(base)
    tell(base, MIS, "twin one", day=2)
    assert ("s-1", "communications") in {
        each[:2] for each in outstanding(base.pk, source="a_supplier_s_system")
    }
    run = tell(base, SUPPLIER, theirs(), day=3, communications=new)
    assert account(run, "communications") == {"received": 1, "written": 1}
    run = tell(base, AGENT, theirs(external_id="a-1"), day=4, communications=MOBILE)
    assert account(run, "communications") == {"received": 1, "ignored": 1}


# Marks


def marks(am=None, pm=None, on=MONDAY):
    return [DayMarks(on=on, am=am, pm=pm)]


def week(base):
    year = AttendanceYear.objects.get(base=base, pupil_id=who_is(base, "p-001"))
    place = (date.fromisoformat(MONDAY) - year.start_date).days * 2
    return year.marks[place : place + 4]


@pytest.mark.parametrize(("first", "read_last"), ORDERS)
def test_a_mark_of_the_mis_stands_and_a_gap_is_the_others(base, first, read_last):
    said = {
        MIS: ("twin one", marks(am="/") + marks(am="N", on=TUESDAY)),
        SUPPLIER: (theirs(), marks("I", "\\") + marks("N", "I", on=TUESDAY)),
    }
    for day, source in enumerate(sorted(said, key=lambda each: each != first), start=2):
        who, sent = said[source]
        tell(base, source, who, day=day, read=1 if source == read_last else 0, marks=sent)
    tell(base, MIS, "twin one", day=4)  # so that its id is known, whoever came first
    assert week(base) == "/\\NI"
    for day in (5, 6):
        run = tell(base, SUPPLIER, theirs(), day=day, marks=said[SUPPLIER][1])
        assert account(run, "attendance") == {"received": 4, "ignored": 1, "unchanged": 3}
        assert codes(run).count("rule.other_source") == 1
        run = tell(base, MIS, "twin one", day=day, marks=said[MIS][1])
        assert account(run, "attendance") == {"received": 2, "unchanged": 2}
        assert not [group for group, _ in changes(run) if group == "attendance"]


@pytest.mark.parametrize("order", list(permutations([0, 1, 2])))
def test_a_mark_that_the_mis_has_taken_back_is_not_the_others_to_give_whatever_the_order(base, order):
    tell(base, MIS, "twin one")
    tell(base, SUPPLIER, theirs())
    said = [
        (MIS, "twin one", 1, marks(pm="\\")),
        (MIS, "twin one", 2, marks("-", "-")),
        (SUPPLIER, theirs(), 4, marks("I", "I") + marks("I", on=TUESDAY)),
    ]
    for day, place in enumerate(order, start=3):
        source, who, read, sent = said[place]
        tell(base, source, who, day=day, read=read, marks=sent)
    assert week(base) == "--I-"


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_time_counts_among_the_marks_of_one_source_alone(base, order):
    tell(base, MIS, "twin one")
    tell(base, SUPPLIER, theirs())
    said = [
        (MIS, "twin one", 1, marks("/")),
        (MIS, "twin one", 2, marks("N")),
        (SUPPLIER, theirs(), 3, marks("I")),
        (SUPPLIER, theirs(), 0, marks("L", "\\")),
    ]
    for day, place in enumerate(order, start=4):
        source, who, read, sent = said[place]
        tell(base, source, who, day=day, read=read, marks=sent)
    assert week(base)[:2] == "N\\"


# The roll


def test_another_sources_complete_roll_speaks_of_its_own_ids_alone(base):
    tell(base, MIS, "twin one", roll={"p-001": "Current", "p-002": "Current"})
    land(base, pupil("twin two"), source=MIS, now=DAYS[1])
    tell(base, SUPPLIER, theirs(), day=2, roll={"s-1": "Current"}, is_complete=True)
    assert set(ExternalId.objects.filter(source="sims_primary").values_list("roll_state", flat=True)) == {
        "Current"
    }
    assert not HeldItem.objects.exists()


def test_nobody_is_held_as_missing_from_a_roll_while_the_mis_lists_the_child(base):
    tell(base, MIS, "twin one")
    tell(base, SUPPLIER, theirs(), day=1)
    only = land(base, pupil(theirs("young carer", "s-2")), source=SUPPLIER, is_complete=True, now=DAYS[2])
    assert codes(only) == []
    assert not HeldItem.objects.exists()
    none = land(base, source=MIS, roll={}, is_complete=True, now=DAYS[3])
    assert codes(none) == ["roll.short"]


def test_a_base_is_where_its_mis_says_and_not_where_another_source_lists_the_child(base):
    other = cast.base("Beckside Primary")
    tell(base, SUPPLIER, theirs())
    tell(
        base,
        MIS,
        "twin one",
        day=1,
        roll={"p-001": "Leaver"},
        enrolments=[enrolled(base, leaving_on="2026-11-20")],
    )
    run = tell(other, MIS, theirs(external_id="b-1"), day=2, address=ADDRESS)
    assert account(run, "address") == {"received": 1, "written": 1}
    run = tell(base, SUPPLIER, theirs(), day=3, address=OTHER_ADDRESS)
    assert account(run, "address") == {"received": 1, "ignored": 1}
    assert held(other, theirs(external_id="b-1"), "address") == ADDRESS


def test_a_child_whom_the_mis_lists_as_a_leaver_is_no_longer_at_two_schools(base):
    other = cast.base("Beckside Primary")
    tell(base, SUPPLIER, theirs("no UPN"))
    tell(base, MIS, "no UPN", day=1)
    assert "match.two_schools" in codes(tell(other, MIS, theirs("no UPN", "b-1"), day=2))
    tell(base, MIS, "no UPN", day=3, roll={"p-003": "Leaver"})
    assert close_gone(now=DAYS[4]) == 1
    tell(other, MIS, theirs("no UPN", "b-1"), day=5)
    assert who_is(other, "b-1") == who_is(base, "p-003")


def test_of_the_base_that_the_mis_has_let_go_no_question_is_asked(base):
    tell(base, SUPPLIER, theirs("no UPN"))
    tell(base, MIS, "no UPN", day=1)
    tell(base, MIS, "no UPN", day=2, roll={"p-003": "Leaver"})
    other = cast.base("Beckside Primary")
    assert codes(tell(other, MIS, theirs("no UPN", "b-1"), day=3)) == []
    assert who_is(other, "b-1") == who_is(base, "p-003")


# What was refused


def test_each_source_is_asked_only_for_what_it_had_refused_itself(base):
    wrong = {"ethnicity": "QQQ"}
    tell(base, MIS, "twin one", ethnicity_language={"ethnicity": "WBRI"})
    tell(base, SUPPLIER, keys("young carer", external_id="p-001"), day=1, ethnicity_language=wrong)
    assert outstanding(base.pk, source="sims_primary") == []
    assert outstanding(base.pk, source="a_supplier_s_system") == [
        ("p-001", "ethnicity_language", "item.unknown_code")
    ]
    tell(base, MIS, "twin one", day=2, ethnicity_language={"ethnicity": "WBRI"})
    assert len(outstanding(base.pk, source="a_supplier_s_system")) == 1, (
        "the same id is another child's there"
    )


# One source


def some(number):
    return [
        MatchKeys(
            external_id=f"p-{each}", family_name="Naylor", given_name=f"Child {each}", sex="F",
            date_of_birth="2018-03-04", upn=upn(f"82020002{each:04}"),
        )
        for each in range(number)
    ]  # fmt: skip


def test_a_base_with_one_source_costs_nothing_more_by_the_pupil(base):
    def asked(number, day):
        sent = [
            pupil(each, address=[ADDRESS, OTHER_ADDRESS][day % 2], marks=marks("/")) for each in some(number)
        ]
        with CaptureQueriesContext(connection) as caught:
            land(base, *sent, now=DAYS[day])
        return [each["sql"].split("FROM")[0] for each in caught if "FETCH" not in each["sql"]]

    asked(60, 0)
    few, many = asked(3, 1), asked(60, 2)
    assert len(few) == len(many)


# By the source's API


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=1, pupils=40) as found:
        yield found


def by_supplier(base, sandbox, *, day):
    """A supplier's message of the whole school, with addresses, marks' groups and ids of its own."""
    school = sandbox.control(f"/truth/{base.dfe_number}")
    body = as_message(
        base, school, read_at=clock.now() + timedelta(hours=day), source=SUPPLIER,
        change=lambda sent: sent.blocks.update(address=OTHER_ADDRESS, service_child=SERVICE), prefix="s-",
    )  # fmt: skip
    return received_body(base, body)


SERVICE = {"service_child": "Y"}


def register_of(base):
    """What is held, by UPN or birthday and names, in words that know no ids of ours."""
    found = {}
    for name in ("basic_details", "address", "service_child", "enrolments"):
        table = TABLES[name]
        found[name] = sorted(map(str, table.objects.values_list(*BY_NAME[name].item_names)))
    return found


def test_a_school_read_by_its_api_beside_a_supplier_ends_the_same_in_both_orders(sandbox):
    base = base_of(sandbox, sandbox.schools()[0])
    ends = []
    for order in permutations([MIS, SUPPLIER]):
        with transaction.atomic():
            for night in range(2):
                for source in order:
                    run = pulled(base, sandbox) if source == MIS else by_supplier(base, sandbox, day=night)
                    if night:
                        assert not changes(run), source
            ends.append(register_of(base))
            transaction.set_rollback(True)
    assert ends[0] == ends[1]
    assert any("Mill Lane" not in each for each in ends[0]["address"])


def test_the_new_mis_takes_over_the_word_without_sending_what_the_old_one_landed(sandbox):
    base = base_of(sandbox, sandbox.schools()[0])
    school = sandbox.control(f"/truth/{base.dfe_number}")
    agent = {"source": AGENT, "prefix": "a-"}
    received_body(base, as_message(base, school, read_at=clock.now(), **agent))
    run = pulled(base, sandbox)
    assert changes(run) == []
    assert not any(each.written for each in run.accounts.all())
    file = b"".join(open_stream(file_of(run).pk))
    assert b"<Address>" not in file
    assert b"<Pupil " in file, "the new ids are learned"
    late = as_message(
        base, school, read_at=clock.now() + timedelta(hours=1), **agent,
        change=lambda sent: sent.blocks.update(address=OTHER_ADDRESS),
    )  # fmt: skip
    before = register_of(base)
    ignored = received_body(base, late)
    assert account(ignored, "address").keys() <= {"received", "ignored", "left_out"}
    assert register_of(base) == before
    assert file_of_none(pulled(base, sandbox))


def file_of_none(run):
    return not TransferFile.objects.filter(run=run).exists()
