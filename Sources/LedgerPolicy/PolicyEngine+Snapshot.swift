package import LedgerModel

extension PolicyEngine {
  /// Writes everything but what is summed up from accounts.
  ///
  /// - Parameters:
  ///   - snapshot: Takes it.
  ///   - encode: Gives a rule set its bytes.
  package func write(to snapshot: inout SnapshotWriter, encode: (RuleSet) -> [UInt8]) {
    snapshot.write(now.microseconds)
    facts.write(to: &snapshot)
    snapshot.write(packs.count)
    for pack in packs { PackHead(pack).write(to: &snapshot, encode: encode) }
    facts.writeEvents(to: &snapshot, of: packs.map(\.ruleSet))
    for pack in packs { pack.writeCounters(to: &snapshot) }
    snapshot.write(toCome.count)
    for scheduled in toCome {
      snapshot.write(encode(scheduled.ruleSet))
      snapshot.write(scheduled.from.microseconds)
      snapshot.write(scheduled.isShadow)
    }
    snapshot.write(newestByPack.count)
    for pack in newestByPack.keys.sorted() {
      guard let newest = newestByPack[pack] else { continue }
      snapshot.write(pack.text)
      snapshot.write(newest.version)
      snapshot.write(newest.sourceDigest.bytes)
    }
  }

  /// Reads an engine.
  ///
  /// - Parameters:
  ///   - snapshot: What ``write(to:encode:)`` wrote, and known to be that.
  ///   - currency: Of the engine.
  ///   - accounts: All there are, read before.
  ///   - bounds: Of the engine that was written.
  ///   - decode: Reads a rule set's bytes.
  /// - Throws: ``SnapshotError`` where the bytes are no engine.
  package init(
    reading snapshot: inout SnapshotReader, currency: CurrencyCode, over accounts: PolicyAccounts,
    bounds: PolicyBounds = .standard, decode: ([UInt8]) throws(SnapshotError) -> RuleSet
  ) throws(SnapshotError) {
    self.init(currency: currency, bounds: bounds)
    now = LedgerTime(microseconds: try snapshot.uint64())
    facts = try PolicyFacts(reading: &snapshot, bounds: bounds)
    var heads: [PackHead] = []
    for _ in 0..<(try snapshot.count(max: Limits.packsPerCurrencyMax)) {
      heads.append(try PackHead(reading: &snapshot, decode: decode))
    }
    try facts.readEvents(&snapshot, of: heads.map(\.ruleSet))
    facts.keep(
      owners: heads.contains { $0.ruleSet.asksOwners },
      firstPayments: heads.contains { $0.ruleSet.asksFirstPayments }, over: accounts)
    for head in heads {
      packs.append(
        try PackInForce(head, facts: facts, over: accounts, at: now, reading: &snapshot))
    }
    for _ in 0..<(try snapshot.count(max: Limits.packsPerCurrencyMax)) {
      toCome.append(
        ScheduledRuleSet(
          ruleSet: try decode(try snapshot.bytes()),
          from: LedgerTime(microseconds: try snapshot.uint64()),
          isShadow: try snapshot.bool()))
    }
    for _ in 0..<(try snapshot.count(max: Limits.packsEverPerCurrencyMax)) {
      let pack = PackName(unchecked: try snapshot.text())
      let version = try snapshot.int()
      guard let digest = Bytes32(try snapshot.bytes()) else {
        throw SnapshotError("pack \(pack) has a digest that is none")
      }
      newestByPack[pack] = SignedVersion(version: version, sourceDigest: digest)
    }
  }
}

/// What a set in force is, without what it has counted.
struct PackHead {
  let ruleSet: RuleSet
  let isShadow: Bool
  let replaced: [ReplacedSet]

  func write(to snapshot: inout SnapshotWriter, encode: (RuleSet) -> [UInt8]) {
    snapshot.write(encode(ruleSet))
    snapshot.write(isShadow)
    snapshot.write(replaced.count)
    for set in replaced { set.write(to: &snapshot, encode: encode) }
  }

  init(_ pack: PackInForce) {
    ruleSet = pack.ruleSet
    isShadow = pack.isShadow
    replaced = pack.replaced
  }

  init(
    reading snapshot: inout SnapshotReader, decode: ([UInt8]) throws(SnapshotError) -> RuleSet
  ) throws(SnapshotError) {
    ruleSet = try decode(try snapshot.bytes())
    isShadow = try snapshot.bool()
    var replaced: [ReplacedSet] = []
    for _ in 0..<(try snapshot.count(max: Limits.packsPerCurrencyMax)) {
      replaced.append(try ReplacedSet(reading: &snapshot, decode: decode))
    }
    self.replaced = replaced
  }
}

extension ReplacedSet {
  fileprivate func write(to snapshot: inout SnapshotWriter, encode: (RuleSet) -> [UInt8]) {
    snapshot.write(encode(ruleSet))
    snapshot.write(replaced.count)
    for set in replaced { set.write(to: &snapshot, encode: encode) }
  }

  fileprivate init(
    reading snapshot: inout SnapshotReader, decode: ([UInt8]) throws(SnapshotError) -> RuleSet
  ) throws(SnapshotError) {
    ruleSet = try decode(try snapshot.bytes())
    var replaced: [ReplacedSet] = []
    for _ in 0..<(try snapshot.count(max: Limits.packsPerCurrencyMax)) {
      replaced.append(try ReplacedSet(reading: &snapshot, decode: decode))
    }
    self.replaced = replaced
  }
}

extension PackInForce {
  /// Writes what has been counted.
  fileprivate func writeCounters(to snapshot: inout SnapshotWriter) {
    snapshot.write(rows.count)
    for counter in rows { counter.write(to: &snapshot) }
    for counters in dense { counters.write(to: &snapshot) }
    for counters in pairs { counters.write(to: &snapshot) }
    for queue in queues { queue.write(to: &snapshot) }
    for times in met { times.write(to: &snapshot) }
  }

  fileprivate init(
    _ head: PackHead, facts: PolicyFacts, over accounts: PolicyAccounts, at time: LedgerTime,
    reading snapshot: inout SnapshotReader
  ) throws(SnapshotError) {
    self.init(
      head.ruleSet, isShadow: head.isShadow, after: [], replaced: head.replaced, facts: facts,
      over: accounts, at: time)
    let count = try snapshot.count(max: .max)
    guard count == 0 || (layout.columnCount > 0 && count.isMultiple(of: layout.columnCount)) else {
      throw SnapshotError("\(count) counters of \(layout.columnCount) measures")
    }
    rows.reserveCapacity(min(count, 1 << 26))
    for _ in 0..<count { rows.append(try Counter(reading: &snapshot)) }
    for index in dense.indices { dense[index] = try DenseCounters(reading: &snapshot) }
    for index in pairs.indices { pairs[index] = try PairCounters(reading: &snapshot) }
    for index in queues.indices { queues[index] = try RollingQueue(reading: &snapshot) }
    for index in met.indices { met[index] = try PairTimes(reading: &snapshot) }
  }
}
