import LedgerAudit
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting

// What can be done to what lies beside the log, and could be made again from it.

extension Tampering {
  /// One record of the index is altered in its bytes: the id, the party or the entry.
  mutating func ids() throws -> TamperResult {
    let caches = ledger.caches
    var instructions = caches.instructions
    let place = Int.random(in: instructions.indices, using: &random)
    let old = instructions[place]
    var (party, id, sequence) = (old.party, old.id, old.sequence)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: party = random.one(of: [.issuer, .recovery, .bank(1), .bank(2), .bank(3)])
    case 1:
      let high = id.value.high ^ 1 << UInt64.random(in: 0..<64, using: &random)
      id = InstructionID(Bytes16(high: high, low: id.value.low)) ?? id
    case 2:
      let low = id.value.low ^ 1 << UInt64.random(in: 0..<64, using: &random)
      id = InstructionID(Bytes16(high: id.value.high, low: low)) ?? id
    default: sequence = SequenceNumber(UInt64(index()))
    }
    let new = IndexedInstruction(party: party, id: id, sequence: sequence)
    instructions[place] = new
    if random.happens(percent: 20) { instructions.remove(at: place) }
    let found = try KeptCaches.index(of: instructions, reaching: caches.reach)
    let report = try audit(ledger.log, trust: anyTrust(), index: found)
    if instructions.count == caches.instructions.count, new == old {
      return report.verdict == .verified ? .noData : .missed("\(report.verdict)")
    }
    let isGone = instructions.count < caches.instructions.count
    let first = Int(isGone ? old.sequence.value : min(old.sequence.value, sequence.value))
    return expect(report, at: first...first, kinds: [.index], "\(old) as \(new)")
  }

  mutating func snapshot() throws -> TamperResult {
    let sizes = ledger.caches.states.keys.sorted()
    let size = random.one(of: sizes)
    let earlier = sizes.filter { $0 < size }.suffix(1)
    let snapshots = try ledger.caches.snapshots(earlier + [size])
    let file = random.one(of: snapshots.files().sorted { "\($0)" < "\($1)" })
    let bytes = try snapshots.read(file, at: 0, count: try snapshots.byteCount(of: file))
    let altered = random.altered(bytes)
    snapshots.damage(file) { $0 = altered }
    // A file of ids may be the earlier one's, the newer one's or both's.
    let places =
      if case .state(let found) = file { Int(found) - 1...Int(found) - 1 } else {
        Int(earlier.first ?? size) - 1...Int(size) - 1
      }
    return expect(
      try audit(ledger.log, trust: anyTrust(), snapshots: snapshots), at: places,
      kinds: [.snapshot], "\(file) of snapshots over \(earlier) and \(size)")
  }
}
