from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from fake_ledger import FakeLedger, ManualClock
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from specie import Key, Ledger, TrustFile

set_hypothesis_home_dir(Path(__file__).parents[1] / ".build" / "hypothesis")
settings.register_profile("ledger", deadline=None, max_examples=100)
settings.load_profile("ledger")

ALICE = UUID("acc00000-0000-0000-0000-00000000006e")
BOB = UUID("acc00000-0000-0000-0000-0000000000d2")


def connect(fake: FakeLedger) -> Ledger:
    """A client of a fake ledger, in the same thread and by its clock."""
    trust = TrustFile.parse(fake.trust_text)
    transport = fake.transport()
    return Ledger.connect(
        "http://127.0.0.1:7070", trust=trust, clock=fake.clock, transport=transport
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def fake(clock: ManualClock) -> FakeLedger:
    return FakeLedger(clock)


@pytest.fixture
def ledger(fake: FakeLedger) -> Iterator[Ledger]:
    with connect(fake) as made:
        yield made


@pytest.fixture
def key(fake: FakeLedger) -> Key:
    return Key(fake.bank_key)
