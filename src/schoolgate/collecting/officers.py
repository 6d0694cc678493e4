"""What officers say about the sources of a MIS: its connector's settings, calls a second, its mapping.

It holds for every base of the MIS, from its next run on.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from schoolgate.audit.actions import record_event
from schoolgate.collecting.models import MappingOverride, SourceLimit, SourceSetting
from schoolgate.collecting.sources import plain_url
from schoolgate.connectors import registry
from schoolgate.connectors.errors import UnusableSettingError
from schoolgate.connectors.port import FieldOverride

MOST_CALLS = 1000.0


@transaction.atomic
def set_source_setting(mis: str, *, name: str, value: str, by: int | None, now: datetime) -> bool:
    """Change a setting of a connector, or with an empty value take the default; answers whether it changed.

    Refuses a value it can't have, and what only the operator sets (UnusableSettingError).
    """
    kept = SourceSetting.objects.select_for_update().filter(mis=mis, name=name).first()
    before = kept.value if kept else ""
    if value == before:
        return False
    if value:
        _check(mis, name, value)
        SourceSetting.objects.update_or_create(
            mis=mis, name=name, defaults={"value": value, "changed_at": now, "changed_by": by}
        )
    else:
        SourceSetting.objects.filter(mis=mis, name=name).delete()
    details = {"mis": mis, "name": name, "before": before, "after": value}
    record_event("collecting.setting.set", now=now, user_id=by, details=details)
    return True


def _check(mis: str, name: str, value: str) -> None:
    connector = registry.of(mis)
    connector.check(name, value)
    if any(each.name == name and each.is_operators for each in connector.assumptions):
        raise UnusableSettingError(
            "This is not set here.",
            "Ask whoever runs the server: SCHOOLGATE_SOURCE_HOSTS says which hosts are allowed.",
            name=name,
        )


@transaction.atomic
def set_source_limit(
    mis: str, api_url: str, *, calls_per_second: float, by: int | None, now: datetime
) -> None:
    """Say how many calls a second an address of a MIS allows; refuses none, and more than anybody allows."""
    registry.of(mis)
    check_limit(api_url, calls_per_second)
    SourceLimit.objects.update_or_create(
        mis=mis,
        api_url=plain_url(api_url),
        defaults={"calls_per_second": calls_per_second, "changed_at": now, "changed_by": by},
    )
    details = {"mis": mis, "api_url": plain_url(api_url), "calls_per_second": calls_per_second}
    record_event("collecting.limit.set", now=now, user_id=by, details=details)


def check_limit(api_url: str, calls_per_second: float) -> None:
    """Refuses what is no address, and a number of calls that nobody allows (UnusableSettingError)."""
    if not plain_url(api_url).startswith(("https://", "http://")):
        raise UnusableSettingError(
            "This is not an address.", "Enter the address of an API, beginning with https://.", name="api_url"
        )
    if not 0 < calls_per_second <= MOST_CALLS:
        raise UnusableSettingError(
            "A source allows some calls a second.",
            f"Enter a number above 0, up to {MOST_CALLS:,.0f}.",
            name="calls_per_second",
        )


@transaction.atomic
def remove_source_limit(mis: str, api_url: str, *, by: int | None, now: datetime) -> bool:
    """Let an address allow what the connector takes it to allow; answers whether there was anything to do."""
    removed, _ = SourceLimit.objects.filter(mis=mis, api_url=plain_url(api_url)).delete()
    if removed:
        details = {"mis": mis, "api_url": plain_url(api_url)}
        record_event("collecting.limit.removed", now=now, user_id=by, details=details)
    return bool(removed)


@transaction.atomic
def save_override(
    mis: str,
    *,
    domain: str,
    group: str,
    item: str,
    field: str = "",
    words: str = "",
    position: int = 0,
    constant: str = "",
    by: int | None,
    now: datetime,
) -> MappingOverride:
    """Say where a data item really comes from; refuses what the mapping does not know (MappingError)."""
    given = {"field": field, "words": words, "position": position, "constant": constant}
    override = FieldOverride(
        domain=domain, group=group, item=item, field=field, words=words, position=position, constant=constant
    )
    registry.of(mis).check_field(override)
    saved, _ = MappingOverride.objects.update_or_create(
        mis=mis,
        domain=domain,
        group=group,
        item=item,
        defaults={**given, "changed_at": now, "changed_by": by},
    )
    details = {"mis": mis, "domain": domain, "group": group, "item": item, **given}
    record_event("collecting.override.saved", now=now, user_id=by, subject_id=saved.pk, details=details)
    return saved


@transaction.atomic
def remove_override(override_id: int, *, by: int | None, now: datetime) -> None:
    """Let a data item come from where the shipped mapping says."""
    kept = MappingOverride.objects.get(pk=override_id)
    details = {"mis": kept.mis, "domain": kept.domain, "group": kept.group, "item": kept.item}
    kept.delete()
    record_event("collecting.override.removed", now=now, user_id=by, subject_id=override_id, details=details)
