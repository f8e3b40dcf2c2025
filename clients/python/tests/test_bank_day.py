"""A day of two banks, an issuer and an auditor over real TLS, on lines that break.

Goal: whatever happens to connections, to the server and to certificates, each order lands once, and
what each bank reads of its day is what the log says, to the unit.

Method: two banks give the orders of a seeded script, from a thread each, over lines that cut and
silence connections; the server is killed twice, and every certificate and authority is replaced.
What happened is then added up from the exported log, by its bytes alone (`log_truth`), and all that
was told, by receipt, event, statement and supply, is held against that. `SPECIE_DAY_ROUNDS` makes
the day longer, and `SPECIE_DAY_SEED` another.
"""

import datetime as dt
import itertools
import logging
import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from bank_day import BANKS, IMPATIENT, ROUNDS, Actor, Central, Follower, Teller
from log_truth import MONEY, Truth
from real_server import settlement_account

from specie import Ledger, Receipt, Rejected, TrustFile, orders
from specie.errors import RefusedError
from specie.orders import Order
from specie.payments import Settings
from specie.submission import Submission

pytestmark = pytest.mark.server

SEED = os.environ.get("SPECIE_DAY_SEED", "a bank's day")
TIERS = ("wl1", "wl1", "wl1", "wl2", "wl2", "wl4")
END = "end of the day"


class Bank:
    """One bank's day: what it orders is the seed's, and what it was told is kept."""

    def __init__(self, central: Central, code: str, gate: threading.Barrier) -> None:
        self.code, self._central, self._gate = code, central, gate
        self._random = random.Random(f"{SEED} {code}")
        self._key = central.world.key(code)
        self.tellers = [Teller(central, code, central.line(f"{SEED} {code} {n}")) for n in "ab"]
        self.wallets = [self._uuid() for _ in TIERS]
        self.own = self.other = UUID(int=0)
        self.payees: list[UUID] = []
        self.receipts: list[Receipt] = []
        self.given: dict[UUID, bytes] = {}
        """Every order that was given, however."""
        self.rounds = 0

    def run(self) -> None:
        self._open()
        self._gate.wait()
        for number in range(ROUNDS):
            self._round(number)
            self.rounds += 1
        self._gate.wait()
        self._give([orders.pay(self.wallets[0], self.wallets[1], 1, "CNY", reference=END)])
        for teller in self.tellers:
            teller.close()

    def _open(self) -> None:
        def accounts(ledger: Ledger) -> list[UUID]:
            return [settlement_account(ledger, bank) for bank in BANKS]

        found = dict(zip(BANKS, self.tellers[0].attempt(accounts), strict=True))
        self.own = found[self.code]
        self.other = next(account for bank, account in found.items() if bank != self.code)
        made = [
            orders.open_wallet(wallet, self._uuid(), "CNY", tier)
            for wallet, tier in zip(self.wallets, TIERS, strict=True)
        ]
        made += [orders.fund(self.own, wallet, 2_500_00, "CNY") for wallet in self.wallets]
        assert all(one.accepted for one in self._give(made).outcomes)

    def _round(self, number: int) -> None:
        for place in range(3):
            self._give([self._payment(f"{number}.{place}")])
        self._give([self._any() for _ in range(self._random.randint(5, 20))])
        self._refused(number)
        if number % 4 == 1:
            self._pay_file(number)
        if number % 5 == 2:
            made = [
                orders.settle(self.own, self.other, self._random.randint(1, 100_00), "CNY"),
                orders.redeem(self.own, self._random.randint(1, 100_00), "CNY", f"out-{number}"),
            ]
            assert all(one.accepted for one in self._give(made).outcomes)

    def _payment(self, reference: str = "") -> Order:
        payer, payee = self._random.sample([*self.wallets[:5], *self.payees], 2)
        if payer not in self.wallets:
            payer, payee = payee, payer
        if payer not in self.wallets:
            payer = self.wallets[0]
        amount = self._random.randint(1, 40_00)
        return orders.pay(payer, payee, amount, "CNY", reference=reference)

    def _any(self) -> Order:
        wallet, amount = self._random.choice(self.wallets[:5]), self._random.randint(1, 9_00)
        match self._random.randrange(6):
            case 0:
                return orders.cash_out(wallet, self.own, amount, "CNY")
            case 1:
                return orders.fund(self.own, wallet, amount, "CNY")
            case _:
                return self._payment()

    def _refused(self, number: int) -> None:
        first, last = self.wallets[0], self.wallets[-1]
        made = [
            orders.pay(last, first, 2_000_01, "CNY", reference=f"over one payment {number}"),
            orders.cash_out(self.wallets[3], self.own, 1_000_01, "CNY"),
            orders.pay(first, last, 10**12, "CNY"),
        ]
        found = [one.result for one in self._give(made).outcomes]
        assert found[0] == Rejected("limit_exceeded", "spend.payment", "cn.ecny.personal")
        codes = [one.code for one in found if isinstance(one, Rejected)]
        assert codes == ["limit_exceeded", "limit_exceeded", "insufficient_funds"]

    def _give(self, made: list[Order]) -> Receipt:
        """Signs orders once, and sends them until they are answered, at times twice at once."""
        twice, again = self._random.random() < 0.3, self._random.random() < 0.1
        first, second = self.tellers
        submission = first.attempt(lambda ledger: ledger.sign(made, [self._key], self.code))
        self.given |= {one.id: one.encoded for one in made}

        def send(teller: Teller, sent: Submission = submission) -> Receipt:
            return teller.attempt(lambda ledger: ledger.send(sent, verify=False))

        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(send, self.tellers if twice else [first]))
        receipt = found[0]
        assert len({told(one) for one in found}) == 1
        self.receipts.append(receipt)
        if again:  # By another statement: copies, which are told their first outcomes.
            signed = second.attempt(lambda ledger: ledger.sign(made, [self._key], self.code))
            copies = send(second, signed)
            first_told = [(one.result, one.first_sequence) for one in receipt.outcomes]
            assert [(one.result, one.first_sequence) for one in copies.outcomes] == first_told
            assert all(one.duplicate for one in copies.outcomes)
            self.receipts.append(copies)
        return receipt

    def _pay_file(self, number: int) -> None:
        path = self._central.world.folder / f"{self.code}-{number}.csv"
        rows = ["payer,payee,amount,reference"]
        for row in range(30):
            payer, payee = self._random.choice(self.wallets[:5]), self._random.choice(self.payees)
            cents = self._random.randint(1, 5_00)
            rows.append(f"{payer},{payee},{cents // 100}.{cents % 100:02},file {number} row {row}")
        path.write_text("\n".join(rows) + "\n")
        settings = Settings(size=8)
        while True:
            report = self.tellers[0].attempt(
                lambda ledger: ledger.pay_file(path, [self._key], self.code, settings)
            )
            if not report.count("open"):
                break
        self.given |= {one.order.id: one.order.encoded for one in report.payments}

    def _uuid(self) -> UUID:
        return UUID(bytes=self._random.randbytes(16), version=4)


