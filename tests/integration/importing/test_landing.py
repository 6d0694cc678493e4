"""Landing a file: every fate of a block, the books, the audit, the hashes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast
from tests.landing import (
    ADDRESS,
    OTHER_ADDRESS,
    account,
    changes,
    codes,
    enrolled,
    file_of,
    has_hash,
    held,
    keys,
    land,
    land_bodies,
    message,
    pupil,
    upn,
    who_is,
)

from schoolgate.audit.models import RecordChange
from schoolgate.blocks.models import Outstanding
from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import TABLES, Pupil
from schoolgate_message.records import DayMarks

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
MUCH_LATER = cast.NOW + timedelta(days=2)
ENROLLED = {"entry_on": "2023-09-05", "enrolment_status": "C", "nc_year": "3"}


def test_adds_a_pupil_nobody_knows_with_all_that_came():
    base = cast.base()
    enrolment = {"school_dfe_number": base.dfe_number, **ENROLLED}
    run = land(base, pupil("twin one", address=ADDRESS, enrolments=[enrolment]))
    assert held(base, "twin one", "address") == ADDRESS
    assert held(base, "twin one", "enrolments") == [enrolment]
    assert changes(run) == [
        ("address", "added"),
        ("basic_details", "added"),
        ("enrolments", "added"),
        ("identifiers", "added"),
    ]
    assert account(run, "address") == {"received": 1, "written": 1}
    assert (run.stage, run.status, run.is_balanced) == ("done", "exported", True)
    assert file_of(run).status == "completed"


def test_lands_the_same_file_twice_as_once():
    base = cast.base()
    body = message(base, pupil("twin one", address=ADDRESS), pupil("no UPN", address=OTHER_ADDRESS))
    land_bodies(base, body)
    again = land_bodies(base, body, now=LATER)
    assert account(again, "address") == {"received": 2, "unchanged": 2}
    assert changes(again) == []
    assert Pupil.objects.count() == 2
    assert TABLES["address"].objects.filter(run_id=again.pk).count() == 0


def test_writes_only_what_differs_and_keeps_the_old_value():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    moved = {**ADDRESS, "paon": "15"}
    run = land(base, pupil("twin one", address=moved), now=LATER)
    assert held(base, "twin one", "address") == moved
    change = RecordChange.objects.get(run_id=run.pk)
    assert (change.group, change.kind, change.before, change.after) == (
        "address",
        "changed",
        {"paon": "14"},
        {"paon": "15"},
    )
    assert (change.base_id, change.file_id, change.reason) == (base.pk, file_of(run).pk, "always import")
    assert account(run, "basic_details") == {"received": 1, "unchanged": 1}


def test_takes_an_item_that_a_block_no_longer_has_out_of_the_record():
    base = cast.base()
    land(base, pupil("twin one", address={**ADDRESS, "county": "Wharfdale"}))
    run = land(base, pupil("twin one", address=ADDRESS), now=LATER)
    assert held(base, "twin one", "address") == ADDRESS
    change = RecordChange.objects.get(run_id=run.pk)
    assert (change.before, change.after) == ({"county": "Wharfdale"}, {})


def test_replaces_the_rows_of_a_list_as_one():
    base = cast.base()
    support, plan = {"provision": "K", "start_on": "2024-01-08"}, {"provision": "E", "start_on": "2026-02-02"}
    land(base, pupil("twin one", sen_provisions=[support]))
    run = land(base, pupil("twin one", sen_provisions=[{**support, "end_on": "2026-02-01"}, plan]), now=LATER)
    assert len(held(base, "twin one", "sen_provisions")) == 2
    change = RecordChange.objects.get(run_id=run.pk)
    assert (len(change.before), len(change.after)) == (1, 2)


def test_leaves_a_group_that_was_not_sent_as_it_is():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    land(base, pupil("twin one"), now=LATER)
    assert held(base, "twin one", "address") == ADDRESS


def test_removes_a_group_that_the_source_deleted_outright():
    base = cast.base()
    need = {"need_type": "SLCN", "rank": 1}
    land(base, pupil("twin one", sen_needs=[need]))
    run = land(base, pupil("twin one", deleted=["sen_needs"], with_identity=False), now=LATER)
    assert held(base, "twin one", "sen_needs") is None
    change = RecordChange.objects.get(run_id=run.pk)
    assert (change.kind, change.before, change.after) == ("removed", [need], None)
    assert account(run, "sen_needs") == {"received": 1, "written": 1}
    assert not has_hash(base, "twin one", "sen_needs")


def test_counts_a_delete_of_nothing_as_unchanged():
    base = cast.base()
    land(base, pupil("twin one"))
    run = land(base, pupil("twin one", deleted=["suspensions"], with_identity=False), now=LATER)
    assert account(run, "suspensions") == {"received": 1, "unchanged": 1}
    assert changes(run) == []


def test_lands_a_leaving_date_as_a_change_of_the_enrolment():
    base = cast.base()
    enrolment = {"school_dfe_number": base.dfe_number, **ENROLLED}
    land(base, pupil("twin one", enrolments=[enrolment]))
    left = {**enrolment, "leaving_on": "2026-11-20", "leaving_reason": "IM"}
    run = land(
        base, pupil("twin one", with_identity=False, enrolments=[left]), roll={"p-001": "Leaver"}, now=LATER
    )
    assert held(base, "twin one", "enrolments") == [left]
    assert ExternalId.objects.get().roll_state == "Leaver"
    assert run.status == "exported"


def test_refuses_a_block_with_an_unknown_code_and_lands_the_others():
    base = cast.base()
    run = land(
        base, pupil("twin one", address=ADDRESS, ethnicity_language={"ethnicity": "QQQ", "religion": "CH"})
    )
    assert held(base, "twin one", "ethnicity_language") is None
    assert held(base, "twin one", "address") == ADDRESS
    assert account(run, "ethnicity_language") == {"received": 1, "refused": 1}
    assert codes(run) == ["item.unknown_code"]
    assert run.status == "exceptions"
    assert not has_hash(base, "twin one", "ethnicity_language")
    assert list(Outstanding.objects.values_list("external_id", "group", "code")) == [
        ("p-001", "ethnicity_language", "item.unknown_code")
    ]


def test_takes_a_block_off_the_outstanding_list_once_it_lands():
    base = cast.base()
    land(base, pupil("twin one", ethnicity_language={"ethnicity": "QQQ"}))
    land(base, pupil("twin one", ethnicity_language={"ethnicity": "WBRI"}), now=LATER)
    assert not Outstanding.objects.exists()
    assert has_hash(base, "twin one", "ethnicity_language")


def test_never_repeats_a_value_in_an_exception():
    base = cast.base()
    run = land(base, pupil("twin one", ethnicity_language={"ethnicity": "QQQ"}))
    for found in run.exceptions.values():
        assert "QQQ" not in str(found)
        assert "Marlowe" not in str(found)


def test_lands_a_upn_that_fails_its_check_with_a_warning():
    base = cast.base()
    wrong = keys("twin one", upn="Z999999999999")
    run = land(base, pupil(wrong))
    assert held(base, wrong, "identifiers") == {"upn": "Z999999999999"}
    assert codes(run) == ["item.invalid_upn"]
    assert account(run, "identifiers") == {"received": 1, "written": 1}


def test_holds_a_new_pupil_by_the_match_keys_when_only_marks_came():
    base = cast.base()
    marks = [DayMarks(on="2026-11-20", am="/", pm="\\")]
    run = land(base, pupil("twin one", with_identity=False, marks=marks))
    assert held(base, "twin one", "basic_details")["family_name"] == "Marlowe"
    assert account(run, "attendance") == {"received": 2, "written": 2}
    assert account(run, "basic_details") == {}
    assert not has_hash(base, "twin one", "basic_details")


def test_counts_marks_and_refuses_those_with_an_unknown_code():
    base = cast.base()
    marks = [DayMarks(on="2026-11-20", am="/", pm="?"), DayMarks(on="2026-11-19", am="I")]
    run = land(base, pupil("twin one", marks=marks))
    assert account(run, "attendance") == {"received": 3, "written": 2, "refused": 1}
    assert Outstanding.objects.get().group == "attendance"
    land(base, pupil("twin one", marks=[DayMarks(on="2026-11-20", pm="\\")]), now=LATER)
    assert not Outstanding.objects.exists()


def test_keeps_twins_apart():
    base = cast.base()
    land(base, pupil("twin one"), pupil("twin two"))
    assert who_is(base, "p-001") != who_is(base, "p-002")


def test_knows_a_child_held_without_a_upn_when_the_next_school_sends_one():
    base, other = cast.base(), cast.base("Beckside Primary")
    land(base, pupil(keys("twin one", upn="")))
    land(base, roll={"p-001": "Leaver"}, now=LATER)
    run = land(other, pupil(keys("twin one", external_id="b-77")), now=MUCH_LATER)
    assert who_is(other, "b-77") == who_is(base, "p-001")
    assert Pupil.objects.count() == 1
    assert held(base, "twin one", "identifiers") == {"upn": keys("twin one").upn}
    assert account(run, "basic_details") == {"received": 1, "unchanged": 1}


def test_keeps_two_pupils_of_one_name_and_birthday_apart_at_one_school():
    base = cast.base()
    run = land(base, pupil("same name and birthday, one"), pupil("same name and birthday, other"))
    assert who_is(base, "p-005") != who_is(base, "p-006")
    assert run.status == "exported"


def test_lets_the_main_registration_speak_for_a_pupil_on_two_rolls():
    main, subsidiary = cast.base(), cast.base("Beckside Primary")
    here, there = enrolled(main, enrolment_status="M"), enrolled(subsidiary, enrolment_status="S")
    other_id = keys("on two rolls", external_id="x-1")
    land(main, pupil("on two rolls", address=ADDRESS, enrolments=[here]))
    sent = pupil(other_id, address=OTHER_ADDRESS, young_carer={"young_carer": "N"}, enrolments=[there])
    run = land(subsidiary, sent, now=LATER)
    assert who_is(main, "p-010") == who_is(subsidiary, "x-1")
    assert held(main, "on two rolls", "address") == ADDRESS
    assert account(run, "address") == {"received": 1, "ignored": 1}
    assert codes(run) == ["rule.not_main"]
    assert run.status == "exported"
    assert held(main, "on two rolls", "enrolments") == [here]
    assert held(subsidiary, other_id, "enrolments") == [there]
    assert held(subsidiary, other_id, "young_carer") == {"young_carer": "N"}, "what the main one doesn't send"
    again = land(subsidiary, sent, now=MUCH_LATER)
    assert account(again, "address") == {"received": 1, "unchanged": 1}


def test_lets_the_other_school_speak_once_the_main_registration_has_moved():
    main, other = cast.base(), cast.base("Beckside Primary")
    there = enrolled(other, enrolment_status="S")
    x_1 = keys("on two rolls", external_id="x-1")
    land(main, pupil("on two rolls", address=ADDRESS, enrolments=[enrolled(main, enrolment_status="M")]))
    land(other, pupil(x_1, address=OTHER_ADDRESS, enrolments=[there]), now=LATER)
    ended = [enrolled(main, enrolment_status="M", leaving_on="2026-11-24")]
    land(main, pupil("on two rolls", enrolments=ended), roll={"p-010": "Leaver"}, now=MUCH_LATER)
    assert set(Outstanding.objects.values_list("base_id", "external_id", "group")) == {
        (other.pk, "x-1", "address"),
        (other.pk, "x-1", "basic_details"),
        (other.pk, "x-1", "identifiers"),
    }
    land(other, pupil(x_1, address=OTHER_ADDRESS), now=MUCH_LATER + timedelta(days=1))
    assert held(other, x_1, "address") == OTHER_ADDRESS
    assert not Outstanding.objects.exists()


def test_lets_the_newest_entry_speak_where_both_are_main_and_then_who_speaks_now():
    old, new = cast.base(), cast.base("Beckside Primary")
    x_1 = keys("twin one", external_id="x-1")
    land(old, pupil("twin one", address=ADDRESS, enrolments=[enrolled(old)]))
    same_day = pupil(x_1, address=OTHER_ADDRESS, enrolments=[enrolled(new)])
    land(new, same_day, now=LATER)
    assert held(old, "twin one", "address") == ADDRESS
    later = pupil(x_1, address=OTHER_ADDRESS, enrolments=[enrolled(new, entry_on="2026-11-20")])
    land(new, later, now=MUCH_LATER)
    assert held(old, "twin one", "address") == OTHER_ADDRESS
    run = land(old, pupil("twin one", address=ADDRESS), now=MUCH_LATER + timedelta(days=1))
    assert held(old, "twin one", "address") == OTHER_ADDRESS
    assert account(run, "address") == {"received": 1, "ignored": 1}


def test_forgets_what_another_base_sent_of_a_part_it_writes():
    old, new = cast.base(), cast.base("Beckside Primary")
    land(old, pupil("on two rolls", address=ADDRESS))
    newer = [enrolled(new, entry_on="2026-11-20")]
    moved = pupil(keys("on two rolls", external_id="x-1"), address=OTHER_ADDRESS, enrolments=newer)
    land(new, moved, now=LATER)
    assert not has_hash(old, "on two rolls", "address")
    assert has_hash(old, "on two rolls", "basic_details")


def test_lets_a_school_that_was_left_send_only_the_enrolment():
    old, new = cast.base(), cast.base("Beckside Primary")
    land(old, pupil("twin one", address=ADDRESS, enrolments=[enrolled(old)]))
    moved = [enrolled(new, entry_on="2026-11-20")]
    land(new, pupil(keys("twin one", external_id="x-1"), address=OTHER_ADDRESS, enrolments=moved), now=LATER)
    left = enrolled(old, leaving_on="2026-11-20")
    run = land(
        old, pupil("twin one", address=ADDRESS, enrolments=[left]), roll={"p-001": "Leaver"}, now=MUCH_LATER
    )
    assert held(old, "twin one", "address") == OTHER_ADDRESS
    assert held(old, "twin one", "enrolments") == [left]
    assert account(run, "address") == {"received": 1, "left_out": 1}
    assert set(codes(run)) == {"cohort.leaver"}
    assert run.status == "exported"


def test_reads_again_what_it_was_not_heard_about_once_the_pupil_has_come():
    old, new = cast.base(), cast.base("Beckside Primary")
    land(old, pupil("twin one", address=ADDRESS))
    expected = pupil(keys("twin one", external_id="x-1"), address=OTHER_ADDRESS)
    run = land(new, expected, roll={"x-1": "Future"}, now=LATER)
    assert held(old, "twin one", "address") == ADDRESS
    assert set(codes(run)) == {"rule.not_on_roll"}
    land(new, roll={"x-1": "Current"}, now=MUCH_LATER)
    assert ("x-1", "address") in set(Outstanding.objects.values_list("external_id", "group"))


def test_follows_a_pupil_whose_surname_changed():
    base = cast.base()
    land(base, pupil("changed surname"))
    renamed = keys("changed surname", family_name="Lowe")
    run = land(base, pupil(renamed), now=LATER)
    assert Pupil.objects.count() == 1
    assert ("basic_details", "changed") in changes(run)
    assert ExternalId.objects.get().family_name == "Lowe"


def test_follows_a_temporary_upn_to_the_permanent_one():
    base, other = cast.base(), cast.base("Beckside Primary")
    temporary = keys("twin one", upn=upn("82020002000B"))
    land(base, pupil(temporary))
    permanent = {"upn": keys("twin one").upn, "former_upn": temporary.upn}
    land(base, pupil("twin one", identifiers=permanent), now=LATER)
    assert Pupil.objects.count() == 1
    land(other, pupil(keys("twin one", upn=temporary.upn, external_id="x-1")), now=MUCH_LATER)
    assert who_is(other, "x-1") == who_is(base, "p-001")


def test_counts_a_problem_of_matching_as_unmatched_and_adds_nobody():
    base, other = cast.base(), cast.base("Beckside Primary")
    land(base, pupil("twin one"))
    stranger = keys("an apostrophe", upn=keys("twin one").upn, external_id="x-9")
    run = land(other, pupil(stranger, address=ADDRESS), now=LATER)
    assert Pupil.objects.count() == 1
    assert codes(run) == ["match.upn_taken"]
    assert account(run, "address") == {"received": 1, "unmatched": 1}
    assert run.status == "exceptions"
    assert Outstanding.objects.filter(external_id="x-9").count() == 3
    assert not ExternalId.objects.filter(external_id="x-9").exists()
