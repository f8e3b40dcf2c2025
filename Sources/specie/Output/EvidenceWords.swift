import LedgerAudit
import LedgerLog
import LedgerModel
import LedgerWire
import MerkleLog

/// The log that something is proven to be in, and by whose word.
struct ProvenLog: Encodable {
  let ledger: String
  let origin: String
  let checkpointSize: UInt64
  /// Names of the witnesses that are trusted and have cosigned.
  let witnesses: [String]

  /// In words, as `a checkpoint over 9 entries of ledger.example/cny, cosigned by w1`.
  var text: String {
    let size = DecimalAmount.count(checkpointSize, "entry", "entries")
    let names = witnesses.map(\.shown).joined(separator: ", ")
    let cosigned =
      witnesses.isEmpty ? "cosigned by no witness that you trust" : "cosigned by \(names)"
    return "a checkpoint over \(size) of \(origin.shown), \(cosigned)"
  }
}

/// What a checked file of evidence proves, for people and for programs.
struct PaymentReport: CommandReport {
  struct Signer: Encodable {
    let key: String
    let registered: UInt64
    let changes: [UInt64]
  }

  let format: String
  let log: ProvenLog
  let entry: UInt64
  let time: String
  let party: String
  let id: String
  let order: String
  let outcome: String
  let code: String?
  let rule: String?
  let pack: String?
  let signers: [Signer]
  let quorum: Int
  /// `log`, the key that attested, or nothing.
  let attestedBy: String?
  let decision: DecisionStatement?
  private let outcomeWords: String
  private let scales: CurrencyScales
  /// Whether what is attested was made again from the log.
  let isMadeAgain: Bool

  enum CodingKeys: CodingKey {
    case isMadeAgain, format, log, entry, time, party, id, order, outcome
    case code, rule, pack, signers, quorum, attestedBy, decision
  }

  init(_ checked: CheckedPayment, isMadeAgain: Bool) {
    let words = OrderWords(scales: CurrencyScales(checked.genesis))
    format = PaymentEvidence.format
    log = ProvenLog(
      ledger: checked.ledger.description, origin: checked.genesis.origin,
      checkpointSize: checked.checkpointSize, witnesses: checked.witnesses)
    entry = checked.sequence.value
    time = checked.time.description
    party = checked.party.description
    id = checked.instruction.id.description
    order = words.text(checked.instruction)
    outcomeWords = checked.outcome.description
    switch checked.outcome {
    case .accepted, .remarked:
      outcome = "accepted"
      (code, rule, pack) = (nil, nil, nil)
    case .rejected(let code, let rule, let pack):
      outcome = "rejected"
      (self.code, self.rule, self.pack) = (code.rawValue, rule?.text, pack?.text)
    case .duplicate:
      outcome = "duplicate"
      (code, rule, pack) = (nil, nil, nil)
    }
    signers = checked.signers.map {
      Signer(
        key: $0.key.description, registered: $0.registered.value,
        changes: $0.changes.map(\.value))
    }
    switch checked.authority {
    case .keys(let required, _): quorum = required
    case .none: quorum = 0
    }
    attestedBy = checked.attestation.map { $0.isOfLog ? "log" : $0.key.description }
    decision = checked.attestation?.decision
    scales = CurrencyScales(checked.genesis)
    self.isMadeAgain = isMadeAgain
  }

  var text: String {
    var lines = [
      "PROVEN: \(party) ordered, and the ledger decided, at entry \(DecimalAmount.count(entry)):",
      "  \(order)",
      "  \(outcomeWords)",
      "",
      "ledger        \(log.ledger)",
      "ledger time   \(time)",
      "id            \(id)",
      "proven by     \(log.text)",
    ]
    lines.append(
      "signatures    \(DecimalAmount.count(signers.count, "key")) of \(party); "
        + (quorum == 0 ? "it may not give such an order" : "\(quorum) had to sign"))
    for signer in signers {
      lines.append("  key         \(signer.key)")
      lines.append(
        "    registered by entry \(signer.registered)"
          + (signer.changes.isEmpty
            ? "" : "; it or its participant changed by \(Self.list(signer.changes))"))
    }
    lines += decisionLines
    return lines.joined(separator: "\n")
  }

  private static func list(_ entries: [UInt64]) -> String {
    entries.map { "\($0)" }.joined(separator: ", ")
  }

  private var decisionLines: [String] {
    guard let decision else {
      return [
        "decision      nobody attests what rules looked at, that the account was the party's and had",
        "              the money, that the id was new, nor that the keys' history is whole: an audit of",
        "              the log shows it",
      ]
    }
    let attester = attestedBy == "log" ? "the log key" : "key \(attestedBy ?? "")"
    var lines = [
      isMadeAgain
        ? "decision      \(attester) attests what follows; replay of the log at hand gives the same"
        : "decision      \(attester) attests what follows, which the entries alone do not prove"
    ]
    for signer in decision.signers {
      lines.append(
        "  key         \(signer.key.shown) was \(signer.standing.shown), valid from "
          + "\(signer.validFrom.shown)" + (signer.validUntil.map { " until \($0.shown)" } ?? "")
          + "; no other entry concerns it")
    }
    for rules in decision.rules {
      lines.append(
        "  rules       \(rules.pack.shown) version \(rules.version) (\(rules.mode.shown)), sha256 "
          + "\(rules.digest.shown)" + (rules.entry.map { ", by entry \($0)" } ?? ""))
    }
    lines += decision.readings.map { reading in
      let verdict = reading.passed ? "let it pass" : "did not let it pass"
      let figures = [
        figure("limit", reading.limit, reading.unit), figure("used", reading.used, reading.unit),
        figure("asked", reading.asked, reading.unit),
      ].compactMap(\.self).joined(separator: ", ")
      return "  rule        \(reading.pack.shown) \(reading.rule.shown) \(verdict)"
        + (figures.isEmpty ? "" : ": \(figures)")
    }
    return lines
  }

