"""By what the pupils of a message are recognised: the match keys, and what their own blocks say of them.

A message may tell a pupil's names beside the id, in the blocks of identifiers and basic details, or in both;
the blocks are what will be written, so they weigh more.
"""

from __future__ import annotations

import msgspec

from schoolgate.codes.upn import as_key
from schoolgate_message.groups import BASIC_DETAILS, IDENTIFIERS
from schoolgate_message.records import MatchKeys, MessagePupil
from schoolgate_message.values import as_number

_KEYS_OF = {
    IDENTIFIERS.name: ("upn",),
    BASIC_DETAILS.name: ("family_name", "given_name", "date_of_birth", "sex"),
}
"""Which match keys a block of a group states."""


def said_by(pupil: MessagePupil) -> MatchKeys:
    """What came of a pupil; a UPN that fails its check is none."""
    keys = pupil.keys
    told: dict[str, str] = {}
    for group, names in _KEYS_OF.items():
        content = pupil.blocks.get(group)
        if isinstance(content, dict):
            for name in names:
                value = content.get(name)
                if value is not None and value != getattr(keys, name):
                    told[name] = str(value)
    upn = as_key(told.get("upn", keys.upn))
    if not told and upn == keys.upn:
        return keys
    return msgspec.structs.replace(keys, **(told | {"upn": upn}))


def in_form(pupil: MessagePupil) -> MessagePupil:
    """The pupil with the UPN among the match keys written as blocks write it: it may be all that is held."""
    upn = as_number(pupil.keys.upn)
    if upn == pupil.keys.upn:
        return pupil
    return msgspec.structs.replace(pupil, keys=msgspec.structs.replace(pupil.keys, upn=upn))


def to_remember(pupil: MessagePupil, said: MatchKeys, last: MatchKeys) -> MatchKeys:
    """What to keep beside the id: what came, and of what wasn't spoken of, what came the last time."""
    if said == last:
        return last
    kept = {
        name: value
        for group, names in _KEYS_OF.items()
        if group not in pupil.blocks
        for name in names
        if (value := getattr(last, name)) and not getattr(said, name)
    }
    return msgspec.structs.replace(said, **kept) if kept else said
