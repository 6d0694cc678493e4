"""Closes what is still outstanding of pupils who have left: nobody asks for what a leaver may not send."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from schoolgate.blocks.actions import settle_all_but
from schoolgate.importing.admission import SENT_BY_LEAVERS
from schoolgate.matching.queries import Known
from schoolgate_message.roll_states import has_left


def leavers_of(states: Mapping[str, str], known: Mapping[str, Known]) -> set[str]:
    """Whom a roll says to have left who had not, as far as was known (external ids).

    What a task for leavers asks for later, and doesn't get, is outstanding again.
    """
    return {
        external_id
        for external_id, state in states.items()
        if has_left(state) and (external_id not in known or not has_left(known[external_id].roll_state))
    }


def close_outstanding(external_ids: Collection[str], *, base_id: int, source: str) -> None:
    """Take off the list what leavers may no longer send; their leaving, and their last marks, stay on it."""
    settle_all_but(external_ids, groups=SENT_BY_LEAVERS, base_id=base_id, source=source)
