"""The UPNs that were held in small letters, or with spaces, are brought into their one form, and told of."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from tests import cast

from schoolgate.audit.models import RecordChange
from schoolgate.pupils.actions import Source, add_pupils, write_blocks
from schoolgate.pupils.models import Identifiers
from schoolgate_message import groups

pytestmark = pytest.mark.django_db

UPN, FORMER = "B801200005001", "D94310002300A"


def held(**content: str) -> int:
    [pupil_id] = add_pupils(1, run_id=None, now=cast.NOW)
    source = Source(base_id=1, run_id=None, written_at=cast.NOW)
    write_blocks(groups.IDENTIFIERS, added={pupil_id: content}, changed={}, source=source)
    return pupil_id


def migrate() -> None:
    migration = import_module("schoolgate.pupils.migrations.0008_upns_in_capitals")
    with connection.schema_editor() as editor:
        migration.write_in_capitals(apps, editor)


def upns() -> dict[int, tuple[str | None, str | None]]:
    return {each.pupil_id: (each.upn, each.former_upn) for each in Identifiers.objects.all()}


def test_writes_upns_in_capitals_and_without_spaces_and_tells_of_it():
    small = held(upn=UPN.lower(), former_upn=f"{FORMER[:6]} {FORMER[6:].lower()}")
    before = Identifiers.objects.get(pk=small)
    migrate()
    assert upns() == {small: (UPN, FORMER)}
    change = RecordChange.objects.get()
    assert (change.pupil_id, change.group, change.kind, change.base_id) == (
        small,
        "identifiers",
        "changed",
        1,
    )
    assert change.before == {"upn": before.upn, "former_upn": before.former_upn}
    assert change.after == {"upn": UPN, "former_upn": FORMER}


def test_leaves_alone_what_is_in_form_already_or_nothing_and_tells_nothing_of_it():
    good, word, none = held(upn=UPN), held(upn="UNKNOWN"), held(uln="1000000019")
    migrate()
    migrate()
    assert upns() == {good: (UPN, None), word: ("UNKNOWN", None), none: (None, None)}
    assert not RecordChange.objects.exists()


def test_writes_no_upn_to_a_second_pupil():
    first, second, third = held(upn=UPN.lower()), held(upn=UPN.lower()), held(upn=f" {UPN[:3]} {UPN[3:]}")
    migrate()
    assert upns() == {first: (UPN, None), second: (UPN.lower(), None), third: (f" {UPN[:3]} {UPN[3:]}", None)}
    assert [each.pupil_id for each in RecordChange.objects.all()] == [first]
    holder = held(upn=FORMER)
    other = held(upn=FORMER.lower(), former_upn=UPN.lower())
    migrate()
    assert (upns()[holder], upns()[other]) == ((FORMER, None), (FORMER.lower(), UPN))
