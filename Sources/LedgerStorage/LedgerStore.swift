package import LedgerModel

/// The log as bytes: rows appended at its end, each append all or nothing, and read back in order.
///
/// One process has a store open for writing. A store knows nothing of what the entries mean.
package protocol LedgerStore: Sendable {
  /// Appends rows as one transaction.
  ///
  /// When it returns, the rows are durable: they MUST survive the loss of the process and of power.
  /// When it throws, it MUST have stored nothing, except where it throws
  /// ``StoreError/unknownOutcome(detail:)``; from then on every call MUST throw that. The rows MUST
  /// be contiguous and begin at ``entryCount()``. Appending nothing does nothing. Calls MUST NOT
  /// overlap, but any thread may make them.
  ///
  /// - Throws: ``StoreError/invalid(detail:)`` for a malformed row;
  ///   ``StoreError/discontiguous(expected:found:)``; ``StoreError/full(detail:)``, after which the
  ///   same rows can be appended again; and what the medium brings.
  func append(_ rows: [StoredRow]) throws(StoreError)

  /// How many entries are durable, which is the sequence number of the next.
  func entryCount() throws(StoreError) -> UInt64

  /// Reads rows in order, beginning with the one that holds `sequence`.
  ///
  /// Only durable rows are shown. Any thread may call it, also during ``append(_:)``. The rows
  /// returned MUST be contiguous; their framing is left to ``StoredRow/layout()``.
  ///
  /// - Parameters:
  ///   - sequence: Any entry's number.
  ///   - rowsMax: At least 1.
  /// - Returns: At most `rowsMax` rows; none past the log's end.
  /// - Throws: ``StoreError/corrupt(detail:)`` where a row is missing.
  func rows(from sequence: SequenceNumber, rowsMax: Int) throws(StoreError) -> [StoredRow]

  /// Whether it holds what lies beside entries; where it does not, each entry's side data is empty.
  var hasSideData: Bool { get }

  /// Lets go of the medium; every later call but this one throws ``StoreError/closed``.
  func close() throws(StoreError)
}

extension LedgerStore {
  /// A ledger's own store has it.
  package var hasSideData: Bool { true }

  /// Returns the bytes of one entry and of its side data, or `nil` past the log's end.
  ///
  /// - Complexity: One row is read.
  package func entry(
    at sequence: SequenceNumber
  ) throws(StoreError) -> (entry: ArraySlice<UInt8>, sideData: ArraySlice<UInt8>)? {
    try rows(from: sequence, rowsMax: 1).first?.entry(at: sequence)
  }
}

/// What every store checks of the rows that it is handed, and of those that it reads.
package enum RowSequence {
  /// Checks each row's framing, and that the rows follow on each other from `expected`.
  ///
  /// - Throws: ``StoreError/invalid(detail:)`` or ``StoreError/discontiguous(expected:found:)``.
  /// - Complexity: O(entries).
  package static func checkAppend(
    _ rows: [StoredRow], at expected: UInt64
  ) throws(StoreError) {
    var expected = expected
    for row in rows {
      guard row.first.value == expected else {
        throw .discontiguous(expected: SequenceNumber(expected), found: row.first)
      }
      do {
        _ = try row.layout()
      } catch .corrupt(let detail) {
        throw .invalid(detail: detail)
      } catch {
        throw error
      }
      expected = row.end.value
    }
  }

  /// Checks that rows read from `sequence` on leave no gap and begin with the one that holds it.
  ///
  /// - Throws: ``StoreError/corrupt(detail:)``.
  package static func checkRead(
    _ rows: [StoredRow], from sequence: SequenceNumber
  ) throws(StoreError) {
    guard let head = rows.first else { return }
    guard head.count >= 1, head.first <= sequence, sequence < head.end else {
      throw .corrupt(detail: "no row holds entry \(sequence), though later entries are there")
    }
    var expected = head.first
    for row in rows {
      guard row.first == expected, row.count >= 1 else {
        throw .corrupt(detail: "after entry \(expected) the next row is of entry \(row.first)")
      }
      expected = row.end
    }
  }
}
