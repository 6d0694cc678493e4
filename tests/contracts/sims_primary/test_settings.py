"""What SIMS Primary's connector takes for granted: all of it declared, and given as text where known better."""

from __future__ import annotations

import pytest

from schoolgate.connectors.errors import SETTINGS_PAGE, UnusableSettingError
from schoolgate.connectors.sims_primary.assumptions import ASSUMPTIONS, settings_with
from schoolgate.connectors.sims_primary.problems import SimsPrimaryProblem
from schoolgate.connectors.sims_primary.settings import SourceSettings


def test_says_of_every_setting_what_it_does_and_how_sure_it_is() -> None:
    assert {each.name for each in ASSUMPTIONS} == set(SourceSettings.__struct_fields__)


def test_takes_settings_as_text_and_refuses_what_does_not_fit() -> None:
    found = settings_with(
        {
            "overlap_seconds": "60",
            "asks_for_count": "false",
            "calls_per_second": "2.5",
            "allowed_hosts": "a.example b.example",
        }
    )
    assert (found.overlap_seconds, found.asks_for_count, found.calls_per_second) == (60, False, 2.5)
    assert found.allowed_hosts == ("a.example", "b.example")
    assert settings_with({}) == SourceSettings()
    with pytest.raises(UnusableSettingError, match="is not a setting"):
        settings_with({"colour": "blue"})
    with pytest.raises(UnusableSettingError, match="a whole number"):
        settings_with({"overlap_seconds": "soon"})


def test_names_the_page_where_a_remedy_speaks_of_a_setting() -> None:
    for code, wording in SimsPrimaryProblem.wordings.items():
        speaks_of_one = any(
            word in wording.remedy for word in ("connector", "allowed host", "scope", "largest page")
        )
        assert not speaks_of_one or SETTINGS_PAGE in wording.remedy, code
