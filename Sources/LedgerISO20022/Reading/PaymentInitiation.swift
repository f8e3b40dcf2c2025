public import LedgerModel

/// A pain.001: payments that a bank's treasurer has written down, for the bank to sign and send.
///
/// It stands in a file by itself, a bare `Document`, and goes to no ledger: an envelope would say
/// who sends it to whom.
public struct PaymentInitiation: Hashable, Sendable {
  /// `MsgId`.
  public let id: MessageReference
  public let created: LedgerTime
  /// At least one, in order, of all `PmtInf`.
  public let payments: [InitiatedPayment]
}

/// One transaction of a pain.001, as an order to the ledger.
public struct InitiatedPayment: Hashable, Sendable {
  /// `PmtInfId` of those it stands with.
  public let group: MessageReference
  /// `InstrId`.
  public let instructionReference: MessageReference?
  /// `EndToEndId`, as it was given.
  public let endToEndReference: MessageReference
  public let uetr: UETR?
  /// The payee's participant, where the message says; the ledger itself decides by the account.
  public let payee: ParticipantID?
  /// What `pay` moves.
  public let transfer: Transfer
  /// The amount, as it was given.
  public let amount: String
  public let purpose: Purpose
  /// `EndToEndId`, empty where that is `NOTPROVIDED`.
  public let reference: ClientReference
}

extension PaymentInitiation {
  /// Reads a bare `Document`.
  ///
  /// Pure: the result depends on the parameters alone.
  ///
  /// - Parameters:
  ///   - bytes: The message.
  ///   - context: The participant is the bank whose customers or accounts pay.
  ///   - limits: Bounds of the message.
  /// - Throws: The first ``ISOFault`` in the order of that type, and `MsgId` as far as it was read.
  /// - Complexity: O(bytes), and O(n log n) over the transactions.
  public init(
    _ bytes: [UInt8], in context: ReadingContext, limits: ISOLimits = .standard
  ) throws(MessageRefusal) {
    let xml = XMLReader(bytes, limits: limits)
    let definition = MessageDefinition.customerPaymentInitiation
    do throws(ISOFault) {
      if let fault = xml.fault { throw fault }
      guard let document = xml.tree.root else { throw .elementMissing(path: "/Document") }
      guard document.name == "Document" else {
        throw .elementUnexpected(path: document.path, wanted: ["Document"])
      }
      guard document.namespace == definition.namespace else {
        throw .messageNotSupported(
          name: Shown.name(document.namespace), why: "a file of payments is `\(definition.name)`")
      }
      try Self.checkCount(document, max: limits.transactionsMax)
      try Shape.initiation.check(document, namespace: definition.namespace)
      try self.init(try document.required(definition.root), in: context)
    } catch {
      let id = xml.tree.root?.first("\(definition.root)/GrpHdr/MsgId")?.text
      throw MessageRefusal(fault: error, message: id.flatMap { try? MessageReference($0) })
    }
  }

  /// Reads what the grammar has found to be in order.
  private init(_ content: XMLElement, in context: ReadingContext) throws(ISOFault) {
    let header = try content.required("GrpHdr")
    id = try header.value("MsgId") { try? MessageReference($0) }
    created = try header.value("CreDtTm", LedgerTime.init(isoText:))
    let groups = content.all("PmtInf")
    var payments: [InitiatedPayment] = []
    var transactions: [XMLElement] = []
    var sums = MoneySums()
    for group in groups {
      let own = group.all("CdtTrfTxInf")
      try group.checkActing(context.participant, at: "DbtrAgt")
      try Self.checkDate(try group.required("ReqdExctnDt/Dt"), in: context)
      var ownSums = MoneySums()
      for transaction in own {
        try Self.checkOnce(transaction, group)
        let money = try Money(try transaction.required("Amt/InstdAmt"), in: context)
        try Self.checkCurrencies(transaction, group, money)
        sums.add(money)
        ownSums.add(money)
        payments.append(try InitiatedPayment(transaction, group, money))
      }
      try Self.checkTotals(group, own, ownSums)
      transactions += own
    }
    self.payments = payments
    try Self.checkTotals(header, transactions, sums)
    try CreditTransferMessage.checkDistinct(groups.compactMap { $0["PmtInfId"] })
    for reference in ["InstrId", "UETR"] {
      try CreditTransferMessage.checkDistinct(
        transactions.compactMap { $0.first("PmtId/" + reference) })
    }
  }

