"""Checks a file of payment evidence by docs/formats/evidence.md alone.

Nothing of Specie's is used, not even its schema: the standard library, and `cryptography` for
Ed25519. Usage: check_evidence.py FILE TRUST
"""

import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

STATEMENT = "application/vnd.specie.statement.v1+protobuf"
DECISION = "application/vnd.specie.decision.v1+json"


def require(holds, what):
    if not holds:
        raise SystemExit("NOT PROVEN: " + what)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf_hash(data):
    return sha256(b"\0", data)


def root_from(leaf, index, size, path):
    """RFC 9162, section 2.1.3.2: the root that a path leads to."""
    require(index < size, "an index is outside its tree")
    fn, sn, root = index, size - 1, leaf
    for node in path:
        require(sn > 0, "a path is too long")
        if fn & 1 or fn == sn:
            root = sha256(b"\1", node, root)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = sha256(b"\1", root, node)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, "a path is too short")
    return root


def is_signed(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except Exception:
        return False


def dsse(kind, payload):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def fields(data):
    """A protobuf message as {field number: [values]}: numbers, and bytes."""
    found, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = varint()
        value = varint()
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
        found.setdefault(tag >> 3, []).append(value)
    return found


def one(message, number, default=b""):
    return message.get(number, [default])[0]


def open_checkpoint(note, vkey):
    """C2SP signed-note and tlog-checkpoint: the size and root that the log's key signed."""
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    require(key[0] == 1 and sha256(name.encode(), b"\n", key)[:4].hex() == key_id, "the vkey is none")
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    origin, size, root = text.splitlines()
    require(origin == name, "the checkpoint is of another log")
    for line in signatures.splitlines():
        dash, signer, blob = line.split(" ")
        blob = base64.b64decode(blob)
        if dash == "\u2014" and signer == name and blob[:4].hex() == key_id:
            require(is_signed(key[1:], text.encode(), blob[4:]), "the log's signature is bad")
            return int(size), base64.b64decode(root), key[1:]
    raise SystemExit("NOT PROVEN: the log has not signed the checkpoint")


def key_of(public_key):
    """A `PublicKey`: its algorithm must be Ed25519, 1."""
    message = fields(public_key)
    require(one(message, 1, 0) == 1, "a key is not of Ed25519")
    return one(message, 2)


def registers(entry, party, key):
    """Whether an entry made the key the party's."""
    if 16 in entry:  # GenesisEntry: officers are field 4, recovery keys 6.
        genesis = fields(one(fields(entry[16][0]), 1))
        holders = {"issuer": 4, "recovery": 6}.get(party)
        return any(key_of(one(fields(h), 2)) == key for h in genesis.get(holders, []))
    body = fields(one(entry, 18))
    if 16 not in body:  # Not accepted.
        return False
    order = fields(one(body, 1))
    if 16 in order:  # AdmitParticipant
        admission = fields(order[16][0])
        return one(admission, 1).decode() == party and key in map(key_of, admission.get(3, []))
    for number, of_key in ((19, 2), (20, 3)):  # RegisterKey, RotateKey
        if number in order:
            change = fields(order[number][0])
            return one(change, 1).decode() == party and key_of(one(change, of_key)) == key
    if 24 in order:  # ReplaceOfficers
        keys = map(key_of, fields(order[24][0]).get(1, []))
        return party == "issuer" and key in keys
    return False


def check(evidence, trust):
    require(evidence["format"] == "specie-evidence-v1", "the format is another")
    log = evidence["log"]
    size, root, log_key = open_checkpoint(log["checkpoint"], trust["log"])
    hashes = [base64.b64decode(text) for text in log["hashes"]]
    entries = {}
    for item in log["entries"]:
        data = base64.b64decode(item["entry"])
        path = [hashes[place] for place in item["path"]]
        computed = root_from(leaf_hash(data), item["sequence"], size, path)
        require(computed == root, "entry %d is not in the log" % item["sequence"])
        entries[item["sequence"]] = data
    require(leaf_hash(entries[0]).hex() == trust["ledger"], "it is another ledger")
    submission = fields(one(fields(entries[evidence["submission"]]), 17))
    entry = fields(entries[evidence["instruction"]])
    instruction = fields(one(entry, 18))

    statement_bytes = one(submission, 1)
    statement = fields(statement_bytes)
    party, count = one(statement, 2).decode(), one(statement, 3, 0)
    require(one(statement, 1).hex() == trust["ledger"], "the statement is for another ledger")
    index = evidence["instruction"] - evidence["submission"] - 1
    path = [base64.b64decode(text) for text in evidence["path"]]
    order_bytes = one(instruction, 1)
    require(root_from(leaf_hash(order_bytes), index, count, path) == one(statement, 5),
            "the order is not under what was signed")
    keys = []
    for signature in map(fields, submission[2]):
        key = one(signature, 1)
        require(is_signed(key, dsse(STATEMENT, statement_bytes), one(signature, 2)),
                "a signature on the order is bad")
        require(any(registers(fields(data), party, key) for sequence, data in entries.items()
                    if sequence < evidence["submission"]), "a key was never registered")
        keys.append(key)
    require(keys and len(set(keys)) == len(keys), "no distinct keys signed")

    attested = None
    if "attestation" in evidence:
        envelope = evidence["attestation"]
        payload = base64.b64decode(envelope["payload"])
        require(envelope["payloadType"] == DECISION and any(
            is_signed(log_key, dsse(DECISION, payload), base64.b64decode(s["sig"]))
            for s in envelope["signatures"]), "the log key has not attested the decision")
        attested = json.loads(payload)
        require(attested["ledger"] == trust["ledger"] and attested["party"] == party
                and attested["entry"] == evidence["instruction"], "the attestation is of another")
    outcome = {16: "accepted", 17: "rejected", 18: "duplicate"}[max(instruction)]
    if outcome == "rejected":
        outcome += " as " + one(fields(instruction[17][0]), 1).decode()
    return party, outcome, len(keys), attested


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as file:
        lines = [line.split(" ", 1) for line in file.read().splitlines() if line[:1] not in ("", "#")]
    with open(sys.argv[1], encoding="utf-8") as file:
        evidence_file = json.load(file)
    party_code, result, signers, decision = check(evidence_file, dict(lines))
    print("PROVEN: entry %d, ordered by %s with %d key(s): %s%s" % (
        evidence_file["instruction"], party_code, signers, result,
        "; the log key attests the decision" if decision else ""))
