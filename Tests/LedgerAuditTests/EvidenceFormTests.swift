import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: one content has one file, for the program and for the script that has nothing of ours, so
/// that no two readers see two things in one.
@Suite struct EvidenceFormTests {
  private static let quorum = Array(SampleKeys.officers[0...1])
  private static let pay = LedgerModel.Operation.pay(
    LogBuilder.transfer(LogBuilder.wallet1, LogBuilder.wallet3, 5))

  /// A log with a bank's payment, and where its admission and the payment are.
  private static func paid() throws -> (EvidenceForger, admission: OrderProof, OrderProof) {
    var forger = try EvidenceForger()
    let admission = try forger.append(
      try LogBuilder.admission(1, account: LogBuilder.settlement1), by: .issuer, signedBy: quorum)
    let order = try forger.append(pay, by: .bank(1), signedBy: [try SampleKeys.bank(1)])
    return (forger, admission, order)
  }

  /// No second key, no number in another form, no field of its own.
  @Test func aFileHasOneForm() throws {
    let (forger, admission, order) = try Self.paid()
    let genuine = try forger.sample("genuine", order, [admission])
    let json = String(decoding: genuine.json, as: UTF8.self)
    let cases = try [
      ("\"instruction\":4", "\"instruction\":4,\"instruction\":4"),
      ("\"instruction\":4", "\"instruction\":4.0"), ("\"instruction\":4", "\"instruction\": 4"),
      ("\"instruction\":4", "\"instruction\":4e0"), ("\"instruction\":4", "\"instruction\":\"4\""),
      ("\"submission\":1", "\"submission\":true"), ("\"sequence\":1", "\"sequence\":true"),
      ("\"path\":[0,1", "\"path\":[false,1"), ("\"path\":[0,1", "\"path\":[0,true"),
      ("\"path\":[0,1", "\"path\":[0,1.0"), ("\"path\":[]", "\"path\":null"),
      ("\"format\"", "\"attestation\":null,\"format\""),
      ("\"format\"", "\"attestation\":{},\"format\""),
      ("\"format\"", "\"attestation\":[],\"format\""), ("\"log\":", "\"log\":{},\"log\":"),
      ("\"key_orders\":[", "\"key_order\":[],\"key_orders\":["),
      ("\"order\"", "\"note\":1,\"order\""), ("\"submission\":3", "\"submission\":3,\"to\":3"),
      ("specie-evidence-v1", "specie-evidence-v2"), ("}\n", "}"), ("}\n", "}\n\n"),
      ("}\n", "}\r\n"), ("{\"format\"", "\u{FEFF}{\"format\""), ("\\n", "\\u000a"),
    ].map { old, new in
      let other = json.replacing(old, with: new, maxReplacements: 1)
      try #require(other != json, "\(old)")
      return EvidenceCase(
        name: "\(old) as \(new)", json: Array(other.utf8), trust: genuine.trust, kind: .form)
    }
    try EvidenceCase.expect([genuine] + cases)
  }

  /// `hashes` has each hash once, in the order of use, and nothing rides along.
  @Test func aFileHasNothingThatItDoesNotNeed() throws {
    var (forger, admission, order) = try Self.paid()
    let foreign = try forger.append(
      .suspendKey(PartyKey(party: .bank(2), key: try SampleKeys.bank(2).publicKey)), by: .issuer,
      signedBy: Self.quorum)
    let later = try forger.append(Self.pay, by: .bank(1), signedBy: [try SampleKeys.bank(1)])
    let genuine = try forger.sample("genuine", later, [admission])
    let json = String(decoding: genuine.json, as: UTF8.self)
    let hashes = try #require(json.firstMatch(of: /"hashes":\["([^"]*)","([^"]*)"/))
    let (first, second) = (hashes.output.1, hashes.output.2)
    let zero = "\"\(Base64.encode(Digest.zero.bytes))\""
    func with(_ name: String, _ old: String, _ new: String) -> EvidenceCase {
      let text = json.replacing(old, with: new)
      return EvidenceCase(name: name, json: Array(text.utf8), trust: genuine.trust, kind: .form)
    }
    try EvidenceCase.expect([
      genuine,
      try forger.sample("an entry", later, [admission], others: [order.instruction], fault: .form),
      try forger.sample("an order about keys", later, [admission, foreign], fault: .form),
      try forger.sample("out of order", later, [foreign, admission], fault: .form),
      try forger.sample("twice", later, [admission, admission], fault: .form),
      with("a hash more", "\"hashes\":[", "\"hashes\":[\(zero),"),
      with("a hash for nothing", "]},\"order\"", ",\(zero)]},\"order\""),
      with("a hash twice", "\"\(second)\"", "\"\(first)\""),
    ])
  }

