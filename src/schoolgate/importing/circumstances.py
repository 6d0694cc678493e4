"""What a batch of pupils is decided by: what every base last said of them, where they are, who holds what.

Everything is read for the whole batch at once; the decisions themselves are ``deciding``'s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from schoolgate.bases.models import OWN_SOURCES
from schoolgate.blocks.queries import said_of
from schoolgate.blocks.rules import Said
from schoolgate.holding.causes import GONE
from schoolgate.holding.queries import questioned_at
from schoolgate.holding.rules import Pair, Release, Standing, Waiting
from schoolgate.holding.states import ItemState
from schoolgate.importing.arrivals import HELD_CODES, Arrival
from schoolgate.importing.registrations import NOT_TOLD, Registration, comes_before, main_of
from schoolgate.lib.clock import london_day
from schoolgate.matching.queries import Beside, links_beside, states_elsewhere
from schoolgate.pupils.queries import registrations_of, writers_of
from schoolgate_message.blocks import Content
from schoolgate_message.groups import BASIC_DETAILS
from schoolgate_message.items import DataGroup, Scope
from schoolgate_message.roll_states import ABSENT, attends

_ASKED_OTHERWISE = HELD_CODES | {GONE.code}
"""What waits for another reason than what is said now: who it is, or that a list merely lacks it."""
NOBODY: Mapping[tuple[int, str], Said] = {}
NOWHERE: Mapping[int, str] = {}


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a whole file: whose it is, when its content was read, what the run asked for.

    ``own_source`` is the base's MIS; where that is the ``source``, ``confirmed_at`` is when everything it
    last said was last read again and found to stand.
    ``standing`` is what waits for a person, or was refused by one, of this base and source; ``released`` is
    what a person let go on, and when that was read (external id and data group); ``put_by`` is what of the
    file is decided and not yet written, by its digest.
    """

    base_id: int
    dfe_number: str
    source: str
    own_source: str
    read_at: datetime
    confirmed_at: datetime | None = None
    standing: dict[Pair, Standing] = {}
    released: Mapping[Pair, Release] = {}
    put_by: dict[Pair, bytes] = {}

    def read_at_of(self, pair: Pair) -> datetime:
        """When a block's content was read at the source: what was released waited since then."""
        found = self.released.get(pair)
        return self.read_at if found is None else found.read_at

    def waits_already(self, pair: Pair, digest: bytes) -> bool:
        """Whether this very content waits for a person, or was refused by one."""
        found = self.standing.get(pair)
        return found is not None and found.digest == digest and pair not in self.released

    def is_released_by_person(self, pair: Pair) -> bool:
        """Whether a person has looked at what this run lands; at what two schools settled nobody has."""
        found, standing = self.released.get(pair), self.standing.get(pair)
        if found is None:
            return False
        return found.by is not None or standing is None or standing.code not in HELD_CODES

    def now_wait(self, waiting: Iterable[Waiting]) -> None:
        """Note what the file itself has put aside: the rest of it may bring that again."""
        for each in waiting:
            self.standing[each.pair] = Standing(
                state=ItemState.WAITING.value, digest=each.digest, code=each.code
            )

    def is_asked_already(self, pair: Pair, digest: bytes) -> bool:
        """The same of a pupil who is believed: what waits for who it is then waits no longer.

        So is what the file itself has brought before and is put by.
        """
        if self.put_by.get(pair) == digest:
            return True
        return self.waits_already(pair, digest) and self.standing[pair].code not in _ASKED_OTHERWISE


class Circumstances(msgspec.Struct, kw_only=True):
    """What is known of a batch's pupils before anything of it is written.

    ``elsewhere`` are the roll states of pupils at other bases. ``beside`` are other sources of this base
    that know a pupil, and of them ``before`` those that are heard before this one. ``said`` is what every
    source of every base last said.
    """

    facts: Facts
    elsewhere: Mapping[int, Mapping[int, str]]
    beside: Mapping[int, Sequence[Beside]]
    before: Mapping[int, Sequence[Beside]]
    said: Mapping[int, Mapping[tuple[int, str], Said]]
    mains: dict[int, int]
    sent_twice: Collection[tuple[str, str]] = frozenset()

    def is_current_elsewhere(self, pupil_id: int) -> bool:
        """Whether another base lists the pupil as Current."""
        return any(map(attends, self.elsewhere.get(pupil_id, NOWHERE).values()))

    def own(self, pupil_id: int) -> Said | None:
        """What this source of this base itself last said."""
        return self.said.get(pupil_id, NOBODY).get((self.facts.base_id, self.facts.source))

    def state_of(self, arrival: Arrival) -> str:
        """Where the pupil stands at this base: as its MIS says, if that lists the pupil."""
        own_source = (each for each in self.before.get(arrival.pupil_id, ()) if each.is_own_source)
        return next((each.roll_state for each in own_source), arrival.state)

    def newest_read(self, pupil_id: int, group: DataGroup, *, is_released: bool) -> datetime | None:
        """When the source of what is held of a group was last read, by whatever base may say it.

        Among the sources of one base it is not the time that counts, but which comes before the other.
        What was read again meanwhile confirms nothing against what ``is_released``: it was waiting then.
        """
        own = self.own(pupil_id)
        times = [] if own is None else [own.read_at_of(group.number)]
        if own is not None and own.digest_of(group.number) is not None and not is_released:
            times.append(self.facts.confirmed_at)
        if group.scope is Scope.PUPIL:
            said = self.said.get(pupil_id, NOBODY).items()
            times += [each.read_at_of(group.number) for (base, _), each in said if base != self.facts.base_id]
        return max((each for each in times if each is not None), default=None)

    def does_main_tell(self, pupil_id: int, group: DataGroup) -> bool:
        """Whether the base of the main registration has ever said anything of a group."""
        main = self.mains.get(pupil_id, 0)
        said = self.said.get(pupil_id, NOBODY).items()
        return any(each.read_at_of(group.number) is not None for (base, _), each in said if base == main)

    def does_other_source_tell(self, pupil_id: int, group: DataGroup) -> bool:
        """Whether a source that is heard before this one has ever said anything of a group."""
        said = self.said.get(pupil_id, NOBODY)
        found = (said.get((self.facts.base_id, each.source)) for each in self.before.get(pupil_id, ()))
        return any(each is not None and each.read_at_of(group.number) is not None for each in found)