  private static func checkCount(_ document: XMLElement, max: Int) throws(ISOFault) {
    let groups = document.children.first?.all("PmtInf") ?? []
    let count = groups.reduce(0) { $0 + $1.all("CdtTrfTxInf").count }
    guard count <= max else { throw .limitPassed(.transactions, max: max, path: document.path) }
  }

  /// What is said of all transactions of a group, no transaction says again.
  private static func checkOnce(
    _ transaction: XMLElement, _ group: XMLElement
  ) throws(ISOFault) {
    for name in ["PmtTpInf", "ChrgBr", "UltmtDbtr"] {
      if let first = group[name], let second = transaction[name] {
        throw .givenTwice(path: second.path, first: first.path)
      }
    }
  }

  /// A date to come is refused; one that has passed is due, since a file may be gone on with days
  /// later.
  private static func checkDate(
    _ element: XMLElement, in context: ReadingContext
  ) throws(ISOFault) {
    guard let date = CivilDate(isoText: element.text),
      date.daysSince1970 <= context.today.daysSince1970
    else {
      throw .notToday(path: element.path, value: element.text, today: context.today.isoText)
    }
  }

  private static func checkCurrencies(
    _ transaction: XMLElement, _ group: XMLElement, _ money: Money
  ) throws(ISOFault) {
    let ordered = try transaction.required("Amt/InstdAmt").path
    for currency in [group.first("DbtrAcct/Ccy"), transaction.first("CdtrAcct/Ccy")] {
      if let currency, currency.text != money.currency.description {
        throw .contradiction(
          path: currency.path, with: ordered + "/@Ccy", wanted: "`\(money.currency)`")
      }
    }
  }

  /// Of the whole message, or of a group, which need not have them.
  private static func checkTotals(
    _ element: XMLElement, _ transactions: [XMLElement], _ sums: MoneySums
  ) throws(ISOFault) {
    if let count = element["NbOfTxs"], Int(count.text) != transactions.count {
      throw .contradiction(
        path: count.path, with: transactions[0].path, wanted: "`\(transactions.count)`")
    }
    if let control = element["CtrlSum"], !sums.isControl(control.text) {
      throw .contradiction(
        path: control.path, with: transactions[0].path + "/Amt/InstdAmt",
        wanted: "the sum of all amounts, whatever their currency")
    }
  }
}

extension InitiatedPayment {
  fileprivate init(
    _ transaction: XMLElement, _ group: XMLElement, _ money: Money
  ) throws(ISOFault) {
    let identification = try transaction.required("PmtId")
    let read = { (text: String) in try? MessageReference(text) }
    self.group = try group.value("PmtInfId", read)
    instructionReference = try identification.optional("InstrId", read)
    endToEndReference = try identification.value("EndToEndId", read)
    uetr = try identification.optional("UETR") { UETR($0) }
    payee = transaction["CdtrAgt"] == nil ? nil : try transaction.participant("CdtrAgt")
    transfer = Transfer(
      payer: try group.account("DbtrAcct"), payee: try transaction.account("CdtrAcct"),
      amount: try money.orderedMinorUnits(), currency: money.currency)
    amount = try transaction.required("Amt/InstdAmt").text
    purpose = try transaction.optional("Purp/Cd") { try? Purpose($0) } ?? Purpose(unchecked: "")
    reference = ClientReference(
      unchecked: endToEndReference == .notProvided ? "" : endToEndReference.text)
  }
}
