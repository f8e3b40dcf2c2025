"""What is proven: each lie that a server can tell of entries, proofs, checkpoints is refused."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ALICE, BOB, connect
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fake_ledger import FakeLedger, Response, sign_note
from hypothesis import given
from hypothesis import strategies as st

from specie import Executed, Key, Ledger, Receipt, TrustFile, orders
from specie.errors import (
    DistrustError,
    FalseCheckpointError,
    FalseEntryError,
    FalseProofError,
    FileError,
    ForkedError,
    MalformedAnswerError,
    OtherLedgerError,
    WentBackError,
)
from specie.v1 import log_pb2
from specie.verification import sample


def submitted(ledger: Ledger, key: Key) -> Receipt:
    """Accepted, refused, and a copy of the first."""
    first = orders.pay(ALICE, BOB, 100, "CNY")
    ledger.submit([first], [key], "bank-1")
    made = [orders.pay(ALICE, BOB, amount, "CNY") for amount in (200, 100_001)]
    return ledger.submit([*made, first], [key], "bank-1", verify=False)


def test_all_is_proven_where_nothing_is_false(ledger: Ledger, key: Key) -> None:
    receipt = ledger.verify(submitted(ledger, key))
    assert [outcome.proven for outcome in receipt.outcomes] == [True] * 3
    assert receipt.outcomes[2].duplicate


Change = Callable[[log_pb2.LogEntry], object]
LIES: dict[str, tuple[int, Change]] = {
    "another statement": (3, lambda e: setattr(e.submission, "statement", b"other")),
    "no submission": (3, lambda e: e.system.tick.SetInParent()),
    "another time of it": (3, lambda e: setattr(e, "time", e.time + 1)),
    "another amount": (4, lambda e: setattr(e.instruction, "instruction", bytes(
        e.instruction.instruction).replace(b"\x18\xc8\x01", b"\x18\xc9\x01"))),
    "refused after all": (4, lambda e: e.instruction.rejected.MergeFrom(
        log_pb2.Rejected(code="account_frozen"))),
    "flagged": (4, lambda e: e.instruction.accepted.remarks.add(kind=1, pack="p", rule="r")),
    "of another time": (4, lambda e: setattr(e, "time", e.time + 1)),
    "no instruction": (4, lambda e: e.system.tick.SetInParent()),
    "a copy": (4, lambda e: setattr(e.instruction.duplicate, "sequence", 2)),
    "accepted after all": (5, lambda e: e.instruction.accepted.SetInParent()),
    "another code": (5, lambda e: setattr(e.instruction.rejected, "code", "account_frozen")),
    "another rule": (5, lambda e: setattr(e.instruction.rejected, "rule", "night")),
    "another pack": (5, lambda e: setattr(e.instruction.rejected, "pack", "")),
    "no outcome": (5, lambda e: e.instruction.ClearField("rejected")),
    "no copy": (6, lambda e: e.instruction.accepted.SetInParent()),
    "a copy of another": (6, lambda e: setattr(e.instruction.duplicate, "sequence", 4)),
    "its first refused": (2, lambda e: e.instruction.rejected.MergeFrom(
        log_pb2.Rejected(code="account_frozen"))),
    "another number": (4, lambda e: setattr(e, "sequence", 5)),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(LIES))
def test_an_entry_that_is_logged_otherwise_than_told(
    name: str, ledger: Ledger, key: Key, fake: FakeLedger
) -> None:
    """Goal: whoever has the log key and logs other than was told is found out.

    Method: the entry is altered in the log itself, so that all proofs and checkpoints hold.
    """
    receipt = submitted(ledger, key)
    sequence, change = LIES[name]
    entry = log_pb2.LogEntry.FromString(fake.entries[sequence])
    change(entry)
    fake.entries[sequence] = entry.SerializeToString(deterministic=True)
    with connect(fake) as fresh, pytest.raises(FalseEntryError) as caught:
        fresh.verify(receipt)
    assert caught.value.sequence == sequence
    assert caught.value.receipt is receipt
    assert f"entry {sequence}" in str(caught.value)


def test_an_entry_that_is_not_canonical(ledger: Ledger, key: Key, fake: FakeLedger) -> None:
    receipt = submitted(ledger, key)
    fake.entries[4] = bytes.fromhex("0804") + fake.entries[4]
    with connect(fake) as fresh, pytest.raises(FalseEntryError, match="canonical"):
        fresh.verify(receipt)


def test_no_bit_of_an_entry_or_its_proof_may_be_altered(
    ledger: Ledger, key: Key, fake: FakeLedger
) -> None:
    """Goal: what an unprivileged liar between the log and the bank alters is refused."""
    receipt = submitted(ledger, key)
    members = json.loads(fake.proof(4).body)
    entry, proof = base64.b64decode(members["entry"]), members["proof"]

    def answered(**changed: str) -> None:
        body = json.dumps(members | changed).encode()
        fake.after = lambda target, response: (
            Response(200, body) if target == "/v1/proof/4" else response
        )

    for place in range(len(entry)):
        altered = entry[:place] + bytes([entry[place] ^ 1 << place % 8]) + entry[place + 1 :]
        answered(entry=base64.b64encode(altered).decode())
        with pytest.raises(FalseProofError):
            ledger.verify(receipt)
    for place in range(len(proof)):
        letter = "B" if proof[place] != "B" else "C"
        answered(proof=proof[:place] + letter + proof[place + 1 :])
        with connect(fake) as fresh, pytest.raises(DistrustError):
            fresh.verify(receipt)
    for text in ("", "!", members["entry"] + "="):
        answered(entry=text)
        with pytest.raises(FalseProofError):
            ledger.verify(receipt)
    answered()
    assert ledger.verify(receipt).outcomes[0].proven


def test_a_true_proof_of_another_entry_is_refused(
    ledger: Ledger, key: Key, fake: FakeLedger
) -> None:
    receipt = submitted(ledger, key)
    fake.after = lambda target, response: fake.proof(5) if target == "/v1/proof/4" else response
    with pytest.raises(FalseProofError, match="for entry 5"):
        ledger.verify(receipt)


def test_a_true_entry_under_anothers_proof_is_refused(
    ledger: Ledger, key: Key, fake: FakeLedger
) -> None:
    receipt = submitted(ledger, key)

    def after(target: str, response: Response) -> Response:
        if target != "/v1/proof/4":
            return response
        other: dict[str, Any] = json.loads(fake.proof(5).body)
        return Response(
            200,
            json.dumps(
                json.loads(response.body) | {"proof": other["proof"].replace("index 5", "index 4")}
            ).encode(),
        )

    fake.after = after
    with pytest.raises(FalseProofError, match="leads to root"):
        ledger.verify(receipt)


def test_a_log_signed_by_another_key_is_refused(ledger: Ledger, key: Key, fake: FakeLedger) -> None:
    receipt = submitted(ledger, key)
    fake.log_key = Ed25519PrivateKey.from_private_bytes(bytes([7] * 32))
    with pytest.raises(FalseCheckpointError, match="signatures by"):
        ledger.verify(receipt)
    with pytest.raises(FalseCheckpointError):
        ledger.checkpoint()


def test_a_currencys_digits_are_nobodys_word(fake: FakeLedger) -> None:
    """By the same log key, a genesis of other digits: every decimal would be a hundredfold."""
    other = FakeLedger(fake.clock, exponent=0)
    trust = TrustFile.parse(fake.trust_text)
    with pytest.raises(OtherLedgerError, match="serves ledger"):
        Ledger.connect("http://127.0.0.1:1", trust=trust, transport=other.transport())


def test_a_server_that_has_just_begun_is_waited_for(fake: FakeLedger) -> None:
    """It answers before it has signed its first checkpoint."""

    def before(method: str, target: str) -> Response | None:
        asked.append(target)
        fake.checkpoint_lag = 1 if len(asked) < 3 else 0
        return None

    asked: list[str] = []
    fake.before = before
    with connect(fake) as ledger:
        assert ledger.entry(0).sequence == 0
    assert asked[:3] == ["/v1/proof/0"] * 3
    assert fake.clock.slept == [1, 1]  # type: ignore[attr-defined]


def test_another_ledger_is_refused_before_anything_is_sent(fake: FakeLedger) -> None:
    other = FakeLedger(fake.clock, log_seed=bytes([7] * 32))
    trust = TrustFile.parse(fake.trust_text)
    with pytest.raises(OtherLedgerError, match="pins"):
        Ledger.connect("http://127.0.0.1:1", trust=trust, transport=other.transport())
    mixed = fake.trust_text.split("log ")[0] + "log " + other.trust_text.split("log ")[1]
    with pytest.raises(OtherLedgerError, match="pins"):
        Ledger.connect(
            "http://127.0.0.1:1", trust=TrustFile.parse(mixed), transport=fake.transport()
        )
    assert not other.posts
    with connect(fake) as ledger:
        fake.after = lambda target, response: other.info()
        with pytest.raises(OtherLedgerError):
            ledger.info()


@given(st.integers(0, 300), st.integers(0, 70) | st.none())
def test_a_sample_has_both_ends(count: int, proven_max: int | None) -> None:
    places = sample(count, proven_max)
    assert places <= set(range(count))
    assert len(places) == (count if proven_max is None else min(count, proven_max))
    if proven_max is None or proven_max >= 2:
        assert {0, count - 1} <= places or count == 0


def test_of_many_orders_a_sample_is_proven(ledger: Ledger, key: Key) -> None:
    made = [orders.pay(ALICE, BOB, 1, "CNY") for _ in range(100)]
    receipt = ledger.submit(made, [key], "bank-1")
    assert sum(outcome.proven for outcome in receipt.outcomes) == 64
    assert receipt.outcomes[0].proven
    assert receipt.outcomes[-1].proven
    proven = ledger.verify(receipt, proven_max=100)
    assert all(outcome.proven for outcome in proven.outcomes)


# Checkpoints, one after another.


def answer(fake: FakeLedger, always: Response) -> None:
    fake.after = lambda target, response: always


def forged(fake: FakeLedger, size: int, root: bytes) -> bytes:
    text = f"ledger.example/fake\n{size}\n{base64.b64encode(root).decode()}\n"
    return sign_note(text, fake.log_key)


def test_a_log_that_went_back_or_forked(ledger: Ledger, key: Key, fake: FakeLedger) -> None:
    submitted(ledger, key)
    size = ledger.checkpoint().size
    assert size == 7
    wrong: list[tuple[bytes, type[Exception]]] = [
        (forged(fake, size, bytes(32)), ForkedError),
        (forged(fake, size - 1, bytes(32)), WentBackError),
    ]
    for note, error in wrong:
        answer(fake, Response(200, note))
        with pytest.raises(error):
            ledger.checkpoint()
    fake.after = lambda target, response: response
    assert ledger.checkpoint().size == size
    # A proof against an older checkpoint is one of a log that went back, too.
    fake.checkpoint_lag = 2
    with pytest.raises(WentBackError, match="`7` was seen before, and now one of `5`"):
        ledger.entry(1)


def test_a_fork_is_kept_as_evidence(ledger: Ledger, fake: FakeLedger) -> None:
    first = ledger.checkpoint().note
    second = forged(fake, 1, bytes(32))
    fake.after = lambda target, response: Response(200, second)
    with pytest.raises(ForkedError) as caught:
        ledger.checkpoint()
    assert caught.value.notes == (first, second)


def test_the_newest_checkpoint_is_kept_in_a_file(
    key: Key, fake: FakeLedger, tmp_path: Path
) -> None:
    kept = tmp_path / "trust.checkpoint"
    trust = TrustFile.parse(fake.trust_text)

    def connected() -> Ledger:
        return Ledger.connect(
            "http://127.0.0.1:1",
            trust=trust,
            checkpoint_file=kept,
            clock=fake.clock,
            transport=fake.transport(),
        )

    with connected() as ledger:
        submitted(ledger, key)
        assert ledger.checkpoint().note == kept.read_bytes()
    entries = fake.entries[:]
    del fake.entries[4:]
    with connected() as ledger, pytest.raises(WentBackError):
        ledger.checkpoint()
    fake.entries[:] = [*entries[:-1], b"other"]
    with connected() as ledger, pytest.raises(ForkedError):
        ledger.checkpoint()
    fake.entries[:] = entries
    # Another process saw more: its checkpoint is not overwritten by an older one.
    with connected() as ledger, connected() as other:
        submitted(other, key)
        newer = other.checkpoint()
        fake.checkpoint_lag = 2
        assert ledger.checkpoint().size == newer.size - 2
        assert kept.read_bytes() == newer.note
        with pytest.raises(WentBackError):
            ledger.checkpoint()
    kept.write_bytes(newer.note.replace(b"\n%d\n" % newer.size, b"\n5\n"))
    with pytest.raises(FileError, match="does not hold"):
        connected()
    assert [path.name for path in tmp_path.iterdir()] == ["trust.checkpoint"]


def test_answers_that_no_server_gives(ledger: Ledger, fake: FakeLedger) -> None:
    for body in (b"", b"[]", b"{}", b'{"entry": 1}', b"[" * 10_000, b'{"entry": "", "proof": 1}'):
        answer(fake, Response(200, body))
        with pytest.raises(MalformedAnswerError, match="/v1/proof/0"):
            ledger.entry(0)


def test_a_status_is_of_the_id_and_an_entry_of_the_order(
    ledger: Ledger, key: Key, fake: FakeLedger
) -> None:
    receipt = submitted(ledger, key)
    told = json.loads(fake.status(receipt.outcomes[0].id).body)
    other = receipt.outcomes[1].id
    answer(fake, Response(200, json.dumps(told).encode()))
    with pytest.raises(MalformedAnswerError, match="is of id"):
        ledger.status(other)
    with pytest.raises(MalformedAnswerError, match="of `bank-1`"):
        ledger.status(receipt.outcomes[0].id, "bank-2")
    fake.after = lambda target, response: response
    status = ledger.status(receipt.outcomes[0].id)
    assert isinstance(status, Executed)
    assert ledger.prove(status).sequence == 4
    with pytest.raises(FalseEntryError, match="another order"):
        ledger.prove(replace(status, id=other))


LINE = {"time": "t", "time_us": 1, "id": "019ca78d-9600-7001-8000-000000000002", "operation": "pay",
        "amount": "5", "change": "-5", "balance": "0", "counterparty": str(BOB), "purpose": "",
        "channel": "", "reference": ""}  # fmt: skip
BANK = {"name": "b", "admitted": 1, "suspended": False, "settlement_accounts": [], "keys": []}


def test_pages_lead_on_and_never_round(ledger: Ledger, fake: FakeLedger) -> None:
    """Goal: no server makes a reader go over entries for ever, or skips some in silence."""

    def pages(name: str, *found: tuple[list[dict[str, Any]], object]) -> None:
        left = list(found)

        def before(method: str, target: str) -> Response:
            lines, following = left.pop(0)
            targets.append(target)
            members = {name: lines} | ({"next": following} if following != "none" else {})
            return Response(200, json.dumps(members).encode())

        targets: list[str] = asked
        fake.before = before

    def entries(*sequences: int) -> list[dict[str, Any]]:
        return [LINE | {"sequence": sequence} for sequence in sequences]

    def banks(*codes: str) -> list[dict[str, Any]]:
        return [BANK | {"participant": code} for code in codes]

    asked: list[str] = []
    pages("entries", (entries(9, 7), 7), (entries(4), None))
    assert [line.sequence for line in ledger.statement(ALICE)] == [9, 7, 4]
    assert asked[1].endswith("/entries?limit=500&before=7")
    wrong: list[list[tuple[list[dict[str, Any]], object]]] = [
        [(entries(9, 7), 7), (entries(7), None)],
        [(entries(9, 9), None)],
        [(entries(9, 7), 8)],
        [([], 8)],
    ]
    for found in wrong:
        pages("entries", *found)
        with pytest.raises(MalformedAnswerError):
            list(ledger.statement(ALICE))
    pages("participants", (banks("aa", "bb"), "bb"), (banks("cc"), "none"))
    assert [one.code for one in ledger.participants()] == ["aa", "bb", "cc"]
    assert asked[-1] == "/v1/participants?after=bb"
    wrong = [
        [(banks("aa"), "bb")],
        [([], "aa")],
        [(banks("aa"), "aa"), (banks("aa"), "aa")],
    ]
    for found in wrong:
        pages("participants", *found)
        with pytest.raises(MalformedAnswerError):
            list(ledger.participants())
