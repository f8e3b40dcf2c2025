"""Orders signed together: a statement, signatures over it, and the orders' bytes.

The statement is the payload of a DSSE v1 envelope (docs/formats/submission.md). Its RFC 6962 root
covers each order, so one signature stands for thousands.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, final

from google.protobuf.message import DecodeError

from specie import canonical, merkle
from specie.errors import ArgumentError, EncodingError
from specie.orders import Order
from specie.v1 import submission_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from specie.keys import Key

PAYLOAD_TYPE = "application/vnd.specie.statement.v1+protobuf"
ORDERS_MAX = 10_000
"""Orders of one submission."""
BYTES_MAX = 8 << 20
"""Of one submission, as it is sent."""
SIGNATURES_MAX = 32


@final
@dataclass(frozen=True)
class Submission:
    """What was signed, by whom, and what is sent: the same bytes, however often.

    A ledger sequences a statement once. Until `expiry_us` these bytes may be sent again, and are
    answered with the receipt that they had; afterwards only their ids' status tells.
    """

    encoded: bytes
    """The body of a request."""

    @classmethod
    def sign(
        cls, ledger: bytes, party: str, orders: Sequence[Order], keys: Sequence[Key], expiry_us: int
    ) -> Submission:
        """Signs orders of one party with 1 to 32 of its keys, in the order given.

        `ledger` is the trust file's. Raises `ArgumentError` where there are more than `ORDERS_MAX`
        orders or `BYTES_MAX` bytes, none, or an id twice: nothing is ever split here.
        """
        if not 1 <= len(orders) <= ORDERS_MAX:
            raise ArgumentError(f"a submission has 1 to {ORDERS_MAX} orders, not {len(orders)}")
        if not 1 <= len(keys) <= SIGNATURES_MAX or len({key.public for key in keys}) < len(keys):
            raise ArgumentError(f"a submission is signed by 1 to {SIGNATURES_MAX} distinct keys")
        if len({order.id for order in orders}) < len(orders):
            raise ArgumentError("two orders have one id; each order has its own")
        statement = canonical.encode(
            pb.Statement(
                ledger=ledger,
                party=party,
                count=len(orders),
                expiry=expiry_us,
                root=merkle.root([merkle.leaf_hash(order.encoded) for order in orders]),
            )
        )
        signed = pre_authentication_encoding(PAYLOAD_TYPE, statement)
        message = pb.Submission(
            envelope=pb.Envelope(
                payload=statement,
                payload_type=PAYLOAD_TYPE,
                signatures=[
                    pb.EnvelopeSignature(sig=key.sign(signed), keyid=key.public.hex())
                    for key in keys
                ],
            ),
            instructions=[order.encoded for order in orders],
        )
        encoded = message.SerializeToString()
        if len(encoded) > BYTES_MAX:
            raise ArgumentError(f"a submission has at most {BYTES_MAX} bytes, not {len(encoded)}")
        return cls(encoded)

    @classmethod
    def decode(cls, encoded: bytes) -> Submission:
        """Reads what `encoded` had. Raises `EncodingError` for what no submission is.

        What is read: the statement and the orders are canonical, and the statement is of these
        orders. Signatures are for the ledger to check.
        """
        made = cls(encoded)
        leaves = [merkle.leaf_hash(order.encoded) for order in made.orders]
        if (made._statement.count, made._statement.root) != (len(leaves), merkle.root(leaves)):
            raise EncodingError("the statement is of other orders than the submission has")
        return made

    @cached_property
    def _message(self) -> pb.Submission:
        try:
            return pb.Submission.FromString(self.encoded)
        except DecodeError as error:
            raise EncodingError("the bytes do not decode as a submission") from error

    @cached_property
    def _statement(self) -> pb.Statement:
        return canonical.decode(pb.Statement, self.statement)

    @property
    def statement(self) -> bytes:
        """What was signed: canonical bytes."""
        return self._message.envelope.payload

    @property
    def instructions(self) -> Sequence[bytes]:
        """Each order's bytes."""
        return self._message.instructions

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """The orders, in the order in which they are decided."""
        return tuple(Order.decode(encoded) for encoded in self.instructions)

    @property
    def ids(self) -> tuple[UUID, ...]:
        """The orders' ids."""
        return tuple(order.id for order in self.orders)

    @property
    def party(self) -> str:
        """Who orders."""
        return self._statement.party

    @property
    def expiry_us(self) -> int:
        """The ledger time from which on it is not sequenced any more."""
        return self._statement.expiry


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """What DSSE v1 signs: lengths in decimal bytes, so that nothing can be read two ways."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
