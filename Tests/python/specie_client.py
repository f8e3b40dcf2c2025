"""A bank's client in Python: signs a batch of payments, submits it, and checks its receipt.

Needs nothing of Specie but the schema in proto/: the proof that another language needs no help
from us. What it checks, it checks with `cryptography` and `hashlib` alone: the log's signature on
the checkpoint, the inclusion of each entry, and that the entries hold the bytes that were sent.
"""

import argparse
import base64
import hashlib
import os
import pathlib
import struct
import sys
import tempfile
import time
import uuid

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAYLOAD_TYPE = "application/vnd.specie.statement.v1+protobuf"
PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"


def load_schema(proto):
    """Generates Python code from the schema into a temporary folder, and imports it."""
    from grpc_tools import protoc

    folder = tempfile.mkdtemp(prefix="specie-proto-")
    files = [str(path) for path in sorted((proto / "specie" / "v1").glob("*.proto"))]
    if protoc.main(["protoc", f"--proto_path={proto}", f"--python_out={folder}", *files]) != 0:
        sys.exit(f"protoc refuses the schema in {proto}")
    sys.path.insert(0, folder)
    from specie.v1 import api_pb2, instruction_pb2, log_pb2, submission_pb2

    return api_pb2, instruction_pb2, log_pb2, submission_pb2


# RFC 6962: a prefix byte separates leaves from inner nodes.


def leaf_hash(data):
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(tree_root(leaves[:split]), tree_root(leaves[split:]))


def root_of_proof(index, size, leaf, path):
    """RFC 9162, section 2.1.3.2."""
    node, last, root = index, size - 1, leaf
    for sibling in path:
        check(last > 0, "the proof is too long")
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    check(last == 0, "the proof is too short")
    return root


def check(condition, problem):
    if not condition:
        sys.exit(f"not to be believed: {problem}")


class Trust:
    """The ledger and the log's key, from the trust file that `specie init` writes."""

    def __init__(self, text):
        lines = dict(line.split(" ", 1) for line in text.splitlines() if line and line[0] != "#")
        self.ledger = bytes.fromhex(lines["ledger"])
        self.name, key_id, key = lines["log"].split("+", 2)
        self.key_id = bytes.fromhex(key_id)
        key = base64.b64decode(key)
        check(key[0] == 1, "the log's key is not Ed25519")
        expected = hashlib.sha256(self.name.encode() + b"\n" + key).digest()[:4]
        check(self.key_id == expected, "the log's key does not have the id it states")
        self.public_key = Ed25519PublicKey.from_public_bytes(key[1:])

    def open_checkpoint(self, note):
        """Returns size and root of a signed note (C2SP signed-note, tlog-checkpoint)."""
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        for line in signatures.splitlines():
            dash, name, blob = line.split(" ")
            blob = base64.b64decode(blob)
            if dash == "\u2014" and name == self.name and blob[:4] == self.key_id:
                self.public_key.verify(blob[4:], text.encode())  # Throws where it is false.
                origin, size, root = text.splitlines()
                check(origin == self.name, f"the checkpoint is of {origin}")
                return int(size), base64.b64decode(root)
        sys.exit("not to be believed: the checkpoint is not signed by the log")


def read_key(text):
    """Returns the key of a raw seed in hexadecimal, or of a PEM file."""
    if pathlib.Path(text).is_file():
        return serialization.load_pem_private_key(pathlib.Path(text).read_bytes(), password=None)
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))


def new_id(milliseconds):
    """A UUIDv7 (RFC 9562, section 5.7)."""
    random = int.from_bytes(os.urandom(10), "big")
    high = milliseconds << 16 | 7 << 12 | random & 0xFFF
    low = 0b10 << 62 | random >> 12 & (1 << 62) - 1
    return struct.pack(">QQ", high, low)


