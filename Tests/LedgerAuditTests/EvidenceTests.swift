import Foundation
import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: what the audit writes into a file is proven by the file and the trust file alone, and no
/// other file is.
@Suite struct EvidenceTests {
  /// A log, ready to be proven from.
  struct Source {
    let builder: LogBuilder
    let store: MemoryStore
    let trust: AuditTrust
    let prover: LogProver

    init(seed: UInt64, steps: Int = 40) throws {
      try self.init(try CommitmentTests.log(seed: seed, steps: steps))
    }

    init(_ builder: LogBuilder) throws {
      self.builder = builder
      let disk = MemoryDisk()
      disk.overwrite(with: builder.log.rows())
      store = try disk.open()
      trust = AuditTrust(builder.log.trust)
      let note = try #require(builder.log.notes.last)
      prover = try LogProver(store, under: Array(note.utf8), trust: trust)
    }

    /// Sequence numbers of all instructions' entries.
    var instructions: [SequenceNumber] {
      get throws {
        try builder.log.records.indices.filter {
          let body = try LogEntry(canonicalBytes: builder.log.records[$0].entry).body
          return if case .instruction = body { true } else { false }
        }.map { SequenceNumber(UInt64($0)) }
      }
    }

    func evidence(of sequence: SequenceNumber) throws -> PaymentEvidence {
      try PaymentEvidence.make(
        of: .entry(sequence), by: prover, store: store, attestedBy: SampleKeys.log)
    }
  }

  /// Method: Every order of a log, read back from its file; what is checked is what the log has.
  @Test(arguments: UInt64(0)..<3)
  func provesEveryOrder(seed: UInt64) throws {
    let source = try Source(seed: seed)
    for sequence in try source.instructions {
      let evidence = try source.evidence(of: sequence)
      let checked = try PaymentEvidence(json: evidence.json).check(source.trust)
      let record = source.builder.log.records[Int(sequence.value)]
      guard
        case .instruction(let bytes, let outcome) =
          try LogEntry(canonicalBytes: record.entry).body
      else {
        Issue.record("entry \(sequence) is no instruction's")
        continue
      }
      #expect(checked.instruction == (try Instruction(canonicalBytes: bytes)))
      #expect(checked.outcome == outcome && checked.sequence == sequence)
      let attestation = try #require(checked.attestation, "entry \(sequence)")
      #expect(attestation.isOfLog)
      #expect(try evidence.decision(from: source.store) == attestation.decision)
      #expect(evidence.json.count < 8_192, "entry \(sequence) has \(evidence.json.count) bytes")
      let other = try PaymentEvidence.make(
        of: .id(checked.instruction.id, of: checked.party), by: source.prover,
        store: source.store, attestedBy: SampleKeys.log)
      // Ed25519 signs the same twice, and the id names the same order.
      #expect(other == evidence)
    }
  }

  /// Method: One bit of the file is flipped, at every seventh byte; the file proves nothing then.
  @Test func noOtherFileProves() throws {
    let source = try Source(seed: 1)
    let payment = try #require(try source.instructions.last)
    let account = try #require(source.builder.state.accounts.last)
    let total = try TotalProof.make(
      of: .participant(.example(1)), nil, withAccounts: true, by: source.prover,
      store: source.store, secret: SampleKeys.commitmentSecret)
    let statement = try AccountStatement.make(
      of: account.id, by: source.prover, store: source.store,
      secret: SampleKeys.commitmentSecret)
    let files: [(json: [UInt8], check: ([UInt8]) throws -> Void)] = [
      (
        try source.evidence(of: payment).json,
        { _ = try PaymentEvidence(json: $0).check(source.trust) }
      ),
      (statement.json, { _ = try AccountStatement(json: $0).check(source.trust) }),
      (total.json, { _ = try TotalProof(json: $0).check(source.trust) }),
    ]
    for (json, check) in files {
      try check(json)
      for place in stride(from: 3, to: json.count, by: 7) {
        var other = json
        other[place] ^= 1 << UInt8(place % 8)
        #expect(throws: EvidenceFault.self, "byte \(place)") { try check(other) }
      }
    }
  }

