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

import base64
import contextlib
import csv
import fcntl
import io
import json
import os
from collections import Counter
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, final
from uuid import UUID

from specie import clock, durable, ids, money, orders
from specie.errors import ArgumentError, FileError, SpecieError
from specie.orders import Order
from specie.readings import Executed, NeverExecuted, NotYetKnown
from specie.receipt import Accepted, Outcome, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from specie.genesis import Currency
    from specie.keys import Key
    from specie.ledger import Ledger

ROWS_MAX = 1_000_000
"""Payments of one file."""

_FORMAT = "specie-payments-v1"
_COLUMNS = ("payer", "payee", "amount", "reference", "purpose")
_NEEDED = frozenset(_COLUMNS[:3])
_RESULT = ("id", "outcome", "code", "rule", "pack", "message", "sequence", "proven")
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
class Decision:
    """What became of a payment."""

    result: Accepted | Rejected
    message: str
    """The server's words for a refusal."""
    sequence: int
    """Of the log entry that decided it."""
    proven: bool
    """Whether the log was shown to hold it; in a submission of many some are the server's word."""


@final
@dataclass(slots=True)
class Payment:
    """One line of the file."""

    row: int
    """From 1, after the head."""
    fields: dict[str, str]
    """As the file has them."""
    order: Order
    """As it was issued last."""
    decision: Decision | None = None
    """`None` where it is open: it may yet be executed, or may have been."""

    @property
    def outcome(self) -> Literal["accepted", "rejected", "open"]:
        """In one word."""
        if self.decision is None:
            return "open"
        return "accepted" if isinstance(self.decision.result, Accepted) else "rejected"


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

    Raises `FileError` for what the file or its journal should not be, or while another run has
    it; `NotTakenError`, `OutcomeUnknownError`, `NotProvenError`, `DistrustError` and
    what readings raise, after which it is to be run again. The result file is written all the same.
    """
    if not 1 <= settings.size <= 10_000:
        raise ArgumentError(f"a submission has 1 to 10,000 payments, not `{settings.size}`")
    currency = ledger.genesis.currency(settings.currency)
    with _locked(path) as data:
        rows = _read_rows(path, data, currency)
        plan = _Plan(rows, currency, settings.channel, ledger.clock)
        with _Journal.open(path, _head(ledger, party, currency, data), plan) as journal:
            try:
                _Run(ledger, keys, party, settings, journal).finish()
            finally:
                result = path.with_name(path.name + ".result.csv")
                durable.replace(result, _result_text(journal.payments).encode())
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
        journal: _Journal,
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


# The file.


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[bytes]:
    """A file's bytes, which no other run pays meanwhile."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FileError(path, "another run is paying it; wait until that has ended") from error
        yield file.read()


