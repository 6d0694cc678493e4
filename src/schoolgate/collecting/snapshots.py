"""Reads everything a base holds of its cohort, and lets what landed before cost almost nothing.

A domain whose pages all landed before is counted and left alone, provided that nobody has entered the
cohort since: of somebody who enters, such a page may carry rows that were left out when it landed.
"""

from __future__ import annotations

from contextlib import closing

from schoolgate.collecting.reader import Reader
from schoolgate.collecting.roll_call import RollCall
from schoolgate.collecting.sifter import SiftedReading, Sifter


def collect_snapshot(reader: Reader, *, call: RollCall, sifter: Sifter) -> list[SiftedReading]:
    """Read and sift every domain whole; answers what came of those that had to be looked at."""
    sifted: list[SiftedReading] = []
    is_landed_trusted = may_trust_pages(call)
    for domain in reader.domains:
        with closing(reader.whole(domain, is_landed_trusted=is_landed_trusted)) as read:
            if read.is_known:
                sifter.count_known(read)
            else:
                sifted.append(sifter.sift(domain, read, roll=call.roll))
    return sifted


def may_trust_pages(call: RollCall) -> bool:
    """Whether a page that landed before says nothing new of anybody in the cohort."""
    return call.has_landed and (call.pages.is_known or not call.has_newcomers())
