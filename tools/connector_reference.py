"""Prints a connector's page of the reference from what its folder declares."""

from __future__ import annotations

from itertools import groupby

from data_reference import NOTE
from schoolgate.connectors.connector import Connector
from schoolgate.connectors.declarations import Assumption, Kind
from schoolgate_message.data_types import DataType

_INTRODUCTION = (
    "How Schoolgate collects from {label}: what a base's connection is made of, what is taken for granted of "
    "the source, and where data items come from. Officers see and change the same on the pages System, "
    "Connections and System, Mapping."
)
_STANDINGS = (
    "*Stated*: the supplier says so in public. *Inferred*: it follows from that, or from a standard. "
    "*Assumed*: nobody says so; the first real school shows it."
)


def connector_page(connector: Connector) -> str:
    """One vendor: what can be collected, what a connection needs, what is taken for granted, the domains."""
    lines = [
        f"# {connector.label}",
        "",
        _INTRODUCTION.format(label=connector.label),
        "",
        f"It collects {_listed(connector)}. {connector.words.changes_kept}",
        "",
        *_connection(connector),
        *_assumptions(connector),
        *_domains(connector),
    ]
    return NOTE + "\n".join(lines) + "\n"


def _listed(connector: Connector) -> str:
    labels = [each.label for each in DataType if each.value in connector.data_types]
    return ", ".join(labels[:-1]) + f" and {labels[-1]}"


def _connection(connector: Connector) -> list[str]:
    lines = [f"## {connector.words.settings}", "", connector.words.where_settings_stand, ""]
    lines += ["| Setting | Needed | Kept |", "|---|---|---|"]
    for each in connector.connection_settings:
        needed = "yes" if each.is_required else f"no. {each.help}"
        lines.append(
            f"| {each.label} | {needed} | {'sealed, never shown' if each.is_secret else 'as text'} |"
        )
    return [*lines, ""]


def _assumptions(connector: Connector) -> list[str]:
    lines = [
        "## What is taken for granted",
        "",
        _STANDINGS,
    ]
    for section, found in groupby(connector.assumptions, lambda each: each.section):
        lines += ["", f"### {section}", "", "| Setting | Default | How sure | How we know | What it does |"]
        lines.append("|---|---|---|---|---|")
        lines += [
            f"| {each.label} | {_default(each)} | {each.standing.value} | {each.fact} | {_effect(each)} |"
            for each in found
        ]
    return [*lines, ""]


def _default(declared: Assumption) -> str:
    if declared.kind is Kind.YES_OR_NO:
        return "yes" if declared.default == "true" else "no"
    if not declared.default:
        return "none"
    text = declared.default.replace("|", "\\|")
    return f"`{text}` {declared.unit}".strip()


def _effect(declared: Assumption) -> str:
    if declared.is_operators:
        return f"{declared.effect} Set by the operator: `SCHOOLGATE_SOURCE_HOSTS`."
    if declared.most:
        return f"{declared.effect} From {declared.least:,.10g} to {declared.most:,.10g}."
    return declared.effect


def _domains(connector: Connector) -> list[str]:
    mapping = connector.mapping()
    lines = [
        "## Domains",
        "",
        "| Domain | Address | Data groups | Changes | How sure |",
        "|---|---|---|---|---|",
    ]
    for each in mapping.domains:
        changes = "asked for" if each.has_changes else "read whole and sifted"
        groups = ", ".join(f"`{group}`" for group in each.groups)
        lines.append(f"| {each.name} | `{each.address}` | {groups} | {changes} | {each.standing.value} |")
    lines += ["", "Beside them:", "", "| What | Address | How sure |", "|---|---|---|"]
    lines += [f"| {each.label} | `{each.address}` | {each.standing.value} |" for each in mapping.places]
    return lines
