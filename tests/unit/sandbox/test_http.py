"""The HTTP interface: tokens, refusals, pages, filters, changes and faults."""

from __future__ import annotations

import base64
import json
import time

import pytest

from schoolgate_sandbox.api import SERVICES
from schoolgate_sandbox.tracking import LEARNER_DOMAINS

ROLL = "Learner/V3/LearnerIdentifiers"
CONTACTS = "Learner/V3/LearnerContacts"
MARKS = "Attendance/V3/AttendanceRecords"
AUTUMN = "AttendableEventStart ge 2026-09-01T00:00:00Z and AttendableEventStart lt 2026-11-28T00:00:00Z"


def since(instant: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant))


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


# Lists


@pytest.mark.parametrize("domain", LEARNER_DOMAINS)
def test_tells_of_every_domain_what_the_truth_holds(caller, domain):
    told = {}
    for told_row in caller.rows(f"Learner/V3/{domain}"):
        row = dict(told_row)
        identity, learner = row.pop("ExternalID"), row.pop("Learner", None)
        row.pop("AgeMonths", None)
        for name in ("CurrentYearGroup", "CurrentPrimaryClass"):
            if row.get(name):
                row[name] = row[name]["Description"]
        told.setdefault(learner["ExternalID"] if learner else identity, []).append(row)
    by_text = lambda rows: sorted(json.dumps(row, sort_keys=True) for row in rows)  # noqa: E731
    truth = {identity: by_text(pupil[domain]) for identity, pupil in caller.truth().items() if pupil[domain]}
    assert {identity: by_text(rows) for identity, rows in told.items()} == truth


def test_names_another_host_in_the_context(caller):
    assert caller.get(ROLL).json()["@odata.context"].startswith("https://pm-svc-api-supershim-staging.")


def test_links_pages_by_absolute_addresses_on_its_own_origin(caller):
    whole = caller.rows(ROLL)
    caller.control("settings", page_size=20)
    first = caller.get(ROLL).json()
    assert len(first["value"]) == 20
    assert first["@odata.nextLink"] == "http://127.0.0.1:8000/ssli01/Learner/V3/LearnerIdentifiers?$skip=20"
    assert caller.rows(ROLL) == whole


def test_takes_top_skip_select_and_count(caller):
    whole = caller.rows(ROLL)
    answer = caller.get(ROLL, top="3", skip="2", select="ExternalID,Surname", count="true").json()
    assert answer["value"] == [{"ExternalID": r["ExternalID"], "Surname": r["Surname"]} for r in whole[2:5]]
    assert answer["@odata.count"] == len(whole)
    assert "@odata.nextLink" not in answer
    caller.control("settings", count=False)
    assert "@odata.count" not in caller.get(ROLL, count="true").json()


def test_keeps_the_filter_across_pages(caller):
    caller.control("settings", page_size=7)
    current = caller.rows(ROLL, filter="OnRollState eq 'Current'")
    assert len(current) == sum(p["on_roll"] == "Current" for p in caller.truth().values())


def test_filters_by_a_path_and_an_unquoted_guid(caller):
    group = next(g for g in caller.rows("Learner/V3/LearnerGroups") if g["ShortName"] == "3")
    rows = caller.rows(
        ROLL, filter=f"CurrentYearGroup/ExternalID eq {group['ExternalID']} and Forename ne null"
    )
    assert rows
    assert {row["CurrentYearGroup"]["Description"] for row in rows} == {"Year 3"}
    for spelling in ("LearnerGroups", "LearnerGroup"):
        for domain in ("LearnerIdentifiers", "LearnerPersonals"):
            path = f"Learner/V3/{spelling}(ExternalID={group['ExternalID']},GroupType=SIMS.GroupTypeEnum'YearGroup')/{domain}"
            assert {r["ExternalID"] for r in caller.rows(path)} == {r["ExternalID"] for r in rows}


@pytest.mark.parametrize("text", ["Surname like 'x'", "AgeMonths ge 3", "and and"])
def test_refuses_a_filter_it_cannot_read(caller, text):
    assert caller.get(ROLL, filter=text).status_code == 400


# Attendance


def test_resolves_marks_by_reference_to_codes_and_sessions(caller):
    own = {row["ExternalID"]: row for row in caller.rows("V1/Lookup/Attendance/AttendanceCode")}
    statutory = {
        r["ExternalID"]: r["Code"] for r in caller.rows("V1/Lookup/Attendance/StatutoryAttendanceCode")
    }
    when = {
        row["ExternalID"]: (row["AttendableEventStart"][:10], row["SessionName"])
        for row in caller.rows("Attendance/V3/StatutoryAttendanceSessions", filter=AUTUMN)
    }
    told = {}
    for row in caller.rows(MARKS, filter=AUTUMN):
        code = statutory[own[row["AttendanceCode"]["ExternalID"]]["StatutoryAttendanceCode"]["ExternalID"]]
        told[(row["Attendee"]["ExternalID"], *when[row["Event"]["ExternalID"]])] = code
    truth = {
        (identity, day, session): code
        for identity, pupil in caller.truth().items()
        for day, codes in pupil["mark_codes"].items()
        if day >= "2026-09-01"
        for session, code in zip(("AM", "PM"), codes, strict=True)
        if code
    }
    assert told == truth
    assert "X01" in {row["Code"] for row in own.values()}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AttendableEventStart ge 2026-09-01T00:00:00Z",
        "AttendableEventStart ge 2026-09-01 and AttendableEventStart lt 2026-09-30",
        "AttendableEventStart ge 2026-06-01T00:00:00Z and AttendableEventStart lt 2026-09-30T00:00:00Z",
        "AttendableEventStart eq 2026-06-01T00:00:00Z",
    ],
)
def test_refuses_marks_without_a_full_range_of_at_most_90_days(caller, text):
    assert caller.get(MARKS, **({"filter": text} if text else {})).status_code == 400


