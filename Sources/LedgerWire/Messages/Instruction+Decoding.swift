import FoundationEssentials
public import LedgerModel
import LedgerSchema
import MerkleLog
import SwiftProtobuf

extension Instruction {
  /// Reads an instruction from its canonical bytes.
  ///
  /// - Throws: ``WireError/tooLarge(_:count:max:)``, ``WireError/malformed(message:)``,
  ///   ``WireError/nonCanonical(message:)`` or ``WireError/invalidField(_:problem:)``, in this
  ///   order.
  /// - Source: docs/formats/instruction.md.
  public init(canonicalBytes bytes: [UInt8]) throws(WireError) {
    // Safe, here and below: the span ends with the call, and the array outlives it.
    if let transfer = unsafe Instruction(transfer: bytes.span.bytes) {
      self = transfer
    } else {
      try self.init(generalBytes: bytes)
    }
  }

  /// Reads an instruction from its canonical bytes.
  ///
  /// - Throws: As for an array.
  package init(canonicalBytes bytes: ArraySlice<UInt8>) throws(WireError) {
    if let transfer = unsafe Instruction(transfer: bytes.span.bytes) {
      self = transfer
    } else {
      try self.init(generalBytes: Array(bytes))
    }
  }

  /// Reads any instruction, through swift-protobuf.
  package init(generalBytes bytes: [UInt8]) throws(WireError) {
    guard bytes.count <= Limits.instructionBytesMax else {
      throw .tooLarge(
        "bytes of one instruction", count: bytes.count, max: Limits.instructionBytesMax)
    }
    let message = try Canonical.decode(
      Specie_V1_Instruction.self, from: bytes, named: "instruction")
    guard let id = InstructionID(try Field.bytes16(message.id, "id")) else {
      throw .invalidField("id", problem: "it is no UUIDv7 (RFC 9562, section 5.7)")
    }
    guard let operation = message.operation else {
      throw .invalidField("operation", problem: "it is missing; name exactly one")
    }
    self.init(
      id: id, operation: try Operation(operation),
      purpose: try Field.name(message.purpose, "purpose"),
      channel: try Field.name(message.channel, "channel"),
      reference: try Field.name(message.reference, "reference"),
      document: message.document.isEmpty
        ? nil : DocumentDigest(try Field.bytes32(message.document, "document")))
  }
}

