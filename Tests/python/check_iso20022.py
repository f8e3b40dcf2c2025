"""Checks ISO 20022 messages with nothing of Specie's: the published schemas through lxml, and pyiso20022's own reading.

  check_iso20022.py validate XSD DIR              each message in DIR is valid by its schemas, and pyiso20022 reads it
  check_iso20022.py build DIR PARTICIPANT DATE    makes accept-*.xml and refuse-CODE-*.xml by pyiso20022
  check_iso20022.py sample XSD DIR SEED COUNT FILE
                                                  makes accept-*.xml: the credit transfer of FILE with whatever the
                                                  schema lets parties, remittance, tax and regulatory reporting say
  check_iso20022.py mutate DIR SEED COUNT FILE... makes COUNT changed copies of messages
  check_iso20022.py judge XSD < LINES             LINES are `path TAB accepted|refused TAB code`, as a reader under test
                                                  says: what it accepts is valid by the schemas, and what is named for a
                                                  verdict has it
XSD is the folder of the schemas as ISO 20022 publishes them."""
import collections, copy, dataclasses, importlib, pathlib, random, re, sys
from decimal import Decimal
import lxml.etree as etree
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.models.datatype import XmlDate, XmlDateTime

URN = "urn:iso:std:iso:20022:tech:xsd:"
ROOTS = {"pacs.008.001.08": "fito_ficstmr_cdt_trf", "pacs.009.001.08": "ficdt_trf", "camt.060.001.05": "acct_rptg_req",
         "pain.001.001.09": "cstmr_cdt_trf_initn"}

def schema(folder, namespace, known={}):
    name = namespace.removeprefix(URN)
    if name not in known: known[name] = etree.XMLSchema(etree.parse(pathlib.Path(folder) / f"{name}.xsd"))
    return known[name]

def models(name):
    """The classes that pyiso20022 has for a message."""
    return importlib.import_module(f"pyiso20022.{name.split('.')[0]}.{name.replace('.', '_')}")

def faults(folder, path):
    """What is wrong with an envelope by the schemas of its two parts, or with a document that stands by itself."""
    root = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    if etree.QName(root).localname == "Document" and etree.QName(root).namespace:
        rules = schema(folder, etree.QName(root).namespace)
        return [] if rules.validate(root) else [str(rules.error_log.last_error)]
    if root.tag != "BizMsg" or root.attrib or [etree.QName(part).localname for part in root] != ["AppHdr", "Document"]:
        return ["it is no BizMsg of an AppHdr and a Document"]
    found = []
    for part in root:
        rules = schema(folder, etree.QName(part).namespace)
        if not rules.validate(etree.ElementTree(copy.deepcopy(part))): found.append(str(rules.error_log.last_error))
    return found

def validate(folder, directory):
    count = collections.Counter()
    for path in sorted(pathlib.Path(directory).glob("*.xml")):
        if found := faults(folder, path): sys.exit(f"{path}: {found}")
        for part in etree.parse(path).getroot():
            name, kind = etree.QName(part).namespace.removeprefix(URN), etree.QName(part).localname
            XmlParser().from_bytes(etree.tostring(part), getattr(models(name), kind))
        count[name] += 1
    if not count: sys.exit(f"{directory} has no messages")
    print("valid:", ", ".join(f"{number} {name}" for name, number in sorted(count.items())))

# Messages made by pyiso20022: objects from nested dictionaries, by the types that its fields have.

def made(kind, value, module):
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        types = {field.name: field.type for field in dataclasses.fields(kind)}
        return kind(**{name: made(inner(types[name], module), item, module) for name, item in value.items()})
    if isinstance(value, list): return [made(kind, item, module) for item in value]
    return kind(value) if isinstance(kind, type) and issubclass(kind, str) and kind is not str else value

