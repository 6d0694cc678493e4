"""Decides what becomes of each block of a group: plain values in, outcomes out, nothing is written.

In this order, the first that applies: refused by its values; of a pupil for whom another id of the base
speaks; waiting for a person already, or refused by one; known, with this very content, and heard now as it
was then; sent twice in the message; older than what is held; not this base's to say; held for a person; then
item by item by the processing rules. Of a pupil who is new nothing is held: only values, whose id speaks and
the rules count. An explicit delete is asked the same where that bears on it; of a pupil who isn't on the
base's roll it is ignored, and beside a block of its group it counts as sent twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from schoolgate.blocks.rules import Outcome as Remembrance
from schoolgate.blocks.rules import Said
from schoolgate.holding import causes
from schoolgate.holding.rules import DELETE, fixed_digest
from schoolgate.importing import checks
from schoolgate.importing.arrivals import Arrival
from schoolgate.importing.circumstances import Circumstances
from schoolgate.importing.outcomes import Outcome
from schoolgate.importing.registrations import OTHER_SOURCE, why_silent
from schoolgate.importing.rules import Decision, Fate, RuleBook, decide_block
from schoolgate.importing.verdicts import (
    DELETED_AFTER_LEAVING,
    NEWER_IS_HELD,
    SUPERSEDED,
    ignored,
    refused,
    sent_twice,
    still_waiting,
    upn_refusal,
    waiting,
    warnings,
)
from schoolgate_message import groups
from schoolgate_message.blocks import Content, Row, canonical_bytes, hash_of_bytes
from schoolgate_message.items import DataGroup
from schoolgate_message.roll_states import is_on_roll

CONFLICT = "rule.conflict"
DELETED_AT_SOURCE = "deleted at the source"
DELETE_DIGEST = fixed_digest(DELETE)

_SILENT = frozenset({Remembrance.UNHEARD, Remembrance.OTHER_SOURCE})
_HELD_DELETES = {
    groups.IDENTIFIERS.name: causes.DELETED_PUPIL,
    groups.BASIC_DETAILS.name: causes.DELETED_PUPIL,
    groups.ENROLMENTS.name: causes.DELETED_ENROLMENTS,
}
"""Groups whose explicit delete waits for a person while the pupil is on the base's roll."""


class Case(msgspec.Struct, frozen=True, gc=False):
    """One block to be decided: what is held, what came, and that in canonical bytes with their hash."""

    group: DataGroup
    arrival: Arrival
    held: Content | None
    incoming: Content
    written: bytes
    digest: bytes


def decide_group(
    group: DataGroup,
    arrivals: Sequence[Arrival],
    *,
    existing: Mapping[int, Content],
    circumstances: Circumstances,
    rules: RuleBook,
) -> list[Outcome]:
    """What becomes of every block and every explicit delete of one group in a batch."""
    name = group.name
    found: list[Outcome] = []
    for arrival in arrivals:
        incoming = arrival.pupil.blocks.get(name)
        if incoming is not None:
            held = existing.get(arrival.pupil_id)
            written = canonical_bytes(incoming)
            refusals = checks.refusals_of(group, incoming, written=written)
            if refusals:
                found.append(refused(group, arrival, refusals))
            else:
                digest = hash_of_bytes(group, written)
                case = Case(group, arrival, held, incoming, written, digest)
                found.append(_decide(case, circumstances, rules))
        if arrival.pupil.deleted and name in arrival.pupil.deleted:
            found.append(_decide_delete(group, arrival, existing.get(arrival.pupil_id), circumstances))
    return found


def _decide(case: Case, circumstances: Circumstances, rules: RuleBook) -> Outcome:
    arrival = case.arrival
    settled = None
    if not arrival.is_new or arrival.is_superseded:
        settled = _before_the_rules(case, circumstances)
    return settled or _by_the_rules(case, rules, read_at=circumstances.facts.read_at)


