"""The whole story, against the real server under TLS: what a bank does on its first day."""

import csv
import itertools
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from real_server import PASSPHRASE, World, build, settlement_account

from specie import (
    TLS,
    Executed,
    Key,
    Ledger,
    NotYetKnown,
    Options,
    Outcome,
    Receipt,
    Rejected,
    TrustFile,
    new_id,
    orders,
)
from specie.certificates import spki_sha256
from specie.errors import (
    NotProvenError,
    NotTakenError,
    RefusedError,
    TLSError,
    UnreachableError,
    WentBackError,
)

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("world"))
    try:
        build(made)
        yield made
    finally:
        made.stop()


@pytest.fixture
def icbc(world: World) -> Iterator[Ledger]:
    with world.connect("icbc") as ledger:
        yield ledger


@pytest.fixture(scope="module")
def wallets(world: World) -> tuple[UUID, UUID]:
    """One of each bank; the first has 1,000.00."""
    first, second = uuid4(), uuid4()
    with world.connect("icbc") as ledger:
        own = settlement_account(ledger, "icbc")
        made = [
            orders.open_wallet(first, uuid4(), "CNY", "basic"),
            orders.fund(own, first, 1_000_00, "CNY"),
        ]
        receipt = ledger.submit(made, [world.key("icbc")], "icbc")
        assert [(one.accepted, one.proven) for one in receipt.outcomes] == [(True, True)] * 2
    with world.connect("boc") as ledger:
        made = [orders.open_wallet(second, uuid4(), "CNY", "basic")]
        assert ledger.submit(made, [world.key("boc")], "boc").outcomes[0].accepted
    return first, second


def test_each_order_of_a_bank_is_taken(
    world: World, icbc: Ledger, wallets: tuple[UUID, UUID]
) -> None:
    """Goal: the server decodes what is encoded here as what was meant, and proves its outcomes."""
    first, second = wallets
    own, other = settlement_account(icbc, "icbc"), settlement_account(icbc, "boc")
    key, new, newer, third = world.key("icbc"), Key.make(), Key.make(), uuid4()
    digest = bytes(range(32))
    made = [
        orders.pay(first, second, 12_50, "CNY", reference="invoice 7", purpose="SUPP"),
        orders.cash_out(first, own, 5_00, "CNY", channel="desk"),
        orders.settle(own, other, 1_00, "CNY"),
        orders.redeem(own, 2_00, "CNY", "RTGS-redeem-1"),
        orders.open_wallet(third, uuid4(), "CNY", "basic"),
        orders.link_account(third, own),
        orders.link_account(third, None),
        orders.list_payee(third, second),
        orders.unlist_payee(third, second),
        orders.set_wallet_tier(third, "other"),
        orders.close_wallet(third),
        orders.register_key("icbc", new.public),
        orders.rotate_key("icbc", new.public, newer.public),
        orders.suspend_key("icbc", newer.public),
        orders.revoke_key("icbc", newer.public),
        orders.register_certificate("icbc", digest),
        orders.revoke_certificate("icbc", digest),
        # Refused, by the ledger's state.
        orders.pay(first, second, 10_000_00, "CNY"),
        orders.record_event(first, "visit"),
        orders.set_wallet_attribute(first, "ceiling", 5),
        orders.close_wallet(first),
        orders.revoke_key("icbc", newer.public),
    ]
    receipt = icbc.submit(made, [key], "icbc")
    assert [one.accepted for one in receipt.outcomes[:17]] == [True] * 17, receipt.outcomes
    codes = [one.result.code for one in receipt.outcomes[17:] if isinstance(one.result, Rejected)]
    assert codes == ["insufficient_funds", "event_unknown", "attribute_unknown", "balance_not_zero",
                     "key_revoked"]  # fmt: skip
    assert all(one.proven for one in receipt.outcomes)
    assert all(one.message for one in receipt.outcomes[17:])


def test_readings(world: World, icbc: Ledger, wallets: tuple[UUID, UUID]) -> None:
    first, second = wallets
    key = world.key("icbc")
    order = orders.pay(first, second, 1_00, "CNY", reference="\u4e2d\u6587 \u00e4")
    sequence = icbc.submit([order], [key], "icbc").outcomes[0].sequence
    access = icbc.access()
    assert access.readers == ("icbc",)
    assert access.certificate == spki_sha256(world.folder / "tls" / "icbc.pem")
    account = icbc.account(first)
    assert (account.kind, account.participant, account.currency) == ("wallet", "icbc", "CNY")
    line = next(icbc.statement(first))
    assert (line.sequence, line.id, line.change, line.balance) == (
        sequence, order.id, -1_00, account.balance,
    )  # fmt: skip
    assert (line.counterparty, line.reference) == (second, "\u4e2d\u6587 \u00e4")
    with pytest.raises(RefusedError, match="not_found"):
        icbc.account(second)
    assert [one.code for one in icbc.participants()] == ["icbc", "boc"]
    supply = icbc.supply()[0]
    assert (supply.currency, supply.exponent, supply.issued) == ("CNY", 2, 20_000_00)
    info = icbc.info()
    assert info.size >= icbc.checkpoint().size
    status = icbc.status(order.id)
    assert isinstance(status, Executed)
    assert icbc.prove(status, order).sequence == sequence
    assert isinstance(icbc.status(new_id()), NotYetKnown)


