"""What stands between a browser and the pages: headers, the second factor, the demo's limits."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from schoolgate.accounts.models import User
from schoolgate.config import middleware
from schoolgate.lib import clock
from schoolgate.scheduling.beats import beat
from schoolgate.scheduling.tick import turn

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create(username="olwen", email="olwen@example.gov.uk")


def through_the_door(client, person, **headers):
    """A page that every signed-in person may ask for, seen from the door only."""
    client.force_login(person)
    request = RequestFactory().get("/anything", **headers)
    request.user, request.session = person, client.session
    return middleware.second_factor_required(lambda _: HttpResponse("inside"))(request)


def test_says_that_it_lives_to_anybody(client):
    answer = client.get("/health")
    assert answer.status_code == 200
    assert b"ok" in answer.content


def test_allows_scripts_and_styles_from_files_only(client):
    policy = client.get("/health").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_lets_nobody_keep_or_frame_a_page(client):
    headers = client.get("/health").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_lets_forms_go_to_the_sign_in_server_where_there_is_one():
    policy = middleware.content_security_policy(sign_in_server="https://login.example.org/tenant/v2.0")
    assert "form-action 'self' https://login.example.org;" in policy


def test_asks_for_a_second_factor_outside_a_demo(client, person, settings):
    settings.IS_DEMO = False
    answer = through_the_door(client, person)
    assert answer.status_code == 302
    assert "2fa" in answer.headers["Location"]


def test_lets_a_demos_people_in_on_its_own_machine(client, person):
    assert through_the_door(client, person).content == b"inside"


def test_asks_for_a_second_factor_when_a_proxy_passed_a_demo_on(client, person):
    answer = through_the_door(client, person, HTTP_X_FORWARDED_FOR="192.0.2.7")
    assert answer.status_code == 302


def test_turns_a_demos_account_away_from_a_real_installation(client, person, settings):
    settings.IS_DEMO = False
    person.is_demo = True
    answer = through_the_door(client, person)
    assert answer.headers["Location"] == "account_login" or "login" in answer.headers["Location"]


def test_trusts_the_second_factor_of_the_sign_in_server(client, person, settings):
    settings.IS_DEMO = False
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = [{"method": "socialaccount"}]
    session.save()
    request = RequestFactory().get("/anything")
    request.user, request.session = person, session
    answer = middleware.second_factor_required(lambda _: HttpResponse("inside"))(request)
    assert answer.content == b"inside"


def test_offers_nobody_to_make_an_account_for_themselves(client):
    answer = client.post("/accounts/signup/", {"email": "x@example.org", "username": "x"})
    assert not User.objects.exists()
    assert answer.status_code == 200


def test_tells_a_monitor_how_the_scheduler_service_is(client):
    told = client.get("/health").json()
    assert told["ok"]
    assert not told["is_well"]
    assert told["workers"] == []
    assert told["sentence"].startswith("No worker is running")
    assert client.get("/health", {"must": "collect"}).status_code == 503
    beat("here:1", concurrency=4, now=clock.now())
    turn(now=clock.now())
    well = client.get("/health", {"must": "collect"})
    assert well.status_code == 200
    assert well.json()["workers"][0]["name"] == "here:1"
    assert well.json()["planner_last_ran_at"]