  private func figure(_ name: String, _ number: String?, _ unit: String?) -> String? {
    guard let number else { return nil }
    guard unit == "minor_units", let sum = Int128(number) else {
      return "\(name) \(number.shown) \((unit ?? "").replacing("_", with: " ").shown)"
    }
    return "\(name) \(scales.textOfAny(sum))"
  }
}

/// What a checked statement proves.
struct StatementReport: CommandReport {
  struct Line: Encodable {
    let entry: UInt64
    let time: String
    let change: String
    let balance: String
    let linked: String?
    let order: String
  }

  let format: String
  let log: ProvenLog
  let account: String
  let holder: String
  let currency: String
  let commitment: UInt64
  let committedAt: String
  let balance: String
  struct LaterOrder: Encodable {
    let entry: UInt64
    let time: String
    let order: String
  }

  let lines: [Line]
  let later: [LaterOrder]

  init(_ checked: CheckedStatement) {
    let scales = CurrencyScales(checked.genesis)
    let words = OrderWords(scales: scales)
    let code = checked.currency.code
    func line(_ line: CheckedStatement.Line) -> Line {
      Line(
        entry: line.sequence.value, time: line.time.description,
        change: scales.plain(Int128(line.change), code),
        balance: scales.plain(Int128(line.balance), code),
        linked: line.linked == 0 ? nil : scales.plain(line.linked, code),
        order: words.text(line.instruction))
    }
    format = AccountStatement.format
    log = ProvenLog(
      ledger: checked.ledger.description, origin: checked.genesis.origin,
      checkpointSize: checked.checkpointSize, witnesses: checked.witnesses)
    account = checked.account.description
    holder = checked.holder
    currency = code.description
    commitment = checked.commitment.value
    committedAt = checked.committedAt.description
    balance = scales.plain(Int128(checked.balance), code)
    lines = checked.lines.map(line)
    later = checked.later.map {
      LaterOrder(
        entry: $0.sequence.value, time: $0.time.description, order: words.text($0.instruction))
    }
  }

  var text: String {
    let count = DecimalAmount.count(lines.count, "entry", "entries")
    var text = [
      "PROVEN COMPLETE up to entry \(DecimalAmount.count(commitment)), \(committedAt):",
      "account \(account) of \(holder) has \(count) and \(balance) \(currency);",
      log.text,
      "That is what the log commits to; that it commits to what happened, an audit of the log shows.",
      "", Self.table(lines),
    ]
    if !later.isEmpty {
      var table = TextTable([("entry", .right), ("time", .left), ("order", .left)])
      for order in later { table.append(["\(order.entry)", order.time, order.order]) }
      text += [
        "",
        "NOT PROVEN COMPLETE: orders that name the account after that. They are in the log; whether "
          + "there are",
        "others, and what the account has after them, the next commitment will show.", "",
        table.text,
      ]
    }
    return text.joined(separator: "\n")
  }

  private static func table(_ lines: [Line]) -> String {
    var table = TextTable([
      ("entry", .right), ("time", .left), ("change", .right), ("balance", .right), ("order", .left),
    ])
    for line in lines {
      table.append([
        "\(line.entry)", line.time, line.change, line.balance,
        line.order + (line.linked.map { "; of the change, a linked account moved \($0)" } ?? ""),
      ])
    }
    return table.text
  }
}

/// What a checked total proves.
struct TotalReport: CommandReport {
  struct Account: Encodable {
    let account: String
    let balance: String
    let entries: UInt64
  }

  let format: String
  let log: ProvenLog
  let holder: String
  let currency: String
  let total: String
  let accountCount: UInt64
  let commitment: UInt64
  let committedAt: String?
  let accounts: [Account]?

  init(_ proof: TotalProof, _ verified: VerifiedEntries) {
    let leaf = proof.holder.place.leaf
    let scales = CurrencyScales(verified.genesis)
    format = TotalProof.format
    log = ProvenLog(
      ledger: verified.ledger.description, origin: verified.genesis.origin,
      checkpointSize: verified.checkpoint.checkpoint.size,
      witnesses: verified.checkpoint.cosignatures.map(\.key.name.description))
    holder = leaf.holder.description
    currency = leaf.currency.description
    total = scales.plain(proof.holder.total.total, leaf.currency)
    accountCount = leaf.accounts
    commitment = proof.commitment.value
    committedAt =
      verified.entries.first { $0.sequence == proof.commitment }?.time.description
    accounts = proof.accounts?.map {
      Account(
        account: $0.account.description,
        balance: scales.plain(Int128($0.balance), leaf.currency), entries: $0.count)
    }
  }

  var text: String {
    let count = DecimalAmount.count(accountCount, "account")
    var lines = [
      "PROVEN: at entry \(DecimalAmount.count(commitment)), \(committedAt ?? ""), the log commits to",
      "\(total) \(currency) in \(count) of \(holder); \(log.text)",
    ]
    if let accounts {
      var table = TextTable([("account", .left), ("balance", .right), ("entries", .right)])
      for account in accounts {
        table.append([account.account, account.balance, "\(account.entries)"])
      }
      lines += ["", table.text]
    }
    return lines.joined(separator: "\n")
  }
}