  /// Statements and totals, too.
  @Test func otherFilesHaveNothingThatTheyDoNotNeed() throws {
    let source = try EvidenceTests.Source(seed: 1)
    let account = try #require(source.builder.state.accounts.last)
    let statement = try AccountStatement.make(
      of: account.id, by: source.prover, store: source.store,
      secret: SampleKeys.commitmentSecret)
    let total = try TotalProof.make(
      of: .participant(.example(1)), nil, withAccounts: true, by: source.prover,
      store: source.store, secret: SampleKeys.commitmentSecret)
    let foreign = try #require(
      (1...).lazy.map { SequenceNumber($0) }.first { sequence in
        !(statement.log.entries + total.log.entries).contains { $0.sequence == sequence }
      })
    func more(_ log: ProvenEntries) throws -> ProvenEntries {
      try source.prover.entries(log.entries.map(\.sequence) + [foreign])
    }
    _ = try statement.check(source.trust)
    _ = try total.check(source.trust)
    let otherStatement = AccountStatement(
      log: try more(statement.log), commitment: statement.commitment, account: statement.account,
      lines: statement.lines, later: statement.later)
    let otherTotal = TotalProof(
      log: try more(total.log), commitment: total.commitment, holder: total.holder,
      accounts: total.accounts)
    #expect { try otherStatement.check(source.trust) } throws: {
      ($0 as? EvidenceFault)?.kind == .form
    }
    #expect { try otherTotal.check(source.trust) } throws: {
      ($0 as? EvidenceFault)?.kind == .form
    }
  }

  /// Messages say where and what in words.
  @Test func saysWhatIsWrongWithoutNamesOfTypes() throws {
    let (forger, admission, order) = try Self.paid()
    let json = String(decoding: try forger.evidence(order, [admission]).json, as: UTF8.self)
    let format = "it is no file of the format `specie-evidence-v1`: "
    for (old, new, text) in [
      ("\"format\"", "\"attestation\":{},\"format\"", "`attestation.payload` is missing"),
      ("\"sequence\":1", "\"sequence\":\"1\"", "`log.entries[1].sequence` is not a whole number"),
      ("\"hashes\":[\"", "\"hashes\":[5,\"", "`log.hashes[0]` is not a text"),
      ("\"key_orders\":[", "\"key_orders\":5,\"key_order\":[", "`key_orders` is not a list"),
      ("\"log\":{", "\"log\":[],\"logs\":{", "`log` is not an object"),
      ("\"instruction\":4", "\"instruction\":-4", "it has a number out of range"),
      ("\"path\":[]", "\"path\":[null]", "`key_orders[0].path[0]` is not a text"),
    ] {
      let other = json.replacing(old, with: new, maxReplacements: 1)
      do throws(EvidenceFault) {
        _ = try PaymentEvidence(json: Array(other.utf8))
        Issue.record("\(new) is read")
      } catch {
        #expect(error.detail.hasPrefix(format + text), "\(error.detail)")
        #expect(!error.detail.contains(/Swift|Decod|Coding|UInt|Array/), "\(error.detail)")
      }
    }
  }

  /// What is attested says of the order what the file proves, field by field: EV-7.
  @Test func anAttestationIsOfItsOrder() throws {
    let source = try EvidenceTests.Source(try LogBuilder.full())
    var cases: [EvidenceCase] = []
    for sequence in try source.instructions {
      let genuine = try source.evidence(of: sequence)
      let envelope = try #require(genuine.attestation)
      let said = String(
        decoding: try #require(Base64.decode(Array(envelope.payload.utf8))), as: UTF8.self)
      func sample(_ name: String, _ text: String, by key: SigningKey = SampleKeys.log) {
        let attestation = SignedEnvelope(
          Array(text.utf8), type: "application/vnd.specie.decision.v1+json", signedBy: key)
        cases.append(
          EvidenceCase(
            name: "entry \(sequence): \(name)",
            json: PaymentEvidence(
              log: genuine.log, order: genuine.order, keyOrders: genuine.keyOrders,
              attestation: attestation
            ).json, trust: source.builder.log.trust,
            kind: text == said && key.publicKey == SampleKeys.log.publicKey ? nil : .attestation))
      }
      sample("genuine", said)
      sample("by another", said, by: SampleKeys.otherLog)
      for (name, old, new) in [
        ("the ledger", /"ledger":"../, "\"ledger\":\"zz"),
        ("the entry", /"entry":[0-9]+,"operation/, "\"entry\":999,\"operation"),
        ("the time", /"time":"20/, "\"time\":\"21"),
        ("the party", /"party":"/, "\"party\":\"x"),
        ("the operation", /"operation":"/, "\"operation\":\"x"),
        ("the outcome", /"outcome":"/, "\"outcome\":\"x"),
        ("the code", /"code":"/, "\"code\":\"x"), ("no code", /"code":"[^"]*",/, ""),
        ("the rule", /"rule":"pay[^"]*","rules"/, "\"rule\":\"x\",\"rules\""),
        ("the first", /"first":/, "\"first\":1"), ("no first", /"first":[0-9]+,/, ""),
        ("a pack", /"party"/, "\"pack\":\"x\",\"party\""),
        ("the key", /"key":"../, "\"key\":\"zz"),
        ("the keys' entries", /"signers":\[\{"entries":\[/, "\"signers\":[{\"entries\":[0,"),
        ("an entry that is true", /"entries":\[0/, "\"entries\":[false"),
        ("the standing", /"standing":"/, "\"standing\":\"x"),
        ("the validity", /"valid_from":"20/, "\"valid_from\":\"21"),
        ("an end", /\}\],"time"/, ",\"valid_until\":\"2030-01-01T00:00:00Z\"}],\"time\""),
        ("a field more", /"time"/, "\"test\":1,\"time\""), ("space", /\}\n/, "} \n"),
        ("no line feed", /\}\n/, "}"), ("no readings", /"readings":\[[^\]]*\],/, ""),
      ] as [(String, Regex<Substring>, String)] {
        let other = said.replacing(old, with: new, maxReplacements: 1)
        if other != said { sample(name, other) }
      }
    }
    #expect(cases.count > 150, "\(cases.count)")
    try EvidenceCase.expect(cases)
  }
}
