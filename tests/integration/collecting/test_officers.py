"""What officers say about sources holds for one MIS, is checked, and is kept in the audit."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import Http404
from tests import cast
from tests.integration.collecting.journeys import collected, planned

from schoolgate.audit.models import Event
from schoolgate.bases.models import Connection
from schoolgate.collecting import access
from schoolgate.collecting.models import MappingOverride, SourceLimit, SourceSetting
from schoolgate.collecting.officers import (
    remove_source_limit,
    save_override,
    set_source_limit,
    set_source_setting,
)
from schoolgate.collecting.sources import officers_settings
from schoolgate.connectors.errors import UnusableSettingError
from schoolgate.connectors.registry import NoConnectorError

pytestmark = pytest.mark.django_db
MIS = "sims_primary"
BY = {"by": None, "now": cast.NOW}


def test_keeps_who_changed_a_setting_from_what_to_what():
    by = cast.administrator().pk
    assert set_source_setting(MIS, name="overlap_seconds", value="60", by=by, now=cast.NOW)
    assert not set_source_setting(MIS, name="overlap_seconds", value="60", by=by, now=cast.NOW)
    assert set_source_setting(MIS, name="overlap_seconds", value="", by=by, now=cast.NOW)
    events = Event.objects.filter(name="collecting.setting.set").order_by("id")
    assert [(each.user_id, each.details["before"], each.details["after"]) for each in events] == [
        (by, "", "60"),
        (by, "60", ""),
    ]
    assert not SourceSetting.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("overlap_seconds", "soon", "a whole number"),
        ("colour", "blue", "no effect"),
        ("allowed_hosts", "evil.example", "SCHOOLGATE_SOURCE_HOSTS"),
    ],
)
def test_refuses_what_a_setting_can_not_be_and_what_is_the_operators(name, value, remedy):
    with pytest.raises(UnusableSettingError, match=remedy):
        set_source_setting(MIS, name=name, value=value, **BY)
    assert not SourceSetting.objects.exists()
    assert not Event.objects.filter(name="collecting.setting.set").exists()


def test_takes_allowed_hosts_from_the_operator(settings):
    settings.SOURCE_HOSTS = {MIS: "pages.example", "another": "evil.example"}
    assert officers_settings(MIS).settings == {"allowed_hosts": "pages.example"}


def test_keeps_what_is_said_of_one_mis_from_another():
    kept = {"changed_at": cast.NOW}
    SourceSetting.objects.create(mis="another", name="overlap_seconds", value="7", **kept)
    SourceLimit.objects.create(mis="another", api_url="https://a.example", calls_per_second=9, **kept)
    MappingOverride.objects.create(
        mis="another", domain="LearnerAddresses", group="address", item="town", field="Other", **kept
    )
    set_source_setting(MIS, name="overlap_seconds", value="60", **BY)
    set_source_limit(MIS, "https://A.example/", calls_per_second=2, **BY)
    save_override(MIS, domain="LearnerAddresses", group="address", item="town", field="City", **BY)
    said = officers_settings(MIS)
    assert (said.settings, said.limits) == ({"overlap_seconds": "60"}, {"https://a.example": 2})
    assert [each.field for each in said.fields] == ["City"]
    assert remove_source_limit(MIS, "https://a.example", **BY)
    assert not remove_source_limit(MIS, "https://a.example", **BY)
    assert SourceLimit.objects.get().mis == "another"
    with pytest.raises(NoConnectorError):
        officers_settings("another")


@pytest.mark.parametrize(
    ("address", "calls"), [("a.example", 2), ("https://a.example", 0), ("https://a.example", 1e6)]
)
def test_refuses_a_limit_that_is_none(address, calls):
    with pytest.raises(UnusableSettingError):
        set_source_limit(MIS, address, calls_per_second=calls, **BY)


def test_shows_what_officers_said_to_those_who_may_see_it():
    made = save_override(MIS, domain="LearnerAddresses", group="address", item="town", field="City", **BY)
    assert access.override_for(cast.administrator(), made.pk) == made
    assert list(access.overrides_for(cast.reader(), MIS)) == []
    for somebody, wanted in ((cast.officer(), made.pk), (cast.administrator(), made.pk + 1)):
        with pytest.raises(Http404):
            access.override_for(somebody, wanted)


@pytest.mark.django_db(transaction=True)
def test_gives_what_was_said_before_its_mis_and_drops_hosts_that_are_the_operators():
    call_command("migrate", "collecting", "0001_initial", verbosity=0)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO source_setting (name, value, changed_at) VALUES ('overlap_seconds', '60', now()), "
                "('allowed_hosts', 'evil.example', now())"
            )
            cursor.execute(
                "INSERT INTO source_limit (api_url, calls_per_second, changed_at) VALUES ('https://a', 2, now())"
            )
            cursor.execute(
                'INSERT INTO mapping_override (domain, "group", item, field, words, position, constant, changed_at) '
                "VALUES ('LearnerAddresses', 'address', 'town', 'City', '', 0, '', now())"
            )
    finally:
        call_command("migrate", "collecting", verbosity=0)
    said = officers_settings(MIS)
    assert (said.settings, said.limits) == ({"overlap_seconds": "60"}, {"https://a": 2})
    assert [each.field for each in said.fields] == ["City"]


def test_ends_a_run_with_a_sentence_where_a_setting_can_not_be_used_any_more():
    base = cast.base()
    SourceSetting.objects.create(mis=MIS, name="overlap_seconds", value="soon", changed_at=cast.NOW)
    run = collected(planned(base, "snapshot"))
    assert (run.stage, run.exception_code) == ("failed", "connectors.setting")
    assert "“Overlap”" in run.exception_sentence
    assert run.exception_remedy.endswith("on the page System, Connections.")


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        ("attainment", "collecting.not_supported", "SIMS Primary does not support this data type."),
        ("snapshot", "collecting.no_connection", "The base has no SIMS Primary settings."),
    ],
)
def test_tells_in_the_connectors_words_why_a_run_can_not_collect(given, code, sentence):
    base = cast.base()
    Connection.objects.all().delete()
    run = collected(planned(base, given))
    assert (run.exception_code, run.exception_sentence) == (code, sentence)


def test_ends_a_run_of_a_base_that_nobody_collects_from():
    run = collected(planned(cast.base_on_sims_7(), "snapshot"))
    assert run.exception_code == "collecting.no_connector"
    assert (
        run.exception_sentence == "The base is not on SIMS Primary, and this task collects from SIMS Primary."
    )
