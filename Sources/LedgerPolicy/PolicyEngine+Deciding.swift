internal import LedgerModel

extension PolicyEngine {
  /// Says whether the rules permit a payment now.
  ///
  /// - Complexity: O(rules that have a cap for the operation and tiers).
  public func decide(_ request: PolicyRequest) -> Decision {
    var copy = self
    return copy.look(at: request)
  }

  /// Decides, and counts what is permitted: for the last check of a payment, after which nothing
  /// refuses it.
  ///
  /// - Complexity: As ``decide(_:)`` and ``commit(_:)``.
  public mutating func decideAndCommit(_ request: PolicyRequest) -> Decision {
    guard !packs.isEmpty else { return .permit }
    let decision = look(at: request)
    if decision.isPermit { commit(request, after: decision) }
    return decision
  }

  /// Counts a payment that ``decide(_:)`` permitted and the ledger accepted.
  ///
  /// - Complexity: O(measures that count the operation), amortised.
  public mutating func commit(_ request: PolicyRequest) {
    guard !packs.isEmpty else { return }
    commit(request, after: look(at: request))
  }

  /// Whether what a payer's wallet, whose leg it is, lacks may be drawn from its linked account.
  public func drawsShortfall(for leg: PolicyLeg) -> Bool {
    packs.contains { pack in
      guard !pack.isShadow, let place = pack.place(of: leg), place > 0 else { return false }
      return pack.drawsShortfall(atPlace: place, at: now)
    }
  }

  private mutating func look(at request: PolicyRequest) -> Decision {
    let sight = Sight(time: now)
    for index in packs.indices where !packs[index].clears(request, facts, sight) {
      return lookAtLength(request)
    }
    return .permit
  }

  /// Decides where some rule has something to say.
  private mutating func lookAtLength(_ request: PolicyRequest) -> Decision {
    for side in Side.allCases {
      guard let leg = request.leg(side) else { continue }
      for index in packs.indices
      where !packs[index].isShadow && packs[index].place(of: leg) == nil {
        return .denyUnknownTier(leg.account)
      }
    }
    var sight = Sight(time: now)
    var sweep: UInt64 = 0
    for index in packs.indices where !packs[index].isShadow {
      sweep = max(sweep, packs[index].sweep(request, facts, sight))
    }
    sight.sweep = sweep
    var answer = Answer()
    for index in packs.indices where !packs[index].isShadow {
      answer.take(packs[index].answer(request, facts, sight))
    }
    if let breach = answer.breach { return .deny(breach) }
    var remarks: [Remark] = []
    for index in packs.indices where !packs[index].isShadow {
      remarks += packs[index].flags(request, facts, sight)
    }
    for index in packs.indices where packs[index].isShadow {
      remarks += shadowRemark(index, request)
    }
    if remarks.isEmpty, sight.sweep == 0 { return .permit }
    return .permitWith(Conditions(remarks: remarks, sweep: sight.sweep))
  }

  /// What a set in shadow would have refused.
  private mutating func shadowRemark(_ index: Int, _ request: PolicyRequest) -> [Remark] {
    let pack = packs[index].ruleSet.pack
    guard let answer = shadowAnswer(index, request) else {
      return [Remark(kind: .shadowTierUnknown, pack: pack, rule: nil)]
    }
    guard let breach = answer.breach else { return [] }
    return [Remark(kind: .shadowRefused, pack: pack, rule: breach.rule)]
  }

  /// What a set in shadow would have answered; `nil` where it knows no such tier.
  private mutating func shadowAnswer(_ index: Int, _ request: PolicyRequest) -> Answer? {
    for side in Side.allCases {
      guard let leg = request.leg(side) else { continue }
      if packs[index].place(of: leg) == nil { return nil }
    }
    var sight = Sight(time: now)
    sight.sweep = packs[index].sweep(request, facts, sight)
    return packs[index].answer(request, facts, sight)
  }

  private mutating func counts(_ index: Int, _ request: PolicyRequest) -> Bool {
    guard packs[index].isShadow else { return true }
    guard let answer = shadowAnswer(index, request) else { return false }
    return answer.breach == nil
  }

  private mutating func commit(_ request: PolicyRequest, after decision: Decision) {
    var sweep: UInt64 = 0
    if case .permitWith(let conditions) = decision { sweep = conditions.sweep }
    let sight = Sight(time: now)
    var events: [Int] = []
    for index in packs.indices {
      if counts(index, request) {
        packs[index].count(request, facts, sight)
        for event in packs[index].layout.events where event.isMadeBy(request, facts, sight) {
          if !events.contains(event.column) { events.append(event.column) }
        }
      }
      packs[index].move(request, sweep: sweep, facts)
    }
    happen(request, events)
  }

  /// Takes on what a payment is beyond its amount: a first one, or an event, by its column.
  private mutating func happen(_ request: PolicyRequest, _ events: [Int]) {
    guard let payer = request.payer, payer.tier != nil else { return }
    if facts.knowsFirstPayments, let payee = request.payee, payee.tier != nil {
      facts.meet(payer.slot, payee.slot, at: now)
    }
    for column in events { facts.record(event: column, of: payer.slot, at: now) }
  }

