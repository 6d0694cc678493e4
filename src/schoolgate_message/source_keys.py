"""The short name of a source: what an external id belongs to, beside its base.

Two systems of one school may give one id to two children, and give one child two ids. So an id is known by
the source that gave it, as the message's header names it: "Some System" is ``some_system``.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 40
"""As long as the header's own words may be."""
NAMELESS = "unnamed"

_BETWEEN = re.compile(r"[\W_]+")


def source_key(text: str) -> str:
    """The key of a source from what it calls itself: small letters and digits, joined by ``_``."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _BETWEEN.sub("_", plain).strip("_")[:LONGEST] or NAMELESS
