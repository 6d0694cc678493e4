"""What waits at the invented authority: the part of the scenery that the pages of Held show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from schoolgate.bases.models import Base
from schoolgate.holding.actions import put_aside, refuse
from schoolgate.holding.models import HeldEntry
from schoolgate.holding.rules import ABSENCE, BLOCK, DELETE, NO_GROUP, Waiting, fixed_digest
from schoolgate.pupils.models import Pupil
from schoolgate.runs.models import Run
from schoolgate_message.blocks import canonical, canonical_bytes, content_hash
from schoolgate_message.groups import BY_NAME
from schoolgate_message.records import MatchKeys


def hold(bases: Sequence[Base], run: Run, *, now: datetime) -> list[HeldEntry]:
    """A doubted pupil, a dropped Year 4 and a deleted pupil wait; a delete of last week was refused."""
    ids = list(Pupil.objects.order_by("pk").values_list("pk", flat=True))

    def aside(base: Base, *waiting: Waiting, at: datetime) -> HeldEntry:
        put_aside(waiting, base_id=base.pk, run_id=run.pk, now=at)
        return HeldEntry.objects.get(base=base, code=waiting[0].code, state="open")

    refused = aside(bases[2], _deleted("c-1", ids[3], at=now), at=now - timedelta(days=6))
    refuse(refused.pk, by=None, reason="The school clears out its leavers.", now=now - timedelta(days=5))
    return [
        aside(bases[0], *_doubted(ids[0], at=now), at=now - timedelta(days=2)),
        aside(
            bases[1],
            *(_absent(f"b-{number:03}", ids[number % 4], at=now) for number in range(58)),
            at=now - timedelta(days=11),
        ),
        aside(bases[3], _deleted("d-1", ids[1], at=now), at=now - timedelta(hours=6)),
        refused,
    ]


def _doubted(pupil_id: int, *, at: datetime) -> list[Waiting]:
    keys = MatchKeys(
        external_id="0f3c0000-7a1e-4c55-9d20-6b1d7e00aa11",
        family_name="O’Brien-Łukasiewicz",
        given_name="Maximiliana",
        date_of_birth="2019-05-02",
        sex="F",
    )
    sent: dict[str, Any] = {
        "basic_details": {
            "family_name": keys.family_name,
            "given_name": keys.given_name,
            "date_of_birth": keys.date_of_birth,
            "sex": keys.sex,
        },
        "address": {"paon": "14", "street": "Mill Race Lane", "town": "Wharfdale", "postcode": "WD3 4EF"},
        "contacts": [
            {
                "priority": 1,
                "title": "Mrs",
                "family_name": keys.family_name,
                "given_name": "Marta",
                "relationship": "PAM",
                "has_responsibility": True,
                "mobile_telephone": "07700 900999",
                "email": "marta@family.invalid",
            }
        ],
    }
    return [_block(name, content, keys, pupil_id, at=at) for name, content in sent.items()]


def _block(name: str, sent: Any, keys: MatchKeys, pupil_id: int, *, at: datetime) -> Waiting:
    content = canonical(BY_NAME[name], sent)
    return Waiting(
        external_id=keys.external_id, source="sims_primary", group=name, kind=BLOCK, code="match.doubted",
        digest=content_hash(BY_NAME[name], content), read_at=at, keys=keys, content=canonical_bytes(content),
        pupil_id=pupil_id,
    )  # fmt: skip


def _absent(external_id: str, pupil_id: int, *, at: datetime) -> Waiting:
    return Waiting(
        external_id=external_id, source="sims_primary", group=NO_GROUP, kind=ABSENCE, code="roll.absent",
        digest=fixed_digest(ABSENCE), read_at=at, keys=MatchKeys(external_id=external_id), pupil_id=pupil_id,
    )  # fmt: skip


def _deleted(external_id: str, pupil_id: int, *, at: datetime) -> Waiting:
    return Waiting(
        external_id=external_id, source="sims_primary", group="basic_details", kind=DELETE, code="delete.pupil",
        digest=fixed_digest(DELETE), read_at=at, keys=MatchKeys(external_id=external_id), pupil_id=pupil_id,
    )  # fmt: skip
