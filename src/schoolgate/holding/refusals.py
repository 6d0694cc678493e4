"""How the room says no: with a stable code, one sentence, and what to do instead."""

from __future__ import annotations


class HeldRefusedError(Exception):
    """A decision that can't be taken; ``field`` is where on the form, if anywhere."""

    def __init__(self, code: str, sentence: str, remedy: str, *, field: str = "") -> None:
        super().__init__(f"{sentence} {remedy}")
        self.code = code
        self.sentence = sentence
        self.remedy = remedy
        self.field = field


def nothing_waits() -> HeldRefusedError:
    """Somebody else was faster, or the cause went."""
    return HeldRefusedError(
        "held.nothing_waits",
        "Nothing of this waits for a decision any more.",
        "Open Held again: somebody else has decided, newer data came, or it is being landed now.",
    )


def has_changed() -> HeldRefusedError:
    """Between looking and deciding newer content came."""
    return HeldRefusedError(
        "held.changed",
        "What waits is no longer what you looked at: newer data came from the school.",
        "Look at it again, then decide.",
    )


def beyond_your_bases() -> HeldRefusedError:
    """The pupil is known at bases the person doesn't look after alone."""
    return HeldRefusedError(
        "held.beyond_your_bases",
        "This is also about a pupil of bases you don't look after.",
        "Leave it to somebody who looks after all of the pupil's bases.",
    )


def no_reason() -> HeldRefusedError:
    """A refusal is read by others later."""
    return HeldRefusedError(
        "held.no_reason", "A decision needs a reason.", "Say in a few words why.", field="reason"
    )


def no_decision() -> HeldRefusedError:
    """A cause with several ways to release doesn't choose for the person."""
    return HeldRefusedError(
        "held.no_decision",
        "This can be released in more ways than one.",
        "Say whether it is the same pupil or another child.",
        field="decision",
    )
