"""Learns by what the pupils of a run are recognised, and finds out who the newcomers are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing

from schoolgate.collecting.outbox import Outbox
from schoolgate.collecting.pupil_rows import PupilRows, grouped_rows
from schoolgate.collecting.reader import Reader
from schoolgate.collecting.roll import Roll
from schoolgate.collecting.sieve import Sieve, keys_from
from schoolgate.connectors.port import Contents, Source


def identify(
    grouped: Mapping[str, PupilRows], *, source: Source, roll: Roll, sieve: Sieve, outbox: Outbox
) -> dict[str, Contents]:
    """Learn the match keys of pupils by their rows of the keys' domain; answers what was decoded for it.

    A newcomer whom the register has already goes into the outbox, be it with the match keys alone.
    """
    decoded: dict[str, Contents] = {}
    unknown, states = [], {}
    for external_id, rows in grouped.items():
        entry = roll.get(external_id)
        if not rows.raws or entry is None or not (entry.is_in_cohort or entry.is_past):
            continue
        decoded[external_id] = source.contents(source.keys_domain, rows.raws)
        keys = keys_from(external_id, decoded[external_id])
        sieve.learn_keys(keys)
        if entry.is_in_cohort and external_id not in sieve.known:
            unknown.append(keys)
            states[external_id] = entry.state
    sieve.identify(unknown, states=states, on_roll=roll.on_roll)
    for keys in unknown:
        if sieve.pupil_id(keys.external_id) is not None:
            # Even if the cache traps every block: landing has to learn the new external id.
            outbox.introduce(keys.external_id)
    return decoded


def fetch_keys(
    external_ids: Iterable[str],
    *,
    reader: Reader,
    source: Source,
    roll: Roll,
    sieve: Sieve,
    outbox: Outbox,
) -> None:
    """Read the match keys of pupils of whom nothing has landed and nothing was read (a call each)."""
    for external_id in external_ids:
        with closing(reader.read(source.of_pupil(source.keys_domain, external_id))) as read:
            grouped = grouped_rows(read, only={external_id})
            identify(grouped, source=source, roll=roll, sieve=sieve, outbox=outbox)
