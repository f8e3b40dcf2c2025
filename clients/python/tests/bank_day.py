"""Who takes part in a bank's day: the central bank and its server, tellers, and followers."""

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import httpx
from breaking_line import BreakingLine
from real_server import OFFICERS, World

from specie import TLS, Ledger, Options, orders
from specie.certificates import spki_sha256
from specie.errors import (
    DeadlineError,
    NotProvenError,
    NotTakenError,
    OutcomeUnknownError,
    RefusedError,
    SpecieError,
    TLSError,
    UnreachableError,
)
from specie.events import Event

T = TypeVar("T")

ROUNDS = int(os.environ.get("SPECIE_DAY_ROUNDS", "10"))
BANKS = ("icbc", "boc")
POLICY = Path(__file__).parents[3] / "policy" / "cn-ecny.yaml"
PATIENCE_SECONDS = 60 + 6 * ROUNDS
IMPATIENT = Options(request_seconds=1, submit_seconds=3, quiet_seconds=2, reconnect_seconds_max=0.2)
"""Short times, so that what has fallen silent is soon tried again."""


class Central:
    """The central bank and the machine room: a server under TLS, and who is let in."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.lines: list[BreakingLine] = []
        self.given: dict[str, set[UUID]] = {bank: set() for bank in BANKS}
        """Orders about certificates, which are given in the banks' names here."""
        self._folders = dict.fromkeys(("issuer", "auditor", *BANKS), "tls")

    def open(self) -> None:
        """The first day: a ledger, two banks, the e-CNY's rules, and TLS."""
        world = self.world
        for name in ("log", "alice", "bob", *BANKS):
            world.run("key", "new", f"{name}.key")
        world.run(
            "init", "ledger", "--origin", "ledger.example/cny", "--currency", "CNY:2",
            "--quorum", "2", "--officer", "alice=alice.key", "--officer", "bob=bob.key",
            "--log-key", "log.key",
        )  # fmt: skip
        clients = [part for name in self._folders for part in ("--client", name)]
        for folder in ("tls", "tls-next"):
            world.run("tls", "dev-ca", folder, *clients)
        self._admit_authorities("tls")
        world.serve()
        for bank in BANKS:
            world.run("participant", "admit", bank, "--name", f"Bank {bank}", "--public-key",
                      f"{bank}.key", "--settlement-account", "CNY", *OFFICERS)  # fmt: skip
        world.run("policy", "activate", str(POLICY), "--accept-unverified", *OFFICERS)
        for reader in self._folders:
            self._register("tls", reader)
        world.stop()
        world.url = ""
        self._serve()
        self.use("issuer")

    def close(self) -> None:
        self.world.stop()
        for line in self.lines:
            line.close()

    def kill(self) -> None:
        """Ends the server where it stands, and begins it anew."""
        self.world.stop(signal.SIGKILL)
        self._serve()

    def use(self, name: str) -> None:
        """Whose certificate the command line has."""
        tls = self.tls(name)
        self.world.environment |= {
            "SPECIE_CA": str(tls.ca),
            "SPECIE_CERTIFICATE": str(tls.certificate),
            "SPECIE_CERTIFICATE_KEY": str(tls.key),
        }

    def issue(self, bank: str, amount: str, reference: str) -> None:
        """One officer's signature is not enough; the same order with the second one's is."""
        draft, run = f"{reference}.json", self.world.run
        run("issue", bank, amount, "CNY", "--rtgs-reference", reference, "--draft", draft,
            "--key", "alice.key")  # fmt: skip
        assert "quorum_not_met" in run("submit", draft, code=4)
        run("sign", draft, "--key", "bob.key", "--yes", "--currency-digits", "CNY:2")
        run("submit", draft)

    def replace_certificates(self) -> None:
        """Replaces the clients' authority, every client's certificate, and the server's.

        Nobody is shut out who takes up the new certificate when the old one ends.
        """
        self._admit_authorities("tls", "tls-next")
        self._reload(lambda: self._is_served("tls-next", "issuer"))
        for reader in ("issuer", "auditor"):
            self._register("tls-next", reader)
            self._folders[reader] = "tls-next"
            self.use("issuer")
            self.world.run("certificate", "revoke", f"tls/{reader}.pem", "--reader", reader,
                           "--key", "alice.key")  # fmt: skip
        for bank in BANKS:
            self._renew_own(bank)
        shown = self._serial()
        for name in ("server.pem", "server.key"):
            (self.world.folder / "tls" / name).unlink()
        self.world.run("tls", "dev-ca", "tls")
        self._reload(lambda: self._serial() != shown)
        self._admit_authorities("tls-next")
        self._reload(lambda: not self._is_served("tls", "issuer"))

    def tls(self, name: str, folder: str | None = None) -> TLS:
        files = self.world.folder / (folder or self._folders[name])
        ca = self.world.folder / "tls" / "ca.pem"
        return TLS(ca, files / f"{name}.pem", files / f"{name}.key")

    def connect(
        self,
        name: str,
        port: int | None = None,
        options: Options | None = None,
        folder: str | None = None,
    ) -> Ledger:
        """Connects as someone, by the certificate that is in use now, straight or over a line."""
        url = self.world.url if port is None else f"https://127.0.0.1:{port}"
        trust = self.world.folder / "ledger" / "trust"
        return Ledger.connect(url, trust=trust, tls=self.tls(name, folder), options=options)

    def client(self, name: str) -> httpx.Client:
        """For readings that the package has no function for."""
        return httpx.Client(base_url=self.world.url, verify=self.tls(name).context())

    def line(self, seed: str) -> BreakingLine:
        """A line of its own to the server."""
        self.lines.append(BreakingLine(self._port, seed))
        return self.lines[-1]

    @staticmethod
    def wait(is_done: Callable[[], bool], actors: Collection["Actor"] = ()) -> None:
        """Waits while others work, of whom none may fail."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_done():
            for actor in actors:
                actor.check()
            assert time.monotonic() < deadline
            time.sleep(0.01)

    @property
    def _port(self) -> int:
        return int(self.world.url.rsplit(":", 1)[1])

    def _serve(self) -> None:
        self.world.serve("--tls-certificate", "tls/server.pem", "--tls-key", "tls/server.key",
                         "--client-ca", "clients.pem")  # fmt: skip

    def _register(self, folder: str, reader: str) -> None:
        file = f"{folder}/{reader}.pem"
        self.world.run("certificate", "register", file, "--reader", reader, *OFFICERS)

    def _renew_own(self, bank: str) -> None:
        """A bank registers its next certificate, takes it up, and revokes the one before."""
        next_one, former = (
            spki_sha256(self.world.folder / folder / f"{bank}.pem")
            for folder in ("tls-next", "tls")
        )
        key = self.world.key(bank)
        for order in (
            orders.register_certificate(bank, next_one),
            orders.revoke_certificate(bank, former),
        ):
            with self.connect(bank) as ledger:
                assert ledger.submit([order], [key], bank).outcomes[0].accepted
            self.given[bank].add(order.id)
            self._folders[bank] = "tls-next"
        with self.connect(bank, folder="tls") as ledger:
            with contextlib.suppress(RefusedError):
                ledger.supply()
                raise AssertionError("a certificate that is revoked reads")

    def _admit_authorities(self, *folders: str) -> None:
        files = [self.world.folder / folder / "ca.pem" for folder in folders]
        text = "".join(file.read_text() for file in files)
        (self.world.folder / "clients.pem").write_text(text)

    def _reload(self, is_done: Callable[[], bool]) -> None:
        assert self.world.server is not None
        self.world.server.send_signal(signal.SIGHUP)
        self.wait(is_done)

    def _is_served(self, folder: str, name: str) -> bool:
        with contextlib.suppress(TLSError):
            self.connect(name, folder=folder).close()
            return True
        return False

    def _serial(self) -> str:
        """Of the certificate that the server shows."""
        context = self.tls("issuer").context()
        with (
            socket.create_connection(("127.0.0.1", self._port), 5) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            shown = secure.getpeercert()
            assert shown is not None
            return str(shown["serialNumber"])


class Actor(threading.Thread):
    """Does its part beside the others; `check` raises what ended it before its time."""

    def __init__(self, part: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._part = part
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._part()
        except BaseException as error:  # noqa: BLE001 - `check` raises it.
            self._error = error

    def check(self) -> None:
        if self._error is not None:
            raise self._error


class Teller:
    """One client of a bank, that connects anew whenever its line breaks or its certificate ends."""

    def __init__(self, central: Central, bank: str, line: BreakingLine) -> None:
        self._central, self._bank, self._line = central, bank, line
        self._ledger: Ledger | None = None

    def attempt(self, action: Callable[[Ledger], T]) -> T:
        """Does something until it is done, which must be safe to do again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if self._ledger is None:
                    self._ledger = self._central.connect(self._bank, self._line.port, IMPATIENT)
                return action(self._ledger)
            except SpecieError as error:
                self.close()
                if not may_pass(error) or time.monotonic() > deadline:
                    raise

    def close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None


