/// The signed checkpoints, kept durably beside the database.
///
/// A database that lost its tail cannot say so itself; the newest kept checkpoint can. So each one
/// is kept here before anyone outside sees it, and a log that is shorter than the newest, or does
/// not agree with it, does not open.
package protocol CheckpointKeeper: Sendable {
  /// Keeps a note; when it returns, the note is durable.
  ///
  /// - Throws: ``StoreError/invalid(detail:)`` where the text is no note (see ``CheckpointNotes``);
  ///   ``StoreError/full(detail:)``, after which the same note can be tried again;
  ///   ``StoreError/unknownOutcome(detail:)``, after which every call throws that.
  func append(_ note: String) throws(StoreError)

  /// Returns the note that was kept last, or `nil` where none was.
  ///
  /// - Complexity: O(1), whatever number is kept.
  func newest() throws(StoreError) -> String?

  /// Returns notes in the order kept, from a position that is 0 or an earlier page's `next`.
  func page(from position: UInt64) throws(StoreError) -> CheckpointPage

  /// Bytes of an incomplete or damaged record that opening found after the last complete one.
  ///
  /// A crash within ``append(_:)`` leaves them, and then nobody was shown that checkpoint; so does
  /// whoever wants the newest checkpoint forgotten. Hence they are reported.
  var tornBytes: Int { get }

  /// Lets go of the medium.
  func close() throws(StoreError)
}

/// Some kept checkpoints, in the order kept.
package struct CheckpointPage: Hashable, Sendable {
  package let notes: [String]
  /// Where the next page begins; `nil` at the end.
  package let next: UInt64?

  package init(notes: [String], next: UInt64?) {
    self.notes = notes
    self.next = next
  }
}

extension CheckpointKeeper {
  /// None, for media that tear nothing.
  package var tornBytes: Int { 0 }

  /// Returns every kept note, for small ledgers and tests.
  ///
  /// - Complexity: O(notes), in memory too; ``page(from:)`` is for the others.
  package func all() throws(StoreError) -> [String] {
    var notes: [String] = []
    var position: UInt64? = 0
    while let start = position {
      let page = try page(from: start)
      notes += page.notes
      position = page.next
    }
    return notes
  }
}
