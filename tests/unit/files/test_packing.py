"""A message packed while it is written."""

from __future__ import annotations

import gzip
import hashlib

from hypothesis import given
from hypothesis import strategies as st

from schoolgate.files.packing import Packing, pack


@given(st.lists(st.binary(max_size=400), max_size=20))
def test_keeps_a_message_written_in_pieces_as_it_would_the_whole(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    packing = Packing()
    for piece in pieces:
        packing.write(piece)
    packed = packing.packed()
    assert gzip.decompress(packed.body) == whole
    assert (packed.size, packed.digest) == (len(whole), hashlib.blake2b(whole, digest_size=32).hexdigest())
    assert (packed.size, packed.digest) == (pack(whole).size, pack(whole).digest)


def test_packs_the_same_message_into_the_same_bytes() -> None:
    assert pack(b"<Message/>" * 50) == pack(b"<Message/>" * 50)
