"""When the content of a message was read at its source, by our clock.

Older content never overwrites newer, whatever way it came and however long it waited; so every message
needs one instant by which it is ordered.  Clocks of schools go wrong: an instant that lies in the future
isn't believed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from schoolgate_message.records import MessageHeader

NO_OFFSET = timedelta(0)
FIRST_YEAR = 1970
"""No clock shows an earlier one: a maker that leaves the instant unset writes the year 1."""


def read_time(
    header: MessageHeader, *, received_at: datetime, clock_offset: timedelta = NO_OFFSET
) -> datetime:
    """When the content began to be read at the source; in UTC, and never after ``received_at``.

    The header's ``read_from``, or where it has none (version 1 has none) its ``created_at``.
    ``clock_offset`` is what the maker's clock showed when it was compared, less what ours did: positive
    where the maker's goes ahead; it is taken off.  An instant that then lies after receipt, or that is
    none, isn't believed: receipt counts.  Refuses a naive ``received_at`` with ValueError.
    """
    if received_at.tzinfo is None:
        raise ValueError("a naive datetime is no instant")
    received = received_at.astimezone(UTC)
    try:
        said = datetime.fromisoformat(header.read_from or header.created_at)
        if said.tzinfo is None or said.year < FIRST_YEAR:
            return received
        return min(said.astimezone(UTC) - clock_offset, received)
    except (ValueError, OverflowError):
        # No instant that a calendar has: the schema of version 1 lets some by.
        return received
