"""The canonical encoding: against the documents' vectors, and against a second encoder."""

import contextlib
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from conftest import ALICE, BOB
from hypothesis import given
from hypothesis import strategies as st

from specie import Key, Order, Submission, canonical, merkle, new_id, orders
from specie.errors import ArgumentError, EncodingError
from specie.genesis import Genesis
from specie.submission import PAYLOAD_TYPE, pre_authentication_encoding
from specie.trust import TrustFile
from specie.v1 import instruction_pb2, log_pb2, submission_pb2

FORMATS = Path(__file__).parents[3] / "docs" / "formats"
GOLDEN_ID = UUID("019ca78d-9600-7001-8000-000000000002")


def vectors(name: str) -> list[str]:
    """The indented hexadecimal blocks of a document, in order, each as one text."""
    text = (FORMATS / name).read_text()
    blocks = re.findall(r"(?:^    [0-9a-f]{2,}$\n)+", text, re.MULTILINE)
    return ["".join(block.split()) for block in blocks]


def golden() -> Order:
    return orders.pay(
        ALICE, BOB, 123_45, "CNY", id=GOLDEN_ID, reference="inv-1", purpose="SALA", channel="api"
    )


def test_the_instruction_of_the_documents() -> None:
    order, digest = vectors("instruction.md")
    assert golden().encoded.hex() == order
    assert merkle.leaf_hash(golden().encoded).hex() == digest


def test_the_statement_and_signature_of_the_documents() -> None:
    statement, signature = vectors("submission.md")
    ledger = bytes.fromhex("6c6f6700" + "00" * 27 + "01")
    key = Key.from_seed(bytes(range(32)))
    made = Submission.sign(ledger, "bank-1", [golden()], [key], 1_772_337_660_000_000)
    assert made.statement.hex() == statement
    envelope = submission_pb2.Submission.FromString(made.encoded).envelope
    assert envelope.signatures[0].sig.hex() == signature
    assert envelope.signatures[0].keyid == key.public.hex()
    assert Submission.decode(made.encoded).ids == (GOLDEN_ID,)
    assert (made.party, made.expiry_us) == ("bank-1", 1_772_337_660_000_000)


def test_the_log_entries_of_the_documents() -> None:
    found = vectors("log-entry.md")
    genesis, ledger, *entries = found
    kinds = []
    for text in [genesis, *entries[:5]]:
        message = canonical.decode(log_pb2.LogEntry, bytes.fromhex(text))
        kinds.append(message.WhichOneof("body"))
    assert kinds == ["genesis", "submission", "instruction", "instruction", "instruction", "system"]
    assert merkle.leaf_hash(bytes.fromhex(genesis)).hex() == ledger
    log = canonical.decode(log_pb2.LogEntry, bytes.fromhex(genesis)).genesis.genesis
    key = log_pb2.Genesis.FromString(log).log_key.bytes
    name = "ledger.example/golden"
    trust = TrustFile.parse(f"ledger {ledger}\nlog {vkey(name, key)}\n")
    proven = Genesis.prove(bytes.fromhex(genesis), trust)
    assert [(one.code, one.exponent) for one in proven.currencies] == [("CNY", 2)]
    assert proven.horizon_us("bank-1") == 600_000_000
    assert proven.horizon_us("issuer") == 2_592_000_000_000


def vkey(name: str, key: bytes) -> str:
    label = sha256(name.encode() + b"\n\x01" + key).hexdigest()[:8]
    return f"{name}+{label}+{b64encode(bytes([1]) + key).decode()}"


def test_dsse_example() -> None:
    # Of the DSSE specification, protocol.md.
    encoded = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert len(PAYLOAD_TYPE) == 44


# A second encoder, of what a transfer has.


def varint(value: int) -> bytes:
    head = bytes([value & 127 | (128 if value > 127 else 0)])
    return head + (varint(value >> 7) if value > 127 else b"")


