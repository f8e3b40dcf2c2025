"""The machine's clocks, and ledger time: microseconds since 1970-01-01T00:00:00Z, as `int`."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import final

from specie.errors import ArgumentError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock:
    """What this package knows of time; a test hands in another."""

    def now_us(self) -> int:
        """The wall clock, in microseconds since 1970."""
        return time.time_ns() // 1000

    def monotonic(self) -> float:
        """Seconds since some instant, which no one sets."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


@final
class Deadline:
    """An instant by which something is to be done."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        """Is `seconds` from now."""
        self._clock = clock
        self._end = clock.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until then; negative once it has passed."""
        return self._end - self._clock.monotonic()


def microseconds(instant: datetime) -> int:
    """An instant as ledger time. Raises `ArgumentError` where it names no time zone."""
    if instant.utcoffset() is None:
        raise ArgumentError(f"`{instant.isoformat()}` names no time zone; use `tzinfo=UTC`")
    return (instant - _EPOCH) // _MICROSECOND


def instant(microseconds: int) -> datetime:
    """Ledger time as an instant in UTC. Raises `ArgumentError` past the year 9999."""
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError as error:
        raise ArgumentError(f"`{microseconds}` us are no instant") from error
