"""Orders: each operation that a bank has, and what no ledger would take."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from conftest import ALICE, BOB

from specie import Order, orders
from specie.errors import ArgumentError, FileError, SpecieError
from specie.v1 import instruction_pb2

KEY, DIGEST = bytes(range(32)), bytes(range(1, 33))
UNTIL = datetime(2027, 1, 1, tzinfo=UTC)

MADE: dict[str, Order] = {
    "pay": orders.pay(ALICE, BOB, 1, "CNY"),
    "fund": orders.fund(ALICE, BOB, 10**18, "CNY"),
    "cash_out": orders.cash_out(ALICE, BOB, 5, "CNY"),
    "settle": orders.settle(ALICE, BOB, 5, "CNY"),
    "redeem": orders.redeem(ALICE, 5, "CNY", "RTGS-1"),
    "open_wallet": orders.open_wallet(ALICE, BOB, "CNY", "wl4"),
    "set_wallet_tier": orders.set_wallet_tier(ALICE, "wl1"),
    "close_wallet": orders.close_wallet(ALICE),
    "set_wallet_attribute": orders.set_wallet_attribute(ALICE, "ceiling", 0),
    "link_account": orders.link_account(ALICE, None),
    "list_payee": orders.list_payee(ALICE, BOB),
    "unlist_payee": orders.unlist_payee(ALICE, BOB),
    "record_event": orders.record_event(ALICE, "visit"),
    "register_key": orders.register_key("bank-1", KEY, valid_until=UNTIL),
    "rotate_key": orders.rotate_key("bank-1", KEY, DIGEST, overlap_until=UNTIL),
    "suspend_key": orders.suspend_key("bank-1", KEY),
    "revoke_key": orders.revoke_key("bank-1", KEY),
    "register_certificate": orders.register_certificate("bank-1", DIGEST, valid_from=UNTIL),
    "revoke_certificate": orders.revoke_certificate("bank-1", DIGEST),
}
# By the issuer's or the recovery keys alone: docs/formats/evidence.md, EV-6.
OTHERS = {
    "admit_participant", "suspend_participant", "reinstate_participant", "reinstate_key",
    "replace_officers", "set_participant_attribute", "freeze", "unfreeze", "issue",
    "activate_rule_set", "confirm_clock", "withdraw_rule_set",
}  # fmt: skip


def test_all_that_a_bank_orders_can_be_ordered() -> None:
    oneof = instruction_pb2.Instruction.DESCRIPTOR.oneofs_by_name["operation"]
    assert {field.name for field in oneof.fields} == MADE.keys() | OTHERS


@pytest.mark.parametrize("operation", sorted(MADE))
def test_each_is_what_it_is_called(operation: str) -> None:
    order = MADE[operation]
    assert order.operation == operation
    assert Order.decode(order.encoded) == order


def test_values_arrive_where_they_belong() -> None:
    def read(name: str) -> instruction_pb2.Instruction:
        return instruction_pb2.Instruction.FromString(MADE[name].encoded)

    until = 1_798_761_600_000_000
    assert read("register_key").register_key.valid_until == until
    assert read("rotate_key").rotate_key.overlap_until == until
    assert read("rotate_key").rotate_key.new_key.bytes == DIGEST
    assert read("register_certificate").register_certificate.valid_from == until
    assert read("register_certificate").register_certificate.spki_sha256 == DIGEST
    assert read("redeem").redeem.rtgs_reference == "RTGS-1"
    assert UUID(bytes=read("open_wallet").open_wallet.owner) == BOB
    word = orders.set_wallet_attribute(ALICE, "kind", "shop")
    found = instruction_pb2.Instruction.FromString(word.encoded).set_wallet_attribute
    assert (found.word, found.amount) == ("shop", 0)


REFUSED: list[Callable[[], Order]] = [
    lambda: orders.pay(ALICE, BOB, 0, "CNY"),
    lambda: orders.pay(ALICE, BOB, -1, "CNY"),
    lambda: orders.pay(ALICE, BOB, 10**18 + 1, "CNY"),
    lambda: orders.pay(ALICE, BOB, 1.0, "CNY"),  # type: ignore[arg-type]
    lambda: orders.pay(ALICE, BOB, True, "CNY"),
    lambda: orders.pay(ALICE, BOB, 1, "cny"),
    lambda: orders.pay(ALICE, BOB, 1, "CNY\n"),
    lambda: orders.pay(ALICE, BOB, 1, "CNY", reference="a" * 36),
    lambda: orders.pay(ALICE, BOB, 1, "CNY", reference="\u00e4" * 18),
    lambda: orders.pay(ALICE, BOB, 1, "CNY", reference="a\u202eb"),
    lambda: orders.pay(ALICE, BOB, 1, "CNY", reference="a\nb"),
    lambda: orders.pay(ALICE, BOB, 1, "CNY", reference="\ud800"),
    lambda: orders.pay(ALICE, BOB, 1, "CNY", purpose="sala"),
    lambda: orders.pay(ALICE, BOB, 1, "CNY", purpose="SALAR"),
    lambda: orders.pay(ALICE, BOB, 1, "CNY", channel="API"),
    lambda: orders.pay(ALICE, BOB, 1, "CNY", channel="a" * 17),
    lambda: orders.pay(ALICE, BOB, 1, "CNY", id=uuid4()),
    lambda: orders.redeem(ALICE, 1, "CNY", ""),
    lambda: orders.open_wallet(ALICE, BOB, "CNY", ""),
    lambda: orders.open_wallet(ALICE, BOB, "CNY", "a" * 17),
    lambda: orders.set_wallet_attribute(ALICE, "", 1),
    lambda: orders.set_wallet_attribute(ALICE, "ceiling", -1),
    lambda: orders.set_wallet_attribute(ALICE, "kind", ""),
    lambda: orders.record_event(ALICE, "Visit"),
    lambda: orders.register_key("b", KEY),
    lambda: orders.register_key("bank-1", KEY[:31]),
    lambda: orders.register_key("bank-1", KEY, valid_from=datetime(2026, 1, 1)),  # noqa: DTZ001
    lambda: orders.register_certificate("bank-1", DIGEST + b"\0"),
]


@pytest.mark.parametrize("make", REFUSED)
def test_what_no_ledger_would_take(make: Callable[[], Order]) -> None:
    with pytest.raises(ArgumentError):
        make()


def test_all_errors_are_of_one_hierarchy_and_closed() -> None:
    from specie import errors  # noqa: PLC0415

    found = [one for one in vars(errors).values() if isinstance(one, type)]
    raised = [one for one in found if issubclass(one, BaseException)]
    assert all(issubclass(one, SpecieError) for one in raised)
    open_ones = {one for one in raised if not getattr(one, "__final__", False)}
    assert open_ones == {errors.SpecieError, errors.DistrustError}


def test_a_file_without_a_certificate_is_refused(tmp_path: Path) -> None:
    from specie.certificates import spki_sha256  # noqa: PLC0415

    path = tmp_path / "none.pem"
    path.write_bytes(b"nothing")
    with pytest.raises(FileError, match="no certificate"):
        spki_sha256(path)
