"""The audit: written by COPY, read back, never changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from tests import cast

from schoolgate.audit.actions import Change, Errand, record_changes, record_event, record_patches
from schoolgate.audit.models import Event, RecordChange
from schoolgate.audit.queries import WHOLE_GROUP, events, history, item_sources, latest_changes

pytestmark = pytest.mark.django_db


def change(**said) -> Change:
    return Change(
        **{
            "at": cast.NOW,
            "pupil_id": 7,
            "group": "basic_details",
            "kind": "changed",
            "reason": "always import",
            **said,
        }
    )


def test_keeps_who_what_why_and_from_where():
    written = record_changes(
        [
            change(
                before=b'{"family_name":"Lowe"}',
                after='{"family_name":"Юрченко\\n\\t\\\\"}'.encode(),
                run_id=3,
            ),
            change(group="sen_needs", kind="added", after=b'[{"type":"SLCN"}]', user_id=5),
        ]
    )
    assert written == 2
    newest, oldest = history(None, 7)
    assert (oldest.before, oldest.after) == ({"family_name": "Lowe"}, {"family_name": "Юрченко\n\t\\"})
    assert (newest.after, newest.user_id, newest.run_id) == ([{"type": "SLCN"}], 5, None)
    assert [each.pk for each in latest_changes(None, 7, "sen_needs")] == [newest.pk]


def test_keeps_when_the_content_was_read_beside_when_it_landed():
    read_at = cast.NOW - timedelta(days=3)
    record_changes([change(read_at=read_at, run_id=1), change(run_id=2)])
    errand = Errand(at=cast.NOW, group="attendance", reason="always import", run_id=3, read_at=read_at)
    record_patches([(7, "added", "{}")], errand=errand)
    assert {each.run_id: (each.at, each.read_at) for each in history(None, 7)} == {
        1: (cast.NOW, read_at),
        2: (cast.NOW, None),
        3: (cast.NOW, read_at),
    }


def test_tells_for_each_item_which_change_last_touched_it():
    record_changes([change(after=b'{"family_name":"A","given_name":"B"}', run_id=1)])
    record_changes([change(before=b'{"family_name":"A"}', after=b'{"family_name":"C"}', run_id=2)])
    record_changes([change(group="contacts", after=b"[]", run_id=3)])
    sources = item_sources(None, 7, "basic_details")
    assert {item: each.run_id for item, each in sources.items()} == {"family_name": 2, "given_name": 1}
    assert item_sources(None, 7, "contacts")[WHOLE_GROUP].run_id == 3


@pytest.mark.parametrize("statement", ["UPDATE {table} SET at = now()", "DELETE FROM {table}"])
@pytest.mark.parametrize("model", [RecordChange, Event])
def test_refuses_to_be_changed(model, statement):
    record_event("bases.base.created", now=cast.NOW)
    with (
        pytest.raises(DatabaseError, match="only added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table=model._meta.db_table))


def test_lets_maintenance_delete_what_has_outlived_its_time():
    record_event("bases.base.created", now=cast.NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL schoolgate.maintenance = 'on'")
        cursor.execute("DELETE FROM audit_event")
    assert events() == []


def test_notes_many_changes_of_one_errand_each_with_its_pupil_and_patch():
    patches = [
        (number, "added" if number == 7 else "changed", '{"2025-09-03":["-","\\\\",null,null]}')
        for number in range(7, 607)
    ]
    errand = Errand(at=cast.NOW, group="attendance", reason="always import", base_id=1, run_id=2, task_id=4)
    assert record_patches(patches, errand=errand) == 600
    assert record_patches([], errand=errand) == 0
    noted = list(RecordChange.objects.filter(run_id=2).order_by("id"))
    assert [(each.pupil_id, each.kind) for each in noted] == [
        (pupil_id, kind) for pupil_id, kind, _ in patches
    ]
    assert {(each.at, each.group, each.reason, each.base_id, each.task_id) for each in noted} == {
        (cast.NOW, "attendance", "always import", 1, 4)
    }
    assert {(each.file_id, each.user_id, each.before) for each in noted} == {(None, None, None)}
    assert all(each.after == {"2025-09-03": ["-", "\\", None, None]} for each in noted)


@pytest.mark.django_db(transaction=True)
def test_refuses_to_note_patches_outside_the_transaction_that_makes_them():
    with pytest.raises(RuntimeError, match="in the transaction"):
        record_patches([(7, "added", "{}")], errand=Errand(at=cast.NOW, group="attendance", reason="x"))


@pytest.mark.django_db(transaction=True)
def test_refuses_to_note_changes_outside_the_transaction_that_makes_them():
    with pytest.raises(RuntimeError, match="in the transaction"):
        record_changes([change()])
