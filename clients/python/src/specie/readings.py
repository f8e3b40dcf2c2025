"""What the server says of accounts, money and orders: its word, which an audit checks.

Sums are `int` minor units, times ledger time in microseconds since 1970, and `as_of` is how many
entries of the log a reading covers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from specie.receipt import Accepted, Rejected, Remark

if TYPE_CHECKING:
    from uuid import UUID

    from specie.answers import Answer


@final
@dataclass(frozen=True, slots=True)
class Access:
    """Whom the server takes this client for."""

    certificate: bytes | None
    """SHA-256 of its certificate's public key; `None` without TLS."""
    readers: tuple[str, ...]
    """For whom it reads; none without TLS, where all is open."""

    @classmethod
    def parse(cls, answer: Answer) -> Access:
        """Reads `/v1/access`."""
        readers = answer.texts("readers") if answer.has("readers") else ()
        return cls(answer.optional("certificate", answer.digest), readers)


@final
@dataclass(frozen=True, slots=True)
class LedgerInfo:
    """How far the ledger is."""

    ledger: bytes
    log_key: str
    size: int
    """Durable entries."""
    checkpoint_size: int
    """Those that the newest checkpoint covers."""
    indexed_size: int
    """Those whose orders' ids can be asked for."""
    time_us: int

    @classmethod
    def parse(cls, answer: Answer) -> LedgerInfo:
        """Reads `/v1/ledger`."""
        return cls(
            answer.digest("ledger"),
            answer.text("log_key"),
            answer.count("size"),
            answer.count("checkpoint_size"),
            answer.count("indexed_size"),
            answer.count("time_us"),
        )


@final
@dataclass(frozen=True, slots=True)
class Account:
    """An account."""

    id: UUID
    kind: str
    """`issuance`, `settlement` or `wallet`."""
    participant: str | None
    """Whose it is; `None` for an issuance account."""
    currency: str
    tier: str | None
    """A wallet's class for limits."""
    balance: int
    available: int
    """The balance less what is held."""
    closed: bool
    frozen: str | None
    """`credits_accepted` or `credits_refused` where it is."""
    entry_count: int
    last_sequence: int | None
    running_hash: bytes
    as_of: int

    @classmethod
    def parse(cls, answer: Answer) -> Account:
        """Reads `/v1/accounts/{id}`."""
        return cls(
            answer.uuid("account"),
            answer.text("kind"),
            answer.optional("participant", answer.text),
            answer.text("currency"),
            answer.optional("tier", answer.text),
            answer.money("balance"),
            answer.money("available"),
            answer.flag("closed"),
            answer.optional("frozen", answer.text),
            answer.count("entry_count"),
            answer.optional("last_sequence", answer.count),
            answer.digest("running_hash"),
            answer.count("as_of"),
        )


@final
@dataclass(frozen=True, slots=True)
class Linked:
    """What a wallet's linked account gave for a payment, or took of it where negative."""

    account: UUID
    change: int


@final
@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry of an account's statement."""

    sequence: int
    time: str
    """RFC 3339, of ledger time."""
    time_us: int
    id: UUID
    operation: str
    amount: int
    """What the order moves."""
    change: int
    """What it changed the balance by."""
    linked: Linked | None
    balance: int
    """After it."""
    counterparty: UUID
    purpose: str
    channel: str
    reference: str
    document: str | None
    """The digest of what the order was made from, in hexadecimal; `None` for nothing."""

    @classmethod
    def parse(cls, answer: Answer) -> StatementLine:
        """Reads a member of `entries` of `/v1/accounts/{id}/entries`."""
        linked = answer.child("linked") if answer.has("linked") else None
        return cls(
            answer.count("sequence"),
            answer.text("time"),
            answer.count("time_us"),
            answer.uuid("id"),
            answer.text("operation"),
            answer.money("amount"),
            answer.money("change"),
            Linked(linked.uuid("account"), linked.money("change")) if linked else None,
            answer.money("balance"),
            answer.uuid("counterparty"),
            answer.text("purpose"),
            answer.text("channel"),
            answer.text("reference"),
            answer.optional("document", answer.text),
        )


@final
@dataclass(frozen=True, slots=True)
class SettlementAccount:
    """A participant's account in central bank money."""

    account: UUID
    currency: str
    balance: int | None
    """`None` where whoever asks may not see it."""


@final
@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A key that a participant's orders are signed with."""

    key: bytes
    standing: str
    """`active`, `suspended` or `revoked`."""
    valid_from_us: int
    valid_until_us: int | None
    """`None` is no end."""


