"""Webhooks: what the real server signs, held by another's RFC 9421; and deliveries without loss."""

import base64
import itertools
import json
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
from hypothesis import given
from hypothesis import strategies as st
from real_server import OFFICERS, World, build, settlement_account

from specie import Ledger, TrustFile, Webhook, orders
from specie.errors import DeliveryError, MalformedAnswerError
from specie.note import VerifierKey

COMPONENTS = ("@method", "@target-uri", "content-type", "content-digest")
URL = "https://bank.example/hook?of=icbc"


@dataclass
class Message:
    """A request as another's library wants it."""

    url: str
    headers: dict[str, str]
    body: bytes = b""
    method: str = "POST"


class Keys(HTTPSignatureKeyResolver):
    """One key, by its id."""

    def __init__(self, key_id: str, key: Ed25519PrivateKey | Ed25519PublicKey) -> None:
        self.key_id, self.key = key_id, key

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        assert isinstance(self.key, Ed25519PrivateKey)
        return self.key

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        assert key_id == self.key_id
        assert isinstance(self.key, Ed25519PublicKey)
        return self.key


# By another's signer.

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
KEY_ID = sha256(b"ledger.example/cny\n\x01" + PUBLIC).digest()[:4]
TRUST = TrustFile(bytes(32), VerifierKey("ledger.example/cny", KEY_ID, PUBLIC))


def event(sequence: int) -> dict[str, object]:
    return {
        "sequence": sequence, "time": "2026-03-01T04:00:00.000001Z",
        "time_us": 1_772_337_600_000_001, "id": "019ca78d-9600-7001-8000-000000000002",
        "party": "bank-1", "operation": "pay", "outcome": "accepted", "purpose": "",
        "channel": "", "reference": "invoice 7", "accounts": [], "effects": [],
    }  # fmt: skip


def signed(body: object, *, tag: str = "specie-webhook", label: str = "specie") -> Message:
    data = json.dumps(body).encode()
    digest = base64.b64encode(sha256(data).digest()).decode()
    message = Message(
        URL,
        {"Content-Type": "application/json", "Content-Digest": f"sha-256=:{digest}:"},
        data,
    )
    # The parameters in the order in which the server writes them.
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=Keys(KEY_ID.hex(), KEY)
    )
    signer.sign(
        message,
        key_id=KEY_ID.hex(),
        tag=tag,
        label=label,
        covered_component_ids=COMPONENTS,
        use_existing_digest=True,
    )
    return message


BODY = {
    "ledger": "00" * 32,
    "reader": "bank-1",
    "webhook": "payments",
    "events": [event(7), event(9)],
}


def test_what_another_signs_as_the_server_does_is_taken() -> None:
    message = signed(BODY)
    delivery = Webhook(TRUST, URL, "bank-1", "payments").verify(message.headers, message.body)
    assert (delivery.webhook, [one.sequence for one in delivery.events]) == ("payments", [7, 9])
    assert abs(delivery.created - time.time()) < 60
    assert delivery.events[0].reference == "invoice 7"
    # A proxy adds its own.
    message.headers["Signature-Input"] = 'proxy=("@method"), ' + message.headers["Signature-Input"]
    message.headers["Signature"] = "proxy=:AAAA:, " + message.headers["Signature"]
    own = Webhook(TRUST, URL, "bank-1", "payments")
    assert own.verify(message.headers.items(), message.body) == delivery
    # Another reader may have a webhook with the same URL.
    for other in (
        Webhook(TRUST, URL, "bank-2", "payments"),
        Webhook(TRUST, URL, None, "payments"),
        Webhook(TRUST, URL, "bank-1", "others"),
    ):
        with pytest.raises(DeliveryError, match="not of this one"):
            other.verify(message.headers, message.body)


