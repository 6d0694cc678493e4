"""Reads everything a base holds of its cohort, and lets what landed before cost almost nothing.

A domain whose pages all landed before is counted and left alone, provided that nobody has entered the
cohort since: of somebody who enters, such a page may carry rows that were left out when it landed.
"""

from __future__ import annotations

from schoolgate.collecting.collector import Collector


def collect_snapshot(collector: Collector) -> None:
    """Read and sift every domain whole."""
    are_pages_trusted = may_trust_pages(collector)
    for domain in collector.domains:
        reading = collector.source.whole(domain.name)
        landed = collector.landed(reading) if are_pages_trusted else {}
        read = collector.read(reading, landed=landed)
        try:
            if read.is_known:
                collector.count_known(read, landed)
            else:
                collector.sift(domain, read)
        finally:
            read.close()
    collector.propose_roll()


def may_trust_pages(collector: Collector) -> bool:
    """Whether a page that landed before says nothing new of anybody in the cohort."""
    if not collector.has_roll_landed:
        return False
    if collector.roll_read.is_known:
        return True
    return collector.landed_on_roll.issuperset(collector.roll.cohort) and not collector.returners()
