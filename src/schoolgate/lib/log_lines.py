"""Log lines that can't repeat what they must not: a trace shows where and what kind, never which value.

A database's error quotes the row it refused, and a parser's the text it could not read. So of an exception
that isn't our own only the kind, the places and PostgreSQL's five-letter state are told.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

OURS = ("schoolgate", "schoolgate_message")
ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class QuietFormatter(logging.Formatter):
    """Formats as always, and an exception without the words of others."""

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - logging's name
        """The chain of an exception: kinds and places, the root cause first."""
        told: list[str] = []
        error = ei[1]
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            places = "".join(f"\n  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
            told.append(f"{_kind(error)}{places}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nwhich led to\n".join(reversed(told))


def _kind(error: BaseException) -> str:
    """What went wrong, in our own sentence if it is ours; those never carry a person's data."""
    kind = type(error)
    if kind.__module__.partition(".")[0] in OURS:
        return f"{kind.__qualname__}: {error}"
    state = getattr(error, "sqlstate", None)
    return f"{kind.__module__}.{kind.__qualname__}" + (f" (state {state})" if state else "")