def test_tells_changed_and_deleted_marks_since_an_instant(caller):
    truth = caller.truth()
    pupil = next(p for p in truth.values() if p["on_roll"] == "Current" and len(p["marks"]) > 3)
    days = sorted(pupil["marks"])[-3:]
    caller.watch.now += 100
    start = since(caller.watch.now)
    for day, code in ((days[0], "C1"), (days[1], None)):
        caller.control(
            "mark",
            dfe_number=caller.school["dfe_number"],
            external_id=pupil["external_id"],
            date=day,
            session="AM",
            code=code,
        )
    rows = caller.rows(f"{MARKS}/SIMS.Changes(startDate={start})")
    assert [row.get("@removed") for row in rows] == [None, {"reason": "deleted"}]
    assert {row["Attendee"]["ExternalID"] for row in rows} == {pupil["external_id"]}
    assert caller.truth()[pupil["external_id"]]["mark_codes"][days[0]][0] == "C1"


def test_tells_after_an_advance_just_the_marks_that_came_or_changed(caller):
    caller.truth()
    caller.watch.now += 100
    start = since(caller.watch.now)
    changes = caller.control("advance", days=3).json()["changes"]
    wanted = sum(
        len(entry["items"])
        for entry in changes
        if entry["kind"] == "mark" and entry["dfe_number"] == caller.school["dfe_number"]
    )
    assert len(caller.rows(f"{MARKS}/SIMS.Changes(startDate={start})")) == wanted


def test_refuses_a_start_without_time_or_zone(caller):
    assert caller.get(f"{MARKS}/SIMS.Changes(startDate=2026-11-01)").status_code == 400


# Changes on Learner domains


def edit(caller, pupil, domain, **wanted):
    answer = caller.control(
        "edit",
        dfe_number=caller.school["dfe_number"],
        external_id=pupil["external_id"],
        domain=domain,
        **wanted,
    )
    assert answer.status_code == 200
    return answer.json()["changes"]


def test_brings_all_rows_of_a_pupil_when_one_item_changed(caller):
    pupil = next(p for p in caller.truth().values() if len(p["LearnerContacts"]) > 1)
    caller.watch.now += 100
    start = since(caller.watch.now)
    edit(caller, pupil, "LearnerContacts", row=1, items={"Email": "new@example.net"})
    rows = caller.rows(f"{CONTACTS}/SIMS.Changes(startDate={start})")
    assert {row["Learner"]["ExternalID"] for row in rows} == {pupil["external_id"]}
    assert len(rows) == len(pupil["LearnerContacts"])
    assert "new@example.net" in {row["Email"] for row in rows}
    assert caller.rows(f"Learner/V3/LearnerAddresses/SIMS.Changes(startDate={start})") == []


def test_shows_a_deleted_row(caller):
    pupil = next(p for p in caller.truth().values() if len(p["LearnerContacts"]) > 1)
    listed = [r for r in caller.rows(CONTACTS) if r["Learner"]["ExternalID"] == pupil["external_id"]]
    caller.watch.now += 100
    edit(caller, pupil, "LearnerContacts", row=listed[0]["ExternalID"], remove=True)
    rows = caller.rows(f"{CONTACTS}/SIMS.Changes(startDate={since(caller.watch.now)})")
    gone = [row for row in rows if "@removed" in row]
    assert [row["ExternalID"] for row in gone] == [listed[0]["ExternalID"]]
    assert gone[0]["Learner"]["ExternalID"] == pupil["external_id"]
    assert len(rows) == len(pupil["LearnerContacts"])


def test_tells_of_a_changed_surname_in_identifiers_too(caller):
    pupil = next(p for p in caller.truth().values() if p["on_roll"] == "Current")
    caller.watch.now += 100
    changes = edit(caller, pupil, "LearnerPersonals", items={"LegalSurname": "Xylander"})
    assert {change["domain"] for change in changes} == {"LearnerPersonals", "LearnerIdentifiers"}
    rows = caller.rows(f"{ROLL}/SIMS.Changes(startDate={since(caller.watch.now)})")
    assert [row["Surname"] for row in rows] == ["Xylander"]


def test_answers_404_where_tracking_is_off_for_a_domain(caller):
    start = since(caller.watch.now)
    assert caller.get(f"Learner/V3/LearnerCommunications/SIMS.Changes(startDate={start})").status_code == 404
    caller.control("settings", changes_off=["LearnerAddresses"])
    assert caller.get(f"Learner/V3/LearnerCommunications/SIMS.Changes(startDate={start})").status_code == 200
    assert caller.get(f"Learner/V3/LearnerAddresses/SIMS.Changes(startDate={start})").status_code == 404


def test_keeps_a_leaver_on_three_lists_only(caller):
    pupil = next(p for p in caller.truth().values() if p["on_roll"] == "Current")
    caller.control(
        "leave",
        dfe_number=caller.school["dfe_number"],
        external_id=pupil["external_id"],
        on="2026-11-20",
        reason="IM",
    )
    listed = {
        domain
        for domain in LEARNER_DOMAINS
        for row in caller.rows(f"{SERVICES[domain]}/V3/{domain}")
        if pupil["external_id"] in (row["ExternalID"], row.get("Learner", {}).get("ExternalID"))
    }
    assert listed == {"LearnerIdentifiers", "LearnerPersonals", "LearnerEnrolments"}
    enrolled = caller.truth()[pupil["external_id"]]["LearnerEnrolments"][0]
    assert (enrolled["LeavingDate"], enrolled["LeavingReason"]) == ("2026-11-20", "IM")


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