def told(receipt: Receipt) -> tuple[object, ...]:
    """All of a receipt but its words, which are for people."""
    outcomes = receipt.outcomes
    return receipt.sequence, *((one.id, one.sequence, one.result, one.limit) for one in outcomes)


def test_a_banks_day(tmp_path: Path) -> None:
    central = Central(tmp_path)
    try:
        central.open()
        for code in BANKS:
            central.issue(code, "100000.00", f"first-{code}")
        gate = threading.Barrier(3, timeout=120)
        banks = [Bank(central, code, gate) for code in BANKS]
        for bank, other in zip(banks, reversed(banks), strict=True):
            bank.payees = other.wallets
        followers = [
            Follower(central, code, central.line(f"{SEED} events {code}"), MONEY, {code: END})
            for code in BANKS
        ]
        everyone = dict.fromkeys(BANKS, END)
        followers.append(Follower(central, "auditor", central.line(f"{SEED} a"), None, everyone))
        actors = [Actor(one.run) for one in banks] + [Actor(one.run) for one in followers]
        disturb(central, banks, gate, actors)
        for follower in followers:
            follower.hurry()
        central.wait(lambda: not any(actor.is_alive() for actor in actors), actors)
        for actor in actors:
            actor.check()
        assert sum(line.broken for line in central.lines) > 10
        reconcile(central, banks, followers)
    finally:
        central.close()


def disturb(
    central: Central, banks: list[Bank], gate: threading.Barrier, actors: list[Actor]
) -> None:
    """What happens to the server and to certificates while the banks work."""

    def wait_for(part: float) -> None:
        central.wait(lambda: min(bank.rounds for bank in banks) >= part * ROUNDS, actors)

    central.wait(lambda: gate.n_waiting == len(banks), actors)
    gate.wait()
    wait_for(0.2)
    central.kill()
    wait_for(0.4)
    central.replace_certificates()
    central.issue(BANKS[0], "777.77", "second")
    wait_for(0.7)
    central.kill()
    wait_for(1)
    gate.wait()