def test_what_is_not_the_servers_is_refused() -> None:
    message = signed(BODY)
    headers, body = message.headers, message.body

    def refused(match: str, trust: TrustFile = TRUST, url: str = URL, now: float | None = None,
                body: bytes = body, **changed: str) -> None:  # fmt: skip
        made = {**headers, **{name.replace("_", "-"): value for name, value in changed.items()}}
        with pytest.raises(DeliveryError, match=match):
            Webhook(trust, url, "bank-1", "payments").verify(made, body, now=now)

    refused("body", body=body.replace(b"invoice 7", b"invoice 8"))
    other = base64.b64encode(sha256(b"{}").digest()).decode()
    digest = {"Content-Digest": f"sha-256=:{other}:"}
    with pytest.raises(DeliveryError, match="does not hold"):
        Webhook(TRUST, URL, "bank-1", "payments").verify({**headers, **digest}, b"{}")
    refused("another URL", url=URL + "x")
    refused("another URL", url=URL.replace("https", "http"))
    refused("more than 300 s", now=time.time() + 302)
    refused("more than 300 s", now=time.time() - 302)
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    named = VerifierKey("ledger.example/cny", KEY_ID, stranger)
    refused("does not hold", trust=TrustFile(bytes(32), named))
    refused("key `", trust=TrustFile(bytes(32), VerifierKey("a", bytes(4), PUBLIC)))
    for name in ("Content-Type", "Content-Digest", "Signature-Input", "Signature"):
        with pytest.raises(DeliveryError):
            Webhook(TRUST, URL, "bank-1", "payments").verify(
                {k: v for k, v in headers.items() if k != name}, body
            )
    for wrong in (signed(BODY, tag="other"), signed(BODY, label="other")):
        with pytest.raises(DeliveryError, match="no signature of a Specie"):
            Webhook(TRUST, URL, "bank-1", "payments").verify(wrong.headers, wrong.body)


def test_what_the_server_never_says_is_refused() -> None:
    bodies: list[object] = [
        {**BODY, "ledger": "01" * 32},
        {**BODY, "events": [event(9), event(7)]},
        {**BODY, "events": [event(7), event(7)]},
        {name: BODY[name] for name in ("ledger", "reader", "webhook")},
        [],
    ]
    for body in bodies:
        message = signed(body)
        with pytest.raises(MalformedAnswerError):
            Webhook(TRUST, URL, "bank-1", "payments").verify(message.headers, message.body)


@given(st.sampled_from(["Signature", "Signature-Input", "Content-Digest"]), st.data())
def test_no_character_of_a_signature_can_be_another(name: str, data: st.DataObject) -> None:
    message = signed(BODY)
    value = message.headers[name]
    place = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(st.characters(codec="ascii", exclude_characters=value[place] + " \t,"))
    message.headers[name] = value[:place] + other + value[place + 1 :]
    with pytest.raises(DeliveryError):
        Webhook(TRUST, URL, "bank-1", "payments").verify(message.headers, message.body)


# The real server, under TLS.


@dataclass
class Receiver:
    """A bank's HTTPS end, by the certificate of the ledger's own server: it remembers."""

    tls: ssl.SSLContext
    port: int = 0
    answer: Callable[[bytes], int] = lambda _: 204
    came: list[tuple[Message, int]] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None
    connections: list[socket.socket] = field(default_factory=list)

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                receiver.connections.append(self.connection)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.answer(body)
                url = f"https://127.0.0.1:{receiver.port}{self.path}"
                headers = {name.title(): value for name, value in self.headers.items()}
                receiver.came.append((Message(url, headers, body), status))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        self.server.socket = self.tls.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
            # Those that are kept open would else be served on.
            while self.connections:
                with suppress(OSError):
                    self.connections.pop().shutdown(socket.SHUT_RDWR)

    def taken(self, path: str) -> list[Message]:
        return [one for one, status in self.came if one.url.endswith(path) and status == 204]


def serve(world: World, receiver: Receiver) -> None:
    world.serve(
        "--tls-certificate", "tls/server.pem", "--tls-key", "tls/server.key",
        "--client-ca", "tls/ca.pem", "--webhook-host", f"127.0.0.1:{receiver.port}",
        "--webhook-ca", "tls/ca.pem",
    )  # fmt: skip


