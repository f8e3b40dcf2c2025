import LedgerISO20022
import LedgerModel
import Testing

/// Goal: XML that parsers read differently, or that costs more than its bytes, is refused by name.
///
/// Method: a corpus, most of it one change to a message that is accepted, with the code that each
/// must have.
@Suite struct HostileXMLTests {
  static let amount = ">100.00<"
  static let entity = "<!DOCTYPE BizMsg [<!ENTITY e \"100.00\">]>"

  /// One change to the sample, in place of `old`.
  struct Change: Sendable, CustomTestStringConvertible {
    let name: String
    let old: String
    let new: String
    let code: String
    var testDescription: String { name }
  }

  static let changes: [Change] = [
    // References.
    Change(name: "an undefined entity", old: amount, new: ">&e;<", code: "malformed_xml"),
    Change(name: "an entity within an amount", old: amount, new: ">1&e;0<", code: "malformed_xml"),
    Change(name: "a reference to NUL", old: amount, new: ">1&#0;<", code: "malformed_xml"),
    Change(name: "a reference to a control", old: "M-1", new: "&#7;", code: "malformed_xml"),
    Change(name: "a reference to a surrogate", old: "M-1", new: "&#xD800;", code: "malformed_xml"),
    Change(name: "a bare ampersand", old: "M-1", new: "M & N", code: "malformed_xml"),
    Change(name: "a line break by reference", old: "M-1", new: "M&#10;1", code: "value_invalid"),
    // Constructs.
    Change(
      name: "a comment within an amount", old: amount, new: ">10<!-- -->0<",
      code: "xml_construct_forbidden"),
    Change(
      name: "a comment instead of a text", old: "M-1", new: "<!-- M-1 -->",
      code: "xml_construct_forbidden"),
    Change(
      name: "CDATA within an amount", old: amount, new: "><![CDATA[100.00]]><",
      code: "xml_construct_forbidden"),
    Change(
      name: "an empty CDATA section between elements", old: "<ChrgBr>", new: "<![CDATA[]]><ChrgBr>",
      code: "xml_construct_forbidden"),
    Change(
      name: "a processing instruction within an amount", old: amount, new: ">10<?x y?>0<",
      code: "xml_construct_forbidden"),
    Change(
      name: "a processing instruction between elements", old: "<ChrgBr>", new: "<?x y?><ChrgBr>",
      code: "xml_construct_forbidden"),
    Change(
      name: "a style sheet", old: "<BizMsg>", new: "<?xml-stylesheet href='x'?><BizMsg>",
      code: "xml_construct_forbidden"),
    Change(
      name: "a document type within", old: "<ChrgBr>", new: "<!DOCTYPE a><ChrgBr>",
      code: "malformed_xml"),
    // Texts.
    Change(name: "text among elements", old: "<ChrgBr>", new: "x<ChrgBr>", code: "text_unexpected"),
    Change(
      name: "text after elements", old: "</CdtTrfTxInf>", new: "x</CdtTrfTxInf>",
      code: "text_unexpected"),
    Change(
      name: "text before the first element", old: "<PmtId>", new: "<PmtId>x",
      code: "text_unexpected"),
    Change(name: "an element within a text", old: "M-1", new: "M<b/>-1", code: "text_unexpected"),
    Change(
      name: "an element instead of a text", old: "M-1", new: "<b/>", code: "element_unexpected"),
    Change(
      name: "text instead of elements", old: "<FIToFICstmrCdtTrf>", new: "<x>y</x>",
      code: "malformed_xml"),
    Change(name: "space before an amount", old: amount, new: "> 100.00<", code: "value_invalid"),
    Change(name: "space after an amount", old: amount, new: ">100.00\n<", code: "value_invalid"),
    Change(
      name: "a no-break space in an amount", old: amount, new: ">100\u{A0}<",
      code: "value_invalid"),
    Change(name: "an empty text", old: "M-1", new: "", code: "value_invalid"),
    Change(
      name: "a direction override in an id", old: "M-1", new: "M\u{202E}1", code: "value_invalid"),
    Change(
      name: "a long text", old: "<Nm>", new: "<Nm>" + String(repeating: "x", count: 8_192),
      code: "xml_limit_passed"),
    Change(
      name: "a text of 141 characters", old: "<Nm>\(Samples.secret)",
      new: "<Nm>" + String(repeating: "x", count: 141), code: "value_invalid"),
    // Namespaces.
    Change(
      name: "no namespace", old: "<ChrgBr>", new: "<ChrgBr xmlns=\"\">", code: "namespace_wrong"),
    Change(
      name: "another namespace", old: "<ChrgBr>", new: "<ChrgBr xmlns=\"urn:x\">",
      code: "namespace_wrong"),
    Change(
      name: "another version's namespace", old: "<ChrgBr>",
      new: "<ChrgBr xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.09\">",
      code: "namespace_wrong"),
    Change(
      name: "an envelope's namespace", old: "<BizMsg>", new: "<BizMsg xmlns=\"urn:x\">",
      code: "namespace_wrong"),
    Change(
      name: "a prefix that is not bound", old: "<ChrgBr>SLEV</ChrgBr>",
      new: "<a:ChrgBr>SLEV</a:ChrgBr>", code: "malformed_xml"),
    Change(
      name: "a prefix bound anew", old: "<ChrgBr>SLEV</ChrgBr>",
      new: "<a:ChrgBr xmlns:a=\"urn:y\">SLEV</a:ChrgBr>", code: "namespace_wrong"),
    Change(
      name: "a separator within a namespace", old: "<ChrgBr>",
      new: "<ChrgBr xmlns=\"urn:x&#12;ChrgBr\">", code: "malformed_xml"),
    Change(
      name: "a prefixed attribute", old: "<ChrgBr>",
      new: "<ChrgBr xmlns:x=\"http://www.w3.org/2001/XMLSchema-instance\" x:nil=\"true\">",
      code: "attribute_unexpected"),
    Change(
      name: "a prefixed currency", old: "<IntrBkSttlmAmt Ccy=",
      new: "<IntrBkSttlmAmt xmlns:x=\"urn:x\" x:Ccy=\"EUR\" Ccy=", code: "attribute_unexpected"),
    Change(
      name: "where the schema is", old: "<FIToFICstmrCdtTrf>",
      new: "<FIToFICstmrCdtTrf xmlns:x=\"http://www.w3.org/2001/XMLSchema-instance\" "
        + "x:schemaLocation=\"a b\">", code: "attribute_unexpected"),
    Change(
      name: "an attribute of the envelope", old: "<BizMsg>", new: "<BizMsg a=\"b\">",
      code: "attribute_unexpected"),
    // Attributes.
    Change(
      name: "a currency twice", old: "Ccy=", new: "Ccy=\"CNY\" Ccy=", code: "malformed_xml"),
    Change(name: "no currency", old: " Ccy=\"CNY\"", new: "", code: "attribute_missing"),
    Change(
      name: "a currency in small letters", old: "\"CNY\"", new: "\"cny\"", code: "value_invalid"),
    Change(
      name: "many attributes", old: "<ChrgBr>", new: "<ChrgBr a=\"\" b=\"\" c=\"\" d=\"\" e=\"\">",
      code: "xml_limit_passed"),
    Change(
      name: "a long attribute", old: "\"CNY\"",
      new: "\"" + String(repeating: "C", count: 8_193) + "\"", code: "xml_limit_passed"),
    // Elements.
    Change(
      name: "an element twice", old: "<ChrgBr>SLEV</ChrgBr>",
      new: "<ChrgBr>SLEV</ChrgBr><ChrgBr>SLEV</ChrgBr>", code: "element_unexpected"),
    Change(
      name: "an amount twice", old: "<AccptncDtTm>",
      new: "<IntrBkSttlmAmt Ccy=\"CNY\">1</IntrBkSttlmAmt><AccptncDtTm>",
      code: "element_unexpected"),
    Change(
      name: "an unknown element", old: "<ChrgBr>", new: "<Tip>1</Tip><ChrgBr>",
      code: "element_unexpected"),
    Change(
      name: "a known one in a wrong place", old: "<ChrgBr>", new: "<Purp><Cd>X</Cd></Purp><ChrgBr>",
      code: "element_unexpected"),
    Change(
      name: "an unknown one at the end", old: "</GrpHdr>", new: "<Tip>1</Tip></GrpHdr>",
      code: "element_unexpected"),
    Change(
      name: "the last one twice", old: "</CdtTrfTxInf>",
      new: "<RmtInf><Ustrd>x</Ustrd></RmtInf></CdtTrfTxInf>", code: "element_unexpected"),
    Change(
      name: "both of a choice", old: "<Cd>GDDS</Cd>", new: "<Cd>GDDS</Cd><Cd>SALA</Cd>",
      code: "element_unexpected"),
    Change(
      name: "none of a choice", old: "<Cd>GDDS</Cd>", new: "", code: "element_missing"),
    Change(
      name: "an envelope within", old: "<ChrgBr>", new: "<BizMsg xmlns=\"\"/><ChrgBr>",
      code: "element_unexpected"),
    Change(
      name: "depth", old: "<Nm>",
      new: String(repeating: "<a>", count: 30) + String(repeating: "</a>", count: 30) + "<Nm>",
      code: "xml_limit_passed"),
    Change(
      name: "a second document", old: "</BizMsg>",
      new: "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08\"/></BizMsg>",
      code: "element_unexpected"),
    Change(
      name: "a second envelope", old: "</BizMsg>", new: "</BizMsg><BizMsg/>",
      code: "malformed_xml"),
    Change(
      name: "an end tag that is not closed", old: "</BizMsg>", new: "</BizMsg",
      code: "malformed_xml"),
    Change(name: "tags that cross", old: "<PmtId>", new: "<PmtId><a>", code: "malformed_xml"),
    // The first line.
    Change(
      name: "an entity", old: "<BizMsg>", new: entity + "<BizMsg>",
      code: "xml_construct_forbidden"),
    Change(
      name: "an external subset", old: "<BizMsg>",
      new: "<!DOCTYPE BizMsg SYSTEM \"file:///etc/passwd\"><BizMsg>",
      code: "xml_construct_forbidden"),
    Change(
      name: "a parameter entity", old: "<BizMsg>",
      new: "<!DOCTYPE BizMsg [<!ENTITY % p SYSTEM \"http://x/\">%p;]><BizMsg>",
      code: "xml_construct_forbidden"),
    Change(
      name: "defaults for attributes", old: "<BizMsg>",
      new: "<!DOCTYPE BizMsg [<!ATTLIST IntrBkSttlmAmt Ccy CDATA \"CNY\">]><BizMsg>",
      code: "xml_construct_forbidden"),
    Change(
      name: "an empty document type", old: "<BizMsg>", new: "<!DOCTYPE BizMsg><BizMsg>",
      code: "xml_construct_forbidden"),
    Change(
      name: "Latin-1", old: "<BizMsg>",
      new: "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><BizMsg>",
      code: "encoding_not_utf8"),
    Change(
      name: "UTF-16 by declaration", old: "<BizMsg>",
      new: "<?xml version=\"1.0\" encoding=\"UTF-16\"?><BizMsg>", code: "encoding_not_utf8"),
    Change(
      name: "ASCII by declaration", old: "<BizMsg>",
      new: "<?xml version=\"1.0\" encoding=\"US-ASCII\"?><BizMsg>", code: "encoding_not_utf8"),
    Change(
      name: "XML 1.1", old: "<BizMsg>", new: "<?xml version=\"1.1\"?><BizMsg>",
      code: "xml_construct_forbidden"),
    Change(
      name: "a declaration after a space", old: "<BizMsg>", new: " <?xml version=\"1.0\"?><BizMsg>",
      code: "malformed_xml"),
    Change(
      name: "a second declaration", old: "<ChrgBr>", new: "<?xml version=\"1.0\"?><ChrgBr>",
      code: "malformed_xml"),
  ]