extension Operation {
  init(_ message: Specie_V1_Instruction.OneOf_Operation) throws(WireError) {
    switch message {
    case .admitParticipant(let order): self = .admitParticipant(try AdmitParticipant(order))
    case .suspendParticipant(let order):
      self = .suspendParticipant(
        try ParticipantStanding(order.participant, order.legalReference))
    case .reinstateParticipant(let order):
      self = .reinstateParticipant(
        try ParticipantStanding(order.participant, order.legalReference))
    case .registerKey(let order):
      self = .registerKey(
        RegisterKey(
          party: try Field.party(order.party, "party"), key: try Field.key(order.key, "key"),
          validFrom: LedgerTime(microseconds: order.validFrom),
          validUntil: order.validUntil == 0 ? nil : LedgerTime(microseconds: order.validUntil)))
    case .rotateKey(let order):
      self = .rotateKey(
        RotateKey(
          party: try Field.party(order.party, "party"),
          oldKey: try Field.key(order.oldKey, "old_key"),
          newKey: try Field.key(order.newKey, "new_key"),
          overlapUntil: LedgerTime(microseconds: order.overlapUntil)))
    case .suspendKey(let order): self = .suspendKey(try PartyKey(order.party, order.key))
    case .reinstateKey(let order): self = .reinstateKey(try PartyKey(order.party, order.key))
    case .revokeKey(let order): self = .revokeKey(try PartyKey(order.party, order.key))
    case .replaceOfficers(let order):
      self = .replaceOfficers(try Field.keys(order.keys, "keys", max: Limits.officersMax))
    case .registerCertificate(let order):
      self = .registerCertificate(
        RegisterCertificate(
          reader: try Field.reader(order.reader, "reader"),
          certificate: SPKIHash(try Field.bytes32(order.spkiSha256, "spki_sha256")),
          validFrom: LedgerTime(microseconds: order.validFrom),
          validUntil: order.validUntil == 0 ? nil : LedgerTime(microseconds: order.validUntil)))
    case .revokeCertificate(let order):
      self = .revokeCertificate(
        RevokeCertificate(
          reader: try Field.reader(order.reader, "reader"),
          certificate: SPKIHash(try Field.bytes32(order.spkiSha256, "spki_sha256"))))
    case .openWallet(let order):
      self = .openWallet(
        OpenWallet(
          wallet: try Field.account(order.wallet, "wallet"),
          owner: OwnerID(try Field.bytes16(order.owner, "owner")),
          currency: try Field.currency(order.currency, "currency"),
          tier: try Field.name(order.tier, "tier")))
    case .setWalletTier(let order):
      self = .setWalletTier(
        try Field.account(order.wallet, "wallet"), try Field.name(order.tier, "tier"))
    case .closeWallet(let order): self = .closeWallet(try Field.account(order.wallet, "wallet"))
    case .freeze(let order): self = .freeze(try Freeze(order))
    case .unfreeze(let order):
      self = .unfreeze(
        try FreezeTarget(order.target), try Field.name(order.legalReference, "legal_reference"))
    case .issue(let order):
      self = .issue(
        Issue(
          payee: try Field.account(order.payee, "payee"), amount: order.amount,
          currency: try Field.currency(order.currency, "currency"),
          rtgsReference: try Field.name(order.rtgsReference, "rtgs_reference")))
    case .redeem(let order):
      self = .redeem(
        Redeem(
          payer: try Field.account(order.payer, "payer"), amount: order.amount,
          currency: try Field.currency(order.currency, "currency"),
          rtgsReference: try Field.name(order.rtgsReference, "rtgs_reference")))
    case .settle(let order): self = .settle(try Transfer(order))
    case .fund(let order): self = .fund(try Transfer(order))
    case .pay(let order): self = .pay(try Transfer(order))
    case .cashOut(let order): self = .cashOut(try Transfer(order))
    case .setParticipantAttribute(let order):
      self = .setParticipantAttribute(
        SetParticipantAttribute(
          participant: try Field.participant(order.participant, "participant"),
          currency: try Field.currency(order.currency, "currency"),
          name: try Field.name(order.name, "name"),
          value: try AttributeValue(order.word, order.amount)))
    case .setWalletAttribute(let order):
      self = .setWalletAttribute(
        SetWalletAttribute(
          wallet: try Field.account(order.wallet, "wallet"),
          name: try Field.name(order.name, "name"),
          value: try AttributeValue(order.word, order.amount)))
    case .linkAccount(let order):
      self = .linkAccount(
        try Field.account(order.wallet, "wallet"),
        to: order.account.isEmpty ? nil : try Field.account(order.account, "account"))
    case .listPayee(let order): self = .listPayee(try PayeeOfWallet(order))
    case .unlistPayee(let order): self = .unlistPayee(try PayeeOfWallet(order))
    case .recordEvent(let order):
      self = .recordEvent(
        try Field.name(order.event, "event"), of: try Field.account(order.wallet, "wallet"))
    case .activateRuleSet(let order): self = .activateRuleSet(try ActivateRuleSet(order))
    case .withdrawRuleSet(let order):
      self = .withdrawRuleSet(
        WithdrawRuleSet(
          currency: try Field.currency(order.currency, "currency"),
          version: PackVersion(
            pack: try Field.name(order.pack, "pack"), version: Int(order.version))))
    case .confirmClock(let order):
      self = .confirmClock(LedgerTime(microseconds: order.instant))
    }
  }
}