def _read_rows(path: Path, data: bytes, currency: Currency) -> list[dict[str, str]]:
    """The file's payments, each of which some ledger could take. Raises `FileError`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(path, "it is not UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[dict[str, str]] = []
    try:
        head = next(reader, [])
        if not _NEEDED <= set(head) <= set(_COLUMNS) or len(set(head)) < len(head):
            raise ArgumentError(f"its head names columns out of {', '.join(_COLUMNS)}, each once")
        for cells in reader:
            if len(cells) != len(head):
                raise ArgumentError(f"it has {len(cells)} fields, and the head {len(head)}")
            row = dict.fromkeys(_COLUMNS, "") | dict(zip(head, cells, strict=True))
            _order(row, currency, "", ids.new_id())
            rows.append(row)
            if len(rows) > ROWS_MAX:
                raise ArgumentError(f"a file has at most {ROWS_MAX} payments; split it")
    except (csv.Error, ArgumentError) as error:
        raise FileError(path, str(error), max(reader.line_num, 1)) from error
    if not rows:
        raise FileError(path, "it has no payments")
    return rows


def _order(row: dict[str, str], currency: Currency, channel: str, id: UUID) -> Order:
    return orders.pay(
        _account(row["payer"]),
        _account(row["payee"]),
        money.minor_units(row["amount"], currency.exponent),
        currency.code,
        id=id,
        reference=row["reference"],
        purpose=row["purpose"],
        channel=channel,
    )


def _account(text: str) -> UUID:
    try:
        account = UUID(text)
    except ValueError as error:
        raise ArgumentError(f"`{text}` is no account") from error
    if str(account) != text.lower():
        raise ArgumentError(f"`{text}` is no account as `{account}` is one")
    return account


def _result_text(payments: Sequence[Payment]) -> str:
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(_COLUMNS + _RESULT)
    for payment in payments:
        row = [payment.fields[name] for name in _COLUMNS]
        row += [str(payment.order.id), payment.outcome]
        if payment.decision is not None:
            decision = payment.decision
            refusal = decision.result if isinstance(decision.result, Rejected) else Rejected("")
            row += [refusal.code, refusal.rule, refusal.pack, decision.message]
            row += [str(decision.sequence), "yes" if decision.proven else "no"]
        writer.writerow([*row, *[""] * (len(_COLUMNS + _RESULT) - len(row))])
    return output.getvalue()


# The journal: lines of JSON, of which only the last can be torn.


@final
@dataclass(frozen=True, slots=True)
class _Plan:
    """What a file orders."""

    rows: list[dict[str, str]]
    currency: Currency
    channel: str
    clock: clock.Clock

    def issue(self) -> list[Payment]:
        """Its payments, under new ids."""
        return [
            Payment(
                row, fields, _order(fields, self.currency, self.channel, ids.new_id(self.clock))
            )
            for row, fields in enumerate(self.rows, 1)
        ]


def _head(ledger: Ledger, party: str, currency: Currency, data: bytes) -> dict[str, str]:
    """What a journal is about, and must be about again."""
    return {
        "format": _FORMAT,
        "file_sha256": sha256(data).hexdigest(),
        "ledger": ledger.trust.ledger.hex(),
        "party": party,
        "currency": currency.code,
    }


@final
class _Journal:
    """What was issued, and what is decided: in memory what the disk has, and never more."""

    def __init__(self, file: int, payments: list[Payment], *, is_new: bool) -> None:
        self._file, self.payments, self.is_new = file, payments, is_new

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: Path, head: dict[str, str], plan: _Plan) -> Iterator[_Journal]:
        """Reads a file's journal, or begins it: it has all orders, or is not there."""
        journal = path.with_name(path.name + ".journal")
        is_new = not journal.exists()
        if is_new:
            durable.replace(journal, _lines([head, *map(_issued, plan.issue())]))
        file = os.open(journal, os.O_RDWR | os.O_APPEND)
        try:
            data = journal.read_bytes()
            whole = data.rfind(b"\n") + 1
            if whole < len(data):  # What a crash tore was not on the disk, and nothing went by it.
                os.ftruncate(file, whole)
                os.fsync(file)
            yield cls(file, _read_journal(journal, data[:whole], head, plan.rows), is_new=is_new)
        finally:
            os.close(file)

    def issue_anew(self, payments: Sequence[Payment], clock: clock.Clock) -> None:
        """Puts payments under new ids, on the disk first."""
        anew = [replace(one, order=one.order.under(ids.new_id(clock))) for one in payments]
        self._append([_issued(payment) for payment in anew])
        for payment, issued in zip(payments, anew, strict=True):
            payment.order = issued.order

    def decide(self, decisions: Sequence[tuple[Payment, Decision]]) -> None:
        """Keeps outcomes, on the disk first."""
        self._append([_decided(payment.order, decision) for payment, decision in decisions])
        for payment, decision in decisions:
            payment.decision = decision

    def _append(self, lines: Sequence[dict[str, Any]]) -> None:
        if lines:
            durable.append(self._file, _lines(lines))


def _lines(members: Sequence[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in members)


def _issued(payment: Payment) -> dict[str, Any]:
    encoded = base64.b64encode(payment.order.encoded).decode()
    return {"row": payment.row, "id": str(payment.order.id), "order": encoded}


def _decided(order: Order, decision: Decision) -> dict[str, Any]:
    members = {
        "decided": str(order.id),
        "outcome": "accepted",
        "sequence": decision.sequence,
        "proven": decision.proven,
    }
    if isinstance(decision.result, Rejected):
        members |= {
            "outcome": "rejected",
            "code": decision.result.code,
            "rule": decision.result.rule,
            "pack": decision.result.pack,
            "message": decision.message,
        }
    return members


def _read_journal(
    path: Path, data: bytes, head: dict[str, str], rows: Sequence[dict[str, str]]
) -> list[Payment]:
    """What a journal says of a file's rows. Raises `FileError` with the line."""
    issued: dict[int, Payment] = {}
    by_id: dict[str, Payment] = {}
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        try:
            members = json.loads(line)
            if number == 1:
                _check_head(members, head)
            elif "order" in members:
                row, order = members["row"], Order.decode(base64.b64decode(members["order"]))
                if not 1 <= row <= len(rows) or str(order.id) != members["id"]:
                    raise ValueError("the order is of no row of the file")
                payment = issued.setdefault(row, Payment(row, rows[row - 1], order))
                payment.order = order
                by_id[members["id"]] = payment
            else:
                by_id[members["decided"]].decision = _read_decision(members)
        except (ValueError, LookupError, TypeError, SpecieError) as error:
            raise FileError(path, f"it is no line of a journal: {error}", number) from error
    if sorted(issued) != list(range(1, len(rows) + 1)):
        raise FileError(path, "it does not have an order for each row of the file")
    return [issued[row] for row in range(1, len(rows) + 1)]


def _check_head(found: dict[str, str], head: dict[str, str]) -> None:
    for name, value in head.items():
        if found.get(name) != value:
            raise ValueError(
                f"its `{name}` is `{found.get(name)}`, and now `{value}`: it belongs to another "
                "file, ledger, party or currency. Give a file that was changed another name"
            )


def _read_decision(members: dict[str, Any]) -> Decision:
    result: Accepted | Rejected = Accepted()
    if members["outcome"] == "rejected":
        result = Rejected(members["code"], members["rule"], members["pack"])
    return Decision(
        result, members.get("message", ""), int(members["sequence"]), bool(members["proven"])
    )