def test_a_statement_of_many_pages(world: World, icbc: Ledger, wallets: tuple[UUID, UUID]) -> None:
    first, second = wallets
    made = [orders.pay(first, second, 1, "CNY") for _ in range(1100)]
    receipt = icbc.submit(made, [world.key("icbc")], "icbc")
    assert sum(one.proven for one in receipt.outcomes) == 64
    lines = list(icbc.statement(first))
    assert [line.id for line in lines[:1100]] == [order.id for order in reversed(made)]
    assert len(lines) == icbc.account(first).entry_count
    for later, earlier in itertools.pairwise(lines):
        assert earlier.balance + later.change == later.balance


def test_the_same_bytes_are_one_submission_and_the_same_order_one_order(
    world: World, icbc: Ledger, wallets: tuple[UUID, UUID], tmp_path: Path
) -> None:
    key = world.key("icbc")
    order = orders.pay(*wallets, 1_00, "CNY")
    submission = icbc.sign([order], [key], "icbc")
    first, again = icbc.send(submission), icbc.send(submission)
    assert (first.sequence, first.outcomes) == (again.sequence, again.outcomes)
    copy = icbc.submit([order], [key], "icbc").outcomes[0]
    assert (copy.duplicate, copy.first_sequence) == (True, first.outcomes[0].sequence)
    first.write(tmp_path / "receipt")
    assert icbc.verify(Receipt.read(tmp_path / "receipt")).outcomes == first.outcomes
    with pytest.raises(NotTakenError, match="signer_unknown"):
        icbc.submit([orders.pay(*wallets, 1, "CNY")], [Key.make()], "icbc")
    with pytest.raises(NotTakenError, match="statement_expired"):
        icbc.submit([orders.pay(*wallets, 1, "CNY")], [key], "icbc", lifetime_seconds=-1)


def test_who_may_connect_and_read(world: World, icbc: Ledger, wallets: tuple[UUID, UUID]) -> None:
    trust = world.folder / "ledger" / "trust"
    files = world.folder / "tls"
    own = TLS(files / "ca.pem", files / "icbc.pem", files / "icbc.key")
    with pytest.raises(TLSError, match="certificate required"):
        Ledger.connect(world.url, trust=trust, tls=TLS(files / "ca.pem"))
    with pytest.raises(TLSError, match=r"self-signed|issuer"):
        Ledger.connect(world.url, trust=trust, tls=TLS(None, own.certificate, own.key))
    with pytest.raises(UnreachableError):
        Ledger.connect(
            world.url.replace("https", "http"), trust=trust, options=Options(request_seconds=1)
        )
    order = orders.pay(*wallets, 1, "CNY")
    with world.connect("stranger") as stranger:
        with pytest.raises(RefusedError, match="certificate_reads_nothing"):
            stranger.supply()
        # Whoever brings signed orders may, and is not shown what became of them but in the receipt.
        with pytest.raises(NotProvenError) as caught:
            stranger.submit([order], [world.key("icbc")], "icbc")
    assert icbc.verify(caught.value.receipt).outcomes[0].proven
    with world.connect("boc") as boc, pytest.raises(RefusedError, match="another_party"):
        boc.status(order.id, "icbc")


def test_key_files_are_those_of_the_program(world: World, tmp_path: Path) -> None:
    made = Key.make()
    made.write(tmp_path / "made.key", PASSPHRASE)
    assert made.public.hex() in world.run("key", "show", str(tmp_path / "made.key"))
    assert world.key("icbc").public.hex() in world.run("key", "show", "icbc.key")


def test_orders_are_followed_though_the_server_is_killed(
    world: World, icbc: Ledger, wallets: tuple[UUID, UUID]
) -> None:
    def submit(count: int) -> list[Outcome]:
        made = [orders.pay(*wallets, 1, "CNY", reference=f"followed {n}") for n in range(count)]
        made.append(orders.pay(*wallets, 10**9, "CNY"))
        with world.connect("icbc") as other:
            return list(other.submit(made, [world.key("icbc")], "icbc").outcomes)

    stream = icbc.follow(icbc.info().size - 1, account=wallets[0], kinds=["pay"])
    outcomes = submit(3)
    events = [next(stream) for _ in outcomes]
    world.stop(signal.SIGKILL)
    serve(world)
    outcomes += submit(2)
    events += [next(stream) for _ in range(3)]
    assert [one.sequence for one in events] == [one.sequence for one in outcomes]
    assert [one.id for one in events] == [one.id for one in outcomes]
    assert [one.result for one in events] == [one.result for one in outcomes]
    assert events[0].effects[0].account == wallets[0]
    assert (events[0].amount, events[0].payee, events[0].reference) == (1, wallets[1], "followed 0")
    stream.close()


