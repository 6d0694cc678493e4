"""# Whatever the source does

A school's system may be slow, refuse, break off, repeat itself or send us elsewhere. Each time the task
log says in a sentence what happened and what to do, nothing is removed, nothing is half-written, and the
next run makes it good.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.house import House
from tests.spec.register import differences, state_of


@dataclass(frozen=True)
class Fault:
    """What the source does, and whether the run gets over it by itself."""

    kind: str
    words: str
    heals: bool
    options: dict[str, Any] = field(default_factory=dict)


FAULTS = (
    Fault(
        "unauthorised", "rejected a token before its time", heals=True, options={"domain": "LearnerContacts"}
    ),
    Fault(
        "unauthorised",
        "did not accept the token, nor a fresh one",
        heals=False,
        options={"domain": "LearnerContacts", "times": 5},
    ),
    Fault("throttle", "asked to slow down", heals=True, options={"times": 3}),
    Fault("server_error", "an error of its own", heals=True, options={"domain": "LearnerAddresses"}),
    Fault("truncated", "ended in the middle", heals=True, options={"domain": "LearnerContacts"}),
    Fault("repeat_rows", "the same row on two pages", heals=True, options={"domain": "LearnerPersonals"}),
    Fault("skip_rows", "than it had declared", heals=True, options={"domain": "LearnerIdentifiers"}),
    Fault("foreign_link", "named another host", heals=False, options={"domain": "LearnerContacts"}),
    Fault("empty_roll", "nobody on the school's roll", heals=False),
    Fault("content_type", "something other than data", heals=True, options={"domain": "LearnerContacts"}),
    Fault("hang", "did not answer in time", heals=True, options={"domain": "LearnerContacts", "seconds": 8}),
    Fault("latency", "", heals=True, options={"seconds": 1}),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One school that has been collected whole, and a source that is given two seconds to answer."""
    built = House(tmp_path_factory.mktemp("source"), schools=1, pupils=60)
    try:
        built.rows(
            "INSERT INTO source_setting (mis, name, value, changed_at) VALUES ('sims_primary', 'read_seconds', '2', now()) "
            "RETURNING id"
        )
        built.start_worker()
        built.collect("snapshot")
        yield built
    finally:
        built.close()


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{each.kind}-{each.heals}" for each in FAULTS])
def test_says_what_happened_and_harms_nothing(house: House, fault: Fault) -> None:
    """The log has the sentence, the register stays as it was, and the next run is clean."""
    dfe_number = house.rows("SELECT dfe_number FROM base")[0]["dfe_number"]
    before = state_of(house)
    house.control("/faults", {"kind": fault.kind, "times": 1, "dfe_number": dfe_number, **fault.options})
    answer = json.loads(house.schoolgate("collect", "--all", "--json", check=False))
    assert house.control("/faults")[0]["hits"] > 0
    house.control("/faults", method="DELETE")
    logged = house.rows("SELECT status, exception_details FROM task_log ORDER BY id DESC LIMIT 1")[0]
    assert fault.words in logged["exception_details"]
    assert (answer["runs"][0]["status"] != "Failed") is fault.heals
    assert state_of(house) == before
    assert house.collect("snapshot")["runs"][0]["status"] == "Nothing Changed"
    assert differences(house, dfe_number) == []
