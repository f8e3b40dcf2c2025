public import LedgerModel

/// A pacs.008 or pacs.009: payments that one participant orders.
public struct CreditTransferMessage: Hashable, Sendable {
  public let header: BusinessHeader
  /// `MsgId`.
  public let id: MessageReference
  public let created: LedgerTime
  /// At least one, in order.
  public let transfers: [CreditTransfer]
}

/// One transaction of a pacs.008 or pacs.009, as an order to the ledger.
public struct CreditTransfer: Hashable, Sendable {
  /// `InstrId`.
  public let instructionReference: MessageReference?
  /// `EndToEndId`, as it was given.
  public let endToEndReference: MessageReference
  /// `TxId`; it or ``uetr`` is there.
  public let transactionReference: MessageReference?
  public let uetr: UETR?
  /// The participant of each account, as the message says; the ledger itself decides by the
  /// account.
  public let payer: ParticipantID
  public let payee: ParticipantID
  /// `pay` of a pacs.008, `settle` of a pacs.009.
  public let operation: Operation
  public let purpose: Purpose
  /// `EndToEndId`, empty where that is `NOTPROVIDED`.
  public let reference: ClientReference

  /// The order, under an id that the caller chooses; `document` is the message's digest.
  public func instruction(
    id: InstructionID, channel: Channel = Channel(unchecked: ""), document: DocumentDigest? = nil
  ) -> Instruction {
    Instruction(
      id: id, operation: operation, purpose: purpose, channel: channel, reference: reference,
      document: document)
  }
}

extension Channel {
  /// Of orders that a server makes of messages, for rules.
  public static let iso20022 = Channel(unchecked: "iso20022")
}

extension CreditTransferMessage {
  /// Reads what the grammar has found to be in order.
  init(
    _ content: XMLElement, header: BusinessHeader, in context: ReadingContext
  ) throws(ISOFault) {
    let group = try content.required("GrpHdr")
    let transactions = content.all("CdtTrfTxInf")
    self.header = header
    id = try group.value("MsgId") { try? MessageReference($0) }
    created = try group.value("CreDtTm", LedgerTime.init(isoText:))
    var transfers: [CreditTransfer] = []
    var sums = MoneySums()
    for transaction in transactions {
      let roles = header.definition == .customerCreditTransfer ? Roles.customer : .institution
      try Self.checkOnce(transaction, group)
      try Self.checkAgents(transaction, group, roles, in: context)
      try Self.checkDate(transaction["IntrBkSttlmDt"], in: context)
      let money = try Money(try transaction.required("IntrBkSttlmAmt"), in: context)
      try Self.checkAmounts(transaction, money, in: context)
      sums.add(money)
      transfers.append(try CreditTransfer(transaction, roles, money))
    }
    self.transfers = transfers
    try Self.checkDate(group["IntrBkSttlmDt"], in: context)
    try Self.checkTotals(group, transactions, sums, in: context)
    for reference in ["InstrId", "TxId", "UETR"] {
      try Self.checkDistinct(transactions.compactMap { $0.first("PmtId/" + reference) })
    }
  }

  /// Who is who: in a pacs.009 the institutions themselves pay and are paid.
  fileprivate enum Roles {
    case customer
    case institution

    var payer: String { self == .customer ? "DbtrAgt" : "Dbtr" }
    var payee: String { self == .customer ? "CdtrAgt" : "Cdtr" }
  }

  /// What the group header says of all transactions, no transaction says again.
  ///
  /// - Source: ISO 20022 message definition report, rules of pacs.008 and pacs.009 on the group
  ///   header's settlement date, payment type and agents.
  private static func checkOnce(
    _ transaction: XMLElement, _ group: XMLElement
  ) throws(ISOFault) {
    for name in ["PmtTpInf", "IntrBkSttlmDt", "InstgAgt", "InstdAgt"] {
      if let first = group[name], let second = transaction[name] {
        throw .givenTwice(path: second.path, first: first.path)
      }
    }
  }

