"""What people may do, and when a password alone is enough."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from schoolgate.accounts.rights import RIGHTS, Right, may
from schoolgate.accounts.rules import may_sign_in_at_all, may_sign_in_without_second_factor


@dataclass
class Somebody:
    role: str
    is_active: bool = True
    is_authenticated: bool = True


def test_lets_an_administrator_do_everything():
    assert all(may(Somebody("administrator"), right) for right in Right)


def test_keeps_connections_and_people_for_the_administrator():
    assert not may(Somebody("officer"), Right.BASES_CONNECTION)
    assert not may(Somebody("officer"), Right.ACCOUNTS_EDIT)
    assert may(Somebody("officer"), "tasks.run")


def test_lets_a_reader_see_pupils_and_change_nothing():
    changing = {right for right in RIGHTS["reader"] if not right.value.endswith(".view")}
    assert changing == set()
    assert may(Somebody("reader"), Right.PUPILS_VIEW)


@pytest.mark.parametrize(
    "person",
    [
        Somebody("nobody"),
        Somebody("a role nobody knows"),
        Somebody("administrator", is_active=False),
        Somebody("administrator", is_authenticated=False),
    ],
)
def test_lets_nobody_else_do_anything(person):
    assert not any(may(person, right) for right in Right)


def test_refuses_a_right_that_does_not_exist():
    with pytest.raises(ValueError, match=r"bases\.destroy"):
        may(Somebody("administrator"), "bases.destroy")


def test_takes_a_password_alone_from_a_demo_account_in_a_demo_on_loopback():
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert may_sign_in_without_second_factor(
            is_demo_account=True, is_demo_mode=True, remote_address=address
        )


@pytest.mark.parametrize(
    "circumstances",
    [
        {"is_demo_account": False},
        {"is_demo_mode": False},
        {"remote_address": "192.0.2.7"},
        {"remote_address": ""},
        {"forwarded_for": "127.0.0.1"},
    ],
)
def test_asks_for_a_second_factor_in_every_other_case(circumstances):
    asked = {"is_demo_account": True, "is_demo_mode": True, "remote_address": "127.0.0.1", **circumstances}
    assert not may_sign_in_without_second_factor(**asked)


def test_turns_a_demo_account_away_outside_the_demo():
    assert not may_sign_in_at_all(is_demo_account=True, is_demo_mode=False, remote_address="127.0.0.1")
    assert may_sign_in_at_all(is_demo_account=False, is_demo_mode=False, remote_address="192.0.2.7")
