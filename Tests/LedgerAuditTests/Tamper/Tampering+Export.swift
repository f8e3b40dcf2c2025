import LedgerAudit
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import MerkleLog

// What can be done to exported files.

extension Tampering {
  private var size: UInt64 { UInt64(ledger.count) }
  private var bundles: [Tile] {
    ledger.files.keys.sorted().compactMap { try? Tile(path: $0) }.filter { $0.content == .entries }
  }
  private var tiles: [Tile] {
    ledger.files.keys.sorted().compactMap { try? Tile(path: $0) }.filter { $0.content != .entries }
  }

  /// The entry in which a byte of a bundle lies, with the length before it.
  private func entry(at offset: Int, of bundle: Tile) -> Int {
    let first = Int(bundle.index) * Tile.widthMax
    var end = 0
    for index in first..<min(first + Tile.widthMax, ledger.count) {
      end += 2 + ledger.log.records[index].entry.count
      if offset < end { return index }
    }
    return min(first + Tile.widthMax, ledger.count) - 1
  }

  /// Returns altered bytes of a bundle, and the first entry that is not what it was.
  private mutating func alteredBundle(_ bundle: Tile) throws -> (bytes: [UInt8], entry: Int) {
    let bytes = ledger.files[bundle.path] ?? []
    let first = Int(bundle.index) * Tile.widthMax
    if random.happens(percent: 60) {
      let altered = random.altered(bytes)
      let same = zip(altered, bytes).prefix { $0 == $1 }.count
      return (altered, entry(at: same, of: bundle))
    }
    var entries = ledger.log.records[first...].prefix(bundle.width).map(\.entry)
    let one = Int.random(in: entries.indices, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      entries[one] = random.alteredField(entries[one])
    case 1:
      entries.insert(entries[one], at: one)
      let isLast = one == entries.count - 2
      return (try EntryBundle.encode(entries.prefix(256)), first + one + (isLast ? 0 : 1))
    case 2: entries.remove(at: one)
    default:
      let other = (one + 1) % entries.count
      guard other != one else {
        entries[one] = random.altered(entries[one])
        break
      }
      entries.swapAt(one, other)
      return (try EntryBundle.encode(entries), first + min(one, other))
    }
    return (try EntryBundle.encode(entries), first + one)
  }

  mutating func bundle() throws -> TamperResult {
    let bundle = random.one(of: bundles)
    let (bytes, entry) = try alteredBundle(bundle)
    var files = ledger.files
    files[bundle.path] = bytes
    let report = audit(files, trust: anyTrust())
    let result = expect(report, at: entry...entry, "`\(bundle)`")
    if case .failed(let fault) = report.verdict, fault.kind == .tile {
      return .missed("`\(bundle)` altered at \(entry), and a tile is named: \(fault)")
    }
    return result
  }

  /// Returns altered bytes of a tile, and the first entry that its first wrong hash covers.
  private mutating func alteredTile(_ tile: Tile) -> (bytes: [UInt8], entry: Int) {
    let bytes = ledger.files[tile.path] ?? []
    let altered: [UInt8]
    if random.happens(percent: 20), tile.width > 1 {
      let hash = Int.random(in: 0..<tile.width - 1, using: &random) * Digest.byteCount
      let middle = hash + Digest.byteCount
      var swapped = bytes
      swapped[hash..<middle] = bytes[middle..<middle + Digest.byteCount]
      swapped[middle..<middle + Digest.byteCount] = bytes[hash..<middle]
      altered = swapped
    } else {
      altered = random.altered(bytes)
    }
    guard case .hashes(let level) = tile.content else { return (altered, 0) }
    let same = zip(altered, bytes).prefix { $0 == $1 }.count
    let hash = altered.count == bytes.count ? same / Digest.byteCount : 0
    return (
      altered, (Int(tile.index) * Tile.widthMax + hash) << (level * Tile.height)
    )
  }

  mutating func tile() throws -> TamperResult {
    let tile = random.one(of: tiles)
    let (bytes, entry) = alteredTile(tile)
    guard bytes != ledger.files[tile.path] else { return .noData }
    var files = ledger.files
    files[tile.path] = bytes
    return expect(
      audit(files, trust: anyTrust()), at: entry...entry, kinds: [.tile], path: tile.path,
      "`\(tile)`")
  }

  /// Both the data and what could tell: the chain does.
  mutating func both() throws -> TamperResult {
    let bundle = random.one(of: bundles)
    let (bytes, entry) = try alteredBundle(bundle)
    var files = ledger.files
    files[bundle.path] = bytes
    for tile in tiles where random.happens(percent: 70) {
      files[tile.path] = random.altered(files[tile.path] ?? [])
    }
    let report = audit(files, trust: anyTrust())
    if case .failed(let fault) = report.verdict, fault.kind == .tile {
      return .missed("`\(bundle)` and tiles altered at \(entry), and a tile is named: \(fault)")
    }
    return expect(report, at: entry...entry, "`\(bundle)` and tiles")
  }

  mutating func exportedCheckpoint() throws -> TamperResult {
    let original = ledger.files["checkpoint"] ?? []
    var files = ledger.files
    let altered = random.altered(original)
    files["checkpoint"] = altered
    let isPolicy = random.happens(percent: 50)
    let report = audit(files, trust: isPolicy ? ledger.policy : ledger.file)
    switch report.verdict {
    case .failed(let fault):
      return fault.kind == .checkpoint || fault.kind == .storage
        ? .caught : .missed("checkpoint: \(fault)")
    case .endUnwitnessed: return .caught
    default:
      // Without a policy nobody asks for cosignatures.
      let (old, new) = (try? Note(original), try? Note(altered))
      let isSame =
        isPolicy
        ? old == new : old?.text == new?.text && old?.signatures.first == new?.signatures.first
      return isSame ? .noData : .missed("checkpoint: \(report.verdict)")
    }
  }

  mutating func exportedFiles() throws -> TamperResult {
    var files = ledger.files
    let paths = files.keys.sorted().filter { $0 != "checkpoint" }
    let path = random.one(of: paths)
    let tile = try Tile(path: path)
    let level = if case .hashes(let level) = tile.content { level } else { 0 }
    let first = Int(tile.index) * Tile.widthMax << (level * Tile.height)
    let isBundle = tile.content == .entries
    let kinds: Set<LogFault.Kind>? = isBundle ? nil : [.tile]
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      files[path] = nil
      return expect(
        audit(files, trust: anyTrust()), at: first...first, kinds: isBundle ? [.storage] : [.tile],
        path: path, "`\(path)` is not there")
    case 1:
      let other = random.one(of: paths)
      guard files[path] != files[other] else { return .noData }
      (files[path], files[other]) = (files[other], files[path])
      let report = audit(files, trust: anyTrust())
      return expect(report, at: 0...ledger.count, "`\(path)` and `\(other)` exchanged")
    case 2:
      files[path] = Array(repeating: 0, count: files[path]?.count ?? 0)
      return expect(
        audit(files, trust: anyTrust()), at: first...first, kinds: kinds, "`\(path)` is zeros")
    default:
      // Beside what is read, anything may lie.
      files["tile/0/900"] = files[path]
      files["tile/9"] = []
      let report = audit(files, trust: ledger.policy)
      return report.verdict == .verified && report.summary.superfluousFiles == 2
        ? .noData : .missed("superfluous files: \(report.verdict)")
    }
  }
}
