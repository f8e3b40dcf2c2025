"""By what a ledger knows a TLS client certificate: SHA-256 of its public key."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from specie.errors import FileError

if TYPE_CHECKING:
    import os


def spki_sha256(path: str | os.PathLike[str]) -> bytes:
    """SHA-256 of the public key (SubjectPublicKeyInfo) of a PEM file's first certificate.

    It stays the same where a certificate is renewed for the same key (RFC 7469, section 2.4).
    Raises `FileError` for a file that has none, or `OSError`.
    """
    try:
        certificate = load_pem_x509_certificate(Path(path).read_bytes())
    except ValueError as error:
        raise FileError(Path(path), "it has no certificate in PEM") from error
    key = certificate.public_key()
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
