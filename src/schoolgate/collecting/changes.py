"""Reads what changed since the last success, and whole what "changed" alone would miss.

Whole are read: a pupil who has entered the cohort, a block that was received and has not landed, and
a domain whose changes the source does not tell. The source is asked from a little before the last
success; what comes twice is trapped by the cache.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from datetime import datetime

from schoolgate.blocks.queries import outstanding
from schoolgate.collecting.calls import reads_by_id
from schoolgate.collecting.reader import Reader
from schoolgate.collecting.reading import ReadDomain
from schoolgate.collecting.roll import Roll
from schoolgate.collecting.roll_call import RollCall
from schoolgate.collecting.sifter import SiftedReading, Sifter
from schoolgate.collecting.since import asked_from
from schoolgate.collecting.snapshots import collect_snapshot
from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import Domain, Source
from schoolgate.importing.admission import may_send
from schoolgate.runs.models import Run
from schoolgate.runs.queries import last_cohort


def collect_changes(
    run: Run,
    *,
    source: Source,
    reader: Reader,
    call: RollCall,
    sifter: Sifter,
    since_at: datetime,
    read_at: datetime,
) -> list[SiftedReading]:
    """Read and sift what changed since; everything where everybody is new.

    Both times are by our clock; how far the source's is from it is known once the roll was read.
    """
    newcomers = entrants(run, call)
    if newcomers and len(newcomers) == len(call.roll.cohort):
        return collect_snapshot(reader, call=call, sifter=sifter)
    left = unlanded(run, call.roll)
    since_at = asked_from(since_at, source=source, read_at=read_at)
    sifted: list[SiftedReading] = []
    for domain in reader.domains:
        wanted = newcomers | {key for group in domain.groups for key in left.get(group, ())}
        changed = _changed(domain, since_at, source=source, reader=reader)
        if changed is None:
            sifted += _sift_whole(domain, wanted, reader=reader, roll=call.roll, sifter=sifter)
            continue
        if changed.unplaced:
            # A removal, say, that names its own id alone: whose it is, only the whole domain tells.
            changed.close()
            sifted += _sift_whole(domain, call.roll.cohort, reader=reader, roll=call.roll, sifter=sifter)
            continue
        with closing(changed):
            apart = _sift_pupils(domain, wanted, source=source, reader=reader, roll=call.roll, sifter=sifter)
            done = {pair for each in apart for pair in each.met}
            sifted += [*apart, sifter.sift(domain, changed, roll=call.roll, done=done)]
    return sifted


def entrants(run: Run, call: RollCall) -> set[str]:
    """Who belongs to the cohort now and did not when this task last succeeded."""
    before = last_cohort(run)
    if before is None:
        return call.never_landed()
    return {key for key in call.roll.cohort if key not in before} | call.returners()


def unlanded(run: Run, roll: Roll) -> dict[str, set[str]]:
    """Pupils of the cohort with a block that was received and has not landed, by data group.

    Not what somebody may not send who has left since: nothing of it would be taken.
    """
    found: dict[str, set[str]] = {}
    cohort = roll.cohort
    for external_id, group, _ in outstanding(run.base_id, source=run.base.source):
        if external_id in cohort and may_send(
            group, state=cohort[external_id], are_leavers_asked_for=roll.is_of_leavers
        ):
            found.setdefault(group, set()).add(external_id)
    return found


def _changed(domain: Domain, since_at: datetime, *, source: Source, reader: Reader) -> ReadDomain | None:
    """What changed in a domain; ``None`` where the source does not tell changes of this domain."""
    if not domain.may_have_changes:
        return None
    try:
        return reader.read(source.changes(domain.name, since_at))
    except SourceProblem as problem:
        if problem.code != "source.not_found":
            raise
        return None


def _sift_whole(
    domain: Domain, wanted: Collection[str], *, reader: Reader, roll: Roll, sifter: Sifter
) -> list[SiftedReading]:
    with closing(reader.whole(domain, is_landed_trusted=not wanted)) as read:
        if read.is_known:
            sifter.count_known(read)
            return []
        return [sifter.sift(domain, read, roll=roll)]


def _sift_pupils(
    domain: Domain,
    wanted: Collection[str],
    *,
    source: Source,
    reader: Reader,
    roll: Roll,
    sifter: Sifter,
) -> list[SiftedReading]:
    """All rows of some pupils: one by one, or out of the whole domain where that takes fewer calls."""
    if not wanted:
        return []
    if reads_by_id(len(wanted), on_roll=len(roll)):
        readings = [source.of_pupil(domain.name, external_id) for external_id in sorted(wanted)]
    else:
        readings = [source.whole(domain.name)]
    sifted: list[SiftedReading] = []
    for reading in readings:
        with closing(reader.read(reading)) as read:
            sifted.append(sifter.sift(domain, read, roll=roll, only=wanted))
    return sifted