def build_submission(schema, arguments, trust, key, now_us):
    """Returns the submission: instructions, their statement, and its signature."""
    _, instruction_pb2, _, submission_pb2 = schema
    payer, payee = uuid.UUID(arguments.payer).bytes, uuid.UUID(arguments.payee).bytes
    instructions = []
    for _ in range(arguments.count):
        instruction = instruction_pb2.Instruction(
            id=new_id(now_us // 1000), reference=arguments.reference)
        transfer = getattr(instruction, arguments.operation.replace("-", "_"))
        transfer.payer, transfer.payee = payer, payee
        transfer.amount, transfer.currency = arguments.amount, arguments.currency
        instructions.append(instruction.SerializeToString(deterministic=True))
    statement = submission_pb2.Statement(
        ledger=trust.ledger, party=arguments.party, count=len(instructions),
        expiry=now_us + 300 * 1_000_000, root=tree_root([leaf_hash(i) for i in instructions]),
    ).SerializeToString(deterministic=True)
    # DSSE's pre-authentication encoding.
    signed = f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(statement)} ".encode() + statement
    keyid = key.public_key().public_bytes_raw().hex()
    envelope = submission_pb2.Envelope(payload=statement, payload_type=PAYLOAD_TYPE)
    envelope.signatures.add(sig=key.sign(signed), keyid=keyid)
    return submission_pb2.Submission(envelope=envelope, instructions=instructions)


def submit(schema, url, submission):
    """Sends the same bytes until they are answered: a statement is sequenced once."""
    body = submission.SerializeToString()
    headers = {"Content-Type": "application/x-protobuf", "Accept": "application/x-protobuf"}
    for _ in range(20):
        answer = requests.post(f"{url}/v1/submissions", data=body, headers=headers, timeout=30)
        if answer.status_code != 503:
            break
        time.sleep(float(answer.headers.get("Retry-After", "1")))
    if answer.status_code != 200:
        problem = answer.json()
        sys.exit(f"refused: {problem['detail']} ({problem['code']})")
    return schema[0].SubmissionReceipt.FromString(answer.content)


def wait_for_checkpoint(url, trust, sequence):
    """Returns once a signed checkpoint covers the entry."""
    for _ in range(200):
        answer = requests.get(f"{url}/v1/checkpoint", timeout=30)
        if answer.status_code == 200:
            size, _ = trust.open_checkpoint(answer.content.decode())
            if size > sequence:
                return size
        time.sleep(0.1)
    sys.exit(f"no checkpoint covers entry {sequence}")


def proven_entry(schema, url, trust, sequence):
    """Returns the entry, proven to be in the log (C2SP tlog-proof)."""
    answer = requests.get(f"{url}/v1/proof/{sequence}", timeout=30)
    answer.raise_for_status()
    entry = base64.b64decode(answer.json()["entry"])
    head, _, note = answer.json()["proof"].partition("\n\n")
    lines = head.splitlines()
    check(lines[:2] == ["c2sp.org/tlog-proof@v1", f"index {sequence}"], "the proof's first lines")
    size, root = trust.open_checkpoint(note)
    path = [base64.b64decode(line) for line in lines[2:]]
    check(sequence < size, f"entry {sequence} is not in a tree of {size}")
    found = root_of_proof(sequence, size, leaf_hash(entry), path)
    check(found == root, f"entry {sequence} is not under the checkpoint's root")
    message = schema[2].LogEntry.FromString(entry)
    check(message.sequence == sequence, f"entry {sequence} says it is {message.sequence}")
    return message


def verify(schema, url, trust, submission, receipt):
    """Checks that the log holds what was sent, with the outcomes that the receipt tells."""
    check(len(receipt.instructions) == len(submission.instructions), "the number of outcomes")
    wait_for_checkpoint(url, trust, receipt.sequence + len(receipt.instructions))
    entry = proven_entry(schema, url, trust, receipt.sequence)
    check(entry.submission.statement == submission.envelope.payload, "another statement is logged")
    for index, (sent, outcome) in enumerate(zip(submission.instructions, receipt.instructions)):
        check(outcome.sequence == receipt.sequence + 1 + index, f"the place of instruction {index}")
        entry = proven_entry(schema, url, trust, outcome.sequence).instruction
        if outcome.first_sequence != outcome.sequence:  # A copy: the outcome is the first one's.
            check(entry.duplicate.sequence == outcome.first_sequence, f"the first of {index}")
            entry = proven_entry(schema, url, trust, outcome.first_sequence).instruction
        check(entry.instruction == sent, f"another instruction is logged for {index}")
        kind = outcome.WhichOneof("outcome")
        check(
            entry.WhichOneof("outcome") == kind and getattr(entry, kind) == getattr(outcome, kind),
            f"another outcome is logged for {index}")


# By the number of `Comparison`.
COMPARISONS = {0: "at most", 2: "under", 3: "at least"}


def outcome_lines(schema, outcome):
    """Says what became of an order, where that is more than that it was accepted."""
    log_pb2 = schema[2]
    order = uuid.UUID(bytes=outcome.id)
    for remark in outcome.accepted.remarks:
        text = {
            log_pb2.REMARK_KIND_FLAGGED: "flagged by rule {0.rule} of {0.pack}",
            log_pb2.REMARK_KIND_SHADOW_REFUSED:
                "would be refused, in shadow, by rule {0.rule} of {0.pack}",
            log_pb2.REMARK_KIND_SHADOW_TIER_UNKNOWN:
                "would be refused, in shadow, by {0.pack}, which knows not the wallet's tier",
        }.get(remark.kind, "remarked on by {0.pack}")
        yield f"accepted {order}: " + text.format(remark)
    if not outcome.HasField("rejected"):
        return
    yield f"rejected {order}: {outcome.rejected.code}: {outcome.message}"
    if not outcome.HasField("limit"):
        return
    limit, figures = outcome.limit, []
    if outcome.rejected.pack:
        unit = log_pb2.DecisionUnit.Name(limit.unit).removeprefix("DECISION_UNIT_").lower()
        figures.append(f"{COMPARISONS[limit.comparison]}, in {unit} of {outcome.rejected.pack}")
    if not outcome.withheld:
        used = int.from_bytes(
            struct.pack(">QQ", limit.used_high, limit.used_low), "big", signed=True)
        figures += [f"limit {limit.limit}", f"used {used}"]
    if limit.shared:
        figures.append(f"left {limit.left}")
    figures.append(f"asked {limit.asked}")
    if limit.reason == log_pb2.DECISION_REASON_APPROVAL_MISSING:
        figures.append(f"signed by {limit.signed} of {limit.required}")
    elif limit.reason == log_pb2.DECISION_REASON_MEMORY_FULL:
        figures.append(f"{limit.required} remembered, the most there can be")
    if limit.resets:
        figures.append(f"resets at {limit.resets} us")
    yield "  " + ", ".join(figures)


def main():
    parser = argparse.ArgumentParser(description="Signs, submits and verifies a batch of payments.")
    parser.add_argument("--url", default="http://127.0.0.1:7070", help="where the server listens")
    parser.add_argument("--trust", required=True, type=pathlib.Path, help="the trust file")
    parser.add_argument("--key", required=True, help="a seed in hexadecimal, or a PEM file")
    parser.add_argument("--party", required=True, help="the participant's code")
    parser.add_argument("--operation", default="pay", choices=["settle", "fund", "pay", "cash-out"])
    parser.add_argument("--payer", required=True, help="an account id")
    parser.add_argument("--payee", required=True, help="an account id")
    parser.add_argument("--amount", required=True, type=int, help="of each, in minor units")
    parser.add_argument("--currency", default="CNY")
    parser.add_argument("--count", default=1, type=int, help="payments in the batch")
    parser.add_argument("--reference", default="")
    parser.add_argument("--proto", default=PROTO, type=pathlib.Path, help="the schema's folder")
    arguments = parser.parse_args()

    schema = load_schema(arguments.proto)
    trust = Trust(arguments.trust.read_text())
    info = requests.get(f"{arguments.url}/v1/ledger", timeout=30).json()
    check(bytes.fromhex(info["ledger"]) == trust.ledger, "it is another ledger")
    now_us = time.time_ns() // 1000
    submission = build_submission(schema, arguments, trust, read_key(arguments.key), now_us)
    receipt = submit(schema, arguments.url, submission)
    verify(schema, arguments.url, trust, submission, receipt)
    accepted = sum(outcome.HasField("accepted") for outcome in receipt.instructions)
    for outcome in receipt.instructions:
        for line in outcome_lines(schema, outcome):
            print(line)
    print(f"submission {receipt.sequence}: {accepted} of {len(receipt.instructions)} accepted, "
          "all proven")


if __name__ == "__main__":
    main()
