"""# A week of collecting

What an authority may rely on: the register holds what the schools hold, a second look at the same
data costs nothing, and a week later exactly what changed has arrived.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests import cast
from tests.house import House
from tests.spec.register import differences, mark_differences, state_of

DOMAIN_OF_GROUP = {
    "identifiers": "LearnerPersonals",
    "basic_details": "LearnerPersonals",
    "address": "LearnerAddresses",
    "communications": "LearnerCommunications",
    "contacts": "LearnerContacts",
    "enrolments": "LearnerEnrolments",
    "sen_provisions": "LearnerSenProvisions",
    "sen_needs": "LearnerSenNeeds",
    "free_school_meals": "LearnerFreeSchoolMeals",
    "ethnicity_language": "LearnerCulturals",
    "service_child": "LearnerServiceChildren",
    "young_carer": "LearnerYoungCarers",
    "looked_after": "LearnerLookedAfters",
    "suspensions": "LearnerExclusions",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Four schools of sixty pupils, collected whole."""
    built = House(tmp_path_factory.mktemp("week"), schools=4, pupils=60)
    try:
        built.start_worker()
        yield built
    finally:
        built.close()


@pytest.fixture(autouse=True)
def _on_the_houses_day(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.set_clock(monkeypatch)


def _bases(house: House) -> list[str]:
    return [row["dfe_number"] for row in house.rows("SELECT dfe_number FROM base ORDER BY 1")]


def test_a_week_of_collecting_brings_exactly_what_the_schools_hold(house: House) -> None:
    """Snapshot, snapshot again, marks, a week passes, changed data and marks."""
    first = house.collect("snapshot")
    assert first["bases"] == 4
    assert first["balanced"]
    assert [each["exception"] for each in first["runs"]] == [""] * 4
    assert [each["file"] is not None for each in first["runs"]] == [True] * 4
    assert [found for base in _bases(house) for found in differences(house, base)] == []

    before = state_of(house)
    changes = house.rows("SELECT count(*) AS n FROM record_change")
    second = house.collect("snapshot")
    assert second["balanced"]
    assert [each["file"] for each in second["runs"]] == [None] * 4
    assert {each["status"] for each in second["runs"]} == {"Nothing Changed"}
    assert sum(terms["written"] for each in second["runs"] for terms in each["groups"].values()) == 0
    assert house.rows("SELECT count(*) AS n FROM record_change") == changes
    assert state_of(house) == before

    house.collect("changed")
    marks = house.collect("attendance-changed")
    assert marks["balanced"]
    assert [found for base in _bases(house) for found in mark_differences(house, base)] == []

    advanced = house.control("/advance", {"days": 7})
    newest = house.rows("SELECT max(id) AS id FROM record_change")[0]["id"]
    changed = house.collect("changed")
    assert changed["balanced"]
    assert [found for base in _bases(house) for found in differences(house, base)] == []
    _brought_exactly(house, advanced["changes"], newest)

    marks = house.collect("attendance-changed")
    assert marks["balanced"]
    assert marks["runs"][0]["groups"]["attendance"]["written"] > 0
    assert [found for base in _bases(house) for found in mark_differences(house, base)] == []


def _brought_exactly(house: House, told: list[dict[str, object]], newest: int) -> None:
    """Every block the sandbox says it changed was written, and no other."""
    of_domain: dict[str, set[tuple[str, str]]] = {}
    for change in told:
        if change["kind"] != "mark":
            key = (str(change["dfe_number"]), str(change["external_id"]))
            of_domain.setdefault(str(change["domain"]), set()).add(key)
    joined = {(str(c["dfe_number"]), str(c["external_id"])) for c in told if c["kind"] == "joined"}
    written = house.rows(
        'SELECT c."group" AS data_group, b.dfe_number, array_agg(x.external_id) AS ids '
        "FROM record_change c JOIN base b ON b.id = c.base_id "
        "JOIN pupil_external_id x ON x.base_id = c.base_id AND x.pupil_id = c.pupil_id "
        "WHERE c.id > %s AND c.\"group\" <> 'link' GROUP BY c.id, 1, 2",
        newest,
    )
    for row in written:
        keys = {(row["dfe_number"], each) for each in row["ids"]}
        changed = of_domain.get(DOMAIN_OF_GROUP[row["data_group"]], set())
        assert keys & (changed | joined), f"{row['data_group']} was written but not changed at the school"
