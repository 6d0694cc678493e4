"""How the room says no: with a stable code, one sentence, and what to do instead."""

from __future__ import annotations


class RefusedError(Exception):
    """Something about a task that can't be done; ``field`` is where on the form, if anywhere."""

    def __init__(self, code: str, sentence: str, remedy: str, *, field: str = "") -> None:
        super().__init__(f"{sentence} {remedy}")
        self.code = code
        self.sentence = sentence
        self.remedy = remedy
        self.field = field