def _before_the_rules(case: Case, circumstances: Circumstances) -> Outcome | None:
    """What settles a block without looking at its items."""
    group, arrival, digest = case.group, case.arrival, case.digest
    if arrival.is_superseded:
        return ignored(group, arrival, SUPERSEDED)
    if circumstances.facts.is_asked_already((arrival.external_id, group.name), digest):
        return still_waiting(group, arrival)
    own = circumstances.own(arrival.pupil_id)
    silent = _why_silent(group, arrival, circumstances)
    if own is not None and own.digest_of(group.number) == digest:
        was_silent = own.outcomes[group.number - 1] in _SILENT
        if was_silent == bool(silent):
            return _known(case, own, silent)
    if (arrival.external_id, group.name) in circumstances.sent_twice:
        return sent_twice(group, arrival)
    if _is_older(group, arrival, circumstances):
        return ignored(group, arrival, NEWER_IS_HELD, is_settled=False)
    if silent:
        differs = case.held != case.incoming and bool(case.held or case.incoming)
        return ignored(group, arrival, silent, digest=digest, is_told=differs)
    if _loses_the_pupil(case) and not _is_released(group, arrival, circumstances):
        return waiting(group, arrival, causes.REMOVED_KEYS, digest=digest, sent=case.written)
    return None


def _known(case: Case, own: Said, silent: str) -> Outcome:
    """The very content the cache knows as landed; what wasn't heard or taken stays remembered as such."""
    speaks = not silent and own.outcomes[case.group.number - 1] != Remembrance.IGNORED
    return Outcome(
        arrival=case.arrival,
        group=case.group,
        fate=Fate.UNCHANGED,
        rule=silent,
        digest=case.digest if speaks else None,
        speaks=speaks,
    )


def _by_the_rules(case: Case, rules: RuleBook, *, read_at: datetime) -> Outcome:
    """Item by item; the block's canonical bytes are written once, for the hash and for the audit."""
    group, arrival, held, incoming = case.group, case.arrival, case.held, case.incoming
    taken = group is groups.IDENTIFIERS and arrival.upn_holder is not None and _brings_upn(incoming)
    wanted = _without_upn(incoming, held) if taken else _keeping_the_pupil(case)
    decision = decide_block(group, held, wanted, rules)
    content, fate = decision.content, Fate.REFUSED if taken else decision.fate
    is_changed = content != (held or type(incoming)())
    is_settled = fate not in {Fate.IN_CONFLICT, Fate.REFUSED}
    return Outcome(
        arrival=arrival,
        group=group,
        fate=fate,
        rule=_rule_of(group, fate, rules, is_upn_taken=taken),
        kind=("added" if not held else "changed" if content else "removed") if is_changed else "",
        content=content if is_changed else None,
        before=canonical_bytes(decision.before) if is_changed and held else None,
        after=_bytes_of(case, decision) if is_changed and content else None,
        digest=case.digest if is_settled else None,
        speaks=is_settled and fate is not Fate.IGNORED,
        is_settled=is_settled,
        items=_items_apart(decision, is_upn_taken=taken),
        rules=_rules_apart(group, decision, rules, is_upn_taken=taken),
        problems=(upn_refusal(arrival),) if taken else warnings(group, arrival, decision, read_at=read_at),
    )


def _decide_delete(
    group: DataGroup, arrival: Arrival, held: Content | None, circumstances: Circumstances
) -> Outcome:
    """What becomes of a group that the source says outright it holds no more."""
    if arrival.is_superseded:
        return ignored(group, arrival, SUPERSEDED)
    if not is_on_roll(circumstances.state_of(arrival)):
        return ignored(group, arrival, DELETED_AFTER_LEAVING, is_told=bool(held))
    if circumstances.facts.is_asked_already((arrival.external_id, group.name), DELETE_DIGEST):
        return still_waiting(group, arrival)
    if _is_older(group, arrival, circumstances):
        return ignored(group, arrival, NEWER_IS_HELD, is_settled=False)
    silent = _why_silent(group, arrival, circumstances)
    if silent:
        return ignored(group, arrival, silent)
    if not held:
        return Outcome(arrival=arrival, group=group, fate=Fate.UNCHANGED, speaks=True)
    if group.name in _HELD_DELETES and not _is_released(group, arrival, circumstances):
        return waiting(group, arrival, _HELD_DELETES[group.name], digest=DELETE_DIGEST)
    return Outcome(
        arrival=arrival,
        group=group,
        fate=Fate.WRITTEN,
        rule=DELETED_AT_SOURCE,
        kind="removed",
        before=canonical_bytes(held),
        speaks=True,
    )


