"""The story that every client of the ledger plays: what Tests/conformance/story.json tells."""

import json
import signal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from real_server import World, build, settlement_account

from specie import Executed, Key, NotYetKnown, Receipt, Rejected, new_id, orders
from specie.certificates import spki_sha256
from specie.errors import NotTakenError, RefusedError
from specie.orders import Order
from specie.submission import Submission

pytestmark = pytest.mark.server

STORY: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "Tests" / "conformance" / "story.json").read_text()
)


class Teller:
    """Plays the story by this package."""

    def __init__(self, world: World) -> None:
        self._world, self._party = world, STORY["party"]
        self._key = world.key(self._party)
        self._wallets = {name: UUID(text) for name, text in STORY["wallets"].items()}
        self._sent: dict[str, tuple[list[Order], Submission, Receipt]] = {}
        self._bank = world.connect(self._party)
        self._settlement = settlement_account(self._bank, self._party)

    def close(self) -> None:
        self._bank.close()

    def play(self, step: dict[str, Any]) -> str | None:
        """Does a step; returns what there is to tell."""
        made = getattr(self, "_" + step["do"].replace("-", "_"))(step)
        assert made is None or isinstance(made, str)
        return made

    def _order(self, words: dict[str, Any], **details: Any) -> Order:
        currency = STORY["currency"]
        if words["operation"] == "open-wallet":
            return orders.open_wallet(self._wallets[words["wallet"]], uuid4(), currency, "basic")
        payee, amount = self._wallets[words["payee"]], words["amount"]
        if words["operation"] == "fund":
            return orders.fund(self._settlement, payee, amount, currency)
        payer, reference = self._wallets[words["payer"]], words["reference"]
        return orders.pay(payer, payee, amount, currency, reference=reference, **details)

    def _give(self, given: list[Order], named: str | None = None) -> str:
        submission = self._bank.sign(given, [self._key], self._party)
        receipt = self._bank.send(submission)
        if named is not None:
            self._sent[named] = (given, submission, receipt)
        return self._told(receipt)

    @staticmethod
    def _told(receipt: Receipt) -> str:
        def told(outcome: Any) -> str:
            name = outcome.result.code if isinstance(outcome.result, Rejected) else "accepted"
            return name + (", a duplicate" if outcome.duplicate else "")

        proven = "proven" if all(outcome.proven for outcome in receipt.outcomes) else "not proven"
        return ", ".join(map(told, receipt.outcomes)) + "; " + proven

    def _submit(self, step: dict[str, Any]) -> str:
        return self._give([self._order(words) for words in step["orders"]], step["named"])

    def _resend(self, step: dict[str, Any]) -> str:
        _, submission, before = self._sent[step["named"]]
        receipt = self._bank.send(submission)
        same = "the same receipt" if receipt.sequence == before.sequence else "another receipt"
        return f"{self._told(receipt)}; {same}"

    def _give_anew(self, step: dict[str, Any]) -> str:
        return self._give(self._sent[step["named"]][0])

    def _reuse(self, step: dict[str, Any]) -> str:
        id = self._sent[step["named"]][0][0].id
        return self._give([self._order(words, id=id) for words in step["orders"]])

    def _status(self, step: dict[str, Any]) -> str:
        order = self._sent[step["named"]][0][0] if step["named"] in self._sent else None
        status = self._bank.status(order.id if order else new_id())
        if isinstance(status, NotYetKnown):
            return "not yet known"
        assert isinstance(status, Executed)
        self._bank.prove(status, order)
        name = status.result.code if isinstance(status.result, Rejected) else "accepted"
        return f"executed: {name}; proven"

    def _forge(self, _: dict[str, Any]) -> str:
        words = {"operation": "pay", "payer": "alice", "payee": "bob", "amount": 1, "reference": ""}
        try:
            self._bank.submit(
                [self._order(words)], [Key(Ed25519PrivateKey.generate())], self._party
            )
        except NotTakenError as error:
            assert isinstance(error.cause, RefusedError)
            return f"not taken: {error.cause.problem.code}"
        return "taken"

    def _account(self, step: dict[str, Any]) -> str:
        try:
            return str(self._bank.account(self._wallets[step["wallet"]]).balance)
        except RefusedError as error:
            return f"refused: {error.problem.code}"

    def _statement(self, step: dict[str, Any]) -> str:
        lines = self._bank.statement(self._wallets[step["wallet"]])
        return ", ".join(f"{line.change} {line.balance}" for line in lines)

    def _register_certificate(self, step: dict[str, Any]) -> str:
        digest = spki_sha256(self._world.folder / "tls" / f"{step['certificate']}.pem")
        return self._give([orders.register_certificate(self._party, digest)])

    def _revoke_certificate(self, step: dict[str, Any]) -> str:
        digest = spki_sha256(self._world.folder / "tls" / f"{step['certificate']}.pem")
        return self._give([orders.revoke_certificate(self._party, digest)])

    def _connect(self, step: dict[str, Any]) -> str:
        self._bank.close()
        self._bank = self._world.connect(step["certificate"])
        return "reads for " + (", ".join(self._bank.access().readers) or "nobody")

    def _kill_server(self, _: dict[str, Any]) -> None:
        self._world.stop(signal.SIGKILL)
        self._world.serve(
            "--tls-certificate", "tls/server.pem", "--tls-key", "tls/server.key",
            "--client-ca", "tls/ca.pem",
        )  # fmt: skip

    def _events(self, step: dict[str, Any]) -> str:
        heard = []
        following = self._bank.follow(after=0, kinds=step["kinds"])
        for event in following:
            name = event.result.code if isinstance(event.result, Rejected) else "accepted"
            heard.append(f"{event.amount} {name} {event.reference}")
            if len(heard) == step["count"]:
                break
        following.close()
        return ", ".join(heard)


def test_tells_the_story(tmp_path: Path) -> None:
    world = World(tmp_path)
    try:
        build(world)
        world.run("tls", "dev-ca", "tls", "--client", f"{STORY['party']}-next")
        teller = Teller(world)
        told = [teller.play(step) for step in STORY["steps"]]
        teller.close()
    finally:
        world.stop()
    assert told == [step.get("tells") for step in STORY["steps"]]
