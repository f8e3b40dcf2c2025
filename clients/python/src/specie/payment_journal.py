"""What was issued for a file of payments, and what is decided: durable before anything goes by it.

The journal is lines of JSON. The first says what it is of; each other one puts a row of the file
under an id, with the order's exact bytes, or says what an id came to. Only the last can be torn.
docs/formats/payment-journal.md has the format, which `specie bank pay` shares.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, final

from specie import durable, ids
from specie.errors import FileError, SpecieError
from specie.orders import Order
from specie.payment_file import Decision, Payment, PaymentFile, check_same, lock
from specie.receipt import Accepted, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from specie.clock import Clock

_FORMAT = "specie-payments-v1"


@final
class Journal:
    """A file's journal: in memory what the disk has, and never more."""

    def __init__(self, file: int, payments: list[Payment], *, is_new: bool) -> None:
        """Is made by `open`."""
        self._file, self.payments, self.is_new = file, payments, is_new

    @classmethod
    @contextlib.contextmanager
    def open(cls, file: PaymentFile, ledger: bytes, party: str, clock: Clock) -> Iterator[Journal]:
        """Reads a file's journal, or begins it: it has all orders, or is not there.

        Raises `FileError` for another file's, ledger's or party's, or `OSError`.
        """
        path = file.path.with_name(file.path.name + ".journal")
        head = {
            "format": _FORMAT,
            "file_sha256": file.digest,
            "ledger": ledger.hex(),
            "party": party,
            "currency": file.currency.code,
            "channel": file.channel,
        }
        is_new = not _is_there(path)
        if is_new:
            descriptor = _create(path, _lines([head, *map(_issued, file.issue(clock))]))
        else:
            descriptor = _open(path)
        try:
            lock(path, descriptor)
            with open(descriptor, "rb", closefd=False) as reader:
                reader.seek(0)
                data = reader.read()
            whole = data.rfind(b"\n") + 1
            if whole < len(data):  # What a crash tore was not on the disk, and nothing went by it.
                os.ftruncate(descriptor, whole)
            # A run that was killed before its sync returned left what is read here in the page
            # cache alone: with the power it would be lost, and the order then paid again.
            os.fsync(descriptor)
            durable.sync_folder(path)
            payments = _read(path, data[:whole], head, file)
            check_same(file.path, file.descriptor)
            check_same(path, descriptor)
            yield cls(descriptor, payments, is_new=is_new)
        finally:
            os.close(descriptor)

    def issue_anew(self, payments: Sequence[Payment], clock: Clock) -> None:
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


def _is_there(path: Path) -> bool:
    """Whether a journal has that name: one that cannot be seen is not none. Raises `OSError`."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    return True


def _create(path: Path, data: bytes) -> int:
    try:
        return durable.create(path, data)
    except FileExistsError as error:
        raise FileError(path, "another run began it just now; run this again") from error


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_APPEND)
    except FileNotFoundError as error:
        raise FileError(
            path, "it is a link that leads to no file; put the journal back, nothing was sent"
        ) from error


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


def _read(path: Path, data: bytes, head: dict[str, str], file: PaymentFile) -> list[Payment]:
    """What a journal says of a file's rows. Raises `FileError` with the line."""
    rows = file.rows
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
                # Whatever else the journal says, what is paid is what the file orders.
                if order != file.order(row, order.id):
                    raise ValueError(f"its order is not that of row {row}")
                if members["id"] in by_id:
                    raise ValueError("its id was issued before")
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
                f"its `{name}` is `{found.get(name)}`, and now `{value}`: it is of other payments. "
                "Give a file that was changed, or is to be paid again, another name"
            )


def _read_decision(members: dict[str, Any]) -> Decision:
    result: Accepted | Rejected = Accepted()
    if members["outcome"] == "rejected":
        result = Rejected(members["code"], members["rule"], members["pack"])
    return Decision(
        result, members.get("message", ""), int(members["sequence"]), bool(members["proven"])
    )