def certificate(reader: str) -> tuple[str, ...]:
    return ("--ca", "tls/ca.pem", "--certificate", f"tls/{reader}.pem", "--certificate-key",
            f"tls/{reader}.key")  # fmt: skip


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 40
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@dataclass
class Story:
    """A bank with two wallets and a webhook for all that it hears of."""

    world: World
    receiver: Receiver
    trust: TrustFile
    bank: Ledger
    payer: UUID
    payee: UUID

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.receiver.port}/icbc"

    def webhook(self, *arguments: str, code: int = 0) -> str:
        return self.world.run("webhook", *arguments, *certificate("icbc"), code=code)

    def pay(self, reference: str, count: int = 1) -> int:
        """Pays so often; the last one's entry."""
        made = [
            orders.pay(self.payer, self.payee, 1, "CNY", reference=reference) for _ in range(count)
        ]
        receipt = self.bank.submit(made, [self.world.key("icbc")], "icbc")
        return receipt.outcomes[-1].sequence

    def entries(self) -> list[int]:
        """What has come and holds, in the order in which it came."""
        own = Webhook(self.trust, self.url, "icbc", "ours")
        came = [own.verify(one.headers, one.body) for one in self.receiver.taken("/icbc")]
        return [one.sequence for each in came for one in each.events]

    def heard(self, last: int) -> list[int]:
        """What a follower hears."""
        sequences = (one.sequence for one in self.bank.follow(after=0))
        return [*itertools.takewhile(lambda sequence: sequence < last, sequences), last]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    world = World(tmp_path_factory.mktemp("world"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    receiver = Receiver(tls)
    try:
        build(world)
        files = world.folder / "tls"
        tls.load_cert_chain(files / "server.pem", files / "server.key")
        receiver.start()
        world.stop()
        serve(world, receiver)
        trust = TrustFile.read(world.folder / "ledger" / "trust")
        with world.connect("icbc") as bank:
            made = Story(world, receiver, trust, bank, uuid4(), uuid4())
            opened = [
                orders.open_wallet(one, uuid4(), "CNY", "basic") for one in (made.payer, made.payee)
            ]
            account = settlement_account(bank, "icbc")
            funding = orders.fund(account, made.payer, 100_00, "CNY")
            bank.submit([*opened, funding], [world.key("icbc")], "icbc")
            yield made
    finally:
        receiver.stop()
        world.stop()


@pytest.mark.server
def test_each_event_comes_in_order(story: Story) -> None:
    made = json.loads(story.webhook("add", "ours", story.url, "--after", "0", "--json"))
    assert (made["reader"], made["state"]) == ("icbc", "delivering")
    last = story.pay("first", 250)
    until(lambda: story.entries()[-1:] == [last], "the first have come")
    assert story.entries() == story.heard(last)
    # The same again changes nothing.
    again = json.loads(story.webhook("add", "ours", story.url, "--after", "0", "--json"))
    assert again["after"] >= last


@pytest.mark.server
def test_anothers_webhook_is_like_none_and_nothing_goes_where_it_may_not(story: Story) -> None:
    other = story.url.replace("/icbc", "/boc")
    boc = certificate("boc")
    story.world.run("webhook", "add", "theirs", other, "--kind", "pay", "--after", "0", *boc)
    assert "theirs" not in story.webhook("list")
    assert "ours" not in story.world.run("webhook", "list", *boc)
    for name in ("theirs", "no-such"):
        for command in (["show"], ["remove"], ["dead-letters"], ["replay", "--after", "0"]):
            story.webhook(command[0], name, *command[1:], code=1)
    story.webhook("add", "away", "https://10.0.0.1/", code=1)
    story.pay("not of the other bank")
    time.sleep(0.5)
    assert story.receiver.taken("/boc") == []


@pytest.mark.server
def test_a_receiver_that_is_away_and_a_server_that_is_killed_lose_nothing(story: Story) -> None:
    before = story.entries()
    story.receiver.stop()
    story.pay("while nobody listens", 20)
    until(lambda: '"retrying"' in story.webhook("show", "ours", "--json"), "it is found out")
    stands = json.loads(story.webhook("show", "ours", "--json"))
    assert stands["lag_entries"] >= 20
    assert stands["lag_seconds"] is not None
    story.world.stop(signal.SIGKILL)
    serve(story.world, story.receiver)
    last = story.pay("after the crash", 20)
    story.receiver.start()
    until(lambda: last in story.entries(), "the rest has come")
    came = list(dict.fromkeys(story.entries()))
    assert came == story.heard(last)
    # At least once, and not much more: the last delivery before the crash may come again.
    assert len(story.entries()) - len(came) <= 1, before


@pytest.mark.server
def test_anothers_library_takes_what_came_and_not_what_was_altered(story: Story) -> None:
    key = Ed25519PublicKey.from_public_bytes(story.trust.log.public_key)
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ED25519, key_resolver=Keys(story.trust.log.key_id.hex(), key)
    )
    messages = story.receiver.taken("/icbc")
    assert messages
    for message in messages:
        (result,) = verifier.verify(
            message, max_age=timedelta(minutes=5), expect_tag="specie-webhook",
            require_components=COMPONENTS, body=message.body,
        )  # fmt: skip
        assert result.body == message.body
    first = messages[0]
    own = Webhook(story.trust, story.url, "icbc", "ours")
    altered = first.body.replace(b'"webhook"', b'"Webhook"')
    with pytest.raises(InvalidSignature):
        verifier.verify(first, expect_tag="specie-webhook", body=altered)
    with pytest.raises(DeliveryError, match="Content-Digest"):
        own.verify(first.headers, altered)
    elsewhere = Message(first.url + "/else", first.headers, first.body)
    with pytest.raises(InvalidSignature):
        verifier.verify(elsewhere, expect_tag="specie-webhook", body=first.body)
    with pytest.raises(DeliveryError, match="another URL"):
        Webhook(story.trust, elsewhere.url, "icbc", "ours").verify(first.headers, first.body)


@pytest.mark.server
def test_what_is_refused_is_kept_and_can_be_had_again(story: Story) -> None:
    story.receiver.answer = lambda body: 400 if b"poison" in body else 204
    refused = story.pay("poison")
    last = story.pay("behind it")
    until(lambda: last in story.entries(), "what is behind has come")
    assert refused not in story.entries()
    letters = json.loads(story.webhook("dead-letters", "ours", "--json"))
    found = [(one["sequence"], one["answer"]) for one in letters["dead_letters"]]
    assert found == [(refused, "status 400")]
    story.receiver.answer = lambda _: 204
    story.webhook("dead-letters", "ours", "--resend")
    until(lambda: story.entries()[-1] == refused, "it is sent again")
    until(lambda: "no dead letter" in story.webhook("dead-letters", "ours"), "none is left")
    for _ in range(2):
        count = len(story.entries())
        story.webhook("replay", "ours", "--after", str(refused))
        until(lambda count=count: len(story.entries()) > count, "it is replayed")  # type: ignore[misc]
        assert story.entries()[-1] == last


@pytest.mark.server
def test_whose_certificate_is_revoked_gets_no_more_until_it_reads_again(story: Story) -> None:
    world = story.world
    issuer = certificate("issuer")
    world.run("certificate", "revoke", "tls/icbc.pem", "--reader", "icbc", "--key", "alice.key",
              *issuer)  # fmt: skip
    count = len(story.entries())
    # It is taken, and the sender may not read what proves it.
    world.run("pay", str(story.payer), str(story.payee), "0.01", "CNY", "--as", "icbc", "--key",
              "icbc.key", *certificate("icbc"), code=5)  # fmt: skip
    time.sleep(1)
    assert len(story.entries()) == count
    world.run("certificate", "register", "tls/icbc.pem", "--reader", "icbc", *OFFICERS, *issuer)
    until(lambda: len(story.entries()) > count, "it goes on")
    log = (world.folder / "server.log").read_text()
    assert "a webhook rests" in log
    assert "behind it" not in log
    assert "/icbc" not in log, "a URL may hold a secret"
    assert json.loads(story.webhook("remove", "ours", "--json"))["name"] == "ours"
    assert "there is no webhook" in story.webhook("list")
