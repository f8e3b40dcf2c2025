package import LedgerModel
internal import Synchronization

/// Documents in memory, for tests.
package final class MemoryDocumentStore: DocumentStore {
  private struct Entry {
    let record: DocumentRecord
    var content: DocumentContent?
    var isOrdered = false
  }

  private struct State {
    /// In the order in which they came.
    var entries: [Entry] = []
    var isClosed = false
  }

  private let state = Mutex(State())

  package init() {}

  package func keep(
    _ record: DocumentRecord, _ content: DocumentContent
  ) throws(StoreError) -> KeptDocument {
    try withState { state throws(StoreError) in
      if let known = state.entries.first(where: {
        $0.record.sender == record.sender && $0.record.reference == record.reference
      }) {
        return KeptDocument(record: known.record, content: known.content)
      }
      state.entries.append(Entry(record: record, content: content))
      return KeptDocument(record: record, content: content)
    }
  }

  package func document(_ digest: DocumentDigest) throws(StoreError) -> KeptDocument? {
    try withState { state in
      state.entries.first { $0.record.digest == digest }
        .map { KeptDocument(record: $0.record, content: $0.content) }
    }
  }

  package func unordered(
    after: DocumentDigest?, countMax: Int
  ) throws(StoreError) -> [DocumentRecord] {
    try withState { state in
      let start = state.entries.firstIndex { $0.record.digest == after }.map { $0 + 1 } ?? 0
      return Array(
        state.entries[start...].filter { !$0.isOrdered }.map(\.record).prefix(countMax))
    }
  }

  package func unordered(of sender: ParticipantID) throws(StoreError) -> UnorderedDocuments {
    try withState { state in
      let own = state.entries.filter { $0.record.sender == sender && !$0.isOrdered }
      return UnorderedDocuments(
        count: own.count, bytes: own.reduce(0) { $0 + ($1.content?.bytes.count ?? 0) })
    }
  }

  package func setOrdered(_ digest: DocumentDigest) throws(StoreError) {
    try withState { state in
      guard let index = state.entries.firstIndex(where: { $0.record.digest == digest }) else {
        return
      }
      state.entries[index].isOrdered = true
    }
  }

  package func remove(_ digest: DocumentDigest) throws(StoreError) {
    try withState { $0.entries.removeAll { $0.record.digest == digest && !$0.isOrdered } }
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
