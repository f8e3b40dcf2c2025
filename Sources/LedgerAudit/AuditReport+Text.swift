import LedgerCore
import LedgerLog
import LedgerModel
import MerkleLog

extension AuditReport {
  /// The report in plain words: the verdict first, then what was checked, then the money.
  package var text: String {
    var lines = verdictLines
    lines.append("")
    lines += checkedLines
    if !summary.currencies.isEmpty { lines.append("") }
    for currency in summary.currencies { lines += currency.lines }
    return lines.joined(separator: "\n") + "\n"
  }

  var verdictLines: [String] {
    switch verdict {
    case .verified:
      let extent =
        summary.resumedFrom == 0
        ? (summary.hasSideData ? "every byte of the log" : "every byte of the log's entries")
        : "every byte after the first \(summary.resumedFrom) entries, verified before,"
      let verified = "VERIFIED: \(extent) is as it must be, and it is the ledger you trust."
      if summary.unwitnessedEntries > 0 {
        return [
          verified,
          "UNPROVEN: \(summary.unwitnessedEntries) entries at the end, which no checkpoint covers.",
        ]
      }
      guard !summary.isEndProven else { return [verified] }
      return [
        verified,
        "UNPROVEN: that it ends here. Whoever holds the log could have cut its end off, checkpoints and",
        "all: give one that was kept elsewhere, --checkpoint FILE, or a policy of witnesses, --trust FILE.",
      ]
    case .originUnproven:
      return [
        "CONSISTENT, ORIGIN UNPROVEN: the log agrees with itself, but no trust file says whose",
        "it is. Give the one that the central bank handed you: --trust FILE.",
      ]
    case .endUnproven:
      return [
        "CONSISTENT, END OF THE LOG UNPROVEN: the log agrees with itself, and is the ledger you trust;",
        "but no checkpoint covers any of its \(summary.entries) entries, so none proves its end.",
        "Give one that was kept elsewhere: --checkpoint FILE.",
      ]
    case .endUnwitnessed:
      let size = summary.witnessedSize ?? 0
      return [
        "CONSISTENT, END OF THE LOG UNPROVEN BY WITNESSES: the log agrees with itself, and its key is",
        size == 0
          ? "the one you trust; but the policy's witnesses have cosigned none of its "
            + "\(summary.entries) entries,"
          : "the one you trust; but the policy's witnesses have cosigned its first \(size) "
            + "entries, and not the \(summary.entries - min(size, summary.entries)) after,",
        "so whoever has the log's key could have rewritten them. Give a checkpoint that they have",
        "cosigned: --checkpoint FILE.",
      ]
    case .commitmentsUnproven:
      return [
        "CONSISTENT, COMMITMENTS UNPROVEN: the log is the ledger you trust, and every decision and",
        "total in it holds; but the roots of its \(summary.commitments) commitments to the state are",
        "not checked without their secret. Give it: --commitment-secret FILE.",
      ]
    case .failed(let fault):
      var lines = [
        "FAILED at entry \(fault.sequence) (\(fault.kind.rawValue)): \(fault.detail)"
      ]
      if let expected = fault.expected { lines.append("  expected \(expected)") }
      if let found = fault.found { lines.append("  found    \(found)") }
      return lines
    case .cancelled:
      return ["CANCELLED after \(summary.entries) of \(summary.entriesTotal) entries."]
    }
  }

