"""Keys that sign for a party: Ed25519, in the key files of `specie key` or in PEM.

A sealed file (docs/formats/key-file.md) is JSON: the seed in libsodium's box, under a key that
Argon2id derives from a passphrase. PEM is PKCS#8, encrypted or not.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.secret import SecretBox

from specie.errors import ArgumentError, FileError, PassphraseError

_FORMAT = "specie-key-v1"
_HEX_BYTES = {"public-key": 32, "salt": 16, "nonce": 24, "box": 48}
_COSTS = {"passes": range(1, 17), "memory-bytes": range(8192, 2**30 + 1)}
_MEMBERS = {"format", "algorithm"} | _HEX_BYTES.keys() | _COSTS.keys()
_FILE_BYTES_MAX = 4096
_PASSES, _MEMORY_BYTES = 2, 64 << 20


@final
class Key:
    """A private key. It shows nothing of itself but its public key."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        """Takes a key of `cryptography`; `Key.read` and `Key.make` are the usual ways."""
        self._private = private
        self.public: bytes = private.public_key().public_bytes_raw()
        """32 bytes (RFC 8032), by which the ledger knows it."""

    @classmethod
    def make(cls) -> Key:
        """Makes a key, at random."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> Key:
        """The key of a seed of 32 bytes (RFC 8032). Raises `ArgumentError` for another length."""
        if len(seed) != 32:
            raise ArgumentError(f"a seed has 32 bytes, not {len(seed)}")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def read(cls, path: str | os.PathLike[str], passphrase: str | bytes | None = None) -> Key:
        """Reads a key file of `specie key`, or PKCS#8 in PEM.

        `passphrase` is needed where the file is encrypted, and refused where a PEM file is not.
        Raises `FileError` for a file that is neither, `PassphraseError`, or `OSError`.
        """
        path = Path(path)
        secret = passphrase.encode() if isinstance(passphrase, str) else passphrase
        data = path.read_bytes()
        if data.startswith(b"-----BEGIN "):
            return cls(_open_pem(path, data, secret))
        return cls(Ed25519PrivateKey.from_private_bytes(_open_sealed(path, data, secret)))

    def write(self, path: str | os.PathLike[str], passphrase: str | bytes) -> None:
        """Writes a new key file of `specie key`, which only its owner may read (0600).

        The passphrase has 8 to 1,024 bytes. Raises `ArgumentError` for another length, and
        `FileExistsError` where there is a file already: no key is ever overwritten.
        """
        secret = passphrase.encode() if isinstance(passphrase, str) else passphrase
        if not 8 <= len(secret) <= 1024:
            raise ArgumentError(f"a passphrase has 8 to 1,024 bytes, not {len(secret)}")
        text = _seal(self._private.private_bytes_raw(), self.public, secret)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as output:
            output.write(text)
            output.flush()
            os.fsync(output.fileno())

    def sign(self, message: bytes) -> bytes:
        """Ed25519 over a message: 64 bytes."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"Key(public={self.public.hex()})"


def _open_pem(path: Path, data: bytes, secret: bytes | None) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(data, secret)
    except TypeError as error:  # One of passphrase and encryption is there without the other.
        needed = "needs" if secret is None else "takes no"
        raise FileError(path, f"it {needed} passphrase") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        if secret is not None:
            raise PassphraseError(path) from error
        raise FileError(path, "it is no PKCS#8 key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise FileError(path, "it is no Ed25519 key")
    return key


def _seal(seed: bytes, public: bytes, secret: bytes) -> bytes:
    salt = os.urandom(16)
    box = SecretBox(
        argon2id.kdf(32, secret, salt, opslimit=_PASSES, memlimit=_MEMORY_BYTES)
    ).encrypt(seed)
    members = {
        "format": _FORMAT,
        "algorithm": "ed25519",
        "public-key": public.hex(),
        "passes": _PASSES,
        "memory-bytes": _MEMORY_BYTES,
        "salt": salt.hex(),
        "nonce": box.nonce.hex(),
        "box": box.ciphertext.hex(),
    }
    return json.dumps(members, indent=2).encode() + b"\n"


def _open_sealed(path: Path, data: bytes, secret: bytes | None) -> bytes:
    members = _members(path, data)
    if secret is None:
        raise FileError(path, "it needs a passphrase")
    key = argon2id.kdf(
        32,
        secret,
        bytes.fromhex(members["salt"]),
        opslimit=members["passes"],
        memlimit=members["memory-bytes"],
    )
    try:
        seed = SecretBox(key).decrypt(
            bytes.fromhex(members["box"]), bytes.fromhex(members["nonce"])
        )
    except CryptoError as error:
        raise PassphraseError(path) from error
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    if public.hex() != members["public-key"]:
        raise FileError(path, "its `public-key` is not that of the key within")
    return seed


def _members(path: Path, data: bytes) -> dict[str, Any]:
    """The members of a sealed file, each as K-1 to K-6 have it."""
    if len(data) > _FILE_BYTES_MAX:
        raise FileError(path, f"a key file has at most {_FILE_BYTES_MAX} bytes")
    try:
        pairs = json.loads(data.decode(), object_pairs_hook=list)
        members = dict(pairs) if data.lstrip().startswith(b"{") else {}
    except (ValueError, TypeError, RecursionError) as error:
        raise FileError(path, "it is neither a key file of `specie key` nor PEM") from error
    if len(pairs) != len(_MEMBERS) or members.keys() != _MEMBERS:
        raise FileError(path, f"its members are {', '.join(sorted(_MEMBERS))}, each once")
    if (members["format"], members["algorithm"]) != (_FORMAT, "ed25519"):
        raise FileError(path, f"its format is not `{_FORMAT}` of `ed25519`")
    for name, length in _HEX_BYTES.items():
        value = members[name]
        if not isinstance(value, str) or re.fullmatch(f"[0-9a-f]{{{length * 2}}}", value) is None:
            raise FileError(path, f"its `{name}` is not {length} bytes in hexadecimal")
    for name, allowed in _COSTS.items():
        value = members[name]
        if type(value) is not int or value not in allowed:
            raise FileError(path, f"its `{name}` is not {allowed[0]} to {allowed[-1]}")
    return members
