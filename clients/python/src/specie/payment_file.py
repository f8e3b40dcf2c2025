"""A file of payments: what it orders, and the file that says what became of each."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import io
import os
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, final
from uuid import UUID

from specie import ids, money, orders
from specie.errors import ArgumentError, FileError
from specie.receipt import Accepted, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from specie.clock import Clock
    from specie.genesis import Currency
    from specie.orders import Order

ROWS_MAX = 1_000_000
"""Payments of one file."""

_COLUMNS = ("payer", "payee", "amount", "reference", "purpose")
_NEEDED = frozenset(_COLUMNS[:3])
_RESULT = ("id", "outcome", "code", "rule", "pack", "message", "sequence", "proven")


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
class PaymentFile:
    """What a CSV file orders."""

    path: Path
    """Without links, so that whatever name it is given by, its journal is the same."""
    descriptor: int
    """Open and locked."""
    digest: str
    """SHA-256 of its bytes, in hexadecimal."""
    currency: Currency
    channel: str
    rows: list[dict[str, str]]
    """All columns of each payment, in order; those left out are empty."""

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: Path, currency: Currency, channel: str) -> Iterator[PaymentFile]:
        """Reads a file, each of whose payments some ledger could take; no other run pays it then.

        Raises `FileError` with the line, or `OSError`.
        """
        path = path.resolve(strict=True)
        with path.open("rb") as file:
            lock(path, file.fileno())
            data = file.read()
            rows = _read_rows(path, data, currency, channel)
            digest = sha256(data).hexdigest()
            yield cls(path, file.fileno(), digest, currency, channel, rows)

    def issue(self, clock: Clock) -> list[Payment]:
        """Its payments, under new ids."""
        return [
            Payment(row, fields, self.order(row, ids.new_id(clock)))
            for row, fields in enumerate(self.rows, 1)
        ]

    def order(self, row: int, id: UUID) -> Order:
        """What a row orders, from 1, under an id."""
        return _order(self.rows[row - 1], self.currency, self.channel, id)


def lock(path: Path, file: int) -> None:
    """Takes an open file for this run. Raises `FileError` while another run has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise FileError(path, "another run is paying it; wait until it ends") from error


def check_same(path: Path, file: int) -> None:
    """Raises `FileError` where a path no longer leads to the file that was opened by it."""
    try:
        is_same = os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        is_same = False
    if not is_same:
        raise FileError(path, "it was replaced while it was read; nothing was sent, run it again")


def _read_rows(path: Path, data: bytes, currency: Currency, channel: str) -> list[dict[str, str]]:
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
            _order(row, currency, channel, ids.new_id())
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


def result_text(payments: Sequence[Payment]) -> str:
    """What became of each payment, as CSV."""
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
