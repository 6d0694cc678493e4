"""Turns a decided block that takes too much away into one that waits for a person; the rest of it lands."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from schoolgate.holding.causes import TAKEN_FROM_MANY, Cause
from schoolgate.holding.rules import DELETE, fixed_digest
from schoolgate.importing.losses import WHOLE
from schoolgate.importing.outcomes import Outcome
from schoolgate.importing.rules import Fate
from schoolgate.importing.verdicts import waiting
from schoolgate_message.blocks import Content, Row, canonical_bytes, hash_of_bytes


def keep_back(
    outcome: Outcome, *, held: Content, items: Collection[str], cause: Cause = TAKEN_FROM_MANY
) -> Outcome:
    """The same block, waiting; of a group that is one record what else changes is written meanwhile.

    ``held`` is what the register has, ``items`` what is not to go (``losses.WHOLE`` for the group). The rows
    of a list stand and fall together.
    """
    waits = _waiting(outcome, cause)
    if not (isinstance(held, dict) and isinstance(outcome.content, dict)) or WHOLE in items:
        return waits
    content: Row = {**outcome.content, **{item: held[item] for item in items if item in held}}
    if content == held:
        return waits
    changed = {item for item in held.keys() | content.keys() if held.get(item) != content.get(item)}
    return msgspec.structs.replace(
        waits,
        kind="changed",
        content=content,
        before=canonical_bytes({item: held[item] for item in changed & held.keys()}),
        after=canonical_bytes({item: content[item] for item in changed & content.keys()}),
        items=dict.fromkeys(items, Fate.IN_CONFLICT) | dict.fromkeys(changed, Fate.WRITTEN),
        rules=dict.fromkeys(items, cause.code) | dict.fromkeys(changed, outcome.rule),
    )


def digest_of(outcome: Outcome) -> bytes:
    """The digest of the block as it came, or of an explicit delete."""
    group, incoming = outcome.group, outcome.arrival.pupil.blocks.get(outcome.group.name)
    if incoming is None:
        return fixed_digest(DELETE)
    return hash_of_bytes(group, canonical_bytes(incoming))


def _waiting(outcome: Outcome, cause: Cause) -> Outcome:
    incoming = outcome.arrival.pupil.blocks.get(outcome.group.name)
    sent = b"" if incoming is None else canonical_bytes(incoming)
    return waiting(outcome.group, outcome.arrival, cause, digest=digest_of(outcome), sent=sent)
