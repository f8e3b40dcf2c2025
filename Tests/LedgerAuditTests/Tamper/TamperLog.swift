import LedgerAudit
import LedgerCore
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog

extension LogBuilder {
  /// A small log with an order of nearly every kind, refusals, ticks and commitments to the state;
  /// under rules of format 2, and with few signatures.
  static func varied() throws -> LogBuilder {
    var builder = try LogBuilder(
      version: .two,
      commitments: CommitmentSchedule(
        zone: .shanghai, closeSeconds: CommitmentTests.closeSeconds,
        intervalMicroseconds: 5_000_000, secretDigest: SampleKeys.commitmentSecret.digest))
    let quorum = Array(SampleKeys.officers[0...1])
    let (bank1, bank2) = ([try SampleKeys.bank(1)], [try SampleKeys.bank(2)])
    let legal = LegalReference.example
    func key(_ number: Int) -> PartyKey { PartyKey(party: .bank(1), key: .example(number)) }
    try builder.checkpoint()
    let source = Array("rules: in words".utf8)
    let rules = RuleSet(
      format: 2, pack: rules.pack, version: 1, currency: .cny,
      sourceDigest: Bytes32(SHA256.hash(source)), tiers: rules.tiers, zones: rules.zones,
      measures: rules.measures, rules: rules.rules)
    let time = builder.state.time
    try builder.order(
      try admission(1, account: settlement1), try admission(2, account: settlement2),
      .registerKey(
        RegisterKey(
          party: .bank(1), key: .example(71), validFrom: time,
          validUntil: time.moved(seconds: 9_000))),
      .rotateKey(
        RotateKey(
          party: .bank(1), oldKey: .example(71), newKey: .example(72),
          overlapUntil: time.moved(seconds: 600))),
      .suspendKey(key(72)), .reinstateKey(key(72)), .revokeKey(key(71)),
      .setParticipantAttribute(
        SetParticipantAttribute(
          participant: .example(2), currency: .cny, name: AttributeName(unchecked: "cap"),
          value: .word(AttributeWord(unchecked: "large")))),
      .suspendParticipant(ParticipantStanding(participant: .example(2), legalReference: legal)),
      .reinstateParticipant(ParticipantStanding(participant: .example(2), legalReference: legal)),
      by: .issuer, signedBy: quorum)
    try builder.order(
      .activateRuleSet(ActivateRuleSet(ruleSet: rules, source: source)),
      issue(100_000, to: settlement1, 1), issue(50_000, to: settlement2, 2),
      issue(7, to: settlement1, 1), by: .issuer, signedBy: quorum)
    try builder.checkpoint()
    try builder.order(
      wallet(wallet1), wallet(wallet2), .fund(transfer(settlement1, wallet1, 2_000)),
      .setWalletTier(wallet2, .example(2)),
      .setWalletAttribute(
        SetWalletAttribute(
          wallet: wallet1, name: AttributeName(unchecked: "kyc"),
          value: .word(AttributeWord(unchecked: "full")))),
      .linkAccount(wallet1, to: settlement1),
      .settle(transfer(settlement1, settlement2, 300)),
      by: .bank(1), signedBy: bank1)
    try builder.order(wallet(wallet3), by: .bank(2), signedBy: bank2)
    try builder.tick()
    try builder.tick()
    try builder.checkpoint()
    try builder.order(
      .listPayee(PayeeOfWallet(wallet: wallet1, payee: wallet3)),
      .unlistPayee(PayeeOfWallet(wallet: wallet1, payee: wallet3)),
      .recordEvent(EventName(unchecked: "sca"), of: wallet1),
      by: .bank(1), signedBy: bank1)
    let pay = builder.instruction(.pay(transfer(wallet1, wallet3, 450)))
    let tooMuch = builder.instruction(.pay(transfer(wallet1, wallet2, 600)))
    try builder.submit([pay, tooMuch, pay], by: .bank(1), signedBy: bank1)
    try builder.order(
      .freeze(Freeze(target: .account(wallet3), credits: .refused, legalReference: legal)),
      .unfreeze(.account(wallet3), legal),
      .withdrawRuleSet(WithdrawRuleSet(currency: .cny, version: rules.packVersion)),
      .confirmClock(builder.state.time), by: .issuer, signedBy: quorum)
    try builder.order(
      .redeem(
        Redeem(
          payer: settlement1, amount: 1_000, currency: .cny, rtgsReference: .example(4))),
      .cashOut(transfer(wallet1, settlement1, 100)), .closeWallet(wallet2),
      .pay(transfer(wallet1, wallet3, 1)), by: .bank(1), signedBy: bank1)
    try builder.tick()
    try builder.checkpoint()
    return builder
  }
}

/// A ledger as an auditor gets it, before anyone has altered it.
struct AuditedLedger {
  let builder: LogBuilder
  /// Its folder: entries, side data, kept checkpoints.
  let log: SampleLog
  /// The published checkpoint, cosigned by both witnesses.
  let cosigned: String
  /// Its export.
  let files: [String: [UInt8]]
  let file: AuditTrust
  let policy: AuditTrust
  let secret: CommitmentSecret?
  let caches: KeptCaches
  /// Where submissions and entries of the core begin.
  let starts: [Int]

  init(_ builder: LogBuilder, secret: CommitmentSecret?) throws {
    self.builder = builder
    self.secret = secret
    log = builder.log
    caches = try KeptCaches(log, secret: secret)
    let newest = log.notes[log.notes.count - 1]
    cosigned = try SampleWitnesses.cosign(newest)
    files = try log.exported().files
    file = AuditTrust(log.trust)
    policy = try SampleWitnesses.policy(of: log)
    starts = try log.records.indices.filter { index in
      if case .instruction = try LogEntry(canonicalBytes: builder.log.records[index].entry).body {
        return false
      }
      return true
    }
  }

  var count: Int { log.records.count }

  /// The entries that were written together with one.
  func batch(of index: Int) -> ClosedRange<Int> {
    let first = starts.last { $0 <= index } ?? 0
    let next = starts.first { $0 > index } ?? count
    return first...(next - 1)
  }
}
