import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: the log commits to the state that the documents describe, when they say so, and an audit
/// finds every other commitment.
@Suite struct CommitmentTests {
  /// Three seconds, and a date that closes in Shanghai two minutes after the log begins.
  static let schedule = CommitmentSchedule(
    zone: .shanghai, closeSeconds: closeSeconds, intervalMicroseconds: 3_000_000,
    secretDigest: SampleKeys.commitmentSecret.digest)
  static var closeSeconds: Int {
    Int((LedgerTime.example.microseconds / 1_000_000 + 8 * 3_600) % 86_400) + 120
  }

  /// Banks and wallets that come one after the other, and payments between them.
  static func log(seed: UInt64, steps: Int) throws -> LogBuilder {
    var random = SplitMix64(seed: seed)
    var builder = try LogBuilder(commitments: schedule)
    let quorum = Array(SampleKeys.officers[0...1])
    var wallets: [(id: AccountID, bank: Int)] = []
    var banks = 0
    for step in 0..<steps {
      let bank = banks == 0 ? 1 : Int.random(in: 1...banks, using: &random)
      let roll = Int.random(in: 0..<10, using: &random)
      if banks == 0 || (roll == 0 && banks < 2) {
        banks += 1
        let account = AccountID.example(banks * 1_000)
        try builder.order(
          try LogBuilder.admission(banks, account: account),
          LogBuilder.issue(1_000_000, to: account, step), by: .issuer, signedBy: quorum)
      } else if wallets.isEmpty || 1...3 ~= roll {
        let wallet = AccountID.example(bank * 1_000 + 1 + step)
        wallets.append((wallet, bank))
        let funding = LogBuilder.transfer(.example(bank * 1_000), wallet, 500)
        try builder.order(
          LogBuilder.wallet(wallet), .fund(funding), by: .bank(bank),
          signedBy: [try SampleKeys.bank(bank)])
      } else if roll == 4 {
        try builder.tick()
      } else {
        let payer = random.one(of: wallets)
        let payee = random.one(of: wallets)
        let amount = UInt64.random(in: 1...200, using: &random)
        try builder.order(
          .pay(LogBuilder.transfer(payer.id, payee.id, amount)), by: .bank(payer.bank),
          signedBy: [try SampleKeys.bank(payer.bank)])
      }
    }
    try builder.checkpoint()
    return builder
  }

  private static func commitments(
    in log: SampleLog
  ) throws -> [(sequence: Int, time: LedgerTime, commitment: StateCommitment)] {
    try log.records.enumerated().compactMap { index, record in
      let entry = try LogEntry(canonicalBytes: record.entry)
      guard case .system(.commitment(let commitment)) = entry.body else { return nil }
      return (index, entry.time, commitment)
    }
  }

  private static func audit(
    _ log: SampleLog, secret: CommitmentSecret? = SampleKeys.commitmentSecret
  ) throws -> AuditReport {
    let disk = MemoryDisk()
    disk.overwrite(with: log.rows())
    return LedgerVerifier.verify(
      store: try disk.open(), checkpoints: try log.keeper(), trust: log.trust, secret: secret,
      options: AuditOptions(threads: 1))
  }

