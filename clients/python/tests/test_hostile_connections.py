"""Connections that mean ill, against real servers, with and without TLS.

Goal: each gets the answer or the end that docs/api.md and docs/errors.md state, none hears of what
is not its own, honest callers are answered all the while, and the server's memory stays as it is.

Method: raw sockets send what no library would. Those that stall are left open for the 30 s that a
request may take, in which all others are sent in rounds; `SPECIE_HOSTILE_ROUNDS` makes it more.
"""

import contextlib
import logging
import os
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from raw_http import Door, answers, chunked, fields, get, post, request
from real_server import World, build, settlement_account

from specie import Ledger, orders

pytestmark = pytest.mark.server

ROUNDS = int(os.environ.get("SPECIE_HOSTILE_ROUNDS", "20"))
STALLS = 24
"""Connections of each kind that stall."""
HONEST_SECONDS_MAX = 3
GROWTH_KB_MAX = 32 << 10
LAST = get("/healthz", "Connection: close")

MALFORMED, TOO_LARGE = ["400 malformed_http"], ["431 headers_too_large"]
OTHER_VERSION = ["505 http_version_not_supported"]
CASES: dict[str, tuple[bytes, list[str]]] = {
    # No HTTP/1.1.
    "garbage": (b"\x01\x02garbage\r\n\r\n", MALFORMED),
    "a TLS record": (bytes.fromhex("16030102000100"), MALFORMED),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", MALFORMED),
    "HTTP/9.9": (b"GET /healthz HTTP/9.9\r\n\r\n", MALFORMED),
    "HTTP/1.0": (request("GET /healthz HTTP/1.0", "Host: localhost"), OTHER_VERSION),
    "HTTP/1.0 that stays": (
        request("GET /healthz HTTP/1.0", "Host: localhost", "Connection: keep-alive"),
        OTHER_VERSION,
    ),
    "HTTP/1.0 with a body": (
        request("POST /v1/submissions HTTP/1.0", "Host: localhost", "Content-Length: 2") + b"{}",
        OTHER_VERSION,
    ),
    "HTTP/1.0 behind HTTP/1.1": (
        get("/healthz") + request("GET /healthz HTTP/1.0", "Host: localhost"),
        ["200", *OTHER_VERSION],
    ),
    "no host": (request("GET /healthz HTTP/1.1"), ["400 host_invalid"]),
    "two hosts": (get("/healthz", "Host: localhost"), ["400 host_invalid"]),
    "a method that is none": (request("BREW /healthz HTTP/1.1", "Host: localhost"), MALFORMED),
    "a method without end": (b"A" * 100_000 + b" / HTTP/1.1\r\n\r\n", MALFORMED),
    # Heads that two readers could read as two things.
    "bare LF": (b"GET /healthz HTTP/1.1\nHost: localhost\n\n", MALFORMED),
    "one bare LF": (b"GET /healthz HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", MALFORMED),
    "bare CR": (b"GET /healthz HTTP/1.1\rHost: localhost\r\r", MALFORMED),
    "a folded field": (get("/healthz", "X: a", " b"), MALFORMED),
    "a space before the colon": (get("/healthz", "X : a"), MALFORMED),
    "no colon": (get("/healthz", "X"), MALFORMED),
    "a zero byte in a field": (get("/healthz", "X: a\0b"), MALFORMED),
    "a zero byte in the target": (get("/he\0althz"), MALFORMED),
    "a byte above ASCII in the target": (get("/h\u00e9"), MALFORMED),
    # Bodies whose end two readers could see in two places: nothing behind them is a request.
    "length and chunks": (post("Content-Length: 5", "Transfer-Encoding: chunked"), MALFORMED),
    "chunks and length": (post("Transfer-Encoding: chunked", "Content-Length: 5"), MALFORMED),
    "two lengths": (post("Content-Length: 2", "Content-Length: 3") + b"{}", MALFORMED),
    "one length twice": (post("Content-Length: 2", "Content-Length: 2") + b"{}", MALFORMED),
    "a list of lengths": (post("Content-Length: 2, 2") + b"{}", MALFORMED),
    "length +2": (post("Content-Length: +2") + b"{}", MALFORMED),
    "length -1": (post("Content-Length: -1"), MALFORMED),
    "length 0x2": (post("Content-Length: 0x2") + b"{}", MALFORMED),
    "length 2^64": (post("Content-Length: 18446744073709551616"), MALFORMED),
    "chunked twice": (post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), MALFORMED),
    "chunked, then not": (post("Transfer-Encoding: chunked, identity"), MALFORMED),
    "a control in a coding": (post("Transfer-Encoding: \x0bchunked"), MALFORMED),
    "an unknown coding": (post("Transfer-Encoding: xchunked"), ["400 incomplete_body"]),
    "length too short": (
        post("Content-Length: 2") + b"{}\x01", ["400 malformed", "400 malformed_http"],
    ),
    "a body that nobody asked for": (
        get("/healthz", "Content-Length: 40") + b"GET /v1/supply HTTP/1.1".ljust(40),
        ["200", "200"],
    ),
    # Sizes.
    "length 2^63 - 1": (post("Content-Length: 9223372036854775807"), ["413 too_large"]),
    "length 9 MiB": (post("Content-Length: 9437184"), ["413 too_large"]),
    "a chunk of 2^72": (chunked("FFFFFFFFFFFFFFFFFF\r\n"), ["400 incomplete_body"]),
    "a chunk of -5": (chunked("-5\r\n"), ["400 incomplete_body"]),
    "a chunk of 0x5": (chunked("0x5\r\n"), ["400 incomplete_body"]),
    "a chunk too long": (chunked("2\r\n{}{}\r\n0\r\n\r\n"), ["400 incomplete_body"]),
    "9 MiB in chunks": (chunked(f"100000\r\n{'a' * (1 << 20)}\r\n" * 9), ["413 too_large"]),
    "many trailers": (chunked("0\r\n" + "X: y\r\n" * 100), ["400 incomplete_body"]),
    "a field of 9 KB": (get("/healthz", *fields(1, 9_000)), TOO_LARGE),
    "a field without end": (get("/healthz", *fields(1, 1 << 20)), TOO_LARGE),
    "fields of 20 KB": (get("/healthz", *fields(5, 4_000)), TOO_LARGE),
    "100 fields": (get("/healthz", *fields(100, 1)), TOO_LARGE),
    "a target of 3 KB": (get("/v1/supply?" + "a" * 3_000), ["414 uri_too_long"]),
    "a target without end": (get("/" + "a" * (1 << 20)), TOO_LARGE),
    # What is asked for.
    "up the tree": (get("/v1/../../etc/passwd"), ["404 unknown_path", "200"]),
    "a coded zero byte": (get("/healthz%00"), ["404 unknown_path", "200"]),
    "TRACE": (
        request("TRACE /healthz HTTP/1.1", "Host: localhost"), ["405 method_not_allowed", "200"],
    ),
    "OPTIONS *": (request("OPTIONS * HTTP/1.1", "Host: localhost"), ["404 unknown_path", "200"]),
    # Behind what asks for another protocol no request is read.
    "CONNECT": (request("CONNECT a:1 HTTP/1.1", "Host: localhost"), ["404 unknown_path"]),
    "an upgrade to HTTP/2": (
        get("/healthz", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: A"),
        ["200"],
    ),
    "an upgrade to a web socket": (
        get("/healthz", "Connection: Upgrade", "Upgrade: websocket"), ["200"],
    ),
    "ranges": (get("/healthz", "Range: bytes=0-" + ",0-" * 2_000), ["200", "200"]),
}  # fmt: skip


