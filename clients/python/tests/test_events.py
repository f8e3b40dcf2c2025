"""Events: the format however it is cut, and streams that break without loss or repeat."""

import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import ALICE, BOB
from fake_ledger import FakeLedger, ManualClock
from hypothesis import given
from hypothesis import strategies as st

from specie import Event, Ledger, Options, Rejected, TrustFile, events
from specie.connection import Connection
from specie.errors import MalformedAnswerError, RefusedError
from specie.server_sent_events import Message, Parser

# The format, read by the whole text: HTML, section 9.2.6, step by step.


def reference(stream: bytes, last_event_id: str = "") -> tuple[list[Message], str]:
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
    *lines, _ = re.split("\r\n|\n|\r", text)
    messages: list[Message] = []
    buffer, kind, data = last_event_id, "", ""
    for line in lines:
        if line == "":
            last_event_id = buffer
            if data:
                messages.append(Message(kind or "message", data.removesuffix("\n"), buffer))
            kind, data = "", ""
            continue
        name, colon, value = line.partition(":")
        value = value[1:] if colon and value.startswith(" ") else value
        if name == "event":
            kind = value
        elif name == "data":
            data += value + "\n"
        elif name == "id" and "\0" not in value:
            buffer = value
    return messages, last_event_id


lines = st.sampled_from(
    ["", "", "data", "data:", "data: ", "data:  two", "data:x:y", ":comment", ":", "event:pay",
     "event", "id: 7", "id", "id:a\0b", "retry:5", "retry:x", "data : no", "Data: no",
     "\ufeffdata:x", "data:\u00e4\u4e2d\U0001f600", "unknown: field"],
)  # fmt: skip
streams = st.lists(st.tuples(lines, st.sampled_from(["\n", "\r", "\r\n"])), max_size=24).map(
    lambda parts: "".join(line + end for line, end in parts).encode()
)


def pieces(stream: bytes, cuts: list[int]) -> Iterator[bytes]:
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return (stream[start:end] for start, end in itertools.pairwise(places))


@given(
    streams | st.binary(max_size=60), st.lists(st.integers(0, 10**6), max_size=12), st.booleans()
)
def test_a_stream_is_read_alike_however_it_is_cut(
    stream: bytes, cuts: list[int], has_mark: bool
) -> None:
    stream = (b"\xef\xbb\xbf" if has_mark else b"") + stream
    for parts in (pieces(stream, cuts), (bytes([byte]) for byte in stream)):
        parser = Parser("before")
        found = [message for part in parts for message in parser.feed(part)]
        assert (found, parser.last_event_id) == reference(stream, "before")


def test_the_examples_of_the_standard() -> None:
    def read(text: str) -> list[tuple[str, str]]:
        return [(one.data, one.last_event_id) for one in Parser().feed(text.encode())]

    assert read("data: YHOO\ndata: +2\ndata: 10\n\n") == [("YHOO\n+2\n10", "")]
    streamed = (
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n"
    )
    assert read(streamed) == [("first event", "1"), ("second event", "")]
    assert read("data\n\ndata\ndata\n\ndata:") == [("", ""), ("\n", "")]
    assert read("data:test\n\ndata: test\n\n") == [("test", ""), ("test", "")]


def test_an_id_alone_moves_the_last_id_and_dispatches_nothing() -> None:
    parser = Parser()
    assert list(parser.feed(b"id: 41\n")) == []
    assert parser.last_event_id == ""
    assert list(parser.feed(b"\n")) == []
    assert parser.last_event_id == "41"
    assert list(parser.feed(b"retry: 1500\n\n")) == []
    assert parser.retry_milliseconds == 1500


def test_an_event_has_a_bound() -> None:
    for stream in (b"data: " + b"x" * 1024, b"data: xxxx\n" * 100):
        parser = Parser()
        with pytest.raises(MalformedAnswerError, match="more than"):
            for _ in range(20_000):
                list(parser.feed(stream))


