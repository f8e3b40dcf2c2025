package import LedgerModel
internal import Synchronization

/// Documents in memory, for tests.
package final class MemoryDocumentStore: DocumentStore {
  private struct Entry {
    let record: DocumentRecord
    var content: DocumentContent?
    var isOrdered = false

    var kept: KeptDocument { KeptDocument(record: record, content: content) }
  }

  private struct State {
    /// In the order in which they came.
    var entries: [Entry] = []
    var isClosed = false

    func entry(of sender: ParticipantID, called reference: ClientReference) -> Entry? {
      entries.first { $0.record.sender == sender && $0.record.reference == reference }
    }
  }

  private let state = Mutex(State())

  package init() {}

  package func keep(
    _ record: DocumentRecord, _ content: DocumentContent, within limits: UnorderedDocumentLimits
  ) throws(StoreError) -> KeptDocument? {
    try withState { state in
      if let known = state.entry(of: record.sender, called: record.reference) { return known.kept }
      let waiting = state.entries.filter { $0.record.sender == record.sender && !$0.isOrdered }
      let bytes = waiting.reduce(0) { $0 + ($1.content?.bytes.count ?? 0) }
      guard waiting.count < limits.countMax, bytes < limits.bytesMax else { return nil }
      state.entries.append(Entry(record: record, content: content))
      return KeptDocument(record: record, content: content)
    }
  }

  package func document(_ digest: DocumentDigest) throws(StoreError) -> KeptDocument? {
    try withState { state in state.entries.first { $0.record.digest == digest }?.kept }
  }

  package func document(
    of sender: ParticipantID, called reference: ClientReference
  ) throws(StoreError) -> KeptDocument? {
    try withState { $0.entry(of: sender, called: reference)?.kept }
  }

  package func unordered(
    after: DocumentDigest?, countMax: Int
  ) throws(StoreError) -> [DocumentRecord] {
    try withState { state throws(StoreError) in
      var start = 0
      if let after {
        guard let place = state.entries.firstIndex(where: { $0.record.digest == after }) else {
          throw .invalid(detail: "there is no document \(after) to go on after")
        }
        start = place + 1
      }
      return Array(
        state.entries[start...].filter { !$0.isOrdered }.map(\.record).prefix(countMax))
    }
  }

  package func settle(
    ordered: [DocumentDigest], forgotten: [DocumentDigest]
  ) throws(StoreError) {
    try withState { state in
      for index in state.entries.indices where ordered.contains(state.entries[index].record.digest)
      {
        state.entries[index].isOrdered = true
      }
      state.entries.removeAll { !$0.isOrdered && forgotten.contains($0.record.digest) }
    }
  }

  package func deleteContents(
    before time: LedgerTime, countMax: Int
  ) throws(StoreError) -> Int {
    try withState { state in
      let old = state.entries.indices.filter {
        state.entries[$0].content != nil && state.entries[$0].record.received < time
      }.prefix(countMax)
      for index in old { state.entries[index].content = nil }
      return old.count
    }
  }

  package func close() { state.withLock { $0.isClosed = true } }

  private func withState<Result: Sendable>(
    _ body: (inout State) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try state.withLock { state throws(StoreError) in
      guard !state.isClosed else { throw .closed }
      return try body(&state)
    }
  }
}
