"""A bank that speaks ISO 20022 to a real server under TLS, by nothing of Specie's but its Python client for signing.

  check_messages.py XSD FOLDER    XSD is the folder of the schemas as ISO 20022 publishes them; SPECIE names the program
"""
import base64, copy, datetime, hashlib, pathlib, signal, ssl, sys
from decimal import Decimal
from uuid import UUID
import httpx
import lxml.etree as etree
from xsdata.models.datatype import XmlDate, XmlDateTime

REPOSITORY = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(REPOSITORY / "clients/python/tests"), str(REPOSITORY / "Tests/python")]
import check_iso20022 as iso
from real_server import OFFICERS, World, build, settlement_account
from specie import orders
from specie.v1 import instruction_pb2

P8, C60 = "pacs.008.001.08", "camt.060.001.05"
WALLETS = {"icbc": "1" * 32, "boc": "2" * 32}

def now(): return XmlDateTime.from_datetime(datetime.datetime.now(datetime.timezone.utc))
def today(): return XmlDate.from_date(datetime.datetime.now(datetime.timezone.utc).date())
def account(digits): return {"id": {"othr": {"id": digits}}}

class Bank:
    """One certificate, and what it asks for."""
    def __init__(self, world, name, schemas):
        self.world, self.name, self.schemas = world, name, schemas
        context = ssl.create_default_context(cafile=world.folder / "tls/ca.pem")
        context.load_cert_chain(world.folder / f"tls/{name}.pem", world.folder / f"tls/{name}.key")
        self.http = httpx.Client(verify=context, timeout=20)

    def get(self, path): return self.http.get(self.world.url + path)
    def post(self, message, type="application/xml", **query):
        return self.http.post(self.world.url + "/v1/iso20022", content=message, headers={"Content-Type": type}, params=query)

    def sign(self, answer, path="/v1/submissions"):
        """Signs the orders of a message, as the answer has them, and sends them."""
        signature = self.world.key(self.name).sign(base64.b64decode(answer["to_sign"]))
        body = copy.deepcopy(answer["submission"])
        body["envelope"]["signatures"] = [{"keyid": "", "sig": base64.b64encode(signature).decode()}]
        done = self.http.post(self.world.url + path, json=body)
        assert done.status_code == 200, done.text
        return done.json()

    def valid(self, answer, name, status=200):
        """The message that an answer is, which the published schemas find valid."""
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
        path = self.world.folder / "answer.xml"
        path.write_bytes(answer.content)
        assert not (found := iso.faults(self.schemas, path)), found
        root = etree.fromstring(answer.content)
        assert etree.QName(root[1]).namespace == iso.URN + name
        return root[1]

    def statuses(self, document):
        report = self.valid(self.get(f"/v1/documents/{document}/status"), "pacs.002.001.10")
        return report.findtext(".//{*}GrpSts"), [
            [one.findtext(f"{{*}}{name}") for name in ("OrgnlEndToEndId", "TxSts")]
            + [one.findtext(".//{*}Rsn/{*}Cd"), one.findtext(".//{*}AddtlInf")] for one in report.iter("{*}TxInfAndSts")]

def payments(sender, payee, amounts, id, **changed):
    """A pacs.008 of a sender's wallet."""
    payees = [payee] * len(amounts) if isinstance(payee, str) else payee
    def one(number, amount):
        payee = payees[number]
        party = {"nm": "Erika Mustermann", "pstl_adr": {"ctry": "DE"}}
        return {"pmt_id": {"end_to_end_id": f"{id}-{number}", "tx_id": f"{id}-{number}"},
                "intr_bk_sttlm_amt": {"value": Decimal(amount), "ccy": "CNY"}, "chrg_br": "SLEV", "dbtr": party,
                "dbtr_acct": account(WALLETS[sender]), "dbtr_agt": iso.institution(sender), "cdtr_agt": iso.institution(payee),
                "cdtr": party, "cdtr_acct": account(WALLETS[payee])}
    group = {"msg_id": id, "cre_dt_tm": now(), "nb_of_txs": str(len(amounts)), "sttlm_inf": {"sttlm_mtd": "CLRG"}}
    document = {"grp_hdr": group | changed, "cdt_trf_tx_inf": [one(*pair) for pair in enumerate(amounts)]}
    return iso.message(P8, sender, document, (None, None), biz_msg_idr=id).encode()

def request(sender, digits, kind, day=None, count=1, last=None):
    """A camt.060."""
    report = {"reqd_msg_nm_id": kind, "acct": account(digits), "acct_ownr": {"agt": iso.institution(sender)}}
    if day: report["rptg_prd"] = {"fr_to_dt": {"fr_dt": day} | ({"to_dt": last} if last else {}), "tp": "ALLL"}
    document = {"grp_hdr": {"msg_id": "ASK", "cre_dt_tm": now()}, "rptg_req": [report] * count}
    return iso.message(C60, sender, document, (None, None), biz_msg_idr="ASK").encode()

