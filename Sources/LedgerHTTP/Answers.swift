import LedgerCore
import LedgerModel
import LedgerPolicy
import LedgerService
import LedgerWire
import MerkleLog

// The JSON form of each answer: docs/api.md.

extension SubmissionReceipt {
  var json: [UInt8] {
    JSONWriter.object {
      $0.integer("sequence", sequence.value)
      $0.time("time", time)
      $0.array("instructions", instructions) { writer, instruction in
        writer.element {
          $0.string("id", instruction.id.description)
          $0.instruction(instruction)
        }
      }
    }
  }
}

extension JSONWriter {
  mutating func instruction(_ receipt: InstructionReceipt) {
    integer("sequence", receipt.sequence.value)
    integer("first_sequence", receipt.firstSequence.value)
    result(receipt)
  }

  /// What became of it.
  private mutating func result(_ receipt: InstructionReceipt) {
    outcome(receipt.outcome)
    if case .rejected(let code, _, _) = receipt.outcome {
      string("message", receipt.words(for: code))
    }
    if let breach = receipt.breach { limit(breach, isWithheld: receipt.isWithheld) }
  }

  private mutating func outcome(_ outcome: LoggedOutcome) {
    switch outcome {
    case .accepted, .duplicate: string("outcome", "accepted")
    case .remarked(let remarks):
      string("outcome", "accepted")
      array("remarks", remarks) { writer, remark in
        writer.element {
          $0.string("kind", remark.kind.name)
          $0.string("pack", remark.pack.text)
          if let rule = remark.rule { $0.string("rule", rule.text) }
        }
      }
    case .rejected(let code, let rule, let pack):
      string("outcome", "rejected")
      string("code", code.rawValue)
      if let rule { string("rule", rule.text) }
      if let pack { string("pack", pack.text) }
    }
  }

  private mutating func limit(_ breach: LimitBreach, isWithheld: Bool) {
    object("limit") {
      $0.string("account", breach.account.description)
      $0.string("reason", breach.reason.name)
      if let terms = breach.terms {
        $0.string("unit", terms.unit.name)
        $0.string("comparison", terms.comparison.name)
      }
      if !isWithheld {
        $0.money("limit", breach.limit)
        $0.money("used", breach.used)
      }
      if case .shared(let left) = breach.extent { $0.money("left", left) }
      $0.money("asked", breach.asked)
      switch breach.reason {
      case .exceeded, .undecidable: break
      case .memoryFull(let max): $0.integer("max", max)
      case .approvalMissing(let required, let signed):
        $0.integer("required", required)
        $0.integer("signed", signed)
      }
      if let resets = breach.resets { $0.time("resets", resets) }
    }
  }

  mutating func instructionStatus(_ status: InstructionStatus) {
    switch status {
    case .executed(let party, let receipt, let time):
      string("status", "executed")
      string("party", party.description)
      self.time("time", time)
      instruction(receipt)
    case .neverExecuted(let party, let asOf, let time):
      string("status", "never_executed")
      if let party { string("party", party.description) }
      integer("as_of", asOf)
      self.time("time", time)
    case .notYetKnown(let party, let asOf, let time):
      string("status", "not_yet_known")
      if let party { string("party", party.description) }
      integer("as_of", asOf)
      self.time("time", time)
    }
  }

  mutating func account(_ reading: AccountReading) {
    string("account", reading.account.description)
    string("kind", reading.kind.wireName)
    if let participant = reading.participant { string("participant", participant.text) }
    string("currency", reading.currency.description)
    if let tier = reading.tier { string("tier", tier.text) }
    money("balance", reading.balance.minorUnits)
    money("available", reading.available.minorUnits)
    flag("closed", reading.isClosed)
    freeze(reading.freeze)
    integer("entry_count", reading.entryCount)
    if let last = reading.lastSequence {
      integer("last_sequence", last.value)
    } else {
      null("last_sequence")
    }
    string("running_hash", reading.runningHash.description)
    integer("as_of", reading.asOf)
  }

  /// What a freeze does to credits; `null` where nothing is frozen.
  mutating func freeze(_ credits: FrozenCredits?) {
    switch credits {
    case nil: null("frozen")
    case .accepted: string("frozen", "credits_accepted")
    case .refused: string("frozen", "credits_refused")
    }
  }

