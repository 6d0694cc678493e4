"""Why an item came out as it did, in an officer's words; no code of a rule reaches a screen."""

from __future__ import annotations

from types import MappingProxyType

from schoolgate.importing.checks import UPN_HELD
from schoolgate.importing.deciding import CONFLICT
from schoolgate.importing.rules import ProcessingRule
from schoolgate.importing.verdicts import WORDS
from schoolgate.importing.writing import SEVERAL_RULES

_RULES = frozenset(each.value for each in ProcessingRule)
_SENTENCES = MappingProxyType(
    {
        **WORDS,
        UPN_HELD.code: "The UPN is another pupil's in the register. Ask the school to check it.",
        CONFLICT: "A rule puts it before a person.",
        ProcessingRule.ALWAYS_IMPORT.value: "Nothing stood against it.",
        ProcessingRule.ALWAYS_CONFLICT.value: "The rule for it is: always put in conflict.",
        ProcessingRule.IF_EMPTY.value: "The rule for it is: import if empty, else conflict.",
        ProcessingRule.DO_NOT_IMPORT.value: "The rule for it is: do not import.",
    }
)


def in_passing(reason: str) -> str:
    """What decided of a change, as it stands beside where the change came from; most reasons are words."""
    if reason in _RULES:
        return f"by the rule: {reason}"
    if reason == SEVERAL_RULES:
        return "each item by the rule beside it"
    if reason in _SENTENCES:
        return _SENTENCES[reason][:1].lower() + _SENTENCES[reason][1:].rstrip(".")
    return reason


def sentence(rule: str) -> str:
    """The sentence for what decided: a processing rule or a code."""
    return _SENTENCES.get(rule, "The run's exceptions say why.")
