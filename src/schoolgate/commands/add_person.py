"""`schoolgate add-person`: gives a person a sign-in; the way the first administrator comes in."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from schoolgate.accounts.actions import add_person as add
from schoolgate.accounts.actions import limit_person
from schoolgate.accounts.models import Role, User
from schoolgate.bases.queries import by_dfe_number
from schoolgate.commands import exits
from schoolgate.lib import clock


def add_person(
    email: Annotated[str, typer.Argument(help="The e-mail address the person signs in with.")],
    *,
    name: Annotated[str, typer.Option(help="Given name and family name.")],
    role: Annotated[Role, typer.Option(help="What the person is to the authority.")] = Role.OFFICER,
    base: Annotated[
        list[str] | None,
        typer.Option(help="DfE number of a base the person is limited to; give it once for each."),
    ] = None,
    is_everywhere: Annotated[
        bool, typer.Option("--every-base", help="Lift the limit to some bases that a person has.")
    ] = False,
) -> None:
    """Give a person a sign-in; the password is asked for, or read from standard input.

    A person who has one already gets this name, role and password, and keeps the limit to some bases unless
    one of the two options says otherwise.
    """
    base_ids = _ids_of(base or [])
    if base_ids and is_everywhere:
        typer.echo("Either --base or --every-base; nothing was done.", err=True)
        raise typer.Exit(exits.USAGE)
    is_asked = sys.stdin.isatty()
    password = getpass.getpass("Password: ") if is_asked else sys.stdin.readline().rstrip("\n")
    if is_asked and getpass.getpass("Once more: ") != password:
        typer.echo("The two passwords differ; nothing was done.", err=True)
        raise typer.Exit(exits.USAGE)
    try:
        validate_password(password, User(email=email, username=email))
    except ValidationError as error:
        typer.echo(" ".join(error.messages), err=True)
        raise typer.Exit(exits.USAGE) from error
    with transaction.atomic():
        person = add(email=email, name=name, role=role, password=password, by=None, now=clock.now())
        if base_ids or is_everywhere:
            limit_person(person.pk, base_ids=base_ids or None, by=None, now=clock.now())
    typer.echo(f"{person.email} may sign in as {Role(person.role).label}; a second factor comes first.")
    if base_ids:
        typer.echo(f"What this person sees is limited to {len(base_ids)} of the authority's bases.")


def _ids_of(dfe_numbers: list[str]) -> list[int]:
    """The bases' ids; a number that is none of the authority's stops the command."""
    found = {number: by_dfe_number(number.replace("/", "")) for number in dfe_numbers}
    unknown = [number for number, base in found.items() if base is None]
    if unknown:
        typer.echo(f"There is no base with the number {unknown[0]}; nothing was done.", err=True)
        raise typer.Exit(exits.USAGE)
    return [base.pk for base in found.values() if base is not None]
