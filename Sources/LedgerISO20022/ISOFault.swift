public import LedgerModel

/// Why a message is refused, or cannot be written.
///
/// The first that holds is thrown: the bytes and their XML, then the grammar in document order,
/// then what the elements say together. Each says where; none shows a name, an address, a text for
/// people or an account.
public enum ISOFault: Error, Hashable, Sendable {
  // The bytes and the XML.
  case tooLarge(bytes: Int, max: Int)
  case notUTF8
  case encodingNotUTF8
  case malformedXML(line: Int, column: Int, problem: String)
  case constructForbidden(XMLConstruct, path: String)
  case limitPassed(ISOLimit, max: Int, path: String)
  // The envelope and the grammar.
  case messageNotSupported(name: String, why: String)
  case namespaceWrong(path: String, wanted: String)
  case elementUnexpected(path: String, wanted: [String])
  case elementMissing(path: String)
  case elementNotSupported(path: String, why: String)
  case textUnexpected(path: String)
  case attributeUnexpected(path: String, name: String)
  case attributeMissing(path: String, name: String)
  /// The value is shown where it is a code, a number or a time.
  case valueInvalid(path: String, value: String?, wanted: String)
  // What the elements say together.
  case currencyUnknown(path: String, CurrencyCode)
  case amountInvalid(path: String, value: String, AmountProblem)
  /// The participant is the one that the message is sent for.
  case notActing(path: String, ParticipantID)
  case contradiction(path: String, with: String, wanted: String)
  case givenTwice(path: String, first: String)
  case referenceRepeated(path: String, first: String)
  case notToday(path: String, value: String, today: String)
  // What the ledger knows.
  /// Its sender gave another message that name.
  case messageRepeated(path: String)
  /// There is none, or it is not the sender's.
  case accountUnknown(path: String)
  // Writing.
  case amountInexpressible(minorUnits: Int128, exponent: Int)
  case statementUnbalanced(opening: Balance, entries: Int128, closing: Balance)
  case entriesOutOfOrder(SequenceNumber, after: SequenceNumber)
  case statusesMiscounted(statuses: Int, transactions: Int)

  /// The stable wire name (Max35Text), never changed and never used again for another meaning.
  public var code: String {
    switch self {
    case .tooLarge: "message_too_large"
    case .notUTF8: "not_utf8"
    case .encodingNotUTF8: "encoding_not_utf8"
    case .malformedXML: "malformed_xml"
    case .constructForbidden: "xml_construct_forbidden"
    case .limitPassed: "xml_limit_passed"
    case .messageNotSupported: "message_not_supported"
    case .namespaceWrong: "namespace_wrong"
    case .elementUnexpected: "element_unexpected"
    case .elementMissing: "element_missing"
    case .elementNotSupported: "element_not_supported"
    case .textUnexpected: "text_unexpected"
    case .attributeUnexpected: "attribute_unexpected"
    case .attributeMissing: "attribute_missing"
    case .valueInvalid: "value_invalid"
    case .currencyUnknown: "currency_unknown"
    case .amountInvalid: "amount_invalid"
    case .notActing: "not_acting"
    case .contradiction: "contradiction"
    case .givenTwice: "given_twice"
    case .referenceRepeated: "reference_repeated"
    case .notToday: "not_today"
    case .messageRepeated: "message_repeated"
    case .accountUnknown: "account_unknown"
    case .amountInexpressible: "amount_inexpressible"
    case .statementUnbalanced: "statement_unbalanced"
    case .entriesOutOfOrder: "entries_out_of_order"
    case .statusesMiscounted: "statuses_miscounted"
    }
  }

  /// The element that it is about, where there is one.
  public var path: String? {
    switch self {
    case .constructForbidden(_, let path), .limitPassed(_, _, let path),
      .namespaceWrong(let path, _), .elementUnexpected(let path, _), .elementMissing(let path),
      .elementNotSupported(let path, _), .textUnexpected(let path),
      .attributeUnexpected(let path, _), .attributeMissing(let path, _),
      .valueInvalid(let path, _, _), .currencyUnknown(let path, _), .amountInvalid(let path, _, _),
      .notActing(let path, _), .contradiction(let path, _, _), .givenTwice(let path, _),
      .referenceRepeated(let path, _), .notToday(let path, _, _), .messageRepeated(let path),
      .accountUnknown(let path):
      path
    case .tooLarge, .notUTF8, .encodingNotUTF8, .malformedXML, .messageNotSupported,
      .amountInexpressible, .statementUnbalanced, .entriesOutOfOrder, .statusesMiscounted:
      nil
    }
  }
}

