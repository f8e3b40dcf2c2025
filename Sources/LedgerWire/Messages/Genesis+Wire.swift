public import LedgerModel
import LedgerSchema
import SwiftProtobuf

extension Genesis {
  /// The one encoding, which every officer signs.
  ///
  /// - Source: docs/formats/log-entry.md.
  public var canonicalBytes: [UInt8] {
    var message = Specie_V1_Genesis()
    message.origin = origin
    message.logKey = logKey.message
    message.currencies = currencies.map { currency in
      .with {
        $0.code = currency.code.description
        $0.exponent = UInt32(currency.exponent)
        $0.issuanceAccount = currency.issuanceAccount.value.data
      }
    }
    message.officers = officers.map(\.message)
    message.quorums = .with {
      $0.participants = UInt32(quorums.participants)
      $0.keys = UInt32(quorums.keys)
      $0.issuance = UInt32(quorums.issuance)
      $0.freezes = UInt32(quorums.freezes)
      $0.rules = UInt32(quorums.rules)
      $0.recovery = UInt32(quorums.recovery)
    }
    message.recovery = recovery.map(\.message)
    message.parameters = .with {
      $0.participantHorizon = parameters.participantHorizonMicroseconds
      $0.officerHorizon = parameters.officerHorizonMicroseconds
      $0.liveIdsMax = UInt32(parameters.liveIDsMax)
      if let commitments = parameters.commitments { $0.commitments = commitments.message }
    }
    message.version = version.value
    message.nonce = nonce.data
    return Canonical.encode(message)
  }

  /// Reads a genesis from its canonical bytes, and checks that it is one.
  ///
  /// - Throws: ``WireError/tooLarge(_:count:max:)``, ``WireError/malformed(message:)``,
  ///   ``WireError/nonCanonical(message:)`` or ``WireError/invalidField(_:problem:)``.
  public init(canonicalBytes bytes: [UInt8]) throws(WireError) {
    guard bytes.count <= WireLimits.genesisBytesMax else {
      throw .tooLarge("bytes of a genesis", count: bytes.count, max: WireLimits.genesisBytesMax)
    }
    let message = try Canonical.decode(Specie_V1_Genesis.self, from: bytes, named: "genesis")
    var currencies: [Currency] = []
    for currency in message.currencies {
      guard currency.exponent <= UInt32(Limits.currencyExponentMax) else {
        throw .invalidField(
          "currencies.exponent",
          problem: "it is \(currency.exponent), and at most \(Limits.currencyExponentMax)")
      }
      currencies.append(
        Currency(
          code: try Field.currency(currency.code, "currencies.code"),
          exponent: Int(currency.exponent),
          issuanceAccount: try Field.account(
            currency.issuanceAccount, "currencies.issuance_account")))
    }
    var officers: [Officer] = []
    for officer in message.officers { officers.append(try Officer(officer, "officers")) }
    var recovery: [Officer] = []
    for holder in message.recovery { recovery.append(try Officer(holder, "recovery")) }
    self.init(
      origin: message.origin, logKey: try Field.key(message.logKey, "log_key"),
      currencies: currencies, officers: officers, quorums: Quorums(message.quorums),
      recovery: recovery,
      parameters: Parameters(
        participantHorizonMicroseconds: message.parameters.participantHorizon,
        officerHorizonMicroseconds: message.parameters.officerHorizon,
        liveIDsMax: Int(message.parameters.liveIdsMax),
        commitments: message.parameters.hasCommitments
          ? try CommitmentSchedule(message.parameters.commitments) : nil),
      version: StateMachineVersion(message.version),
      nonce: try Field.bytes32(message.nonce, "nonce"))
    do throws(GenesisError) {
      try validate()
    } catch {
      throw .invalidField("genesis", problem: error.description)
    }
  }
}

extension Officer {
  fileprivate var message: Specie_V1_Officer {
    .with {
      $0.name = name.text
      $0.key = key.message
    }
  }

  fileprivate init(_ message: Specie_V1_Officer, _ field: String) throws(WireError) {
    self.init(
      name: try Field.name(message.name, field), key: try Field.key(message.key, field))
  }
}

extension Quorums {
  fileprivate init(_ message: Specie_V1_Quorums) {
    self.init(
      participants: Int(message.participants), keys: Int(message.keys),
      issuance: Int(message.issuance), freezes: Int(message.freezes), rules: Int(message.rules),
      recovery: Int(message.recovery))
  }
}

extension CommitmentSchedule {
  fileprivate var message: Specie_V1_CommitmentSchedule {
    .with {
      $0.zone = zone.message
      $0.close = UInt32(closeSeconds)
      $0.interval = intervalMicroseconds
      $0.secretDigest = secretDigest.data
    }
  }

  fileprivate init(_ message: Specie_V1_CommitmentSchedule) throws(WireError) {
    self.init(
      zone: try TimeZoneTable(message.zone), closeSeconds: Int(message.close),
      intervalMicroseconds: message.interval,
      secretDigest: try Field.bytes32(message.secretDigest, "commitments.secret_digest"))
  }
}
