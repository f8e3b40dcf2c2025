"""RFC 6962 trees: hashes, roots, and proofs that a leaf is in one (docs/formats/merkle-log.md)."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 of a zero byte and the data."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of a one byte and both hashes."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in order; over none, SHA-256 of nothing.

    Level by level: a hash without a sibling goes up as it is, which gives the tree whose left half
    is the largest power of two below its size.
    """
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        pairs = [node_hash(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level = pairs + (level[-1:] if len(level) % 2 else [])
    return level[0]


def root_of_proof(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """The root to which an inclusion proof leads (RFC 9162, section 2.1.3.2).

    The leaf is at `index` of a tree of `size` leaves; `path` has its sibling first. Raises
    `ValueError` where no tree of that size has a proof of that length.
    """
    if not 0 <= index < size:
        raise ValueError(f"it is for leaf {index} of a tree of {size}")
    # Below, the path turns left and right as the index's bits say; above, only left siblings come.
    inner = (index ^ (size - 1)).bit_length()
    expected = inner + (index >> inner).bit_count()
    if len(path) != expected:
        raise ValueError(
            f"it has `{len(path)}` hashes, where leaf {index} of {size} has {expected}"
        )
    found = leaf
    for height, sibling in enumerate(path):
        is_right = height >= inner or index >> height & 1
        found = node_hash(sibling, found) if is_right else node_hash(found, sibling)
    return found
