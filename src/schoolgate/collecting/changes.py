"""Reads what changed since the last success, and whole what "changed" alone would miss.

Whole are read: a pupil who has entered the cohort, a block that was received and has not landed, and
a domain whose changes the source does not tell. The source is asked from a little before the last
success; what comes twice is trapped by the cache.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from schoolgate.blocks.queries import outstanding
from schoolgate.collecting.calls import reads_by_id
from schoolgate.collecting.collector import Collector
from schoolgate.collecting.reading import ReadDomain
from schoolgate.collecting.snapshots import collect_snapshot
from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import Domain
from schoolgate.runs.queries import last_cohort

Pairs = set[tuple[str, str]]


def collect_changes(collector: Collector, *, since_at: datetime | None, overlap: timedelta) -> None:
    """Read and sift what changed since; everything where there is no "since" or everybody is new."""
    if since_at is None:
        collect_snapshot(collector)
        return
    newcomers = entrants(collector)
    if newcomers and len(newcomers) == len(collector.roll.cohort):
        collect_snapshot(collector)
        return
    left = unlanded(collector)
    for domain in collector.domains:
        wanted = newcomers | {key for group in domain.groups for key in left.get(group, ())}
        _collect_domain(collector, domain, since_at=since_at - overlap, wanted=wanted)
    collector.propose_roll()


def entrants(collector: Collector) -> set[str]:
    """Who belongs to the cohort now and did not when this task last succeeded."""
    cohort = collector.roll.cohort
    before = last_cohort(collector.run)
    if before is None:
        return {key for key in cohort if not collector.sieve.has_landed(key)}
    return {key for key in cohort if key not in before} | collector.returners()


def unlanded(collector: Collector) -> dict[str, set[str]]:
    """Pupils of the cohort with a block that was received and has not landed, by data group."""
    found: dict[str, set[str]] = {}
    cohort = collector.roll.cohort
    for external_id, group, _ in outstanding(collector.run.base_id):
        if external_id in cohort:
            found.setdefault(group, set()).add(external_id)
    return found


def _collect_domain(collector: Collector, domain: Domain, *, since_at: datetime, wanted: set[str]) -> None:
    changed = _changed(collector, domain, since_at) if domain.may_have_changes else None
    if changed is None:
        _collect_whole(collector, domain, wanted)
        return
    try:
        done = _collect_pupils(collector, domain, wanted)
        collector.sift(domain, changed, done=done)
    finally:
        changed.close()


def _changed(collector: Collector, domain: Domain, since_at: datetime) -> ReadDomain | None:
    """What changed in a domain; ``None`` where the source does not tell changes of this domain."""
    try:
        return collector.read(collector.source.changes(domain.name, since_at), must_parse=True)
    except SourceProblem as problem:
        if problem.code != "source.not_found":
            raise
        return None


def _collect_whole(collector: Collector, domain: Domain, wanted: set[str]) -> None:
    reading = collector.source.whole(domain.name)
    landed = {} if wanted else collector.landed(reading)
    read = collector.read(reading, landed=landed)
    try:
        if read.is_known:
            collector.count_known(read, landed)
        else:
            collector.sift(domain, read)
    finally:
        read.close()


def _collect_pupils(collector: Collector, domain: Domain, wanted: set[str]) -> Pairs:
    """All rows of some pupils: one by one, or out of the whole domain where that takes fewer calls."""
    if not wanted:
        return set()
    source = collector.source
    if reads_by_id(len(wanted), on_roll=len(collector.roll)):
        readings = [source.of_pupil(domain.name, external_id) for external_id in sorted(wanted)]
    else:
        readings = [source.whole(domain.name)]
    done: Pairs = set()
    for reading in readings:
        read = collector.read(reading, must_parse=True)
        try:
            done |= collector.sift(domain, read, only=wanted)
        finally:
            read.close()
    return done
