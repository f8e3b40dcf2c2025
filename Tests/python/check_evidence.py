"""Checks a file of payment evidence by docs/formats/evidence.md alone, with nothing of Specie's: who ordered it, by which
keys and powers. It reads no amounts and texts of the order, and no rules of the attestation. check_evidence.py FILE TRUST"""
import base64, datetime, hashlib, json, re, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# EV-6: an operation's number, name, fields (b bytes, n a number, * many bytes), and who may order it.
WORDS = """16 admit-participant bb** 1  17 suspend-participant bb one  18 reinstate-participant bb 1
  19 register-key bbnn key  20 rotate-key bbbn key  21 suspend-key bb key  22 reinstate-key bb key  23 revoke-key bb key
  24 replace-officers * 6  25 set-participant-attribute bbbbn 5  26 register-certificate bbnn own-2
  27 revoke-certificate bb own-one  32 open-wallet bbbb bank  33 set-wallet-tier bb bank  34 close-wallet b bank
  35 freeze bn 4  36 unfreeze b 4  37 set-wallet-attribute bbbn bank  38 link-account bb bank  39 list-payee bb bank
  40 unlist-payee bb bank  41 record-event bb bank  48 issue bnbb 3  49 redeem bnbb bank  50 settle bbnb bank
  51 fund bbnb bank  52 pay bbnb bank  53 cash-out bbnb bank  64 activate-rule-set bbnn 5  65 confirm-clock n one
  66 withdraw-rule-set bbn 5""".split()
OPERATIONS = {int(number): rest for number, *rest in zip(*[iter(WORDS)] * 4)}
ADMIT, SUSPEND, REINSTATE, REGISTER, ROTATE, KEY_OFF, KEY_ON, REVOKE, REPLACE = range(16, 25)
# EV-5: what a key must not be for an order to change it, and what it is then; the field that has new keys.
CHANGES = {SUSPEND: ("", None), REINSTATE: ("", None), REPLACE: ("", "revoked"), ROTATE: ("revoked", None),
           REVOKE: ("revoked", "revoked"), KEY_OFF: ("suspended revoked", "suspended"), KEY_ON: ("active revoked", "active")}
NEW_KEYS = {ADMIT: 3, REGISTER: 2, ROTATE: 3, REPLACE: 1}
OUTCOMES = {16: ("accepted", "*", ()), 17: ("rejected", "bbb", ("code", "rule", "pack")), 18: ("duplicate", "n", ("first",))}
NO_END, OFFICES, ACCEPTED = 1 << 64, ("issuer", "recovery"), 16
PARTICIPANT, P, SMALL_ORDER = "(?!(issuer|recovery|auditor)$)[a-z0-9-]{2,32}", 2**255 - 19, {0, 1, 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826}

def sha256(*parts): return hashlib.sha256(b"".join(parts)).digest()
def json_of(value): return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
def rfc3339(time): return (datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=time)).isoformat() + "Z"
def one(message, number, default=b""): return message.get(number, [default])[0]
def require(holds, what):
    if not holds: raise ValueError(what)
def unbase64(text, count=None):
    data = base64.b64decode(text, validate=True)
    require(base64.b64encode(data).decode() == text and count in (None, len(data)), "base64 is none")
    return data
def parts(value, **kinds):
    require({name: type(part) for name, part in value.items()} == kinds, "fields are not those of the format")
    return [value[name] for name in kinds]
def check_signature(key, signature, message, kind=None):
    for y in (int.from_bytes(point, "little") % 2**255 for point in (key, signature[:32])):
        require(y < P and min(y, P - y) not in SMALL_ORDER, "a signature by a key that anybody has")  # S-3
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(message), message) if kind else message
    Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
def root_from(leaf, index, size, path):
    """RFC 9162, section 2.1.1: the root to which a path of just the right length leads."""
    require(0 <= index < size < 2**63 and (size == 1) == (not path), "a path is none")
    if size == 1: return leaf
    left = 1 << (size - 1).bit_length() - 1
    if index < left: return sha256(b"\1", root_from(leaf, index, left, path[:-1]), path[-1])
    return sha256(b"\1", path[-1], root_from(leaf, index - left, size - left, path[:-1]))