def chunk(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data if data else b""


def member(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


ids = st.builds(
    lambda ms, random: UUID(
        int=ms << 80 | 7 << 76 | random >> 62 << 64 | 2 << 62 | random & (1 << 62) - 1
    ),
    st.integers(0, 2**48 - 1),
    st.integers(0, 2**74 - 1),
)
accounts = st.uuids()
amounts = st.one_of(st.integers(1, 300), st.integers(1, 10**18))
references = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=35
).filter(lambda text: len(text.encode()) <= 35)
purposes = st.from_regex(r"[A-Z0-9]{0,4}", fullmatch=True)
channels = st.from_regex(r"[a-z0-9-]{0,16}", fullmatch=True)
NUMBERS = {"settle": 50, "fund": 51, "pay": 52, "cash_out": 53}


@given(
    st.sampled_from(sorted(NUMBERS)),
    ids,
    accounts,
    accounts,
    amounts,
    references,
    purposes,
    channels,
)
def test_transfers_are_encoded_as_the_second_encoder_does(
    operation: str,
    id: UUID,
    payer: UUID,
    payee: UUID,
    amount: int,
    reference: str,
    purpose: str,
    channel: str,
) -> None:
    make = getattr(orders, operation)
    details = {"id": id, "reference": reference, "purpose": purpose, "channel": channel}
    order = make(payer, payee, amount, "CNY", **details)
    transfer = chunk(1, payer.bytes) + chunk(2, payee.bytes) + b"\x18" + varint(amount)
    transfer += chunk(4, b"CNY")
    expected = chunk(1, id.bytes) + chunk(2, purpose.encode()) + chunk(3, channel.encode())
    expected += chunk(4, reference.encode()) + member(NUMBERS[operation], transfer)
    assert order.encoded == expected
    assert Order.decode(order.encoded) == order
    assert (order.id, order.operation) == (id, operation)


@given(st.data())
def test_no_other_bytes_are_taken_for_an_order(data: st.DataObject) -> None:
    """Each way of writing the same order differently is refused, and no byte may be altered."""
    encoded = golden().encoded
    id, rest = encoded[:18], encoded[18:]
    ways = {
        "an unknown field": encoded + bytes.fromhex("f80701"),
        "a default": id + bytes.fromhex("1200") + rest,
        "a field twice": id + id + rest,
        "out of order": rest + id,
        "a long varint": id + bytes.fromhex("128400") + rest[2:],
        "a long length": b"\x0a\x90\x00" + id[2:] + rest,
        "cut short": encoded[: data.draw(st.integers(0, len(encoded) - 1))],
        "two operations": encoded + bytes.fromhex("a20200"),
        "no operation": id,
    }
    way = data.draw(st.sampled_from(sorted(ways)))
    with pytest.raises(EncodingError):
        Order.decode(ways[way])


def test_a_later_schema_is_told_from_rubbish() -> None:
    with pytest.raises(EncodingError, match="this version of the schema lacks"):
        Order.decode(golden().encoded + bytes.fromhex("f80701"))
    with pytest.raises(EncodingError, match="not the canonical encoding"):
        Order.decode(golden().encoded[:18] * 2 + golden().encoded[18:])


def flips(encoded: bytes) -> Iterator[bytes]:
    for place in range(len(encoded) * 8):
        altered = bytearray(encoded)
        altered[place // 8] ^= 1 << place % 8
        yield bytes(altered)


def test_what_is_decoded_encodes_to_the_same_bytes_whatever_bit_is_flipped() -> None:
    taken = 0
    for altered in flips(golden().encoded):
        try:
            order = Order.decode(altered)
        except EncodingError:
            continue
        assert order.encoded == altered != golden().encoded
        message = instruction_pb2.Instruction.FromString(altered)
        assert message.SerializeToString(deterministic=True) == altered
        taken += 1
    assert taken > 0  # Of an amount, say: it is another order, and a good one.


def test_enums_that_are_unknown_or_unspecified_are_refused() -> None:
    for number in (0, 2, 200):
        key = instruction_pb2.PublicKey(bytes=bytes(32))
        key.algorithm = number  # type: ignore[assignment]
        message = instruction_pb2.Instruction(id=new_id().bytes)
        message.register_key.CopyFrom(instruction_pb2.RegisterKey(party="bank-1", key=key))
        with pytest.raises(EncodingError, match="KeyAlgorithm"):
            Order.decode(canonical.encode(message))


@given(st.lists(st.binary(max_size=40), max_size=3), st.binary(max_size=60))
def test_arbitrary_bytes_are_an_order_or_an_encoding_error(parts: list[bytes], tail: bytes) -> None:
    for data in [tail, b"".join(parts), golden().encoded + tail]:
        with contextlib.suppress(EncodingError):
            assert Order.decode(data).encoded == data


def test_an_order_under_another_id_is_the_same_but_for_it() -> None:
    id = new_id()
    other = golden().under(id)
    assert other.id == id
    assert other.encoded == golden().encoded.replace(GOLDEN_ID.bytes, id.bytes)


def test_a_submission_of_other_orders_than_its_statement_is_refused() -> None:
    key = Key.make()
    made = Submission.sign(bytes(32), "bank-1", [golden()], [key], 1)
    message = submission_pb2.Submission.FromString(made.encoded)
    message.instructions.append(golden().under(new_id()).encoded)
    with pytest.raises(EncodingError, match="other orders"):
        Submission.decode(message.SerializeToString())


def test_nothing_is_split_and_no_order_stands_twice() -> None:
    key = Key.make()
    order = golden()
    many = [order.under(new_id()) for _ in range(10_001)]
    for made, keys in [
        ([], [key]),
        (many, [key]),
        ([order, order], [key]),
        ([order], []),
        ([order], [key, key]),
    ]:
        with pytest.raises(ArgumentError):
            Submission.sign(bytes(32), "bank-1", made, keys, 1)
    assert len(Submission.sign(bytes(32), "bank-1", many[1:], [key], 1).instructions) == 10_000
    long = Order(order.id, "activate_rule_set", bytes(57_000))
    large = [Order(one.id, long.operation, long.encoded) for one in many[:148]]
    with pytest.raises(ArgumentError, match="bytes"):
        Submission.sign(bytes(32), "bank-1", large, [key], 1)
