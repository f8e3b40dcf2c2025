"""Entry 0: what the ledger is, by its own id, and so by nobody's word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final
from uuid import UUID

from specie import canonical, merkle
from specie.errors import ArgumentError, EncodingError, OtherLedgerError
from specie.v1 import log_pb2

if TYPE_CHECKING:
    from specie.trust import TrustFile


@final
@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of the ledger."""

    code: str
    """ISO 4217."""
    exponent: int
    """Decimal digits of its minor unit, 0 to 6."""
    issuance_account: UUID


@final
@dataclass(frozen=True, slots=True)
class Genesis:
    """What officers signed when the ledger began."""

    currencies: tuple[Currency, ...]
    participant_horizon_us: int
    """How far back a bank's id, and ahead its statement's expiry, may lie."""
    officer_horizon_us: int

    @classmethod
    def prove(cls, encoded: bytes, trust: TrustFile) -> Genesis:
        """Reads entry 0, whose leaf hash is the ledger's id, and which names the log's key.

        Raises `OtherLedgerError` where it is not the trust file's.
        """
        if merkle.leaf_hash(encoded) != trust.ledger:
            raise OtherLedgerError(
                f"it serves ledger `{merkle.leaf_hash(encoded).hex()}`, and the trust file pins "
                f"`{trust.ledger.hex()}`"
            )
        try:
            entry = canonical.decode(log_pb2.LogEntry, encoded)
            genesis = canonical.decode(log_pb2.Genesis, entry.genesis.genesis)
        except EncodingError as error:
            raise OtherLedgerError(f"entry 0 is no genesis: {error}") from error
        if (genesis.origin, genesis.log_key.bytes) != (trust.log.name, trust.log.public_key):
            raise OtherLedgerError(
                f"its log is `{genesis.origin}` with key `{genesis.log_key.bytes.hex()}`, and the "
                f"trust file pins `{trust.log}`"
            )
        return cls(
            tuple(
                Currency(one.code, one.exponent, UUID(bytes=one.issuance_account))
                for one in genesis.currencies
            ),
            genesis.parameters.participant_horizon,
            genesis.parameters.officer_horizon,
        )

    def horizon_us(self, party: str) -> int:
        """The horizon of a party's ids and statements."""
        is_office = party in ("issuer", "recovery")
        return self.officer_horizon_us if is_office else self.participant_horizon_us

    def currency(self, code: str | None = None) -> Currency:
        """A currency by its code; without one, the only one. Raises `ArgumentError`."""
        found = [one for one in self.currencies if code in (None, one.code)]
        if len(found) != 1:
            known = ", ".join(one.code for one in self.currencies)
            raise ArgumentError(f"`{code or 'no currency'}` does not name one of `{known}`")
        return found[0]
