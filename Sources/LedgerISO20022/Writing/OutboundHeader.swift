public import LedgerModel

/// What a message that is written says of itself.
public struct OutboundHeader: Hashable, Sendable {
  public let recipient: ParticipantID
  /// `BizMsgIdr`, and the message's own `MsgId`.
  public let id: MessageReference
  public let created: LedgerTime

  public init(recipient: ParticipantID, id: MessageReference, created: LedgerTime) {
    self.recipient = recipient
    self.id = id
    self.created = created
  }
}

extension OutboundHeader {
  /// The envelope of a message, in UTF-8.
  func message(_ definition: MessageDefinition, _ content: [XMLContent]) -> [UInt8] {
    let header: [XMLContent] = [
      .element("Fr", [.element("FIId", [.institution(Scheme.ledger)])]),
      .element("To", [.element("FIId", [.institution(recipient.text)])]),
      .text("BizMsgIdr", id.text), .text("MsgDefIdr", definition.name),
      .text("CreDt", created.description),
    ]
    return XMLContent.element(
      "BizMsg",
      [
        .element(
          "AppHdr", header, attributes: [("xmlns", MessageDefinition.headerNamespace)]),
        .element(
          "Document", [.element(definition.root, content)],
          attributes: [("xmlns", definition.namespace)]),
      ]
    ).document
  }

  /// `MsgId` and `CreDtTm`, which a group header begins with.
  var group: [XMLContent] { [.text("MsgId", id.text), .text("CreDtTm", created.description)] }
}

extension XMLContent {
  /// `FinInstnId` of a member of this ledger.
  static func institution(_ member: String) -> XMLContent {
    .element(
      "FinInstnId",
      [
        .element(
          "ClrSysMmbId",
          [
            .element("ClrSysId", [.text("Prtry", Scheme.clearingSystem)]),
            .text("MmbId", member),
          ])
      ])
  }

  /// `Id` of an account of this ledger.
  static func account(_ id: AccountID) -> XMLContent {
    .element("Id", [.element("Othr", [.text("Id", id.isoText)])])
  }

  /// - Throws: ``ISOFault/amountInexpressible(minorUnits:exponent:)``.
  static func amount(
    _ name: String, _ minorUnits: Int128, _ currency: CurrencyCode, exponent: Int
  ) throws(ISOFault) -> XMLContent {
    .text(
      name, try decimal(minorUnits, exponent: exponent),
      attributes: [("Ccy", currency.description)])
  }

  static func decimal(_ minorUnits: Int128, exponent: Int) throws(ISOFault) -> String {
    guard let text = DecimalText.text(of: minorUnits, exponent: exponent) else {
      throw .amountInexpressible(minorUnits: minorUnits, exponent: exponent)
    }
    return text
  }

  /// A text of at most `max` characters, and not an empty one.
  static func text(_ name: String, _ text: String?, max: Int) -> XMLContent {
    guard let text else { return .none }
    let isLong = text.unicodeScalars.count > max
    return .text(name, isLong ? String(text.unicodeScalars.prefix(max - 1)) + "…" : text)
  }
}
