"""# There is no second way in

A school read by its API and the same school sent as a received message end in the same register, the same
audit and the same account, item by item: at first, when nothing has changed, and after weeks of changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from tests import cast
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of, done
from tests.spec.truth import raw_blocks

from schoolgate.audit.models import RecordChange
from schoolgate.bases.models import Base
from schoolgate.importing.actions import land_run
from schoolgate.lib import clock
from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import TABLES
from schoolgate.receiving.actions import receive_file
from schoolgate.runs.actions import take_up
from schoolgate.runs.models import Run
from schoolgate.runs.states import Stage
from schoolgate_message.blocks import canonical
from schoolgate_message.groups import BY_NAME
from schoolgate_message.items import Scope
from schoolgate_message.records import (
    MatchKeys,
    Message,
    MessageHeader,
    MessagePupil,
    RollEntry,
    RollManifest,
)
from schoolgate_message.xml_writer import write_message

pytestmark = pytest.mark.django_db

KEYS = ("upn", "family_name", "given_name", "date_of_birth", "sex")
WEEKS = 3
_numbers = count(1)
"""A message that was sent before would be answered with what became of the first."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=3, pupils=60) as found:
        yield found


def as_message(
    base: Base,
    school: Mapping[str, Any],
    *,
    read_at: datetime,
    source: str = "SIMS Primary",
    prefix: str = "",
    change: Callable[[MessagePupil], None] | None = None,
) -> bytes:
    """Everything a school holds as one message, made from its own truth and not from our connector's reading.

    Another ``source`` has ids of its own (``prefix``), and may say otherwise (``change``).
    """
    pupils = [_pupil(each, prefix) for each in school["pupils"]]
    for each in pupils:
        if change is not None:
            change(each)
    entries = [
        RollEntry(external_id=prefix + each["external_id"], state=each["on_roll"])
        for each in school["pupils"]
    ]
    header = MessageHeader(
        base=base.dfe_number,
        authority=cast.LA_NUMBER,
        data_type="snapshot",
        source=source,
        created_at=read_at.isoformat().replace("+00:00", "Z"),
        academic_year=2026,
        maker="Another system",
        message_id=str(next(_numbers)),
    )
    roll = RollManifest(declared=len(entries), is_complete=True, pupils=tuple(entries))
    return write_message(Message(header=header, roll=roll, pupils=pupils))


def _pupil(truth: Mapping[str, Any], prefix: str) -> MessagePupil:
    blocks = {name: canonical(BY_NAME[name], content) for name, content in raw_blocks(truth)}
    said: dict[str, Any] = {}
    for name in ("identifiers", "basic_details"):
        said |= blocks.get(name, {})  # type: ignore[arg-type]
    keys = MatchKeys(
        external_id=prefix + truth["external_id"], **{key: str(said.get(key, "")) for key in KEYS}
    )
    return MessagePupil(keys=keys, blocks=blocks)


def pulled(base: Base, sandbox: Sandbox) -> Run:
    return done(base, "snapshot")


def received(base: Base, sandbox: Sandbox) -> Run:
    return received_body(
        base, as_message(base, sandbox.control(f"/truth/{base.dfe_number}"), read_at=clock.now())
    )


def received_body(base: Base, body: bytes) -> Run:
    run = receive_file(base.pk, body, by=None, now=clock.now()).run
    taken = take_up(run.pk, stage=Stage.LANDING, worker="w", now=clock.now())
    assert taken is not None
    land_run(run_id=run.pk, attempt=taken.attempt, now=clock.now())
    return Run.objects.get(pk=run.pk)


def what_came_of(run: Run) -> dict[str, Any]:
    """Register, roll, audit and account of a base in terms that know no ids of ours and no clock."""
    names = dict(ExternalId.objects.filter(base_id=run.base_id).values_list("pupil_id", "external_id"))
    found: dict[str, Any] = {
        "roll": dict(ExternalId.objects.filter(base_id=run.base_id).values_list("external_id", "roll_state")),
        "account": {
            each["group"]: {key: count for key, count in each.items() if key not in {"id", "run_id", "group"}}
            for each in run.accounts.values()
        },
        "audit": Counter(
            (names.get(each.pupil_id), each.group, each.kind, str(each.before), str(each.after), each.reason)
            for each in RecordChange.objects.filter(run_id=run.pk, group__in=BY_NAME)
        ),
    }
    for name, table in TABLES.items():
        rows = table.objects.filter(pupil_id__in=names)
        rows = rows.filter(base_id=run.base_id) if BY_NAME[name].scope is Scope.BASE else rows
        items = BY_NAME[name].item_names
        found[name] = Counter((names[row[0]], *row[1:]) for row in rows.values_list("pupil_id", *items))
    return found


def tried(way: Callable[[Base, Sandbox], Run], sandbox: Sandbox, base: Base) -> dict[str, Any]:
    """What a way in makes of the school as it is now; everything is then as it was."""
    with transaction.atomic():
        found = what_came_of(way(base, sandbox))
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("place", range(3))
def test_a_school_comes_to_the_same_by_its_api_and_by_message(
    sandbox: Sandbox, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = base_of(sandbox, sandbox.schools()[place])
    start = clock.now()
    for week in range(WEEKS):
        now = start + timedelta(days=7 * week)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        by_api = tried(pulled, sandbox, base)
        by_message = tried(received, sandbox, base)
        for part, expected in by_api.items():
            assert by_message[part] == expected, f"week {week}: {part}"
        # Each week goes on from what the other way left behind.
        (received if week % 2 else pulled)(base, sandbox)
        unchanged = tried(pulled, sandbox, base), tried(received, sandbox, base)
        assert unchanged[0]["account"] == unchanged[1]["account"]
        assert not unchanged[0]["audit"]
        assert not unchanged[1]["audit"]
        sandbox.control("/advance", {"days": 7})
