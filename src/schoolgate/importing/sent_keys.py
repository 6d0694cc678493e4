"""By what the pupils of a message are recognised: the match keys, and what their own blocks say of them.

A message may tell a pupil's names beside the id, in the blocks of identifiers and basic details, or in both;
the blocks are what will be written, so they weigh more.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from schoolgate.codes.upn import as_key
from schoolgate_message.groups import BASIC_DETAILS, IDENTIFIERS
from schoolgate_message.records import MatchKeys, MessagePupil

_KEYS_OF = {
    IDENTIFIERS.name: ("upn",),
    BASIC_DETAILS.name: ("family_name", "given_name", "date_of_birth", "sex"),
}
"""Which match keys a block of a group states."""


def said_by(pupil: MessagePupil) -> MatchKeys:
    """What came of a pupil; a UPN that fails its check is none."""
    keys = pupil.keys
    told = {name: str(value) for name, value in _stated(pupil) if value}
    upn = as_key(told.get("upn", keys.upn))
    if not told and upn == keys.upn:
        return keys
    return msgspec.structs.replace(keys, **(told | {"upn": upn}))


def to_remember(pupil: MessagePupil, said: MatchKeys, last: MatchKeys) -> MatchKeys:
    """What to keep beside the id: what came, and of what wasn't spoken of, what came the last time."""
    stated = dict(_stated(pupil))
    kept = {
        name: getattr(last, name)
        for names in _KEYS_OF.values()
        for name in names
        if not getattr(said, name) and name not in stated and getattr(last, name)
    }
    return msgspec.structs.replace(said, **kept) if kept else said


def _stated(pupil: MessagePupil) -> Iterator[tuple[str, object]]:
    """The keys that the pupil's blocks state, with nothing for those they leave out."""
    for group, names in _KEYS_OF.items():
        content = pupil.blocks.get(group)
        if isinstance(content, dict):
            for name in names:
                yield name, content.get(name)