def payments_file(folder: Path, wallets: tuple[UUID, UUID], count: int) -> Path:
    path = folder / "payments.csv"
    lines = [f"{wallets[0]},{wallets[1]},0.01,row {row},SALA" for row in range(count)]
    path.write_text("payer,payee,amount,reference,purpose\n" + "\n".join(lines) + "\n")
    return path


def references(ledger: Ledger, wallet: UUID, prefix: str) -> list[str]:
    return sorted(one.reference for one in ledger.statement(wallet) if prefix in one.reference)


def test_a_file_is_paid_once_though_client_and_server_are_killed(
    world: World, icbc: Ledger, wallets: tuple[UUID, UUID], tmp_path: Path
) -> None:
    """Goal: each line is paid once, though the client is killed thrice and the server once."""
    path = payments_file(tmp_path, wallets, 300)
    arguments = ["pay-file", str(path), "--as", "icbc", "--key", "icbc.key", "--size", "20"]
    for delay in (0.6, 0.8, 1.0):
        client = subprocess.Popen(
            [sys.executable, "-m", "specie", *arguments],
            cwd=world.folder, env=cli(world), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(delay)
        if delay == 0.8:
            world.stop(signal.SIGKILL)
            serve(world)
        client.kill()
        client.wait()
    done = specie(world, *arguments)
    assert "300 accepted, 0 rejected, 0 open" in done.stdout, done.stderr
    expected = sorted(f"row {row}" for row in range(300))
    with world.connect("icbc") as ledger:
        assert references(ledger, wallets[0], "row ") == expected
    with path.with_name("payments.csv.result.csv").open(newline="") as file:
        assert [row["outcome"] for row in csv.DictReader(file)] == ["accepted"] * 300
    assert icbc.pay_file(path, [], "icbc").count("accepted") == 300


def serve(world: World) -> None:
    world.serve("--tls-certificate", "tls/server.pem", "--tls-key", "tls/server.key",
                "--client-ca", "tls/ca.pem")  # fmt: skip


def cli(world: World) -> dict[str, str]:
    files = world.folder / "tls"
    return {
        **world.environment,
        "SPECIE_CA": str(files / "ca.pem"),
        "SPECIE_CERTIFICATE": str(files / "icbc.pem"),
        "SPECIE_CERTIFICATE_KEY": str(files / "icbc.key"),
        "SPECIE_CHECKPOINT": str(world.folder / "seen-by-python"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def specie(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `python -m specie`."""
    return subprocess.run(
        [sys.executable, "-m", "specie", *arguments],
        cwd=world.folder, env=cli(world), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_command_line(world: World, wallets: tuple[UUID, UUID], tmp_path: Path) -> None:
    first, second = map(str, wallets)
    kept = str(tmp_path / "receipt")
    done = specie(world, "pay", first, second, "1.50", "CNY", "--as", "icbc", "--key", "icbc.key",
                  "--reference", "by hand", "--receipt", kept, "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    paid = json.loads(done.stdout)
    assert (paid["outcome"], paid["proven"]) == ("accepted", True)
    assert done.stderr == f"id {paid['id']}\n"
    assert specie(world, "verify", kept).stdout.endswith("proven\n")
    status = json.loads(specie(world, "status", paid["id"], "--json").stdout)
    assert (status["status"], status["proven"]) == ("executed", True)
    balance = json.loads(specie(world, "balance", first, "--json").stdout)
    statement = specie(world, "statement", first, "--limit", "1", "--json").stdout
    line = json.loads(statement)
    assert (line["change"], line["balance"]) == ("-1.50", balance["balance"])
    assert "(by hand)" in specie(world, "statement", first, "--limit", "1").stdout
    assert "reads for icbc" in specie(world, "access").stdout
    # As `specie` itself says it.
    own = world.run("statement", first, "--ca", "tls/ca.pem", "--certificate", "tls/icbc.pem",
                    "--certificate-key", "tls/icbc.key")  # fmt: skip
    assert "by hand" in own
    refused = specie(world, "pay", first, second, "9999.00", "CNY", "--as", "icbc", "--key",
                     "icbc.key")  # fmt: skip
    assert refused.returncode == 4
    assert "insufficient_funds" in refused.stdout
    wrong = specie(world, "pay", first, second, "1.505", "CNY", "--as", "icbc", "--key", "icbc.key")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "digits after the point" in wrong.stderr


def test_a_ledger_restored_from_an_old_copy_is_not_believed(
    world: World, wallets: tuple[UUID, UUID]
) -> None:
    """The last test: it leaves the ledger as it was before."""
    world.stop()
    copy = world.folder / "copy"
    shutil.copytree(world.folder / "ledger", copy)
    serve(world)
    with world.connect("icbc") as ledger:
        ledger.submit([orders.pay(*wallets, 1, "CNY")], [world.key("icbc")], "icbc")
    world.stop()
    shutil.rmtree(world.folder / "ledger")
    copy.rename(world.folder / "ledger")
    serve(world)
    with world.connect("icbc") as ledger, pytest.raises(WentBackError, match="was seen before"):
        ledger.checkpoint()
    assert TrustFile.read(world.folder / "ledger" / "trust") == ledger.trust
