import LedgerCore
import LedgerLog
import LedgerModel

/// Batches of a history that were replayed on another thread.
struct ReplayedBatches: Sendable {
  var batches: [ReplayedBatch] = []
  /// The books before the first batch, where a trial begins with it.
  var books: LedgerState?
  /// Names of tiers and participants, by what ``PartyOfPayment`` numbers them.
  var tiers: [Tier] = []
  var participants: [ParticipantState] = []
  var progress: AuditProgress
  /// Why no more follow, where that is not the history's end.
  var fault: HistoryError?
}

/// A batch with what its payments' accounts were after it.
struct ReplayedBatch: Sendable {
  let sequenced: SequencedBatch
  /// One an instruction, those of all its submissions in order.
  let parties: [PartiesOfPayment]
}

/// The accounts of a payment; `nil` where it names none, or there was none.
struct PartiesOfPayment: Sendable {
  static let none = PartiesOfPayment(payer: nil, payee: nil)

  let payer: PartyOfPayment?
  let payee: PartyOfPayment?
}

/// An account by what a report tells of it, in numbers of the history's ledger.
struct PartyOfPayment: Sendable {
  let tier: Int?
  let participant: Int?

  init(_ account: AccountState) {
    tier = account.tier.map(Int.init)
    participant = account.participant
  }
}

extension ReadAhead where Value == ReplayedBatches {
  private static let entriesPerValue: UInt64 = 4_096
  private static let valuesMax = 8

  /// Replays a history on a thread of its own, a few thousand entries ahead.
  ///
  /// - Parameters:
  ///   - history: No batch of it has been taken.
  ///   - start: From where on batches are handed on, with the books as they then are; before, what
  ///     is handed on has none.
  ///   - end: What comes later is left out.
  /// - Returns: Batches, in order; the last ones say why there are no more.
  static func replay(
    _ history: LogHistory, from start: LedgerTime?, to end: LedgerTime?
  ) -> ReadAhead {
    ReadAhead("history-replay", valuesMax: valuesMax) { hand in
      var history = history
      defer { history.cancel() }
      var hasBegun = start == nil
      var value = ReplayedBatches(progress: history.progress)
      if hasBegun { value.books = history.replay.state }
      func flush() -> Bool {
        value.tiers = history.replay.state.tiers
        value.participants = history.replay.state.participants
        value.progress = history.progress
        defer { value = ReplayedBatches(progress: history.progress) }
        return hand(value)
      }
      do throws(HistoryError) {
        while let batch = try history.next() {
          if let end, batch.time > end { break }
          if !hasBegun, let start, batch.time >= start {
            guard flush() else { return }
            value.books = history.replay.state
            hasBegun = true
          }
          let sequenced = try history.replay(batch)
          if hasBegun {
            value.batches.append(
              ReplayedBatch(
                sequenced: sequenced, parties: sequenced.parties(on: history.replay.state)))
          }
          guard history.entriesDone - value.progress.entriesDone >= entriesPerValue else {
            continue
          }
          guard flush() else { return }
        }
      } catch {
        value.fault = error
      }
      _ = flush()
    }
  }
}

extension SequencedBatch {
  fileprivate func parties(on state: LedgerState) -> [PartiesOfPayment] {
    var parties: [PartiesOfPayment] = []
    for case .submission(let sequenced) in records {
      for verified in sequenced.submission.instructions {
        guard let movement = verified.instruction.operation.movement else {
          parties.append(.none)
          continue
        }
        func party(_ id: AccountID?) -> PartyOfPayment? {
          id.flatMap { state.account($0) }.map { PartyOfPayment($0) }
        }
        parties.append(
          PartiesOfPayment(payer: party(movement.payer), payee: party(movement.payee)))
      }
    }
    return parties
  }
}
