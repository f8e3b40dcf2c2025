"""A real ledger, set up from the command line: two banks, their wallets and money, under TLS."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from uuid import UUID

from specie import TLS, Key, Ledger
from specie.clock import Clock
from specie.connection import Options

PASSPHRASE = "of a test only"


class World:
    """The program that `SPECIE` names, and a folder for all that it makes."""

    def __init__(self, folder: Path) -> None:
        assert "SPECIE" in os.environ, "name the built program with SPECIE, or run -m 'not server'"
        self.program = os.environ["SPECIE"]
        self.folder = folder
        self.server: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.environment = {
            "PATH": os.environ["PATH"],
            "SPECIE_PASSPHRASE": PASSPHRASE,
            "SPECIE_TRUST": str(folder / "ledger" / "trust"),
            "SPECIE_CHECKPOINT": str(folder / "seen-by-the-command-line"),
        }

    def run(self, *arguments: str, code: int = 0) -> str:
        """Runs `specie`, as a person would."""
        done = subprocess.run(
            [self.program, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def serve(self, *options: str) -> None:
        """Serves until `stop`; the address is in `url`."""
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        port = self.url.rsplit(":", 1)[-1] or "0"
        with ready.open("wb") as output, (self.folder / "server.log").open("ab") as log:
            self.server = subprocess.Popen(
                [
                    self.program,
                    "serve",
                    "ledger",
                    "--log-key",
                    "log.key",
                    "--port",
                    port,
                    "--json",
                    *options,
                ],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=log,
            )
        deadline = time.monotonic() + 30
        while not ready.read_text().endswith("\n"):
            assert self.server.poll() is None, (self.folder / "server.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self.url = json.loads(ready.read_text())["url"]
        self.environment["SPECIE_SERVER"] = self.url

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        if self.server is not None:
            self.server.send_signal(by)
            self.server.wait(timeout=30)
            self.server = None

    def tls(self, client: str) -> TLS:
        files = self.folder / "tls"
        return TLS(files / "ca.pem", files / f"{client}.pem", files / f"{client}.key")

    def key(self, name: str) -> Key:
        return Key.read(self.folder / f"{name}.key", PASSPHRASE)

    def connect(self, client: str, **options: float) -> Ledger:
        return Ledger.connect(
            self.url,
            trust=self.folder / "ledger" / "trust",
            tls=self.tls(client),
            checkpoint_file=self.folder / f"seen-by-{client}",
            options=Options(**options),  # type: ignore[arg-type]
            clock=Clock(),
        )


OFFICERS = ("--key", "alice.key", "--key", "bob.key")


def build(world: World) -> None:
    """The central bank's part, and a first order of each bank."""
    for name in ("log", "alice", "bob", "icbc", "boc"):
        world.run("key", "new", f"{name}.key")
    world.run(
        "init", "ledger", "--origin", "ledger.example/cny", "--currency", "CNY:2",
        "--quorum", "2", "--officer", "alice=alice.key", "--officer", "bob=bob.key",
        "--log-key", "log.key",
    )  # fmt: skip
    clients = ("issuer", "icbc", "boc", "stranger")
    world.run("tls", "dev-ca", "tls", *(part for one in clients for part in ("--client", one)))
    world.serve()
    for bank in ("icbc", "boc"):
        world.run("participant", "admit", bank, "--name", f"Bank {bank}", "--public-key",
                  f"{bank}.key", "--settlement-account", "CNY", *OFFICERS)  # fmt: skip
        world.run("issue", bank, "10000.00", "CNY", "--rtgs-reference", f"RTGS-{bank}", *OFFICERS)
    for reader in ("issuer", "icbc", "boc"):
        world.run("certificate", "register", f"tls/{reader}.pem", "--reader", reader, *OFFICERS)
    world.stop()
    world.url = ""
    world.serve("--tls-certificate", "tls/server.pem", "--tls-key", "tls/server.key",
                "--client-ca", "tls/ca.pem")  # fmt: skip


def settlement_account(ledger: Ledger, bank: str) -> UUID:
    return next(
        one.settlement_accounts[0].account for one in ledger.participants() if one.code == bank
    )
