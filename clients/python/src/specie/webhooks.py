"""What a server posts to a webhook: events, signed by the log's key (docs/api.md; RFC 9421).

A receiver takes a request for the ledger's word only after `Webhook.verify`, answers 2xx once it
has kept the events, and leaves out those that it has already: they are sent at least once, in the
order of their sequence numbers, and a replay sends earlier ones again.
"""

from __future__ import annotations

import base64
import re
import time
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from specie.answers import Answer
from specie.errors import DeliveryError
from specie.events import Event
from specie.note import decode_base64

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from specie.trust import TrustFile

_CONTENT_TYPE = "application/json"
# The one form in which the server writes it. Others may have added signatures of their own.
_INPUT = re.compile(
    r'(?:^|,)[ \t]*specie=(\("@method" "@target-uri" "content-type" "content-digest"\)'
    r';created=([0-9]{1,15});keyid="([0-9a-f]{8})";alg="ed25519";tag="specie-webhook")'
    r"[ \t]*(?:,|$)"
)
_SIGNATURE = re.compile(r"(?:^|,)[ \t]*specie=:([A-Za-z0-9+/=]{88}):[ \t]*(?:,|$)")


@final
@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request brought."""

    webhook: str
    """Its name, as its owner gave it."""
    events: tuple[Event, ...]
    """In the order of the log."""
    created: int
    """When it was signed, in seconds since 1970; sent again, it is signed again."""


@final
@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver's own webhook, by which it verifies what comes."""

    trust: TrustFile
    url: str
    """As it was set up, to the letter; never what a request says that it is for."""
    reader: str | None
    """Whose it is, such as the bank's code; `None` on a server without TLS."""
    name: str
    """As its owner gave it: another reader's webhook may have the same URL."""
    tolerance_seconds: int = 300
    """How far the time of a signature may be from the receiver's clock."""

    def verify(
        self,
        headers: Mapping[str, str] | Iterable[tuple[str, str]],
        body: bytes,
        *,
        now: float | None = None,
    ) -> Delivery:
        """Verifies a POST by the trust file's log key, and reads its events.

        `now` is the receiver's clock, in seconds since 1970. Raises `DeliveryError` where the
        request is not the server's, or `MalformedAnswerError` where it is and cannot be read.
        """
        fields = _fields(headers)
        if fields.get("content-type") != _CONTENT_TYPE:
            raise DeliveryError(f"its content type is not `{_CONTENT_TYPE}`")
        digest = f"sha-256=:{base64.b64encode(sha256(body).digest()).decode()}:"
        if fields.get("content-digest") != digest:
            raise DeliveryError("its body is not that of its Content-Digest")
        found = _INPUT.search(fields.get("signature-input", ""))
        signature = _SIGNATURE.search(fields.get("signature", ""))
        if found is None or signature is None:
            raise DeliveryError("it has no signature of a Specie server")
        parameters, created, key_id = found.group(1), int(found.group(2)), found.group(3)
        log = self.trust.log
        if key_id != log.key_id.hex():
            raise DeliveryError(f"key `{key_id}` signed it, and not `{log.key_id.hex()}`")
        base = self._signature_base(digest, parameters)
        try:
            key = Ed25519PublicKey.from_public_bytes(log.public_key)
            key.verify(decode_base64(signature.group(1)), base)
        except (InvalidSignature, ValueError) as error:
            raise DeliveryError("its signature does not hold; it may be for another URL") from error
        if abs((time.time() if now is None else now) - created) > self.tolerance_seconds:
            raise DeliveryError(
                f"it was signed at {created}, more than {self.tolerance_seconds} s from now"
            )
        return self._read(body, created)

    def _read(self, body: bytes, created: int) -> Delivery:
        answer = Answer.parse("webhook", body)
        if answer.digest("ledger") != self.trust.ledger:
            raise answer.refuse("it is of another ledger than the trust file's")
        reader, name = answer.optional("reader", answer.text), answer.text("webhook")
        if (reader, name) != (self.reader, self.name):
            raise DeliveryError(f"it is of webhook `{name}` of `{reader}`, and not of this one")
        events = tuple(map(Event.read, answer.children("events")))
        if any(one.sequence >= next_one.sequence for one, next_one in pairwise(events)):
            raise answer.refuse("its events are not in order")
        return Delivery(name, events, created)

    def _signature_base(self, digest: str, parameters: str) -> bytes:
        """RFC 9421, 2.5."""
        lines = (
            '"@method": POST',
            f'"@target-uri": {self.url}',
            f'"content-type": {_CONTENT_TYPE}',
            f'"content-digest": {digest}',
            f'"@signature-params": {parameters}',
        )
        return "\n".join(lines).encode()


def _fields(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> dict[str, str]:
    """Fields by their names in lower case; lines of one name are one list (RFC 9110, 5.3)."""
    pairs = headers if not hasattr(headers, "items") else headers.items()
    fields: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        fields[key] = f"{fields[key]}, {value.strip()}" if key in fields else value.strip()
    return fields
