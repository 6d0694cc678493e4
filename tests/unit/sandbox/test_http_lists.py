"""Over HTTP: lists, pages, filters, marks and changes, as the source gives them."""

from __future__ import annotations

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
