"""Payment files: each line is paid once, wherever a run is cut off and whenever it is run again."""

import base64
import contextlib
import csv
import fcntl
import json
import os
import signal
import sys
import traceback
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from uuid import UUID, uuid4

import pytest
from conftest import ALICE, BOB, connect
from fake_ledger import HORIZON_US, Dropped, FakeLedger, ManualClock, Response, problem
from hypothesis import given
from hypothesis import strategies as st

from specie import (
    Key,
    Ledger,
    Settings,
    TrustFile,
    connection,
    durable,
    orders,
    payment_file,
    payment_journal,
    payments,
)
from specie import ledger as ledgers
from specie.clock import Clock
from specie.errors import (
    ArgumentError,
    FalseEntryError,
    FileError,
    NotTakenError,
    OutcomeUnknownError,
    SpecieError,
)
from specie.payments import Report

HEAD = "payer,payee,amount,reference,purpose"
SMALL = Settings(size=2)


def line(amount: str, reference: str = "", purpose: str = "") -> str:
    return f"{ALICE},{BOB},{amount},{reference},{purpose}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Three payments that pass and one that is refused."""
    return written(tmp_path / "payments.csv")


def written(path: Path) -> Path:
    lines = [HEAD, line("1.00", "one"), line("2.5", "two", "SALA"), line("1000.01", "too much"),
             line("1.00", "one")]  # fmt: skip
    path.write_text("\n".join(lines) + "\n")
    return path


def paid(fake: FakeLedger) -> Counter[tuple[int, str]]:
    return Counter((order.pay.amount, order.reference) for order in fake.executed())


ONCE = Counter({(100, "one"): 2, (250, "two"): 1})


def run(ledger: Ledger, path: Path, fake: FakeLedger, settings: Settings = SMALL) -> Report:
    return ledger.pay_file(path, [Key(fake.bank_key)], "bank-1", settings)