  mutating func balance(_ reading: BalanceReading) {
    string("account", reading.account.description)
    string("currency", reading.currency.description)
    money("balance", reading.balance.minorUnits)
    if let last = reading.lastSequence {
      integer("last_sequence", last.value)
    } else {
      null("last_sequence")
    }
    integer("as_of", reading.asOf)
  }

  mutating func day(_ day: DayReading) {
    string("date", day.date.description)
    string("currency", day.currency.description)
    string("zone", day.zone)
    time("from", day.span.lowerBound)
    time("until", day.span.upperBound)
    flag("complete", day.isComplete)
    money("opening", day.opening.minorUnits)
    money("closing", day.closing.minorUnits)
    statement(day.page)
  }

  mutating func statement(_ page: StatementPage) {
    array("entries", page.lines) { writer, line in
      writer.element {
        $0.integer("sequence", line.sequence.value)
        $0.time("time", line.time)
        $0.string("id", line.instruction.id.description)
        $0.string("operation", line.instruction.operation.name)
        $0.money("amount", line.amount)
        $0.money("change", line.change)
        if let linked = line.linked {
          $0.object("linked") {
            $0.string("account", linked.account.description)
            $0.money("change", linked.change)
          }
        }
        $0.money("balance", line.balance.minorUnits)
        $0.string("counterparty", line.counterparty.description)
        $0.string("purpose", line.instruction.purpose.text)
        $0.string("channel", line.instruction.channel.text)
        $0.string("reference", line.instruction.reference.text)
        if let document = line.instruction.document { $0.string("document", document.description) }
      }
    }
    if let next = page.next { integer("next", next.value) } else { null("next") }
    integer("as_of", page.asOf)
  }

  mutating func participant(_ reading: ParticipantReading) {
    string("participant", reading.participant.id.text)
    string("name", reading.participant.name.text)
    integer("admitted", reading.participant.admitted.value)
    flag("suspended", reading.participant.isSuspended)
    freeze(reading.participant.freeze)
    array("settlement_accounts", reading.settlementAccounts) { writer, account in
      writer.element {
        $0.string("account", account.account.description)
        $0.string("currency", account.currency.description)
        if let balance = account.balance { $0.money("balance", balance.minorUnits) }
      }
    }
    array("keys", reading.keys) { writer, key in
      writer.element {
        $0.string("key", key.key.description)
        $0.string("standing", key.standing.wireName)
        $0.time("valid_from", key.validFrom)
        if let until = key.validUntil { $0.time("valid_until", until) }
      }
    }
  }

  mutating func certificate(_ reading: CertificateReading) {
    string("certificate", reading.entry.certificate.description)
    string("reader", reading.reader.description)
    flag("revoked", reading.entry.isRevoked)
    time("valid_from", reading.entry.validFrom)
    if let until = reading.entry.validUntil { time("valid_until", until) }
  }

  mutating func dryRun(_ dryRun: DryRun) {
    flag("dry_run", true)
    string("id", dryRun.receipt.id.description)
    result(dryRun.receipt)
    integer("as_of", dryRun.asOf)
    time("time", dryRun.time)
  }

  mutating func headroom(_ reading: HeadroomReading) {
    let headroom = reading.headroom
    string("account", reading.account.description)
    string("currency", headroom.currency.description)
    money("available", headroom.available)
    money("can_pay", headroom.most)
    array("rules", headroom.readings) { writer, rule in
      writer.element {
        $0.string("pack", rule.set.pack.text)
        $0.integer("version", rule.set.version)
        $0.string("rule", rule.rule.id.text)
        $0.string("unit", rule.measure.quantity.unit.name)
        $0.string("comparison", rule.rule.comparison.name)
        if rule.isOfWallet || reading.showsShared {
          if let limit = rule.limit { $0.money("limit", limit) }
          $0.money("used", rule.used)
        }
        if let left = rule.left { $0.money("left", left) }
        if let resets = rule.resets { $0.time("resets", resets) }
      }
    }
    integer("as_of", reading.asOf)
    time("time", reading.time)
  }

  mutating func event(_ event: LedgerEvent) {
    integer("sequence", event.sequence.value)
    time("time", event.time)
    string("id", event.instruction.id.description)
    string("party", event.party.description)
    string("operation", event.instruction.operation.name)
    outcome(event.outcome)
    if let movement = event.instruction.operation.movement {
      money("amount", movement.amount)
      string("currency", movement.currency.description)
      if let payer = movement.payer { string("payer", payer.description) }
      if let payee = movement.payee { string("payee", payee.description) }
    }
    string("purpose", event.instruction.purpose.text)
    string("channel", event.instruction.channel.text)
    string("reference", event.instruction.reference.text)
    if let document = event.instruction.document { string("document", document.description) }
    array("accounts", event.accounts.map(\.description).sorted()) { $0.stringElement($1) }
    array("effects", event.effects) { writer, effect in writer.element { $0.effect(effect) } }
  }

