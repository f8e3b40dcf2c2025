import LedgerModel
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: what is encoded decodes to itself.
///
/// Method: seeded random values. Decoding demands that swift-protobuf encodes the result to the
/// same bytes, so each test of an entry also holds our own writer against it.
@Suite struct RoundTripTests {
  @Test(arguments: 0..<RandomValues.operationKinds)
  func instructions(kind: Int) throws {
    for seed in UInt64(0)..<40 {
      var values = RandomValues(seed: seed)
      let instruction = values.instruction(kind: kind)
      let bytes = instruction.canonicalBytes
      #expect(try Instruction(canonicalBytes: bytes) == instruction, "seed \(seed)")
    }
  }

  @Test func statementsEntriesAndSideData() throws {
    for seed in UInt64(0)..<500 {
      var values = RandomValues(seed: seed)
      let statement = values.statement()
      #expect(try Statement(canonicalBytes: statement.canonicalBytes) == statement, "seed \(seed)")
      let entry = values.entry()
      #expect(try LogEntry(canonicalBytes: entry.canonicalBytes) == entry, "seed \(seed)")
      let sideData = values.sideData()
      #expect(try SideData(canonicalBytes: sideData.canonicalBytes) == sideData, "seed \(seed)")
    }
    #expect(SideData.empty.canonicalBytes.isEmpty)
  }

  @Test func ruleSets() throws {
    for seed in UInt64(0)..<100 {
      var values = RandomValues(seed: seed)
      let set = values.ruleSet()
      #expect(try RuleSet(canonicalBytes: set.canonicalBytes) == set, "seed \(seed)")
    }
  }

  @Test func genesis() throws {
    for officers in [2, 3, 32] {
      for recovery in [2, 32] {
        let genesis = Genesis.example(officers: officers, recovery: recovery)
        #expect(try Genesis(canonicalBytes: genesis.canonicalBytes) == genesis)
      }
    }
    let none = Genesis.example(
      officers: 1, recovery: 0,
      quorums: Quorums(participants: 1, keys: 1, issuance: 1, freezes: 1, rules: 1, recovery: 0))
    #expect(try Genesis(canonicalBytes: none.canonicalBytes) == none)
  }

  @Test func submissions() throws {
    for seed in UInt64(0)..<20 {
      var values = RandomValues(seed: seed)
      let submission = Submission(
        (0..<3).map { values.instruction(kind: $0 + 16) }, of: .bank(1),
        on: LedgerID(values.bytes32()), expiry: values.time(),
        signedBy: [signingKey(1), signingKey(2)])
      #expect(try Submission(protobuf: submission.protobuf) == submission, "seed \(seed)")
      #expect(try Submission(json: submission.json) == submission, "seed \(seed)")
    }
  }

  @Test func trustFiles() throws {
    let key = try VerifierKey(
      name: try KeyName("ledger.example/cny"), algorithm: .ed25519,
      publicKey: signingKey(9).publicKey.value.bytes)
    let trust = TrustFile(ledger: .example, logKey: key)
    #expect(try TrustFile(text: trust.text) == trust)
    #expect(try TrustFile(text: "\n# why\n" + trust.text + "\n\n") == trust)
    let ledger = "ledger \(LedgerID.example)\n"
    let log = "log \(key.vkey)\n"
    for (text, error) in [
      ("", TrustFileError.incomplete), (ledger, .incomplete), (log, .incomplete),
      (ledger + ledger + log, .repeatedLine(2)), (ledger + log + log, .repeatedLine(3)),
      (ledger + log + "witness x\n", .malformedLine(3)), (" " + ledger + log, .malformedLine(1)),
      (ledger + log.dropLast() + " \n", .malformedLine(2)),
      ("ledger \(LedgerID.example.description.uppercased())\n" + log, .malformedLine(1)),
      (ledger + "log \(key.vkey.dropLast())\n", .malformedLine(2)),
    ] {
      #expect(throws: error, "\(text)") { try TrustFile(text: text) }
    }
  }
}
