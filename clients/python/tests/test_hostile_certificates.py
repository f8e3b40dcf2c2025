"""Certificates that a server must not believe, and what those see that it does.

Goal: who shows no good certificate gets no HTTP at all, who shows one that is registered for nobody
reads what is public, and a bank reads its own: what is another's is answered as what there is not.

Method: every kind of certificate is made here and shown to a real server, whose answers are
compared byte by byte.
"""

import contextlib
import datetime as dt
import ssl
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from raw_http import Answer, Door, get
from real_server import World, build, settlement_account

from specie import TLS, orders

pytestmark = pytest.mark.server

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("world"))
    try:
        build(made)
        yield made
    finally:
        made.stop()


class Authority:
    """Makes certificates: as the clients' own authority does, or as one of the same name."""

    def __init__(self, folder: Path, key: ec.EllipticCurvePrivateKey | None = None) -> None:
        self._folder = folder
        self._name = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes()).subject
        self._key = key or serialization.load_pem_private_key(
            (folder / "ca.key").read_bytes(), None
        )

    def make(
        self, name: str, start: dt.timedelta, end: dt.timedelta, *, alone: bool = False
    ) -> TLS:
        """One for a client, valid from `start` to `end` from now; signed by itself if `alone`."""
        own, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        key = own if alone else self._key
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        made = x509.CertificateBuilder(
            subject_name=subject, issuer_name=subject if alone else self._name,
            public_key=own.public_key(), serial_number=x509.random_serial_number(),
            not_valid_before=now + start, not_valid_after=now + end,
        ).sign(key, hashes.SHA256())  # fmt: skip
        number = uuid4()
        files = [self._folder / f"{number}.{kind}" for kind in ("pem", "key")]
        files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return TLS(self._folder / "ca.pem", *files)


def door(world: World, tls: TLS) -> Door:
    return Door(int(world.url.rsplit(":", 1)[1]), tls.context())


def heard(door: Door) -> bytes:
    """All that comes of a request, where it or the handshake may come to nothing."""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        return door.talk(get("/healthz", "Connection: close"))
    return b""


def test_who_shows_no_good_certificate_gets_no_http(world: World) -> None:
    files = world.folder / "tls"
    own, foreign = Authority(files), Authority(files, ec.generate_private_key(ec.SECP256R1()))
    good = world.tls("icbc")
    assert heard(door(world, own.make("icbc", -DAY, DAY))).startswith(b"HTTP/1.1 200 ")
    bad = {
        "none": TLS(files / "ca.pem"),
        "expired": own.make("icbc", -2 * DAY, -DAY),
        "not valid yet": own.make("icbc", DAY, 2 * DAY),
        "of a foreign authority of the same name": foreign.make("icbc", -DAY, DAY),
        "signed by itself": own.make("icbc", -DAY, DAY, alone=True),
        "the server's own": TLS(files / "ca.pem", files / "server.pem", files / "server.key"),
    }
    for name, tls in bad.items():
        for _ in range(10):
            assert heard(door(world, tls)) == b"", name
    old = good.context()
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
    assert heard(Door(door(world, good).port, old)) == b""
    assert heard(Door(door(world, good).port)) == b""
    # Whoever it was, others are answered.
    assert heard(door(world, good)).startswith(b"HTTP/1.1 200 ")


def test_a_bank_reads_its_own_and_nobody_reads_nothing(world: World) -> None:
    wallet = uuid4()
    with world.connect("icbc") as ledger:
        own = settlement_account(ledger, "icbc")
        made = [orders.open_wallet(wallet, uuid4(), "CNY", "basic")]
        made.append(orders.fund(own, wallet, 1_00, "CNY", reference="of icbc alone"))
        receipt = ledger.submit(made, [world.key("icbc")], "icbc")
        assert all(one.accepted for one in receipt.outcomes)
    icbc, other, stranger = (door(world, world.tls(name)) for name in ("icbc", "boc", "stranger"))
    paths = ["", "/balance", "/balance?at=1", "/headroom", "/entries", "/entries?amount_min=1",
             "/statements/2026-03-01"]  # fmt: skip
    for path in paths:
        assert icbc.ask(f"/v1/accounts/{wallet}{path}").status in (200, 404), path
        hidden = told(other, f"/v1/accounts/%s{path}", wallet)
        assert hidden == told(other, f"/v1/accounts/%s{path}", uuid4())
        assert hidden.status == 404
    assert told(other, "/v1/events?account=%s", wallet) == told(
        other, "/v1/events?account=%s", uuid4()
    )
    assert icbc.ask(f"/v1/proof/{receipt.sequence + 1}").status == 200
    foreign = told(other, "/v1/proof/%s", receipt.sequence + 1)
    assert foreign == told(other, "/v1/proof/%s", 10**9)
    assert foreign.summary == "404 not_found"
    path = f"/v1/instructions/{made[0].id}?party=icbc"
    assert icbc.ask(path).status == 200
    assert other.ask(path).summary == "403 another_party"
    never = f"/v1/instructions/{orders.close_wallet(wallet).id}?party=icbc"
    assert other.ask(never).body == other.ask(path).body
    for path in ("/v1/supply", "/v1/participants", f"/v1/accounts/{wallet}", "/v1/events"):
        assert stranger.ask(path).summary == "403 certificate_reads_nothing"
    for path in ("/v1/ledger", "/v1/checkpoint", "/v1/proof/0", "/log/checkpoint", "/openapi.json"):
        assert stranger.ask(path).status == 200, path
    for path in ("/metrics", "/log/tile/entries/000.p/9"):
        assert other.ask(path).status == 403, path


def told(door: Door, path: str, name: UUID | int) -> Answer:
    """An answer, but for the name that was asked for and what differs with each request."""
    answer = door.ask(path.replace("%s", str(name)))
    kept = {key: text for key, text in answer.fields.items() if key in ("content-type", "etag")}
    return Answer(answer.status, kept, answer.body.replace(str(name).encode(), b"NAME"))
