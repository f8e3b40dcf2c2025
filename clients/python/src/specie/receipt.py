"""What the ledger made of a submission: an outcome for each order, refusals included."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, final
from uuid import UUID

from google.protobuf.message import DecodeError

from specie import durable
from specie.errors import EncodingError, FalseReceiptError, FileError, MalformedAnswerError
from specie.submission import Submission
from specie.v1 import api_pb2, log_pb2

if TYPE_CHECKING:
    import os

    from specie.note import Checkpoint

_FORMAT = "specie-receipt-v1"
_PATH = "/v1/submissions"
_SEQUENCE_MAX = 2**63 - 1
_COMPARISONS = {0: "at_most", 2: "under", 3: "at_least"}  # Of `Comparison` in rules.proto.


@final
@dataclass(frozen=True, slots=True)
class Remark:
    """What a rule had to say of an order that was accepted."""

    kind: str
    """`flagged`, `shadow_refused` or `shadow_tier_unknown`."""
    pack: str
    rule: str
    """Empty for `shadow_tier_unknown`."""


@final
@dataclass(frozen=True, slots=True)
class Accepted:
    """The order was executed."""

    remarks: tuple[Remark, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Rejected:
    """The order was refused, which the log keeps: an answer, and no failure."""

    code: str
    """Stable: docs/errors.md has the list."""
    rule: str = ""
    """The rule that refused, where one did."""
    pack: str = ""


@final
@dataclass(frozen=True, slots=True)
class Limit:
    """Why a rule refused: the server's word, which an audit checks."""

    account: UUID
    reason: str
    """`exceeded`, `memory_full`, `undecidable` or `approval_missing`."""
    unit: str | None
    """`minor_units`, `payments`, `counterparties` or `microseconds`; `None` in format 1."""
    comparison: str | None
    """How what was used and asked is to be to the limit: `at_most`, `under` or `at_least`."""
    limit: int | None
    """`None`, as `used` is, where other participants' accounts count."""
    used: int | None
    asked: int
    left: int | None
    """What might still have been asked, where `limit` and `used` are withheld or shared."""
    resets_us: int | None
    """When what counts now no longer does; `None` where waiting does not help."""
    required: int
    """Signatures that the rule asks for, or how much it remembers; 0 for other reasons."""
    signed: int


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order."""

    id: UUID
    sequence: int
    """Of the log entry in which this copy of the order stands."""
    first_sequence: int
    """Of its first copy, whose result this is."""
    result: Accepted | Rejected
    message: str
    """The server's words for a refusal, for people."""
    limit: Limit | None
    proven: bool
    """Whether the log was shown to hold this order with this result; else the server's word."""

    @property
    def accepted(self) -> bool:
        """Whether the order was executed, now or before."""
        return isinstance(self.result, Accepted)

    @property
    def duplicate(self) -> bool:
        """Whether the order was decided before, at `first_sequence`."""
        return self.sequence != self.first_sequence


