"""Submitting: however requests fail, orders are executed once, and errors say how they stand."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from conftest import ALICE, BOB, connect
from fake_ledger import Dropped, FakeLedger, ManualClock, Response, problem
from hypothesis import given
from hypothesis import strategies as st

from specie import Executed, Key, Ledger, NotYetKnown, Receipt, Rejected, orders
from specie.errors import (
    ArgumentError,
    FalseReceiptError,
    FileError,
    MalformedAnswerError,
    NotProvenError,
    NotTakenError,
    OutcomeUnknownError,
    RefusedError,
    SpecieError,
)
from specie.v1 import api_pb2


def pay(amount: int = 100) -> orders.Order:
    return orders.pay(ALICE, BOB, amount, "CNY")


def test_outcomes_are_told_and_proven(ledger: Ledger, key: Key, fake: FakeLedger) -> None:
    first = pay()
    receipt = ledger.submit([first, pay(100_001)], [key], "bank-1")
    accepted, rejected = receipt.outcomes
    assert accepted.accepted
    assert accepted.proven
    assert (rejected.result, rejected.message) == (
        Rejected("limit_exceeded", "day", "test"),
        "too much",
    )
    assert receipt.checkpoint is not None
    copy = ledger.submit([pay(), first], [key], "bank-1").outcomes[1]
    assert copy.duplicate
    assert copy.accepted
    assert copy.proven
    assert copy.first_sequence == accepted.sequence
    assert len(fake.executed()) == 2


# What can happen to one request.


def lost(fake: FakeLedger, method: str, target: str) -> Response | None:
    raise Dropped


def busy(fake: FakeLedger, method: str, target: str) -> Response | None:
    return problem(503, "overloaded", retry_after="2")


def taken_and_lost(fake: FakeLedger, method: str, target: str) -> Response | None:
    if method == "POST":
        fake.losing = True  # type: ignore[attr-defined]
        return None
    raise Dropped


def gateway(fake: FakeLedger, method: str, target: str) -> Response | None:
    return Response(502, b"<html>bad gateway</html>")


def broken(fake: FakeLedger, method: str, target: str) -> Response | None:
    return problem(500, "internal")


def refused(fake: FakeLedger, method: str, target: str) -> Response | None:
    return problem(403, "signer_suspended")


def fine(fake: FakeLedger, method: str, target: str) -> Response | None:
    return None


PASSING = [lost, busy, taken_and_lost, gateway, fine]
LASTING = [broken, refused]


def apply(fake: FakeLedger, faults: list[Callable[..., Response | None]]) -> None:
    """Lets each of the next posts meet its fault; those after them are fine."""
    left = list(faults)

    def before(method: str, target: str) -> Response | None:
        if method == "POST" and left:
            return left.pop(0)(fake, method, target)
        return None

    def after(target: str, response: Response) -> Response:
        if getattr(fake, "losing", False):
            fake.losing = False  # type: ignore[attr-defined]
            raise Dropped
        return response

    fake.before, fake.after = before, after


@given(st.lists(st.sampled_from(PASSING + LASTING), max_size=6), st.integers(1, 4))
def test_orders_are_executed_once_or_the_error_says_how_they_stand(
    faults: list[Callable[..., Response | None]], count: int
) -> None:
    """Goal: the same bytes are sent, executed at most once, and no error claims what is not so."""
    clock = ManualClock()
    fake = FakeLedger(clock)
    key = Key(fake.bank_key)
    with connect(fake) as ledger:
        apply(fake, faults)
        submission = ledger.sign([pay() for _ in range(count)], [key], "bank-1")
        began = clock.us
        try:
            receipt = ledger.send(submission)
        except NotTakenError as error:
            assert not fake.executed()
            assert isinstance(error.cause, RefusedError)
        except OutcomeUnknownError as error:
            assert error.submission is submission
            # What to do then: the same bytes, once the server is well.
            fake.before, fake.after = lambda m, t: None, lambda t, r: r
            assert all(outcome.accepted for outcome in ledger.send(submission).outcomes)
        else:
            assert all(outcome.accepted and outcome.proven for outcome in receipt.outcomes)
        assert set(fake.posts) <= {submission.encoded}
        executed = Counter(UUID(bytes=one.id) for one in fake.executed())
        assert all(number == 1 for number in executed.values())
        assert executed.keys() <= set(submission.ids)
        assert clock.us - began <= 61_000_000


def test_a_retry_waits_as_long_as_it_is_told(ledger: Ledger, key: Key, fake: FakeLedger) -> None:
    apply(fake, [busy, busy])
    ledger.submit([pay()], [key], "bank-1")
    assert isinstance(fake.clock, ManualClock)
    assert fake.clock.slept[:2] == [2, 2]


def test_it_gives_up_at_its_deadline(ledger: Ledger, key: Key, fake: FakeLedger) -> None:
    apply(fake, [busy] * 100)
    with pytest.raises(NotTakenError, match="overloaded"):
        ledger.submit([pay()], [key], "bank-1")
    assert 50 <= sum(fake.clock.slept) <= 60  # type: ignore[attr-defined]
    apply(fake, [lost] * 10_000)
    with pytest.raises(OutcomeUnknownError, match="is not known"):
        ledger.submit([pay()], [key], "bank-1")
    apply(fake, [lambda *_: problem(503, "stopping", retry_after="3600")])
    with pytest.raises(NotTakenError, match="stopping"):
        ledger.submit([pay()], [key], "bank-1")


def test_a_submission_that_expired_after_a_lost_try_is_unknown(
    ledger: Ledger, key: Key, fake: FakeLedger
) -> None:
    """The server says that it took nothing now, and not that it did not the first time."""
    apply(fake, [taken_and_lost, lambda *_: problem(409, "statement_expired")])
    order = pay()
    with pytest.raises(OutcomeUnknownError):
        ledger.submit([order], [key], "bank-1")
    assert len(fake.executed()) == 1
    # Known not to be taken, where each try was answered.
    apply(fake, [busy, lambda *_: problem(409, "statement_expired")])
    with pytest.raises(NotTakenError, match="statement_expired"):
        ledger.submit([pay()], [key], "bank-1")


def test_a_receipt_that_cannot_be_proven_is_kept(
    ledger: Ledger, key: Key, fake: FakeLedger
) -> None:
    fake.before = lambda method, target: (
        problem(403, "certificate_reads_nothing") if "/proof/" in target else None
    )
    with pytest.raises(NotProvenError, match="certificate_reads_nothing") as caught:
        ledger.submit([pay()], [key], "bank-1")
    assert caught.value.receipt.outcomes[0].accepted
    assert not caught.value.receipt.outcomes[0].proven
    fake.before = lambda method, target: None
    assert ledger.verify(caught.value.receipt).outcomes[0].proven
    receipt = ledger.submit([pay()], [key], "bank-1", verify=False)
    assert not receipt.outcomes[0].proven
    fake.checkpoint_lag = 1
    with pytest.raises(NotProvenError, match="did not come in time"):
        ledger.submit([pay()], [key], "bank-1")


def test_what_is_no_receipt_is_unknown_and_what_fits_not_is_false(
    ledger: Ledger, key: Key, fake: FakeLedger
) -> None:
    fake.after = lambda target, response: (
        Response(200, b"\xff\xff") if target == "/v1/submissions" else response
    )
    with pytest.raises(OutcomeUnknownError, match="no receipt") as caught:
        ledger.submit([pay()], [key], "bank-1")
    assert isinstance(caught.value.cause, MalformedAnswerError)

    def altered(change: Callable[[api_pb2.SubmissionReceipt], object]) -> None:
        def after(target: str, response: Response) -> Response:
            if target != "/v1/submissions":
                return response
            receipt = api_pb2.SubmissionReceipt.FromString(response.body)
            change(receipt)
            return Response(200, receipt.SerializeToString())

        fake.after = after
        with pytest.raises(FalseReceiptError):
            ledger.submit([pay()], [key], "bank-1")

    altered(lambda receipt: receipt.instructions.pop())
    altered(lambda receipt: receipt.instructions.append(receipt.instructions[0]))
    altered(lambda receipt: setattr(receipt.instructions[0], "id", bytes(16)))
    altered(lambda receipt: setattr(receipt.instructions[0], "sequence", 1))
    altered(lambda receipt: setattr(receipt.instructions[0], "first_sequence", 0))
    altered(lambda receipt: setattr(receipt.instructions[0], "first_sequence", 10**6))
    altered(lambda receipt: setattr(receipt, "sequence", receipt.sequence + 1))
    altered(lambda receipt: setattr(receipt, "sequence", 2**63))
    altered(lambda receipt: receipt.instructions[0].ClearField("accepted"))
    altered(lambda receipt: receipt.instructions[0].accepted.remarks.add(pack="p", rule="r"))
    altered(lambda receipt: receipt.instructions[0].accepted.remarks.add(kind=9, pack="p"))


def test_orders_that_cannot_be_sent_are_not(ledger: Ledger, key: Key, fake: FakeLedger) -> None:
    for made in ([], [pay()] * 2):
        with pytest.raises(ArgumentError):
            ledger.submit(made, [key], "bank-1")
    assert not fake.posts
    stranger = Key.make()
    with pytest.raises(NotTakenError, match="bad_signature"):
        ledger.submit([pay()], [stranger], "bank-1")


def test_a_statement_lives_as_long_as_the_ledger_allows(ledger: Ledger, key: Key) -> None:
    now = ledger.clock.now_us()
    assert ledger.sign([pay()], [key], "bank-1").expiry_us == now + 540_000_000
    assert ledger.sign([pay()], [key], "bank-1", 10**6).expiry_us == now + 540_000_000
    assert ledger.sign([pay()], [key], "bank-1", 0.5).expiry_us == now + 500_000
    assert ledger.sign([pay()], [key], "issuer", 10**6).expiry_us == now + 5_400_000_000


def test_a_status_is_asked_for_and_proven(ledger: Ledger, key: Key, fake: FakeLedger) -> None:
    order = pay()
    assert isinstance(ledger.status(order.id), NotYetKnown)
    ledger.submit([order], [key], "bank-1")
    status = ledger.status(order.id, "bank-1")
    assert isinstance(status, Executed)
    assert ledger.prove(status, order).instruction == order.encoded
    assert ledger.prove(status).sequence == status.first_sequence
    with pytest.raises(SpecieError, match="another order"):
        ledger.prove(status, pay())


def test_receipts_are_kept_in_files(
    ledger: Ledger, key: Key, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("receipts") / "receipt"
    receipt = ledger.submit([pay(), pay(100_001)], [key], "bank-1")
    receipt.write(path)
    read = Receipt.read(path)
    assert [one.proven for one in read.outcomes] == [False, False]
    assert ledger.verify(read).outcomes == receipt.outcomes
    text = path.read_text()
    for wrong in (
        "",
        "[]",
        "{}",
        text.replace("v1", "v2"),
        text.replace("AAAA", "AAAB"),
        text[:-9],
    ):
        path.write_text(wrong)
        if wrong != text:
            with pytest.raises(FileError):
                Receipt.read(path)
