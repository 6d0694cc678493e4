"""Turns plain values into typed ones. What a type says of itself is worked out when its module is imported.

msgspec works that out when it first meets a type, and until its release 0.23 lets other threads see it half
done: the second of two that meet a type at the same moment takes the whole process down, with every run in
it. So no type is met for the first time by a thread that works: a converter, as a decoder, is made by a
module, not by a function, and modules are imported by one thread at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

Kind = TypeVar("Kind")


def converter(kind: type[Kind], *, is_strict: bool = True) -> Callable[[object], Kind]:
    """What turns a plain value (dicts, lists, texts, numbers) into this type, made ready here and now.

    Where it isn't strict, a text may stand for a number or a truth. What it makes raises
    msgspec.ValidationError at a value that doesn't fit.
    """
    msgspec.json.Decoder(kind)

    def convert(value: object) -> Kind:
        return msgspec.convert(value, kind, strict=is_strict)

    return convert
