"""What a base's numbers look like and what its connection asks for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schoolgate.bases.rules import (
    ConnectionState,
    RefusedError,
    check_complete,
    check_dfe_number,
    check_urn,
    connection_state,
    counting_connection,
)
from schoolgate.connectors.declarations import ConnectionSetting
from schoolgate.connectors.port import Credentials

OLD, NEW = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2))
DECLARED = (
    ConnectionSetting(name="id", label="Client ID"),
    ConnectionSetting(name="secret", label="Secret", is_secret=True),
    ConnectionSetting(name="group", label="Organisation ID"),
    ConnectionSetting(name="address", label="Address", is_required=False),
)


@pytest.mark.parametrize("number", ["820107", "82010790", "820/107", "82O1079", ""])
def test_refuses_a_dfe_number_without_seven_digits(number):
    with pytest.raises(RefusedError) as refused:
        check_dfe_number(number, la_number="820")
    assert refused.value.code == "bases.dfe_number"


def test_refuses_a_school_of_the_neighbour():
    with pytest.raises(RefusedError) as refused:
        check_dfe_number("8211079", la_number="820")
    assert refused.value.code == "bases.other_authority"


def test_takes_a_base_without_a_urn_and_refuses_a_word():
    check_urn("")
    with pytest.raises(RefusedError):
        check_urn("soon")


def test_names_the_settings_that_are_missing():
    with pytest.raises(RefusedError, match="Secret and Organisation ID are missing") as refused:
        check_complete(DECLARED, {"id": "a", "secret": " "}, where_they_stand="See the report.")
    assert refused.value.remedy == "See the report."
    check_complete(DECLARED, {"id": "a", "secret": "b", "group": "c"}, where_they_stand="")


def test_counts_the_connection_of_the_bases_own_mis_and_before_its_move_the_newest():
    kept = {"one": NEW, "two": OLD}
    assert counting_connection("two", kept, is_collected=True) == "two"
    assert counting_connection("three", kept, is_collected=True) is None
    assert counting_connection("agents", kept, is_collected=False) == "one"
    assert counting_connection("agents", {}, is_collected=False) is None


def test_tells_how_a_connection_stands():
    def state(*, has_connection: bool = True, is_tested: bool = True, outcome: str = "") -> ConnectionState:
        return connection_state(has_connection=has_connection, is_tested=is_tested, outcome=outcome)

    assert state(has_connection=False, is_tested=False) is ConnectionState.MISSING
    assert state(is_tested=False) is ConnectionState.UNTESTED
    assert state(outcome="works") is ConnectionState.WORKS
    assert state(outcome="token.secret") is ConnectionState.FAILS


def test_never_prints_a_secret():
    opened = Credentials(values={"client_id": "c", "secret": "hush"})
    assert "hush" not in f"{opened} {opened!r}"
