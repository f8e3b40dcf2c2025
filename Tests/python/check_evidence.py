"""Checks a file of payment evidence by docs/formats/evidence.md alone, with nothing of Specie's, not
even its schema: the standard library, and `cryptography` for Ed25519. check_evidence.py FILE TRUST"""

import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

STATEMENT = "application/vnd.specie.statement.v1+protobuf"
DECISION = "application/vnd.specie.decision.v1+json"
# Fields of `Instruction` (docs/formats/instruction.md), and of `Quorums` that the issuer's need.
ADMIT, SUSPEND, REINSTATE, REGISTER, ROTATE, KEY_OFF, KEY_ON, REVOKE, REPLACE = range(16, 25)
QUORUMS = {ADMIT: 1, REINSTATE: 1, REGISTER: 2, ROTATE: 2, KEY_ON: 2, REVOKE: 2, 25: 5, 35: 4, 36: 4,
           48: 3, 64: 5, 66: 5}
OUTCOMES = {16: "accepted", 17: "rejected", 18: "duplicate"}
PARTICIPANTS = {32, 33, 34, 37, 38, 39, 40, 41, 49, 50, 51, 52, 53}

def require(holds, what):
    if not holds:
        raise SystemExit("NOT PROVEN: " + what)

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def unbase64(text):
    data = base64.b64decode(text, validate=True)
    require(base64.b64encode(data).decode() == text, "base64 is not canonical")
    return data

def root_from(leaf, index, size, path):
    """RFC 9162, section 2.1.3.2: the root that a path leads to."""
    require(0 <= index < size, "an index is outside its tree")
    fn, sn, root = index, size - 1, leaf
    for node in path:
        require(sn > 0 and len(node) == 32, "a path is none")
        if fn & 1 or fn == sn:
            root = sha256(b"\1", node, root)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = sha256(b"\1", root, node)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, "a path is too short")
    return root

def require_signature(key, message, signature, what):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except Exception:
        require(False, what)

def dsse(kind, payload):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)

def fields(data):
    """A protobuf message as {field number: [values]}: numbers, and bytes."""
    found, at = {}, 0
    while at < len(data):
        tag, value = 0, 0
        for part in range(2):
            value = shift = 0
            while not shift or data[at - 1] > 127:
                value, shift, at = value | (data[at] & 127) << shift, shift + 7, at + 1
            tag = tag if part else value
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
        found.setdefault(tag >> 3, []).append(value)
    return found

def one(message, number, default=b""):
    return message.get(number, [default])[0]

def key_of(public_key):
    message = fields(public_key)
    require(one(message, 1, 0) == 1, "a key is not of Ed25519")
    return one(message, 2)

def open_checkpoint(note, vkey):
    """C2SP signed-note and tlog-checkpoint: the size and root that the log's key signed."""
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    require(key[0] == 1 and sha256(name.encode(), b"\n", key)[:4].hex() == key_id, "the vkey is none")
    text, signatures = note.rsplit("\n\n", 1)
    origin, size, root = text.split("\n")
    require(origin == name, "the checkpoint is of another log")
    for line in signatures.splitlines():
        dash, signer, blob = line.split(" ")
        blob = unbase64(blob)
        if dash == "\u2014" and signer == name and blob[:4].hex() == key_id:
            require_signature(key[1:], (text + "\n").encode(), blob[4:], "the log's signature is bad")
            return int(size), unbase64(root), key[1:]
    raise SystemExit("NOT PROVEN: the log has not signed the checkpoint")

