public import LedgerModel

/// A message that was read: valid by its schema, and of one meaning on this ledger.
public enum InboundMessage: Hashable, Sendable {
  /// pacs.008 or pacs.009.
  case creditTransfers(CreditTransferMessage)
  /// camt.060.
  case reportRequests(ReportRequestMessage)
}

/// What a message is read by, besides its bytes.
public struct ReadingContext: Hashable, Sendable {
  /// For which the message is sent: whoever brings it has to have shown that already.
  public let participant: ParticipantID
  /// The date of the ledger's zone on which the message came: also when it is read again later, to
  /// report on it.
  public let today: CivilDate
  /// Of each currency of the ledger, the decimal digits of its minor unit.
  public let exponents: [CurrencyCode: Int]

  public init(participant: ParticipantID, today: CivilDate, exponents: [CurrencyCode: Int]) {
    precondition(
      exponents.allSatisfy { 0...Limits.currencyExponentMax ~= $0.value },
      "an exponent of \(exponents) is above \(Limits.currencyExponentMax)")
    self.participant = participant
    self.today = today
    self.exponents = exponents
  }

  /// Creates the context of a ledger's currencies; of one code, the first counts.
  public init(participant: ParticipantID, today: CivilDate, currencies: [Currency]) {
    self.init(
      participant: participant, today: today,
      exponents: Dictionary(currencies.map { ($0.code, $0.exponent) }) { first, _ in first })
  }
}

/// What the business application header of a message says.
public struct BusinessHeader: Hashable, Sendable {
  public let sender: ParticipantID
  /// `BizMsgIdr`.
  public let id: MessageReference
  public let definition: MessageDefinition
  public let created: LedgerTime
}

/// A message that is refused, whole, and what it was called as far as that could be read.
public struct MessageRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  public let fault: ISOFault
  /// `BizMsgIdr`; `nil` where reading ended before it, or where it is none.
  public let message: MessageReference?

  public init(fault: ISOFault, message: MessageReference?) {
    self.fault = fault
    self.message = message
  }

  public var description: String { fault.description }
}

extension InboundMessage {
  /// Reads an envelope: `BizMsg`, in no namespace, of an `AppHdr` and a `Document`.
  ///
  /// Pure: the result depends on the parameters alone.
  ///
  /// - Throws: The first ``ISOFault`` in the order of that type, and the message's identifier.
  /// - Complexity: O(bytes), and O(n log n) over the transactions.
  public init(
    _ bytes: [UInt8], in context: ReadingContext, limits: ISOLimits = .standard
  ) throws(MessageRefusal) {
    let xml = XMLReader(bytes, limits: limits)
    do throws(ISOFault) {
      if let fault = xml.fault { throw fault }
      guard let root = xml.tree.root else { throw .elementMissing(path: "/BizMsg") }
      self = try Self.read(root, in: context, limits: limits)
    } catch {
      let id = xml.tree.root?.first("AppHdr/BizMsgIdr")?.text
      throw MessageRefusal(fault: error, message: id.flatMap { try? MessageReference($0) })
    }
  }

  private static func read(
    _ root: XMLElement, in context: ReadingContext, limits: ISOLimits
  ) throws(ISOFault) -> InboundMessage {
    let (header, document) = try envelope(root)
    try Shape.header.check(header, namespace: MessageDefinition.headerNamespace)
    let (definition, shape) = try definition(of: document)
    for name in ["CdtTrfTxInf", "RptgReq"] {
      guard (document.children.first?.all(name).count ?? 0) <= limits.transactionsMax else {
        throw .limitPassed(.transactions, max: limits.transactionsMax, path: document.path)
      }
    }
    try shape.check(document, namespace: definition.namespace)

    let business = BusinessHeader(
      sender: try header.participant("Fr/FIId"),
      id: try header.value("BizMsgIdr") { try? MessageReference($0) }, definition: definition,
      created: try header.value("CreDt", LedgerTime.init(isoText:)))
    try header.checkActing(context.participant, at: "Fr/FIId")
    if let stated = header["MsgDefIdr"], stated.text != definition.name {
      throw .contradiction(
        path: stated.path, with: document.path, wanted: "`\(definition.name)`")
    }
    let content = try document.required(definition.root)
    if definition == .reportRequest {
      return .reportRequests(try ReportRequestMessage(content, header: business, in: context))
    }
    return .creditTransfers(try CreditTransferMessage(content, header: business, in: context))
  }

