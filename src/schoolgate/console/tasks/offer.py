"""What the task form offers the ticked bases: each choice with when it can be had, and why not now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict

from schoolgate.bases.access import Base, bases_for, search_for
from schoolgate.bases.queries import by_name
from schoolgate.console.tasks.forms import ATTENDANCE, FILTERS
from schoolgate.pages.asked import numbers
from schoolgate.pages.words import listed
from schoolgate.tasks.options import Availability, BaseKind, Option, Options, options_for
from schoolgate_message.data_types import ATTENDANCE_KINDS, DataType

NAMES_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One choice of the form. ``note`` says when it can be had, ``short`` the same in a few words."""

    value: str
    text: str
    note: str = ""
    short: str = ""
    is_disabled: bool = False


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The form's choices, and the notes beneath the drop-downs, where a choice can't hold its reason."""

    options: Options
    transfer_types: Sequence[Choice]
    filters: Sequence[Choice]
    attendance: Sequence[Choice]
    notes: dict[str, str]

    @property
    def why(self) -> list[str]:
        """The reasons of what the two drop-downs can't offer, each once."""
        return list(dict.fromkeys(f"{each.text}: {each.note}" for each in self.filters if each.note))


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The bases a page is about: ticked one by one, or all that a search finds."""

    bases: Sequence[Base]
    is_all: bool = False
    text: str = ""

    @property
    def ids(self) -> list[int]:
        """Their ids."""
        return [base.pk for base in self.bases]

    @property
    def query(self) -> str:
        """The same choice in an address."""
        query = QueryDict(mutable=True)
        if self.is_all:
            query.update({"all": "1", "q": self.text})
        else:
            query.setlist("base", [str(base.pk) for base in self.bases])
        return query.urlencode()


def chosen_bases(request: HttpRequest) -> Chosen:
    """The active bases of ``?base=`` (many), or of ``?all=1&q=``: all that a search finds."""
    asked = request.POST if request.method == "POST" else request.GET
    if asked.get("all"):
        text = asked.get("q", "")
        found = search_for(request.user, text=text, is_active=True)
        return Chosen(bases=list(found), is_all=True, text=text)
    found = bases_for(request.user).filter(pk__in=numbers(asked.getlist("base")), is_active=True)
    return Chosen(bases=list(found.order_by(*by_name())))


def offer_for(bases: Iterable[Base]) -> Offer:
    """What can be chosen for these bases together; without bases, everything there is."""
    asked = [BaseKind(base_id=base.pk, name=base.name, mis=base.mis) for base in bases]
    options, total = options_for(asked), len(asked)
    attendance = [_choice(options.for_(each.value), total=total) for each in ATTENDANCE_KINDS]
    filters = [
        Choice(value=value, text=label, is_disabled=all(each.is_disabled for each in attendance))
        if value == ATTENDANCE
        else _choice(options.for_(value), total=total)
        for value, label in FILTERS
    ]
    return Offer(
        options=options,
        transfer_types=[_choice(each, total=total) for each in options.transfer_types],
        filters=filters,
        attendance=attendance,
        notes={each.value: _choice(each, total=total).note for each in options.filters},
    )


def first_choice(offer: Offer) -> dict[str, str]:
    """What a new task begins with among what these bases can have: changed data, else what there is."""
    kinds = [each.value for each in offer.attendance if not each.is_disabled]
    can = [each.value for each in offer.filters if not each.is_disabled]
    found = {"attendance_type": kinds[0]} if len(kinds) == 1 else {}
    if DataType.CHANGED_DATA.value not in can and can:
        found["data_filter"] = can[0]
    return found


def _choice(option: Option, *, total: int) -> Choice:
    if option.availability is Availability.NOW:
        return Choice(value=option.value, text=option.label)
    is_later = option.availability is Availability.AFTER_MIGRATION
    return Choice(
        value=option.value,
        text=option.label,
        note=option.reason if is_later else f"{option.reason}{_concerned(option, total=total)}",
        short="after the migration" if is_later else "not for these bases",
        is_disabled=not option.may_be_chosen,
    )


def _concerned(option: Option, *, total: int) -> str:
    """Who stands in the way, where it isn't all of them."""
    names = list(option.bases)
    if not names or len(names) == total:
        return ""
    more = len(names) - NAMES_SHOWN
    shown = names if more <= 0 else [*names[:NAMES_SHOWN], f"{more} more"]
    return f" Concerns {listed(shown)}."
