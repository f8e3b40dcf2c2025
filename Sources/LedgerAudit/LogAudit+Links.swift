import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog

// Which entry was altered, told from the hashes alone and before anything is executed. Each entry k
// names the leaf hash of k - 1. Where k + 1 names another hash than k has, either k was altered or
// k + 1's link; k + 2 knows which, because it names the whole of k + 1.

extension LogAudit {
  /// Holds the genesis against the trust file, or, without one, against what entry 1 names.
  mutating func checkOrigin(_ entry: StoredEntry) throws(LogFault) {
    guard let trust else { return try checkLinks(of: entry) }
    let expected = trust.ledger.value.digest
    guard entry.leaf != expected else { return }
    guard reader.peek(1)?.named == expected else {
      throw LogFault(
        .genesis, at: .genesis, "it is not the genesis of the ledger that the trust file names",
        expected: expected, found: entry.leaf)
    }
    throw altered(entry, expected: expected, "it is not what entry 1 and the trust file name")
  }

  /// Checks that an entry stands in its place: after the one before, and as the next one names it.
  mutating func checkLinks(of entry: StoredEntry) throws(LogFault) {
    let next = reader.peek(1)
    let isDisowned = next?.named.map { $0 != entry.leaf } ?? false
    if let problem = problem(of: entry) {
      guard isDisowned, let named = next?.named else { throw problem }
      throw altered(entry, expected: named, problem.detail)
    }
    guard isDisowned, let next, let named = next.named else { return }
    if let after = reader.peek(2) {
      // Where the one after disowns the next too, the next one's link was altered: its own turn
      // comes, unless replay finds this one bad.
      guard after.named == next.leaf else { return }
    } else if isSound(entry, before: next) {
      return
    }
    throw altered(
      entry, expected: named, "it is not the entry that entry \(next.sequence) names")
  }

  /// What an entry says wrongly of its own place.
  private func problem(of entry: StoredEntry) -> LogFault? {
    guard let link = entry.link else {
      return LogFault(
        .encoding, at: entry.sequence, "its first bytes are no entry's", found: entry.leaf)
    }
    guard link.sequence == entry.sequence else {
      let isGap = link.sequence == entry.sequence.next
      return LogFault(
        .chain, at: entry.sequence, "it says that it is entry \(link.sequence)",
        expected: isGap ? link.previous : nil, found: entry.leaf)
    }
    guard link.previous == head else {
      return LogFault(
        .chain, at: entry.sequence, "it does not name the entry before it", expected: head,
        found: link.previous)
    }
    return nil
  }

  private func altered(
    _ entry: StoredEntry, expected: Digest, _ detail: String
  ) -> LogFault {
    do {
      _ = try LogEntry(canonicalBytes: entry.bytes)
      return LogFault(
        entry.sequence == .genesis ? .genesis : .chain, at: entry.sequence, detail,
        expected: expected, found: entry.leaf)
    } catch {
      return LogFault(
        .encoding, at: entry.sequence, "\(detail): \(error.description)", expected: expected,
        found: entry.leaf)
    }
  }

  /// Whether an entry is sound though the log's last one names another.
  ///
  /// Nothing names the last. A checkpoint over both decides; without one, the replay does: if all
  /// is well once the last one's link is put right, the link was altered.
  private mutating func isSound(_ entry: StoredEntry, before last: StoredEntry) -> Bool {
    guard let link = last.link, last.sequence.value + 1 == reader.total else { return true }
    let mended = link.entry(last.bytes, naming: entry.leaf)
    if let newest = checkpoints?.newest()?.checkpoint, newest.size == reader.total {
      if root(with: link.previous, last.leaf) == newest.root { return false }
      if root(with: entry.leaf, TreeHash.leaf(mended)) == newest.root { return true }
    }
    do {
      var trial =
        try replay ?? LogReplay(genesisEntry: entry.bytes, signatures: { $0.isValid })
      if entry.sequence != .genesis {
        _ = try trial.feed(entry.bytes, sideData: entry.sideData, signatures: { $0.isValid })
      }
      _ = try trial.feed(mended, sideData: last.sideData, signatures: { $0.isValid })
      return true
    } catch {
      return false
    }
  }

  private func root(with leaves: Digest...) -> Digest {
    var range = tree
    range.append(contentsOf: leaves)
    return range.root
  }
}
