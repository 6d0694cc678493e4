"""Who gets in: a wrong id and a forbidden id look the same, and nobody gets in without signing in."""

from __future__ import annotations

import pytest
from django.test import Client
from tests import cast

from schoolgate.accounts.models import User
from schoolgate.audit.models import Event
from schoolgate.runs.models import Run


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "address", ["/", "/bases/", "/tasks/", "/log/", "/queue/", "/pupils/", "/mapping/", "/system/health/"]
)
def test_sends_a_visitor_to_the_sign_in_page(db, address):
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_turns_a_person_without_rights_away(db):
    cast.authority()
    assert signed_in(cast.stranger()).get("/").status_code == 403


@pytest.mark.parametrize(
    "address", ["/bases/999/", "/tasks/999/", "/runs/999/", "/pupils/999/", "/files/999/", "/bases/999/log/"]
)
def test_answers_a_wrong_id_with_not_found(db, address):
    cast.authority()
    assert signed_in(cast.officer()).get(address).status_code == 404


def test_lets_an_officer_see_no_secrets_and_change_none(db):
    base = cast.base()
    officer = signed_in(cast.officer())
    assert officer.get(f"/bases/{base.pk}/sims-primary-settings/").status_code == 403
    page = officer.get(f"/bases/{base.pk}/").content.decode()
    assert cast.SECRET not in page
    assert cast.SUBSCRIPTION_KEY not in page


def test_changes_nothing_on_a_get(db):
    base = cast.base()
    run = cast.run(base)
    administrator = signed_in(cast.administrator())
    assert administrator.get(f"/runs/{run.pk}/front/").status_code == 405
    assert administrator.get(f"/runs/{run.pk}/cancel/").status_code == 200
    assert not Run.objects.get(pk=run.pk).is_cancel_wanted
    assert administrator.get(f"/bases/{base.pk}/sims-primary-settings/test/").status_code == 405
    task = cast.task(base)
    administrator.get(f"/tasks/{task.pk}/run/")
    assert base.runs.count() == 1
    for address in ("/tasks/do/", "/tasks/preview/", "/system/blackout-dates/remove/"):
        assert administrator.get(address).status_code == 405
    before = Event.objects.count()
    for address in ("/tasks/run/", "/tasks/delete/", "/tasks/edit/"):
        administrator.get(f"{address}?task={task.pk}")
    administrator.get("/system/cache/confirm/?base=all")
    assert Event.objects.count() == before


def test_puts_no_script_or_style_inside_a_page(db):
    cast.base("<script>alert(1)</script> Primary")
    page = signed_in(cast.officer()).get("/bases/").content.decode()
    assert "<script>alert" not in page
    assert " style=" not in page
    assert " onclick=" not in page
