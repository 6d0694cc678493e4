"""No list is in the order of names as they stand: that one is the server's, and puts Émile after Zebra."""

from __future__ import annotations

import re

from tests.architecture.source import CHECKOUT

BY_A_BARE_NAME = re.compile(
    r"""order_by\(\s*f?["'](\w+__)?(name|(family|given|last|first)_name)["']|ORDER BY (\w+\.)?(family_)?name\b"""
)


def test_orders_no_list_by_a_name_as_it_stands():
    sources = [*CHECKOUT.glob("src/schoolgate/**/*.py"), *CHECKOUT.glob("src/schoolgate/**/*.sql")]
    assert sources
    assert not [path.name for path in sources if BY_A_BARE_NAME.search(path.read_text(encoding="utf-8"))]
