"""Payments from a CSV file, each paid once, however often and wherever a run is cut off.

A file `payments.csv` has a head and one payment a line:

    payer,payee,amount,reference,purpose
    5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035,0c1b…,12.50,invoice 7,SUPP

`reference` and `purpose` may be left out; amounts are decimals of one currency. The whole file is
checked before anything is sent.

Beside it, `payments.csv.journal` has every order's exact bytes, and so its id, on the disk before
the first of them is sent, and each outcome once it is proven. A later run goes by it:

1. What has an outcome is done, and a refusal is an outcome.
2. Of every other order the ledger is asked first. What was executed is proven. What is
   `never_executed` gets a new id, which the journal has before it is sent.
3. What is `not_yet_known` is sent again under its own id while the ledger still takes that, which
   executes it at most once; afterwards it is asked for again, for `Settings.wait_seconds`, and
   then reported as open. Run it again later.

That an order never was executed is the server's word: of what is not in the log there is no proof.
A server that lies about it makes a bank pay twice, and the log then shows both, signed.

`payments.csv.result.csv` has each payment with its outcome, and is made anew by each run.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, final

from specie import clock, durable, ids
from specie.errors import ArgumentError
from specie.payment_file import Decision, Payment, PaymentFile, result_text
from specie.payment_journal import Journal
from specie.readings import Executed, NeverExecuted, NotYetKnown
from specie.receipt import Accepted, Outcome, Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from specie.keys import Key
    from specie.ledger import Ledger
    from specie.orders import Order

# Refusals that leave the id as it was, and so decide nothing: docs/errors.md.
_UNDECIDED = frozenset({"id_too_old", "id_in_future"})
# Sent again under its own id, an order needs as long until its id is too old.
_MARGIN_US = 60 * 1_000_000


@final
@dataclass(frozen=True, slots=True)
class Settings:
    """How a file is paid."""

    currency: str | None = None
    """Its code; may be left out where the ledger has only one."""
    channel: str = ""
    """How the orders came in, for rules."""
    size: int = 1000
    """Payments of one submission, 1 to 10,000: the file is sent in its order, one by one."""
    wait_seconds: float = 60
    """How long to ask for what is not yet known, once nothing more becomes known."""
    verify: bool = True
    """Whether outcomes are proven; a certificate that may not read the party's entries cannot."""


@final
@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file."""

    payments: tuple[Payment, ...]
    """In the file's order."""
    result: Path
    """The file that says so."""

    def count(self, outcome: Literal["accepted", "rejected", "open"]) -> int:
        """How many payments had that outcome."""
        return Counter(payment.outcome for payment in self.payments)[outcome]


def pay_file(
    ledger: Ledger, path: Path, keys: Sequence[Key], party: str, settings: Settings
) -> Report:
    """Pays what a file orders; run it again until nothing of it is open.

    Raises `FileError` for what the file or its journal should not be, or while another run has it;
    `NotTakenError`, `OutcomeUnknownError`, `NotProvenError`, `DistrustError` and what readings
    raise, after which it is to be run again. The result file is written all the same.
    """
    if not 1 <= settings.size <= 10_000:
        raise ArgumentError(f"a submission has 1 to 10,000 payments, not `{settings.size}`")
    currency = ledger.genesis.currency(settings.currency)
    with (
        PaymentFile.open(path, currency, settings.channel) as file,
        Journal.open(file, ledger.trust.ledger, party, ledger.clock) as journal,
    ):
        result = file.path.with_name(file.path.name + ".result.csv")
        try:
            _Run(ledger, keys, party, settings, journal).finish()
        except BaseException as failure:
            try:
                durable.replace(result, result_text(journal.payments).encode())
            except OSError as second:  # It is told, and does not hide what failed first.
                failure.add_note(f"the results were not written to `{result}`: {second}")
            raise
        durable.replace(result, result_text(journal.payments).encode())
        return Report(tuple(journal.payments), result)


@final
class _Run:
    """Takes a journal's payments to their outcomes."""

    def __init__(
        self,
        ledger: Ledger,
        keys: Sequence[Key],
        party: str,
        settings: Settings,
        journal: Journal,
    ) -> None:
        self._ledger, self._keys, self._party = ledger, keys, party
        self._settings, self._journal = settings, journal
        # Those that may be sent without asking first: they never were, or are taken at most once.
        self._sendable = {one.order.id for one in journal.payments} if journal.is_new else set()

    def finish(self) -> None:
        """Asks, issues anew, and sends, until nothing is open or nothing comes of it any more."""
        pause = self._ledger.options.pause_seconds_max
        waiting: clock.Deadline | None = None
        while before := len(self._open()):
            self._ask([one for one in self._open() if one.order.id not in self._sendable])
            ready = [one for one in self._open() if one.order.id in self._sendable]
            for at in range(0, len(ready), self._settings.size):
                self._send(ready[at : at + self._settings.size])
            if waiting is None or len(self._open()) < before:
                waiting = clock.Deadline(self._ledger.clock, self._settings.wait_seconds)
            elif waiting.left <= pause:
                return
            if self._open():
                self._ledger.clock.sleep(pause)

    def _open(self) -> list[Payment]:
        return [payment for payment in self._journal.payments if payment.decision is None]

    def _ask(self, payments: Sequence[Payment]) -> None:
        """Finds out what became of orders that may have been sent."""
        never: list[Payment] = []
        for payment in payments:
            status = self._ledger.status(payment.order.id, self._party)
            match status:
                case Executed():
                    if self._settings.verify:
                        self._ledger.prove(status, payment.order)
                    self._journal.decide([(payment, _told(status, proven=self._settings.verify))])
                case NeverExecuted():
                    never.append(payment)
                case NotYetKnown() if self._is_taken(payment.order):
                    self._sendable.add(payment.order.id)
        self._journal.issue_anew(never, self._ledger.clock)
        self._sendable.update(payment.order.id for payment in never)

    def _is_taken(self, order: Order) -> bool:
        """Whether the ledger still takes an order under its id, and so executes it once at most."""
        ends_us = ids.time_us(order.id) + self._ledger.genesis.horizon_us(self._party)
        return self._ledger.clock.now_us() + _MARGIN_US < ends_us

    def _send(self, payments: Sequence[Payment]) -> None:
        """Sends orders that the journal has, under one signature."""
        self._sendable.difference_update(payment.order.id for payment in payments)
        receipt = self._ledger.submit(
            [payment.order for payment in payments],
            self._keys,
            self._party,
            verify=self._settings.verify,
        )
        self._journal.decide(
            [
                (payment, _told(outcome, proven=outcome.proven))
                for payment, outcome in zip(payments, receipt.outcomes, strict=True)
                if not _is_undecided(outcome.result)
            ]
        )


def _told(answer: Outcome | Executed, *, proven: bool) -> Decision:
    return Decision(answer.result, answer.message, answer.first_sequence, proven)


def _is_undecided(result: Accepted | Rejected) -> bool:
    return isinstance(result, Rejected) and result.code in _UNDECIDED
