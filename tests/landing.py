"""Hands the landing messages of the invented cast, and looks at what the register then holds."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection
from tests import cast

from schoolgate.audit.actions import LINK
from schoolgate.audit.models import RecordChange
from schoolgate.bases.models import Base
from schoolgate.blocks.models import CachedHashes
from schoolgate.codes.upn import check_letter
from schoolgate.files.actions import store_file
from schoolgate.files.models import TransferFile
from schoolgate.importing.actions import land_run
from schoolgate.matching.models import ExternalId
from schoolgate.pupils.queries import existing_blocks
from schoolgate.runs.actions import plan_run, take_up
from schoolgate.runs.models import Run, RunException
from schoolgate.runs.states import Origin, Stage
from schoolgate_message.blocks import Content, canonical
from schoolgate_message.groups import BY_NAME
from schoolgate_message.records import (
    DayMarks,
    KeptBack,
    MatchKeys,
    Message,
    MessageHeader,
    MessagePupil,
    RollEntry,
    RollManifest,
)
from schoolgate_message.xml_writer import write_message

ADDRESS = {"paon": "14", "street": "Weavers Row", "town": "Otley", "postcode": "LS21 1AA"}
OTHER_ADDRESS = {"paon": "3", "street": "Mill Lane", "town": "Ilkley", "postcode": "LS29 8ZZ"}


def upn(rest: str) -> str:
    """A UPN with the check letter that belongs before these twelve characters."""
    return check_letter(rest) + rest


def keys(who: str, **changed: str) -> MatchKeys:
    """A pupil of the cast, by trouble, under a UPN that passes its check, with some keys changed."""
    found = cast.PUPILS[who]
    if found.upn:
        found = msgspec.structs.replace(found, upn=upn(found.upn[1:]))
    return msgspec.structs.replace(found, **changed)


def identity(found: MatchKeys) -> dict[str, Any]:
    """The identifiers and basic details that go with match keys."""
    names = ("family_name", "given_name", "date_of_birth", "sex")
    return {
        "identifiers": {"upn": found.upn} if found.upn else {},
        "basic_details": {name: getattr(found, name) for name in names if getattr(found, name)},
    }


def enrolled(base: Base, **told: str) -> dict[str, str]:
    """A pupil's enrolment at a base: since September 2023, in Year 3, unless told otherwise."""
    given = {"entry_on": "2023-09-05", "enrolment_status": "C", "nc_year": "3", **told}
    return {"school_dfe_number": base.dfe_number, **given}


def pupil(
    who: str | MatchKeys,
    *,
    deleted: Sequence[str] = (),
    marks: Sequence[DayMarks] = (),
    with_identity: bool = True,
    **blocks: Any,
) -> MessagePupil:
    """A pupil as a school sends it: identity, and the blocks given by data group."""
    found = keys(who) if isinstance(who, str) else who
    sent = {**(identity(found) if with_identity else {}), **blocks}
    return MessagePupil(
        keys=found,
        blocks={
            name: canonical(BY_NAME[name], content)
            for name, content in sent.items()
            if content or name not in {"identifiers", "basic_details"}
        },
        deleted=tuple(deleted),
        marks=tuple(marks),
    )


def message(
    base: Base,
    *pupils: MessagePupil,
    roll: Mapping[str, str] | None = None,
    is_complete: bool = False,
    declared: int | None = None,
    cohort: Sequence[str] = (),
    part: int = 1,
    parts: int = 1,
    source: str = "SIMS Primary",
    made_at: datetime = cast.NOW,
    kept_back: Mapping[str, KeptBack] | None = None,
) -> bytes:
    """A B2B message; without a roll of its own everybody in it is Current."""
    states = roll if roll is not None else {each.keys.external_id: "Current" for each in pupils}
    return write_message(
        Message(
            header=MessageHeader(
                base=base.dfe_number,
                authority=cast.LA_NUMBER,
                data_type="snapshot",
                source=source,
                created_at=made_at.isoformat().replace("+00:00", "Z"),
                academic_year=2026,
                part=part,
                parts=parts,
                kept_back=dict(kept_back or {}),
            ),
            roll=RollManifest(
                cohort=tuple(cohort),
                declared=declared,
                is_complete=is_complete,
                pupils=tuple(RollEntry(external_id=each, state=state) for each, state in states.items()),
            ),
            pupils=list(pupils),
        )
    )