def result(path: Path) -> list[dict[str, str]]:
    with path.with_name(path.name + ".result.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def journal(path: Path) -> list[dict[str, Any]]:
    lines = path.with_name(path.name + ".journal").read_text().splitlines()
    return [json.loads(one) for one in lines]


def test_a_file_is_paid(ledger: Ledger, path: Path, fake: FakeLedger) -> None:
    report = run(ledger, path, fake)
    assert [payment.outcome for payment in report.payments] == [
        "accepted", "accepted", "rejected", "accepted",
    ]  # fmt: skip
    assert report.count("accepted") == 3
    assert paid(fake) == ONCE
    rows = result(path)
    assert [row["outcome"] for row in rows] == [one.outcome for one in report.payments]
    assert (rows[2]["code"], rows[2]["rule"], rows[2]["message"]) == (
        "limit_exceeded", "day", "too much",
    )  # fmt: skip
    assert {row["proven"] for row in rows} == {"yes"}
    assert rows[1]["purpose"] == "SALA"
    assert len(fake.posts) == 2
    assert not fake.asked


def test_a_second_run_sends_and_asks_nothing(ledger: Ledger, path: Path, fake: FakeLedger) -> None:
    first = run(ledger, path, fake)
    posts, before = len(fake.posts), result(path)
    path.with_name("payments.csv.result.csv").unlink()
    assert run(ledger, path, fake).payments == first.payments
    assert (len(fake.posts), fake.asked, result(path)) == (posts, [], before)


def test_all_ids_are_on_the_disk_before_the_first_byte(
    ledger: Ledger, path: Path, fake: FakeLedger
) -> None:
    def before(method: str, target: str) -> Response | None:
        if method == "POST" and not seen:
            seen.extend(journal(path))
        return None

    seen: list[dict[str, Any]] = []
    fake.before = before
    run(ledger, path, fake)
    assert seen[0]["format"] == "specie-payments-v1"
    assert [one["row"] for one in seen[1:]] == [1, 2, 3, 4]
    assert [one["id"] for one in seen[1:]] == [one["id"] for one in journal(path)[1:5]]


# Killed at every step.

MODULES = (payments, payment_file, payment_journal, durable, ledgers, connection)
STEPS = {module.__file__ for module in MODULES}


class Steps:
    """Counts steps, and kills at one: a line that runs, in the modules that decide, write and send.

    Of a line that runs often, the first two times are steps.
    """

    def __init__(self, fatal: int | None) -> None:
        self.count, self.fatal = 0, fatal
        self.seen: Counter[tuple[CodeType, int]] = Counter()

    def __call__(self, frame: FrameType, event: str, argument: object) -> "Steps | None":
        if frame.f_code.co_filename not in STEPS:
            return None
        if event == "line":
            line = (frame.f_code, frame.f_lineno)
            self.seen[line] += 1
            self.count += self.seen[line] <= 2
            if self.count == self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def run_in_child(url: str, trust: str, path: Path, key: Key, fatal: int | None) -> int | None:
    """Runs in another process, which ends at the given step; returns how many steps it had."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with Ledger.connect(url, trust=TrustFile.parse(trust)) as ledger:
                steps = Steps(fatal)
                sys.settrace(steps)
                ledger.pay_file(path, [key], "bank-1", SMALL)
                sys.settrace(None)
            os.write(writer, str(steps.count).encode())
            code = 0
        except BaseException:  # noqa: BLE001 - this process has nobody above it.
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as answer:
        count = answer.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return None
    assert os.WEXITSTATUS(status) == 0
    return int(count)


def test_killed_at_every_step_each_payment_is_made_once(tmp_path: Path) -> None:
    """Goal: no step at which a run is killed makes a payment twice, loses one, or is not gone over.

    Method: a run in a process of its own gets SIGKILL at its n-th line, for every n; then it is run
    again, to its end. Each has a fresh ledger, which takes what it was sent all the same.
    """
    steps = 0
    fatal: int | None = None
    while fatal is None or fatal <= steps:
        fake = FakeLedger(Clock())
        folder = tmp_path / str(fatal)
        folder.mkdir()
        path = written(folder / "payments.csv")
        key = Key(fake.bank_key)
        with fake.served() as url:
            count = run_in_child(url, fake.trust_text, path, key, fatal)
            if fatal is None:
                assert count is not None
                steps, fatal = count, 0
            else:
                assert count is None
                if fatal % 9 == 0:  # It may be killed more than once.
                    run_in_child(url, fake.trust_text, path, key, fatal // 2 + 1)
                assert run_in_child(url, fake.trust_text, path, key, None) is not None
        assert paid(fake) == ONCE, f"killed at step {fatal}"
        assert [row["outcome"] for row in result(path)] == [
            "accepted", "accepted", "rejected", "accepted",
        ]  # fmt: skip
        names = {one.name for one in folder.iterdir() if not one.name.endswith(".draft")}
        assert names == {"payments.csv", "payments.csv.journal", "payments.csv.result.csv"}
        fatal += 1
    assert steps > 300


# Interrupted by faults, at any time, and run again at any time.


def break_posts(fake: FakeLedger, faults: list[str]) -> None:
    left = list(faults)
    lost = False

    def before(method: str, target: str) -> Response | None:
        nonlocal lost
        fault = left.pop(0) if left else "fine"
        lost = fault == "lost answer"
        if fault == "lost":
            raise Dropped
        return problem(503, "overloaded", retry_after="30") if fault == "busy" else None

    def after(target: str, response: Response) -> Response:
        if lost:
            raise Dropped
        return response

    fake.before, fake.after = before, after


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(["lost", "lost answer", "busy", "fine"]), max_size=40),
            st.sampled_from(
                [0, 1, HORIZON_US // 2, HORIZON_US - 1, HORIZON_US + 1, 3 * 86_400 * 10**6]
            ),
        ),
        max_size=5,
    )
)
def test_whenever_it_is_run_again_each_payment_is_made_once(
    tmp_path_factory: pytest.TempPathFactory, runs: list[tuple[list[str], int]]
) -> None:
    """Goal: runs that fail, minutes or days apart, and one that does not, pay each line once."""
    clock = ManualClock()
    fake = FakeLedger(clock)
    path = written(tmp_path_factory.mktemp("payments") / "payments.csv")
    with connect(fake) as ledger:
        for faults, later in runs:
            break_posts(fake, faults)
            with contextlib.suppress(SpecieError):
                run(ledger, path, fake)
            assert paid(fake) <= ONCE
            clock.us += later
        break_posts(fake, [])
        report = run(ledger, path, fake, Settings(size=2, wait_seconds=2 * HORIZON_US / 1e6))
    assert report.count("open") == 0
    assert paid(fake) == ONCE
    assert [row["outcome"] for row in result(path)].count("accepted") == 3


def test_never_executed_gets_a_new_id_that_the_journal_has_first(
    ledger: Ledger, path: Path, fake: FakeLedger
) -> None:
    fake.before = lambda method, target: (
        problem(403, "signer_suspended") if method == "POST" else None
    )
    with pytest.raises(NotTakenError, match="signer_suspended"):
        run(ledger, path, fake)
    old = [one["id"] for one in journal(path)[1:]]
    assert [row["outcome"] for row in result(path)] == ["open"] * 4
    assert isinstance(fake.clock, ManualClock)
    fake.clock.us += HORIZON_US + 60_000_000
    fake.before = lambda method, target: None
    run(ledger, path, fake)
    assert fake.asked[:4] == old
    new = [one["id"] for one in journal(path)[5:9]]
    assert not set(new) & set(old)
    assert [row["id"] for row in result(path)] == new
    assert paid(fake) == ONCE


def test_what_is_not_yet_known_is_sent_again_under_its_own_id(
    ledger: Ledger, path: Path, fake: FakeLedger
) -> None:
    fake.before = lambda method, target: Response(500, b"{}") if method == "POST" else None
    with pytest.raises(OutcomeUnknownError):
        run(ledger, path, fake)
    old = [one["id"] for one in journal(path)[1:]]
    fake.before = lambda method, target: None
    run(ledger, path, fake)
    assert [row["id"] for row in result(path)] == old
    assert paid(fake) == ONCE


def test_what_stays_unknown_is_reported_as_open(
    ledger: Ledger, path: Path, fake: FakeLedger
) -> None:
    """A ledger whose time stands still does not say `never_executed`, and takes no old id."""
    fake.before = lambda method, target: problem(403, "no") if method == "POST" else None
    with pytest.raises(NotTakenError):
        run(ledger, path, fake)
    fake.before = lambda method, target: None
    behind = ManualClock()
    behind.us = fake.clock.now_us() - 100 * 10**6
    fake.clock.us += HORIZON_US  # type: ignore[attr-defined]
    own, fake.clock = fake.clock, behind
    with connect(fake) as other:
        other.clock = own
        other._connection.clock = own
        report = run(other, path, fake)
    assert report.count("open") == 4
    assert 55 <= sum(own.slept) <= 61  # type: ignore[attr-defined]
    assert not fake.posts
    fake.clock = own
    with connect(fake) as other:
        own.us += 60_000_000  # type: ignore[attr-defined]
        assert run(other, path, fake).count("open") == 0
    assert paid(fake) == ONCE


def test_ids_that_grew_old_while_the_file_was_sent_are_asked_for(
    ledger: Ledger, path: Path, fake: FakeLedger
) -> None:
    """`id_too_old` does not say that an order never ran."""

    def sign(*arguments: Any) -> Any:
        if len(fake.posts) == 1:
            fake.clock.us += HORIZON_US + 1  # type: ignore[attr-defined]
        return own(*arguments)

    own = ledger.sign
    ledger.sign = sign  # type: ignore[assignment, method-assign]
    report = run(ledger, path, fake)
    assert report.count("open") == 0
    assert paid(fake) == ONCE
    assert len(fake.asked) == 2


def test_an_executed_order_is_proven_before_it_is_believed(
    ledger: Ledger, path: Path, fake: FakeLedger
) -> None:
    fake.before = lambda method, target: problem(403, "no") if method == "POST" else None
    with pytest.raises(NotTakenError):
        run(ledger, path, fake)
    fake.before = lambda method, target: None

    def lie(target: str, response: Response) -> Response:
        if "/instructions/" not in target:
            return response
        members = json.loads(response.body) | {"status": "executed", "outcome": "accepted"}
        return Response(200, json.dumps(members | {"sequence": 0, "first_sequence": 0}).encode())

    fake.after = lie
    with pytest.raises(FalseEntryError):
        run(ledger, path, fake)
    assert [row["outcome"] for row in result(path)] == ["open"] * 4


def test_a_certificate_that_may_not_read_pays_without_proof(
    ledger: Ledger, path: Path, fake: FakeLedger
) -> None:
    fake.before = lambda method, target: problem(403, "no") if "/proof/" in target else None
    report = run(ledger, path, fake, Settings(verify=False))
    assert report.count("open") == 0
    assert {row["proven"] for row in result(path)} == {"no"}


# Files and journals that are not what they should be.


@pytest.mark.parametrize(
    ("text", "number", "message"),
    [
        ("", 1, "head"),
        (HEAD + "\n", None, "no payments"),
        ("payer,payee\n", 1, "head"),
        (HEAD + ",id\n", 1, "head"),
        (HEAD + ",payer\n", 1, "head"),
        (f"{HEAD}\n{line('1')}\n{line('1.005')}\n", 3, "digits after the point"),
        (f"{HEAD}\n{line('0')}\n", 2, "no amount"),
        (f"{HEAD}\n{line('1')},more\n", 2, "6 fields"),
        (f"{HEAD}\n{line('1')}\n\n{line('1')}\n", 3, "0 fields"),
        (f"{HEAD}\n{ALICE},bob,1,,\n", 2, "`bob` is no account"),
        (f"{HEAD}\n{ALICE},{BOB.hex},1,,\n", 2, "no account as"),
        (f"{HEAD}\n{line('1', 'a' * 36)}\n", 2, "35 bytes"),
        (f"{HEAD}\n{line('1', '', 'sala')}\n", 2, "purpose"),
        (f"{HEAD}\n{line('1', chr(34) + 'open')}\n", 2, "end of data"),
        (f"{HEAD}\n{line('1', 'a' + chr(0))}\n", 2, "control"),
    ],
)
def test_a_file_is_checked_before_anything_is_sent(
    text: str, number: int | None, message: str, ledger: Ledger, fake: FakeLedger, tmp_path: Path
) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(text)
    with pytest.raises(FileError, match=message) as caught:
        run(ledger, path, fake)
    assert caught.value.line == number
    assert [one.name for one in tmp_path.iterdir()] == ["payments.csv"]
    assert not fake.posts


def test_columns_may_stand_in_any_order_and_a_mark_before_them(
    ledger: Ledger, fake: FakeLedger, tmp_path: Path
) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(f"\ufeffamount,payee,payer\r\n3,{BOB},{str(ALICE).upper()}\r\n")
    assert run(ledger, path, fake).count("accepted") == 1
    assert paid(fake) == Counter({(300, ""): 1})


def test_other_files_ledgers_and_parties_are_not_paid_by_a_journal(
    ledger: Ledger, path: Path, fake: FakeLedger
) -> None:
    run(ledger, path, fake)
    text = path.read_text()
    path.write_text(text + line("1") + "\n")
    with pytest.raises(FileError, match="file_sha256"):
        run(ledger, path, fake)
    path.write_text(text)
    with pytest.raises(FileError, match="party"):
        ledger.pay_file(path, [Key.make()], "bank-2", SMALL)
    with pytest.raises(FileError, match="channel"):
        run(ledger, path, fake, Settings(channel="desk"))
    other = FakeLedger(fake.clock, log_seed=bytes([7] * 32))
    with connect(other) as elsewhere, pytest.raises(FileError, match="ledger"):
        run(elsewhere, path, other)
    with pytest.raises(ArgumentError, match="1 to 10,000"):
        run(ledger, path, fake, Settings(size=0))
    with pytest.raises(ArgumentError, match="does not name one of `CNY`"):
        run(ledger, path, fake, Settings(currency="EUR"))


def test_a_torn_last_line_of_a_journal_is_no_line(
    ledger: Ledger, path: Path, fake: FakeLedger
) -> None:
    run(ledger, path, fake)
    kept = path.with_name("payments.csv.journal")
    whole = kept.read_bytes()
    lines = whole.splitlines(keepends=True)
    began = len(b"".join(lines[:5]))
    posts = len(fake.posts)
    for cut in range(began, len(whole), 5):
        kept.write_bytes(whole[:cut])
        assert run(ledger, path, fake).count("open") == 0
        assert paid(fake) == ONCE
    assert len(fake.posts) == posts  # What was executed is proven, and not sent again.
    kept.write_bytes(whole + bytes(40))
    assert run(ledger, path, fake).count("open") == 0
    assert kept.read_bytes() == whole


def with_amount(line: bytes, amount: int) -> bytes:
    """A line that issues another amount than its row orders, under the same id."""
    members = json.loads(line)
    id = UUID(members["id"])
    order = orders.pay(ALICE, BOB, amount, "CNY", id=id, reference="one")
    members["order"] = base64.b64encode(order.encoded).decode()
    return json.dumps(members).encode() + b"\n"


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [*lines[:2], b"rubbish\n", *lines[2:]],
        lambda lines: [*lines[:2], b"[]\n", *lines[2:]],
        lambda lines: lines[:3],
        lambda lines: lines[1:],
        lambda lines: [lines[0], lines[1].replace(b'"row": 1', b'"row": 9'), *lines[2:]],
        lambda lines: [
            *lines,
            b'{"decided": "%s", "outcome": "accepted"}\n' % str(uuid4()).encode(),
        ],
        lambda lines: [lines[0], lines[1].replace(b'"id": "0', b'"id": "1'), *lines[2:]],
        lambda lines: [],
        lambda lines: [*lines[:5], lines[1], *lines[5:]],  # An id is issued once.
        lambda lines: [lines[0], lines[2].replace(b'"row": 2', b'"row": 1'), *lines[2:]],
        lambda lines: [lines[0], with_amount(lines[1], 90000), *lines[2:]],
    ],
)
def test_a_damaged_journal_is_refused(
    damage: Any, ledger: Ledger, path: Path, fake: FakeLedger
) -> None:
    run(ledger, path, fake)
    kept = path.with_name("payments.csv.journal")
    kept.write_bytes(b"".join(damage(kept.read_bytes().splitlines(keepends=True))))
    posts = len(fake.posts)
    with pytest.raises(FileError):
        run(ledger, path, fake)
    assert len(fake.posts) == posts


def test_two_runs_do_not_pay_one_file_at_once(ledger: Ledger, path: Path, fake: FakeLedger) -> None:
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(FileError, match="another run"):
            run(ledger, path, fake)
    assert run(ledger, path, fake).count("open") == 0
    assert UUID(result(path)[0]["id"]).version == 7


def test_a_journal_that_began_meanwhile_is_not_overwritten(
    ledger: Ledger, path: Path, fake: FakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run, of another file under the same name, begins it between look and creation."""

    def issue(file: payment_file.PaymentFile, clock: Clock) -> list[payment_file.Payment]:
        kept.write_bytes(b"of another run\n")
        return own(file, clock)

    kept, own = path.with_name("payments.csv.journal"), payment_file.PaymentFile.issue
    monkeypatch.setattr(payment_file.PaymentFile, "issue", issue)
    with pytest.raises(FileError, match="another run"):
        run(ledger, path, fake)
    assert kept.read_bytes() == b"of another run\n"
    assert not fake.posts
    assert not list(path.parent.glob(".*"))


def test_two_runs_do_not_have_one_journal_at_once(
    ledger: Ledger, path: Path, fake: FakeLedger
) -> None:
    """The file was replaced by its like, so that its lock is another one."""

    def before(method: str, target: str) -> Response | None:
        if method == "POST" and not seen:
            seen.append(method)
            copy = path.with_name("copy")
            copy.write_bytes(path.read_bytes())
            copy.replace(path)
            with pytest.raises(FileError, match="another run"):
                run(ledger, path, fake)
        return None

    seen: list[str] = []
    fake.before = before
    run(ledger, path, fake)
    assert seen
    assert paid(fake) == ONCE


@pytest.mark.parametrize("name", ["payments.csv", "payments.csv.journal"])
def test_what_was_replaced_meanwhile_is_not_paid(
    name: str, ledger: Ledger, path: Path, fake: FakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replaced(folder: Path) -> None:
        own(folder)
        copy = path.with_name("copy")
        copy.write_bytes(path.with_name(name).read_bytes())
        copy.replace(path.with_name(name))

    own = durable.sync_folder
    monkeypatch.setattr(durable, "sync_folder", replaced)
    with pytest.raises(FileError, match="replaced"):
        run(ledger, path, fake)
    assert not fake.posts


def test_a_journal_that_cannot_be_seen_is_not_none(
    ledger: Ledger, path: Path, fake: FakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = path.with_name("payments.csv.journal")
    kept.symlink_to("elsewhere/payments.csv.journal")
    with pytest.raises(FileError, match="leads to no file"):
        run(ledger, path, fake)
    kept.unlink()

    def fail(path: Path) -> os.stat_result:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(os, "lstat", fail)
        with pytest.raises(PermissionError):
            run(ledger, path, fake)
    assert not kept.exists()
    assert not fake.posts


def test_a_link_to_a_file_is_that_file(ledger: Ledger, path: Path, fake: FakeLedger) -> None:
    run(ledger, path, fake)
    link = path.with_name("today.csv")
    link.symlink_to(path)
    posts = len(fake.posts)
    assert run(ledger, link, fake).result == path.with_name("payments.csv.result.csv")
    assert len(fake.posts) == posts
    assert not link.with_name("today.csv.journal").exists()


def test_results_that_cannot_be_written_do_not_hide_what_failed(
    ledger: Ledger, path: Path, fake: FakeLedger
) -> None:
    path.with_name("payments.csv.result.csv").mkdir()
    fake.before = lambda method, target: problem(403, "no") if method == "POST" else None
    with pytest.raises(NotTakenError) as caught:
        run(ledger, path, fake)
    assert "payments.csv.result.csv" in caught.value.__notes__[0]