  mutating func effect(_ effect: PostingEffect) {
    string("account", effect.account.description)
    money("balance", effect.balance.minorUnits)
    if let previous = effect.previous { integer("previous", previous.value) }
  }

  mutating func supply(_ reading: SupplyReading) {
    string("currency", reading.currency.code.description)
    integer("exponent", reading.currency.exponent)
    money("issued", reading.issued)
    money("redeemed", reading.redeemed)
    money("outstanding", reading.outstanding)
    array("holdings", reading.holdings) { writer, holding in
      writer.element {
        $0.string("participant", holding.participant.text)
        $0.money("settlement", holding.settlement)
        $0.money("wallets", holding.wallets)
      }
    }
    array("rules", reading.rules) { writer, set in
      writer.element {
        $0.string("pack", set.version.pack.text)
        $0.integer("version", set.version.version)
        $0.string("source_sha256", set.sourceDigest.hex)
        $0.string("mode", set.isShadow ? "shadow" : "enforce")
        if let from = set.from { $0.time("from", from) }
        if let until = set.until { $0.time("until", until) }
      }
    }
    integer("as_of", reading.asOf)
    time("time", reading.time)
  }

  mutating func ledger(_ genesis: Genesis, _ trust: TrustFile) {
    string("ledger", trust.ledger.description)
    string("origin", genesis.origin)
    string("log_key", trust.logKey.vkey)
    integer("state_machine_version", genesis.version.value)
    array("currencies", genesis.currencies) { writer, currency in
      writer.element {
        $0.string("code", currency.code.description)
        $0.integer("exponent", currency.exponent)
        $0.string("issuance_account", currency.issuanceAccount.description)
      }
    }
    object("parameters") {
      $0.integer("participant_horizon_us", genesis.parameters.participantHorizonMicroseconds)
      $0.integer("officer_horizon_us", genesis.parameters.officerHorizonMicroseconds)
      $0.integer("live_ids_max", genesis.parameters.liveIDsMax)
      $0.integer("instructions_per_submission_max", Limits.instructionsPerSubmissionMax)
      $0.integer("submission_bytes_max", WireLimits.submissionBytesMax)
    }
    object("quorums") {
      $0.integer("participants", genesis.quorums.participants)
      $0.integer("keys", genesis.quorums.keys)
      $0.integer("issuance", genesis.quorums.issuance)
      $0.integer("freezes", genesis.quorums.freezes)
      $0.integer("rules", genesis.quorums.rules)
      $0.integer("recovery", genesis.quorums.recovery)
    }
  }

  mutating func status(_ status: ServiceStatus) {
    integer("size", status.size)
    integer("checkpoint_size", status.checkpointSize)
    integer("indexed_size", status.indexedSize)
    time("time", status.time)
  }

  mutating func witnessing(_ status: WitnessingStatus) {
    object("witnessing") { writer in
      writer.string("quorum", status.quorum)
      writer.flag("quorum_present", status.isQuorumPresent)
      writer.integer("published_size", status.publishedSize)
      writer.flag("opened_without_witnesses", status.isGuardSkipped)
      writer.array("witnesses", status.witnesses) { writer, witness in
        writer.element {
          $0.string("name", witness.name)
          $0.integer("cosigned_size", witness.cosignedSize)
          $0.integer("age_seconds", witness.ageSeconds)
          if let problem = witness.problem { $0.string("problem", problem.rawValue) }
        }
      }
    }
  }
}

extension AccountKind {
  fileprivate var wireName: String {
    switch self {
    case .issuance: "issuance"
    case .settlement: "settlement"
    case .wallet: "wallet"
    }
  }
}

extension KeyRegistry.Entry.Standing {
  fileprivate var wireName: String {
    switch self {
    case .active: "active"
    case .suspended: "suspended"
    case .revoked: "revoked"
    }
  }
}

extension RuleReading {
  /// Whether only the wallet's own payments and money count.
  fileprivate var isOfWallet: Bool {
    switch holder {
    case .wallet, .pair: true
    case .owner, .participant, .participantClass, .tier, .system: false
    }
  }
}