def inner(annotation, module):
    """The class within `None | X`, `list[X]` or `X`, which may be a text."""
    name = annotation if isinstance(annotation, str) else str(annotation)
    for word in reversed(re.findall(r"\w+", name)):
        if isinstance(found := getattr(module, word, None), type): return found
    return str

def institution(code): return {"fin_instn_id": {"clr_sys_mmb_id": {"clr_sys_id": {"prtry": "SPECIE"}, "mmb_id": code}}}
def account(digit): return {"id": {"othr": {"id": digit * 32}}}

def message(name, sender, document, prefixes, **header):
    head, body = models("head.001.001.02"), models(name)
    module = lambda package: importlib.import_module(f"{package.__name__}.{package.__name__.rsplit('.', 1)[1]}")
    time = XmlDateTime.from_string("2026-01-31T09:30:00+08:00")
    header = {"fr": {"fiid": institution(sender)}, "to": {"fiid": institution("issuer")}, "biz_msg_idr": "PY-1",
              "msg_def_idr": name, "cre_dt": time, **header}
    # What stands in a treasurer's file has no envelope.
    if name.startswith("pain"):
        return XmlSerializer().render(made(body.Document, {ROOTS[name]: document}, module(body)), ns_map={prefixes[1]: URN + name})
    parts = [(made(head.AppHdr, header, module(head)), "head.001.001.02"),
             (made(body.Document, {ROOTS[name]: document}, module(body)), name)]
    text = "".join(XmlSerializer().render(part, ns_map={prefix: URN + space}).split("?>", 1)[1]
                   for (part, space), prefix in zip(parts, prefixes))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<BizMsg>{text}</BizMsg>\n'

