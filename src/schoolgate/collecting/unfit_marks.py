"""What is told of marks that came and can't go on: each by its day, its school session and its code."""

from __future__ import annotations

from collections.abc import Iterable

from schoolgate.collecting.books import MOST_PROBLEMS, Books
from schoolgate.collecting.marks import (
    NO_DAY,
    NO_SESSION,
    TWO_MARKS,
    UNKNOWN_CODE,
    UNKNOWN_HALF,
    UNKNOWN_SESSION,
    SetAside,
)
from schoolgate.runs.rules import Problem
from schoolgate_message.groups import ATTENDANCE

LONGEST_ITEM = 40


def refuse_marks(marks: Iterable[SetAside], books: Books) -> None:
    """Count each as refused, and tell of the first few hundred.

    Their pupils' marks are read again next time, but for those beside which another mark was taken.
    """
    for mark in marks:
        books.count(ATTENDANCE, "refused")
        if mark.reason != TWO_MARKS:
            books.refused.append((mark.external_id, ATTENDANCE, mark.reason))
        if len(books.problems) < MOST_PROBLEMS:
            books.note(_told(mark))


def _told(mark: SetAside) -> Problem:
    sentence, remedy = _words(mark)
    return Problem(
        kind="refused",
        code=mark.reason,
        sentence=sentence,
        remedy=remedy,
        external_id=mark.external_id,
        group=ATTENDANCE,
        item=f"{mark.on} {mark.session}".strip()[:LONGEST_ITEM],
        details={"on": mark.on, "session": mark.session, "code": mark.code},
    )


def _words(mark: SetAside) -> tuple[str, str]:
    """The sentence and the remedy of a mark that does not go on."""
    code = f"The attendance code {mark.code}" if mark.code else "A code that is not on the school's list"
    told = {
        NO_SESSION: (
            "A mark does not say for which school session it is.",
            "Ask the school to enter the mark again.",
        ),
        UNKNOWN_SESSION: (
            "A mark is for a school session that the source does not list.",
            "Ask the school whether the session is still in its MIS; the marks are read again next time.",
        ),
        NO_DAY: (
            "A mark is for a school session without a start that could be one.",
            "Ask the school to correct the school session; the marks are read again next time.",
        ),
        UNKNOWN_HALF: (
            f"The school session {mark.session or 'without a name'} is not known as morning or afternoon.",
            "Ask the school to call its sessions AM and PM; the marks are read again next time.",
        ),
        UNKNOWN_CODE: (
            f"{code} stands for no statutory code.",
            "Ask the school to give its own code a statutory one in its MIS, or to correct the mark.",
        ),
        TWO_MARKS: (
            f"{code} came beside another for the same half day, and the other was taken.",
            "Ask the school which of the two is right, and to take the other out.",
        ),
    }
    return told[mark.reason]
