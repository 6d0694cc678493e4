"""What a command's exit code means; the same for every command, so that scripts may rely on it."""

from __future__ import annotations

OK = 0
"""It is done and nothing wants attention."""

FAILED = 1
"""It was not done."""

USAGE = 2
"""The command was not understood, or can't be used here."""

NEEDS_ATTENTION = 3
"""It is done, and something wants a person: a failed base, exceptions, a warning of the doctor's."""

NO_DATABASE = 4
"""PostgreSQL can't be reached."""

NOT_CONFIGURED = 5
"""A setting is missing or unusable; the sentence names it."""
