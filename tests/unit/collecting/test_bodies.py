"""Pieces of bytes that find themselves again, in memory or in a file."""

from __future__ import annotations

from contextlib import closing

from schoolgate.collecting.bodies import Bodies
from schoolgate.collecting.outbox import Outbox
from schoolgate_message.records import MatchKeys


def test_gives_every_piece_back_on_either_side_of_the_bound() -> None:
    pieces = [bytes([number]) * number for number in range(1, 60)]
    with closing(Bodies(in_memory=200)) as bodies:
        places = [bodies.add(piece) for piece in pieces]
        assert [bodies.get(place) for place in places] == pieces
        assert bodies.size == sum(map(len, pieces))


def test_puts_a_pupils_blocks_and_deletions_together() -> None:
    with closing(Outbox()) as box:
        box.add("a", "address", {"paon": "7"})
        box.add("b", "sen_needs", [{"rank": 1}])
        box.add("a", "communications", [])
        box.delete("c", "contacts")
        pupil = box.pupil(MatchKeys(external_id="a"))
        assert pupil.blocks == {"address": {"paon": "7"}, "communications": []}
        assert box.pupil(MatchKeys(external_id="c")).deleted == ("contacts",)
        assert list(box) == ["a", "b", "c"]
        assert list(box.groups_of("a")) == ["address", "communications"]
        assert len(box) == 3
