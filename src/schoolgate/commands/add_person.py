"""`schoolgate add-person`: gives a person a sign-in; the way the first administrator comes in."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from schoolgate.accounts.actions import add_person as add
from schoolgate.accounts.models import Role, User
from schoolgate.commands import exits
from schoolgate.lib import clock


def add_person(
    email: Annotated[str, typer.Argument(help="The e-mail address the person signs in with.")],
    *,
    name: Annotated[str, typer.Option(help="Given name and family name.")],
    role: Annotated[Role, typer.Option(help="What the person is to the authority.")] = Role.OFFICER,
) -> None:
    """Give a person a sign-in; the password is asked for, or read from standard input.

    A person who has one already gets this name, role and password.
    """
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
    person = add(email=email, name=name, role=role, password=password, by=None, now=clock.now())
    typer.echo(f"{person.email} may sign in as {Role(person.role).label}; a second factor comes first.")
