"""What became of runs: as one JSON object for machines, as a table and a sentence for people."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TypedDict

from rich.console import Console
from rich.table import Table

from schoolgate.commands import exits
from schoolgate.files.models import TransferFile
from schoolgate.runs.models import Account, Run
from schoolgate.runs.states import LogStatus, Stage

TERMS = ("received", "left_out", "unchanged", "written", "in_conflict", "unmatched", "ignored", "refused")


class RunReport(TypedDict):
    """One run: ``groups`` maps a data group to its account, term by term."""

    run: int
    base: str
    name: str
    file: str | None
    status: str
    balanced: bool
    exception: str
    groups: dict[str, dict[str, int]]


class Report(TypedDict):
    """Several runs; ``bases`` counts them, ``balanced`` is true only if every run's books are."""

    bases: int
    runs: list[RunReport]
    balanced: bool
    seconds: float


def report_on(run_ids: Sequence[int], *, seconds: float) -> Report:
    """Read the outcome of the named runs, in base order, with three queries however many they are."""
    runs = list(Run.objects.filter(pk__in=run_ids).select_related("base").order_by("base__dfe_number", "pk"))
    files = _first_files(run_ids)
    accounts: dict[int, dict[str, dict[str, int]]] = {}
    for account in Account.objects.filter(run_id__in=run_ids).order_by("pk"):
        terms = {term: int(getattr(account, term)) for term in TERMS}
        accounts.setdefault(account.run_id, {})[account.group] = terms
    reports = [_one(run, files.get(run.pk), accounts.get(run.pk, {})) for run in runs]
    return {
        "bases": len({run.base_id for run in runs}),
        "runs": reports,
        "balanced": all(each["balanced"] for each in reports),
        "seconds": round(seconds, 1),
    }


def _first_files(run_ids: Sequence[int]) -> dict[int, str]:
    names: dict[int, str] = {}
    for run_id, name in (
        TransferFile.objects.filter(run_id__in=run_ids).order_by("pk").values_list("run_id", "name")
    ):
        names.setdefault(run_id, name)
    return names


def _one(run: Run, file: str | None, groups: dict[str, dict[str, int]]) -> RunReport:
    status = LogStatus(run.status).label if run.status else Stage(run.stage).label
    return {
        "run": run.pk,
        "base": run.base.dfe_number,
        "name": run.base.name,
        "file": file,
        "status": status,
        "balanced": run.is_balanced is True,
        "exception": run.exception_sentence,
        "groups": groups,
    }


def exit_code(report: Report) -> int:
    """Failed when a run failed or does not balance, attention when one has exceptions, else all well."""
    statuses = {each["status"] for each in report["runs"]}
    if not report["balanced"] or LogStatus.FAILED.label in statuses or Stage.CANCELLED.label in statuses:
        return exits.FAILED
    if LogStatus.EXPORTED_WITH_EXCEPTIONS.label in statuses:
        return exits.NEEDS_ATTENTION
    return exits.OK


def as_text(report: Report) -> str:
    """A table, one line a run, and one sentence."""
    table = Table("Base", "File", "Status", "Received", "Unchanged", "Written", "Other", box=None)
    for each in report["runs"]:
        received, unchanged, written = (_total(each, term) for term in ("received", "unchanged", "written"))
        other = received - unchanged - written
        table.add_row(
            f"{each['base']} {each['name']}",
            each["file"] or "no file",
            each["exception"] or each["status"],
            *(f"{number:,}" for number in (received, unchanged, written, other)),
        )
    out = io.StringIO()
    Console(file=out, width=150).print(table)
    return out.getvalue() + _sentence(report)


def _total(run: RunReport, term: str) -> int:
    return sum(terms[term] for terms in run["groups"].values())


def _sentence(report: Report) -> str:
    failed = sum(each["status"] == LogStatus.FAILED.label for each in report["runs"])
    books = "Every account balances." if report["balanced"] else "NOT EVERY ACCOUNT BALANCES."
    ended = f"{failed} failed" if failed else "none failed"
    runs = f"{len(report['runs'])} runs over {report['bases']} bases"
    return f"{runs} in {report['seconds']:.0f} s, {ended}. {books}"
