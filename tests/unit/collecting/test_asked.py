"""What a run asks, and by what a page that answers it is remembered."""

from __future__ import annotations

from datetime import date

from schoolgate.collecting.asked import Asked
from schoolgate.connectors.port import Reading
from schoolgate.tasks.cohorts import Cohort

READING = Reading(key="whole", domain="Learners", first_link="https://api.example/Learners", signature="v1")


def signature(**cohort: object) -> str:
    day = date(2026, 11, 23)
    asked = Asked(base_id=1, source="s", cohort=Cohort(**cohort), today=day, reach_on=day)
    return asked.signature(READING)


def test_remembers_a_page_for_its_cohort_alone() -> None:
    assert signature() == signature()
    assert len({signature(), signature(nc_years=("3",)), signature(is_historic_send_left_out=True)}) == 3