def build(directory, participant, today):
    time, date = XmlDateTime.from_string("2026-01-31T01:30:00.25Z"), XmlDate.from_string(today)
    def group(count, **more):
        return {"msg_id": "PY-1", "cre_dt_tm": time, "nb_of_txs": str(count), "sttlm_inf": {"sttlm_mtd": "CLRG"}, **more}
    def amount(text, currency="CNY"): return {"value": Decimal(text), "ccy": currency}
    def customer(number, **more):
        party = {"nm": "Ærøskøbing & 张三 <Ltd>", "pstl_adr": {"strt_nm": "Vestergade", "ctry": "DK", "adr_line": ["1", "2"]},
                 "id": {"prvt_id": {"dt_and_plc_of_birth": {"birth_dt": XmlDate(1960, 2, 29), "city_of_birth": "Ærø", "ctry_of_birth": "DK"}}}}
        return {"pmt_id": {"end_to_end_id": f"E2E-{number}", "tx_id": f"TX-{number}"}, "intr_bk_sttlm_amt": amount("12.30"),
                "chrg_br": "SLEV", "dbtr": party, "dbtr_acct": account("a"), "dbtr_agt": institution(participant),
                "cdtr_agt": institution("bank-b"), "cdtr": party, "cdtr_acct": account("b"),
                "rmt_inf": {"ustrd": ["one", "two"], "strd": [{"cdtr_ref_inf": {"ref": "RF18539007547034"},
                            "rfrd_doc_amt": {"rmtd_amt": amount("12.3")}}]}, **more}
    def bank(number, **more):
        return {"pmt_id": {"end_to_end_id": f"E2E-{number}", "tx_id": f"TX-{number}"}, "intr_bk_sttlm_amt": amount("5"),
                "dbtr": institution(participant), "dbtr_acct": account("a"), "cdtr": institution("bank-b"),
                "cdtr_acct": account("b"), **more}
    def report(kind): return {"reqd_msg_nm_id": kind, "acct": account("a"), "acct_ownr": {"agt": institution(participant)},
                              "rptg_prd": {"fr_to_dt": {"fr_dt": date}, "tp": "ALLL"}}
    def initiated(number, **more):
        return {"pmt_id": {"end_to_end_id": f"E2E-{number}", "instr_id": f"I-{number}"}, "amt": {"instd_amt": amount("12.30")},
                "cdtr": {"nm": "张三"}, "cdtr_acct": account("b"), "rmt_inf": {"ustrd": ["salary"]}, **more}
    def initiation(count, groups, **more):
        return {"grp_hdr": {"msg_id": "PY-1", "cre_dt_tm": time, "nb_of_txs": str(count), "initg_pty": {"nm": "Treasury"}, **more},
                "pmt_inf": groups}
    def paying(number, transactions, **more):
        return {"pmt_inf_id": f"P-{number}", "pmt_mtd": "TRF", "reqd_exctn_dt": {"dt": date}, "dbtr": {"nm": "Payroll"},
                "dbtr_acct": account("a"), "dbtr_agt": institution(participant), "cdt_trf_tx_inf": transactions, **more}
    p8, p9, c60, p1 = ROOTS
    total = {"ctrl_sum": Decimal("24.6"), "ttl_intr_bk_sttlm_amt": amount("24.60"), "intr_bk_sttlm_dt": date}
    accepted = [
        (p8, {"grp_hdr": group(1), "cdt_trf_tx_inf": [customer(1)]}, {}),
        (p8, {"grp_hdr": group(2, **total), "cdt_trf_tx_inf": [customer(1), customer(2, instd_amt=amount("12.3"))]}, {}),
        (p9, {"grp_hdr": group(1), "cdt_trf_tx_inf": [bank(1)]}, {}),
        (p9, {"grp_hdr": group(2, ctrl_sum=Decimal(10)), "cdt_trf_tx_inf": [bank(1), bank(2)]}, {}),
        *[(c60, {"grp_hdr": {"msg_id": "PY-1", "cre_dt_tm": time}, "rptg_req": [report(f"camt.0{n}.001.08")]}, {}) for n in (52, 53, 54)],
        (p1, initiation(1, [paying(1, [initiated(1)])]), {}),
        (p1, initiation(3, [paying(1, [initiated(1), initiated(2)], nb_of_txs="2", ctrl_sum=Decimal("24.6"), chrg_br="SLEV"),
                            paying(2, [initiated(3, chrg_br="DEBT")], reqd_exctn_dt={"dt": XmlDate(2026, 1, 1)})],
                        ctrl_sum=Decimal("36.90")), {}),
    ]
    refused = [
        ("contradiction", p8, {"grp_hdr": group(2), "cdt_trf_tx_inf": [customer(1)]}, {}),
        ("contradiction", p8, {"grp_hdr": group(1, ctrl_sum=Decimal("12.31")), "cdt_trf_tx_inf": [customer(1)]}, {}),
        ("contradiction", p8, {"grp_hdr": group(1), "cdt_trf_tx_inf": [customer(1, instd_amt=amount("12.31"))]}, {}),
        ("contradiction", p8, {"grp_hdr": group(1), "cdt_trf_tx_inf": [customer(1)]}, {"msg_def_idr": p9}),
        ("reference_repeated", p8, {"grp_hdr": group(2), "cdt_trf_tx_inf": [customer(1), customer(1)]}, {}),
        ("not_today", p8, {"grp_hdr": group(1, intr_bk_sttlm_dt=XmlDate(2026, 2, 1)), "cdt_trf_tx_inf": [customer(1)]}, {}),
        ("given_twice", p8, {"grp_hdr": group(1, intr_bk_sttlm_dt=date), "cdt_trf_tx_inf": [customer(1, intr_bk_sttlm_dt=date)]}, {}),
        ("not_acting", p8, {"grp_hdr": group(1), "cdt_trf_tx_inf": [customer(1, dbtr_agt=institution("bank-c"))]}, {}),
        ("not_acting", p9, {"grp_hdr": group(1), "cdt_trf_tx_inf": [bank(1)]}, {"fr": {"fiid": institution("bank-c")}}),
        ("currency_unknown", p8, {"grp_hdr": group(1), "cdt_trf_tx_inf": [customer(1, intr_bk_sttlm_amt=amount("1", "XXX"))]}, {}),
        ("amount_invalid", p8, {"grp_hdr": group(1), "cdt_trf_tx_inf": [customer(1, intr_bk_sttlm_amt=amount("1.001"))]}, {}),
        # pyiso20022 writes it, though its schema has five fraction digits.
        ("value_invalid", p8, {"grp_hdr": group(1), "cdt_trf_tx_inf": [customer(1, intr_bk_sttlm_amt=amount("0.1234567"))]}, {}),
        ("value_invalid", p8, {"grp_hdr": group(1) | {"sttlm_inf": {"sttlm_mtd": "INDA"}}, "cdt_trf_tx_inf": [customer(1)]}, {}),
        ("value_invalid", p8, {"grp_hdr": group(1), "cdt_trf_tx_inf": [customer(1)]}, {"pssbl_dplct": True}),
        ("element_not_supported", p8, {"grp_hdr": group(1), "cdt_trf_tx_inf": [customer(1, xchg_rate=Decimal("1.5"))]}, {}),
        ("element_not_supported", p8, {"grp_hdr": group(1), "cdt_trf_tx_inf": [customer(1, intrmy_agt1=institution("bank-c"))]}, {}),
        ("element_not_supported", p9, {"grp_hdr": group(1), "cdt_trf_tx_inf": [bank(1, dbtr_agt=institution(participant))]}, {}),
        ("contradiction", p1, initiation(2, [paying(1, [initiated(1)])]), {}),
        ("contradiction", p1, initiation(1, [paying(1, [initiated(1)], ctrl_sum=Decimal("12.31"))]), {}),
        ("not_acting", p1, initiation(1, [paying(1, [initiated(1)], dbtr_agt=institution("bank-c"))]), {}),
        ("not_today", p1, initiation(1, [paying(1, [initiated(1)], reqd_exctn_dt={"dt": XmlDate(2026, 2, 1)})]), {}),
        ("given_twice", p1, initiation(1, [paying(1, [initiated(1, chrg_br="DEBT")], chrg_br="DEBT")]), {}),
        ("reference_repeated", p1, initiation(2, [paying(1, [initiated(1)]), paying(1, [initiated(2)])]), {}),
        ("value_invalid", p1, initiation(1, [paying(1, [initiated(1)], pmt_mtd="CHK")]), {}),
        ("element_not_supported", p1, initiation(1, [paying(1, [initiated(1, instr_for_dbtr_agt="call first")])]), {}),
        ("element_not_supported", p1, initiation(1, [paying(1, [initiated(1)])], authstn=[{"cd": "FDET"}]), {}),
        ("element_unexpected", p1, initiation(1, [paying(1, [initiated(1, cdtr_acct=None)])]), {}),
    ]
    place = pathlib.Path(directory)
    for number, (name, document, header) in enumerate(accepted):
        for style, prefixes in enumerate([(None, None), ("h", "d"), ("x", "x")]):
            (place / f"accept-{number}-{style}.xml").write_text(message(name, participant, document, prefixes, **header), "utf-8")
    for number, (code, name, document, header) in enumerate(refused):
        (place / f"refuse-{code}-{number}.xml").write_text(message(name, participant, document, (None, None), **header), "utf-8")
    print(f"built: {3 * len(accepted)} to accept, {len(refused)} to refuse")

