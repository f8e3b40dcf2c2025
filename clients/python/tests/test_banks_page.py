"""`docs/BANKS.md`, pasted block by block into one shell, as a new integrator would."""

import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
PAGE = (REPOSITORY / "docs" / "BANKS.md").read_text()


@pytest.mark.server
def test_every_command_of_the_page_runs(tmp_path: Path) -> None:
    (tmp_path / "clients").symlink_to(REPOSITORY / "clients")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert {kind for kind, _ in blocks} == {"sh"}
    # Whatever fails, the ledger ends.
    script = "trap 'kill \"$server\" 2>/dev/null || true' EXIT\n" + "".join(
        text for _, text in blocks
    )
    program, packages = Path(os.environ["SPECIE"]).absolute(), sysconfig.get_path("purelib")
    environment = {
        "PATH": os.pathsep.join([str(program.parent), os.environ["PATH"]]),
        "HOME": str(tmp_path),
        # What the package needs is here already, so that `pip` needs no network.
        "PYTHONPATH": packages,
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # It reads this as "no isolation".
        "PIP_IGNORE_INSTALLED": "1",
        "PIP_QUIET": "1",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for text in (
        '"readers":["icbc"]',
        '"outcome":"accepted"',
        '"status":"executed"',
        "Accepted(remarks=()): proven in a log of",
        "Accepted(remarks=()) proven",
        "1 accepted, 1 rejected, 0 open",
        "a line was refused: status 4",
        '"change":"-100","balance":"8400"',
        '"closing":"8400"',
        '"amount":"250","reference":"invoice 8"}',
        '"code":"bad_signature"',
        "RateLimit: ",
    ):
        assert text in done.stdout, done.stdout + done.stderr
