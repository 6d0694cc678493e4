"""# Nothing leaks

A child's name, date of birth, UPN, address, telephone number or e-mail stands in the register, in the
files that brought it and in the audit, and nowhere else: in no log of any process, no sentence of the task
log, no job, no progress. Secrets are sealed at rest and stand in no log. A wrong id and a forbidden id
look the same.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
from django.apps import apps
from django.test import Client
from django.urls import get_resolver, reverse
from tests import cast
from tests.architecture.test_routes import routes
from tests.house import House, free_port

from schoolgate.accounts.models import User

SOURCES = Path(__file__).resolve().parents[2] / "src"
MARKED = {"LegalSurname": "Zyxwhitlock", "LegalForename": "Quenbrygh"}
PASSWORD = "schoolgate demo"
PLAIN_TABLES = ("procrastinate_jobs", "procrastinate_events", "procrastinate_workers", "django_session")


class Leaks:
    """What must not be found: the particulars of every child, and every secret."""

    def __init__(self, house: House) -> None:
        """Gather them from the source's own truth."""
        schools = house.control("/schools")
        self.secrets = {school[name] for school in schools for name in ("client_secret", "subscription_key")}
        self.personal = set(MARKED.values())
        names: set[str] = set()
        for school in schools:
            for pupil in house.control(f"/truth/{school['dfe_number']}")["pupils"]:
                names |= self._gather(pupil)
        code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
        schools_words = " ".join(school["name"] for school in schools)
        self.personal |= {each for each in names if len(each) > 4 and each not in code + schools_words}
        self._found = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, sorted(self.personal))) + r")(?!\w)")

    def _gather(self, pupil: dict[str, Any]) -> set[str]:
        names: set[str] = set()
        for row in (row for rows in pupil.values() if isinstance(rows, list) for row in rows):
            flat = {**row, **(row["Address"] if isinstance(row.get("Address"), dict) else {})}
            for name, value in flat.items():
                if not isinstance(value, str) or not value:
                    continue
                if name.endswith(("Surname", "Forename")):
                    names.add(value)
                elif (
                    name in {"UPN", "FormerUPN", "DateOfBirth", "PostCode", "Email", "Value"}
                    or "Telephone" in name
                ):
                    self.personal.add(value)
        return names

    def personal_in(self, text: str) -> set[str]:
        """The particulars of children that stand in a text."""
        return set(self._found.findall(text))

    def secrets_in(self, text: str) -> set[str]:
        """The secrets, tokens and passwords that stand in a text."""
        tokens = set(re.findall(r"eyJ[\w-]{10,}\.[\w-]+\.[\w-]+", text))
        return {each for each in {*self.secrets, PASSWORD} if each in text} | tokens


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two schools that have been through everything that may go wrong."""
    built = House(tmp_path_factory.mktemp("leaks"), schools=2, pupils=40)
    try:
        built.rows(
            "INSERT INTO source_setting (mis, name, value, changed_at) VALUES ('sims_primary', 'read_seconds', '2', now()) RETURNING id"
        )
        built.start_worker()
        _live_through(built)
        yield built
    finally:
        built.close()


@pytest.fixture(scope="module")
def leaks(house: House) -> Leaks:
    return Leaks(house)


def _live_through(house: House) -> None:
    """Snapshot, marks, refusals, an unmatched pupil, faults, a bad file, a killed worker, a visitor."""
    school, other = house.control("/schools")
    house.collect("snapshot")
    house.collect("attendance-changed")
    _spoil(house, school["dfe_number"], other["dfe_number"])
    house.control("/advance", {"days": 7})
    for kind in ("truncated", "foreign_link", "content_type", "server_error", "unauthorised"):
        house.control("/faults", {"kind": kind, "domain": "LearnerContacts", "times": 1})
        house.schoolgate("collect", "--base", school["dfe_number"], "--data", "changed", check=False)
        house.control("/faults", method="DELETE")
    house.collect("snapshot")
    house.collect("attendance-changed")
    _receive_nonsense(house, school["dfe_number"])
    _visit(house)
    with house.holding("pupil_address"):
        _edit(house, other["dfe_number"], 3, "LearnerAddresses", Street="Zyxwhitlock Row")
        house.collect("changed", other["dfe_number"], wait=False)
        house.until_somebody_waits_for("pupil_address")
        house.kill("worker")
    house.start_worker()
    house.until_finished()
    worker = house.processes["worker"]
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=30)


def _spoil(house: House, dfe_number: str, other: str) -> None:
    """Values that are refused, and a UPN that belongs to somebody else."""
    _edit(house, dfe_number, 0, "LearnerPersonals", **MARKED, MiddleNames="Quenbrygh " * 40)
    _edit(house, dfe_number, 1, "LearnerAddresses", PostCode="ZYXWHITLOCK 1AA" * 20)
    _edit(house, dfe_number, 2, "LearnerContacts", Relationship="Zyxwhitlock", Forename="Quenbrygh")
    taken = _current(house, other)[0]["LearnerPersonals"][0]["UPN"]
    _edit(house, dfe_number, 4, "LearnerPersonals", UPN=taken)
    stranger = _current(house, dfe_number)[4]["external_id"]
    house.rows("DELETE FROM pupil_external_id WHERE external_id = %s RETURNING id", stranger)


def _current(house: House, dfe_number: str) -> list[dict[str, Any]]:
    return [each for each in house.control(f"/truth/{dfe_number}")["pupils"] if each["on_roll"] == "Current"]


def _edit(house: House, dfe_number: str, place: int, domain: str, **items: object) -> None:
    found = _current(house, dfe_number)[place]["external_id"]
    place_of = {"dfe_number": dfe_number, "external_id": found, "domain": domain, "row": 0}
    house.control("/edit", {**place_of, "items": items})


def _receive_nonsense(house: House, dfe_number: str) -> None:
    """A message that names a child and breaks off, and one that breaks the schema."""
    for number, text in enumerate(('<B2BStudent><Zyxwhitlock Forename="Quenbrygh"', "<Zyxwhitlock/>")):
        file = house.folder / f"nonsense-{number}.xml"
        file.write_text(text, encoding="utf-8")
        house.schoolgate("receive", str(file), "--base", dfe_number, check=False)


def _visit(house: House) -> None:
    """Somebody signs in, looks a child up, and opens pages that are not there."""
    port = free_port()
    house.start_web(port)
    address = f"http://127.0.0.1:{port}"
    visitor = build_opener(HTTPCookieProcessor(CookieJar()))
    house.until(lambda: _answers(visitor, f"{address}/health"), what="the console answers")
    page = _text(visitor, f"{address}/accounts/login/")
    for password in ("Zyxwhitlock", PASSWORD):
        page = _text(visitor, f"{address}/accounts/login/", login="officer", password=password, page=page)
    assert "Sign out" in page
    for path in (
        "/pupils/?q=Zyxwhitlock",
        "/pupils/999999/?q=Zyxwhitlock",
        "/pupils/1/?q=%ff",
        "/Zyxwhitlock/",
    ):
        _text(visitor, address + path)


def _answers(visitor: OpenerDirector, address: str) -> bool:
    try:
        return bool(visitor.open(address, timeout=5).read())
    except OSError:
        return False


def _text(visitor: OpenerDirector, address: str, *, page: str = "", **sent: str) -> str:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    data = urlencode({**sent, "csrfmiddlewaretoken": token[1]}).encode() if token and sent else None
    try:
        return str(visitor.open(address, data, timeout=20).read().decode())
    except HTTPError as error:
        return error.read().decode()


def _tables(house: House) -> list[str]:
    """Every table; one in pieces as a whole, which reads them all."""
    rows = house.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
    )
    return [row["relname"] for row in rows]


def _text_of(house: House, table: str) -> str:
    return "\n".join(row["line"] for row in house.rows(f'SELECT held::text AS line FROM "{table}" held'))


def test_went_through_what_may_go_wrong(house: House, leaks: Leaks) -> None:
    """There were refusals, an unmatched pupil, faults and a refused file to leak something by."""
    codes = {row["code"] for row in house.rows("SELECT DISTINCT code FROM run_exception")}
    assert {"collecting.invalid_value", "match.upn_taken"} <= codes
    assert any(code.startswith("source.") for code in codes)
    assert house.rows("SELECT 1 FROM transfer_file WHERE refusal_code <> ''")
    assert len(leaks.personal) > 200
    assert leaks.personal_in("said Quenbrygh, 3") == {"Quenbrygh"}


def test_writes_no_childs_particulars_and_no_secret_into_a_log(house: House, leaks: Leaks) -> None:
    """Every log file of every process, the database's included, is searched."""
    logs = sorted(house.folder.rglob("*.log"))
    assert {"worker.log", "web.log", "server.log"} <= {path.name for path in logs}
    for path in logs:
        text = path.read_text(encoding="utf-8", errors="replace")
        assert (path.name, leaks.personal_in(text), leaks.secrets_in(text)) == (path.name, set(), set())


