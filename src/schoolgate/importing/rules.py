"""Decides what becomes of a block that arrived: per data item, by the processing rule set for it.

==================================  ========  ===========  ==========
rule                                the same  differs      none held
==================================  ========  ===========  ==========
always import                       nothing   write        write
always put in conflict              nothing   in conflict  in conflict
import if empty, else conflict      nothing   in conflict  write
do not import                       nothing   ignore       ignore
==================================  ========  ===========  ==========

A block states its group's whole content, so an item it lacks and the register holds differs (see
docs/adr/0007). The rows of a list stand and fall together: one decision for all of them. A block with
several fates counts once, under the gravest: refused, in conflict, written, ignored, unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum

import msgspec

from schoolgate_message.blocks import Content, Row, Value
from schoolgate_message.items import DataGroup


class ProcessingRule(Enum):
    """What an officer wants done with a value that arrives."""

    ALWAYS_IMPORT = "always import"
    ALWAYS_CONFLICT = "always put in conflict"
    IF_EMPTY = "import if empty, else conflict"
    DO_NOT_IMPORT = "do not import"


class Fate(IntEnum):
    """What became of an item or a block; the higher outweighs the lower."""

    UNCHANGED = 0
    IGNORED = 1
    WRITTEN = 2
    IN_CONFLICT = 3
    REFUSED = 4


class RuleBook(msgspec.Struct, frozen=True, kw_only=True):
    """A base's processing rules: the item's own, else its group's, else the default."""

    default: ProcessingRule = ProcessingRule.ALWAYS_IMPORT
    by_group: Mapping[str, ProcessingRule] = {}
    by_item: Mapping[tuple[str, str], ProcessingRule] = {}

    @property
    def imports_everything(self) -> bool:
        """Whether no item needs to be asked about when nothing is held."""
        return self.default is ProcessingRule.ALWAYS_IMPORT and not self.by_group and not self.by_item

    def for_group(self, group: DataGroup) -> ProcessingRule:
        """The rule for the group as a whole, and for the rows of a list."""
        return self.by_group.get(group.name, self.default)

    def for_item(self, group: DataGroup, item: str) -> ProcessingRule:
        """The rule for one item of a group that is one record."""
        return self.by_item.get((group.name, item)) or self.for_group(group)


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What becomes of a block, and what the register holds of the group afterwards.

    ``before`` and ``after`` are what the audit keeps: the items written, or all rows of a list.
    """

    fate: Fate
    content: Content
    before: Content
    after: Content
    items: Mapping[str, Fate] = {}


def decide(existing: object, incoming: object, rule: ProcessingRule) -> Fate:
    """The fate of one value (or of all rows of a list); ``None`` or no rows mean that there is none."""
    held = None if existing == [] else existing
    sent = None if incoming == [] else incoming
    if held == sent:
        return Fate.UNCHANGED
    if rule is ProcessingRule.DO_NOT_IMPORT:
        return Fate.IGNORED
    if rule is ProcessingRule.ALWAYS_CONFLICT:
        return Fate.IN_CONFLICT
    if rule is ProcessingRule.IF_EMPTY and held is not None:
        return Fate.IN_CONFLICT
    return Fate.WRITTEN


def decide_block(group: DataGroup, existing: Content | None, incoming: Content, rules: RuleBook) -> Decision:
    """What becomes of a whole block. Nothing held and an empty block are the same."""
    if isinstance(incoming, list):
        return _decide_rows(group, existing, incoming, rules)
    held: Row = existing if isinstance(existing, dict) else {}
    if held == incoming:
        return Decision(fate=Fate.UNCHANGED, content=incoming, before={}, after={})
    if not held and rules.imports_everything:
        return Decision(fate=Fate.WRITTEN, content=incoming, before={}, after=incoming)
    return _decide_items(group, held, incoming, rules)


def _decide_rows(
    group: DataGroup, existing: Content | None, incoming: list[Row], rules: RuleBook
) -> Decision:
    held: list[Row] = existing if isinstance(existing, list) else []
    fate = decide(held, incoming, rules.for_group(group))
    content = incoming if fate is Fate.WRITTEN else held
    return Decision(fate=fate, content=content, before=held, after=incoming)


def _decide_items(group: DataGroup, held: Row, incoming: Row, rules: RuleBook) -> Decision:
    fates: dict[str, Fate] = {}
    content, before, after = dict(held), dict[str, Value](), dict[str, Value]()
    for name in held.keys() | incoming.keys():
        fates[name] = fate = decide(held.get(name), incoming.get(name), rules.for_item(group, name))
        if fate is not Fate.WRITTEN:
            continue
        content.pop(name, None)
        if name in incoming:
            content[name] = after[name] = incoming[name]
        if name in held:
            before[name] = held[name]
    return Decision(fate=max(fates.values()), content=content, before=before, after=after, items=fates)
