"""Secrets at rest: sealed with AES-256-GCM under a named key, bound to the place they belong to.

A sealed text is `v1.<key id>.<base64url of nonce and ciphertext>`. The place (say `bases:17:client_secret`)
is part of the seal: a secret copied into another row does not open there. To change keys, put a new one in
front; old ones still open, and `is_current` tells which texts want sealing again.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
_VERSION = "v1"
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class BadKeys(ValueError):
    """The list of keys can't be used; the sentence never repeats a key."""


class SealBroken(Exception):
    """The text can't be opened: wrong place, unknown key, or changed since it was sealed."""


@dataclass(frozen=True)
class Key:
    """One key and the name that sealed texts know it by."""

    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class Sealer:
    """Seals with the first key, opens with any."""

    keys: Sequence[Key]

    def seal(self, plain: str, *, place: str) -> str:
        """The sealed form of `plain`, which opens only for the same `place`."""
        key = self.keys[0]
        nonce = secrets.token_bytes(NONCE_BYTES)
        hidden = AESGCM(key.secret).encrypt(nonce, plain.encode("utf-8"), _bound(key.id, place))
        return f"{_VERSION}.{key.id}.{base64.urlsafe_b64encode(nonce + hidden).decode('ascii')}"

    def open(self, sealed: str, *, place: str) -> str:
        """The text that was sealed for `place`; raises SealBroken."""
        key_id, body = _parts(sealed)
        key = next((key for key in self.keys if key.id == key_id), None)
        if key is None:
            raise SealBroken(
                f"no key named {key_id!r}: is an old key missing from SCHOOLGATE_ENCRYPTION_KEYS?"
            )
        try:
            plain = AESGCM(key.secret).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _bound(key.id, place))
        except InvalidTag as error:
            raise SealBroken("the sealed text was changed, or belongs to another place") from error
        return plain.decode("utf-8")

    def is_current(self, sealed: str) -> bool:
        """Whether `sealed` was made with the first key; others want sealing again."""
        return _parts(sealed)[0] == self.keys[0].id


def sealer_from(listed: str) -> Sealer:
    """A sealer from `id:base64key,id:base64key…`; the first key seals. Raises BadKeys."""
    keys = tuple(_key(entry.strip()) for entry in listed.split(",") if entry.strip())
    if not keys:
        raise BadKeys("no key given: write id:base64key, separated by commas")
    if len({key.id for key in keys}) != len(keys):
        raise BadKeys("two keys have the same id")
    return Sealer(keys)


def _key(entry: str) -> Key:
    key_id, _, text = entry.partition(":")
    if not _KEY_ID.fullmatch(key_id):
        raise BadKeys("a key's id has 1 to 32 letters, digits, hyphens or underscores, then a colon")
    try:
        secret = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadKeys(f"the key {key_id!r} is not base64") from error
    if len(secret) != KEY_BYTES:
        raise BadKeys(f"the key {key_id!r} has {len(secret)} bytes, not {KEY_BYTES}")
    return Key(id=key_id, secret=secret)


def _parts(sealed: str) -> tuple[str, bytes]:
    version, _, rest = sealed.partition(".")
    key_id, _, text = rest.partition(".")
    if version != _VERSION or not key_id or not text:
        raise SealBroken("this is not a sealed text")
    try:
        body = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise SealBroken("the sealed text was changed") from error
    if len(body) <= NONCE_BYTES:
        raise SealBroken("the sealed text was cut short")
    return key_id, body


def _bound(key_id: str, place: str) -> bytes:
    """What the seal also covers: version, key and place, each with its length so that none meets another."""
    return b"".join(
        len(part).to_bytes(4, "big") + part
        for part in (text.encode("utf-8") for text in (_VERSION, key_id, place))
    )
