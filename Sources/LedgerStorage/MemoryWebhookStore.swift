package import LedgerModel
internal import Synchronization

/// Webhooks in memory, for tests, and for a server that keeps none; they outlive a restart.
package final class MemoryWebhookStore: WebhookStore {
  private struct State {
    var webhooks: [WebhookID: KeptWebhook] = [:]
    var letters: [WebhookID: [SequenceNumber: DeadLetter]] = [:]
    var failures: [StoreError] = []
    var isClosed = false
  }

  private let state = Mutex(State())

  package init() {}

  package func webhooks() throws(StoreError) -> [KeptWebhook] {
    try read { $0.webhooks.values.sorted { $0.id < $1.id } }
  }

  package func keep(_ webhook: KeptWebhook) throws(StoreError) {
    try write { $0.webhooks[webhook.id] = webhook }
  }

  package func remove(_ id: WebhookID) throws(StoreError) {
    try write { state in
      state.webhooks[id] = nil
      state.letters[id] = nil
    }
  }

  package func keep(
    _ letter: DeadLetter, of id: WebhookID, movingTo next: SequenceNumber?
  ) throws(StoreError) {
    try write { state throws(StoreError) in
      guard state.webhooks[id] != nil else { throw .invalid(detail: "a letter of no webhook") }
      state.letters[id, default: [:]][letter.sequence] = letter
      if let next { state.webhooks[id]?.next = next }
    }
  }

  package func deadLetters(
    of id: WebhookID, from sequence: SequenceNumber, countMax: Int
  ) throws(StoreError) -> [DeadLetter] {
    try read { state in
      let all = (state.letters[id] ?? [:]).values.filter { $0.sequence >= sequence }
      return Array(all.sorted { $0.sequence < $1.sequence }.prefix(countMax))
    }
  }

  package func deadLetterCount(of id: WebhookID) throws(StoreError) -> Int {
    try read { $0.letters[id]?.count ?? 0 }
  }

  package func dueDeadLetter(of id: WebhookID) throws(StoreError) -> DeadLetter? {
    try read { state in
      state.letters[id]?.values.filter(\.isDue).min { $0.sequence < $1.sequence }
    }
  }

  package func makeDeadLettersDue(
    of id: WebhookID, from sequence: SequenceNumber
  ) throws(StoreError) {
    try write { state in
      for letter in (state.letters[id] ?? [:]).values where letter.sequence >= sequence {
        state.letters[id]?[letter.sequence]?.isDue = true
      }
    }
  }

  package func removeDeadLetters(
    of id: WebhookID, at sequence: SequenceNumber?
  ) throws(StoreError) {
    try write { state in
      if let sequence {
        state.letters[id]?[sequence] = nil
      } else {
        state.letters[id] = nil
      }
    }
  }

  package func close() throws(StoreError) { state.withLock { $0.isClosed = true } }

  /// Opens what was kept again, as after a restart.
  package func reopen() { state.withLock { $0.isClosed = false } }

  /// Makes the next changes fail, one each, changing nothing.
  package func failNext(_ failures: StoreError...) {
    state.withLock { $0.failures += failures }
  }

  private func read<Value>(_ body: (State) -> Value) throws(StoreError) -> Value {
    try state.withLock { state throws(StoreError) in
      if state.isClosed { throw .closed }
      return body(state)
    }
  }

  private func write(
    _ body: (inout State) throws(StoreError) -> Void
  ) throws(StoreError) {
    try state.withLock { state throws(StoreError) in
      if state.isClosed { throw .closed }
      if !state.failures.isEmpty { throw state.failures.removeFirst() }
      try body(&state)
    }
  }
}