@final
@dataclass(frozen=True, slots=True)
class Receipt:
    """What the ledger made of a submission."""

    submission: Submission
    encoded: bytes
    """The server's answer, as it came."""
    sequence: int
    """Of the submission's log entry."""
    time_us: int
    """Ledger time, in microseconds since 1970."""
    outcomes: tuple[Outcome, ...]
    """One an order, in order."""
    checkpoint: Checkpoint | None = None
    """What the submission's entry was proven against; `None` where nothing is proven yet."""

    @classmethod
    def decode(cls, encoded: bytes, submission: Submission) -> Receipt:
        """Reads a server's answer to a submission; nothing is proven yet.

        Raises `MalformedAnswerError` for what is no receipt, and `FalseReceiptError` for one that
        does not fit the submission.
        """
        try:
            message = api_pb2.SubmissionReceipt.FromString(encoded)
        except DecodeError as error:
            raise MalformedAnswerError(_PATH, "it is no receipt in protobuf") from error
        found, sent = message.instructions, submission.ids
        if len(found) != len(sent):
            raise FalseReceiptError(f"it has `{len(found)}` outcomes of `{len(sent)}` orders")
        if message.sequence + len(sent) > _SEQUENCE_MAX:
            raise FalseReceiptError(f"number `{message.sequence}` is out of range")
        places = range(message.sequence + 1, message.sequence + 1 + len(sent))
        outcomes = tuple(map(_outcome, found, sent, places))
        return cls(submission, encoded, message.sequence, message.time, outcomes)

    def proven(self, checkpoint: Checkpoint, places: frozenset[int]) -> Receipt:
        """The receipt, with the outcomes at these places marked as proven."""
        marked = tuple(
            replace(outcome, proven=outcome.proven or place in places)
            for place, outcome in enumerate(self.outcomes)
        )
        return replace(self, checkpoint=checkpoint, outcomes=marked)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes submission and answer to a file, durably, to be verified again at any time."""
        members = {
            "format": _FORMAT,
            "submission": base64.b64encode(self.submission.encoded).decode(),
            "receipt": base64.b64encode(self.encoded).decode(),
        }
        durable.replace(Path(path), json.dumps(members, indent=1).encode() + b"\n")

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Receipt:
        """Reads what `write` wrote; nothing of it is proven.

        Raises `FileError`, or `FalseReceiptError` where the answer does not fit.
        """
        try:
            members: dict[str, Any] = json.loads(Path(path).read_bytes())
            if members["format"] != _FORMAT:
                raise ValueError(f"its format is not `{_FORMAT}`")
            submission = base64.b64decode(members["submission"], validate=True)
            receipt = base64.b64decode(members["receipt"], validate=True)
            return cls.decode(receipt, Submission.decode(submission))
        except (
            ValueError,
            LookupError,
            TypeError,
            RecursionError,
            EncodingError,
            MalformedAnswerError,
        ) as error:
            raise FileError(Path(path), f"it is no receipt: {error}") from error


def result_of(
    accepted: log_pb2.Accepted | None, rejected: log_pb2.Rejected | None
) -> Accepted | Rejected:
    """What the log, or a receipt, has for a result. Raises `ValueError` for unknown remarks."""
    if accepted is not None:
        return Accepted(tuple(_remark(remark) for remark in accepted.remarks))
    if rejected is not None and rejected.code:
        return Rejected(rejected.code, rejected.rule, rejected.pack)
    raise ValueError("it has no outcome")


def _remark(remark: log_pb2.Remark) -> Remark:
    return Remark(_word(log_pb2.RemarkKind, remark.kind, "REMARK_KIND_"), remark.pack, remark.rule)


def _outcome(found: api_pb2.InstructionReceipt, id: UUID, place: int) -> Outcome:
    if found.id != id.bytes:
        raise FalseReceiptError(f"the order at entry {place} has another id than `{id}`")
    if found.sequence != place or not 0 < found.first_sequence <= place:
        raise FalseReceiptError(
            f"order `{id}` is said to be entry `{found.sequence}`, first `{found.first_sequence}`, "
            f"where `{place}` is its place"
        )
    try:
        result = result_of(
            found.accepted if found.HasField("accepted") else None,
            found.rejected if found.HasField("rejected") else None,
        )
        limit = _limit(found) if found.HasField("limit") else None
    except ValueError as error:
        raise FalseReceiptError(f"order `{id}`: {error}") from error
    return Outcome(id, place, found.first_sequence, result, found.message, limit, proven=False)


def _limit(found: api_pb2.InstructionReceipt) -> Limit:
    limit = found.limit
    used = int.from_bytes(
        limit.used_high.to_bytes(8, "big") + limit.used_low.to_bytes(8, "big"), "big", signed=True
    )
    reason = limit.reason and _word(log_pb2.DecisionReason, limit.reason, "DECISION_REASON_")
    return Limit(
        account=UUID(bytes=limit.account),
        reason=reason or "exceeded",
        unit=_word(log_pb2.DecisionUnit, limit.unit, "DECISION_UNIT_") if limit.unit else None,
        comparison=_COMPARISONS.get(limit.comparison) if limit.unit else None,
        limit=None if found.withheld else limit.limit,
        used=None if found.withheld else used,
        asked=limit.asked,
        left=limit.left if limit.shared else None,
        resets_us=limit.resets or None,
        required=limit.required,
        signed=limit.signed,
    )


def _word(enum: Any, number: int, prefix: str) -> str:  # noqa: ANN401 - any generated enum.
    name: str = enum.Name(number)  # A `ValueError` for a number that it does not have.
    if number == 0:
        raise ValueError(f"`{name}` says nothing")
    return name.removeprefix(prefix).lower()