  /// Method: logs of some seeds; at each commitment, root and totals are made again from the state
  /// by the reference.
  @Test(arguments: UInt64(0)..<16)
  func saysWhatTheStateIs(seed: UInt64) throws {
    let builder = try Self.log(seed: seed, steps: 60)
    let found = try Self.commitments(in: builder.log)
    #expect(found.count >= 15, "seed \(seed)")
    #expect(found.map(\.sequence) == builder.committedStates.map(\.size))
    for (found, committed) in zip(found, builder.committedStates) {
      let reference = try ReferenceStateTree(
        committed.state, builder.log, size: committed.size,
        secret: Array(repeating: 0, count: 7) + [5] + Array(repeating: 0, count: 7) + [6]
          + Array(repeating: 0, count: 7) + [7] + Array(repeating: 0, count: 7) + [8])
      #expect(
        found.commitment.root == Bytes32(reference.root(at: UInt64(found.sequence))),
        "seed \(seed), entry \(found.sequence)")
      let books = committed.state.currencies[0]
      #expect(found.commitment.totals.currencies[0].issued == books.issued)
      #expect(found.commitment.totals.currencies[0].outstanding == books.held)
    }
    let report = try Self.audit(builder.log)
    #expect(report.verdict == .verified && report.summary.commitments == UInt64(found.count))
    #expect(try Self.audit(builder.log, secret: nil).verdict == .commitmentsUnproven)
    let other = try Self.audit(builder.log, secret: CommitmentSecret(.example(1)))
    #expect(other.fault?.kind == .commitment && other.fault?.sequence == .genesis)
  }

  /// Method: an order a second for three minutes, then none for a day.
  @Test func comesWhenItIsDue() throws {
    var builder = try LogBuilder(commitments: Self.schedule)
    let start = LedgerTime.example
    for _ in 0..<180 { try builder.tick() }
    let times = try Self.commitments(in: builder.log).map { found in
      (
        second: (found.time.microseconds - start.microseconds) / 1_000_000,
        close: found.commitment.totals.close
      )
    }
    #expect(times.map(\.second) == Array(stride(from: 3, through: 180, by: 3)))
    let closes = times.filter { $0.close != nil }
    #expect(closes.map(\.second) == [120])
    #expect(closes.first?.close == start.moved(seconds: 120))
    // Nothing happened, and two dates closed: the later one is named.
    let before = try Self.commitments(in: builder.log).count
    try builder.tick(at: start.moved(seconds: 2 * 86_400 + 200))
    let last = try #require(try Self.commitments(in: builder.log).last)
    #expect(last.commitment.totals.close == start.moved(seconds: 2 * 86_400 + 120))
    #expect(try Self.commitments(in: builder.log).count == before + 1)
  }

  /// Method: a commitment is left out, put in twice, and changed in each part, with all later
  /// entries chained anew and all checkpoints signed anew.
  @Test func isFoundWhereItIsWrong() throws {
    let builder = try Self.log(seed: 3, steps: 30)
    let found = try #require(try Self.commitments(in: builder.log).dropFirst(2).first)
    let totals = found.commitment.totals
    let first = totals.currencies[0]
    let more = CurrencyTotals(
      currency: first.currency, issued: first.issued + 1, redeemed: first.redeemed)
    let changed: [StateCommitment] = [
      StateCommitment(
        totals: StateTotals(close: totals.close, currencies: [more]), root: found.commitment.root),
      StateCommitment(
        totals: StateTotals(close: found.time, currencies: totals.currencies),
        root: found.commitment.root),
      StateCommitment(totals: totals, root: .example(3)),
    ]
    for commitment in changed {
      var log = builder.log
      let entry = try LogEntry(canonicalBytes: log.records[found.sequence].entry)
      log.records[found.sequence].entry =
        LogEntry(
          sequence: entry.sequence, time: entry.time, previous: entry.previous,
          body: .system(.commitment(commitment))
        ).canonicalBytes
      try expectFault(in: &log, at: found.sequence, builder)
    }
    var without = builder.log
    without.records.remove(at: found.sequence)
    try expectFault(in: &without, at: found.sequence, builder)
    var twice = builder.log
    twice.records.insert(twice.records[found.sequence], at: found.sequence)
    try expectFault(in: &twice, at: found.sequence + 1, builder)
  }

  private func expectFault(
    in log: inout SampleLog, at sequence: Int, _ builder: LogBuilder
  ) throws {
    try log.rechain(from: sequence)
    log.notes = [
      try LogBuilder.note(
        size: UInt64(log.records.count), root: log.root(log.records.count), of: builder.state,
        by: SampleKeys.log)
    ]
    let fault = try #require(try Self.audit(log).fault)
    #expect(fault.kind == .commitment && fault.sequence.value == UInt64(sequence), "\(fault)")
  }

  /// Goal: a proof leads from an account, or a bank's total, to the root, and no other value does.
  @Test func provesAccountsAndTotals() throws {
    let builder = try Self.log(seed: 5, steps: 60)
    let committed = try #require(builder.committedStates.last)
    let found = try #require(try Self.commitments(in: builder.log).last)
    let (state, sequence) = (committed.state, SequenceNumber(UInt64(committed.size)))
    var sums: [HolderName: Int128] = [:]
    for (slot, account) in state.accounts.enumerated() {
      let proof = try #require(committed.tree.proof(ofAccount: slot, at: sequence))
      #expect(proof.root.map { Bytes32($0) } == found.commitment.root)
      #expect(proof.leaf.account == account.id)
      #expect(proof.leaf.balance == account.balance.minorUnits)
      let other = AccountLeaf(
        account: account.id, balance: account.balance.minorUnits + 1, last: proof.leaf.last,
        count: proof.leaf.count, runningHash: proof.leaf.runningHash, blind: proof.leaf.blind)
      #expect(
        AccountProof(leaf: other, path: proof.path, holder: proof.holder).root == nil)
      sums[proof.holder.leaf.holder, default: 0] += Int128(account.balance.minorUnits)
    }
    let holders = [.issuer] + state.participants.map { HolderName.participant($0.id) }
    for holder in holders {
      let proof = try #require(
        committed.tree.proof(ofHolder: holder, .cny, at: sequence))
      #expect(proof.root.map { Bytes32($0) } == found.commitment.root)
      #expect(proof.total.total == sums[holder])
      let leaves = try #require(committed.tree.leaves(of: holder, .cny))
      #expect(TreeHash.root(of: leaves.map(\.hash)) == proof.place.leaf.root)
      let other = HolderTotal(total: proof.total.total + 1, blind: proof.total.blind)
      #expect(HolderProof(total: other, place: proof.place).root == nil)
    }
  }

  /// Vectors: docs/formats/state-commitment.md, computed by Python's hashlib and hmac.
  @Test func vectors() throws {
    let words = (0..<4).map { word in
      (0..<8).reduce(UInt64(0)) { $0 << 8 | UInt64(word * 8 + $1) }
    }
    let secret = CommitmentSecret(Bytes32(words: (words[0], words[1], words[2], words[3])))
    let sequence = SequenceNumber(9)
    func leaf(_ account: AccountID, _ entries: [(UInt64, Int64)]) -> AccountLeaf {
      AccountLeaf(
        account: account, balance: entries.last?.1 ?? 0,
        last: SequenceNumber(entries.last?.0 ?? 0),
        count: UInt64(entries.count),
        runningHash: entries.reduce(Digest.zero) {
          AccountLeaf.runningHash($0, SequenceNumber($1.0), balance: $1.1)
        },
        blind: AccountLeaf.blind(of: account, count: UInt64(entries.count), secret))
    }
    func holder(_ name: HolderName, _ total: Int128, _ leaf: AccountLeaf) -> HolderLeaf {
      let blind = HolderTotal.blind(of: name, .cny, at: sequence, secret)
      return HolderLeaf(
        holder: name, currency: .cny, accounts: 1,
        total: HolderTotal(total: total, blind: blind).hash, root: leaf.hash)
    }
    let account = leaf(.example(110), [(5, 5_000), (8, 7_655)])
    #expect(
      account.hash.description
        == "76cb9c3be8dd2a563e67edf59125bb7bb37fdf47636d2e955d2fe54c8a7c77d4")
    let bank = holder(.participant(.example(1)), 7_655, account)
    #expect(
      bank.total.description
        == "a9a79e484f22498da390cc9d3aa6b2bea9b1ef23d9af5acf920ee3fff117f2ad")
    #expect(
      bank.hash.description
        == "8e10df93054c5be981bfb8613c3d4b2af87c9f5823b140c27e1904eb9b9acf55")
    let issuer = holder(.issuer, -7_655, leaf(.example(1), [(5, -7_655)]))
    #expect(
      TreeHash.node(issuer.hash, bank.hash).description
        == "4b8ead12dbdcbdc63ed8f1854ad5cd11165774b300a4a46449cae89f75dc63ec")
  }

  /// Goal: an audit that goes on from an earlier one makes the same roots.
  @Test func resumes() throws {
    let whole = try Self.log(seed: 8, steps: 50).log
    let size = try #require(try Self.commitments(in: whole).dropFirst(4).first).sequence
    var part = whole
    part.records = Array(whole.records[..<(size + 1)])
    part.notes = []
    let states = MemorySnapshotKeeper()
    for log in [part, whole] {
      let disk = MemoryDisk()
      disk.overwrite(with: log.rows())
      let report = LedgerVerifier.verify(
        store: try disk.open(), checkpoints: try log.keeper(), trust: log.trust, states: states,
        secret: SampleKeys.commitmentSecret, options: AuditOptions(threads: 1))
      #expect(report.fault == nil)
      #expect(report.summary.resumedFrom == (log.records.count == size + 1 ? 0 : UInt64(size + 1)))
    }
  }
}
