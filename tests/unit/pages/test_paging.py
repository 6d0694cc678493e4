"""Long lists are cut into pages whose links keep the filters."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from schoolgate.pages.paging import listing


def test_keeps_the_filters_in_the_links():
    found = listing(list(range(120)), query=QueryDict("status=failed&page=2"))
    assert found.rows == list(range(50, 100))
    assert found.address(3) == "?status=failed&page=3"
    assert found.pager["previous"]["href"] == "?status=failed&page=1"


@pytest.mark.parametrize("asked", ["page=0", "page=-1", "page=x", "page="])
def test_gives_the_first_page_for_a_number_that_is_none(asked):
    assert listing(list(range(120)), query=QueryDict(asked)).number == 1


def test_gives_the_last_page_for_a_number_that_is_too_large():
    assert listing(list(range(120)), query=QueryDict("page=99")).rows == list(range(100, 120))


def test_has_no_links_for_a_single_page():
    assert listing([1, 2], query=QueryDict("")).pager == {}


def test_leaves_out_the_pages_in_between():
    numbers = listing(list(range(1000)), query=QueryDict("page=10")).pager["items"]
    assert [item["number"] for item in numbers if "ellipsis" not in item] == [1, 9, 10, 11, 20]
