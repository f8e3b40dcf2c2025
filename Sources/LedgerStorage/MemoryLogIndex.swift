package import LedgerModel
internal import Synchronization

/// An index in memory, for tests and simulation.
package final class MemoryLogIndex: LogIndex {
  private struct State {
    var reach = IndexReach.nothing
    var sequences: [InstructionID: [String: SequenceNumber]] = [:]
    var marks: [AccountID: Set<UInt64>] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())

  package init() {}

  package func reach() throws(StoreError) -> IndexReach {
    try withState { $0.reach }
  }

  package func add(
    _ instructions: [IndexedInstruction], marks: [TrailMark], reaching reach: IndexReach
  ) throws(StoreError) {
    try withState { state throws(StoreError) in
      try checkAddition(instructions, marks: marks, reaching: reach, from: state.reach)
      for mark in marks { state.marks[mark.account, default: []].insert(mark.sequence.value) }
      for instruction in instructions {
        let party = instruction.party.description
        let known = state.sequences[instruction.id]?[party] ?? instruction.sequence
        state.sequences[instruction.id, default: [:]][party] = min(known, instruction.sequence)
      }
      state.reach = reach
    }
  }

  package func mark(
    of account: AccountID, from sequence: SequenceNumber
  ) throws(StoreError) -> SequenceNumber? {
    try withState { state in
      state.marks[account]?.filter { $0 >= sequence.value }.min().map { SequenceNumber($0) }
    }
  }

  package func sequence(
    party: Party, id: InstructionID
  ) throws(StoreError) -> SequenceNumber? {
    try withState { $0.sequences[id]?[party.description] }
  }

  package func sequences(
    id: InstructionID
  ) throws(StoreError) -> [(party: Party, sequence: SequenceNumber)] {
    let known = try withState { $0.sequences[id] ?? [:] }
    let sorted = known.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    var found: [(party: Party, sequence: SequenceNumber)] = []
    for (text, sequence) in sorted.prefix(StorageLimits.partiesPerIDMax) {
      do {
        found.append((try Party(text), sequence))
      } catch {
        throw .corrupt(detail: "the index names a party that cannot be: \(error)")
      }
    }
    return found
  }

  package func page(from place: Int64) throws(StoreError) -> IndexPage {
    let all = try withState { $0.sequences }
    var page = IndexPage()
    for (id, sequences) in all {
      for (text, sequence) in sequences {
        do {
          page.instructions.append(
            IndexedInstruction(party: try Party(text), id: id, sequence: sequence))
        } catch {
          throw .corrupt(detail: "the index names a party that cannot be: \(error)")
        }
      }
    }
    return page
  }

  package func removeAll() throws(StoreError) {
    try withState { state in
      state.reach = .nothing
      state.sequences = [:]
      state.marks = [:]
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
