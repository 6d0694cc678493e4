"""# A message that comes twice

Networks fail after the message has arrived and before the sender has heard of it, so every sender sends
again. The same message is answered with what became of the first, and changes nothing. Another message under
the id of an earlier one is refused at the door, and the register stays as it is.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.house import House
from tests.spec.register import state_of


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One school, collected whole: its own file is what the messages are made of."""
    built = House(tmp_path_factory.mktemp("once"), schools=1, pupils=30)
    try:
        built.start_worker()
        built.collect("snapshot")
        yield built
    finally:
        built.close()


def _collected(house: House) -> bytes:
    kept = house.rows("SELECT body FROM transfer_file_content ORDER BY file_id LIMIT 1")[0]["body"]
    return gzip.decompress(bytes(kept))


def _under(body: bytes, message_id: bytes) -> bytes:
    """The message as another maker would have sent it."""
    body = re.sub(b"<MessageId>[^<]*", b"<MessageId>" + message_id, body)
    return re.sub(b"<Maker>[^<]*", b"<Maker>Bell MIS", body)


def _receive(house: House, body: bytes) -> dict[str, Any]:
    path = house.folder / "message.xml"
    path.write_bytes(body)
    dfe_number = house.rows("SELECT dfe_number FROM base")[0]["dfe_number"]
    answer: dict[str, Any] = json.loads(
        house.schoolgate("receive", str(path), "--base", dfe_number, "--json", check=False)
    )
    return answer


def test_is_answered_with_the_first_ones_outcome(house: House) -> None:
    """Run, file and counts are the first one's; register, audit and task log don't move."""
    body = _under(_collected(house), b"first")
    first = _receive(house, body)
    assert first["received_before"] is None
    assert first["balanced"]
    before = state_of(house)
    counts = house.rows("SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM transfer_file)")
    again = _receive(house, body)
    assert again["received_before"]
    assert again["runs"] == first["runs"]
    assert state_of(house) == before
    assert house.rows("SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM transfer_file)") == counts


def test_is_known_as_well_when_the_house_collected_it_itself(house: House) -> None:
    """An officer who brings a kept file back is told of the run that collected it."""
    answer = _receive(house, _collected(house))
    assert answer["received_before"]
    assert answer["runs"][0]["run"] == house.rows("SELECT min(id) AS id FROM run")[0]["id"]


def test_is_refused_when_it_says_something_else_under_the_same_id(house: House) -> None:
    """The refusal has a code and a sentence, and nothing is kept of the second message."""
    body = _under(_collected(house), b"second")
    _receive(house, body)
    before = state_of(house)
    files = house.rows("SELECT count(*) FROM transfer_file")
    answer = _receive(house, body.replace(b"<Town>", b"<Town>New "))
    assert answer["refused"]["code"] == "receiving.id_reused"
    assert answer["refused"]["remedy"]
    assert state_of(house) == before
    assert house.rows("SELECT count(*) FROM transfer_file") == files
