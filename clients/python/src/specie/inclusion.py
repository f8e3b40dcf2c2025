"""C2SP `tlog-proof` files: that an entry is in a log (docs/formats/merkle-log.md, ML-7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from specie.note import decode_base64, decode_decimal, decode_hash

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_BYTES_MAX = 2_000_000
_HASHES_MAX = 63


@final
@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Where an entry is, and the hashes that lead from it to a checkpoint's root."""

    index: int
    path: tuple[bytes, ...]
    """32 bytes each, the entry's sibling first."""
    note: bytes
    """The signed checkpoint; nothing of it is verified yet."""

    @classmethod
    def parse(cls, text: str) -> InclusionProof:
        """Reads a proof file. Raises `ValueError` with what is wrong."""
        if len(text) > _BYTES_MAX:
            raise ValueError(f"the proof has more than {_BYTES_MAX} bytes")
        head, blank, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        if first != _FIRST_LINE or not blank:
            raise ValueError(f"the proof does not begin with `{_FIRST_LINE}`")
        if lines and lines[0].startswith("extra "):
            decode_base64(lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index "):
            raise ValueError("the proof has no index")
        index = decode_decimal(lines.pop(0).removeprefix("index "))
        if len(lines) > _HASHES_MAX:
            raise ValueError(f"the proof has more than {_HASHES_MAX} hashes")
        return cls(index, tuple(decode_hash(line) for line in lines), note.encode())
