"""The README's examples, run as they are written."""

import os
import re
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from real_server import World, build, settlement_account

from specie import orders

README = (Path(__file__).parents[1] / "README.md").read_text()


@pytest.mark.server
def test_every_example_runs(tmp_path: Path) -> None:
    world = World(tmp_path)
    try:
        build(world)
        first, second = uuid4(), uuid4()
        with world.connect("icbc") as bank:
            made = [
                orders.open_wallet(first, uuid4(), "CNY", "basic"),
                orders.open_wallet(second, uuid4(), "CNY", "basic"),
                orders.fund(settlement_account(bank, "icbc"), first, 100_00, "CNY"),
            ]
            bank.submit(made, [world.key("icbc")], "icbc")
        (tmp_path / "trust").write_bytes((tmp_path / "ledger" / "trust").read_bytes())
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {
            "PATH": path,
            "SPECIE_PASSPHRASE": world.environment["SPECIE_PASSPHRASE"],
            "SPECIE_SERVER": world.url,
            "PAYER": str(first),
            "PAYEE": str(second),
        }
        examples = re.findall(r"^```(python|sh)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
        python = [text for kind, text in examples if kind == "python"]
        shell = "".join(text for kind, text in examples if kind == "sh")
        printed = ""
        for command in ([sys.executable, "-c", *python], ["bash", "-euo", "pipefail", "-c", shell]):
            done = subprocess.run(
                command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
            printed += done.stdout
    finally:
        world.stop()
    for text in ("Accepted(remarks=()) proven", "reads for icbc", "(invoice 7)", "75.00",
                 "2 accepted, 0 rejected, 0 open", "salary of May,SALA"):  # fmt: skip
        assert text in printed, printed