# Elements that are carried and not read, as wide as the schema has them.

XS = "{http://www.w3.org/2001/XMLSchema}"
TEXTS = ["x", "Ærø & <Ltd>", "张三", " two  words ", "\u00a0"]
PATTERNS = {"[A-Z]{2,2}": "DK", "[A-Z]{3,3}": "EUR", "[a-zA-Z0-9]{4}": "aB3d", r"\+[0-9]{1,3}-[0-9()+\-]{1,30}": "+86-(10)1-2",
            "[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}": "1ANKDK22", "[A-Z0-9]{18,18}[0-9]{2,2}": "529900T8BM49AURSDO55",
            "[0-9]{1,15}": "000000000000017"}

class Sampler:
    def __init__(self, path, chance):
        self.root, self.chance = etree.parse(path).getroot(), chance
        self.types = {kind.get("name"): kind for kind in self.root if kind.get("name")}
        self.namespace = self.root.get("targetNamespace")

    def word(self, kind):
        if kind not in self.types: kind = kind.removeprefix("xs:")
        else:
            rules = self.types[kind].find(f"{XS}restriction")
            facets = collections.defaultdict(list)
            for facet in rules: facets[etree.QName(facet).localname].append(facet.get("value"))
            if "enumeration" in facets: return self.chance.choice(facets["enumeration"])
            if "pattern" in facets: return PATTERNS[facets["pattern"][0]]
            if "maxLength" in facets:
                most = int(facets["maxLength"][0])
                return self.chance.choice([text[:most] for text in TEXTS] + ["é" * most, "9" * most])
            if "fractionDigits" in facets:
                digits, whole = int(facets["fractionDigits"][0]), int(facets["totalDigits"][0])
                return "9" * (whole - digits) + ("." + "9" * digits if digits else "")
            kind = rules.get("base").removeprefix("xs:")
        return {"date": "1960-02-29", "dateTime": "2026-01-31T09:30:00.25-11:00", "boolean": self.chance.choice(["true", "false", "0", "1"])}[kind]

    def element(self, name, kind, depth=0):
        made = etree.Element(f"{{{self.namespace}}}{name}")
        if kind in self.types and self.types[kind].tag == f"{XS}complexType":
            declared = self.types[kind]
            for attribute in declared.iter(f"{XS}attribute"): made.set(attribute.get("name"), "EUR")
            if (content := declared.find(f".//{XS}extension")) is not None: made.text = self.word(content.get("base"))
            children = list(declared.iter(f"{XS}element"))
            if declared.find(f"{XS}choice") is not None: children = [self.chance.choice(children)]
            for child in children:
                least, most = int(child.get("minOccurs", 1)), child.get("maxOccurs", "1")
                most = 3 if most == "unbounded" else int(most)
                count = self.chance.choice([least, least, most, self.chance.randint(least, most)]) if depth < 6 else least
                made.extend(self.element(child.get("name"), child.get("type"), depth + 1) for _ in range(count))
        else: made.text = self.word(kind)
        return made

