"""C2SP signed notes and checkpoints: what a log's key signed (docs/formats/merkle-log.md)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from specie.errors import FalseCheckpointError

_ED25519 = b"\x01"
_NOTE_BYTES_MAX = 1_000_000
_SIGNATURES_MAX = 100
_SIZE_MAX = 2**63 - 1
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


@final
@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A log's public key, with the name and the id by which it labels its signatures."""

    name: str
    key_id: bytes
    """4 bytes: a label, not a proof."""
    public_key: bytes
    """32 bytes, Ed25519."""

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Reads `name+id+base64`. Raises `ValueError` with what is wrong."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise ValueError(f"`{text}` is no verifier key; it is `name+id+base64`")
        name, key_id, encoded = parts
        _check_name(name)
        key = decode_base64(encoded)
        if len(key) != 33 or key[:1] != _ED25519:
            raise ValueError("the key is not Ed25519 of type `01` and 32 bytes")
        expected = sha256(name.encode() + b"\n" + key).digest()[:4]
        if key_id != expected.hex():
            raise ValueError(f"the key's id is `{expected.hex()}`, and not `{key_id}`")
        return cls(name, expected, key[1:])

    def __str__(self) -> str:
        encoded = base64.b64encode(_ED25519 + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


@final
@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many entries a log has and their root, as the log's key signed it."""

    size: int
    """In entries: those with numbers below it are covered."""
    root: bytes
    """RFC 6962, 32 bytes."""
    note: bytes
    """The signed note itself: evidence for others."""


def open_checkpoint(note: bytes, log: VerifierKey) -> Checkpoint:
    """Opens a signed checkpoint of a log, whose origin is its key's name.

    Raises `FalseCheckpointError` where it is none, is another log's, or is not signed by `log`.
    Signatures of others, such as witnesses, are not looked at.
    """
    try:
        text = _verified_text(note, log)
        lines = text.removesuffix("\n").split("\n")
        if len(lines) != 3:
            raise ValueError(f"its text has {len(lines)} lines, a checkpoint 3")
        origin, size_text, root_text = lines
        if origin != log.name:
            raise ValueError(f"it is of log `{origin}`, and not of `{log.name}`")
        size, root = decode_decimal(size_text), decode_hash(root_text)
        if size == 0 and root != sha256(b"").digest():
            raise ValueError("its size is 0, and its root is not that of no entries")
    except ValueError as error:
        raise FalseCheckpointError(f"the checkpoint: {error}") from error
    return Checkpoint(size, root, note)


def decode_decimal(text: str) -> int:
    """Reads a number of `0 ... 2^63 - 1` without sign, space or leading zero, or a `ValueError`."""
    if _DECIMAL.fullmatch(text) is None or int(text) > _SIZE_MAX:
        raise ValueError(f"`{text}` is no number")
    return int(text)


def decode_hash(text: str) -> bytes:
    """Reads the base64 of 32 bytes, or raises `ValueError`."""
    value = decode_base64(text)
    if len(value) != 32:
        raise ValueError(f"`{text}` is no hash: it has {len(value)} bytes, not 32")
    return value


def decode_base64(text: str) -> bytes:
    """Reads padded, canonical base64 of RFC 4648, section 4, or raises `ValueError`."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"`{text}` is no base64") from error
    if base64.b64encode(value) != text.encode():
        raise ValueError(f"`{text}` is no canonical base64")
    return value


def _verified_text(note: bytes, log: VerifierKey) -> str:
    """The text of a note that `log` signed, with its last line feed."""
    if len(note) > _NOTE_BYTES_MAX:
        raise ValueError(f"it has more than {_NOTE_BYTES_MAX} bytes")
    if any(byte < 0x20 and byte != 0x0A for byte in note):
        raise ValueError("it has a control byte")
    text, blank, signatures = note.decode().rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise ValueError("it is no signed note: text, an empty line, signature lines")
    text += "\n"
    lines = signatures.removesuffix("\n").split("\n")
    if len(lines) > _SIGNATURES_MAX:
        raise ValueError(f"it has more than {_SIGNATURES_MAX} signatures")
    own = [blob[4:] for name, blob in map(_signature, lines) if _is_by(log, name, blob)]
    if len(own) != 1:
        raise ValueError(f"it has {len(own)} signatures by `{log}`, where one is needed")
    try:
        Ed25519PublicKey.from_public_bytes(log.public_key).verify(own[0], text.encode())
    except InvalidSignature as error:
        raise ValueError(f"the signature by `{log}` does not hold") from error
    return text


def _signature(line: str) -> tuple[str, bytes]:
    """Name, and key id before signature, of `— name base64`."""
    match line.split(" "):
        case ["\N{EM DASH}", name, encoded]:
            _check_name(name)
            blob = decode_base64(encoded)
            if len(blob) < 5:
                raise ValueError("a signature has no bytes")
            return name, blob
        case _:
            raise ValueError(f"`{line}` is no signature line")


def _is_by(log: VerifierKey, name: str, blob: bytes) -> bool:
    return name == log.name and blob[:4] == log.key_id


def _check_name(name: str) -> None:
    if not name or any(c.isspace() or c == "+" or c < " " or c == "\x7f" for c in name):
        raise ValueError(f"`{name}` is no key's name")
