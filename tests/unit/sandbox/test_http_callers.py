"""Over HTTP: who is let in and who is refused, by tokens, keys, grants and the throttle."""

from __future__ import annotations

import base64

import pytest

ROLL = "Learner/V3/LearnerIdentifiers"
CONTACTS = "Learner/V3/LearnerContacts"


# Tokens


def test_issues_a_bearer_token(caller):
    answer = caller.ask_token()
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 3600


def test_takes_the_client_by_http_basic(caller):
    school = caller.school
    pair = base64.b64encode(f"{school['client_id']}:{school['client_secret']}".encode()).decode()
    form = {
        "grant_type": "client_credentials",
        "scope": "partner simsserverapplication",
        "acr_values": f"orgselected:{school['organisation_id']}",
    }
    answer = caller.http.post("/sts/connect/token", data=form, headers={"Authorization": f"Basic {pair}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"scope": "partner"}, "invalid_scope"),
        ({"grant_type": ""}, "unsupported_grant_type"),
        ({"acr_values": "orgselected:00000000-0000-0000-0000-000000000000"}, "invalid_grant"),
        ({"acr_values": ""}, "invalid_grant"),
    ],
)
def test_refuses_a_token_with_the_word_that_fits(caller, changed, error):
    answer = caller.ask_token(**changed)
    assert answer.status_code == 400
    assert answer.json()["error"] == error


def test_says_that_the_organisation_is_wrong_where_the_secret_is_right(caller):
    other = caller.http.get("/control/schools").json()[1]
    answer = caller.ask_token(acr_values=f"orgselected:{other['organisation_id']}").json()
    assert answer["error_description"] == "organisation not permitted for this client"


# Refusals of the API


def test_refuses_a_call_without_or_with_an_altered_token(caller):
    key = {"Ocp-Apim-Subscription-Key": caller.school["subscription_key"]}
    for header in (
        {},
        {"Authorization": "Bearer abc"},
        {"Authorization": caller.headers()["Authorization"] + "x"},
    ):
        answer = caller.get(ROLL, headers=key | header)
        assert answer.status_code == 401
        assert "token" in answer.json()["message"]


def test_refuses_an_expired_token(caller):
    caller.control("settings", expires_in=60)
    headers = caller.headers()
    assert caller.get(ROLL, headers=headers).status_code == 200
    caller.watch.now += 61
    assert caller.get(ROLL, headers=headers).status_code == 401


def test_refuses_a_bad_subscription_key(caller):
    answer = caller.get(ROLL, headers=caller.headers() | {"Ocp-Apim-Subscription-Key": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["message"].startswith("Access denied due to invalid subscription key")


def test_refuses_a_domain_that_was_not_granted_and_no_other(caller):
    caller.control("grant", dfe_number=caller.school["dfe_number"], domain="LearnerContacts", granted=False)
    assert caller.get(CONTACTS).status_code == 403
    assert "not permitted" in caller.get(CONTACTS).json()["message"]
    assert caller.get(ROLL).status_code == 200


def test_issues_a_token_but_no_data_where_the_school_switched_data_exchange_off(caller):
    caller.control("switch", dfe_number=caller.school["dfe_number"], on=False)
    answer = caller.get(ROLL)
    assert answer.status_code == 403
    assert answer.json() == {"message": "Data exchange is switched off for this organisation"}


@pytest.mark.parametrize(
    "path", ["Learner/V3/Nonsense", "Attendance/V3/LearnerIdentifiers", "Learner/V2/LearnerIdentifiers"]
)
def test_does_not_know_other_domains(caller, path):
    assert caller.get(path).status_code == 404


def test_throttles_all_schools_together_by_a_sliding_second(caller):
    headers = caller.headers()
    caller.control("settings", calls_per_second=5)
    caller.watch.now += 10
    statuses = [caller.get(ROLL, headers=headers).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    refused = caller.get(ROLL, headers=headers).json()
    assert refused == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 2 seconds."}
    caller.watch.now += 1.01
    assert caller.get(ROLL, headers=headers).status_code == 200
    calls = caller.http.get("/control/calls").json()
    assert (calls["total"], calls["throttled"]) == (9, 3)
    assert sum(calls["by_second"]) == 9
    assert calls["by_domain"] == {"LearnerIdentifiers": 9}