def main(schemas, folder):
    world = World(pathlib.Path(folder))
    build(world)
    try: story(world, schemas)
    finally: world.stop()
    print("done")

def story(world, schemas):
    icbc, boc, issuer, auditor = (Bank(world, name, schemas) for name in ("icbc", "boc", "issuer", "stranger"))
    way = ("--ca", "tls/ca.pem", "--certificate", "tls/issuer.pem", "--certificate-key", "tls/issuer.key")
    world.run("certificate", "register", "tls/stranger.pem", "--reader", "auditor", *OFFICERS, *way)
    for bank, digits in WALLETS.items():
        with world.connect(bank) as ledger:
            wallet = UUID(digits)
            receipt = ledger.submit([orders.open_wallet(wallet, UUID(digits), "CNY", "basic"),
                                     orders.fund(settlement_account(ledger, bank), wallet, 100_00, "CNY")], [world.key(bank)], bank)
            assert all(outcome.accepted for outcome in receipt.outcomes), receipt

    # A payment: kept, answered with its order, signed, settled, told of.
    message = payments("icbc", "boc", ["12.34"], "M-1")
    answer = icbc.post(message)
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert made["document"] == hashlib.sha256(base64.b64decode(made["salt"]) + message).hexdigest()
    order = instruction_pb2.Instruction.FromString(base64.b64decode(made["submission"]["instructions"][0]))
    assert order.document.hex() == made["document"] and order.channel == "iso20022" and order.reference == "M-1-0"
    assert (order.pay.payer.hex(), order.pay.payee.hex(), order.pay.amount) == (WALLETS["icbc"], WALLETS["boc"], 1234)
    assert icbc.post(message).json() == made, "the same message again has the same answer"
    assert icbc.statuses(made["document"]) == ("PDNG", [["M-1-0", "PDNG", None, None]])
    for other in (boc, issuer): assert other.get(f"/v1/documents/{made['document']}").status_code == 404
    world.stop(by=signal.SIGKILL)
    world.serve("--tls-certificate", "tls/server.pem", "--tls-key", "tls/server.key", "--client-ca", "tls/ca.pem")
    assert icbc.post(message).json() == made, "what was answered is durable"
    tried = icbc.sign(made, "/v1/submissions:dry-run")
    assert (tried["dry_run"], tried["id"], tried["outcome"]) == (True, made["ids"][0], "accepted"), tried
    assert icbc.statuses(made["document"])[0] == "PDNG", "what is only tried has no effect"
    receipt = icbc.sign(made)
    assert icbc.sign(made) == receipt
    assert icbc.statuses(made["document"]) == ("ACSC", [["M-1-0", "ACSC", None, None]])
    assert icbc.post(message).json() == made, "also once it is settled"
    for reader in (icbc, boc, auditor):
        shown = reader.get(f"/v1/documents/{made['document']}").json()
        assert base64.b64decode(shown["content"]) == message and shown["salt"] == made["salt"], shown
    assert issuer.get(f"/v1/documents/{made['document']}").status_code == 404, "names are not for the issuer"
    assert boc.get(f"/v1/documents/{made['document']}/status").status_code == 404
    assert auditor.statuses(made["document"])[0] == "ACSC"
    assert icbc.get("/v1/documents/" + "0" * 64).status_code == 404
    assert icbc.get("/v1/documents/x").status_code == 400
    line = icbc.get(f"/v1/accounts/{UUID(WALLETS['icbc'])}/entries").json()["entries"][0]
    assert (line["document"], line["change"]) == (made["document"], "-1234")

    # Several, of which one is refused; the payee's bank sees a message that is wholly for it.
    message = payments("icbc", "boc", ["1.00", "5000.00", "2.00"], "M-2")
    made = icbc.post(message).json()
    icbc.sign(made)
    group, statuses = icbc.statuses(made["document"])
    assert group == "PART" and [one[1] for one in statuses] == ["ACSC", "RJCT", "ACSC"], statuses
    assert statuses[1][2:] == ["AM04", "insufficient_funds"], statuses
    assert boc.get(f"/v1/documents/{made['document']}").status_code == 200

    # Another order under the id of one is not what the message asked for, and shows it to nobody.
    message = payments("icbc", "boc", ["9.00"], "M-6")
    made = icbc.post(message).json()
    with world.connect("icbc") as ledger:
        other = orders.pay(UUID(WALLETS["icbc"]), UUID(WALLETS["boc"]), 1, "CNY", id=UUID(made["ids"][0]))
        assert ledger.submit([other], [world.key("icbc")], "icbc").outcomes[0].accepted
    assert icbc.statuses(made["document"]) == ("RJCT", [["M-6-0", "RJCT", "NARR", "id_reused"]])
    assert boc.get(f"/v1/documents/{made['document']}").status_code == 404

    # A message to payees of several participants is shown to none of them; one that was refused neither.
    made = icbc.post(payments("icbc", ["boc", "icbc"], ["1.00", "1.00"], "M-7")).json()
    icbc.sign(made)
    assert icbc.statuses(made["document"])[0] == "PART", "a wallet does not pay itself"
    assert boc.get(f"/v1/documents/{made['document']}").status_code == 404
    made = icbc.post(payments("icbc", "boc", ["7000.00"], "M-8")).json()
    icbc.sign(made)
    assert boc.get(f"/v1/documents/{made['document']}").status_code == 404

    # The command line does the same, and nothing twice.
    paying, answer = world.folder / "payment.xml", world.folder / "answer.xml"
    paying.write_bytes(payments("icbc", "boc", ["3.00"], "M-3"))
    way = ("--ca", "tls/ca.pem", "--certificate", "tls/icbc.pem", "--certificate-key", "tls/icbc.key")
    send = ("iso20022", "send", "payment.xml", "--as", "icbc", "--answer", "answer.xml", *way)
    for _ in range(2):
        world.run(*send, "--key", "icbc.key")
        root = etree.fromstring(answer.read_bytes())
        assert not iso.faults(schemas, answer) and root.findtext(".//{*}GrpSts") == "ACSC"
    paying.write_bytes(payments("icbc", "boc", ["4000.00"], "M-4"))
    world.run(*send, "--key", "icbc.key", code=4)
    assert etree.fromstring(answer.read_bytes()).findtext(".//{*}GrpSts") == "RJCT"
    paying.write_bytes(payments("boc", "icbc", ["1.00"], "M-5"))
    world.run(*send, "--key", "icbc.key", code=4)
    assert etree.fromstring(answer.read_bytes()).findtext(".//{*}RjctgPtyRsn") == "not_acting"
    paying.write_bytes(request("icbc", WALLETS["icbc"], "camt.054.001.08"))
    world.run(*send)
    assert not iso.faults(schemas, answer) and b"camt.054" in answer.read_bytes()

    # What is refused whole, and orders nothing.
    refusals = {
        "message_repeated": payments("icbc", "boc", ["12.35"], "M-1"),
        "not_acting": payments("boc", "icbc", ["1.00"], "M-9"),
        "contradiction": payments("icbc", "boc", ["1.00"], "M-9", nb_of_txs="2"),
        "xml_construct_forbidden": b'<!DOCTYPE a [<!ENTITY b "c">]>' + payments("icbc", "boc", ["1.00"], "M-9").split(b"?>", 1)[1],
        "not_utf8": payments("icbc", "boc", ["1.00"], "M-9").decode().encode("utf-16"),
        "malformed_xml": payments("icbc", "boc", ["1.00"], "M-9")[:-20],
        "element_unexpected": payments("icbc", "boc", ["1.00"], "M-9").replace(b"<MsgId>", b"<MsgId>x</MsgId><MsgId>"),
        "message_not_supported": payments("icbc", "boc", ["1.00"], "M-9").replace(b"pacs.008.001.08", b"pacs.004.001.09"),
        "account_unknown": request("icbc", WALLETS["boc"], "camt.054.001.08"),
        "value_invalid": request("icbc", WALLETS["icbc"], "camt.053.001.08", today(), last=today()),
        "xml_limit_passed": request("icbc", WALLETS["icbc"], "camt.054.001.08", count=2),
    }
    for code, refused in refusals.items():
        reject = icbc.valid(icbc.post(refused), "admi.002.001.01", 422)
        assert reject.findtext(".//{*}RjctgPtyRsn") == code, (code, etree.tostring(reject))
    assert icbc.post(b"x" * ((1 << 20) + 1)).status_code == 413
    assert icbc.post(message, type="application/json").status_code == 415
    assert icbc.post(message, party="boc").status_code == 403
    assert icbc.post(message, partei="icbc").status_code == 400
    assert auditor.post(message).status_code == 400

    # Reports add up, and are what the API's statement is.
    for name, first in (("camt.052.001.08", None), ("camt.052.001.08", today()), ("camt.054.001.08", None)):
        report = icbc.valid(icbc.post(request("icbc", WALLETS["icbc"], name, first)), name)
        signed = [Decimal(entry.findtext("{*}Amt")) * (1 if entry.findtext("{*}CdtDbtInd") == "CRDT" else -1) for entry in report.iter("{*}Ntry")]
        assert signed == [Decimal(text) for text in ("100.00", "-12.34", "-1.00", "-2.00", "-0.01", "-1.00", "-3.00")], signed
        if name.startswith("camt.052"):
            balances = {bal.findtext(".//{*}Cd"): Decimal(bal.findtext("{*}Amt")) for bal in report.iter("{*}Bal")}
            assert balances == {"OPBD": 0, "ITBD": Decimal("80.65")}, balances

if __name__ == "__main__":
    if len(sys.argv) != 3: sys.exit(__doc__)
    main(*sys.argv[1:])
