"""Trees, proofs, notes and trust files: against published vectors, and a second implementation."""

import base64
import contextlib
from hashlib import sha256

import fake_ledger as reference
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from specie import TrustFile, merkle
from specie.errors import FalseCheckpointError, FileError
from specie.inclusion import InclusionProof
from specie.note import VerifierKey, open_checkpoint

# docs/formats/merkle-log.md, ML-4, ML-6 and ML-7: of transparency-dev/tessera.
LOG = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
NOTE = (
    "example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n\n"
    "\N{EM DASH} example.com/log/testdata M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+"
    "CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=\n"
)
PROOF = (
    "c2sp.org/tlog-proof@v1\nindex 5\n"
    "zMKa4OAqd7D0V4wawXST15z0JiEEkprIBPkfxOesWvA=\n"
    "nk9gCR+floFqznAPtqjjcnnV64dge2jQB95D5t164Hg=\n"
    "zY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co=\n"
    "5jLpqTgjsBDSEX6SgZiRnbTMdTuRd8bQ5tSsAOxe0Ks=\n\n"
) + NOTE
EIGHT = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_published_roots() -> None:
    leaves = [merkle.leaf_hash(bytes.fromhex(text)) for text in EIGHT]
    assert [merkle.root(leaves[:size]).hex() for size in range(9)] == ROOTS
    records = [merkle.leaf_hash(b"record %d" % number) for number in range(300)]
    published = "830df5c90aea65909c10e3ebcd7f9ba72de727a4209e04ca9fc1b59b48badae5"
    assert merkle.root(records).hex() == published


def test_every_proof_of_every_small_tree() -> None:
    """Each proof leads to the root, and none from another place, size or hash."""
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(34)]
    for size in range(1, len(leaves) + 1):
        root = merkle.root(leaves[:size])
        assert root == reference.tree(leaves[:size])
        for index in range(size):
            path = reference.path(index, leaves[:size])
            leads = merkle.root_of_proof
            assert leads(index, size, leaves[index], path) == root
            assert leads(index, size, leaves[index - 1], path) != root or size == 1
            for place in range(len(path)):
                altered = [
                    *path[:place],
                    bytes([path[place][0] ^ 8]) + path[place][1:],
                    *path[place + 1 :],
                ]
                assert leads(index, size, leaves[index], altered) != root
                with pytest.raises(ValueError, match="hashes"):
                    leads(index, size, leaves[index], path[:place] + path[place + 1 :])
            for wrong in ([*path, root], [leaves[0], *path]):
                with pytest.raises(ValueError, match="hashes"):
                    leads(index, size, leaves[index], wrong)
            with pytest.raises(ValueError, match="is for leaf"):
                leads(size, size, leaves[index], path)
            for other in range(size):
                if other != index and leaves[other] != leaves[index]:
                    with contextlib.suppress(ValueError):
                        assert leads(other, size, leaves[index], path) != root


def test_the_published_note_and_proof() -> None:
    log = VerifierKey.parse(LOG)
    assert str(log) == LOG
    checkpoint = open_checkpoint(NOTE.encode(), log)
    assert checkpoint.size == 15
    proof = InclusionProof.parse(PROOF)
    root = merkle.root_of_proof(5, 15, merkle.leaf_hash(b"six"), proof.path)
    assert (proof.index, root, proof.note) == (5, checkpoint.root, NOTE.encode())
    extra = PROOF.replace("index 5\n", f"extra {base64.b64encode(b'six').decode()}\nindex 5\n", 1)
    assert InclusionProof.parse(extra.replace("index 5\nextra", "extra")) == proof


def test_no_byte_of_a_note_may_be_altered() -> None:
    log = VerifierKey.parse(LOG)
    note = NOTE.encode()
    for place in range(len(note)):
        for mask in (1, 8, 0x20, 0x80):
            altered = bytearray(note)
            altered[place] ^= mask
            with pytest.raises(FalseCheckpointError):
                open_checkpoint(bytes(altered), log)
    for cut in range(len(note)):
        with pytest.raises(FalseCheckpointError):
            open_checkpoint(note[:cut], log)


KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))
ROOT = base64.b64encode(bytes(32)).decode()
EMPTY = base64.b64encode(sha256(b"").digest()).decode()


def opened(text: str, key: Ed25519PrivateKey = KEY, more: bytes = b"") -> int:
    log = VerifierKey.parse(reference.vkey(KEY))
    return open_checkpoint(reference.sign_note(text, key) + more, log).size


