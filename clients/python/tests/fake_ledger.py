"""A ledger in memory, slow and plain, that knows nothing of `specie` but the schema.

It is the reference that the client is held against, and a server that can be made to lie and fail.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from specie.clock import Clock
from specie.v1 import api_pb2, instruction_pb2, log_pb2, submission_pb2

START_US = 1_772_337_600_000_000  # 2026-03-01T04:00:00Z.
HORIZON_US = 600_000_000
AMOUNT_ALLOWED = 1_000_00
ORIGIN = "ledger.example/fake"
TYPE = b"application/vnd.specie.statement.v1+protobuf"


class ManualClock(Clock):
    """Time that passes when somebody waits."""

    def __init__(self) -> None:
        self.us = time.time_ns() // 1000  # So that ids by the machine's clock fit.
        self.slept: list[float] = []

    def now_us(self) -> int:
        return self.us

    def monotonic(self) -> float:
        return self.us / 1_000_000

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.us += round(seconds * 1_000_000)


# RFC 6962, section 2.1, word by word.


def leaf(data: bytes) -> bytes:
    return sha256(b"\0" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def split(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def tree(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(tree(leaves[:k]), tree(leaves[k:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*path(index, leaves[:k]), tree(leaves[k:])]
    return [*path(index - k, leaves[k:]), tree(leaves[:k])]


def sign_note(text: str, key: Ed25519PrivateKey, name: str = ORIGIN) -> bytes:
    public = b"\1" + key.public_key().public_bytes_raw()
    key_id = sha256(name.encode() + b"\n" + public).digest()[:4]
    blob = base64.b64encode(key_id + key.sign(text.encode())).decode()
    return f"{text}\n\N{EM DASH} {name} {blob}\n".encode()


def vkey(key: Ed25519PrivateKey, name: str = ORIGIN) -> str:
    public = b"\1" + key.public_key().public_bytes_raw()
    key_id = sha256(name.encode() + b"\n" + public).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(public).decode()}"


@dataclass
class Response:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Dropped(Exception):
    """The connection breaks, and nothing is answered."""


def problem(status: int, code: str, **headers: str) -> Response:
    members = {"status": status, "code": code, "detail": f"it is {code}", "title": code}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, json.dumps(members).encode(), names)


def answer(members: dict[str, Any]) -> Response:
    return Response(200, json.dumps(members).encode(), {"content-type": "application/json"})


@dataclass(frozen=True)
class Decided:
    party: str
    sequence: int
    order: bytes


class FakeLedger:
    def __init__(
        self,
        clock: Clock | None = None,
        log_seed: bytes = bytes(range(32)),
        exponent: int = 2,
    ) -> None:
        self.exponent = exponent
        self.clock = clock or ManualClock()
        self.log_key = Ed25519PrivateKey.from_private_bytes(log_seed)
        self.bank_key = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
        self.keys = {"bank-1": [self.bank_key.public_key().public_bytes_raw()]}
        self.entries: list[bytes] = []
        self.decided: dict[tuple[str, bytes], Decided] = {}
        self.receipts: dict[bytes, bytes] = {}
        self.posts: list[bytes] = []
        self.asked: list[str] = []
        self.lock = threading.Lock()
        # What a test does to requests and answers.
        self.before: Callable[[str, str], Response | None] = lambda method, target: None
        self.after: Callable[[str, Response], Response] = lambda target, response: response
        self.checkpoint_lag = 0
        self._append(genesis=self._genesis())

    # What it is.

    def _genesis(self) -> log_pb2.GenesisEntry:
        genesis = log_pb2.Genesis(
            origin=ORIGIN,
            log_key=self._key(self.log_key),
            currencies=[
                log_pb2.Currency(
                    code="CNY", exponent=self.exponent, issuance_account=bytes(15) + b"1"
                )
            ],
            parameters=log_pb2.Parameters(
                participant_horizon=HORIZON_US, officer_horizon=HORIZON_US * 10, live_ids_max=9
            ),
            version=3,
            nonce=bytes(32),
        )
        return log_pb2.GenesisEntry(genesis=genesis.SerializeToString(deterministic=True))

    @staticmethod
    def _key(key: Ed25519PrivateKey) -> instruction_pb2.PublicKey:
        raw = key.public_key().public_bytes_raw()
        return instruction_pb2.PublicKey(algorithm=instruction_pb2.KEY_ALGORITHM_ED25519, bytes=raw)

    @property
    def ledger_id(self) -> bytes:
        return leaf(self.entries[0])

    @property
    def trust_text(self) -> str:
        return f"# Of a test.\nledger {self.ledger_id.hex()}\nlog {vkey(self.log_key)}\n"

    def _append(self, time_us: int = START_US, **body: Any) -> int:
        sequence = len(self.entries)
        previous = leaf(self.entries[-1]) if self.entries else bytes(32)
        entry = log_pb2.LogEntry(sequence=sequence, time=time_us, previous=previous, **body)
        self.entries.append(entry.SerializeToString(deterministic=True))
        return sequence

    # What it proves.

    def checkpoint(self, size: int | None = None) -> bytes:
        size = len(self.entries) - self.checkpoint_lag if size is None else size
        root = base64.b64encode(tree([leaf(entry) for entry in self.entries[:size]])).decode()
        return sign_note(f"{ORIGIN}\n{size}\n{root}\n", self.log_key)

    def proof(self, sequence: int) -> Response:
        size = len(self.entries) - self.checkpoint_lag
        if sequence >= len(self.entries):
            return problem(404, "not_found")
        if sequence >= size:
            return problem(404, "not_yet_covered", retry_after="1")
        hashes = path(sequence, [leaf(entry) for entry in self.entries[:size]])
        lines = ["c2sp.org/tlog-proof@v1", f"index {sequence}"]
        lines += [base64.b64encode(one).decode() for one in hashes]
        text = "\n".join(lines) + "\n\n" + self.checkpoint(size).decode()
        entry = base64.b64encode(self.entries[sequence]).decode()
        return answer({"sequence": sequence, "entry": entry, "proof": text})

    # What it decides.

    def submit(self, body: bytes) -> Response:
        submission = submission_pb2.Submission.FromString(body)
        payload = submission.envelope.payload
        statement = submission_pb2.Statement.FromString(payload)
        now = self.clock.now_us()
        if payload in self.receipts and now < statement.expiry:
            return self._receipt(self.receipts[payload])
        if statement.ledger != self.ledger_id:
            return problem(409, "wrong_ledger")
        if now >= statement.expiry:
            return problem(409, "statement_expired")
        if statement.expiry > now + HORIZON_US:
            return problem(409, "expiry_too_far")
        if not self._is_signed(submission.envelope, statement.party):
            return problem(403, "bad_signature")
        orders = list(submission.instructions)
        if (statement.count, statement.root) != (len(orders), tree([leaf(one) for one in orders])):
            return problem(400, "root_mismatch")
        signatures = [log_pb2.LogSignature(key=self.keys[statement.party][0], signature=bytes(64))]
        entry = log_pb2.SubmissionEntry(statement=payload, signatures=signatures)
        receipt = api_pb2.SubmissionReceipt(sequence=self._append(now, submission=entry), time=now)
        for order in orders:
            receipt.instructions.append(self._decide(statement.party, order, now))
        self.receipts[payload] = receipt.SerializeToString()
        return self._receipt(self.receipts[payload])

    @staticmethod
    def _receipt(encoded: bytes) -> Response:
        return Response(200, encoded, {"content-type": "application/x-protobuf"})

    def _is_signed(self, envelope: submission_pb2.Envelope, party: str) -> bool:
        signed = b"DSSEv1 44 " + TYPE + b" " + str(len(envelope.payload)).encode() + b" "
        for key in self.keys.get(party, []):
            for one in envelope.signatures:
                try:
                    Ed25519PublicKey.from_public_bytes(key).verify(
                        one.sig, signed + envelope.payload
                    )
                except InvalidSignature:
                    continue
                return True
        return False

    def _decide(self, party: str, order: bytes, now: int) -> api_pb2.InstructionReceipt:
        message = instruction_pb2.Instruction.FromString(order)
        id_us = (UUID(bytes=message.id).int >> 80) * 1000
        entry = log_pb2.InstructionEntry(instruction=order)
        first = self.decided.get((party, message.id))
        found = api_pb2.InstructionReceipt(id=message.id)
        if not now - HORIZON_US <= id_us <= now + 60_000_000:
            code = "id_too_old" if id_us < now else "id_in_future"
            entry.rejected.code = found.rejected.code = code
        elif first is not None and first.order != order:
            entry.rejected.code = found.rejected.code = "id_reused"
        elif first is not None:
            entry.duplicate.sequence = first.sequence
            self._copy(first.sequence, found)
        elif message.pay.amount > AMOUNT_ALLOWED:
            entry.rejected.MergeFrom(
                log_pb2.Rejected(code="limit_exceeded", rule="day", pack="test")
            )
            found.rejected.CopyFrom(entry.rejected)
            found.message = "too much"
        else:
            entry.accepted.SetInParent()
            found.accepted.SetInParent()
        found.sequence = self._append(now, instruction=entry)
        found.first_sequence = (
            first.sequence if entry.HasField("duplicate") and first else found.sequence
        )
        undecided = found.rejected.code in ("id_too_old", "id_in_future", "id_reused")
        if first is None and not undecided:
            self.decided[party, message.id] = Decided(party, found.sequence, order)
        return found

    def _copy(self, sequence: int, found: api_pb2.InstructionReceipt) -> None:
        entry = log_pb2.LogEntry.FromString(self.entries[sequence]).instruction
        if entry.HasField("accepted"):
            found.accepted.CopyFrom(entry.accepted)
        else:
            found.rejected.CopyFrom(entry.rejected)

    def executed(self) -> list[instruction_pb2.Instruction]:
        """Every order that the log says was accepted, each time that it says so."""
        found = [log_pb2.LogEntry.FromString(entry).instruction for entry in self.entries]
        return [
            instruction_pb2.Instruction.FromString(one.instruction)
            for one in found
            if one.HasField("accepted")
        ]

    # What it answers.

    def status(self, id: UUID) -> Response:
        now = self.clock.now_us()
        members: dict[str, Any] = {"id": str(id), "time": "t", "time_us": now, "party": "bank-1"}
        decided = self.decided.get(("bank-1", id.bytes))
        if decided is None:
            is_over = now > (id.int >> 80) * 1000 + HORIZON_US
            members |= {"status": "never_executed" if is_over else "not_yet_known"}
            return answer(members | {"as_of": len(self.entries)})
        entry = log_pb2.LogEntry.FromString(self.entries[decided.sequence]).instruction
        members |= {"status": "executed", "sequence": decided.sequence}
        members |= {"first_sequence": decided.sequence, "outcome": "accepted"}
        if entry.HasField("rejected"):
            members |= {"outcome": "rejected", "code": entry.rejected.code, "message": "too much"}
            members |= {"rule": entry.rejected.rule, "pack": entry.rejected.pack}
        return answer(members)

    def info(self) -> Response:
        size = len(self.entries)
        members = {"ledger": self.ledger_id.hex(), "log_key": vkey(self.log_key), "size": size}
        sizes = {"checkpoint_size": size, "indexed_size": size, "time_us": self.clock.now_us()}
        return answer(members | sizes)

    def handle(self, method: str, target: str, body: bytes) -> Response:
        with self.lock:
            early = self.before(method, target)
            if early is not None:
                return early
            return self.after(target, self._route(method, target, body))

    def _route(self, method: str, target: str, body: bytes) -> Response:
        parts = urlsplit(target)
        match method, parts.path.split("/")[1:]:
            case "POST", ["v1", "submissions"]:
                self.posts.append(body)
                return self.submit(body)
            case "GET", ["v1", "ledger"]:
                return self.info()
            case "GET", ["v1", "checkpoint"]:
                return Response(200, self.checkpoint(), {"content-type": "text/plain"})
            case "GET", ["v1", "proof", sequence]:
                return self.proof(int(sequence))
            case "GET", ["v1", "instructions", id]:
                self.asked.append(id)
                return self.status(UUID(id))
            case _:
                return problem(404, "unknown_path")

    # How it is reached.

    def transport(self) -> httpx.MockTransport:
        """In the same thread, without a socket."""

        def respond(request: httpx.Request) -> httpx.Response:
            try:
                found = self.handle(request.method, request.url.raw_path.decode(), request.content)
            except Dropped as error:
                raise httpx.ReadError("dropped") from error
            return httpx.Response(
                found.status, headers=found.headers, stream=httpx.ByteStream(found.body)
            )

        return httpx.MockTransport(respond)

    @contextmanager
    def served(self) -> Iterator[str]:
        """On a port of loopback; gives the address."""
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                try:
                    found = fake.handle(self.command, self.path, body)
                except Dropped:
                    self.close_connection = True
                    return
                self.send_response(found.status)
                for name, value in found.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(found.body)))
                self.end_headers()
                self.wfile.write(found.body)

            do_GET = do_POST = answer

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
