"""Why something waits for a person: every cause with its words, and what either decision does."""

from __future__ import annotations

from types import MappingProxyType

import msgspec

SAME_PUPIL = "same pupil"
ANOTHER_CHILD = "another child"
CARRY_OUT = "carry out"
HAS_LEFT = "has left"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One way to release: the code that the landing reads, the button's words, and what it does."""

    code: str
    label: str
    does: str


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why something waits.

    ``label`` heads the entry, ``sentence`` says what happened, ``remedy`` what would end it at the school;
    ``decisions`` are the ways to release, ``refusing`` is what a refusal does. ``lands`` is whether a
    release lands something, or only says how the pupil stands on the roll. ``has_sides``: there is something
    to hold against what the register has.
    """

    code: str
    label: str
    sentence: str
    remedy: str
    decisions: tuple[Decision, ...]
    refusing: str
    lands: bool = True
    has_sides: bool = True

    def decision(self, code: str) -> Decision | None:
        """One of the ways to release, by its code; without one the first, where there is no choice."""
        if not code and len(self.decisions) == 1:
            return self.decisions[0]
        return next((each for each in self.decisions if each.code == code), None)


DOUBTED = Cause(
    code="match.doubted",
    label="Known id, other details",
    sentence=(
        "The school uses an id that stands for a pupil of the register, with a name, birthday or UPN that no"
        " longer agrees. Nothing of these pupils was written."
    ),
    remedy="Ask the school whether it gave the id to another child, or corrected this one's details.",
    decisions=(
        Decision(
            code=SAME_PUPIL,
            label="Release: it is the same pupil",
            does="What the school sent is written to the pupil's record, name, birthday and UPN included.",
        ),
    ),
    refusing="The record stays as it is. What the school sent is not written until the school changes it.",
)
TWO_SCHOOLS = Cause(
    code="match.two_schools",
    label="Perhaps on two rolls",
    sentence=(
        "Another school has a child of the same name, birthday and sex on its roll, or misses one who has not"
        " left, and no UPN says whether they are one child. Nothing of the second was written."
    ),
    remedy=(
        "Ask both schools. It is decided by itself when one of them lists a leaver, or when both send the"
        " same UPN."
    ),
    decisions=(
        Decision(
            code=SAME_PUPIL,
            label="Release: it is the same child",
            does="What this school sent is written to the record of the child at the other school.",
        ),
        Decision(
            code=ANOTHER_CHILD,
            label="Release: it is another child",
            does="A record of its own is made for the child at this school, and its id goes there.",
        ),
    ),
    refusing="Nothing is written from this school for these children until the school changes what it sends.",
)
LEAVING_AT_ONCE = Cause(
    code="guard.leaving",
    label="Most of a school leaving at once",
    sentence=(
        "The school lists more than two thirds of its pupils as leavers within 24 hours. They stay on its"
        " roll, without the leaving dates it sent, until you decide."
    ),
    remedy=(
        "Ask the school whether it closes, or its system has failed. It is decided by itself when the school"
        " lists the pupils as on its roll again."
    ),
    decisions=(
        Decision(
            code=HAS_LEFT,
            label="Release: the pupils have left",
            does="They count as leavers of this school, and the leaving dates it sent are written.",
        ),
    ),
    refusing="The pupils stay on the roll. The same is not asked about again.",
)
DELETED_PUPIL = Cause(
    code="delete.pupil",
    label="Whole pupil deleted",
    sentence="The school deleted a pupil who is on its roll. The record stays as it is until you decide.",
    remedy="Ask the school for the leaving date instead.",
    decisions=(
        Decision(
            code=HAS_LEFT,
            label="Release: the pupil has left",
            does="The pupil counts as a leaver of this school. Nothing of the record is changed or deleted.",
        ),
    ),
    refusing="The record stays as it is. The same delete is not asked about again.",
    lands=False,
)
DELETED_ENROLMENTS = Cause(
    code="delete.enrolments",
    label="Enrolments deleted",
    sentence="The school deleted all enrolments of a pupil who is on its roll.",
    remedy="Ask the school for the leaving date instead.",
    decisions=(
        Decision(
            code=CARRY_OUT,
            label="Release: delete the enrolments",
            does="The enrolments from this school are deleted; the audit keeps what they held.",
        ),
    ),
    refusing="The enrolments stay as they are. The same delete is not asked about again.",
)
REMOVED_KEYS = Cause(
    code="removal.keys",
    label="Name or birthday taken out",
    sentence="What the school sent would leave a pupil without a name or a date of birth.",
    remedy="Ask the school to fill in the name and the date of birth.",
    decisions=(
        Decision(
            code=CARRY_OUT,
            label="Release: write the rest",
            does="What the school sent is written, but for the name or date of birth it lacks: that stays.",
        ),
    ),
    refusing="The record stays as it is until the school changes what it sends.",
)
TAKEN_FROM_MANY = Cause(
    code="guard.many",
    label="Taken out for many at once",
    sentence=(
        "What the school sent within 24 hours would empty the same for a large share of its pupils, or for at"
        " least half of those who have it. It was not taken out; what else came was written."
    ),
    remedy=(
        "Ask the school whether it has taken this out, or its system left it out by a fault. It is decided by"
        " itself, pupil by pupil, when the school sends the values again."
    ),
    decisions=(
        Decision(
            code=CARRY_OUT,
            label="Release: take it out",
            does=(
                "What the school sent is written as it came, and what it lacks is taken out of the records;"
                " a pupil's name and birthday stay in any case. The audit keeps what was held."
            ),
        ),
    ),
    refusing="The records keep what they have until the school changes what it sends.",
)
ABSENT = Cause(
    code="roll.absent",
    label="Missing from the roll",
    sentence="A complete roll of the school no longer names these pupils, and no leaving date has come.",
    remedy=(
        "Ask the school for the leaving date. It is decided by itself when the date comes, when the pupil is"
        " back on the roll, or when another school lists the pupil as Current."
    ),
    decisions=(
        Decision(
            code=HAS_LEFT,
            label="Release: the pupil has left",
            does="The pupil counts as a leaver of this school. Nothing of the record is changed or deleted.",
        ),
    ),
    refusing="Nothing changes: the record stays, and the same absence is not asked about again.",
    lands=False,
    has_sides=False,
)
GONE = Cause(
    code="list.gone",
    label="Gone from a list",
    sentence=(
        "A list of the school's that was read whole holds nothing any more of pupils of whom it did, and"
        " nothing says that it was deleted; or it holds nobody of the roll. Nothing was taken out."
    ),
    remedy=(
        "Ask the school whether it has taken this out, and whether it still lets you read the list. It is"
        " decided by itself when the list has the pupil again."
    ),
    decisions=(
        Decision(
            code=CARRY_OUT,
            label="Release: take it out",
            does="What the register holds of the group from this school is deleted; the audit keeps it.",
        ),
    ),
    refusing="The record stays as it is. The same is not asked about again.",
)
SHORT_ROLL = Cause(
    code="roll.short",
    label="Roll too short to believe",
    sentence=(
        "A complete roll of the school named nobody, or far fewer pupils than it had, or came in parts."
        " Nobody counts as missing by it."
    ),
    remedy=(
        "Nothing needs doing: whom the next complete roll names is there, and whom it doesn't name either is"
        " missing from the roll."
    ),
    decisions=(
        Decision(
            code=HAS_LEFT,
            label="Release: the pupils have left",
            does="They count as leavers of this school. Nothing of their records is changed or deleted.",
        ),
    ),
    refusing="Nothing changes: the records stay, and the same absence is not asked about again.",
    lands=False,
    has_sides=False,
)

CAUSES = MappingProxyType(
    {
        each.code: each
        for each in (
            DOUBTED,
            TWO_SCHOOLS,
            TAKEN_FROM_MANY,
            LEAVING_AT_ONCE,
            DELETED_PUPIL,
            REMOVED_KEYS,
            DELETED_ENROLMENTS,
            GONE,
            SHORT_ROLL,
            ABSENT,
        )
    }
)
"""Every cause by its code, worst first: what could mix two children up comes before what could lose one."""

RANKS = MappingProxyType({code: place for place, code in enumerate(CAUSES)})