extension AdmitParticipant {
  init(_ order: Specie_V1_AdmitParticipant) throws(WireError) {
    let max = Limits.settlementAccountsPerAdmissionMax
    guard !order.settlementAccounts.isEmpty else { throw .empty("settlement account") }
    guard order.settlementAccounts.count <= max else {
      throw .tooLarge("settlement accounts", count: order.settlementAccounts.count, max: max)
    }
    var accounts: [NewSettlementAccount] = []
    for account in order.settlementAccounts {
      accounts.append(
        NewSettlementAccount(
          account: try Field.account(account.account, "settlement_accounts.account"),
          currency: try Field.currency(account.currency, "settlement_accounts.currency")))
    }
    self.init(
      participant: try Field.participant(order.participant, "participant"),
      name: try Field.name(order.name, "name"),
      keys: try Field.keys(order.keys, "keys", max: Limits.keysPerAdmissionMax),
      settlementAccounts: accounts)
  }
}

extension AttributeValue {
  init(_ word: String, _ amount: UInt64) throws(WireError) {
    guard !word.isEmpty else {
      self = .amount(amount)
      return
    }
    guard amount == 0 else {
      throw .invalidField("amount", problem: "an attribute is a word or an amount, not both")
    }
    self = .word(try Field.name(word, "word"))
  }
}

extension PayeeOfWallet {
  init(_ order: Specie_V1_PayeeOfWallet) throws(WireError) {
    self.init(
      wallet: try Field.account(order.wallet, "wallet"),
      payee: try Field.account(order.payee, "payee"))
  }
}

extension ParticipantStanding {
  init(_ participant: String, _ legalReference: String) throws(WireError) {
    self.init(
      participant: try Field.participant(participant, "participant"),
      legalReference: try Field.name(legalReference, "legal_reference"))
  }
}

extension PartyKey {
  init(_ party: String, _ key: Specie_V1_PublicKey) throws(WireError) {
    self.init(party: try Field.party(party, "party"), key: try Field.key(key, "key"))
  }
}

extension Freeze {
  init(_ order: Specie_V1_Freeze) throws(WireError) {
    let credits: FrozenCredits
    switch order.credits {
    case .accepted: credits = .accepted
    case .refused: credits = .refused
    case .unspecified, .UNRECOGNIZED:
      throw .invalidField("credits", problem: "say whether credits are accepted or refused")
    }
    self.init(
      target: try FreezeTarget(order.target), credits: credits,
      legalReference: try Field.name(order.legalReference, "legal_reference"))
  }
}

extension FreezeTarget {
  init(_ target: Specie_V1_Freeze.OneOf_Target?) throws(WireError) {
    switch target {
    case .account(let account): self = .account(try Field.account(account, "account"))
    case .participant(let id): self = .participant(try Field.participant(id, "participant"))
    case nil: throw .invalidField("target", problem: "name an account or a participant")
    }
  }

  init(_ target: Specie_V1_Unfreeze.OneOf_Target?) throws(WireError) {
    switch target {
    case .account(let account): self = .account(try Field.account(account, "account"))
    case .participant(let id): self = .participant(try Field.participant(id, "participant"))
    case nil: throw .invalidField("target", problem: "name an account or a participant")
    }
  }
}

extension Transfer {
  init(_ order: Specie_V1_Transfer) throws(WireError) {
    self.init(
      payer: try Field.account(order.payer, "payer"),
      payee: try Field.account(order.payee, "payee"), amount: order.amount,
      currency: try Field.currency(order.currency, "currency"))
  }
}

extension ActivateRuleSet {
  init(_ order: Specie_V1_ActivateRuleSet) throws(WireError) {
    let bytes = [UInt8](order.ruleSet)
    guard bytes.count <= Limits.ruleSetBytesMax else {
      throw .tooLarge("bytes of a rule set", count: bytes.count, max: Limits.ruleSetBytesMax)
    }
    let ruleSet = try RuleSet(canonicalBytes: bytes)
    let source = [UInt8](order.source)
    // The evidence is what was compiled, or none.
    var hash = SHA256()
    hash.update(source)
    guard source.isEmpty || Bytes32(hash.finalize()) == ruleSet.sourceDigest else {
      throw .invalidField("source", problem: "its SHA-256 is not the rule set's source_digest")
    }
    self.init(
      ruleSet: ruleSet, source: source, from: LedgerTime(bound: order.from),
      inShadow: order.shadow)
  }
}