def test_keeps_no_childs_particulars_in_tables_that_are_not_declared_to_hold_them(
    house: House, leaks: Leaks
) -> None:
    """Runs, exceptions, the task log, the activity log, jobs: all but what is declared personal."""
    declared = {
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "Privacy", None) and model.Privacy.level in {"personal", "special"}
    }
    searched = [table for table in _tables(house) if table not in declared]
    assert {"run", "task_log", "audit_event", *PLAIN_TABLES} <= set(searched)
    found = {table: leaks.personal_in(_text_of(house, table)) for table in searched}
    assert {table: words for table, words in found.items() if words} == {}


def test_names_no_child_in_a_sentence_an_officer_reads(house: House, leaks: Leaks) -> None:
    """What happened is told by ids; who it was, a page looks up for those who may see it."""
    told = house.rows("SELECT sentence, remedy, code, details::text AS details FROM run_exception")
    told += house.rows(
        "SELECT exception_sentence, exception_remedy, exception_detail, progress::text AS progress,"
        " intake::text AS intake FROM run"
    )
    told += house.rows("SELECT exception_details FROM task_log")
    told += house.rows("SELECT refusal_sentence FROM transfer_file")
    assert leaks.personal_in("\n".join(str(value) for row in told for value in row.values())) == set()


def test_seals_secrets_wherever_they_are_kept(house: House, leaks: Leaks) -> None:
    """The whole database holds no secret, key, password or token as it is."""
    found = {table: leaks.secrets_in(_text_of(house, table)) for table in _tables(house)}
    assert {table: words for table, words in found.items() if words} == {}