def varint(data, at):
    end = re.compile(rb"\0|[\x80-\xff]{0,8}[\x01-\x7f]|[\x80-\xff]{9}\x01").match(data, at).end()
    return sum((byte & 127) << 7 * place for place, byte in enumerate(data[at:end])), end
def fields(data, form, members=()):
    """A canonical message (I-1 to I-7) as {number: [values]}, with one of the `members` of a oneof."""
    found, at = {}, 0
    while at < len(data):
        (tag, at), last = varint(data, at), max(found, default=0)
        (value, at), number = varint(data, at), tag >> 3
        kind = "b" if number in members else form[number - 1]
        if kind != "n": value, at = data[at:at + value], at + value
        require(tag & 7 == (0 if kind == "n" else 2) and at <= len(data) and last < number + (kind == "*")
                and number and (value or kind == "*" or number in members), "protobuf is not canonical")
        found[number] = found.get(number, []) + [value]
    require(sum(number in members for number in found) == bool(members), "not one of a oneof")
    return found
def key_of(public_key):
    require(public_key[:4] == b"\x08\x01\x12\x20" and len(public_key) == 36, "a key is not of Ed25519")
    return public_key[4:]
def signed(entry, kind):
    entry = fields(entry, "b*")
    signatures = [fields(signature, "bb") for signature in entry.get(2, [])]
    for signature in signatures: check_signature(one(signature, 1), one(signature, 2), one(entry, 1), "application/vnd.specie." + kind)
    return one(entry, 1), [one(signature, 1) for signature in signatures]
def open_checkpoint(note, vkey):
    """C2SP signed-note and tlog-checkpoint: the size, root and key that the log signed."""
    name, key_id, key = vkey.split("+", 2)
    text, size, root, blobs = re.fullmatch("(%s\n(0|[1-9][0-9]*)\n(.*)\n)\n((?:\u2014 [^\\s+]+ [\\w+/=]+\n){1,100})" % re.escape(name), note).groups()
    blobs = [unbase64(blob) for blob in re.findall("^\u2014 %s (.*)$" % re.escape(name), blobs, re.M)]
    key, (blob,) = unbase64(key, 33), (blob[4:] for blob in blobs if blob[:4].hex() == key_id)
    require(key[0] == 1 and sha256(name.encode(), b"\n", key)[:4].hex() == key_id, "the vkey is none")
    check_signature(key[1:], blob, text.encode())
    return int(size), unbase64(root, 32), key[1:]

