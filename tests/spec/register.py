"""Reads the register back with plain SQL, as an analyst would, to hold it against the schools' truth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.house import House
from tests.spec.truth import Difference, comparable, expected_blocks

from schoolgate.lib import clock
from schoolgate_message.groups import GROUPS
from schoolgate_message.items import Scope


def differences(house: House, dfe_number: str) -> list[Difference]:
    """Every item in which the register and the school's own truth disagree, for one base."""
    truth = house.control(f"/truth/{dfe_number}")
    base_id = house.rows("SELECT id FROM base WHERE dfe_number = %s", dfe_number)[0]["id"]
    known = {
        row["external_id"]: row["pupil_id"]
        for row in house.rows(
            "SELECT external_id, pupil_id FROM pupil_external_id WHERE base_id = %s", base_id
        )
    }
    held = {
        group.name: held_rows(house, group.name, base_id, is_base=group.scope is Scope.BASE)
        for group in GROUPS
    }
    found: list[Difference] = []
    for pupil in truth["pupils"]:
        if pupil["on_roll"] == "Future":
            continue  # has a place to come; nothing is collected before the first day
        pupil_id = known.get(pupil["external_id"])
        if pupil_id is None and left_long_ago(pupil):
            continue  # left before anything was sent: the authority is not told of a school's past
        if pupil_id is None:
            found.append((dfe_number, pupil["external_id"], "pupil", "on the roll", "unknown"))
            continue
        for group, expected in expected_blocks(pupil):
            got = comparable(held[group].get(pupil_id, []))
            if got != expected:
                found.append((dfe_number, pupil["external_id"], group, expected, got))
    return found


def left_long_ago(pupil: Mapping[str, Any]) -> bool:
    """Whether a pupil of the truth left more than the source's three months (92 days) before today."""
    left = [row["LeavingDate"] or "" for row in pupil["LearnerEnrolments"]]
    reach = (clock.today() - timedelta(days=92)).isoformat()
    return pupil["on_roll"] == "Leaver" and max(left)[:10] < reach


def held_rows(house: House, group: str, base_id: int, *, is_base: bool) -> dict[int, list[dict[str, Any]]]:
    """The register's rows of one group by pupil; of the base alone where the group is a base's."""
    names = next(each.item_names for each in GROUPS if each.name == group)
    query = f"SELECT pupil_id, {', '.join(names)} FROM pupil_{group}"
    values = (base_id,) if is_base else ()
    rows: dict[int, list[dict[str, Any]]] = {}
    for row in house.rows(query + (" WHERE base_id = %s" if is_base else ""), *values):
        plain = {name: _plain(row[name]) for name in names}
        rows.setdefault(row["pupil_id"], []).append(plain)
    return rows


def _plain(value: object) -> object:
    return f"{float(value):g}" if type(value).__name__ == "Decimal" else value  # type: ignore[arg-type]


def mark_differences(house: House, dfe_number: str) -> list[Difference]:
    """Every school session whose mark the register holds otherwise than the school, since its move."""
    truth = house.control(f"/truth/{dfe_number}")
    held = {
        (row["external_id"], row["day"].isoformat()): row["marks"]
        for row in house.rows(
            """
            SELECT x.external_id, y.start_date + d AS day, substr(y.marks, 2 * d + 1, 2) AS marks
            FROM attendance_year y
            JOIN base b ON b.id = y.base_id
            JOIN pupil_external_id x ON x.base_id = y.base_id AND x.pupil_id = y.pupil_id
            CROSS JOIN LATERAL generate_series(0, length(y.marks) / 2 - 1) AS d
            WHERE b.dfe_number = %s
            """,
            dfe_number,
        )
    }
    found: list[Difference] = []
    for pupil in truth["pupils"]:
        for day, expected in pupil["marks"].items():
            got = held.get((pupil["external_id"], day), "--")
            if got != expected:
                found.append((dfe_number, pupil["external_id"], day, expected, got))
    return found


def state_of(house: House) -> dict[str, list[Any]]:
    """Everything the register holds, in terms that do not depend on ids or clocks."""
    everything: dict[str, list[Any]] = {}
    for group in GROUPS:
        columns = ", ".join(f"g.{name}::text" for name in group.item_names)
        scope = "AND g.base_id = x.base_id" if group.scope is Scope.BASE else ""
        everything[group.name] = [
            tuple(row.values())
            for row in house.rows(
                f"SELECT x.external_id, {columns} FROM pupil_{group.name} g "
                f"JOIN pupil_external_id x ON x.pupil_id = g.pupil_id {scope} ORDER BY 1, 2, 3, 4"
                if len(group.item_names) > 2
                else f"SELECT x.external_id, {columns} FROM pupil_{group.name} g "
                f"JOIN pupil_external_id x ON x.pupil_id = g.pupil_id {scope} ORDER BY 1, 2"
            )
        ]
        everything[group.name].sort(key=str)
    everything["marks"] = [
        tuple(row.values())
        for row in house.rows(
            "SELECT x.external_id, y.academic_year, y.start_date::text, y.marks, y.whole_codes::text "
            "FROM attendance_year y JOIN pupil_external_id x "
            "ON x.base_id = y.base_id AND x.pupil_id = y.pupil_id ORDER BY 1, 2"
        )
    ]
    everything["pupils"] = [tuple(row.values()) for row in house.rows("SELECT count(*) FROM pupil")]
    return everything