@pytest.mark.django_db
def test_answers_a_wrong_and_a_forbidden_id_alike() -> None:
    """Somebody without the right can't tell by any address whether a thing exists."""
    base = cast.base()
    ids = {base.pk, cast.task(base).pk, cast.run(base).pk}
    stranger = Client()
    stranger.force_login(cast.stranger())
    for pattern in (pattern for _, pattern in routes() if pattern.name and pattern.pattern.converters):
        names = pattern.pattern.converters
        for there in ids:
            answers = [
                stranger.get(reverse(pattern.name, kwargs=dict.fromkeys(names, number)))
                for number in (there, 987654)
            ]
            told = {(answer.status_code, _title(answer.content.decode())) for answer in answers}
            assert len(told) == 1, pattern.name
            assert answers[0].status_code in {403, 404, 405}, pattern.name
    assert get_resolver().url_patterns


@pytest.mark.django_db
def test_lets_nobody_try_passwords_without_end() -> None:
    """After some wrong passwords even the right one is not asked for a while."""
    person = User.objects.create_user(username="olwen", password="a long one for olwen", is_demo=True)
    visitor = Client()
    for number in range(12):
        visitor.post("/accounts/login/", {"login": person.username, "password": f"wrong {number}"})
    visitor.post("/accounts/login/", {"login": person.username, "password": "a long one for olwen"})
    assert "_auth_user_id" not in visitor.session


@pytest.mark.django_db
def test_keeps_the_session_from_scripts_and_other_sites() -> None:
    """The cookie of the session is for this server's own pages only."""
    User.objects.create_user(username="olwen", password="a long one for olwen", is_demo=True)
    visitor = Client()
    visitor.get("/accounts/login/")
    visitor.post("/accounts/login/", {"login": "olwen", "password": "a long one for olwen"})
    assert "_auth_user_id" in visitor.session
    assert len(visitor.cookies) > 1
    for name, cookie in visitor.cookies.items():
        assert (name, cookie["httponly"], cookie["samesite"]) == (name, True, "Lax")


def _title(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    return found[1].strip() if found else page[:80]
