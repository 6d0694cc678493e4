"""A person may be limited to some bases: who sees how far, who decided it, and what is left at the end."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from tests import cast
from typer import Typer
from typer.testing import CliRunner

from schoolgate.accounts.actions import add_person, limit_person
from schoolgate.accounts.models import Role, User
from schoolgate.accounts.rights import Right
from schoolgate.accounts.scopes import EVERYTHING, NOTHING, Scope, scope_of
from schoolgate.audit.models import Event
from schoolgate.commands.add_person import add_person as command

pytestmark = pytest.mark.django_db

PASSWORD = "kestrel over the harbour\n"


def add(*arguments: str) -> int:
    commands = Typer()
    commands.command()(command)
    given = ["olwen.pryce@wharfdale.invalid", "--name", "Olwen Pryce", *arguments]
    return CliRunner().invoke(commands, given, input=PASSWORD).exit_code


def limit_of_olwen() -> list[int] | None:
    return User.objects.get(email="olwen.pryce@wharfdale.invalid").limited_to


def test_sees_every_base_unless_limited():
    assert scope_of(cast.officer(), Right.RUNS_VIEW) == EVERYTHING


def test_sees_nothing_without_the_right_however_far_the_rest_reaches():
    assert scope_of(cast.reader(), Right.RUNS_VIEW) == NOTHING
    assert scope_of(cast.stranger(), Right.BASES_VIEW) == NOTHING
    assert scope_of(AnonymousUser(), Right.BASES_VIEW) == NOTHING


def test_limits_a_person_and_lifts_the_limit_and_tells_the_audit():
    person, by = cast.officer(), cast.administrator()
    limit_person(person.pk, base_ids=[7, 5, 7], by=by.pk, now=cast.NOW)
    person.refresh_from_db()
    assert scope_of(person, Right.BASES_VIEW) == Scope(frozenset({5, 7}))
    limit_person(person.pk, base_ids=None, by=by.pk, now=cast.NOW)
    person.refresh_from_db()
    assert scope_of(person, Right.BASES_VIEW) == EVERYTHING
    told = Event.objects.filter(name="accounts.person.limited", user_id=by.pk, subject_id=person.pk)
    assert [each.details for each in told.order_by("id")] == [{"bases": [5, 7]}, {"bases": "all"}]


def test_sees_nothing_once_the_last_base_is_gone():
    person = cast.officer()
    limit_person(person.pk, base_ids=[], by=None, now=cast.NOW)
    person.refresh_from_db()
    assert scope_of(person, Right.BASES_VIEW) == NOTHING


def test_sees_nothing_where_nobody_says_how_far():
    class Supplier:
        is_authenticated = is_active = True
        role = "officer"

    assert scope_of(Supplier(), Right.BASES_VIEW) == NOTHING


def test_asks_the_database_nothing(django_assert_num_queries):
    person = cast.officer()
    with django_assert_num_queries(0):
        scope_of(person, Right.BASES_VIEW)


def test_adds_a_person_who_looks_after_some_bases():
    first, second = cast.base_on_sims_7(), cast.base_on_sims_7("Marsh Lane")
    assert add("--base", first.dfe_number, "--base", second.dfe_number) == 0
    assert limit_of_olwen() == [first.pk, second.pk]


def test_keeps_the_limit_until_it_is_lifted_in_as_many_words():
    base = cast.base_on_sims_7()
    add("--base", base.dfe_number)
    assert add() == 0
    assert limit_of_olwen() == [base.pk]
    assert add("--every-base") == 0
    assert limit_of_olwen() is None


def test_adds_nobody_for_a_base_that_is_not_there():
    base = cast.base_on_sims_7()
    assert add("--base", "8209999") != 0
    assert add("--base", base.dfe_number, "--every-base") != 0
    assert not User.objects.exists()


def test_leaves_a_person_who_comes_back_with_the_limit_they_had():
    base = cast.base_on_sims_7()
    add("--base", base.dfe_number)
    add_person(
        email="olwen.pryce@wharfdale.invalid",
        name="Olwen Pryce",
        role=Role.ADMINISTRATOR,
        password=PASSWORD,
        by=None,
        now=cast.NOW,
    )
    assert limit_of_olwen() == [base.pk]
