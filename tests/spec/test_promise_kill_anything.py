"""# Kill anything, anywhere

Whatever dies, and whenever, the run ends as if nothing had happened: nothing lost, nothing twice, and
no hash remembered for a block that did not land: of a snapshot, of marks, of a message that was received.
One kill a stage here; the whole list is `make faults`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.faults.kills import IN_TEST, LATER_IN_TEST, LATER_POINTS, POINTS, judge, kill_and_recover
from tests.house import House

CASES = [(point, "worker") for point in POINTS if point.name in IN_TEST] + [
    (point, "database") for point in POINTS if point.name == "in the middle of writing groups"
]
CASES += [(point, "worker") for point in LATER_POINTS if point.name in LATER_IN_TEST]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A school for each case."""
    built = House(tmp_path_factory.mktemp("kills"), schools=len(CASES), pupils=30)
    try:
        built.start_worker()
        yield built
    finally:
        built.close()


@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=[f"{victim} {point.name}".replace(" ", "-") for point, victim in CASES]
)
def test_a_killed_process_leaves_no_trace(house: House, number: int) -> None:
    """The register equals what the school holds, or sent, each block written once."""
    point, victim = CASES[number]
    dfe_number = sorted(school["dfe_number"] for school in house.control("/schools"))[number]
    kill_and_recover(house, point, victim, dfe_number)
    assert judge(house, dfe_number, point) == []
