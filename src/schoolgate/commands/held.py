"""``schoolgate held``: what waits for a person, and deciding it without the console.

No child's data is printed, since a terminal is scrolled back and copied: both sides are on the page Held.
"""

from __future__ import annotations

import enum
import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from schoolgate.accounts.models import User
from schoolgate.accounts.rights import Right
from schoolgate.accounts.scopes import EVERYTHING, scope_of
from schoolgate.commands import exits
from schoolgate.holding import actions as holding
from schoolgate.holding.causes import CAUSES
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.holding.queries import OpenEntry, entries_that_wait, items_of, pupils_of
from schoolgate.holding.refusals import HeldRefusedError
from schoolgate.holding.states import EntryState
from schoolgate.importing.releasing import release
from schoolgate.lib import clock
from schoolgate.pages.words import counted, first_upper


class Errand(enum.StrEnum):
    """What to do with what is held."""

    LIST = "list"
    SHOW = "show"
    RELEASE = "release"
    REFUSE = "refuse"


def held(
    errand: Annotated[Errand, typer.Argument(help="What to do.")] = Errand.LIST,
    number: Annotated[
        int | None, typer.Argument(help="The entry, by the number that the list shows.")
    ] = None,
    *,
    pupil: Annotated[
        list[str] | None, typer.Option(help="Only this pupil, by the school's id; may be given often.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; a decision needs it.")] = "",
    decision: Annotated[
        str, typer.Option(help="Where a release can mean two things: 'same pupil' or 'another child'.")
    ] = "",
    by: Annotated[str, typer.Option(help="E-mail address of the person who decides.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Show what waits for a person; release it, or refuse it with a reason."""
    if errand is Errand.LIST:
        _list(as_json=as_json)
        return
    entry = _entry(number)
    if errand is Errand.SHOW:
        _show(entry, as_json=as_json)
        return
    who = _person(by, entry)
    try:
        said = _decide(errand, entry, pupils=pupil, reason=reason, decision=decision, by=who)
    except HeldRefusedError as error:
        typer.echo(f"{error.sentence} {error.remedy}", err=True)
        raise typer.Exit(exits.FAILED) from None
    typer.echo(json.dumps(said) if as_json else _sentence(said))


def _list(*, as_json: bool) -> None:
    entries = [_row(each) for each in entries_that_wait(EVERYTHING)]
    if as_json:
        typer.echo(json.dumps({"entries": entries}))
    elif not entries:
        typer.echo("Nothing waits for a person.")
    else:
        table = Table("No", "Cause", "Base", "Name", "Pupils", "Being landed", "Since", box=None)
        for row in entries:
            table.add_row(
                str(row["entry"]),
                row["label"],
                row["base"],
                row["name"],
                str(row["pupils"]),
                str(row["being_landed"]),
                row["since"][:10],
            )
        Console().print(table)
        typer.echo("`schoolgate held show NO` tells of whom; both sides of each pupil are on the page Held.")
    raise typer.Exit(exits.NEEDS_ATTENTION if any(row["pupils"] for row in entries) else exits.OK)


def _row(entry: OpenEntry) -> dict[str, Any]:
    return {
        "entry": entry.id,
        "code": entry.code,
        "label": CAUSES[entry.code].label,
        "base": entry.dfe_number,
        "name": entry.base_name,
        "pupils": entry.pupils,
        "being_landed": entry.on_their_way,
        "since": entry.since_at.isoformat(),
    }


def _entry(number: int | None) -> HeldEntry:
    found = HeldEntry.objects.select_related("base").filter(pk=number or 0).first()
    if found is None:
        typer.echo("There is no such entry. `schoolgate held` lists those that wait.", err=True)
        raise typer.Exit(exits.USAGE)
    return found


def _show(entry: HeldEntry, *, as_json: bool) -> None:
    cause = CAUSES[entry.code]
    items = items_of(entry.pk, [row["external_id"] for row in pupils_of(entry.pk)])
    rows = [_item(each) for each in items]
    if as_json:
        about = {"entry": entry.pk, "code": entry.code, "base": entry.base.dfe_number, "state": entry.state}
        typer.echo(json.dumps({**about, "reason": entry.reason, "items": rows}))
        return
    typer.echo(f"{cause.label}, {entry.base.name}: {EntryState(entry.state).label}. {cause.sentence}")
    table = Table("Pupil, by the school's id", "In the register", "What", "Kind", "State", box=None)
    for row in rows:
        pupil = "" if row["pupil_id"] is None else str(row["pupil_id"])
        table.add_row(row["pupil"], pupil, row["group"] or "roll", row["kind"], row["state"])
    Console().print(table)
    for each in cause.decisions:
        typer.echo(f"{each.label} (--decision '{each.code}'). {each.does}")
    typer.echo(f"Refuse. {cause.refusing}")


def _item(item: HeldItem) -> dict[str, Any]:
    return {
        "pupil": item.external_id,
        "pupil_id": item.pupil_id,
        "source": item.source,
        "group": item.group,
        "kind": item.kind,
        "state": item.state,
        "release_run": item.release_run_id,
    }


def _person(email: str, entry: HeldEntry) -> int | None:
    """Who decides, as the audit keeps it; without one it was the command line."""
    if not email:
        return None
    found = User.objects.filter(email__iexact=email).first()
    if found is None or not scope_of(found, Right.HELD_DECIDE).may_see(entry.base_id):
        typer.echo(f"{email} is nobody who may decide about what is held at this base.", err=True)
        raise typer.Exit(exits.USAGE)
    return found.pk


def _decide(
    errand: Errand,
    entry: HeldEntry,
    *,
    pupils: list[str] | None,
    reason: str,
    decision: str,
    by: int | None,
) -> dict[str, Any]:
    now = clock.now()
    if errand is Errand.REFUSE:
        refused = holding.refuse(entry.pk, by=by, reason=reason, now=now, external_ids=pupils)
        return {"refused": refused, "runs": []}
    done = release(entry.pk, by=by, reason=reason, now=now, external_ids=pupils, decision=decision)
    return {"released": done.pupils, "runs": done.run_ids}


def _sentence(said: dict[str, Any]) -> str:
    if "refused" in said:
        return f"Refused for {counted(said['refused'], 'pupil')}."
    runs = ", ".join(str(each) for each in said["runs"])
    what = f"{first_upper(counted(said['released'], 'pupil'))} released."
    return f"{what} It is landed by run {runs}." if runs else what
