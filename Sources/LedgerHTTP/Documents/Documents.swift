import LedgerISO20022
import LedgerModel
import LedgerPolicy
import LedgerService
import LedgerStorage
import LedgerWire
import Logging
import NIOCore

/// Messages that orders are made from: kept beside the log, shown to those whom they concern, and
/// deleted in time.
///
/// - Source: docs/iso20022.md, "What is kept".
struct Documents<Ledger: RunningLedger>: Sendable {
  private let store: any DocumentStore
  private let ledger: Ledger
  private let limits: HTTPLimits
  private let logger: Logger

  init(_ store: any DocumentStore, of ledger: Ledger, _ limits: HTTPLimits, logger: Logger) {
    self.store = store
    self.ledger = ledger
    self.limits = limits
    self.logger = logger
  }

  // MARK: - Taking

  /// Keeps a document, unless its sender has one of that reference.
  ///
  /// - Returns: The one that is kept, this or the earlier one, durably.
  /// - Throws: A problem where too much of the sender's waits to be ordered, or the store fails.
  func keep(
    _ record: DocumentRecord, _ content: DocumentContent
  ) throws(Problem) -> KeptDocument {
    let waiting = try stored { () throws(StoreError) in try store.unordered(of: record.sender) }
    guard waiting.count < limits.documentsUnorderedMax,
      waiting.bytes < limits.documentBytesUnorderedMax
    else { throw .documentsFull(limits) }
    return try stored { () throws(StoreError) in try store.keep(record, content) }
  }

  /// How a message of a sender's is read that came at an instant.
  func context(of sender: ParticipantID, at time: LedgerTime) -> ReadingContext {
    ReadingContext(
      participant: sender, today: businessDate(at: time),
      exponents: Dictionary(
        ledger.genesis.currencies.map { ($0.code, $0.exponent) }
      ) { first, _ in first })
  }

  /// The business day that an instant is in: each is in one.
  func businessDate(at time: LedgerTime) -> CivilDate {
    let window = CalendarWindow(
      .businessDay(ledger.genesis.parameters.businessCalendar), at: time)
    return CivilDate(daysSince1970: Int(window?.key ?? 0))
  }

  // MARK: - Showing

  /// A document, for its sender, auditors, and the payees' participant where all payees are that
  /// one's and something of it was executed.
  ///
  /// - Throws: The same problem for a document that there is not and for another's.
  func document(_ name: String, for access: Access) throws(Problem) -> KeptDocument {
    guard let digest = Bytes32(hex: name).map({ DocumentDigest($0) }) else {
      throw .invalidParameter("document", "`\(name)` is not 64 hexadecimal digits in lower case")
    }
    let kept = try stored { () throws(StoreError) in try store.document(digest) }
    guard let kept, try mayShow(kept, to: access) else {
      throw Problem(.notFound, of: "document `\(digest)`", limits)
    }
    return kept
  }

  /// The credit transfers of a document that is kept; `nil` where it was deleted.
  func transfers(of document: KeptDocument) -> CreditTransferMessage? {
    let record = document.record
    guard let content = document.content,
      case .creditTransfers(let message)? = try? InboundMessage(
        content.bytes, in: context(of: record.sender, at: record.received))
    else { return nil }
    return message
  }

  /// What became of the orders of a document.
  func statuses(of record: DocumentRecord) throws(ReadError) -> [InstructionStatus] {
    var statuses: [InstructionStatus] = []
    for id in record.orders {
      statuses.append(
        try ledger.status(of: id, party: .participant(record.sender), for: .open))
    }
    return statuses
  }

  private func mayShow(_ kept: KeptDocument, to access: Access) throws(Problem) -> Bool {
    if access.isAuditor || access.sees(Reader.participant(kept.record.sender)) { return true }
    guard access.isReader, let message = transfers(of: kept) else { return false }
    do throws(ReadError) {
      for transfer in message.transfers {
        guard let payee = transfer.operation.movement?.payee,
          let holder = try ledger.account(payee, for: .open).participant,
          access.sees(Reader.participant(holder))
        else { return false }
      }
      return try statuses(of: kept.record).contains { status in
        if case .executed(_, let receipt, _) = status { receipt.outcome.isAccepted } else { false }
      }
    } catch .notFound {
      return false
    } catch {
      throw Problem(error, of: "document `\(kept.record.digest)`", limits)
    }
  }

  // MARK: - Deleting

  /// Looks now and then what was ordered, and deletes what has had its time, until it is cancelled.
  func sweep() async {
    while !Task.isCancelled {
      sweep(at: SystemClock().now)
      let interval = limits.documentSweepInterval.nanoseconds
      do { try await Task.sleep(for: .nanoseconds(interval)) } catch { return }
    }
  }

  /// Notes which documents were ordered, forgets those of which nothing was and nothing can be any
  /// more, so that they may come again, and deletes contents that are too old.
  func sweep(at now: LedgerTime) {
    do throws(StoreError) {
      var last: DocumentDigest?
      while true {
        let page = try store.unordered(after: last, countMax: Self.pageMax)
        for record in page { try look(at: record) }
        guard page.count == Self.pageMax else { break }
        last = page.last?.digest
      }
      let kept = UInt64(limits.documentDays) * 86_400 * 1_000_000
      let end = LedgerTime(microseconds: now.microseconds - min(kept, now.microseconds))
      while try store.deleteContents(before: end, countMax: Self.pageMax) == Self.pageMax {}
    } catch {
      logger.error("documents were not looked through", metadata: ["why": "\(error)"])
    }
  }

  /// Documents that are looked at, or deleted, in one go.
  private static var pageMax: Int { 256 }

  private func look(at record: DocumentRecord) throws(StoreError) {
    switch becameOfAny(record) {
    case .executed: try store.setOrdered(record.digest)
    case .neverExecuted: try store.remove(record.digest)
    case .notYetKnown, nil: break
    }
  }

  /// What became of the first order that something did or may still become of; `neverExecuted`
  /// where nothing can of any, and `nil` where the ledger does not say.
  private func becameOfAny(_ record: DocumentRecord) -> InstructionStatus? {
    var last: InstructionStatus?
    for id in record.orders {
      do throws(ReadError) {
        last = try ledger.status(of: id, party: .participant(record.sender), for: .open)
      } catch {
        logger.error(
          "the outcome of a document's orders is not known",
          metadata: ["document": "\(record.digest)", "why": "\(error)"])
        return nil
      }
      if case .neverExecuted? = last { continue }
      break
    }
    return last
  }

  private func stored<Value>(_ body: () throws(StoreError) -> Value) throws(Problem) -> Value {
    do throws(StoreError) {
      return try body()
    } catch {
      logger.error("the store of documents failed", metadata: ["why": "\(error)"])
      throw Problem(.storage(detail: error.description), of: "document", limits)
    }
  }
}