CARRIED = {
    "pacs.008.001.08": ("CreditTransferTransaction39", {"UltmtDbtr", "InitgPty", "Dbtr", "Cdtr", "UltmtCdtr", "RgltryRptg", "Tax",
                                                        "RltdRmtInf", "RmtInf"}),
    "pain.001.001.09": ("CreditTransferTransaction34", {"UltmtDbtr", "Cdtr", "UltmtCdtr", "RgltryRptg", "Tax", "RltdRmtInf", "RmtInf"}),
    "pacs.009.001.08": ("CreditTransferTransaction36", {"UltmtDbtr", "UltmtCdtr", "RmtInf"})}

def sample(folder, directory, seed, count, file):
    chance = random.Random(int(seed))
    root = etree.parse(file).getroot()
    message = etree.QName(root if len(root) == 1 else root[1]).namespace.removeprefix(URN)
    transfer, carried = CARRIED[message]
    sampler = Sampler(pathlib.Path(folder) / f"{message}.xsd", chance)
    order = [(child.get("name"), child.get("type")) for child in sampler.types[transfer].iter(f"{XS}element")]
    for number in range(int(count)):
        root = etree.parse(file).getroot()
        for transaction in root.iter("{*}CdtTrfTxInf"):
            had = {etree.QName(child).localname: child for child in transaction}
            for child in list(transaction): transaction.remove(child)
            for name, kind in order:
                if name in carried and (name in had or chance.random() < 0.5): transaction.append(sampler.element(name, kind))
                elif name in had: transaction.append(had[name])
        path = pathlib.Path(directory) / f"accept-{message}-{number}.xml"
        path.write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
        if found := faults(folder, path): sys.exit(f"{path}: {found}")
    print(f"sampled: {count} by seed {seed}")