  /// Method: Every account of logs of some seeds, against the entries that the log has of it.
  @Test(arguments: UInt64(0)..<4)
  func statementsLeaveNothingOut(seed: UInt64) throws {
    let source = try Source(seed: seed)
    let committed = try #require(source.builder.committedStates.last)
    for account in source.builder.state.accounts {
      guard committed.state.slot(of: account.id) != nil else { continue }
      let statement = try AccountStatement.make(
        of: account.id, by: source.prover, store: source.store,
        secret: SampleKeys.commitmentSecret)
      let checked = try AccountStatement(json: statement.json).check(source.trust)
      let effects = try source.builder.log.records.enumerated().flatMap { index, record in
        try SideData(canonicalBytes: record.sideData).effects.filter { $0.account == account.id }
          .map { (index, $0.balance.minorUnits) }
      }
      let sequences = checked.lines.map(\.sequence.value) + checked.later.map(\.sequence.value)
      #expect(sequences == effects.map { UInt64($0.0) })
      #expect(checked.lines.map(\.balance) == effects.prefix(checked.lines.count).map(\.1))
      #expect(checked.lines.count == effects.count { $0.0 < committed.size })
      #expect(checked.lines.allSatisfy { $0.linked == 0 })
      try expectNoOther(statement, source)
    }
  }

  /// A statement that leaves a line out, moves one, has another balance, or calls one proven that
  /// is not.
  private func expectNoOther(_ statement: AccountStatement, _ source: Source) throws {
    func with(_ lines: [AccountStatement.Line], _ later: [SequenceNumber]) {
      let other = AccountStatement(
        log: statement.log, commitment: statement.commitment, account: statement.account,
        lines: lines, later: later)
      #expect(throws: EvidenceFault.self) { try other.check(source.trust) }
    }
    for index in statement.lines.indices {
      var fewer = statement.lines
      fewer.remove(at: index)
      with(fewer, statement.later)
    }
    if statement.lines.count > 1 { with(statement.lines.reversed(), statement.later) }
    if let first = statement.later.first {
      let line = AccountStatement.Line(sequence: first, balance: 0)
      with(statement.lines + [line], Array(statement.later.dropFirst()))
    }
    for index in statement.lines.indices {
      for balance in [statement.lines[index].balance + 1, .min, .max] {
        var other = statement.lines
        other[index] = AccountStatement.Line(
          sequence: other[index].sequence, balance: balance)
        with(other, statement.later)
      }
    }
    let foreign = statement.log.entries.map(\.sequence).filter { $0 > statement.commitment }
    if let first = foreign.first(where: { !statement.later.contains($0) }) {
      with(statement.lines, [first])
    }
  }

  @Test func saysWhatItIsNot() throws {
    let source = try Source(seed: 2)
    let stranger = try LogBuilder(origin: "ledger.example/other").log.trust
    let payment = try #require(try source.instructions.last)
    let evidence = try source.evidence(of: payment)
    #expect(throws: EvidenceFault.self) { try evidence.check(AuditTrust(stranger)) }
    let byAuditor = try PaymentEvidence.make(
      of: .entry(payment), by: source.prover, store: source.store,
      attestedBy: SampleKeys.otherLog)
    #expect(throws: EvidenceFault.self) { try byAuditor.check(source.trust) }
    let key = SampleKeys.otherLog.publicKey
    let believed = try #require(
      try byAuditor.check(source.trust, attesters: [key]).attestation)
    #expect(believed.key == key && !believed.isOfLog)
    let bare = try PaymentEvidence.make(
      of: .entry(payment), by: source.prover, store: source.store, attestedBy: nil)
    #expect(try bare.check(source.trust).attestation == nil)
    #expect(throws: EvidenceError.self) {
      try PaymentEvidence.make(
        of: .entry(.genesis), by: source.prover, store: source.store, attestedBy: nil)
    }
    #expect(throws: EvidenceError.self) {
      try TotalProof.make(
        of: .issuer, nil, withAccounts: true, by: source.prover, store: source.store, secret: nil)
    }
    let supply = try ProvenSupply.compute(
      by: source.prover, store: source.store, secret: SampleKeys.commitmentSecret)
    #expect(supply.held == supply.totals.currencies.map(\.outstanding))
  }
}