def _is_older(group: DataGroup, arrival: Arrival, circumstances: Circumstances) -> bool:
    """Whether what is held was read at the source later than what came."""
    facts = circumstances.facts
    is_released = _is_released(group, arrival, circumstances)
    newest = circumstances.newest_read(arrival.pupil_id, group, is_released=is_released)
    return newest is not None and facts.read_at_of((arrival.external_id, group.name)) < newest


def _is_released(group: DataGroup, arrival: Arrival, circumstances: Circumstances) -> bool:
    return (arrival.external_id, group.name) in circumstances.facts.released


def _why_silent(group: DataGroup, arrival: Arrival, circumstances: Circumstances) -> str:
    pupil_id = arrival.pupil_id
    if pupil_id in circumstances.before and circumstances.does_other_source_tell(pupil_id, group):
        return OTHER_SOURCE
    if pupil_id not in circumstances.elsewhere:
        return ""
    main = circumstances.mains.get(pupil_id)
    return why_silent(
        group,
        state=circumstances.state_of(arrival),
        is_current_elsewhere=circumstances.is_current_elsewhere(pupil_id),
        is_main=main is None or main == circumstances.facts.base_id,
        does_main_tell=circumstances.does_main_tell(pupil_id, group),
    )


def _loses_the_pupil(case: Case) -> bool:
    """Whether basic details would leave a pupil without any name, or without a birthday."""
    return bool(_lost_keys(case))


def _lost_keys(case: Case) -> Row:
    """What a pupil is called and was born on, where the block would leave none of it."""
    held, incoming = case.held, case.incoming
    if case.group is not groups.BASIC_DETAILS or not (isinstance(held, dict) and isinstance(incoming, dict)):
        return {}
    return {
        name: held[name]
        for together in (("family_name", "given_name"), ("date_of_birth",))
        if not any(incoming.get(name) for name in together)
        for name in together
        if held.get(name)
    }


def _keeping_the_pupil(case: Case) -> Content:
    """The block as it may land: nothing leaves a pupil without name and birthday, not even a release."""
    lost = _lost_keys(case)
    return {**case.incoming, **lost} if lost and isinstance(case.incoming, dict) else case.incoming


def _brings_upn(incoming: Content) -> bool:
    return isinstance(incoming, dict) and bool(incoming.get("upn"))


def _without_upn(incoming: Content, held: Content | None) -> Content:
    """Identifiers with the UPN as it stands, since the one that came is another pupil's."""
    wanted = dict(incoming) if isinstance(incoming, dict) else {}
    wanted.pop("upn", None)
    if isinstance(held, dict) and "upn" in held:
        wanted["upn"] = held["upn"]
    return wanted


def _rule_of(group: DataGroup, fate: Fate, rules: RuleBook, *, is_upn_taken: bool) -> str:
    if is_upn_taken:
        return checks.UPN_HELD.code
    return CONFLICT if fate is Fate.IN_CONFLICT else rules.for_group(group).value


def _items_apart(decision: Decision, *, is_upn_taken: bool) -> Mapping[str, Fate]:
    """The fates of the items where they are not all one; those that are unchanged say nothing."""
    fates = {name: fate for name, fate in decision.items.items() if fate is not Fate.UNCHANGED}
    if is_upn_taken:
        fates["upn"] = Fate.REFUSED
    return fates if len(set(fates.values())) > 1 or is_upn_taken else {}


def _rules_apart(
    group: DataGroup, decision: Decision, rules: RuleBook, *, is_upn_taken: bool
) -> Mapping[str, str]:
    """What decided of each item that differed, where that was not one rule for all."""
    if rules.imports_everything and not is_upn_taken:
        return {}
    differing = (name for name, fate in decision.items.items() if fate is not Fate.UNCHANGED)
    found = {name: rules.for_item(group, name).value for name in differing}
    if is_upn_taken:
        found["upn"] = checks.UPN_HELD.code
    return found if len(set(found.values())) > 1 or is_upn_taken else {}


def _bytes_of(case: Case, decision: Decision) -> bytes:
    """The decision's ``after`` as the audit keeps it."""
    return case.written if decision.after is case.incoming else canonical_bytes(decision.after)
