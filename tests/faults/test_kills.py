"""Kills worker, web server and database at every point of a run's life; ``make faults`` runs all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.faults.kills import LATER_POINTS, LATER_VICTIMS, POINTS, VICTIMS, judge, kill_and_recover
from tests.house import House, free_port

CASES = [(point, victim) for victim in VICTIMS for point in POINTS]
CASES += [(point, victim) for victim in LATER_VICTIMS for point in LATER_POINTS]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """As many schools as there are cases, so that each begins with an empty register of its own."""
    built = House(tmp_path_factory.mktemp("faults"), schools=len(CASES), pupils=30)
    try:
        built.start_worker()
        built.web_port = free_port()
        built.start_web(built.web_port)
        yield built
    finally:
        built.close()


@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=[f"{victim} {point.name}".replace(" ", "-") for point, victim in CASES]
)
def test_ends_as_if_nothing_had_happened(house: House, number: int) -> None:
    """Killed anywhere, the run ends with the register equal to what was sent, nothing lost, nothing twice."""
    point, victim = CASES[number]
    dfe_number = sorted(school["dfe_number"] for school in house.control("/schools"))[number]
    kill_and_recover(house, point, victim, dfe_number)
    assert judge(house, dfe_number, point) == []