class Follower:
    """Someone who hears events, and begins again behind the newest that was heard."""

    def __init__(
        self,
        central: Central,
        name: str,
        line: BreakingLine,
        kinds: Collection[str] | None,
        last: Mapping[str, str],
    ) -> None:
        """`last`: whose orders with which reference are the last; after them all it ends."""
        self.name, self._central, self._line, self._kinds = name, central, line, kinds
        self._awaited = dict(last)
        self.events: list[Event] = []
        self.connections = 0

    def run(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS * 3
        while self._awaited:
            try:
                with self._central.connect(self.name, self._line.port, IMPATIENT) as ledger:
                    self.connections += 1
                    self._hear(ledger)
            except SpecieError as error:
                if not may_pass(error) or time.monotonic() > deadline:
                    raise

    def hurry(self) -> None:
        """Lets the line be, so that what is left is heard soon."""
        self._line.mend()

    def _hear(self, ledger: Ledger) -> None:
        newest = self.events[-1].sequence if self.events else 0
        for event in ledger.follow(newest, kinds=self._kinds):
            self.events.append(event)
            if self._awaited.get(event.party) == event.reference:
                del self._awaited[event.party]
                if not self._awaited:
                    return


def may_pass(error: SpecieError) -> bool:
    """Whether to try again, with the certificate that is in use by then."""
    match error:
        case NotTakenError() | NotProvenError():
            return may_pass(error.cause)
        case RefusedError():
            return error.problem.code == "certificate_reads_nothing"
        case OutcomeUnknownError() | UnreachableError() | TLSError() | DeadlineError():
            return True
        case _:
            return False
