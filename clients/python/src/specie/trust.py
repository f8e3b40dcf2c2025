"""Trust files: which ledger, and whose checkpoints, are believed (docs/formats/trust-file.md).

A bank gets it from the central bank, by a way that does not pass through the ledger's operator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

from specie.errors import FileError
from specie.note import VerifierKey

if TYPE_CHECKING:
    import os

_BYTES_MAX = 65_536


@final
@dataclass(frozen=True, slots=True)
class TrustFile:
    """A ledger's id and its log's key."""

    ledger: bytes
    """The leaf hash of the genesis entry, 32 bytes."""
    log: VerifierKey

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> TrustFile:
        """Reads a trust file. Raises `FileError`, with the line, or `OSError`."""
        data = Path(path).read_bytes()
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise FileError(Path(path), "it is not UTF-8") from error
        return cls.parse(text, Path(path))

    @classmethod
    def parse(cls, text: str, path: str | Path = "trust file") -> TrustFile:
        """Reads a trust file's text; `path` is what errors call it. Raises `FileError`."""
        if len(text) > _BYTES_MAX:
            raise FileError(path, f"it has more than {_BYTES_MAX} bytes")
        if not text.endswith("\n"):
            raise FileError(path, "its last line does not end with a line feed")
        ledger: bytes | None = None
        log: VerifierKey | None = None
        for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
            if not line or line.startswith("#"):
                continue
            try:
                match line.split(" "):
                    case ["ledger", digits] if ledger is None:
                        ledger = _ledger_id(digits)
                    case ["log", key] if log is None:
                        log = VerifierKey.parse(key)
                    case _:
                        raise ValueError(
                            "a line is `ledger` and 64 digits, or `log` and a key, each once"
                        )
            except ValueError as error:
                raise FileError(path, str(error), number) from error
        if ledger is None or log is None:
            raise FileError(path, "it needs a `ledger` line and a `log` line")
        return cls(ledger, log)


def _ledger_id(digits: str) -> bytes:
    if re.fullmatch("[0-9a-f]{64}", digits) is None:
        raise ValueError(f"`{digits}` is no ledger: it is 64 lower-case hexadecimal digits")
    return bytes.fromhex(digits)
