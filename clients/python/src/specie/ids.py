"""Ids of orders: UUIDv7 (RFC 9562, section 5.7), which with the party say that an order is one.

An id is chosen once, before the order is first sent, and kept until its outcome is known. Its own
time counts: the ledger takes it only near its own time.
"""

from __future__ import annotations

import secrets
from uuid import RFC_4122, UUID

from specie.clock import Clock


def new_id(clock: Clock | None = None) -> UUID:
    """Chooses an id: 48 bits of milliseconds since 1970, and 74 random ones."""
    milliseconds = (clock or Clock()).now_us() // 1000
    random = secrets.randbits(74)
    return UUID(int=milliseconds << 80 | 7 << 76 | random >> 62 << 64 | 0b10 << 62 | random & _LOW)


def is_order_id(id: UUID) -> bool:
    """Whether an id is a UUIDv7."""
    return id.variant == RFC_4122 and id.version == 7


def time_us(id: UUID) -> int:
    """An id's own time, in microseconds since 1970."""
    return (id.int >> 80) * 1000


_LOW = (1 << 62) - 1
