"""What holds of every connector, whoever the vendor is: its declarations are whole and its words usable."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schoolgate.connectors import registry
from schoolgate.connectors.connector import Connector
from schoolgate.connectors.port import Credentials, FieldOverride
from schoolgate_message.data_types import DataType
from schoolgate_message.groups import BY_NAME

EVERY = pytest.mark.parametrize("connector", registry.CONNECTORS.values(), ids=registry.CONNECTORS)


@EVERY
def test_can_use_every_default_it_declares(connector: Connector) -> None:
    names = [each.name for each in connector.assumptions]
    assert len(names) == len(set(names)) > 0
    for each in connector.assumptions:
        assert each.label
        assert each.effect.endswith(".")
        assert each.fact.endswith(".")
        if each.default:
            connector.check(each.name, each.default)
    shipped = {each.name: each.default for each in connector.assumptions if each.default}
    assert connector.habits(shipped).api_url == connector.habits({}).api_url


@EVERY
def test_asks_for_settings_each_once_and_needs_some(connector: Connector) -> None:
    declared = connector.connection_settings
    assert len({each.name for each in declared}) == len(declared)
    assert any(each.is_required for each in declared)
    assert all(each.label and each.longest for each in declared)


@EVERY
def test_collects_data_types_and_groups_there_are(connector: Connector) -> None:
    assert connector.data_types <= {each.value for each in DataType}
    mapping = connector.mapping()
    assert {group for domain in mapping.domains for group in domain.groups} <= BY_NAME.keys()
    first = mapping.domains[0].items[0]
    connector.check_field(
        FieldOverride(domain=mapping.domains[0].name, group=first.group, item=first.item, field="Other")
    )


@EVERY
def test_shares_an_allowance_by_what_is_secret_and_never_shows_it(connector: Connector) -> None:
    values = {each.name: f"hush-{each.name}" for each in connector.connection_settings}
    allowance = connector.allowance(Credentials(values=values), said={})
    assert allowance.calls_per_second > 0
    assert "hush" not in allowance.shared_by or allowance.shared_by not in repr(allowance)


@EVERY
def test_says_how_far_back_it_answers(connector: Connector) -> None:
    assert registry.reach_back(connector.mis) > timedelta(days=1)
    assert connector.words.changes_kept.endswith(".")


def test_knows_an_administrators_own_reach() -> None:
    assert registry.reach_back("sims_primary") == timedelta(days=92)
    assert registry.reach_back("sims_primary", {"reach_back_days": "30"}) == timedelta(days=30)


def test_has_no_connector_for_a_mis_that_is_not_collected_from() -> None:
    assert not registry.collects("sims7")
    assert registry.reaching("sims7") is registry.of("sims_primary")
    with pytest.raises(registry.NoConnectorError):
        registry.of("sims7")