def planned(base: Base, *bodies: bytes, now: datetime = cast.NOW) -> Run:
    """A run taken up for landing, with these files queued."""
    made = plan_run(base_id=base.pk, origin=Origin.UPLOAD, data_type="snapshot", planned_at=now, now=now)
    for part, body in enumerate(bodies, start=1):
        store_file(
            base_id=base.pk,
            run_id=made.pk,
            body=body,
            pupils=body.count(b"<Pupil "),
            part=part,
            authority=cast.LA_NUMBER,
            now=now,
        )
    taken = take_up(made.pk, stage=Stage.LANDING, worker="test", now=now)
    assert taken is not None
    return taken


def land_bodies(base: Base, *bodies: bytes, now: datetime = cast.NOW) -> Run:
    """Land files as one run, and give the run as it then stands."""
    run = planned(base, *bodies, now=now)
    land_run(run_id=run.pk, attempt=run.attempt, now=now)
    run.refresh_from_db()
    return run


def land(base: Base, *pupils: MessagePupil, now: datetime = cast.NOW, **told: Any) -> Run:
    """Land one file with these pupils."""
    return land_bodies(base, message(base, *pupils, **told), now=now)


def who_is(base: Base, external_id: str) -> int:
    """Our id of the pupil whom a base's external id stands for."""
    return ExternalId.objects.get(base=base, external_id=external_id, ended_at=None).pupil_id


def held(base: Base, who: str | MatchKeys, group: str) -> Content | None:
    """What the register holds of one group of a pupil of the base."""
    external_id = (keys(who) if isinstance(who, str) else who).external_id
    pupil_id = who_is(base, external_id)
    return existing_blocks(BY_NAME[group], [pupil_id], base.pk).get(pupil_id)


def has_hash(base: Base, who: str, group: str) -> bool:
    """Whether the cache knows this block of a pupil of the base as landed."""
    cached = CachedHashes.objects.filter(base=base, pupil_id=who_is(base, keys(who).external_id)).first()
    return cached is not None and cached.hashes[BY_NAME[group].number - 1] is not None


def account(run: Run, group: str) -> dict[str, int]:
    """The terms of a run's account that are not nought."""
    terms = run.accounts.filter(group=group).values().first() or {}
    return {name: count for name, count in terms.items() if count and name not in {"id", "run_id", "group"}}


def codes(run: Run) -> list[str]:
    """The codes of a run's exceptions."""
    return sorted(RunException.objects.filter(run=run).values_list("code", flat=True))


def changes(run: Run) -> list[tuple[str, str]]:
    """Data group and kind of every change a run made to what is held of pupils."""
    found = RecordChange.objects.filter(run_id=run.pk).exclude(group=LINK)
    return sorted(found.values_list("group", "kind"))


def links(run: Run) -> list[tuple[str, Any, Any]]:
    """What a run noted of external ids: kind, before and after."""
    found = RecordChange.objects.filter(run_id=run.pk, group=LINK).order_by("id")
    return list(found.values_list("kind", "before", "after"))


def file_of(run: Run) -> TransferFile:
    """The run's file."""
    return TransferFile.objects.get(run=run)


def land_at_once(*runs: Run, now: datetime) -> None:
    """Land runs of several bases at the same moment, each in a thread of its own; none may fail."""
    wrong: list[BaseException] = []

    def work(run: Run) -> None:
        try:
            land_run(run_id=run.pk, attempt=run.attempt, now=now)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shall say it
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
