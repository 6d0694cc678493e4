"""``schoolgate demo``: a whole authority on this machine, from nothing to collected bases.

It starts the embedded PostgreSQL, the sandbox, workers and the web server as processes of their own
and ends them with itself; the work is done by the other commands, as in any installation.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import psycopg
import typer
from rich.console import Console

from schoolgate.commands import demo_lock, exits
from schoolgate.commands.child_processes import ChildProcesses, CommandFailedError
from schoolgate.config import environment
from schoolgate.lib import embedded_postgres

PASSWORD = "schoolgate demo"  # noqa: S105 - printed on purpose; works on loopback in a demo only
ONCE = "schoolgate_once"
CALLS_PER_SECOND = 200
"""What the demo's source allows; the real one allows five, and a first evening would take longer."""


def demo(
    *,
    once: Annotated[bool, typer.Option(help="Collect every base once, report, and stop.")] = False,
    again: Annotated[bool, typer.Option(help="With --once: a second snapshot right after.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --once: print one JSON object, nothing else.")
    ] = False,
    bases: Annotated[int, typer.Option(min=1, max=600, help="How many schools.")] = 60,
    workers: Annotated[int, typer.Option(min=1, max=16, help="How many worker processes.")] = 2,
    calls_per_second: Annotated[
        int, typer.Option(min=1, help="What the pretend source allows.")
    ] = CALLS_PER_SECOND,
) -> None:
    """Start a demo authority, collect its bases and keep running until Ctrl-C."""
    console = Console(stderr=True, quiet=as_json)
    data_dir = Path(environment.read("SCHOOLGATE_DATA_DIR")).expanduser().resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    os.environ["SCHOOLGATE_DEMO"] = "1"
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _stop)
    try:
        with (
            demo_lock.held(data_dir),
            contextlib.ExitStack() as at_last,
            ChildProcesses(data_dir / "logs") as children,
        ):
            at_last.callback(embedded_postgres.stop, data_dir)
            _start(children, data_dir, console=console, bases=bases, once=once, allowed=calls_per_second)
            for number in range(workers):
                children.start(f"worker-{number + 1}", "worker")
            if once:
                raise typer.Exit(_collect_once(children, again=again, as_json=as_json))
            _collect_and_serve(children, console)
    except KeyboardInterrupt:
        console.print("\nStopped. What the demo collected is kept; `make clean-demo` removes it.")
    except CommandFailedError as error:
        typer.echo(f"{error.sentence}\n{error.detail}", err=True)
        raise typer.Exit(exits.FAILED) from None
    except demo_lock.DemoRunsError as error:
        typer.echo(f"{error.sentence} {error.remedy}", err=True)
        raise typer.Exit(exits.FAILED) from None


def _start(
    children: ChildProcesses, data_dir: Path, *, console: Console, bases: int, once: bool, allowed: int
) -> None:
    console.print("Starting PostgreSQL …")
    given = environment.read("DATABASE_URL")
    if not given:
        url = embedded_postgres.ensure_running(data_dir).url
        os.environ["DATABASE_URL"] = _fresh_database(url) if once else url
    children.run("migrate")
    console.print(f"Starting {bases} pretend schools …")
    ready = data_dir / "sandbox.json"
    ready.unlink(missing_ok=True)
    options = ("--schools", str(bases), "--calls-per-second", str(allowed), "--ready-file", str(ready))
    children.start("sandbox", "sandbox", "--port", "0", *options)
    children.wait_for("sandbox", ready.exists, seconds=90)
    sandbox = f"http://127.0.0.1:{json.loads(ready.read_text(encoding='utf-8'))['port']}"
    children.run("demo-data", "--sandbox", sandbox)
    if allowed != 5:  # noqa: PLR2004 - the source's own number
        console.print(f"The pretend source allows {allowed} calls a second; the real one allows 5.")


def _fresh_database(url: str) -> str:
    """An empty database beside the demo's own, so that ``--once`` begins at nothing every time."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {ONCE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {ONCE}")
    return urlsplit(url)._replace(path=f"/{ONCE}").geturl()


def _collect_once(children: ChildProcesses, *, again: bool, as_json: bool) -> int:
    """Two snapshots at the most; prints one JSON object or the tables. Returns the exit code."""
    arguments = ("collect", "--all", "--data", "snapshot")
    if not as_json:
        codes = [children.show(*arguments) for _ in range(2 if again else 1)]
        return max(codes)
    answers = [children.answer(*arguments, "--json") for _ in range(2 if again else 1)]
    report: dict[str, Any] = json.loads(answers[0].output)
    if again:
        report["again"] = json.loads(answers[1].output)
    typer.echo(json.dumps(report))
    return max(each.code for each in answers)


def _collect_and_serve(children: ChildProcesses, console: Console) -> None:
    console.print("Collecting every base:")
    children.show("collect", "--all", "--data", "snapshot")
    console.print("And the marks:")
    children.show("collect", "--all", "--data", "attendance-changed")
    port = _free_port(8000)
    children.start("web", "serve", "--port", str(port))
    children.wait_for("web", lambda: _listens(port), seconds=60)
    console.print(
        f"\n[bold]The console is at http://127.0.0.1:{port}/[/bold]\n\n"
        f"  LA data officer    officer   password: {PASSWORD}\n"
        f"  LA administrator   admin     password: {PASSWORD}\n\n"
        "These accounts exist in this demo only and work on this machine only.\n"
        "The workers keep to the schedule. Ctrl-C stops everything; nothing collected is lost."
    )
    _sleep_until_told()


def _sleep_until_told() -> None:
    threading.Event().wait()


def _free_port(wanted: int) -> int:
    """The wanted port, or any free one where that is taken (another checkout's demo, say)."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CommandFailedError("No port is free on 127.0.0.1.", "Close another program and try again.")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