# A server of events.


def event(sequence: int, **changed: object) -> bytes:
    members: dict[str, object] = {
        "sequence": sequence,
        "time": "2026-03-01T04:00:00.000001Z",
        "time_us": 1_772_337_600_000_001,
        "id": "019ca78d-9600-7001-8000-000000000002",
        "party": "bank-1",
        "operation": "pay",
        "outcome": "accepted",
        "purpose": "",
        "channel": "",
        "reference": "inv-1",
        "amount": "12345",
        "currency": "CNY",
        "payer": str(ALICE),
        "payee": str(BOB),
        "effects": [{"account": str(ALICE), "balance": "7655", "previous": 5}],
    }
    data = json.dumps(
        {
            name: value
            for name, value in (members | changed).items()
            if value != "" or name in ("purpose", "channel")
        }
    )
    return f"id: {sequence}\nevent: pay\ndata: {data}\n\n".encode()


Script = Callable[[int, int], Iterator[bytes]]


@contextmanager
def served(script: Script) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Serves streams: `script` gets the stream's number, and the entry it is to begin behind.

    Each piece goes out by itself; where it ends, the connection breaks off within a chunk.
    """
    asked: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            query = {name: one[0] for name, one in parse_qs(urlsplit(self.path).query).items()}
            header = self.headers.get("last-event-id", "")
            asked.append({**query, "last-event-id": header})
            self.close_connection = True
            try:
                stream = script(len(asked), int(header or query.get("after", "-1")))
                first = next(stream)
                if first.startswith(b"HTTP/1.1"):
                    self.wfile.write(first)
                    return
                self.send_response(200)
                self.send_header("content-type", "text/event-stream; charset=utf-8")
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                for piece in itertools.chain([first], stream):
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                    self.wfile.flush()
                self.wfile.write(b"ff\r\nid:")
            except OSError:
                pass

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def followed(url: str, count: int, after: int = 0, **filters: object) -> list[Event]:
    clock = ManualClock()
    connection = Connection(url, None, Options(quiet_seconds=5), clock)
    try:
        stream = events.follow(connection, after, **filters)  # type: ignore[arg-type]
        return list(itertools.islice(stream, count))
    finally:
        connection.close()


def test_an_event_is_read() -> None:
    with served(lambda number, after: iter([b":hello\n", event(8), event(9)])) as (url, asked):
        found = followed(url, 1, after=7, account=ALICE, kinds=["pay", "fund"])[0]
    assert asked == [
        {"after": "7", "account": str(ALICE), "kind": "pay,fund", "last-event-id": "7"}
    ]
    assert (found.sequence, found.amount, found.currency) == (8, 12_345, "CNY")
    assert (found.payer, found.payee, found.reference) == (ALICE, BOB, "inv-1")
    assert found.effects == (events.Effect(ALICE, 7655, 5),)
    assert found.accepted


def test_a_refusal_and_an_order_without_money_are_read() -> None:
    refused = event(8, outcome="rejected", code="limit_exceeded", rule="day", pack="cn")
    without = dict.fromkeys(("amount", "currency", "payer", "payee"), "")
    opened = event(9, operation="open_wallet", effects=[], **without)
    opened = opened.replace(b"event: pay", b"event: open_wallet")
    with served(lambda number, after: iter([refused + opened])) as (url, _):
        first, second = followed(url, 2)
    assert first.result == Rejected("limit_exceeded", "day", "cn")
    assert (second.operation, second.amount, second.payer) == ("open_wallet", None, None)


@given(st.lists(st.integers(0, 5000), max_size=8), st.integers(1, 4), st.randoms())
def test_nothing_is_lost_or_repeated_however_streams_break(
    cuts: list[int], overlap: int, random: object
) -> None:
    """Goal: each event once, in order, whatever breaks where.

    Method: each stream breaks off at some byte, and a careless server begins some events too early.
    """
    everything = range(1, 13)

    def script(number: int, after: int) -> Iterator[bytes]:
        begins = max(1, after + 1 - overlap)
        stream = b"".join(event(one) + b"id: %d\n\n" % one for one in everything[begins - 1 :])
        cut = cuts[number - 1] % (len(stream) + 1) if number <= len(cuts) else len(stream)
        yield b":\r\n"
        yield from (part for part in pieces(stream[:cut], [cut // 2, cut // 3]) if part)

    with served(script) as (url, asked):
        found = followed(url, len(everything))
    assert [one.sequence for one in found] == list(everything)
    places = [int(one["last-event-id"]) for one in asked]
    assert places == sorted(places)


def test_heartbeats_move_where_the_next_stream_begins() -> None:
    def script(number: int, after: int) -> Iterator[bytes]:
        yield b"id: 40\n\n" if number == 1 else event(after + 2)

    with served(script) as (url, asked):
        assert [one.sequence for one in followed(url, 1, after=7)] == [42]
    assert [one["last-event-id"] for one in asked] == ["7", "40"]


def test_pauses_grow_while_nothing_comes_and_are_what_the_server_asks_for() -> None:
    def script(number: int, after: int) -> Iterator[bytes]:
        if number <= 6:
            return iter(())
        if number == 7:
            head = (
                b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 9\r\ncontent-length: 30\r\n\r\n"
            )
            return iter([head + b'{"code":"stopping","detail":""}'[:30]])
        return iter([b"retry: 3000\n", b":\n"] if number == 8 else [event(1)])

    clock = ManualClock()
    with served(script) as (url, asked):
        connection = Connection(url, None, Options(), clock)
        assert next(events.follow(connection, 0)).sequence == 1
        connection.close()
    grown = [0.025 * 2**number for number in range(7)]
    assert clock.slept[:6] == grown[:6]
    assert clock.slept[-1] == 3
    assert len(asked) == 9


@pytest.mark.parametrize(
    ("piece", "message"),
    [
        (event(8).replace(b"id: 8", b"id: 9"), "says it is `8`"),
        (event(8).replace(b"event: pay", b"event: fund"), "event"),
        (event(8, amount=5), "`amount` is not a string"),
        (event(8, amount="1.5"), "`amount` is not a sum"),
        (event(8, outcome="maybe"), "no outcome"),
        (b"id: 8\ndata: {\n\n", "no JSON"),
        (b"id: eight\n\n", "no sequence number"),
    ],
)
def test_what_no_event_is(piece: bytes, message: str) -> None:
    with served(lambda number, after: iter([piece])) as (url, _):
        with pytest.raises(MalformedAnswerError, match=message):
            followed(url, 1)


def test_other_answers_end_it() -> None:
    body = b'{"code":"certificate_reads_nothing","detail":"no"}'
    head = b"HTTP/1.1 403 Forbidden\r\ncontent-length: %d\r\n\r\n" % len(body)
    with served(lambda number, after: iter([head + body])) as (url, _):
        with pytest.raises(RefusedError, match="certificate_reads_nothing"):
            followed(url, 1)
    plain = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n"
    with served(lambda number, after: iter([plain])) as (url, _):
        with pytest.raises(MalformedAnswerError, match="text/html"):
            followed(url, 1)


def test_without_a_place_it_begins_behind_what_there_is(fake: FakeLedger) -> None:
    for _ in range(4):
        fake._append(system={"tick": {}})
    with served(lambda number, after: iter([event(after + 1)])) as (url, asked):
        trust = TrustFile.parse(fake.trust_text)
        with Ledger.connect(url, trust=trust, transport=fake.transport()) as ledger:
            plain = Connection(url, None, Options(), ManualClock())
            ledger._connection.stream = plain.stream  # type: ignore[method-assign]
            assert next(ledger.follow()).sequence == 5
            plain.close()
    assert asked[0]["after"] == "4"