  @Test(arguments: changes)
  func aChangeIsRefused(change: Change) throws {
    let fault = try InboundMessage.fault(
      Samples.customer.replacing(change.old, change.new).xml)
    #expect(fault?.code == change.code, "\(change.name): \(fault?.description ?? "accepted")")
  }

  /// Bytes that are no text, and texts that are no message.
  @Test(
    arguments: [
      ([], "malformed_xml"), ([0], "malformed_xml"), (Array("BizMsg".utf8), "malformed_xml"),
      ([0xFF, 0xFE, 0x3C, 0x00, 0x42, 0x00], "not_utf8"), ([0xFE, 0xFF, 0x00, 0x3C], "not_utf8"),
      ([0x00, 0x3C, 0x00, 0x42], "malformed_xml"), ([0x3C, 0x00, 0x42, 0x00], "malformed_xml"),
      (Array("<a>".utf8) + [0xC0, 0x80] + Array("</a>".utf8), "not_utf8"),
      (Array("<a>".utf8) + [0xED, 0xA0, 0x80] + Array("</a>".utf8), "not_utf8"),
      (Array("<a>".utf8) + [0xF4, 0x90, 0x80, 0x80] + Array("</a>".utf8), "not_utf8"),
      (Array("<a>".utf8) + [0x00] + Array("</a>".utf8), "malformed_xml"),
      (Array("<a>".utf8) + [0xEF, 0xBF, 0xBF] + Array("</a>".utf8), "malformed_xml"),
      (Array("<a>\u{7}</a>".utf8), "malformed_xml"), (Array("<BizMsg/>".utf8), "element_missing"),
      (Array("<Document/>".utf8), "element_unexpected"), (Array("<!-- -->".utf8), "malformed_xml"),
      ([0x2B, 0x2F, 0x76, 0x38] + Array("<a/>".utf8), "malformed_xml"),
      ([0x4C, 0x6F, 0xA7, 0x94], "not_utf8"),
    ] as [([UInt8], String)])
  func otherBytesAreRefused(bytes: [UInt8], code: String) throws {
    #expect(try InboundMessage.fault(bytes)?.code == code)
  }

