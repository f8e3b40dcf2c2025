"""The newest checkpoint that was verified: what no later answer may contradict."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, final

from specie import durable
from specie.errors import FalseCheckpointError, FileError, ForkedError, WentBackError
from specie.note import Checkpoint, VerifierKey, open_checkpoint

if TYPE_CHECKING:
    from pathlib import Path


@final
class CheckpointMemory:
    """Opens checkpoints of one log, and remembers the newest, in a file where there is one.

    The file holds the signed note, as `specie` keeps it too. Several processes may share it. Keep
    it where a restore of the ledger does not reach it. Any thread may use the memory.
    """

    def __init__(self, log: VerifierKey, path: Path | None) -> None:
        """Reads what was kept before. Raises `FileError` for what the log did not sign."""
        self._log, self._path, self._lock = log, path, threading.Lock()
        self._newest = self._kept()

    @property
    def newest(self) -> Checkpoint | None:
        """The newest so far; ask for it before a request, and hand it to `admit` as its floor."""
        with self._lock:
            return self._newest

    def admit(self, note: bytes, floor: Checkpoint | None) -> Checkpoint:
        """Opens a checkpoint that came in answer to a request.

        `floor` is what was newest before that request: what is smaller, the log has lost. Raises
        `FalseCheckpointError`, `WentBackError` or `ForkedError`.
        """
        newest = self.newest
        if newest is not None and newest.note == note:
            return newest  # The same note comes with each proof: it was verified once.
        found = open_checkpoint(note, self._log)
        if floor is not None and found.size < floor.size:
            raise WentBackError(floor.size, found.size)
        with self._lock:
            newest = _newer(self._newest, found)
            if newest is found and self._path is not None:
                newest = _newer(self._kept(), found)  # Another process may have seen more.
                if newest is found:
                    durable.replace(self._path, note)
            self._newest = newest
        return found

    def _kept(self) -> Checkpoint | None:
        if self._path is None or not self._path.exists():
            return None
        try:
            return open_checkpoint(self._path.read_bytes(), self._log)
        except FalseCheckpointError as error:
            raise FileError(self._path, error.problem) from error


def _newer(known: Checkpoint | None, found: Checkpoint) -> Checkpoint:
    if known is None or found.size > known.size:
        return found
    if found.size == known.size and found.root != known.root:
        raise ForkedError(found.size, (known.note, found.note))
    return known
