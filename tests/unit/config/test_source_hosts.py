"""The hosts an operator allows a source to lead to."""

from __future__ import annotations

import pytest

from schoolgate.config.environment import MissingSetting
from schoolgate.config.source_hosts import source_hosts_from


def test_reads_hosts_by_mis():
    assert source_hosts_from("") == {}
    assert source_hosts_from("sims_primary:Pages.example, sims_primary:b.example:8443,") == {
        "sims_primary": "pages.example b.example:8443"
    }


@pytest.mark.parametrize(
    "text", ["pages.example", "arbor:pages.example", "sims_primary:https://a.example", "x:"]
)
def test_stops_the_start_at_what_it_can_not_read(text):
    with pytest.raises(MissingSetting, match="SCHOOLGATE_SOURCE_HOSTS"):
        source_hosts_from(text)