# Changes to a message, most of which make it another or none.

WORDS = ["", " ", "0", "1", "-1", "+1", "1e2", "1.", ".5", "01", "100", "100.00", "100.000", " 100", "9" * 18, "9" * 19, "true", "false",
         "CNY", "SPECIE", "bank-a", "bank-b", "2026-01-31", "2026-01-31Z", "2026-02-30", "2026-01-31T00:00:00Z", "2026-01-31T00:00:00",
         "2026-01-31T24:00:00Z", "2026-01-31T00:00:00+15:00", "x" * 35, "x" * 36, "x" * 141, "\u00e9" * 35, "DEBT", "CLRG", "INDA",
         "BANKCNBJ", "BANKCNBJXXX", "bankcnbj", "529900T8BM49AURSDO55", "529900T8BM49AURSDO56", "a" * 32, "A" * 32, "7a562c67-ca16-48ba-b074-65581be6f001"]

def change(root, names, chance):
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    element = chance.choice(elements)
    parent, leaf = element.getparent(), not len(element)
    match chance.randrange(9):
        case 0 if parent is not None: parent.remove(element)
        case 1 if parent is not None: parent.insert(chance.randrange(len(parent) + 1), copy.deepcopy(element))
        case 2 if parent is not None: parent.insert(chance.randrange(len(parent)), element)
        case 3: element.tag = etree.QName(etree.QName(element).namespace, chance.choice(names))
        case 4 | 5 if leaf: element.text = chance.choice(WORDS)
        case 6: element.insert(chance.randrange(len(element) + 1), copy.deepcopy(chance.choice(elements)))
        case 7: element.set(chance.choice(["Ccy", "{http://www.w3.org/2001/XMLSchema-instance}nil", "id"]), chance.choice(["CNY", "JPY", "EUR", "true"]))
        case 8 if leaf and element.text: element.text = element.text[: chance.randrange(len(element.text) + 1)]

def mutate(directory, seed, count, *files):
    chance, place = random.Random(int(seed)), pathlib.Path(directory)
    originals = [etree.parse(path).getroot() for path in files]
    names = sorted({etree.QName(element).localname for root in originals for element in root.iter() if isinstance(element.tag, str)})
    for number in range(int(count)):
        root = copy.deepcopy(chance.choice(originals))
        for _ in range(chance.choice([1, 1, 1, 2, 3])): change(root, names, chance)
        (place / f"mutant-{number}.xml").write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
    print(f"mutated: {count} by seed {seed}")

def judge(folder):
    count = collections.Counter()
    for line in sys.stdin:
        path, verdict, code = line.rstrip("\n").split("\t")[:3]
        wanted = pathlib.Path(path).name.split("-")
        if wanted[0] == "accept" and verdict != "accepted": sys.exit(f"{path} should be accepted: {line}")
        if wanted[0] == "refuse" and (verdict, code) != ("refused", wanted[1]): sys.exit(f"{path}: {line}")
        if verdict == "accepted" and (found := faults(folder, path)): sys.exit(f"{path} is accepted, and none: {found}")
        if verdict == "refused" and wanted[0] == "mutant" and not faults(folder, path): count["valid and refused: " + code] += 1
        count[verdict] += 1
    print("judged:", ", ".join(f"{number} {name}" for name, number in sorted(count.items())))

if __name__ == "__main__":
    commands = {"validate": validate, "build": build, "sample": sample, "mutate": mutate, "judge": judge}
    if len(sys.argv) < 2 or sys.argv[1] not in commands: sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
