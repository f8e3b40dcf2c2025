import LedgerLog
import LedgerModel
import LedgerWire
import MerkleLog

// Which entry was altered, told from the hashes alone and before anything is executed. Each entry k
// names the leaf hash of k - 1. Where k + 1 names another hash than k has, either k was altered or
// k + 1's link; k + 2 knows which, because it names the whole of k + 1.

extension EntryReader {
  /// Holds the genesis against the trust file, or, without one, against what entry 1 names.
  ///
  /// - Returns: As ``checkLinks(of:after:)``.
  mutating func checkOrigin(
    _ entry: LinkedEntry, trust: Digest?
  ) throws(LogFault) -> LogFault? {
    guard let expected = trust else { return try checkLinks(of: entry, after: .zero) }
    guard entry.leaf != expected else { return nil }
    guard namedByNext == expected else {
      throw LogFault(
        .genesis, at: .genesis, "it is not the genesis of the ledger that the trust file names",
        expected: expected, found: entry.leaf)
    }
    throw entry.altered(expected: expected, "it is not what entry 1 and the trust file name")
  }

  /// Checks that an entry stands in its place: after the one before, and as the next one names it.
  ///
  /// - Parameters:
  ///   - entry: The one last returned by ``next()``.
  ///   - head: The leaf hash of the one before.
  /// - Returns: What is wrong, unless the next entry was altered instead: that one is the log's
  ///   last, and nothing names it. `nil` where all is well.
  /// - Throws: ``LogFault`` where this one is bad, or its place.
  mutating func checkLinks(
    of entry: LinkedEntry, after head: Digest
  ) throws(LogFault) -> LogFault? {
    let named = namedByNext
    if let problem = entry.problem(after: head) {
      guard let named, named != entry.leaf else { throw problem }
      throw entry.altered(expected: named, problem.detail)
    }
    guard let named, named != entry.leaf, let next = peek(1) else { return nil }
    let fault = entry.altered(
      expected: named, "it is not the entry that entry \(next.sequence) names")
    if let after = peek(2) {
      // Where the one after disowns the next too, the next one's link was altered: its own turn
      // comes, unless replay finds this one bad.
      guard after.named == next.leaf else { return nil }
      throw fault
    }
    // Where the log goes on and cannot be read, that has its own turn.
    return next.sequence.value + 1 == total ? fault : nil
  }
}

extension LinkedEntry {
  /// The entry as it would be if it named another as the one before.
  func naming(_ previous: Digest) -> StoredEntry? {
    link.map { link in
      StoredEntry(
        link.entry(stored.bytes, naming: previous)[...], sideData: stored.sideData)
    }
  }

  /// What the entry says wrongly of its own place.
  fileprivate func problem(after head: Digest) -> LogFault? {
    guard let link else {
      return LogFault(.encoding, at: sequence, "its first bytes are no entry's", found: leaf)
    }
    guard link.sequence == sequence else {
      let isGap = link.sequence == sequence.next
      return LogFault(
        .chain, at: sequence, "it says that it is entry \(link.sequence)",
        expected: isGap ? link.previous : nil, found: leaf)
    }
    guard link.previous == head else {
      return LogFault(
        .chain, at: sequence, "it does not name the entry before it", expected: head,
        found: link.previous)
    }
    return nil
  }

  func altered(expected: Digest, _ detail: String) -> LogFault {
    do {
      _ = try LogEntry(canonicalBytes: stored.bytes)
      return LogFault(
        sequence == .genesis ? .genesis : .chain, at: sequence, detail, expected: expected,
        found: leaf)
    } catch {
      return LogFault(
        .encoding, at: sequence, "\(detail): \(error.description)", expected: expected,
        found: leaf)
    }
  }
}
