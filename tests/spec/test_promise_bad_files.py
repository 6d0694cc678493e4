"""# A file that is no message

A message that is cut short, too large, laden with entities or against the schema is refused with the line
and the reason, nothing of it lands, and the file is kept for a person to see.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator

import pytest
from tests.house import House
from tests.spec.register import state_of

ENTITIES = b'<?xml version="1.0"?>\n<!DOCTYPE bomb [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n'


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One school, collected whole: its own file is what the bad ones are made of."""
    built = House(tmp_path_factory.mktemp("files"), schools=1, pupils=30)
    try:
        built.start_worker()
        built.collect("snapshot")
        yield built
    finally:
        built.close()


def _truncated(good: bytes) -> bytes:
    return good[: len(good) // 2]


def _oversized(good: bytes) -> bytes:
    """One pupil of seventeen megabytes."""
    return good.replace(b"<Pupil ", b'<Pupil Surname2="' + b"a" * 17_000_000 + b'" ', 1)


def _entity_laden(good: bytes) -> bytes:
    return ENTITIES + good.split(b"?>", 1)[1]


def _schema_breaking(good: bytes) -> bytes:
    return good.replace(b"</Pupil>", b"<Shoesize>4</Shoesize></Pupil>", 1)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_truncated, "message.truncated"),
        (_oversized, "message.too_large"),
        (_entity_laden, "message.doctype"),
        (_schema_breaking, "message.schema"),
    ],
    ids=["truncated", "oversized", "entity-laden", "schema-breaking"],
)
def test_is_refused_with_line_and_reason_and_kept(
    house: House, spoil: Callable[[bytes], bytes], code: str
) -> None:
    """The run fails with a sentence, the file keeps line and code, the register is untouched."""
    kept = house.rows("SELECT body FROM transfer_file_content ORDER BY file_id LIMIT 1")[0]["body"]
    # Under an id of its own: it is not the collected message once more.
    bad = spoil(gzip.decompress(bytes(kept)).replace(b"<MessageId>", b"<MessageId>" + code.encode()))
    path = house.folder / "bad.xml"
    path.write_bytes(bad)
    dfe_number = house.rows("SELECT dfe_number FROM base")[0]["dfe_number"]
    before = state_of(house)
    answer = json.loads(house.schoolgate("receive", str(path), "--base", dfe_number, "--json", check=False))
    assert answer["runs"][0]["status"] == "Failed"
    assert answer["runs"][0]["exception"]
    file = house.rows("SELECT * FROM transfer_file ORDER BY id DESC LIMIT 1")[0]
    assert file["refusal_code"] == code
    assert file["refusal_sentence"]
    assert file["refusal_line"] > 0
    body = house.rows("SELECT body FROM transfer_file_content ORDER BY file_id DESC LIMIT 1")[0]["body"]
    assert gzip.decompress(bytes(body)) == bad
    logged = house.rows("SELECT exception_details FROM task_log ORDER BY id DESC LIMIT 1")[0]
    assert file["refusal_sentence"] in logged["exception_details"]
    assert state_of(house) == before
