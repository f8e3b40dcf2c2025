package import LedgerModel

/// One instruction entry of the log, as the index keeps it.
package struct IndexedInstruction: Hashable, Sendable {
  package let party: Party
  package let id: InstructionID
  package let sequence: SequenceNumber

  package init(party: Party, id: InstructionID, sequence: SequenceNumber) {
    self.party = party
    self.id = id
    self.sequence = sequence
  }
}

/// Where an instruction is in the log, and where an account's entries are: an index outside the
/// core that trails, says how far, and can be rebuilt from the log at any time.
///
/// An id's first entry is the one that counts: later entries of the same party and id are
/// duplicates, or refusals of other bytes under a used id.
package protocol LogIndex: Sendable {
  /// How far the index reaches.
  func reach() throws(StoreError) -> IndexReach

  /// Adds instructions and marks, all or nothing, and says how far the index then reaches.
  ///
  /// Of several entries of one party and id, the lowest sequence number is kept, in whatever order
  /// they come; adding the same again changes nothing.
  ///
  /// - Parameters:
  ///   - instructions: Instruction entries, in any order.
  ///   - marks: In any order; adding the same again changes nothing.
  ///   - reach: At least ``reach()``, and above every sequence number given.
  /// - Throws: ``StoreError/invalid(detail:)`` where it is not.
  func add(
    _ instructions: [IndexedInstruction], marks: [TrailMark], reaching reach: IndexReach
  ) throws(StoreError)

  /// Returns an account's first mark at or after an entry, or `nil` where the index holds none.
  func mark(of account: AccountID, from sequence: SequenceNumber) throws(StoreError)
    -> SequenceNumber?

  /// Returns the first entry of a party's instruction, or `nil` where the index holds none.
  func sequence(party: Party, id: InstructionID) throws(StoreError) -> SequenceNumber?

  /// Returns the first entry of each party's instruction of that id, by the party's text, at most
  /// ``StorageLimits/partiesPerIDMax`` of them.
  func sequences(
    id: InstructionID
  ) throws(StoreError) -> [(party: Party, sequence: SequenceNumber)]

  /// Returns some of what lookups find, for whoever holds the whole index against its log.
  ///
  /// - Parameter place: 0 for the first page, and then the ``IndexPage/next`` of the one before.
  /// - Returns: Instructions in no order, and where to go on.
  /// - Throws: ``StoreError``.
  func page(from place: Int64) throws(StoreError) -> IndexPage

  /// Forgets everything, so that a rebuild begins at the genesis.
  func removeAll() throws(StoreError)

  /// Lets go of the medium.
  func close() throws(StoreError)
}

/// Some of the instructions of an index.
package struct IndexPage: Hashable, Sendable {
  package var instructions: [IndexedInstruction] = []
  /// Where the next page begins; `nil` after the last.
  package var next: Int64?

  package init() {}
}

/// How far an index reaches, and of which log it is.
package struct IndexReach: Hashable, Sendable {
  /// Of an index that holds nothing.
  package static let nothing = IndexReach(
    entryCount: 0, head: Bytes32(words: (0, 0, 0, 0)))

  /// The index covers every entry before this sequence number, and none after.
  package let entryCount: UInt64
  /// The leaf hash of the last entry covered, which names all before it; zero where there is none.
  package let head: Bytes32

  package init(entryCount: UInt64, head: Bytes32) {
    self.entryCount = entryCount
    self.head = head
  }
}

extension LogIndex {
  /// Adds instructions alone.
  package func add(
    _ instructions: [IndexedInstruction], reaching reach: IndexReach
  ) throws(StoreError) {
    try add(instructions, marks: [], reaching: reach)
  }

  /// Checks what ``add(_:reaching:)`` demands of its arguments.
  package func checkAddition(
    _ instructions: [IndexedInstruction], marks: [TrailMark], reaching reach: IndexReach,
    from now: IndexReach
  ) throws(StoreError) {
    let count = reach.entryCount
    guard count >= now.entryCount else {
      throw .invalid(
        detail: "the index reaches \(now.entryCount) already, and cannot go back to \(count)")
    }
    guard count <= UInt64(Int64.max) else {
      throw .invalid(detail: "the index cannot reach \(count), beyond 2^63")
    }
    let sequences = instructions.lazy.map(\.sequence)
    if let ahead = sequences.first(where: { $0.value >= count })
      ?? marks.lazy.map(\.sequence).first(where: { $0.value >= count })
    {
      throw .invalid(detail: "entry \(ahead) is not below \(count), the index's reach")
    }
  }
}