  private static func envelope(
    _ root: XMLElement
  ) throws(ISOFault) -> (header: XMLElement, document: XMLElement) {
    guard root.name == "BizMsg" else {
      throw .elementUnexpected(path: root.path, wanted: ["BizMsg"])
    }
    guard root.namespace.isEmpty else { throw .namespaceWrong(path: root.path, wanted: "") }
    if let attribute = root.attributes.first {
      throw .attributeUnexpected(path: root.path, name: Shown.name(attribute.name))
    }
    let wanted = ["AppHdr", "Document"]
    for (child, name) in zip(root.children, wanted) where child.name != name {
      throw .elementUnexpected(path: child.path, wanted: [name])
    }
    guard root.children.count >= 2 else {
      throw .elementMissing(path: root.path + "/" + wanted[root.children.count])
    }
    if root.children.count > 2 {
      throw .elementUnexpected(path: root.children[2].path, wanted: [])
    }
    return (root.children[0], root.children[1])
  }

  private static func definition(
    of document: XMLElement
  ) throws(ISOFault) -> (MessageDefinition, Shape) {
    let namespace = document.namespace
    let name =
      namespace.hasPrefix(MessageDefinition.namespacePrefix)
      ? String(namespace.dropFirst(MessageDefinition.namespacePrefix.count)) : namespace
    if let definition = MessageDefinition(rawValue: name),
      let shape = Shape.document(of: definition), definition.namespace == namespace
    {
      return (definition, shape)
    }
    let readable = MessageDefinition.allCases.filter { Shape.document(of: $0) != nil }
    let why =
      ["pacs.004", "camt.056"].contains { name.hasPrefix($0) }
      ? "it has no returns yet, as what is settled is final"
      : "it takes " + readable.map { "`\($0.name)`" }.joined(separator: ", ")
    throw .messageNotSupported(name: Shown.name(name), why: why)
  }
}

// MARK: - Values of checked elements

extension XMLElement {
  /// The element at a path of names.
  ///
  /// - Throws: Where it is missing, as the grammar has found out before.
  func required(_ path: String) throws(ISOFault) -> XMLElement {
    guard let element = first(path) else { throw .elementMissing(path: self.path + "/" + path) }
    return element
  }

  /// The value at a path of names.
  ///
  /// - Throws: Where it is missing or `read` returns `nil`, as the grammar has found out before.
  func value<Value>(_ path: String, _ read: (String) -> Value?) throws(ISOFault) -> Value {
    let element = try required(path)
    guard let value = read(element.text) else {
      throw .valueInvalid(path: element.path, value: nil, wanted: "what the grammar has there")
    }
    return value
  }

  /// The value at a path of names, or `nil` where nothing is there.
  func optional<Value>(_ path: String, _ read: (String) -> Value?) throws(ISOFault) -> Value? {
    first(path) == nil ? nil : try value(path, read)
  }

  func participant(_ path: String) throws(ISOFault) -> ParticipantID {
    try value(path + "/FinInstnId/ClrSysMmbId/MmbId") { try? ParticipantID($0) }
  }

  func account(_ path: String) throws(ISOFault) -> AccountID {
    try value(path + "/Id/Othr/Id", AccountID.init(isoText:))
  }

  /// - Throws: Where the institution at `path` is another than the participant that acts.
  func checkActing(_ acting: ParticipantID, at path: String) throws(ISOFault) {
    if try participant(path) != acting {
      throw .notActing(path: try required(path).path, acting)
    }
  }
}
