import LedgerCore
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog

/// Reads the durable log forwards, and makes events of its instructions.
///
/// A copy of an order that was sequenced before makes none: nothing became of it.
struct EventReader: Sendable {
  /// The entry to read next.
  private var next: SequenceNumber
  /// Whose instructions come next; `nil` where that has to be looked for.
  private var party: Party?

  init(from next: SequenceNumber) { self.next = next }

  /// Goes to an entry, and reads the rest of the row that holds it.
  ///
  /// - Parameters:
  ///   - first: The entry; whose instructions come is known where the last reading ended there.
  ///   - view: The log.
  /// - Returns: Its events, in order, and the entry to read next; none at the log's end.
  /// - Throws: ``ReadError/storage(detail:)``.
  /// - Complexity: One row is read, and at most a submission's rows where it begins within one.
  mutating func read(
    from first: SequenceNumber, in view: DurableView
  ) throws(ReadError) -> (events: [LedgerEvent], next: SequenceNumber) {
    if next != first { self = EventReader(from: first) }
    return (try readRow(of: view), next)
  }

  private mutating func readRow(of view: DurableView) throws(ReadError) -> [LedgerEvent] {
    let row = try view.storage { () throws(StoreError) in
      try view.store.rows(from: next, rowsMax: 1)
    }.first
    guard let row else { return [] }
    let layout = try view.storage { () throws(StoreError) in try row.layout() }
    let end = min(row.end.value, view.head.tree.size)
    var events: [LedgerEvent] = []
    while next.value < end {
      let place = Int(next.value - row.first.value)
      let logged = try view.decode(
        row.entries[layout.entries[place]], row.sideData[layout.sideData[place]], at: next)
      if let event = try event(of: logged, in: view) { events.append(event) }
      next = next.next
    }
    return events
  }

  private mutating func event(
    of logged: LoggedEntry, in view: DurableView
  ) throws(ReadError) -> LedgerEvent? {
    let entry = logged.entry
    switch entry.body {
    case .genesis, .system: return nil
    case .submission(let bytes, _):
      party = try? Statement(canonicalBytes: bytes).party
      return nil
    case .instruction(let bytes, let outcome):
      if case .duplicate = outcome { return nil }
      guard let instruction = try? Instruction(canonicalBytes: bytes) else {
        throw .storage(detail: "entry \(entry.sequence) is no instruction")
      }
      let orderer: Party
      if let party {
        orderer = party
      } else {
        orderer = try view.party(thatOrdered: entry.sequence)
      }
      party = orderer
      return view.event(
        of: instruction, outcome, by: orderer, at: entry.sequence, entry.time,
        effects: logged.sideData.effects)
    }
  }
}

extension DurableView {
  fileprivate func event(
    of instruction: Instruction, _ outcome: LoggedOutcome, by party: Party,
    at sequence: SequenceNumber, _ time: LedgerTime, effects: [PostingEffect]
  ) -> LedgerEvent {
    var concerned: Set<Reader> = []
    var isForAll = false
    if case .participant(let id) = party { concerned.insert(.participant(id)) }
    var accounts = Set(effects.map(\.account))
    switch instruction.operation.audience {
    case .readers: isForAll = !party.isParticipant
    case .named(let named, let readers):
      accounts.formUnion(named)
      guard outcome.isAccepted else { break }
      concerned.formUnion(readers)
      concerned.formUnion(accounts.compactMap { holder(of: $0).map { .participant($0) } })
    }
    if case .openWallet(let order) = instruction.operation { accounts.insert(order.wallet) }
    return LedgerEvent(
      sequence: sequence, time: time, party: party, instruction: instruction, outcome: outcome,
      effects: effects, concerned: concerned, accounts: accounts, isForAll: isForAll)
  }
}
