package import LedgerModel

/// What became of a payment: of one that is decided, the ledger never decides anything else.
package struct PaymentDecision: Hashable, Sendable {
  package enum Result: Hashable, Sendable {
    case accepted
    /// The stable code; the rule and its pack, empty where none refused; and the server's words.
    case refused(code: String, rule: String, pack: String, message: String)
  }

  package let result: Result
  /// Of the log entry that decided it.
  package let sequence: SequenceNumber
  /// Whether the log was shown to hold it; of a submission of many, some are the server's word.
  package let isProven: Bool

  package init(result: Result, sequence: SequenceNumber, isProven: Bool) {
    self.result = result
    self.sequence = sequence
    self.isProven = isProven
  }

  /// Whether it was refused because of its id's time alone, which says nothing of whether the order
  /// ever ran (docs/errors.md).
  package var leavesIDOpen: Bool {
    guard case .refused(let code, _, _, _) = result else { return false }
    return code == RejectionCode.idTooOld.rawValue || code == RejectionCode.idInFuture.rawValue
  }
}

/// One row of a file, as it was ordered last, and what became of it.
package struct Payment: Hashable, Sendable {
  package internal(set) var order: Instruction
  /// `nil` where it is open: it may yet be executed, or may have been.
  package internal(set) var decision: PaymentDecision?
}

/// How many payments of a file have which outcome.
package struct PaymentCounts: Hashable, Sendable {
  package internal(set) var accepted = 0
  package internal(set) var refused = 0
  package internal(set) var open = 0

  package var all: Int { accepted + refused + open }

  mutating func add(_ decision: PaymentDecision?, _ count: Int) {
    switch decision?.result {
    case .accepted: accepted += count
    case .refused: refused += count
    case nil: open += count
    }
  }
}
