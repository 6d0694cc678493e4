"""# Nothing is hidden silently

What a filter or a rule leaves out is counted, and the count opens the list of whom it is about, with the reason.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from tests import cast
from tests.landing import ADDRESS, OTHER_ADDRESS, account, enrolled, keys, land, pupil, upn, who_is

from schoolgate.runs.left_out import left_out_of
from schoolgate.runs.models import RunException

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
MUCH_LATER = cast.NOW + timedelta(days=2)
REFUSED = {"ethnicity": "QQQ"}


def page(address):
    client = Client()
    client.force_login(cast.officer())
    return client.get(address).content.decode()


def test_whom_the_rules_for_leavers_leave_out_is_counted_and_listed_with_the_reason():
    base = cast.base()
    gone = pupil("twin one", address=ADDRESS, enrolments=[enrolled(base, leaving_on="2024-07-19")])
    run = land(base, gone, pupil("twin two", address=ADDRESS), roll={"p-001": "Leaver", "p-002": "Current"})
    assert account(run, "address") == {"received": 2, "written": 1, "left_out": 1}
    listed, _ = left_out_of(run, group="address")
    assert [each.external_id for each in listed] == ["p-001"]
    assert "Left before anything was sent" in listed[0].reason
    address = f"/runs/{run.pk}/left-out/?group=address"
    assert address in page(f"/runs/{run.pk}/")
    assert "1 pupil left out of Address" in page(address)


def test_what_another_school_speaks_for_is_counted_and_told_where_it_differs():
    main, other = cast.base(), cast.base("Beckside Primary")
    who = keys("on two rolls", external_id="x-1")
    land(main, pupil("on two rolls", address=ADDRESS, enrolments=[enrolled(main, enrolment_status="M")]))
    there = enrolled(other, enrolment_status="S")
    run = land(other, pupil(who, address=OTHER_ADDRESS, enrolments=[there]), now=LATER)
    assert account(run, "address") == {"received": 1, "ignored": 1}
    assert account(run, "basic_details") == {"received": 1, "ignored": 1}
    told = RunException.objects.get(run=run)
    assert (told.group, told.code, told.external_id) == ("address", "rule.not_main", "x-1")


def test_every_term_of_an_account_is_backed_by_somebody_who_can_be_looked_at():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    run = land(
        base,
        pupil("twin one", address=ADDRESS, ethnicity_language={"ethnicity": "QQQ"}),
        pupil("twin two", with_identity=False, deleted=["basic_details"]),
        now=LATER,
    )
    for told in RunException.objects.filter(run=run):
        assert told.sentence
        assert told.remedy
    assert account(run, "ethnicity_language") == {"received": 1, "refused": 1}
    assert RunException.objects.filter(run=run, group="ethnicity_language").count() == 1


def test_what_was_refused_is_open_once_however_often_it_came_and_until_it_has_landed():
    base = cast.base()
    wrong = pupil("twin one", ethnicity_language=REFUSED)
    land(base, wrong)
    again = land(base, wrong, now=LATER)
    of_pupil = f"/pupils/{who_is(base, 'p-001')}/"
    said = page(of_pupil)
    assert "1 open point" in said.lower()
    assert f"/runs/{again.pk}/" in said
    assert "1 value refused" in page("/held/told/")
    land(base, pupil("twin one", ethnicity_language={"ethnicity": "WBRI"}), now=MUCH_LATER)
    assert "No open points" in page(of_pupil)
    assert "no value refused" in page("/held/told/")


def test_a_warning_of_a_upn_is_open_until_the_register_holds_a_better_one():
    base = cast.base()
    land(base, pupil(keys("twin one", upn="UNKNOWN")))
    of_pupil = f"/pupils/{who_is(base, 'p-001')}/"
    assert "The UPN does not pass its check" in page(of_pupil)
    land(base, pupil(keys("twin one", upn=upn("820200005001"))), now=LATER)
    assert "No open points" in page(of_pupil)
