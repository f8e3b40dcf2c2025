import FoundationEssentials
package import LedgerModel
import LedgerWire
import MerkleLog

/// What was issued for a file, and what is decided: in memory what the disk has, and never more.
///
/// Whoever holds it writes each line durably before it counts, so that a run which is cut off at
/// any point is gone on with by the next one, by this program or another that has the same format.
///
/// - Source: docs/formats/payment-journal.md.
package struct PaymentJournal: Sendable {
  package let file: PaymentFile
  /// One a row of the file, in its order.
  package private(set) var payments: [Payment]
  package private(set) var counts = PaymentCounts()
  private let head: JournalHead
  /// Every id that was ever issued.
  private var indexByID: [InstructionID: Int] = [:]

  /// Begins a journal: nothing of it is durable yet, and so nothing may be sent.
  ///
  /// - Parameters:
  ///   - file: What is ordered.
  ///   - ledger: On which ledger.
  ///   - party: By whom.
  ///   - newID: Chooses an id.
  package init(
    beginning file: PaymentFile, on ledger: LedgerID, of party: Party, newID: () -> InstructionID
  ) {
    self.file = file
    head = JournalHead(file, ledger, party)
    payments = file.rows.map { Payment(order: $0.order(newID(), file.channel)) }
    for (index, payment) in payments.enumerated() { indexByID[payment.order.id] = index }
    counts.open = payments.count
  }

  /// A journal that was just begun, as bytes.
  package var encoded: [UInt8] {
    JournalText.line(head) + JournalText.lines(payments.indices.map { issued($0) })
  }

  /// How many of a journal's bytes are whole lines.
  ///
  /// What a crash tore off behind them was not known to be durable, and nothing went by it.
  package static func wholeBytes(of bytes: [UInt8]) -> Int {
    bytes.lastIndex(of: JournalText.lineFeed).map { $0 + 1 } ?? 0
  }

  /// Reads a journal's whole lines.
  ///
  /// - Throws: ``PaymentJournalFault``, where it is another file's, ledger's or party's, or none.
  /// - Complexity: O(bytes).
  package init(
    _ bytes: some Collection<UInt8>, of file: PaymentFile, on ledger: LedgerID, of party: Party
  ) throws(PaymentJournalFault) {
    self.file = file
    head = JournalHead(file, ledger, party)
    payments = []
    var found: [Payment?] = Array(repeating: nil, count: file.rows.count)
    var lines = bytes.split(separator: JournalText.lineFeed, omittingEmptySubsequences: false)[...]
    _ = lines.popLast()  // Behind the last line feed is nothing.
    try head.check(lines.popFirst().map { Array($0) } ?? [])
    for (offset, line) in lines.enumerated() {
      do throws(LineProblem) {
        try Self.read(Array(line), file, &found, &indexByID)
      } catch {
        throw .line(number: offset + 2, problem: error.words)
      }
    }
    if let missing = found.firstIndex(where: { $0 == nil }) { throw .rowMissing(missing + 1) }
    payments = found.compactMap { $0 }
    for payment in payments { counts.add(payment.decision, 1) }
  }

  /// Puts payments under new ids, the journal first.
  ///
  /// - Parameters:
  ///   - indices: Of payments that are open, and of which the ledger says that they never were
  ///     executed.
  ///   - newID: Chooses an id.
  ///   - write: Makes lines durable.
  /// - Throws: What `write` throws; then the journal on the disk may have lines that this one does
  ///   not have, and is to be read again.
  package mutating func issueAnew<Failure: Error>(
    _ indices: [Int], newID: () -> InstructionID, _ write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    var renewed = indices.map { ($0, file.rows[$0].order(newID(), file.channel)) }[...]
    try write(JournalText.lines(renewed.map { issued($0, $1) }))
    while let (index, order) = renewed.popFirst() {
      precondition(payments[index].decision == nil, "row \(index + 1) is decided")
      payments[index].order = order
      indexByID[order.id] = index
    }
  }

  /// Keeps what became of payments, the journal first.
  ///
  /// - Parameters:
  ///   - decisions: Of open payments, by their index.
  ///   - write: Makes lines durable.
  /// - Throws: What `write` throws, as ``issueAnew(_:newID:_:)`` does.
  package mutating func decide<Failure: Error>(
    _ decisions: [(index: Int, decision: PaymentDecision)],
    _ write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    guard !decisions.isEmpty else { return }
    try write(
      JournalText.lines(
        decisions.map { JournalLine(payments[$0.index].order.id, $0.decision) }))
    for (index, decision) in decisions {
      precondition(payments[index].decision == nil, "row \(index + 1) is decided twice")
      payments[index].decision = decision
      counts.add(nil, -1)
      counts.add(decision, 1)
    }
  }

  private func issued(_ index: Int) -> JournalLine { issued(index, payments[index].order) }

  private func issued(_ index: Int, _ order: Instruction) -> JournalLine {
    JournalLine(row: index + 1, order)
  }

  private static func read(
    _ bytes: [UInt8], _ file: PaymentFile, _ found: inout [Payment?],
    _ indexByID: inout [InstructionID: Int]
  ) throws(LineProblem) {
    let line = try JournalText.read(bytes)
    guard let row = line.row else {
      let (id, decision) = try line.decision()
      guard let index = indexByID[id] else { throw LineProblem("it decides an id of no order") }
      found[index]?.decision = decision
      return
    }
    guard 1...file.rows.count ~= row else { throw LineProblem("it is of no row of the file") }
    let order = try line.issuedOrder()
    // Whatever else the journal says, what is paid is what the file orders.
    guard order == file.rows[row - 1].order(order.id, file.channel) else {
      throw LineProblem("its order is not that of row \(row)")
    }
    guard indexByID.updateValue(row - 1, forKey: order.id) == nil else {
      throw LineProblem("its id was issued before")
    }
    found[row - 1] = Payment(order: order, decision: found[row - 1]?.decision)
  }
}
