"""What happened, by the exported log alone: its bytes, read with the schema and nothing else.

No reading of the API and no code of the server's decides anything here. Accounts are added up from
the orders that the log says were accepted.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from specie import TrustFile, merkle
from specie.note import open_checkpoint
from specie.receipt import Accepted, Rejected, result_of
from specie.v1 import instruction_pb2, log_pb2, submission_pb2

MONEY = frozenset({"issue", "redeem", "settle", "fund", "pay", "cash-out"})


@dataclass(frozen=True, slots=True)
class Decided:
    """An order's one decision."""

    sequence: int
    time_us: int
    party: str
    id: UUID
    operation: str
    """As events name it, such as `cash-out`."""
    result: Accepted | Rejected
    encoded: bytes
    accounts: frozenset[UUID]
    """Those that it names."""


@dataclass(frozen=True, slots=True)
class Line:
    """One change of an account."""

    sequence: int
    time_us: int
    id: UUID
    change: int
    balance: int


@dataclass
class Truth:
    """A whole log, added up."""

    orders: list[Decided] = field(default_factory=list)
    """Every order in the order of the log, without copies of what was decided before."""
    decided: dict[UUID, Decided] = field(default_factory=dict)
    """Each id's last decision: too few signatures leave the id as it was."""
    copies: dict[int, int] = field(default_factory=dict)
    """Entries that are copies, and the entries that decided them."""
    lines: dict[UUID, list[Line]] = field(default_factory=lambda: defaultdict(list))
    owners: dict[UUID, str] = field(default_factory=dict)
    """Of settlement accounts and wallets, the participant."""
    issued: int = 0
    redeemed: int = 0

    @classmethod
    def read(cls, folder: Path, trust: TrustFile) -> "Truth":
        """Adds an export up, whose entries must have the root that the log's key signed."""
        entries = _entries(folder)
        checkpoint = open_checkpoint((folder / "checkpoint").read_bytes(), trust.log)
        assert len(entries) == checkpoint.size
        assert merkle.root([merkle.leaf_hash(one) for one in entries]) == checkpoint.root
        assert merkle.leaf_hash(entries[0]) == trust.ledger
        truth, party, previous = cls(), "", entries[0]
        for sequence, encoded in enumerate(entries[1:], start=1):
            entry = log_pb2.LogEntry.FromString(encoded)
            assert entry.sequence == sequence
            assert entry.previous == hashlib.sha256(b"\0" + previous).digest()
            previous = encoded
            match entry.WhichOneof("body"):
                case "submission":
                    statement = submission_pb2.Statement.FromString(entry.submission.statement)
                    party = statement.party
                case "instruction":
                    truth._take(entry, party)
        return truth

    def balance(self, account: UUID, before_us: int | None = None) -> int:
        """What an account held, with all that is dated before an instant."""
        lines = self.lines[account]
        if before_us is not None:
            lines = [one for one in lines if one.time_us < before_us]
        return lines[-1].balance if lines else 0

    def accounts(self, owner: str) -> list[UUID]:
        """The accounts of a participant."""
        return [account for account, one in self.owners.items() if one == owner]

    def concerning(self, bank: str) -> list[Decided]:
        """The orders about money that a bank hears of."""
        own = set(self.accounts(bank))
        return [
            one
            for one in self.orders
            if one.operation in MONEY
            and (one.party == bank or (isinstance(one.result, Accepted) and one.accounts & own))
        ]

    def _take(self, entry: log_pb2.LogEntry, party: str) -> None:
        found = entry.instruction
        if found.HasField("duplicate"):
            self.copies[entry.sequence] = found.duplicate.sequence
            return
        order = instruction_pb2.Instruction.FromString(found.instruction)
        operation = order.WhichOneof("operation")
        assert operation is not None
        body, operation = getattr(order, operation), operation.replace("_", "-")
        id, names = UUID(bytes=order.id), [getattr(body, name, b"") for name in ("payer", "payee")]
        payer, payee = (UUID(bytes=name) if name else None for name in names)
        result = result_of(
            found.accepted if found.HasField("accepted") else None,
            found.rejected if found.HasField("rejected") else None,
        )
        former = self.decided.get(id)
        assert former is None or former.result == Rejected("quorum_not_met"), f"{id} comes twice"
        self.decided[id] = Decided(
            entry.sequence, entry.time, party, id, operation, result, found.instruction,
            frozenset(one for one in (payer, payee) if one is not None),
        )  # fmt: skip
        self.orders.append(self.decided[id])
        if isinstance(result, Rejected):
            return
        if operation == "admit-participant":
            for account in body.settlement_accounts:
                self.owners[UUID(bytes=account.account)] = body.participant
        elif operation == "open-wallet":
            self.owners[UUID(bytes=body.wallet)] = party
        elif operation in MONEY:
            self.issued += body.amount if operation == "issue" else 0
            self.redeemed += body.amount if operation == "redeem" else 0
            for account, change in ((payer, -body.amount), (payee, body.amount)):
                if account is not None:
                    balance = self.balance(account) + change
                    assert balance >= 0
                    self.lines[account].append(
                        Line(entry.sequence, entry.time, id, change, balance)
                    )


def _entries(folder: Path) -> list[bytes]:
    """Every entry, from bundles of C2SP tlog-tiles."""
    bundles = dict[int, bytes]()
    root = folder / "tile" / "entries"
    for path in filter(Path.is_file, root.rglob("*")):
        place = path.parent if path.parent.suffix == ".p" else path
        number = int("".join(place.relative_to(root).with_suffix("").parts).replace("x", ""))
        bundles[number] = max(bundles.get(number, b""), path.read_bytes(), key=len)
    entries = list[bytes]()
    for number, bundle in sorted(bundles.items()):
        assert len(entries) == number * 256
        start = 0
        while start < len(bundle):
            end = start + 2 + int.from_bytes(bundle[start : start + 2], "big")
            entries.append(bundle[start + 2 : end])
            start = end
    return entries