  /// The payer's participant sends and instructs, and the payee's is instructed.
  private static func checkAgents(
    _ transaction: XMLElement, _ group: XMLElement, _ roles: Roles, in context: ReadingContext
  ) throws(ISOFault) {
    try transaction.checkActing(context.participant, at: roles.payer)
    let payee = try transaction.participant(roles.payee)
    for place in [group, transaction] {
      if place["InstgAgt"] != nil { try place.checkActing(context.participant, at: "InstgAgt") }
      if let instructed = place["InstdAgt"], try place.participant("InstdAgt") != payee {
        throw .contradiction(
          path: instructed.path, with: try transaction.required(roles.payee).path,
          wanted: "one participant in both places")
      }
    }
  }

  private static func checkDate(
    _ element: XMLElement?, in context: ReadingContext
  ) throws(ISOFault) {
    guard let element, element.text != context.today.isoText else { return }
    throw .notToday(path: element.path, value: element.text, today: context.today.isoText)
  }

  /// What the payer ordered, and the accounts' currencies, are those of what is settled.
  private static func checkAmounts(
    _ transaction: XMLElement, _ money: Money, in context: ReadingContext
  ) throws(ISOFault) {
    let settled = try transaction.required("IntrBkSttlmAmt").path
    if let instructed = transaction["InstdAmt"], try Money(instructed, in: context) != money {
      throw .contradiction(
        path: instructed.path, with: settled,
        wanted: "the same amount, as nothing is charged or exchanged")
    }
    for path in ["DbtrAcct/Ccy", "CdtrAcct/Ccy"] {
      if let currency = transaction.first(path), currency.text != money.currency.description {
        throw .contradiction(
          path: currency.path, with: settled + "/@Ccy", wanted: "`\(money.currency)`")
      }
    }
  }

  private static func checkTotals(
    _ group: XMLElement, _ transactions: [XMLElement], _ sums: MoneySums, in context: ReadingContext
  ) throws(ISOFault) {
    let count = try group.required("NbOfTxs")
    guard Int(count.text) == transactions.count else {
      throw .contradiction(
        path: count.path, with: transactions[0].path, wanted: "`\(transactions.count)`")
    }
    if let control = group["CtrlSum"], !sums.isControl(control.text) {
      throw .contradiction(
        path: control.path, with: transactions[0].path + "/IntrBkSttlmAmt",
        wanted: "the sum of all amounts, whatever their currency")
    }
    guard let total = group["TtlIntrBkSttlmAmt"] else { return }
    guard try sums.isTotal(Money(total, in: context)) else {
      throw .contradiction(
        path: total.path, with: transactions[0].path + "/IntrBkSttlmAmt",
        wanted: "the sum of all amounts, which are of one currency then")
    }
  }

  /// Each has another text.
  static func checkDistinct(_ references: [XMLElement]) throws(ISOFault) {
    var seen: [[UInt8]: XMLElement] = [:]
    for element in references {
      if let first = seen.updateValue(element, forKey: Array(element.text.utf8)) {
        throw .referenceRepeated(path: element.path, first: first.path)
      }
    }
  }
}

extension CreditTransfer {
  fileprivate init(
    _ transaction: XMLElement, _ roles: CreditTransferMessage.Roles, _ money: Money
  ) throws(ISOFault) {
    let identification = try transaction.required("PmtId")
    let read = { (text: String) in try? MessageReference(text) }
    instructionReference = try identification.optional("InstrId", read)
    endToEndReference = try identification.value("EndToEndId", read)
    transactionReference = try identification.optional("TxId", read)
    uetr = try identification.optional("UETR") { UETR($0) }
    guard transactionReference != nil || uetr != nil else {
      throw .elementMissing(path: identification.path + "/TxId")
    }
    payer = try transaction.participant(roles.payer)
    payee = try transaction.participant(roles.payee)
    let order = Transfer(
      payer: try transaction.account("DbtrAcct"), payee: try transaction.account("CdtrAcct"),
      amount: try money.orderedMinorUnits(), currency: money.currency)
    operation = roles == .customer ? .pay(order) : .settle(order)
    purpose = try transaction.optional("Purp/Cd") { try? Purpose($0) } ?? Purpose(unchecked: "")
    reference = ClientReference(
      unchecked: endToEndReference == .notProvided ? "" : endToEndReference.text)
  }
}
