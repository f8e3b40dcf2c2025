import ArgumentParser
import LedgerModel
import PolicyFiles

/// A policy file on its way into the ledger.
struct PolicyActivationOptions: ParsableArguments {
  @OptionGroup var policy: PolicyFileOptions
  @OptionGroup var order: OrderOptions

  /// Drafts or sends the order to put the file's rules in force, or in shadow.
  ///
  /// - Throws: ``CommandFault`` where the file's mode does not allow it, its examples fail, or
  ///   `from` is past.
  func activate(from: LedgerTime? = nil, inShadow: Bool = false) async throws {
    if let from, from <= WallClock.now {
      let command = inShadow ? "leave --from out" : "use `specie policy activate`"
      throw CommandFault.invalidArgument(
        "--from \(from) is past; for rules that begin at once, \(command)")
    }
    let bytes = try policy.bytes()
    try await order.order(as: .issuer) { facts in
      let compiled = try policy.compile(among: try await facts.scales().scales)
      try Self.checkMode(of: compiled, in: policy.file, inShadow: inShadow)
      let report = PolicyTests.run(compiled)
      guard report.isPassed else {
        StandardError.write(report.description)
        throw CommandFault.fileInvalid(
          path: policy.file, problem: "its own examples fail; nothing was sent")
      }
      if !report.gaps.isEmpty {
        StandardError.write(
          "warning: \(DecimalAmount.count(report.gaps.count, "edge")) of the file's rules "
            + "\(report.gaps.count == 1 ? "has" : "have") no example (W10); "
            + "`specie policy test \(LedgerOptions.quoted(policy.file))` names them")
      }
      Self.warn(ofEnded: compiled.ruleSet.rules, at: from ?? WallClock.now)
      return .activateRuleSet(
        ActivateRuleSet(
          ruleSet: compiled.ruleSet, source: bytes, from: from, inShadow: inShadow))
    }
  }

  /// Says where rules that are put in force have an end that is past, and so decide nothing.
  private static func warn(ofEnded rules: [Rule], at begin: LedgerTime) {
    let ended = rules.count { rule in rule.until.map { $0 <= begin } ?? false }
    guard ended > 0 else { return }
    let which = ended == rules.count ? "none of the \(rules.count) rules" : "not all rules"
    StandardError.write(
      "warning: \(which) of the file will decide anything: \(ended) of them ended before \(begin), "
        + "by the file's `effective`")
  }

  private static func checkMode(
    of compiled: CompiledPolicy, in file: String, inShadow: Bool
  ) throws(CommandFault) {
    let wanted: [CompiledPolicy.Mode] = inShadow ? [.shadow, .enforce] : [.enforce]
    guard wanted.contains(compiled.mode) else {
      let modes = wanted.map { "`mode: \($0.rawValue)`" }.joined(separator: " or ")
      throw .fileInvalid(
        path: file,
        problem: "its mode is `\(compiled.mode.rawValue)`; for rules to be "
          + "\(inShadow ? "in shadow" : "in force"), write \(modes)")
    }
  }
}

struct PolicyActivateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activate", abstract: "Put the rules of a policy file in force.",
    discussion: """
      What officers sign is the compiled rule set; the file goes along as evidence. Needs the quorum \
      of officers for rules. The file's examples must pass, and its mode must be `enforce`. It \
      replaces the version of its pack that is in force; other packs stay.

        specie policy activate policy/cn-ecny.yaml --accept-unverified \\
            --key alice.key --key bob.key --trust trust
      """)

  @OptionGroup var activation: PolicyActivationOptions

  func run() async throws { try await activation.activate() }
}

struct PolicyScheduleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "Put the rules of a policy file in force at an instant.",
    discussion: """
      As `specie policy activate`, at the first payment at or after an instant of ledger time. \
      `specie policy rollback` takes it back before or after.

        specie policy schedule policy/cn-ecny.yaml --from 2027-01-01T00:00:00+08:00 \\
            --accept-unverified --key alice.key --key bob.key --trust trust
      """)

  @OptionGroup var activation: PolicyActivationOptions
  @Option(
    help: ArgumentHelp("When, as RFC 3339 with an offset, later than now.", valueName: "instant"),
    transform: { try TextArgument.instant($0) })
  var from: LedgerTime

  func run() async throws { try await activation.activate(from: from) }
}

struct PolicyShadowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shadow", abstract: "Put the rules of a policy file beside those in force.",
    discussion: """
      In shadow, rules refuse nothing: of each payment that is made, the log says which of them \
      would have refused it. Needs the quorum of officers for rules.

        specie policy shadow policy/cn-ecny.yaml --accept-unverified \\
            --key alice.key --key bob.key --trust trust
      """)

  @OptionGroup var activation: PolicyActivationOptions
  @Option(
    help: ArgumentHelp(
      "When, as RFC 3339 with an offset, later than now (default: at once).", valueName: "instant"),
    transform: { try TextArgument.instant($0) })
  var from: LedgerTime?

  func run() async throws { try await activation.activate(from: from, inShadow: true) }
}

struct PolicyRollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Take a version of a pack back.",
    discussion: """
      Where the version is in force, what it had replaced comes back, with what was used of the \
      limits that measure the same; where it had replaced nothing, its limits end. Where it is in \
      shadow or to come, it goes. Of a version that stands in several of these ways, the one in \
      force is taken back, or else the one in shadow, or else the first to come. Needs the quorum \
      of officers for rules.

        specie policy rollback cn.ecny.personal 3 CNY --key alice.key --key bob.key --trust trust
      """)

  @Argument(help: "The pack.", transform: { try PackName($0) }) var pack: PackName
  @Argument(help: "Its version.") var version: Int
  @Argument(help: "The currency.", transform: { try TextArgument.currency($0) })
  var currency: CurrencyCode
  @OptionGroup var order: OrderOptions

  func validate() throws {
    guard 1...PolicyFileLimits.versionMax ~= version else {
      throw ValidationError("a version is 1 to \(PolicyFileLimits.versionMax)")
    }
  }

  func run() async throws {
    try await order.order(as: .issuer) { _ in
      .withdrawRuleSet(
        WithdrawRuleSet(
          currency: currency, version: PackVersion(pack: pack, version: version)))
    }
  }
}