def reconcile(central: Central, banks: list[Bank], followers: list[Follower]) -> None:
    """Holds all that was told against the log."""
    world = central.world
    proven = {bank.code: prove(central, bank) for bank in banks}
    central.use("auditor")
    world.run("audit", "export", "mine", "--server", world.url, "--trust", "ledger/trust")
    truth = Truth.read(world.folder / "mine", TrustFile.read(world.folder / "ledger" / "trust"))
    for bank in banks:
        landed = {one.id: one.encoded for one in truth.decided.values() if one.party == bank.code}
        of_certificates = central.given[bank.code]
        assert landed.keys() == bank.given.keys() | of_certificates
        assert bank.given.items() <= landed.items()
        for receipt in proven[bank.code]:
            for outcome in receipt.outcomes:
                found = truth.decided[outcome.id]
                assert (found.sequence, found.result) == (outcome.first_sequence, outcome.result)
                if outcome.duplicate:
                    assert truth.copies[outcome.sequence] == outcome.first_sequence
        check_statements(central, bank, truth)
    check_events(followers, truth)
    check_supply(central, truth)
    assert truth.copies
    logging.getLogger(__name__).warning(
        "%d orders decided, %d copies, %d connections broken", len(truth.orders),
        len(truth.copies), sum(line.broken for line in central.lines),
    )  # fmt: skip
    world.stop()
    for place in ("ledger", "mine"):
        assert "VERIFIED" in world.run("audit", "verify", place, "--trust", "ledger/trust")


def prove(central: Central, bank: Bank) -> list[Receipt]:
    """Every receipt of a bank, with each outcome proven against a checkpoint."""
    with central.connect(bank.code) as ledger:
        proven = [ledger.verify(receipt, 10_000) for receipt in bank.receipts]
        assert all(one.checkpoint for one in proven)
        assert all(outcome.proven for one in proven for outcome in one.outcomes)
    return proven


def check_statements(central: Central, bank: Bank, truth: Truth) -> None:
    """Goal: a bank's statements, whole and by day, are what the log adds up to."""
    with central.connect(bank.code) as ledger, central.client(bank.code) as client:
        accounts = truth.accounts(bank.code)
        assert set(accounts) == {bank.own, *bank.wallets}
        for account in accounts:
            told = [
                (one.sequence, one.id, one.change, one.balance)
                for one in reversed(list(ledger.statement(account)))
            ]
            expected = truth.lines[account]
            assert told == [(one.sequence, one.id, one.change, one.balance) for one in expected]
            assert ledger.account(account).balance == truth.balance(account)
            check_days(client, account, truth)
        foreign = next(one for one, owner in truth.owners.items() if owner != bank.code)
        with pytest.raises(RefusedError, match="not_found"):
            ledger.account(foreign)


def check_days(client: httpx.Client, account: UUID, truth: Truth) -> None:
    lines = truth.lines[account]
    dates = sorted({
        dt.datetime.fromtimestamp(one.time_us / 1e6, dt.UTC).date() for one in lines
    })  # fmt: skip
    days = [read_day(client, account, date) for date in dates]
    closings = [int(day["closing"]) for day in days]
    for day, (before, _) in zip(days, itertools.pairwise([0, *closings]), strict=True):
        span = range(day["from_us"], day["until_us"])
        within = [one for one in lines if one.time_us in span]
        told = [(one["sequence"], one["id"], int(one["change"])) for one in day["entries"][::-1]]
        assert told == [(one.sequence, str(one.id), one.change) for one in within]
        opening, closing = int(day["opening"]), int(day["closing"])
        assert opening == before == truth.balance(account, span.start)
        assert closing == opening + sum(change for *_, change in told)
        assert closing == truth.balance(account, span.stop)
    assert closings[-1] == truth.balance(account)


def read_day(client: httpx.Client, account: UUID, date: dt.date) -> dict[str, Any]:
    """A business day's statement, with the entries of all its pages, the newest first."""
    path, entries, before = f"/v1/accounts/{account}/statements/{date}", list[Any](), ""
    while True:
        page: dict[str, Any] = client.get(f"{path}?limit=40{before}").raise_for_status().json()
        entries += page["entries"]
        if page["next"] is None:
            return page | {"entries": entries}
        before = f"&before={page['next']}"


def check_events(followers: list[Follower], truth: Truth) -> None:
    """Goal: each follower heard each order that is for it once, in the order of the log."""
    for follower in followers:
        is_bank = follower.name in BANKS
        expected = truth.concerning(follower.name) if is_bank else truth.orders
        assert [
            (one.sequence, one.id, one.party, one.operation, one.result) for one in follower.events
        ] == [(one.sequence, one.id, one.party, one.operation, one.result) for one in expected]
        assert follower.connections > 1


def check_supply(central: Central, truth: Truth) -> None:
    """Goal: what was issued less what was redeemed is outstanding, and is what accounts hold."""
    held = {bank: sum(truth.balance(account) for account in truth.accounts(bank)) for bank in BANKS}
    assert truth.issued == 200_777_77
    assert truth.issued - truth.redeemed == sum(held.values())
    for reader in ("issuer", "auditor"):
        with central.connect(reader, options=IMPATIENT) as ledger:
            supply = ledger.supply()[0]
        assert (supply.issued, supply.redeemed) == (truth.issued, truth.redeemed)
        assert supply.outstanding == truth.issued - truth.redeemed
        assert {one.participant: one.settlement + one.wallets for one in supply.holdings} == held