def test_only_checkpoints_of_this_log_are_opened() -> None:
    name = reference.ORIGIN
    assert opened(f"{name}\n7\n{ROOT}\n") == 7
    assert opened(f"{name}\n0\n{EMPTY}\n") == 0
    witness = b"\xe2\x80\x94 witness.example/w1 " + base64.b64encode(bytes(76)) + b"\n"
    assert opened(f"{name}\n7\n{ROOT}\n", more=witness) == 7
    own = reference.sign_note(f"{name}\n7\n{ROOT}\n", KEY).split(b"\n\n")[1]
    refused = {
        "another origin": f"other.example/log\n7\n{ROOT}\n",
        "an extension": f"{name}\n7\n{ROOT}\nmore\n",
        "a leading zero": f"{name}\n07\n{ROOT}\n",
        "a sign": f"{name}\n+7\n{ROOT}\n",
        "another digit": f"{name}\n\u0667\n{ROOT}\n",
        "too much": f"{name}\n{2**63}\n{ROOT}\n",
        "a short root": f"{name}\n7\n{base64.b64encode(bytes(31)).decode()}\n",
        "a loose root": f"{name}\n7\n{ROOT[:-2]}B=\n",
        "no entries, and a root": f"{name}\n0\n{ROOT}\n",
        "two lines": f"{name}\n7\n",
        "a return": f"{name}\r\n7\n{ROOT}\n",
    }
    for text in refused.values():
        with pytest.raises(FalseCheckpointError):
            opened(text)
    good = f"{name}\n7\n{ROOT}\n"
    for more in (
        own,
        b"rubbish\n",
        b"\xe2\x80\x94 a b c\n",
        b"\xe2\x80\x94 name AAAA\n",
        b"\n",
        witness * 100,
        b"\xff",
    ):
        with pytest.raises(FalseCheckpointError):
            opened(good, more=more)
    with pytest.raises(FalseCheckpointError, match="signatures by"):
        opened(good, key=OTHER)
    with pytest.raises(FalseCheckpointError, match="more than 1000000 bytes"):
        opened(good, more=witness * 10_000)
    assert opened(good, more=witness * 99) == 7


def labelled(name: str, key: bytes) -> str:
    """A verifier key whose id is right, whatever its parts are."""
    key_id = sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    return f"{name}+{key_id}+{base64.b64encode(key).decode()}"


def test_verifier_keys_are_of_the_one_form() -> None:
    key = b"\1" + KEY.public_key().public_bytes_raw()
    assert str(VerifierKey.parse(labelled("log.example", key))) == labelled("log.example", key)
    names = ("", "a b", "a\u00a0b", "a\x7fb", "a\tb")
    wrong = [labelled(name, key) for name in names]
    wrong += [
        labelled("log.example", other) for other in (key[:-1], key + b"\0", b"\4" + key[1:], b"")
    ]
    wrong += ["", "log.example", "log.example+00000000", labelled("log.example", key).upper()]
    for text in wrong:
        with pytest.raises(ValueError, match="key"):
            VerifierKey.parse(text)


@given(st.text(max_size=80))
def test_texts_that_are_no_proofs_are_value_errors(text: str) -> None:
    for candidate in (text, "c2sp.org/tlog-proof@v1\n" + text, PROOF.replace("index 5", text)):
        try:
            InclusionProof.parse(candidate)
        except ValueError:
            continue
        assert candidate.startswith("c2sp.org/tlog-proof@v1\n")


TRUST = f"# A comment.\n\nledger {'0f' * 32}\nlog {LOG}\n"


def test_trust_files() -> None:
    trust = TrustFile.parse(TRUST)
    assert (trust.ledger.hex(), str(trust.log)) == ("0f" * 32, LOG)
    assert TrustFile.parse(f"log {LOG}\nledger {'0f' * 32}\n") == trust


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (TRUST.removesuffix("\n"), None),
        (f"log {LOG}\n", None),
        ("", None),
        (TRUST + f"log {LOG}\n", 5),
        (TRUST.replace("ledger ", "ledger  "), 3),
        (TRUST.replace("ledger ", " ledger "), 3),
        (TRUST.replace("0f", "0F"), 3),
        (TRUST.replace("\n", "\r\n"), 2),
        (TRUST.replace("+33d7b496", "+33d7b497"), 4),
        (TRUST.replace("+AeHT", "+BOHT"), 4),
        (TRUST.replace(LOG, LOG + " https://log.example"), 4),
        (TRUST + "witness w1\n", 5),
    ],
)
def test_what_no_trust_file_is(text: str, line: int | None) -> None:
    with pytest.raises(FileError) as caught:
        TrustFile.parse(text, "trust")
    assert caught.value.line == line