class Evidence:
    def __init__(self, text, trust):
        self.file, self.trust, self.entries = json.loads(text), trust, {}
        one_form = json.dumps(self.file, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        require(one_form + "\n" == text and self.file["format"] == "specie-evidence-v1", "the form")
        log = self.file["log"]
        size, root, self.log_key = open_checkpoint(log["checkpoint"], trust["log"])
        hashes = [unbase64(text) for text in log["hashes"]]
        for item in log["entries"]:
            place, data = item["sequence"], unbase64(item["entry"])
            require(all(index >= 0 for index in item["path"]), "a path names no hash")
            path = [hashes[index] for index in item["path"]]
            require(root_from(sha256(b"\0", data), place, size, path) == root, "an entry is not in the log")
            self.entries[place] = fields(data)
            require(one(self.entries[place], 1, 0) == place, "an entry says another place")
            if place == 0:
                require(sha256(b"\0", data).hex() == trust["ledger"], "it is another ledger")
        self.genesis = fields(one(fields(one(self.entries[0], 16)), 1))
        self.quorums, self.orders = fields(one(self.genesis, 5)), []
        for proof in self.file["key_orders"]:  # In order: each rests on those before it.
            _, order, outcome, _ = self.order(proof)
            require(outcome == 16, "a refused order changes no key")
            self.orders.append((proof["instruction"], order))
    def history(self, key, party, before):
        """The entries that made the key the party's and changed it, and whether it may act at a time."""
        holders = self.genesis.get({"issuer": 4, "recovery": 6}.get(party, 0), [])
        found = [0] if any(key_of(one(fields(h), 2)) == key for h in holders) else []
        acts, gone, start, end = True, False, 0, 1 << 64
        for number, order in self.orders:
            kind = max(order)
            body = fields(order[kind][0])
            if number >= before or party != ("issuer" if kind == REPLACE else one(body, 1).decode()):
                continue
            new = body.get({ADMIT: 3, REPLACE: 1, REGISTER: 2, ROTATE: 3}.get(kind, 0), [])
            if key in map(key_of, new):
                found = found or [number]
                if kind == REGISTER:
                    start, end = one(body, 3, 0), one(body, 4, 0) or end
            elif found and (kind in (SUSPEND, REINSTATE, REPLACE) or key_of(one(body, 2)) == key):
                found.append(number)
                acts = {KEY_OFF: False, KEY_ON: True}.get(kind, acts)
                gone = gone or kind in (REVOKE, REPLACE)
                end = one(body, 4, 0) if kind == ROTATE else end
        return found, lambda time: acts and not gone and start <= time < end
    def order(self, proof):
        """Checks an order: who gave it, what, its outcome's field, and the signers' histories."""
        number, before = proof["instruction"], proof["submission"]
        entry, submission = self.entries[number], fields(one(self.entries[before], 17))
        instruction, statement = fields(one(entry, 18)), fields(one(submission, 1))
        party, time = one(statement, 2).decode(), one(entry, 2, 0)
        require(one(statement, 1).hex() == self.trust["ledger"], "a statement for another ledger")
        root = root_from(sha256(b"\0", one(instruction, 1)), number - before - 1, one(statement, 3, 0),
                         [unbase64(text) for text in proof["path"]])
        require(root == one(statement, 5), "an order is not under what was signed")
        signers = []
        for signature in map(fields, submission.get(2, [])):
            key, message = one(signature, 1), dsse(STATEMENT, one(submission, 1))
            require_signature(key, message, one(signature, 2), "a signature on the order is bad")
            found, may_act = self.history(key, party, before)
            require(found and may_act(time), "a key was not its party's, or could not act")
            signers.append((key, found))
        require(signers and len({key for key, _ in signers}) == len(signers), "no distinct keys signed")
        order, outcome = fields(one(instruction, 1)), max(instruction)
        kind = max(order)
        body = fields(order[kind][0])
        if outcome == 16 and kind == REPLACE:
            require(party == "recovery" and len(signers) >= one(self.quorums, 6, 0), "too few may")
        elif outcome == 16 and party == "issuer":
            counted = [key for key, _ in signers if kind not in (KEY_ON, REVOKE) or key != key_of(one(body, 2))]
            quorum = one(self.quorums, QUORUMS[kind], 0) if kind in QUORUMS else 1
            require(kind not in PARTICIPANTS and len(counted) >= quorum, "too few officers signed")
        elif outcome == 16:
            own = kind in (REGISTER, ROTATE, KEY_OFF, REVOKE) and one(body, 1).decode() == party
            require(own or kind in PARTICIPANTS, "it is not the party's to order")
        return party, order, outcome, signers
    def check(self):
        party, _, outcome, signers = self.order(self.file["order"])
        number = self.file["order"]["instruction"]
        name = OUTCOMES[outcome]
        envelope = self.file.get("attestation")
        if envelope:
            payload, (signature,) = unbase64(envelope["payload"]), envelope["signatures"]
            what = "the log key has not attested the decision"
            require(envelope["payloadType"] == DECISION and signature["keyid"] == self.log_key.hex(), what)
            require_signature(self.log_key, dsse(DECISION, payload), unbase64(signature["sig"]), what)
            said = json.loads(payload)
            require((said["ledger"], said["entry"], said["party"], said["outcome"]) == (
                self.trust["ledger"], number, party, name), "another decision is attested")
            require([(s["key"], s["entries"]) for s in said["signers"]] == [
                (key.hex(), found) for key, found in signers], "other keys are attested")
        return "PROVEN: entry %d, ordered by %s with %d key(s): %s%s" % (
            number, party, len(signers), name, "; the log key attests the decision" if envelope else "")

def main(path, trust_path):
    with open(trust_path, encoding="utf-8") as file:
        lines = [line.split(" ", 1) for line in file.read().splitlines() if line[:1] not in ("", "#")]
    try:
        with open(path, encoding="utf-8") as file:
            return Evidence(file.read(), dict(lines)).check()
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise SystemExit("NOT PROVEN: the file is none: %r" % error)

if __name__ == "__main__":
    print(main(*sys.argv[1:]))
