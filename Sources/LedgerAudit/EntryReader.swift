import LedgerLog
import LedgerModel
import LedgerStorage
import MerkleLog

/// An entry as the store has it, and what it says of its own place.
struct LinkedEntry: Sendable {
  let sequence: SequenceNumber
  let stored: StoredEntry
  /// `nil` where its first bytes are no entry's.
  let link: EntryLink?

  init(_ bytes: ArraySlice<UInt8>, sideData: ArraySlice<UInt8>, at sequence: SequenceNumber) {
    self.sequence = sequence
    stored = StoredEntry(bytes, sideData: sideData)
    link = EntryLink(bytes)
  }

  var leaf: Digest { stored.leaf }

  /// What it names as the entry before it; `nil` where it does not even say its own place rightly.
  var named: Digest? {
    guard let link, link.sequence == sequence else { return nil }
    return link.previous
  }
}

/// Reads a store from its beginning to its end, once, a few entries ahead.
struct EntryReader: Sendable {
  /// Rows read at once: with 256 entries a row, at most 2 MiB.
  private static var rowsPerPage: Int { 16 }
  /// Entries that ``peek(_:)`` can look ahead.
  private static var lookahead: Int { 2 }

  /// What the store says that it holds.
  let total: UInt64

  private let store: any LedgerStore
  private var buffer: [LinkedEntry] = []
  private var head = 0
  private var nextToRead = SequenceNumber.genesis
  /// What ends the reading, once the entries before it are consumed.
  private var fault: LogFault?
  /// Why the last page could not be read as a whole; the single rows show which of them it is.
  private var pageError: StoreError?
  /// Whether the next entry to read may stand within its row.
  private var mayBeginWithinRow = false

  init(_ store: any LedgerStore) {
    self.store = store
    do {
      total = try store.entryCount()
    } catch {
      total = 0
      fault = LogFault(.storage, at: .genesis, error.description)
    }
  }

  /// Returns the next entry, or `nil` at the log's end.
  mutating func next() throws(LogFault) -> LinkedEntry? {
    fill()
    guard head < buffer.count else {
      if let fault { throw fault }
      return nil
    }
    defer { head += 1 }
    return buffer[head]
  }

  /// What the entry after the one last returned names as the one before it.
  var namedByNext: Digest? {
    mutating get {
      fill()
      return head < buffer.count ? buffer[head].named : nil
    }
  }

  /// Returns the entry that comes `distance` entries after the one last returned by ``next()``.
  ///
  /// - Parameter distance: 1 or 2.
  /// - Returns: `nil` where there is none, or where it cannot be read.
  mutating func peek(_ distance: Int) -> LinkedEntry? {
    precondition(1...Self.lookahead ~= distance, "looking \(distance) entries ahead")
    fill()
    let index = head + distance - 1
    return index < buffer.count ? buffer[index] : nil
  }

  /// Returns one entry, wherever reading is; `nil` where there is none.
  func entry(at sequence: SequenceNumber) throws(StoreError) -> LinkedEntry? {
    guard let (entry, sideData) = try store.entry(at: sequence) else { return nil }
    return LinkedEntry(entry, sideData: sideData, at: sequence)
  }

  /// Passes over all entries before one.
  mutating func goOn(at sequence: SequenceNumber) {
    buffer = []
    head = 0
    fault = nil
    pageError = nil
    nextToRead = sequence
    mayBeginWithinRow = true
  }

  private mutating func fill() {
    while buffer.count - head < Self.lookahead, fault == nil, nextToRead.value < total {
      buffer.removeFirst(head)
      head = 0
      do {
        try readPage()
      } catch {
        fault = error
      }
    }
  }

  private mutating func readPage() throws(LogFault) {
    let rows: [StoredRow]
    let earlier = pageError
    do {
      rows = try store.rows(from: nextToRead, rowsMax: Self.rowsPerPage)
      pageError = nil
    } catch {
      pageError = error
      rows = try readRow()
    }
    // The rows up to here are well, and those from here on; so it is that they do not follow.
    if let earlier, pageError == nil {
      throw LogFault(.storage, at: nextToRead, earlier.description)
    }
    guard !rows.isEmpty else {
      throw LogFault(
        .storage, at: nextToRead, "the store says that it holds \(total) entries, and ends here")
    }
    for row in rows { try append(row) }
  }

  private func readRow() throws(LogFault) -> [StoredRow] {
    do {
      return try store.rows(from: nextToRead, rowsMax: 1)
    } catch {
      throw LogFault(.storage, at: nextToRead, error.description)
    }
  }

  private mutating func append(_ row: StoredRow) throws(LogFault) {
    let isWithin = mayBeginWithinRow && row.first < nextToRead && nextToRead < row.end
    mayBeginWithinRow = false
    guard row.first == nextToRead || isWithin else {
      throw LogFault(.storage, at: nextToRead, "the row here says that it begins at \(row.first)")
    }
    let layout: RowLayout
    do {
      layout = try row.layout()
    } catch {
      throw LogFault(.storage, at: row.first, error.description)
    }
    let passed = Int(nextToRead.value - row.first.value)
    for (entry, sideData) in zip(layout.entries, layout.sideData).dropFirst(passed) {
      buffer.append(
        LinkedEntry(row.entries[entry], sideData: row.sideData[sideData], at: nextToRead))
      nextToRead = nextToRead.next
    }
  }
}
