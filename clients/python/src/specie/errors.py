"""Every error that this package raises on purpose: one closed hierarchy below `SpecieError`.

Which of them `Ledger.submit` raises says what became of the orders:

| raised | the orders |
| --- | --- |
| `ArgumentError` | were not sent |
| `NotTakenError` | were not taken: nothing of them is in the log |
| `OutcomeUnknownError` | may have been taken: send the same submission again, or ask for it |
| `NotProvenError` | were taken, by the server's word, which could not be proven yet |
| `DistrustError` | were answered with what is false: call the operator and the auditor |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from pathlib import Path

    from specie.receipt import Receipt
    from specie.submission import Submission


class SpecieError(Exception):
    """The root of all errors here; only its subclasses are raised."""


# What the caller can mend.


@final
class ArgumentError(SpecieError, ValueError):
    """A value that no order, key or request may have; nothing was sent."""


@final
class EncodingError(SpecieError, ValueError):
    """Bytes that are not the one canonical encoding of what they should hold."""


@final
class FileError(SpecieError):
    """A file that is not what it should be: a trust file, key, journal, payment file, receipt."""

    def __init__(self, path: Path | str, problem: str, line: int | None = None) -> None:
        """Names the file, counts lines from 1, and says what would be right."""
        self.path, self.problem, self.line = str(path), problem, line
        where = f"`{path}`" if line is None else f"`{path}`, line {line}"
        super().__init__(f"{where}: {problem}")


@final
class PassphraseError(SpecieError):
    """A wrong passphrase, or an altered key file: the two cannot be told apart."""

    def __init__(self, path: Path | str) -> None:
        """Names the key file, and never the passphrase."""
        self.path = str(path)
        super().__init__(f"`{path}`: the passphrase is wrong, or the file was altered")


@final
class DeliveryError(SpecieError):
    """A request to a webhook that the log's key did not sign, or not as it came: answer it 403."""


@final
class TLSError(SpecieError):
    """Certificates or keys that cannot be used, here or by the server's word; nothing was taken."""


# What the server, or the way to it, keeps from being answered.


@final
@dataclass(frozen=True)
class Problem:
    """Why a request was not taken: RFC 9457 problem details, with a code of docs/errors.md."""

    status: int
    """The HTTP status."""
    code: str
    """Stable: software reads this."""
    detail: str
    """For people: what would be right."""
    retry_after_seconds: int | None
    """When to try again, where that is of use."""

    @property
    def may_pass(self) -> bool:
        """Whether the same request may be taken later, or on another connection."""
        return self.status == 503 or self.code in ("not_yet_covered", "certificate_ended")

    def __str__(self) -> str:
        return f"{self.detail} (`{self.code}`, {self.status})"


@final
class RefusedError(SpecieError):
    """The server took nothing of a request: the caller's mistake, or a trouble that stayed."""

    def __init__(self, problem: Problem) -> None:
        """Shows the server's words and code."""
        self.problem = problem
        super().__init__(str(problem))


@final
class UnreachableError(SpecieError):
    """No connection, or it broke."""

    def __init__(self, url: str, reason: str, *, may_have_arrived: bool) -> None:
        """Says whether the request may have reached the server all the same."""
        self.url, self.reason, self.may_have_arrived = url, reason, may_have_arrived
        super().__init__(f"`{url}` does not answer: {reason}")


@final
class DeadlineError(SpecieError):
    """What was waited for did not come in time."""

    def __init__(self, awaited: str) -> None:
        """Names what was awaited."""
        super().__init__(f"{awaited} did not come in time")


@final
class MalformedAnswerError(SpecieError):
    """The server answered what no server of this API answers."""

    def __init__(self, path: str, problem: str) -> None:
        """Names the path that was asked for."""
        self.path, self.problem = path, problem
        super().__init__(f"the answer of `{path}` is malformed: {problem}")


# What became of a submission.


@final
class NotTakenError(SpecieError):
    """Nothing of a submission was taken by this call, and nothing of it is under way.

    What an earlier call did with the same bytes, the status of its ids tells.
    """

    def __init__(self, cause: RefusedError | UnreachableError | TLSError) -> None:
        """Shows why."""
        self.cause = cause
        super().__init__(f"nothing was taken: {cause}")


@final
class OutcomeUnknownError(SpecieError):
    """A submission may have been taken, or not.

    Order nothing anew: hand `submission` to `Ledger.send` again, or ask for the status of its ids.
    """

    def __init__(self, submission: Submission, cause: SpecieError) -> None:
        """Keeps what was sent, whose bytes may be sent again."""
        self.submission, self.cause = submission, cause
        super().__init__(
            f"it is not known whether `{len(submission.instructions)}` orders were taken: {cause}; "
            "send the same submission again, or ask for the status of its ids"
        )


@final
class NotProvenError(SpecieError):
    """A submission was taken, by the server's word, and no proof of it could be had yet.

    Order nothing anew: hand `receipt` to `Ledger.verify` later. A certificate that may not read the
    party's entries cannot prove them either: submit with `verify=False` there.
    """

    def __init__(self, receipt: Receipt, cause: SpecieError) -> None:
        """Keeps the receipt, which is the server's word alone."""
        self.receipt, self.cause = receipt, cause
        super().__init__(f"entry {receipt.sequence} is not proven: {cause}")


# Answers that are false: reason to call the operator and the auditor.


class DistrustError(SpecieError):
    """The server's answer is false; only its subclasses are raised.

    `receipt` is the one that was being verified, where there was one.
    """

    receipt: Receipt | None = None

    def __init__(self, problem: str) -> None:
        """Says what did not match."""
        self.problem = problem
        super().__init__(f"the server's answer is not to be believed: {problem}")


@final
class OtherLedgerError(DistrustError):
    """The server serves another ledger, or names another log key, than the trust file."""


@final
class FalseCheckpointError(DistrustError):
    """A checkpoint is not one, or is not signed by the trust file's log key."""


@final
class WentBackError(DistrustError):
    """A checkpoint is smaller than one that was seen before: the log has lost entries."""

    def __init__(self, seen: int, found: int) -> None:
        """Names both sizes, in entries."""
        self.seen, self.found = seen, found
        super().__init__(f"a checkpoint of size `{seen}` was seen before, and now one of `{found}`")


@final
class ForkedError(DistrustError):
    """Two checkpoints of one size have two roots: the log signed two histories.

    `notes` are both signed notes, which together prove it to anybody: keep them.
    """

    def __init__(self, size: int, notes: tuple[bytes, bytes]) -> None:
        """Keeps the evidence."""
        self.size, self.notes = size, notes
        super().__init__(f"two checkpoints of size `{size}` have two roots")


@final
class FalseProofError(DistrustError):
    """A proof does not lead from the entry to the checkpoint's root."""

    def __init__(self, sequence: int, problem: str) -> None:
        """Names the entry."""
        self.sequence = sequence
        super().__init__(f"entry {sequence}: {problem}")


@final
class FalseEntryError(DistrustError):
    """The log holds, at some place, something else than was sent or told."""

    def __init__(self, sequence: int, problem: str) -> None:
        """Names the entry."""
        self.sequence = sequence
        super().__init__(f"entry {sequence}: {problem}")


@final
class FalseReceiptError(DistrustError):
    """A receipt does not fit the submission that it answers."""
