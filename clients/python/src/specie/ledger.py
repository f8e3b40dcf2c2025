"""A ledger, of whose server nothing is believed that can be proven."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self, final
from urllib.parse import quote

from specie import events, payments, verification
from specie.clock import Clock, Deadline
from specie.connection import TLS, Connection, Options
from specie.errors import (
    DeadlineError,
    DistrustError,
    FalseEntryError,
    FalseProofError,
    MalformedAnswerError,
    NotProvenError,
    NotTakenError,
    OtherLedgerError,
    OutcomeUnknownError,
    RefusedError,
    SpecieError,
    TLSError,
    UnreachableError,
)
from specie.genesis import Genesis
from specie.memory import CheckpointMemory
from specie.note import decode_base64
from specie.readings import (
    Access,
    Account,
    Executed,
    LedgerInfo,
    Participant,
    StatementLine,
    Status,
    Supply,
    parse_status,
)
from specie.receipt import Receipt
from specie.submission import Submission
from specie.trust import TrustFile
from specie.v1 import instruction_pb2

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Generator, Iterator, Sequence
    from types import TracebackType
    from uuid import UUID

    import httpx

    from specie.keys import Key
    from specie.note import Checkpoint
    from specie.orders import Order
    from specie.verification import Entry

_SUBMISSIONS = "/v1/submissions"
_LIFETIME_SECONDS = 9 * 60
_PAGE_LINES = 500
# Problems of which it is not sure that nothing was taken: docs/errors.md.
_UNSURE = range(500, 503)


@final
class Ledger:
    """A ledger's API, over one server.

    What the log signed (receipts, entries, checkpoints) is verified against the trust file, and a
    false answer is a `DistrustError`. Balances, statements, supply and statuses are readings: the
    server's word. Any thread may use it; `close` it, or use it in a `with`.
    """

    def __init__(self, connection: Connection, trust: TrustFile, memory: CheckpointMemory) -> None:
        """Is made by `connect`."""
        self._connection, self.trust, self._memory = connection, trust, memory
        self.options, self.clock = connection.options, connection.clock
        self.genesis = self._read_genesis()
        """What the ledger is: currencies and their exponents, proven by the trust file alone."""

    @classmethod
    def connect(  # noqa: PLR0913 - all but the first have names.
        cls,
        url: str,
        *,
        trust: TrustFile | str | os.PathLike[str],
        tls: TLS | None = None,
        checkpoint_file: str | os.PathLike[str] | None = None,
        options: Options | None = None,
        clock: Clock | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> Ledger:
        """Connects to a server, and proves that it serves the trust file's ledger.

        - `url`: `https://` and a host, or `http://` and a loopback host, such as
          `http://127.0.0.1:7070`.
        - `trust`: the trust file, or its path.
        - `tls`: whom to believe, and by which certificate the server knows who reads.
        - `checkpoint_file`: where the newest checkpoint is kept between runs, so that a log that
          lost entries in between is noticed. Without it, it is remembered while this value lives.
        - `clock`, `transport`: for tests.

        Raises `ArgumentError`, `FileError`, `TLSError`, `UnreachableError`, `RefusedError`,
        or `OtherLedgerError`.
        """
        if not isinstance(trust, TrustFile):
            trust = TrustFile.read(trust)
        memory = CheckpointMemory(trust.log, Path(checkpoint_file) if checkpoint_file else None)
        connection = Connection(url, tls, options or Options(), clock or Clock(), transport)
        try:
            return cls(connection, trust, memory)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Closes the connections."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Orders.

    def submit(
        self,
        orders: Sequence[Order],
        keys: Sequence[Key],
        party: str,
        *,
        verify: bool = True,
        lifetime_seconds: float | None = None,
    ) -> Receipt:
        """Signs orders for a party, sends them as one submission, and proves what became of them.

        An outcome each, in order: refused orders are answers, and no errors. Nothing is ever split.
        It can be sequenced for `lifetime_seconds`: 9 minutes, or 9/10 of what the ledger allows.

        Raises `ArgumentError`, before anything is sent, and what `send` raises.
        """
        return self.send(self.sign(orders, keys, party, lifetime_seconds), verify=verify)

    def sign(
        self,
        orders: Sequence[Order],
        keys: Sequence[Key],
        party: str,
        lifetime_seconds: float | None = None,
    ) -> Submission:
        """Signs orders without sending them: `send` the result, as often as you like."""
        allowed_us = self.genesis.horizon_us(party) * 9 // 10
        seconds = _LIFETIME_SECONDS if lifetime_seconds is None else lifetime_seconds
        expiry_us = self.clock.now_us() + min(int(seconds * 1_000_000), allowed_us)
        return Submission.sign(self.trust.ledger, party, orders, keys, expiry_us)

    def send(self, submission: Submission, *, verify: bool = True) -> Receipt:
        """Sends a submission until it is answered, and proves what became of it.

        The same bytes are sent again after a 503 (not before its `Retry-After`), after timeouts and
        broken connections, for `Options.submit_seconds`: a statement is sequenced once.

        Raises `NotTakenError`, `OutcomeUnknownError`, `NotProvenError` or `DistrustError`; the
        table in `specie.errors` says what each means for the orders.
        """
        receipt = self._post(submission)
        if not verify:
            return receipt
        try:
            return self.verify(receipt)
        except DistrustError:
            raise
        except SpecieError as error:
            raise NotProvenError(receipt, error) from error

    def verify(self, receipt: Receipt, proven_max: int | None = None) -> Receipt:
        """Proves a receipt: its submission's entry, and its orders' entries with their outcomes.

        All of them, or of more than `proven_max` (else `Options.proven_max`) the first, the last
        and others at random; each outcome of what is returned says whether it was proven.

        Raises `DistrustError` with the receipt where the log does not hold what was sent and told,
        `DeadlineError` where no checkpoint covers it yet, `RefusedError` where this certificate may
        not read it, or `UnreachableError`.
        """
        most = self.options.proven_max if proven_max is None else proven_max
        try:
            self.checkpoint(covering=receipt.sequence + len(receipt.outcomes))
            return verification.prove_receipt(receipt, self, most)
        except DistrustError as error:
            error.receipt = receipt
            raise

    def pay_file(
        self,
        path: str | os.PathLike[str],
        keys: Sequence[Key],
        party: str,
        settings: payments.Settings | None = None,
    ) -> payments.Report:
        """Pays what a CSV file orders, once, however often it is run: see `specie.payments`."""
        return payments.pay_file(self, Path(path), keys, party, settings or payments.Settings())

    # What is proven.

    def entry(self, sequence: int) -> Entry:
        """One entry of the log, with the proof that it is in it, once a checkpoint covers it.

        Raises `DistrustError`, `UnreachableError`, or `RefusedError` (`not_found`; after
        `Options.request_seconds`, `not_yet_covered`).
        """
        floor = self._memory.newest
        answer = self._connection.read(f"/v1/proof/{sequence}")
        return verification.prove_entry(
            sequence,
            answer.text("entry"),
            answer.text("proof"),
            lambda note: self._memory.admit(note, floor),
        )

    def checkpoint(self, covering: int | None = None) -> Checkpoint:
        """The newest checkpoint, or once there is one, one that covers an entry.

        Raises `DistrustError` where the log went back or forked, or `DeadlineError` after
        `Options.checkpoint_seconds`.
        """
        deadline = Deadline(self.clock, self.options.checkpoint_seconds)
        pause = self.options.pause_seconds_min
        while True:
            floor = self._memory.newest
            note = self._connection.retrying(
                lambda left: self._connection.get("/v1/checkpoint", left), deadline.left
            )
            found = self._memory.admit(note, floor)
            if covering is None or found.size > covering:
                return found
            if deadline.left <= pause:
                raise DeadlineError(f"a checkpoint that covers entry {covering}")
            self.clock.sleep(pause)
            pause = min(pause * 2, self.options.pause_seconds_max)

    def prove(self, status: Executed, order: Order | None = None) -> Entry:
        """Proves a status: that the log decided that id so, and where `order` is given, that order.

        Raises what `verify` does.
        """
        self.checkpoint(covering=status.first_sequence)
        entry = self.entry(status.first_sequence)
        sent = entry.instruction if order is None else order.encoded
        verification.check_order(entry, sent, status.result)
        if instruction_pb2.Instruction.FromString(sent).id != status.id.bytes:
            raise FalseEntryError(entry.sequence, f"it holds another order than `{status.id}`")
        return entry

    # Readings: the server's word.

    def info(self) -> LedgerInfo:
        """How far the ledger is. Raises `OtherLedgerError` where it is not the trust file's."""
        info = LedgerInfo.parse(self._connection.read("/v1/ledger"))
        if (info.ledger, info.log_key) != (self.trust.ledger, str(self.trust.log)):
            raise OtherLedgerError(
                f"it serves ledger `{info.ledger.hex()}` of log `{info.log_key}`, and the trust "
                f"file pins `{self.trust.ledger.hex()}` of `{self.trust.log}`"
            )
        return info

    def access(self) -> Access:
        """Whom the server takes this client for."""
        return Access.parse(self._connection.read("/v1/access"))

    def account(self, id: UUID) -> Account:
        """An account. Raises `RefusedError` (`not_found`) for none, and for another's."""
        return Account.parse(self._connection.read(f"/v1/accounts/{id}"))

    def statement(self, account: UUID) -> Iterator[StatementLine]:
        """An account's entries, the newest first, page by page as they are taken."""
        before = ""
        newest: int | None = None
        while True:
            page = self._connection.read(
                f"/v1/accounts/{account}/entries?limit={_PAGE_LINES}{before}"
            )
            for line in map(StatementLine.parse, page.children("entries")):
                if newest is not None and line.sequence >= newest:
                    raise page.refuse(f"entry {line.sequence} does not come before {newest}")
                newest = line.sequence
                yield line
            following = page.optional("next", page.count)
            if following is None:
                return
            if following != newest:
                raise page.refuse(f"its `next` is {following}, and its last entry {newest}")
            before = f"&before={following}"

    def participants(self) -> Iterator[Participant]:
        """All participants, in order of admission, page by page as they are taken."""
        after, seen = "", set[str]()
        while True:
            page = self._connection.read(f"/v1/participants{after}")
            found = [Participant.parse(one) for one in page.children("participants")]
            yield from found
            following = page.optional("next", page.text)
            if following is None:
                return
            if not found or found[-1].code != following or following in seen:
                raise page.refuse(f"its `next` is `{following}`, and not its last participant")
            seen.add(following)
            after = f"?after={quote(following, safe='')}"

    def supply(self) -> tuple[Supply, ...]:
        """Each currency's money."""
        return tuple(map(Supply.parse, self._connection.read("/v1/supply").children("supply")))

    def status(self, id: UUID, party: str | None = None) -> Status:
        """What became of an id of `party`, or of the one that this certificate reads for.

        Raises `RefusedError` (`another_party`, `party_needed`) for an id that is another's.
        """
        query = f"?party={quote(party, safe='')}" if party is not None else ""
        answer = self._connection.read(f"/v1/instructions/{id}{query}")
        status = parse_status(answer)
        if status.id != id or (party is not None and status.party not in (None, party)):
            raise answer.refuse(f"it is of id `{status.id}` of `{status.party}`")
        return status

    def follow(
        self,
        after: int | None = None,
        account: UUID | None = None,
        kinds: Collection[str] | None = None,
    ) -> Generator[events.Event, None, None]:
        """Gives orders as they are decided, for ever: see `specie.events`.

        Behind entry `after`, else behind what the ledger has when the first is asked for; of one
        `account`, and of `kinds` such as `{"pay", "fund"}`. Keep the newest `sequence` that was
        dealt with, and begin there the next time. `close` ends the stream.
        """
        if after is None:
            after = self.info().size - 1
        yield from events.follow(self._connection, after, account, kinds)

    # What these are made of.

    def _read_genesis(self) -> Genesis:
        answer = self._connection.read("/v1/proof/0")
        try:
            encoded = decode_base64(answer.text("entry"))
        except ValueError as error:
            raise FalseProofError(0, str(error)) from error
        return Genesis.prove(encoded, self.trust)

    def _post(self, submission: Submission) -> Receipt:
        """Sends bytes until they are answered; says of a failure whether they may be taken."""
        may_be_taken = False

        def attempt(left: float) -> bytes:
            nonlocal may_be_taken
            try:
                return self._connection.post(_SUBMISSIONS, submission.encoded, left)
            except UnreachableError as error:
                may_be_taken = may_be_taken or error.may_have_arrived
                raise
            except RefusedError as error:
                may_be_taken = may_be_taken or error.problem.status in _UNSURE
                raise

        try:
            answer = self._connection.retrying(attempt, self.options.submit_seconds)
            return Receipt.decode(answer, submission)
        except (RefusedError, UnreachableError, TLSError) as error:
            if may_be_taken:
                raise OutcomeUnknownError(submission, error) from error
            raise NotTakenError(error) from error
        except MalformedAnswerError as error:  # It may be what is left of a receipt.
            raise OutcomeUnknownError(submission, error) from error
