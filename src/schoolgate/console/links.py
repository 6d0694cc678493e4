"""A change of a pupil's link to a school's own id, in an officer's words."""

from __future__ import annotations

from collections.abc import Mapping

from schoolgate.matching.rules import REASONS
from schoolgate_message.roll_states import ABSENT, CURRENT, FUTURE, LEAVER

LABEL = "School's id"
"""What the audit's group of links is called on a screen."""

_STATES = {
    CURRENT: "on the roll",
    FUTURE: "expected",
    LEAVER: "left",
    ABSENT: "missing from the roll",
}


def line(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, str, str]:
    """Which id, what it was to the pupil and what it is."""
    external_id, source = after.get("external_id", ""), after.get("source", "")
    label = f"{external_id} ({source.replace('_', ' ')})"
    if why := after.get("ended_why"):
        return label, "this pupil's", why
    was, now = (_STATES.get(each.get("roll_state", ""), "") for each in (before, after))
    rule = REASONS.get(after.get("rule", ""), "")
    return label, was, ", ".join(filter(None, (rule, now)))