  var checkedLines: [String] {
    var lines: [String] = []
    if let ledger = summary.ledger { lines.append("ledger        \(ledger)") }
    if let origin = summary.origin { lines.append("origin        \(origin)") }
    if let key = summary.logKey { lines.append("log key       \(key.vkey)") }
    lines.append(
      "entries       \(summary.entries) of \(summary.entriesTotal), \(summary.bytes) bytes: "
        + "framing, encoding, chain")
    if summary.resumedFrom > 0 {
      lines.append(
        "  resumed     after \(summary.resumedFrom) that an earlier audit verified; what is counted "
          + "below came after")
    }
    if let first = summary.firstTime, let last = summary.lastTime {
      lines.append("ledger time   \(first) to \(last)")
    }
    lines.append("signatures    \(summary.signatures), each with its key's validity and quorum")
    lines.append(
      "instructions  \(summary.instructions) in \(summary.submissions) submissions, "
        + "each decided again: \(summary.accepted) accepted, \(summary.refused) refused, "
        + "\(summary.duplicates) duplicates")
    if summary.remarked > 0 {
      lines.append(
        "  remarked    \(summary.remarked) accepted, of which rules had something to say")
    }
    for (code, count) in summary.refusedByCode.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      lines.append("  refused     \(count) as \(code.rawValue)")
    }
    lines.append(
      (summary.hasSideData
        ? "side data     beside every entry, recomputed"
        : "side data     not compared: \(summary.source.noun) has none")
        + "; \(summary.systemEntries) system entries")
    if summary.commitments > 0 {
      let roots = verdict == .commitmentsUnproven ? "roots not checked" : "roots made again"
      lines.append(
        "commitments   \(summary.commitments) to the state: totals as replayed, \(roots)")
    }
    if let size = summary.indexedEntries {
      lines.append("index of ids  each id of the first \(size) entries, and no other")
    }
    if let count = summary.snapshots, count > 0 {
      lines.append("snapshots     \(count) of the state, each as replayed")
    }
    lines.append("root          \(summary.root)")
    if summary.tiles > 0 {
      let rest =
        summary.superfluousFiles == 0
        ? "" : "; \(summary.superfluousFiles) files that no log of this size has"
      lines.append("tiles         \(summary.tiles) of hashes, each as the entries give it\(rest)")
    }
    lines.append(checkpointLine)
    if let size = summary.givenCheckpointSize {
      lines.append("  given       one over \(size) entries, which agrees with the tree")
    }
    if let size = summary.witnessedSize {
      let names = summary.witnesses.map {
        "\($0.name) at \(LedgerTime(microseconds: $0.seconds.clampedMicroseconds))"
      }
      lines.append("  cosigned    one over \(size) entries, by \(names.joined(separator: ", "))")
    }
    if summary.tornCheckpointBytes > 0 {
      lines.append(
        "  torn        \(summary.tornCheckpointBytes) bytes after the last kept checkpoint are none: "
          + "a crash leaves such, and so does a hand that cuts")
    }
    lines.append(
      "state         \(summary.participants) participants, \(summary.accounts) accounts")
    return lines
  }

  private var checkpointLine: String {
    guard let size = summary.checkpointSize else {
      return "checkpoints   none: nothing proves that the log is complete"
    }
    let rest =
      summary.unwitnessedEntries == 0
      ? "no entry lies after it"
      : "\(summary.unwitnessedEntries) entries lie after it, which nothing proves complete"
    return "checkpoints   \(summary.checkpoints), each against the tree; the newest covers \(size) "
      + "entries, and \(rest)"
  }
}

extension AuditedLog.Kind {
  fileprivate var noun: String {
    switch self {
    case .folder: "the folder"
    case .database: "the database"
    case .export: "an export"
    case .server: "what a server publishes"
    }
  }
}

extension UInt64 {
  /// Seconds as microseconds, up to the end of the year 9999: a witness may say anything.
  fileprivate var clampedMicroseconds: UInt64 { Swift.min(self, 253_402_300_799) * 1_000_000 }
}

extension CurrencyAudit {
  fileprivate var lines: [String] {
    var lines = [
      "\(currency): issued \(decimal(issued)), redeemed \(decimal(redeemed)), "
        + "outstanding \(decimal(outstanding)), held \(decimal(held))"
    ]
    for holding in holdings {
      lines.append(
        "  \(holding.participant): \(decimal(holding.settlement + holding.wallets)) "
          + "(settlement \(decimal(holding.settlement)), "
          + "\(holding.walletCount) wallets \(decimal(holding.wallets)))")
    }
    for set in rules {
      let standing =
        set.from.map { "to come at \($0)" } ?? (set.isShadow ? "in shadow" : "in force")
      let shadow = set.isShadow && set.from != nil ? " in shadow" : ""
      let until = set.until.map { " until \($0)" } ?? ""
      lines.append(
        "  rules \(set.version), \(standing)\(shadow)\(until), source \(set.sourceDigest.hex)")
    }
    if rules.isEmpty { lines.append("  no rules are in force") }
    return lines
  }

  /// Minor units with the currency's decimal point.
  func decimal(_ minorUnits: Int128) -> String {
    guard exponent > 0 else { return String(minorUnits) }
    let digits = String(minorUnits.magnitude)
    let zeros = String(repeating: "0", count: max(0, exponent + 1 - digits.count))
    let padded = zeros + digits
    return (minorUnits < 0 ? "-" : "") + padded.dropLast(exponent) + "."
      + padded.suffix(exponent)
  }
}
