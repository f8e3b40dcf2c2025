import LedgerISO20022
import LedgerModel
import LedgerPolicy
import LedgerService
import LedgerStorage
import LedgerWire
import Logging
import MerkleLog
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

  /// Makes a record of a message that came now, with the ids of its orders, and keeps both, unless
  /// its sender has a message of that name.
  ///
  /// - Returns: The one that is kept, this or the earlier one, durably.
  /// - Throws: A problem where orders are not taken now, since ids and expiry are of the clock;
  ///   where too much of the sender's waits to be ordered; or where the store fails.
  func keep(
    _ message: CreditTransferMessage, _ bytes: [UInt8], from sender: ParticipantID,
    at now: LedgerTime
  ) throws(Problem) -> KeptDocument {
    if let reason = ledger.status().closed { throw .notReady(reason, limits) }
    let salt = Bytes32(
      words: (
        .random(in: .min ... .max), .random(in: .min ... .max), .random(in: .min ... .max),
        .random(in: .min ... .max)
      ))
    var hash = SHA256()
    hash.update(salt.bytes)
    hash.update(bytes)
    let horizon = ledger.genesis.parameters.horizonMicroseconds(of: .participant(sender))
    let record = DocumentRecord(
      digest: DocumentDigest(Bytes32(hash.finalize())), sender: sender,
      reference: ClientReference(unchecked: message.id.text), received: now,
      expiry: now.advanced(byMicroseconds: horizon / 10 * 9),
      orders: message.transfers.map { _ in InstructionID(random: now) },
      recipient: recipient(of: message))
    let kept = try stored { () throws(StoreError) in
      try store.keep(
        record, DocumentContent(salt: salt, bytes: bytes),
        within: UnorderedDocumentLimits(
          countMax: limits.documentsUnorderedMax, bytesMax: limits.documentBytesUnorderedMax))
    }
    guard let kept else { throw .documentsFull(limits) }
    return kept
  }

  /// The message that these bytes were when they came first, on the day that they name; `nil` where
  /// they are none that is kept.
  func known(
    _ bytes: [UInt8], from sender: ParticipantID, on day: CivilDate
  ) throws(Problem) -> CreditTransferMessage? {
    guard
      case .creditTransfers(let message)? = try? InboundMessage(
        bytes, in: context(of: sender, on: day))
    else { return nil }
    let kept = try stored { () throws(StoreError) in
      try store.document(of: sender, called: ClientReference(unchecked: message.id.text))
    }
    return kept?.content?.bytes == bytes ? message : nil
  }

  /// The participant of all payees; `nil` where they are of several, or not known yet.
  private func recipient(of message: CreditTransferMessage) -> ParticipantID? {
    var found: Set<ParticipantID> = []
    for transfer in message.transfers {
      guard let payee = transfer.operation.movement?.payee,
        let holder = (try? ledger.account(payee, for: .open))?.participant
      else { return nil }
      found.insert(holder)
    }
    return found.count == 1 ? found.first : nil
  }

  /// How a message of a sender's is read that came on a business day.
  func context(of sender: ParticipantID, on day: CivilDate) -> ReadingContext {
    ReadingContext(participant: sender, today: day, currencies: ledger.genesis.currencies)
  }

  /// The ledger's business day that an instant is in.
  func businessDate(at time: LedgerTime) -> CivilDate {
    ledger.genesis.parameters.businessCalendar.businessDate(at: time)
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

  private func mayShow(_ kept: KeptDocument, to access: Access) throws(Problem) -> Bool {
    let record = kept.record
    if access.isAuditor || access.sees(Reader.participant(record.sender)) { return true }
    guard let recipient = record.recipient, access.sees(Reader.participant(recipient)),
      let transfers = transfers(of: kept)?.transfers
    else { return false }
    do throws(ReadError) {
      for (transfer, id) in zip(transfers, record.orders) {
        if case .settled = try outcome(of: transfer, id, record) { return true }
      }
      return false
    } catch {
      throw Problem(error, of: "document `\(record.digest)`", limits)
    }
  }

  /// The credit transfers of a document that is kept; `nil` where it was deleted.
  func transfers(of document: KeptDocument) -> CreditTransferMessage? {
    guard let content = document.content else { return nil }
    let record = document.record
    let day = businessDate(at: record.received)
    guard
      case .creditTransfers(let message)? = try? InboundMessage(
        content.bytes, in: context(of: record.sender, on: day))
    else {
      logger.error(
        "a message that was taken cannot be read any more",
        metadata: ["document": "\(record.digest)"])
      return nil
    }
    return message
  }

  /// What became of each transaction of a document's message.
  func outcomes(
    of message: CreditTransferMessage, _ record: DocumentRecord
  ) throws(ReadError) -> [TransferStatus] {
    var outcomes: [TransferStatus] = []
    for (transfer, id) in zip(message.transfers, record.orders) {
      outcomes.append(try outcome(of: transfer, id, record))
    }
    return outcomes
  }

  /// What became of one order; another order that its sender gave under the id is not it.
  private func outcome(
    of transfer: CreditTransfer, _ id: InstructionID, _ record: DocumentRecord
  ) throws(ReadError) -> TransferStatus {
    switch try ledger.status(of: id, party: .participant(record.sender), for: .open) {
    case .notYetKnown: return .pending
    case .neverExecuted: return .refused(code: "never_executed")
    case .executed(_, let receipt, let time):
      let sequence = receipt.firstSequence
      let ordered = try ledger.instruction(at: sequence, for: .open)
      guard ordered == transfer.instruction(id: id, channel: .iso20022, document: record.digest)
      else { return .refused(code: RejectionCode.idReused.rawValue) }
      if case .rejected(let code, let rule, _) = receipt.outcome {
        return .rejected(code, rule: rule, sequence)
      }
      return .settled(sequence, at: time)
    }
  }

  // MARK: - Deleting

  /// Looks now and then what was ordered, and deletes what has had its time, until it is cancelled.
  func sweep() async {
    while !Task.isCancelled {
      await sweep(at: SystemClock().now)
      let interval = limits.documentSweepInterval.nanoseconds
      do { try await Task.sleep(for: .nanoseconds(interval)) } catch { return }
    }
  }

  private func sweep(at now: LedgerTime) async {
    do throws(StoreError) {
      try deleteContents(at: now)
      try await settle()
    } catch {
      logger.error("documents were not looked through", metadata: ["why": "\(error)"])
    }
  }

  /// Documents that are looked at, or deleted, in one go.
  private static var pageMax: Int { 256 }

  /// Deletes contents that are too old, by a clock that nobody doubts: what a wrong one deletes is
  /// gone for good.
  private func deleteContents(at now: LedgerTime) throws(StoreError) {
    let day: UInt64 = 86_400 * 1_000_000
    let status = ledger.status()
    guard status.closed == nil else { return }
    let time = min(now, status.time.advanced(byMicroseconds: day)).microseconds
    let kept = UInt64(limits.documentDays) * day
    let end = LedgerTime(microseconds: time - min(kept, time))
    while try store.deleteContents(before: end, countMax: Self.pageMax) == Self.pageMax {}
  }

  /// Notes which documents were ordered, and forgets those of which nothing was and nothing can be
  /// any more, so that they may come again.
  private func settle() async throws(StoreError) {
    var (ordered, forgotten): ([DocumentDigest], [DocumentDigest]) = ([], [])
    var last: DocumentDigest?
    while !Task.isCancelled {
      let page = try store.unordered(after: last, countMax: Self.pageMax)
      do throws(ReadError) {
        for record in page {
          switch try becameOfAny(record) {
          case .executed: ordered.append(record.digest)
          case .neverExecuted: forgotten.append(record.digest)
          case .notYetKnown: break
          }
        }
      } catch {
        logger.error("outcomes of documents' orders are not known", metadata: ["why": "\(error)"])
        break
      }
      last = page.last?.digest
      guard page.count == Self.pageMax else { break }
      await Task.yield()
    }
    try store.settle(ordered: ordered, forgotten: forgotten)
  }

  /// What became of the first order that something did or may still become of; `neverExecuted`
  /// where nothing can of any.
  private func becameOfAny(_ record: DocumentRecord) throws(ReadError) -> InstructionStatus {
    var last: InstructionStatus?
    for id in record.orders {
      let status = try ledger.status(of: id, party: .participant(record.sender), for: .open)
      guard case .neverExecuted = status else { return status }
      last = status
    }
    guard let last else { preconditionFailure("document \(record.digest) has no orders") }
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