@dataclass
class Place:
    """A server that is attacked, and an honest bank of it."""

    world: World
    door: Door
    """As another bank, where there is TLS."""
    wallets: tuple[UUID, UUID]

    @classmethod
    def make(cls, world: World, *, is_under_tls: bool) -> "Place":
        build(world)
        wallets = (uuid4(), uuid4())
        with world.connect("icbc") as ledger:
            made = [orders.open_wallet(one, uuid4(), "CNY", "basic") for one in wallets]
            own = settlement_account(ledger, "icbc")
            made.append(orders.fund(own, wallets[0], 5_000_00, "CNY"))
            assert all(
                one.accepted for one in ledger.submit(made, [world.key("icbc")], "icbc").outcomes
            )
        if not is_under_tls:
            world.stop()
            world.url = ""
            world.serve()
        port = int(world.url.rsplit(":", 1)[1])
        return cls(world, Door(port, world.tls("boc").context() if is_under_tls else None), wallets)

    def connect(self) -> Ledger:
        if self.door.tls is not None:
            return self.world.connect("icbc")
        return Ledger.connect(self.world.url, trust=self.world.folder / "ledger" / "trust")

    @property
    def memory_kb(self) -> int:
        assert self.world.server is not None
        status = Path(f"/proc/{self.world.server.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0])


@dataclass
class Honest:
    """Reads and pays without a pause, and notes how long that took at most."""

    place: Place
    slowest: float = 0
    count: int = 0
    is_over: bool = False

    def run(self) -> None:
        key = self.place.world.key("icbc")
        with self.place.connect() as ledger:
            while not self.is_over:
                begin = time.monotonic()
                ledger.account(self.place.wallets[0])
                order = orders.pay(*self.place.wallets, 1, "CNY")
                assert ledger.submit([order], [key], "icbc", verify=False).outcomes[0].accepted
                self.slowest = max(self.slowest, time.monotonic() - begin)
                self.count += 1
                time.sleep(0.02)


@dataclass
class Stall:
    """A connection that goes on too slowly, and how it ended."""

    line: socket.socket
    drip: bytes
    began: float = field(default_factory=time.monotonic)
    heard: bytes = b""
    ended_after: float | None = None

    def go_on(self) -> None:
        """Hears what there is, and sends a little more."""
        if self.ended_after is not None:
            return
        self.line.settimeout(0)
        try:
            while piece := self.line.recv(4096):
                self.heard += piece
            self._end()
        except (BlockingIOError, ssl.SSLWantReadError):
            with contextlib.suppress(OSError):
                self.line.settimeout(1)
                self.line.sendall(self.drip)
        except OSError:
            self._end()

    def _end(self) -> None:
        self.ended_after = time.monotonic() - self.began
        self.line.close()


STALLED: dict[str, tuple[bytes, bytes]] = {
    "a target that drips": (b"GET /", b"a"),
    "a head that drips": (b"GET /healthz HTTP/1.1\r\n", b"A: b\r\n"),
    "a body that drips": (post("Content-Length: 900"), b" "),
    "chunks that drip": (post("Transfer-Encoding: chunked"), b"1\r\n \r\n"),
    "a chunk that does not come": (chunked("7FFFFFFFFFFFFFFF\r\n"), b""),
}


@contextlib.contextmanager
def places(root_folder: Callable[[str], World]) -> Iterator[list[Place]]:
    worlds = [root_folder("plain"), root_folder("tls")]
    try:
        yield [Place.make(world, is_under_tls=world is worlds[1]) for world in worlds]
    finally:
        for world in worlds:
            world.stop()


def test_each_is_answered_or_ended(tmp_path_factory: pytest.TempPathFactory) -> None:
    with places(lambda name: World(tmp_path_factory.mktemp(name))) as made:
        with ThreadPoolExecutor(len(made)) as pool:
            for done in [pool.submit(attack, place) for place in made]:
                done.result()


def attack(place: Place) -> None:
    honest = Honest(place)
    with ThreadPoolExecutor(1) as pool:
        paying = pool.submit(honest.run)
        try:
            stalls = [
                Stall(line, drip)
                for begin, drip in STALLED.values()
                for line in (started(place.door, begin) for _ in range(STALLS))
            ]
            with dripping(stalls):
                before = attack_in_rounds(place)
                while any(one.ended_after is None for one in stalls):
                    assert time.monotonic() < stalls[0].began + 45, "a connection does not end"
                    time.sleep(0.1)
            for one in stalls:
                assert [answer.summary for answer in answers(one.heard)] == ["408 request_timeout"]
                assert one.ended_after is not None
                assert 28 < one.ended_after < 40
            after = place.memory_kb
        finally:
            honest.is_over = True
        paying.result()
    logging.getLogger(__name__).warning(
        "%s: %d kB before and %d kB after %d rounds; %d honest pairs, the slowest in %.2f s",
        "TLS" if place.door.tls else "plain", before, after, ROUNDS, honest.count, honest.slowest,
    )  # fmt: skip
    assert honest.slowest < HONEST_SECONDS_MAX
    assert after - before < GROWTH_KB_MAX, (before, after)
    with place.connect() as ledger:
        assert ledger.account(place.wallets[1]).balance == honest.count


def attack_in_rounds(place: Place) -> int:
    """All of it, again and again; returns what memory the server had after the first rounds.

    The allocator keeps what some forty bodies of 8 MiB took, and no more after that.
    """
    attack_once(place)
    for _ in range(60):
        place.door.talk(CASES["9 MiB in chunks"][0])
    before = place.memory_kb
    for _ in range(ROUNDS):
        attack_once(place)
    return before


def attack_once(place: Place) -> None:
    # The server's folder is one of the machine's temporary ones.
    folder = tempfile.gettempdir().encode() + b"/"
    secrets = [str(one).encode() for one in place.wallets] + [b".swift", folder, b"Error"]
    for name, (sent, expected) in CASES.items():
        heard = place.door.talk(sent + LAST)
        assert [one.summary for one in answers(heard)] == expected, name
        assert not any(secret in heard for secret in secrets), name
    pipeline(place.door)
    for stage in (b"", b"GET /hea", get("/healthz")[:-2], post("Content-Length: 50") + b"{}",
                  LAST, get("/v1/participants") * 50, get("/v1/events")):  # fmt: skip
        place.door.drop(stage)
    elsewhere = answers(place.door.talk(get(host="evil.example") + LAST))
    if place.door.tls is None:
        assert [one.summary for one in elsewhere] == ["421 wrong_host", "200"]
    else:
        assert [one.summary for one in elsewhere] == ["200", "200"]
        half_handshake(place.door.port)


def pipeline(door: Door) -> None:
    """Requests that do not wait for answers are answered in order."""
    paths = {0: "/healthz", 1: "/v1/nothing", 2: "/v1/ledger"}
    sent = b"".join(get(paths[n % 3], f"X-Request-ID: n{n}") for n in range(300))
    found = answers(door.talk(sent + LAST))
    assert [one.fields["x-request-id"] for one in found[:-1]] == [f"n{n}" for n in range(300)]
    assert [one.status for one in found[:-1]] == [200, 404, 200] * 100


def half_handshake(port: int) -> None:
    """Begins a handshake, says no more, and leaves."""
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(bytes.fromhex("160301020001000200"))


def started(door: Door, begin: bytes) -> socket.socket:
    line = door.open()
    line.sendall(begin)
    return line


@contextlib.contextmanager
def dripping(stalls: list[Stall]) -> Iterator[None]:
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(0.5):
            for one in stalls:
                one.go_on()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for one in stalls:
            one.line.close()