/// What of XML a message may not have.
public enum XMLConstruct: Hashable, Sendable {
  case documentType
  case processingInstruction
  case cdataSection
  case commentInText
  case otherVersion
}

/// Which of the ``ISOLimits`` was passed.
public enum ISOLimit: Hashable, Sendable {
  case depth
  case elements
  case attributes
  case text
  case transactions
  /// Of a report.
  case entries
}

extension ISOFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooLarge(let bytes, let max):
      "the message has \(bytes) bytes, above \(max); send several"
    case .notUTF8: "the message is not UTF-8; write it in UTF-8"
    case .encodingNotUTF8: "the XML declaration names another encoding; declare `UTF-8`, or none"
    case .malformedXML(let line, let column, let problem):
      "the XML is not well-formed at line \(line), column \(column): \(problem)"
    case .constructForbidden(let construct, let path):
      "`\(path)`: \(construct.noun) may not stand here; leave it out"
    case .limitPassed(let limit, let max, let path):
      "`\(path)`: more than \(max) \(limit.noun); ask for less in one message"
    case .messageNotSupported(let name, let why):
      "`\(name)` is no message that this ledger takes: \(why)"
    case .namespaceWrong(let path, let wanted):
      wanted.isEmpty
        ? "`\(path)` is in a namespace; it stands in none"
        : "`\(path)` is in another namespace; it stands in `\(wanted)`"
    case .elementUnexpected(let path, let wanted):
      "`\(path)` may not stand here; "
        + (wanted.isEmpty ? "nothing follows" : "what may is \(wanted.inBackticks)")
    case .elementMissing(let path): "`\(path)` is missing"
    case .elementNotSupported(let path, let why): "`\(path)` is not taken: \(why)"
    case .textUnexpected(let path): "`\(path)` has text of its own; it holds elements alone"
    case .attributeUnexpected(let path, let name):
      "`\(path)` has an attribute `\(name)`, which it does not take; leave it out"
    case .attributeMissing(let path, let name): "`\(path)` lacks its attribute `\(name)`"
    case .valueInvalid(let path, let value, let wanted):
      "`\(path)`\(value.map { " is `\($0)`" } ?? ""): give \(wanted)"
    case .currencyUnknown(let path, let code):
      "`\(path)`: this ledger has no currency `\(code)`"
    case .amountInvalid(let path, let value, let problem):
      "`\(path)` is `\(value)`: give \(problem.wanted)"
    case .notActing(let path, let participant):
      "`\(path)` is not `\(participant)`, for which the message is sent; send it for the other, "
        + "or name this one"
    case .contradiction(let path, let other, let wanted):
      "`\(path)` does not agree with `\(other)`: give \(wanted)"
    case .givenTwice(let path, let first):
      "`\(path)` is given by `\(first)` already; give one of the two"
    case .referenceRepeated(let path, let first):
      "`\(path)` is the same as `\(first)`; give each transaction its own"
    case .notToday(let path, let value, let today):
      "`\(path)` is `\(value)`; the ledger settles at once, and today is `\(today)`"
    case .messageRepeated(let path):
      "`\(path)` is that of another message that was sent; give each its own"
    case .accountUnknown(let path): "`\(path)` is no account of the participant that asks"
    case .amountInexpressible(let minorUnits, let exponent):
      "`\(minorUnits)` minor units at exponent \(exponent) have more digits than ISO 20022 has "
        + "room for: \(DecimalText.digitsMax), and \(DecimalText.fractionDigitsMax) of a fraction"
    case .statementUnbalanced(let opening, let entries, let closing):
      "opening balance `\(opening)` and entries of `\(entries)` together are not the closing "
        + "balance `\(closing)`"
    case .entriesOutOfOrder(let number, let previous):
      "entry \(number) comes after entry \(previous); give entries in ascending order, each once"
    case .statusesMiscounted(let statuses, let transactions):
      "\(statuses) statuses for \(transactions) transactions; give one for each"
    }
  }
}

extension XMLConstruct {
  fileprivate var noun: String {
    switch self {
    case .documentType: "a document type"
    case .processingInstruction: "a processing instruction"
    case .cdataSection: "a CDATA section"
    case .commentInText: "a comment within text"
    case .otherVersion: "an XML version other than 1.0"
    }
  }
}

extension ISOLimit {
  fileprivate var noun: String {
    switch self {
    case .depth: "elements within each other"
    case .elements: "elements"
    case .attributes: "attributes"
    case .text: "bytes of text"
    case .transactions: "transactions or requests"
    case .entries: "entries in a report"
    }
  }
}

extension [String] {
  fileprivate var inBackticks: String { map { "`\($0)`" }.joined(separator: ", ") }
}