  /// A billion laughs and its like end at the document type: no entity is ever made.
  @Test func bombsEndAtTheirDocumentType() throws {
    var entities = "<!ENTITY a0 \"ha\">"
    for level in 1...30 {
      entities += "<!ENTITY a\(level) \"\(String(repeating: "&a\(level - 1);", count: 10))\">"
    }
    let bombs = [
      "<!DOCTYPE x [\(entities)]><BizMsg>&a30;</BizMsg>",
      "<!DOCTYPE x [<!ENTITY a \"\(String(repeating: "x", count: 100_000))\">]><BizMsg>"
        + String(repeating: "&a;", count: 100_000) + "</BizMsg>",
    ]
    for bomb in bombs {
      let fault = try InboundMessage.fault(Array(bomb.utf8))
      #expect(fault == .constructForbidden(.documentType, path: "/"))
    }
  }

  @Test func limitsAreNamed() throws {
    var limits = ISOLimits()
    limits.messageBytesMax = Samples.customer.xml.count
    #expect(try InboundMessage.fault(Samples.customer.xml, limits: limits) == nil)
    limits.messageBytesMax -= 1
    #expect(
      try InboundMessage.fault(Samples.customer.xml, limits: limits)
        == .tooLarge(bytes: limits.messageBytesMax + 1, max: limits.messageBytesMax))
    limits = ISOLimits()
    limits.transactionsMax = 1
    #expect(try InboundMessage.fault(Samples.institutional.xml, limits: limits) == nil)
    #expect(
      try InboundMessage.fault(Samples.customer.xml, limits: limits)
        == .limitPassed(.transactions, max: 1, path: "/BizMsg/Document"))
    limits = ISOLimits()
    limits.elementsMax = 10
    #expect(
      try InboundMessage.fault(Samples.customer.xml, limits: limits)?.code == "xml_limit_passed")
    let deep = Array(String(repeating: "<a>", count: 300_000).utf8)
    #expect(try InboundMessage.fault(deep)?.code == "xml_limit_passed")
  }

  /// The same message in other XML is the same message.
  @Test func otherFormsOfTheSameXMLAreAccepted() throws {
    let same = try InboundMessage.outcome(of: Samples.customer.xml).get()
    let urn = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"
    let prefixed = Samples.customer.map { line in
      guard line.hasPrefix("<Document") || line.hasPrefix("</Document") else { return line }
      return line.replacing("Document xmlns=", with: "p:Document xmlns:p=\"\(urn)\" xmlns=")
        .replacing("</Document", with: "</p:Document")
    }
    let forms: [[UInt8]] = [
      [0xEF, 0xBB, 0xBF] + Samples.customer.xml,
      Array("<?xml version='1.0' encoding='utf-8' standalone='yes'?>".utf8) + Samples.customer.xml,
      Array(Samples.customer.joined().utf8),
      Array(Samples.customer.joined(separator: "\r\n\t").utf8),
      prefixed.xml,
      Samples.customer.replacing("<ChrgBr>", "<!-- free of charge --><ChrgBr>").xml,
      Samples.customer.replacing(">100.00<", ">1&#48;&#x30;.00<").xml,
      Samples.customer.replacing("M-1", "&#77;-1").xml,
      Samples.customer.replacing("Ccy=\"CNY\"", "Ccy = 'CN&#89;'").xml,
      Samples.customer.xml + Array("\n<!-- end -->\n".utf8),
    ]
    for (number, form) in forms.enumerated() {
      #expect(try InboundMessage.outcome(of: form) == .success(same), "form \(number)")
    }
  }
}
