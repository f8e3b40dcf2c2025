"""What a bank orders, each with its id and its exact bytes: docs/formats/instruction.md.

Each function makes one `Order`, and refuses with `ArgumentError` what no ledger would take. Amounts
are minor units, `1 ... AMOUNT_MAX`. All of them take the same details by name:

- `id`: a UUIDv7 of `specie.ids.new_id`; chosen here unless given. With the same id and the same
  values an order is the same order, which is never executed twice.
- `reference`: the bank's own, at most 35 bytes. No personal data, ever.
- `purpose`: an ISO 20022 external purpose code such as `SALA`, 1 to 4 of `A-Z0-9`.
- `channel`: how the order came in, for rules; 1 to 16 of `a-z0-9-`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, Unpack, final
from uuid import UUID

from specie import canonical, clock, ids
from specie.errors import ArgumentError, EncodingError
from specie.money import AMOUNT_MAX
from specie.v1 import instruction_pb2 as pb

if TYPE_CHECKING:
    from datetime import datetime

    from google.protobuf.message import Message

BYTES_MAX = 57_344
"""Of one order."""
REFERENCE_BYTES_MAX = 35
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""What a terminal or a reader obeys rather than sees, and no reference has: I-13."""

_PURPOSE = re.compile(r"[A-Z0-9]{0,4}")
_CHANNEL = re.compile(r"[a-z0-9-]{0,16}")
_NAME = re.compile(r"[a-z0-9-]{1,32}")
_TIER = re.compile(r"[a-z0-9-]{1,16}")
_PARTY = re.compile(r"[a-z0-9-]{2,32}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Details(TypedDict, total=False):
    """What every order may have; the module says what each is."""

    id: UUID
    reference: str
    purpose: str
    channel: str


@final
@dataclass(frozen=True, slots=True)
class Order:
    """One order of one party, not signed yet."""

    id: UUID
    operation: str
    """By the ledger's name, such as `pay`."""
    encoded: bytes
    """The canonical bytes, which are signed and logged."""

    @classmethod
    def decode(cls, encoded: bytes) -> Order:
        """Reads an order's bytes. Raises `EncodingError` where they are not canonical."""
        message = canonical.decode(pb.Instruction, encoded)
        operation = message.WhichOneof("operation")
        if operation is None or len(message.id) != 16 or len(encoded) > BYTES_MAX:
            raise EncodingError("an order has an id of 16 bytes, an operation, and its bounds")
        id = UUID(bytes=message.id)
        if not ids.is_order_id(id):
            raise EncodingError(f"id `{id}` is no UUIDv7")
        return cls(id, operation, encoded)

    def under(self, id: UUID) -> Order:
        """The same under another id, which is another order: both may be executed.

        Only once the first id was answered `never_executed` is it sure that one of them is.
        """
        message = pb.Instruction.FromString(self.encoded)
        message.id = id.bytes
        return Order.decode(canonical.encode(message))


# Money.


def pay(payer: UUID, payee: UUID, amount: int, currency: str, **details: Unpack[Details]) -> Order:
    """From a wallet of the bank to any wallet."""
    return _transfer("pay", payer, payee, amount, currency, details)


def fund(payer: UUID, payee: UUID, amount: int, currency: str, **details: Unpack[Details]) -> Order:
    """From the bank's settlement account to a wallet of its own."""
    return _transfer("fund", payer, payee, amount, currency, details)


def cash_out(
    payer: UUID, payee: UUID, amount: int, currency: str, **details: Unpack[Details]
) -> Order:
    """From a wallet to its own bank's settlement account."""
    return _transfer("cash_out", payer, payee, amount, currency, details)


def settle(
    payer: UUID, payee: UUID, amount: int, currency: str, **details: Unpack[Details]
) -> Order:
    """From the bank's settlement account to another's."""
    return _transfer("settle", payer, payee, amount, currency, details)


def redeem(
    payer: UUID, amount: int, currency: str, rtgs_reference: str, **details: Unpack[Details]
) -> Order:
    """From the bank's settlement account back to the issuer.

    `rtgs_reference` names the payment in the RTGS system that answers it: 1 to 35 bytes, good for
    one redemption of the bank, for ever.
    """
    message = pb.Redeem(
        payer=payer.bytes,
        amount=_amount(amount),
        currency=_matching(_CURRENCY, currency, "a currency is three capital letters"),
        rtgs_reference=_reference(rtgs_reference, "an RTGS reference", least=1),
    )
    return _order("redeem", message, details)


# Wallets.


def open_wallet(
    wallet: UUID, owner: UUID, currency: str, tier: str, **details: Unpack[Details]
) -> Order:
    """Opens a wallet, whose id the bank chooses at random (`uuid.uuid4()`).

    `owner` comes from an identity service outside the ledger: a pseudonym, the same at every bank.
    """
    message = pb.OpenWallet(
        wallet=wallet.bytes,
        owner=owner.bytes,
        currency=_matching(_CURRENCY, currency, "a currency is three capital letters"),
        tier=_matching(_TIER, tier, "a tier is 1 to 16 of `a-z0-9-`"),
    )
    return _order("open_wallet", message, details)


def set_wallet_tier(wallet: UUID, tier: str, **details: Unpack[Details]) -> Order:
    """Moves a wallet to another tier of the rules in force."""
    tier = _matching(_TIER, tier, "a tier is 1 to 16 of `a-z0-9-`")
    message = pb.SetWalletTier(wallet=wallet.bytes, tier=tier)
    return _order("set_wallet_tier", message, details)


def close_wallet(wallet: UUID, **details: Unpack[Details]) -> Order:
    """Closes a wallet, which must hold nothing."""
    return _order("close_wallet", pb.CloseWallet(wallet=wallet.bytes), details)


def set_wallet_attribute(
    wallet: UUID, name: str, value: str | int, **details: Unpack[Details]
) -> Order:
    """Sets what rules ask of a wallet: a word, as `str`, or a sum of minor units, as `int`."""
    message = pb.SetWalletAttribute(wallet=wallet.bytes, name=_name(name))
    if isinstance(value, str):
        message.word = _name(value)
    else:
        message.amount = _amount(value, least=0)
    return _order("set_wallet_attribute", message, details)


def link_account(wallet: UUID, account: UUID | None, **details: Unpack[Details]) -> Order:
    """Links a wallet's waterfalls to the bank's settlement account, or with `None` to nothing."""
    linked = account.bytes if account is not None else b""
    return _order("link_account", pb.LinkAccount(wallet=wallet.bytes, account=linked), details)


def list_payee(wallet: UUID, payee: UUID, **details: Unpack[Details]) -> Order:
    """Lists a payee of a wallet's holder."""
    message = pb.PayeeOfWallet(wallet=wallet.bytes, payee=payee.bytes)
    return _order("list_payee", message, details)


def unlist_payee(wallet: UUID, payee: UUID, **details: Unpack[Details]) -> Order:
    """Takes a payee off a wallet's list."""
    message = pb.PayeeOfWallet(wallet=wallet.bytes, payee=payee.bytes)
    return _order("unlist_payee", message, details)


def record_event(wallet: UUID, event: str, **details: Unpack[Details]) -> Order:
    """Records what happened to a wallet's holder, from which rules count."""
    return _order("record_event", pb.RecordEvent(wallet=wallet.bytes, event=_name(event)), details)


# Keys: `party` is the bank's own code; public keys are 32 bytes of Ed25519; `None` is no bound.


def register_key(
    party: str,
    key: bytes,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    **details: Unpack[Details],
) -> Order:
    """Lets a key sign for a party, from an instant until just before another."""
    message = pb.RegisterKey(
        party=_party(party),
        key=_public_key(key),
        valid_from=_bound(valid_from),
        valid_until=_bound(valid_until),
    )
    return _order("register_key", message, details)


def rotate_key(
    party: str,
    old_key: bytes,
    new_key: bytes,
    *,
    overlap_until: datetime | None = None,
    **details: Unpack[Details],
) -> Order:
    """Puts a new key in an old one's place, which ends just before `overlap_until`, or at once."""
    message = pb.RotateKey(
        party=_party(party),
        old_key=_public_key(old_key),
        new_key=_public_key(new_key),
        overlap_until=_bound(overlap_until),
    )
    return _order("rotate_key", message, details)


def suspend_key(party: str, key: bytes, **details: Unpack[Details]) -> Order:
    """Takes a key's power to sign; only officers give it back."""
    message = pb.SuspendKey(party=_party(party), key=_public_key(key))
    return _order("suspend_key", message, details)


def revoke_key(party: str, key: bytes, **details: Unpack[Details]) -> Order:
    """Ends a key, for good."""
    message = pb.RevokeKey(party=_party(party), key=_public_key(key))
    return _order("revoke_key", message, details)


# TLS certificates, known by their public keys: `specie.certificates.spki_sha256`.


def register_certificate(
    reader: str,
    spki_sha256: bytes,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    **details: Unpack[Details],
) -> Order:
    """Lets a certificate read for a party, from an instant until just before another."""
    message = pb.RegisterCertificate(
        reader=_party(reader),
        spki_sha256=_exactly(32, spki_sha256, "SHA-256 of a certificate's public key"),
        valid_from=_bound(valid_from),
        valid_until=_bound(valid_until),
    )
    return _order("register_certificate", message, details)


def revoke_certificate(reader: str, spki_sha256: bytes, **details: Unpack[Details]) -> Order:
    """Ends what a certificate reads for a party, at once and for good."""
    digest = _exactly(32, spki_sha256, "SHA-256 of a certificate's public key")
    message = pb.RevokeCertificate(reader=_party(reader), spki_sha256=digest)
    return _order("revoke_certificate", message, details)


# What they are made of.


def _transfer(  # noqa: PLR0913, PLR0917 - a transfer has as many parts.
    operation: str, payer: UUID, payee: UUID, amount: int, currency: str, details: Details
) -> Order:
    message = pb.Transfer(
        payer=payer.bytes,
        payee=payee.bytes,
        amount=_amount(amount),
        currency=_matching(_CURRENCY, currency, "a currency is three capital letters"),
    )
    return _order(operation, message, details)


def _order(operation: str, message: Message, details: Details) -> Order:
    id = details.get("id") or ids.new_id()
    if not ids.is_order_id(id):
        raise ArgumentError(f"id `{id}` is no UUIDv7; make it with `specie.new_id`")
    instruction = pb.Instruction(
        id=id.bytes,
        purpose=_matching(_PURPOSE, details.get("purpose", ""), "a purpose is 1 to 4 of `A-Z0-9`"),
        channel=_matching(
            _CHANNEL, details.get("channel", ""), "a channel is 1 to 16 of `a-z0-9-`"
        ),
        reference=_reference(details.get("reference", ""), "a reference", least=0),
    )
    getattr(instruction, operation).CopyFrom(message)
    return Order(id, operation, canonical.encode(instruction))


def _amount(amount: int, *, least: int = 1) -> int:
    if type(amount) is not int or not least <= amount <= AMOUNT_MAX:
        raise ArgumentError(
            f"`{amount}` is no amount: it is an `int` of `{least}` to `{AMOUNT_MAX}` minor units"
        )
    return amount


def _reference(text: str, noun: str, *, least: int) -> str:
    if UNSEEN.search(text):
        raise ArgumentError(f"{noun} has no control, format or half characters: `{text!r}`")
    if not least <= len(text.encode()) <= REFERENCE_BYTES_MAX:
        raise ArgumentError(f"{noun} has {least} to {REFERENCE_BYTES_MAX} bytes: `{text}`")
    return text


def _matching(pattern: re.Pattern[str], text: str, rule: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ArgumentError(f"{rule}, not `{text}`")
    return text


def _name(text: str) -> str:
    return _matching(_NAME, text, "a name or a word is 1 to 32 of `a-z0-9-`")


def _party(text: str) -> str:
    return _matching(_PARTY, text, "a party is 2 to 32 of `a-z0-9-`")


def _exactly(length: int, data: bytes, noun: str) -> bytes:
    if len(data) != length:
        raise ArgumentError(f"{noun} has {length} bytes, not {len(data)}")
    return data


def _public_key(key: bytes) -> pb.PublicKey:
    key = _exactly(32, key, "a public key")
    return pb.PublicKey(algorithm=pb.KEY_ALGORITHM_ED25519, bytes=key)


def _bound(instant: datetime | None) -> int:
    return 0 if instant is None else clock.microseconds(instant)
