"""What a base's numbers look like and what its connection asks for."""

from __future__ import annotations

import pytest

from schoolgate.bases.rules import (
    ConnectionState,
    Credentials,
    RefusedError,
    check_complete,
    check_dfe_number,
    check_urn,
    connection_state,
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
    with pytest.raises(RefusedError, match="Secret and Organisation ID are missing"):
        check_complete({"Client ID": "a", "Secret": " ", "Subscription Key": "b", "Organisation ID": ""})


def test_tells_how_a_connection_stands():
    def state(*, has_connection: bool = True, is_tested: bool = True, outcome: str = "") -> ConnectionState:
        return connection_state(has_connection=has_connection, is_tested=is_tested, outcome=outcome)

    assert state(has_connection=False, is_tested=False) is ConnectionState.MISSING
    assert state(is_tested=False) is ConnectionState.UNTESTED
    assert state(outcome="works") is ConnectionState.WORKS
    assert state(outcome="token.secret") is ConnectionState.FAILS


def test_never_prints_a_secret():
    opened = Credentials(client_id="c", secret="hush", subscription_key="key", organisation_id="o")
    assert "hush" not in f"{opened} {opened!r}"