class Evidence:
    def __init__(self, text, trust):
        file, self.ledger, self.entries, self.keys = json.loads(text), trust["ledger"], {}, {}
        require(json_of(file) == text, "the file is not in its one form")
        self.envelopes = [file.pop("attestation")] if "attestation" in file else []
        log, kind, self.proof, self.key_proofs = parts(file, log=dict, format=str, order=dict, key_orders=list)
        note, hashes, entries = parts(log, checkpoint=str, hashes=list, entries=list)
        size, root, self.log_key = open_checkpoint(note, trust["log"])
        hashes, used, here = [unbase64(text, 32) for text in hashes], {}, (-1, 0, bytes(32))
        for number, entry, path in (parts(item, sequence=int, entry=str, path=list) for item in entries):
            leaf, used = sha256(b"\0", unbase64(entry)), {**used, **dict.fromkeys(path)}
            require({type(place) for place in path} <= {int}, "a path is none")
            require(root_from(leaf, number, size, [hashes[place] for place in path]) == root, "an entry is not in the log")
            self.entries[number] = entry = fields(unbase64(entry), "nnb", range(16, 20))
            last, here = here, (one(entry, 1, 0), one(entry, 2, 0), leaf)
            require(last[0] < here[0] == number and last[1] <= here[1], "the entries do not ascend")
            require(last[0] + 1 < number or one(entry, 3, bytes(32)) == last[2], "an entry does not link to the one before")
            require(number or leaf.hex() == self.ledger, "it is another ledger")
        require(kind == "specie-evidence-v1" and len(set(hashes)) == len(hashes)
                and list(used) == list(range(len(hashes))), "hashes are not there once, as they are used")
        payload, signers = signed(one(self.entries[0], 16), "genesis.v1+protobuf")
        genesis, time = fields(payload, "bb**b*bnb"), one(self.entries[0], 2, 0)
        for party, holder in [("issuer", item) for item in genesis[4]] + [("recovery", item) for item in genesis.get(6, [])]:
            self.add(party, key_of(one(fields(holder, "bb"), 2)), 0, time, NO_END)
        require(signers == [key for party, key in self.keys if party == "issuer"], "not every officer signed")
        require((one(genesis, 1).decode(), key_of(one(genesis, 2))) == (note.split("\n")[0], self.log_key), "another log's genesis")
        self.quorums, self.horizons = fields(one(genesis, 5), "nnnnnn"), fields(one(genesis, 7), "nnnb")
        self.suspended, self.orders, self.waiting = {}, [(-1, -1, -1)], []
    def add(self, party, key, number, start, end):
        require((party, key) not in self.keys and key != self.log_key, "a key was registered before")
        self.keys[party, key] = {"key": key.hex(), "entries": [number], "standing": "active", "valid_from": start, "valid_until": end}
    def take(self, number, _, __, time, kind, body, *___):
        """What an accepted order makes of keys: EV-5."""
        party = "issuer" if kind == REPLACE else one(body, 1).decode()
        require(kind > REINSTATE and party in OFFICES or re.fullmatch(PARTICIPANT, party), "a party is none")
        start, end = (one(body, 3, 0), one(body, 4, NO_END)) if kind == REGISTER else (time, NO_END)
        require(start < end > time and (kind != ROTATE or one(body, 4, NO_END) > time and body[2] != body[3]), "a key was for no time")
        self.suspended[party] = kind == SUSPEND if kind in (SUSPEND, REINSTATE) else self.suspended.get(party)
        for (owner, name), key in self.keys.items():
            if owner == party and kind in CHANGES and (kind in (SUSPEND, REINSTATE, REPLACE) or name == key_of(body[2][0])):
                barred, standing = CHANGES[kind]
                require(key["standing"] not in barred, "a key could not be changed so")
                key.update(standing=standing or key["standing"], entries=key["entries"] + [number],
                           valid_until=min(key["valid_until"], one(body, 4, time) if kind == ROTATE else NO_END))
        for key in body.get(NEW_KEYS.get(kind), []): self.add(party, key_of(key), number, start, end)
    def may_order(self, kind, body, party, keys):
        who, subject = OPERATIONS[kind][2], one(body, 1)
        if who[:4] == "own-" and subject == party.encode() and party not in OFFICES: return True
        who = who.removeprefix("own-")
        if who in ("bank", "one"): return (party == "issuer") if who == "one" else party not in OFFICES
        if who == "key":
            key, own, is_bank = key_of(body[2][0]), subject == party.encode(), subject.decode() not in OFFICES
            if own and is_bank and kind != KEY_ON or kind == KEY_OFF and (own and key in keys or is_bank and party == "issuer"):
                return True
            keys = [other for other in keys if other != key or kind in (REGISTER, ROTATE)]
            who = 6 if subject == b"recovery" else 2
        return party == OFFICES[int(who) == 6] and len(keys) >= one(self.quorums, int(who), 0)
    def order(self, proof):
        """Checks an order after those before it (EV-4 to EV-6), and appends it to them."""
        number, before, path = parts(proof, instruction=int, submission=int, path=list)
        entry, time, last = self.entries[number], one(self.entries[number], 2, 0), self.orders[-1]
        payload, keys = signed(one(self.entries[before], 17), "statement.v1+protobuf")
        statement, decided = fields(payload, "bbnnb"), fields(one(entry, 18), "b", OUTCOMES)
        ledger, party, count, expiry, root = (one(statement, place, 0) for place in range(1, 6))
        party, instruction = party.decode(), fields(one(decided, 1), "bbbb", OPERATIONS)
        horizon, outcome, kind = one(self.horizons, 1 + (party in OFFICES), 0), max(decided), max(instruction)
        require(ledger.hex() == self.ledger and count <= 10_000, "a statement is for another ledger")
        require(time == one(self.entries[before], 2, 0) < expiry <= time + horizon, "a statement is not of its time")
        leaf, path = sha256(b"\0", one(decided, 1)), [unbase64(text, 32) for text in path]
        require(root_from(leaf, number - before - 1, count, path) == root, "an order is not under what was signed")
        require(number > last[0] and (before > last[2] or before == last[1]), "the orders do not ascend")
        while self.waiting and self.waiting[0][0] < before: self.take(*self.waiting.pop(0))
        signers = [self.keys.get((party, key), {"standing": "unknown"}) for key in keys]
        require(0 < len(keys) <= 32 and keys == sorted(set(keys)) and all(key["standing"] == "active" and key["valid_from"] <= time
                < key["valid_until"] for key in signers), "the keys are not distinct, not the party's, or could not act")
        body = fields(instruction[kind][0], OPERATIONS[kind][1], (16, 17) if kind in (35, 36) else ())
        made = int(re.fullmatch("([0-9a-f]{12})7...[89ab].{15}", one(instruction, 1).hex())[1], 16) * 1000  # UUIDv7
        if outcome == ACCEPTED:
            require(made - 60_000_000 <= time <= made + horizon, "an id is outside its window")
            require(not self.suspended.get(party) and self.may_order(kind, body, party, keys), "it was not for these keys to order")
        self.waiting.append((number, before, before + count, time, kind, body, party, decided, [dict(key) for key in signers]))
        self.orders.append(self.waiting[-1])
    def check(self):
        for proof in self.key_proofs + [self.proof]: self.order(proof)
        number, _, _, time, kind, _, party, decided, signers = self.orders[-1]
        needed, used = {number}, {0}.union(*(order[:2] for order in self.orders[1:]))
        for order in reversed(self.orders[1:]):
            require(order[0] in needed and (order[0] == number or ACCEPTED in order[7]), "an order is there for nothing")
            needed.update(entry for key in order[8] for entry in key["entries"])
        require(set(self.entries) == used, "an entry is there for nothing")
        (outcome, form, names), details = OUTCOMES[max(decided)], fields(decided[max(decided)][0], OUTCOMES[max(decided)][1])
        details = {names[place - 1]: one if form == "n" else one.decode() for place, (one, *_) in details.items() if names}
        for envelope in self.envelopes:
            payload, what, signatures = parts(envelope, payload=str, payloadType=str, signatures=list)
            (keyid, signature), = (parts(signature, keyid=str, sig=str) for signature in signatures)
            check_signature(self.log_key, unbase64(signature), unbase64(payload), what)
            said, form = json.loads(unbase64(payload)), json_of(json.loads(unbase64(payload))).encode()
            require((what, keyid) == ("application/vnd.specie.decision.v1+json", self.log_key.hex())
                    and unbase64(payload) == form, "no decision is attested by the log key")
            require(type(said.pop("rules")) is type(said.pop("readings")) is list, "no decision is attested")
            signers = [{n: rfc3339(v) if n[:5] == "valid" else v for n, v in key.items() if v != NO_END} for key in signers]
            proven = {"ledger": self.ledger, "entry": number, "time": rfc3339(time), "party": party, "outcome": outcome,
                      "operation": OPERATIONS[kind][0], "signers": signers, **details}
            require(json_of(said) == json_of(proven), "another decision is attested, or of other keys")
        return "PROVEN: entry %d, ordered by %s with %d key(s): %s%s" % (
            number, party, len(signers), outcome, "; the log key attests the decision" if self.envelopes else "")

def main(path, trust_path):
    try:
        text, trust = (open(name, encoding="utf-8", newline="").read() for name in (path, trust_path))
        return Evidence(text, dict(line.split(" ", 1) for line in trust.splitlines() if line[:1] not in ("", "#"))).check()
    except Exception as error:
        raise SystemExit("NOT PROVEN: %s" % (str(error) or repr(error)))

if __name__ == "__main__":
    print(main(*sys.argv[1:]))
