import LedgerModel
import LedgerSchema
import SwiftProtobuf

extension Rule {
  func message(_ names: RuleNames) -> Specie_V1_Rule {
    .with {
      $0.id = id.text
      $0.measure = UInt32(clamping: measure)
      switch caps {
      case .every(let cap):
        $0.every = true
        $0.maxima = [cap.maximum(tier: 0, names)]
      case .byTier(let caps):
        $0.maxima = caps.enumerated().compactMap { tier, cap in cap?.maximum(tier: tier, names) }
      }
      switch comparison {
      case .atMost: break
      case .under: $0.comparison = .under
      case .atLeast: $0.comparison = .atLeast
      }
      $0.previousOnly = countsPreviousOnly
      $0.from = from?.microseconds ?? 0
      $0.until = until?.microseconds ?? 0
      $0.line = UInt32(clamping: line)
      switch action {
      case .deny: $0.action = .deny
      case .flag: $0.action = .flag
      case .require(let approval):
        $0.action = .require
        $0.approval = .with {
          $0.count = UInt32(clamping: approval.count)
          $0.group = UInt32(clamping: approval.group)
        }
      case .waterfall(let waterfall):
        $0.action = .waterfall
        $0.drawsShortfall = waterfall.drawsShortfall
      case .hold(let holding):
        $0.action = .hold
        $0.holding = .with {
          $0.length = holding.microseconds
          $0.end = Specie_V1_HoldingEnd(rawValue: holding.end.rawValue) ?? .unspecified
          $0.sticky = holding.isSticky
        }
      }
    }
  }

  init(_ message: Specie_V1_Rule, _ names: RuleNames) throws(WireError) {
    self.init(
      id: try Field.name(message.id, "rules.id"), measure: Int(message.measure),
      comparison: try Comparison(message.comparison), countsPreviousOnly: message.previousOnly,
      caps: try Caps(message, names), action: try Action(message),
      from: LedgerTime(bound: message.from), until: LedgerTime(bound: message.until),
      line: Int(message.line))
  }
}

extension Rule.Comparison {
  init(_ message: Specie_V1_Comparison) throws(WireError) {
    switch message {
    case .unspecified: self = .atMost
    case .under: self = .under
    case .atLeast: self = .atLeast
    case .UNRECOGNIZED:
      throw .invalidField("comparison", problem: "`\(message)` is not known")
    }
  }
}

extension Rule.Action {
  fileprivate init(_ message: Specie_V1_Rule) throws(WireError) {
    switch message.action {
    case .deny: self = .deny
    case .flag: self = .flag
    case .require:
      self = .require(
        Approval(count: Int(message.approval.count), group: Int(message.approval.group)))
    case .waterfall: self = .waterfall(Waterfall(drawsShortfall: message.drawsShortfall))
    case .hold:
      guard let end = Holding.End(rawValue: message.holding.end.rawValue) else {
        throw .invalidField("rules.holding", problem: "`\(message.holding.end)` is not known")
      }
      self = .hold(
        Holding(
          microseconds: message.holding.length, end: end, isSticky: message.holding.sticky))
    case .unspecified, .UNRECOGNIZED:
      throw .invalidField("rules.action", problem: "`\(message.action)` is not known")
    }
  }
}

extension Rule.Caps {
  fileprivate init(_ message: Specie_V1_Rule, _ names: RuleNames) throws(WireError) {
    if message.every {
      guard let only = message.maxima.first, message.maxima.count == 1 else {
        throw .invalidField("rules.maxima", problem: "there is one for every account")
      }
      self = .every(try Cap(only, names))
      return
    }
    var caps = [Cap?](repeating: nil, count: names.tiers.count)
    for maximum in message.maxima {
      guard caps.indices.contains(Int(maximum.tier)) else {
        throw .invalidField("rules.maxima", problem: "there is no tier \(maximum.tier)")
      }
      caps[Int(maximum.tier)] = try Cap(maximum, names)
    }
    self = .byTier(caps)
  }
}

extension Cap {
  fileprivate func maximum(tier: Int, _ names: RuleNames) -> Specie_V1_TierMaximum {
    .with {
      $0.tier = UInt32(tier)
      if case .constant(let value) = self {
        $0.maximum = value
      } else {
        $0.cap = message(names)
      }
    }
  }

  private func message(_ names: RuleNames) -> Specie_V1_Cap {
    .with {
      switch self {
      case .constant(let value):
        $0.kind = .constant
        $0.constant = value
      case .attribute(let name):
        $0.kind = .attribute
        $0.attribute = names.attributeIndex(name)
      case .balance: $0.kind = .balance
      case .share(let basisPoints, let base):
        $0.kind = .share
        $0.basisPoints = UInt32(clamping: basisPoints)
        $0.of = [base.message(names)]
      case .least(let caps):
        $0.kind = .least
        $0.of = caps.map { $0.message(names) }
      case .greatest(let caps):
        $0.kind = .greatest
        $0.of = caps.map { $0.message(names) }
      }
    }
  }

  fileprivate init(_ message: Specie_V1_TierMaximum, _ names: RuleNames) throws(WireError) {
    self =
      message.hasCap
      ? try Cap(message.cap, names, depth: Limits.capDepthMax) : .constant(message.maximum)
  }

  /// Reads a cap of so many levels at most; protobuf itself bounds how deep messages nest.
  private init(_ message: Specie_V1_Cap, _ names: RuleNames, depth: Int) throws(WireError) {
    guard depth > 0 else {
      throw .invalidField(
        "rules.maxima.cap", problem: "it is nested deeper than \(Limits.capDepthMax) levels")
    }
    var terms: [Cap] = []
    for term in message.of { terms.append(try Cap(term, names, depth: depth - 1)) }
    switch message.kind {
    case .constant: self = .constant(message.constant)
    case .attribute: self = .attribute(try names.attribute(message.attribute, "rules.maxima.cap"))
    case .balance: self = .balance
    case .share:
      guard terms.count == 1 else {
        throw .invalidField("rules.maxima.cap", problem: "a share is of one cap")
      }
      self = .share(basisPoints: Int(message.basisPoints), of: terms[0])
    case .least: self = .least(terms)
    case .greatest: self = .greatest(terms)
    case .unspecified, .UNRECOGNIZED:
      throw .invalidField("rules.maxima.cap", problem: "`\(message.kind)` is not known")
    }
  }
}