def circumstances_of(arrivals: Sequence[Arrival], facts: Facts) -> Circumstances:
    """Read what the batch's pupils are decided by; of those who are new nothing is held."""
    known = [each.pupil_id for each in arrivals if not each.is_new]
    links = links_beside(known, base_id=facts.base_id, source=facts.source)
    beside: dict[int, list[Beside]] = defaultdict(list)
    for link in links:
        if link.base_id == facts.base_id:
            beside[link.pupil_id].append(link)
    before = {
        pupil_id: found
        for pupil_id, each in beside.items()
        if (found := [link for link in each if _comes_before(link, facts)])
    }
    return Circumstances(
        facts=facts,
        elsewhere=_settled(states_elsewhere(links, base_id=facts.base_id)),
        beside=beside,
        before=before,
        said=said_of(known),
        mains={},
    )


def _settled(elsewhere: Mapping[int, Mapping[int, str]]) -> dict[int, Mapping[int, str]]:
    """The same, but that a base of which it is asked whether the pupil is its own doesn't have the child."""
    questioned = questioned_at(elsewhere.keys()) if elsewhere else {}
    return {
        pupil_id: {
            base_id: ABSENT if base_id in questioned.get(pupil_id, ()) else state
            for base_id, state in each.items()
        }
        for pupil_id, each in elsewhere.items()
    }


def _comes_before(link: Beside, facts: Facts) -> bool:
    return comes_before(
        link.source,
        facts.source,
        own_source=facts.own_source,
        mis_sources=OWN_SOURCES.values(),
        came_first=link.came_first,
    )


class Rivals(msgspec.Struct, frozen=True, kw_only=True):
    """What tells the main registration of the pupils who are Current at this base and at another.

    ``told`` are status and entry date as the register holds them, by pupil and base, ``writers`` the bases
    whose word it holds.
    """

    pupil_ids: Collection[int]
    told: Mapping[tuple[int, int], tuple[str, str]]
    writers: Mapping[int, int]


def find_rivals(arrivals: Sequence[Arrival], circumstances: Circumstances) -> Rivals | None:
    """Read what decides between two bases; ``None``, and nothing asked, where nobody is at two."""
    wanted = {
        each.pupil_id
        for each in arrivals
        if circumstances.is_current_elsewhere(each.pupil_id) and attends(circumstances.state_of(each))
    }
    if not wanted:
        return None
    told, writers = registrations_of(wanted), writers_of(BASIC_DETAILS, wanted)
    return Rivals(pupil_ids=wanted, told=told, writers=writers)


def mains_of(rivals: Rivals, here: Mapping[int, Content], circumstances: Circumstances) -> dict[int, int]:
    """The base of the main registration by pupil; ``here`` are the enrolments here that are to count."""
    facts = circumstances.facts
    today = london_day(facts.read_at).isoformat()
    found: dict[int, int] = {}
    for pupil_id in rivals.pupil_ids:
        bases = [base for base, state in circumstances.elsewhere[pupil_id].items() if attends(state)]
        registrations = {base: _registration(rivals.told.get((pupil_id, base))) for base in bases}
        registrations[facts.base_id] = registration_in(
            here.get(pupil_id), rivals.told.get((pupil_id, facts.base_id)), dfe_number=facts.dfe_number
        )
        told_by_now = {base: _by(today, each) for base, each in registrations.items()}
        found[pupil_id] = main_of(told_by_now, incumbent=rivals.writers.get(pupil_id))
    return found


def _by(today: str, registration: Registration) -> Registration:
    """Who is at a school cannot have entered it later than today: such a date says nothing."""
    if registration.entry_on <= today:
        return registration
    return msgspec.structs.replace(registration, entry_on="")


def registration_in(
    enrolments: Content | None, held: tuple[str, str] | None, *, dfe_number: str
) -> Registration:
    """How a pupil is registered at this base by the enrolments just decided, else as held."""
    rows = enrolments if isinstance(enrolments, list) else []
    own = [row for row in rows if row.get("school_dfe_number", dfe_number) == dfe_number]
    open_rows = [row for row in own if not row.get("leaving_on")]
    if not open_rows:
        return _registration(held)
    newest = max(open_rows, key=lambda row: str(row.get("entry_on") or ""))
    return Registration(
        status=str(newest.get("enrolment_status") or ""), entry_on=str(newest.get("entry_on") or "")
    )


def _registration(told: tuple[str, str] | None) -> Registration:
    return NOT_TOLD if told is None else Registration(status=told[0], entry_on=told[1])