  /// Reads a wallet's counters, so that they are in the cache when the wallet's turn comes.
  ///
  /// Mutating, though it changes nothing, because it is then called in place.
  ///
  /// - Returns: A number that depends on what was read, and means nothing.
  package mutating func trace(of slot: Int) -> UInt64 {
    guard !packs.isEmpty else { return 0 }
    return packs[0].trace(of: slot)
  }
}

/// The strongest refusals of the rules of one set, or of all.
struct Answer {
  private(set) var denial: Finding?
  private(set) var approval: Finding?

  /// What refuses the payment: a denial before a missing approval.
  var breach: LimitBreach? { (denial ?? approval)?.breach }

  /// Takes on what a later set says, which counts only where it leaves less.
  mutating func take(_ other: Answer) {
    if let found = other.denial, denial.map({ found.headroom < $0.headroom }) ?? true {
      denial = found
    }
    if let found = other.approval, approval.map({ found.headroom < $0.headroom }) ?? true {
      approval = found
    }
  }

  /// Takes on what a rule of the same set says, in whichever order.
  ///
  /// - Parameters:
  ///   - finding: It counts where it leaves less, or as little and stands earlier.
  ///   - action: Of its rule.
  ///   - format: Of its set; format 1 knows no headroom, and its answer is the first.
  mutating func take(_ finding: Finding, _ action: Rule.Action, format: Int) {
    switch action {
    case .flag: return
    case .deny, .waterfall, .hold: Self.take(finding, in: &denial, format)
    case .require:
      // More signatures are no help to a full memory.
      if case .memoryFull = finding.breach.reason {
        Self.take(finding, in: &denial, format)
      } else {
        Self.take(finding, in: &approval, format)
      }
    }
  }

  private static func take(_ finding: Finding, in place: inout Finding?, _ format: Int) {
    guard let known = place else {
      place = finding
      return
    }
    let isEarlier =
      (finding.rule, finding.side.rawValue) < (known.rule, known.side.rawValue)
    let leavesLess = format > 1 && finding.headroom < known.headroom
    let leavesAsLittle = format == 1 || finding.headroom == known.headroom
    if leavesLess || (leavesAsLittle && isEarlier) { place = finding }
  }
}

extension PackInForce {
  mutating func trace(of slot: Int) -> UInt64 {
    let index = slot * layout.columnCount
    return index < rows.count ? UInt64(truncatingIfNeeded: rows[index].key) : 0
  }

  /// What the waterfalls of the set send on from the payee's wallet.
  mutating func sweep(_ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ sight: Sight)
    -> UInt64
  {
    guard layout.hasWaterfall, let payee = request.payee, payee.isLinked else { return 0 }
    var largest: Int128 = 0
    for finding in findings(request, facts, sight)
    where isWaterfall(finding) && goesOn(finding, request) {
      largest = max(largest, finding.excess)
    }
    return UInt64(min(largest, Int128(max(0, payee.balanceAfter.minorUnits))))
  }

  /// What may refuse a payment, or flag it: a waterfall where nothing goes on, the others after
  /// what goes on has gone on.
  private mutating func refusals(
    _ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> [Finding] {
    let before = findings(request, facts, Sight(time: sight.time)).filter {
      isWaterfall($0) && !goesOn($0, request)
    }
    let after = findings(request, facts, sight).filter { !isWaterfall($0) }
    return (before + after).sorted { ($0.rule, $0.side.rawValue) < ($1.rule, $1.side.rawValue) }
  }

  func isWaterfall(_ finding: Finding) -> Bool {
    if case .waterfall = ruleSet.rules[finding.rule].action { true } else { false }
  }

  /// Whether what is above the cap can go on to the payee's linked account.
  func goesOn(_ finding: Finding, _ request: PolicyRequest) -> Bool {
    finding.side == .payee && finding.breach.reason == .exceeded
      && request.payee?.isLinked ?? false
  }

  /// What refuses a payment, after what goes on has gone on.
  mutating func answer(
    _ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> Answer {
    var answer = Answer()
    if layout.hasWaterfall {
      for finding in refusals(request, facts, sight) {
        answer.take(finding, ruleSet.rules[finding.rule].action, format: ruleSet.format)
      }
      return answer
    }
    for side in Side.allCases {
      forEachFinding(side, request, facts, sight) { finding in
        answer.take(finding, ruleSet.rules[finding.rule].action, format: ruleSet.format)
      }
    }
    return answer
  }

  /// What the set remarks on a payment that is made.
  mutating func flags(_ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ sight: Sight)
    -> [Remark]
  {
    guard layout.hasFlags else { return [] }
    var remarks: [Remark] = []
    for finding in findings(request, facts, sight) {
      let rule = ruleSet.rules[finding.rule]
      guard rule.action == .flag, remarks.last?.rule != rule.id else { continue }
      remarks.append(Remark(kind: .flagged, pack: ruleSet.pack, rule: rule.id))
    }
    return remarks
  }

  /// Whether a waterfall in force draws for wallets of a place of tiers.
  func drawsShortfall(atPlace place: Int, at time: LedgerTime) -> Bool {
    guard layout.hasWaterfall else { return false }
    return ruleSet.rules.contains { rule in
      guard case .waterfall(let waterfall) = rule.action, waterfall.drawsShortfall,
        rule.isInForce(at: time)
      else { return false }
      return rule.caps.cap(atPlace: place) != nil
    }
  }
}
