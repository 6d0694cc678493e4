"""A scope is every base, or some: what lies inside, and what is left of a choice."""

from __future__ import annotations

from schoolgate.accounts.scopes import EVERYTHING, NOTHING, Scope

SOME = Scope(frozenset({3, 1}))


def test_holds_its_bases_and_what_belongs_to_no_base_only_where_it_holds_all():
    assert EVERYTHING.may_see(1)
    assert EVERYTHING.may_see(None)
    assert SOME.may_see(1)
    assert not SOME.may_see(2)
    assert not SOME.may_see(None)
    assert not NOTHING.may_see(1)


def test_leaves_of_a_choice_what_is_inside_in_its_order():
    assert SOME.within([2, 3, 1]) == [3, 1]
    assert EVERYTHING.within([2, 3]) == [2, 3]


def test_takes_all_for_all_there_is_only_without_a_limit():
    assert EVERYTHING.narrowed(None) is None
    assert EVERYTHING.narrowed([2]) == [2]
    assert SOME.narrowed(None) == [1, 3]
    assert SOME.narrowed([2, 3]) == [3]
    assert NOTHING.narrowed(None) == []


def test_lists_its_bases_for_a_statement():
    assert EVERYTHING.listed is None
    assert SOME.listed == [1, 3]
    assert NOTHING.listed == []