@final
@dataclass(frozen=True, slots=True)
class Participant:
    """An institution that holds accounts."""

    code: str
    name: str
    admitted: int
    """Of the log entry that admitted it."""
    suspended: bool
    frozen: str | None
    settlement_accounts: tuple[SettlementAccount, ...]
    keys: tuple[RegisteredKey, ...]

    @classmethod
    def parse(cls, answer: Answer) -> Participant:
        """Reads a member of `/v1/participants`."""
        return cls(
            answer.text("participant"),
            answer.text("name"),
            answer.count("admitted"),
            answer.flag("suspended"),
            answer.optional("frozen", answer.text),
            tuple(
                SettlementAccount(
                    account.uuid("account"),
                    account.text("currency"),
                    account.optional("balance", account.money),
                )
                for account in answer.children("settlement_accounts")
            ),
            tuple(
                RegisteredKey(
                    key.digest("key"),
                    key.text("standing"),
                    key.count("valid_from_us"),
                    key.optional("valid_until_us", key.count),
                )
                for key in answer.children("keys")
            ),
        )


@final
@dataclass(frozen=True, slots=True)
class Holding:
    """What one participant and its customers hold of a currency."""

    participant: str
    settlement: int
    wallets: int


@final
@dataclass(frozen=True, slots=True)
class Supply:
    """A currency's money since the genesis."""

    currency: str
    exponent: int
    issued: int
    redeemed: int
    outstanding: int
    holdings: tuple[Holding, ...]
    """Of those participants that may be seen, in order of admission."""
    as_of: int
    time_us: int

    @classmethod
    def parse(cls, answer: Answer) -> Supply:
        """Reads a member of `/v1/supply`."""
        return cls(
            answer.text("currency"),
            answer.count("exponent"),
            answer.money("issued"),
            answer.money("redeemed"),
            answer.money("outstanding"),
            tuple(
                Holding(one.text("participant"), one.money("settlement"), one.money("wallets"))
                for one in answer.children("holdings")
            ),
            answer.count("as_of"),
            answer.count("time_us"),
        )


@final
@dataclass(frozen=True, slots=True)
class Executed:
    """An id's order was decided. `Ledger.prove` shows that the log says so."""

    id: UUID
    party: str
    sequence: int
    first_sequence: int
    """Of the entry that decided it."""
    result: Accepted | Rejected
    message: str
    """The server's words for a refusal."""
    time_us: int


@final
@dataclass(frozen=True, slots=True)
class NeverExecuted:
    """An id's order never was executed and never will be: only now may it be given a new id."""

    id: UUID
    party: str | None
    as_of: int
    time_us: int


@final
@dataclass(frozen=True, slots=True)
class NotYetKnown:
    """An id's order may be decided, or under way, or never come: ask again."""

    id: UUID
    party: str | None
    as_of: int
    time_us: int


Status = Executed | NeverExecuted | NotYetKnown
"""What became of an id, by the server's word."""


def parse_status(answer: Answer) -> Status:
    """Reads `/v1/instructions/{id}`."""
    id, time_us = answer.uuid("id"), answer.count("time_us")
    party = answer.optional("party", answer.text)
    match answer.text("status"):
        case "executed":
            message = answer.optional("message", answer.text) or ""
            return Executed(
                id,
                answer.text("party"),
                answer.count("sequence"),
                answer.count("first_sequence"),
                parse_result(answer),
                message,
                time_us,
            )
        case "never_executed":
            return NeverExecuted(id, party, answer.count("as_of"), time_us)
        case "not_yet_known":
            return NotYetKnown(id, party, answer.count("as_of"), time_us)
        case other:
            raise answer.refuse(f"`{other}` is no status")


def parse_result(answer: Answer) -> Accepted | Rejected:
    """Reads `outcome`, and `code`, `rule`, `pack` or `remarks` with it."""
    match answer.text("outcome"):
        case "accepted":
            remarks = answer.children("remarks") if answer.has("remarks") else []
            return Accepted(
                tuple(
                    Remark(
                        remark.text("kind"),
                        remark.text("pack"),
                        remark.optional("rule", remark.text) or "",
                    )
                    for remark in remarks
                )
            )
        case "rejected":
            rule = answer.optional("rule", answer.text) or ""
            pack = answer.optional("pack", answer.text) or ""
            return Rejected(answer.text("code"), rule, pack)
        case other:
            raise answer.refuse(f"`{other}` is no outcome")
