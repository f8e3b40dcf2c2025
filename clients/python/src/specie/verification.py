"""That the log holds what was sent, with the outcome that was told: docs/api.md, "To verify"."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, final

from specie import canonical, merkle
from specie.errors import EncodingError, FalseEntryError, FalseProofError
from specie.inclusion import InclusionProof
from specie.note import decode_base64
from specie.receipt import Accepted, Receipt, Rejected, result_of
from specie.v1 import log_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from specie.note import Checkpoint

# What a server could foresee, it could answer truly and the rest falsely.
_RANDOM = random.SystemRandom()


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log, proven to be in it."""

    sequence: int
    time_us: int
    """Ledger time."""
    encoded: bytes
    """The canonical bytes that were hashed."""
    proof: str
    """A C2SP `tlog-proof`: with `encoded`, evidence for whoever has the trust file."""
    checkpoint: Checkpoint
    """What it was proven against."""
    message: log_pb2.LogEntry

    @property
    def instruction(self) -> bytes:
        """The order's bytes. Raises `FalseEntryError` where the entry is no order's."""
        if self.message.WhichOneof("body") != "instruction":
            raise FalseEntryError(self.sequence, "it is no order's entry")
        return self.message.instruction.instruction

    @property
    def result(self) -> Accepted | Rejected | int:
        """What was decided, or the entry that decided it where this is a copy."""
        found = self.message.instruction
        if found.HasField("duplicate"):
            return found.duplicate.sequence
        try:
            return result_of(
                found.accepted if found.HasField("accepted") else None,
                found.rejected if found.HasField("rejected") else None,
            )
        except ValueError as error:
            raise FalseEntryError(self.sequence, str(error)) from error


class Log(Protocol):
    """Where proven entries come from."""

    def entry(self, sequence: int) -> Entry:
        """An entry, and the proof that it is in the log."""


def prove_entry(
    sequence: int, encoded: str, proof: str, admit: Callable[[bytes], Checkpoint]
) -> Entry:
    """Checks an answer of `/v1/proof/{sequence}`: base64 of the entry, and its `tlog-proof`.

    `admit` opens the proof's checkpoint. Raises `FalseProofError`, `FalseEntryError`, and what
    `admit` does.
    """
    try:
        data = decode_base64(encoded)
        parsed = InclusionProof.parse(proof)
    except ValueError as error:
        raise FalseProofError(sequence, str(error)) from error
    if parsed.index != sequence:
        raise FalseProofError(sequence, f"the proof is for entry {parsed.index}")
    checkpoint = admit(parsed.note)
    try:
        root = merkle.root_of_proof(sequence, checkpoint.size, merkle.leaf_hash(data), parsed.path)
    except ValueError as error:
        raise FalseProofError(sequence, f"the proof: {error}") from error
    if root != checkpoint.root:
        raise FalseProofError(
            sequence,
            f"the proof leads to root `{root.hex()}`, the checkpoint of size {checkpoint.size} "
            f"has `{checkpoint.root.hex()}`",
        )
    try:
        message = canonical.decode(log_pb2.LogEntry, data)
    except EncodingError as error:
        raise FalseEntryError(sequence, str(error)) from error
    if message.sequence != sequence:
        raise FalseEntryError(sequence, f"it says that it is entry {message.sequence}")
    return Entry(sequence, message.time, data, proof, checkpoint, message)


def prove_receipt(receipt: Receipt, log: Log, proven_max: int | None) -> Receipt:
    """Proves a receipt's submission, and its outcomes: all, or a sample of `proven_max`.

    Of a sample are the first, the last, and others that the server cannot foresee. Returns the
    receipt with what was proven marked. Raises `FalseEntryError`, and what `log` does.
    """
    entry = log.entry(receipt.sequence)
    if entry.message.WhichOneof("body") != "submission":
        raise FalseEntryError(entry.sequence, "it is no submission's entry")
    if entry.message.submission.statement != receipt.submission.statement:
        raise FalseEntryError(entry.sequence, "it holds another statement than the one sent")
    _check_time(entry, receipt)
    places = sample(len(receipt.outcomes), proven_max)
    for place in sorted(places):
        outcome, sent = receipt.outcomes[place], receipt.submission.instructions[place]
        copy = log.entry(outcome.sequence)
        _check_time(copy, receipt)
        if outcome.duplicate:
            check_order(copy, sent, outcome.first_sequence)
            copy = log.entry(outcome.first_sequence)
        check_order(copy, sent, outcome.result)
    return receipt.proven(entry.checkpoint, places)


def check_order(entry: Entry, order: bytes, result: Accepted | Rejected | int) -> None:
    """Checks that an entry holds these bytes with this result, or a copy's first entry.

    Raises `FalseEntryError` with what did not match.
    """
    if entry.instruction != order:
        raise FalseEntryError(entry.sequence, "it holds another order than the one sent")
    if entry.result != result:
        raise FalseEntryError(
            entry.sequence, f"told was `{_words(result)}`, and the log has `{_words(entry.result)}`"
        )


def sample(count: int, proven_max: int | None) -> frozenset[int]:
    """Which of `count` places to prove: all, or the first, the last and some at random."""
    if proven_max is None or count <= proven_max:
        return frozenset(range(count))
    ends = [0, count - 1][:proven_max]
    between = range(1, count - 1)
    return frozenset(ends + _RANDOM.sample(between, max(0, proven_max - len(ends))))


def _check_time(entry: Entry, receipt: Receipt) -> None:
    if entry.time_us != receipt.time_us:
        raise FalseEntryError(
            entry.sequence,
            f"it is of time `{entry.time_us}`, and the receipt of `{receipt.time_us}`",
        )


def _words(result: Accepted | Rejected | int) -> str:
    match result:
        case int():
            return f"a copy of entry {result}"
        case Rejected():
            return " ".join(filter(None, ["rejected", result.code, result.rule, result.pack]))
        case Accepted():
            remarks = [f"{remark.kind} by {remark.pack} {remark.rule}" for remark in result.remarks]
            return ", ".join(["accepted", *remarks])
