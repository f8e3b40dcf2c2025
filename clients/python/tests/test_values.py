"""Money, ids, times and keys: each read back as what was written, and all else refused."""

import json
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from fake_ledger import ManualClock
from hypothesis import given
from hypothesis import strategies as st

from specie import Key, clock, decimal_text, ids, minor_units, new_id
from specie.errors import ArgumentError, FileError, PassphraseError
from specie.money import AMOUNT_MAX

exponents = st.integers(0, 6)


@given(st.integers(0, AMOUNT_MAX), exponents)
def test_money_is_read_as_it_is_written(amount: int, exponent: int) -> None:
    text = decimal_text(amount, exponent)
    assert minor_units(text, exponent) == amount
    assert decimal_text(-amount, exponent) == (f"-{text}" if amount else text)


@given(st.integers(0, 10**12), st.text("0123456789", max_size=8), exponents)
def test_a_digit_too_many_is_refused_and_never_rounded(
    whole: int, fraction: str, exponent: int
) -> None:
    text = f"{whole}.{fraction}" if fraction else str(whole)
    if len(fraction) > exponent:
        with pytest.raises(ArgumentError, match="digits after the point"):
            minor_units(text, exponent)
    else:
        padded = int(fraction.ljust(exponent, "0") or "0")
        assert minor_units(text, exponent) == whole * 10**exponent + padded


@pytest.mark.parametrize(
    "text",
    ["", ".", "1.", ".5", "-1", "+1", "1,000.00", "1 000", "1e3", "0x1", "NaN", "\u0661", " 1",
     "1\n", "1.005", "10000000000000000.01", "9" * 50, "1.0.0", 1.5, 2, None],
)  # fmt: skip
def test_what_is_no_amount(text: object) -> None:
    with pytest.raises(ArgumentError):
        minor_units(text, 2)  # type: ignore[arg-type]


def test_floats_and_flags_are_no_sums() -> None:
    for amount in (1.0, True, "1"):
        with pytest.raises(ArgumentError):
            decimal_text(amount, 2)  # type: ignore[arg-type]
    for exponent in (-1, 7, True):
        with pytest.raises(ArgumentError):
            minor_units("1", exponent)


@given(st.integers(0, (1 << 48) - 1))
def test_ids_have_their_time_and_are_uuid7(milliseconds: int) -> None:
    made = ManualClock()
    made.us = milliseconds * 1000 + 999
    id = new_id(made)
    assert (id.version, ids.time_us(id)) == (7, milliseconds * 1000)
    assert ids.is_order_id(id)
    assert not ids.is_order_id(uuid4())
    assert new_id(made) != id


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1)))  # noqa: DTZ001
def test_instants_are_exact(instant: datetime) -> None:
    assert clock.instant(clock.microseconds(instant)) == instant
    east = instant.astimezone(timezone(timedelta(hours=8))) if instant.year < 9999 else instant
    assert clock.microseconds(east) == clock.microseconds(instant)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ArgumentError, match="time zone"):
        clock.microseconds(datetime(2026, 3, 1))  # noqa: DTZ001
    with pytest.raises(ArgumentError, match="no instant"):
        clock.instant(2**63)


SEED = bytes(range(32))
PUBLIC = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"


def test_the_key_of_the_documents(tmp_path: Path) -> None:
    key = Key.from_seed(SEED)
    assert key.public.hex() == PUBLIC
    assert repr(key) == f"Key(public={PUBLIC})"
    path = tmp_path / "bank.key"
    key.write(path, "a passphrase")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Key.read(path, "a passphrase").sign(b"m") == key.sign(b"m")
    assert Key.read(path, b"a passphrase").public == key.public
    with pytest.raises(FileExistsError):
        key.write(path, "a passphrase")
    with pytest.raises(PassphraseError):
        Key.read(path, "another one")
    with pytest.raises(FileError, match="needs a passphrase"):
        Key.read(path)
    for length in (7, 1025):
        with pytest.raises(ArgumentError):
            key.write(tmp_path / "new.key", "a" * length)


def test_each_member_of_a_key_file_is_held_to_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "bank.key"
    Key.from_seed(SEED).write(path, "a passphrase")
    members = json.loads(path.read_text())
    other = Key.make().public.hex()
    flipped = f"{int(members['box'], 16) ^ 1:096x}"
    wrong: list[tuple[dict[str, object], type[Exception]]] = [
        ({**members, "format": "specie-key-v2"}, FileError),
        ({**members, "algorithm": "ed448"}, FileError),
        ({**members, "more": 1}, FileError),
        ({name: value for name, value in members.items() if name != "salt"}, FileError),
        ({**members, "passes": 17}, FileError),
        ({**members, "passes": True}, FileError),
        ({**members, "passes": 2.0}, FileError),
        ({**members, "memory-bytes": 2**30 + 1}, FileError),
        ({**members, "memory-bytes": 8191}, FileError),
        ({**members, "salt": members["salt"].upper() + "A"}, FileError),
        ({**members, "nonce": members["nonce"][2:]}, FileError),
        ({**members, "public-key": other}, FileError),
        ({**members, "box": flipped}, PassphraseError),
        ({**members, "box": members["box"] + " " * 4096}, FileError),
    ]
    texts = [(json.dumps(made), error) for made, error in wrong]
    texts += [
        ("", FileError),
        ("[]", FileError),
        (json.dumps(list(members.items())), FileError),
        (json.dumps(members)[:-1] + ', "passes": 2}', FileError),
    ]
    for text, error in texts:
        path.write_text(text)
        with pytest.raises(error):
            Key.read(path, "a passphrase")


def test_pem_with_and_without_a_passphrase(tmp_path: Path) -> None:
    key = Key.from_seed(SEED)
    path = tmp_path / "bank.pem"
    for secret in (None, b"a passphrase"):
        encryption = BestAvailableEncryption(secret) if secret else NoEncryption()
        path.write_bytes(key._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        assert Key.read(path, secret).public == key.public
        with pytest.raises(FileError, match="passphrase"):
            Key.read(path, None if secret else b"one")
    with pytest.raises(PassphraseError):
        Key.read(path, "another one")
    path.write_bytes(
        Ed448PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    with pytest.raises(FileError, match="Ed25519"):
        Key.read(path)
    path.write_bytes(b"-----BEGIN PRIVATE KEY-----\nrubbish\n-----END PRIVATE KEY-----\n")
    with pytest.raises(FileError):
        Key.read(path)
