"""What an installation is told from outside."""

from __future__ import annotations

import pytest

from schoolgate.config import environment
from schoolgate.config.database import UnusableDatabaseUrl, be_impatient, database_from
from schoolgate.config.demo_keys import key_for
from schoolgate.lib.sealed import sealer_from


def test_takes_a_secret_from_the_file_that_is_named(tmp_path):
    path = tmp_path / "secret"
    path.write_text("from the file\n")
    assert environment.read("SECRET_KEY", environ={"SECRET_KEY_FILE": str(path)}) == "from the file"


def test_says_which_file_can_not_be_read(tmp_path):
    with pytest.raises(environment.MissingSetting, match="SECRET_KEY_FILE"):
        environment.read("SECRET_KEY", environ={"SECRET_KEY_FILE": str(tmp_path / "absent")})


def test_stops_with_a_hint_when_a_setting_is_missing():
    with pytest.raises(environment.MissingSetting, match=r"SECRET_KEY or SECRET_KEY_FILE .*python3"):
        environment.require("SECRET_KEY", environ={})


def test_falls_back_to_a_declared_default_only():
    assert environment.read("SCHOOLGATE_DATA_DIR", environ={}) == "./var"
    with pytest.raises(KeyError):
        environment.read("UNDECLARED", environ={"UNDECLARED": "x"})


@pytest.mark.parametrize(
    ("word", "is_on"), [("1", True), ("True", True), ("", False), ("0", False), ("no", False)]
)
def test_reads_yes_and_no(word, is_on):
    assert environment.is_on("SCHOOLGATE_DEMO", environ={"SCHOOLGATE_DEMO": word}) is is_on


def test_understands_a_database_url_with_escapes_and_options():
    made = database_from("postgresql://us%40er:p%2Fw@db.example:6543/the%20name?sslmode=require")
    assert (made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == (
        "us@er",
        "p/w",
        "db.example",
        "6543",
    )
    assert made["NAME"] == "the name"
    assert made["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize("url", ["sqlite:///x", "postgresql://host", "nonsense", "mysql://u:p@h/n"])
def test_refuses_what_is_not_postgresql_without_repeating_it(url):
    with pytest.raises(UnusableDatabaseUrl) as refusal:
        database_from(url)
    assert url not in str(refusal.value)


def test_makes_a_demos_keys_once_and_for_its_owner_only(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.delenv("SCHOOLGATE_ENCRYPTION_KEYS", raising=False)
    for name in ("SECRET_KEY", "SCHOOLGATE_ENCRYPTION_KEYS"):
        made = key_for(name, data_dir=tmp_path, is_demo=True)
        assert key_for(name, data_dir=tmp_path, is_demo=True) == made
        assert (tmp_path / "demo-keys" / name.lower()).stat().st_mode & 0o077 == 0
    assert sealer_from(made).keys[0].id == "demo"


def test_makes_no_keys_outside_a_demo(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(environment.MissingSetting):
        key_for("SECRET_KEY", data_dir=tmp_path, is_demo=False)
    assert not list(tmp_path.iterdir())


def test_notices_a_vanished_worker_and_keeps_what_the_address_asks_for():
    made = database_from("postgresql://u:p@db.example/name?options=-c%20work_mem%3D64MB")
    told = made["OPTIONS"]["options"]
    assert "-c tcp_keepalives_idle=10" in told
    assert told.endswith("-c work_mem=64MB")
    assert "lock_timeout" not in told


def test_lets_no_page_wait_long_for_anothers_lock():
    made = database_from("postgresql://u:p@db.example/name")
    be_impatient(made)
    assert "-c lock_timeout=4s" in made["OPTIONS"]["options"]
    assert "-c idle_in_transaction_session_timeout=60s" in made["OPTIONS"]["options"]
