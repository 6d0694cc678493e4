"""Over HTTP: faults on demand, and the control endpoint."""

from __future__ import annotations

import json
import time

import pytest

ROLL = "Learner/V3/LearnerIdentifiers"
CONTACTS = "Learner/V3/LearnerContacts"


def since(instant: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant))


# Faults


@pytest.mark.parametrize(
    ("kind", "status"), [("unauthorised", 401), ("throttle", 429), ("server_error", 500)]
)
def test_strikes_after_some_calls_and_so_many_times(caller, kind, status):
    caller.fault(kind, domain="LearnerIdentifiers", after=1, times=2)
    assert caller.get(CONTACTS).status_code == 200
    assert [caller.get(ROLL).status_code for _ in range(4)] == [200, status, status, 200]
    assert caller.http.get("/control/faults").json()[0]["hits"] == 2


def test_says_how_long_to_wait_in_a_throttle_fault(caller):
    caller.fault("throttle", seconds=30)
    assert caller.get(ROLL).json()["message"] == "Rate limit is exceeded. Try again in 30 seconds."


def test_strikes_one_school_only(caller):
    caller.fault("server_error", dfe_number="8209999", times=9)
    assert caller.get(ROLL).status_code == 200


def test_cuts_an_answer_in_the_middle(caller):
    caller.fault("truncated")
    with pytest.raises(json.JSONDecodeError):
        caller.get(ROLL).json()


def test_repeats_rows_of_the_page_before_and_loses_none(caller):
    whole = caller.rows(ROLL)
    caller.control("settings", page_size=20)
    caller.fault("repeat_rows", after=1)
    told = caller.rows(ROLL)
    assert len(told) > len(whole)
    assert {row["ExternalID"] for row in told} == {row["ExternalID"] for row in whole}


def test_leaves_rows_out_of_a_page(caller):
    whole = caller.rows(ROLL)
    caller.fault("skip_rows")
    assert len(caller.rows(ROLL)) < len(whole)


def test_links_to_a_foreign_host(caller):
    caller.fault("foreign_link")
    assert caller.get(ROLL).json()["@odata.nextLink"].startswith("https://evil.example/")


def test_shows_an_empty_roll(caller):
    caller.fault("empty_roll", times=2)
    assert caller.get(CONTACTS).json()["value"]
    answer = caller.get(ROLL, count="true")
    assert answer.status_code == 200
    assert (answer.json()["value"], answer.json()["@odata.count"]) == ([], 0)


def test_answers_with_another_content_type(caller):
    caller.fault("content_type")
    assert caller.get(ROLL).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("kind", ["latency", "hang"])
def test_holds_an_answer_back(caller, kind):
    caller.fault(kind, seconds=0.15)
    started = time.perf_counter()
    assert caller.get(ROLL).status_code == 200
    assert time.perf_counter() - started >= 0.15


def test_ends_faults_when_they_are_cleared_and_refuses_unknown_ones(caller):
    caller.fault("server_error", times=99)
    caller.http.delete("/control/faults")
    assert caller.get(ROLL).status_code == 200
    assert caller.fault("earthquake").status_code == 400


# Control


def test_tells_its_health_and_the_log_since_an_instant(caller):
    assert caller.http.get("/control/health").json() == {"ok": True, "today": "2026-11-23", "schools": 5}
    caller.watch.now += 100
    start = since(caller.watch.now)
    answer = caller.control("advance", days=7).json()
    assert answer["today"] == "2026-11-30"
    assert answer["changes"]
    assert caller.http.get("/control/changes", params={"since": start}).json() == answer["changes"]


def test_answers_a_mistaken_control_call_with_a_sentence(caller):
    assert caller.http.get("/control/truth/8200000").status_code == 404
    assert (
        caller.control(
            "edit", dfe_number=caller.school["dfe_number"], external_id="x", domain="y"
        ).status_code
        == 404
    )
    assert caller.http.post("/control/advance", content=b"{").status_code == 400
