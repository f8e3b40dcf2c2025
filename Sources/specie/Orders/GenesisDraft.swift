import Foundation
import LedgerModel
import LedgerWire
import MerkleLog

/// A genesis on its way from officer to officer: a DSSE envelope in JSON.
struct GenesisDraft {
  private struct Document: Codable {
    struct Signature: Codable {
      var keyid: String
      var sig: String
    }

    var payload: String
    var payloadType: String
    var signatures: [Signature]
  }

  static let fileBytesMax = 131_072

  let genesis: Genesis
  let bytes: [UInt8]
  /// Each is valid, and of another officer.
  private(set) var signatures: [StatementSignature] = []

  init(_ genesis: Genesis) {
    self.genesis = genesis
    bytes = genesis.canonicalBytes
  }

  /// Whether the JSON is that of a genesis rather than of a submission.
  static func isGenesis(_ json: [UInt8]) -> Bool {
    (try? JSONDecoder().decode(Document.self, from: Data(json)))?.payloadType == DSSE.genesisType
  }

  /// Reads a draft file, and checks every signature in it.
  init(json: [UInt8], path: String) throws(CommandFault) {
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(json)),
      document.payloadType == DSSE.genesisType,
      let payload = Base64.decode(Array(document.payload.utf8))
    else {
      throw .fileInvalid(
        path: path, problem: "it is no draft of a genesis, as `specie init --draft` writes it")
    }
    do {
      genesis = try Genesis(canonicalBytes: payload)
    } catch {
      throw .fileInvalid(path: path, problem: error.description)
    }
    bytes = payload
    for (index, item) in document.signatures.enumerated() {
      guard let value = Bytes32(hex: item.keyid),
        let signature = Base64.decode(Array(item.sig.utf8)),
        add(StatementSignature(key: PublicKey(value), signature: signature))
      else {
        throw .fileInvalid(
          path: path,
          problem: "signature \(index) is not an officer's valid signature, or his second")
      }
    }
  }

  /// The officers that have yet to sign.
  var missing: [Officer] {
    genesis.officers.filter { officer in !signatures.contains { $0.key == officer.key } }
  }

  /// In the order of the officers, as entry 0 has them.
  var orderedSignatures: [StatementSignature] {
    genesis.officers.compactMap { officer in signatures.first { $0.key == officer.key } }
  }

  mutating func sign(with key: SigningKey) throws(CommandFault) {
    let message = DSSE.preAuthenticationEncoding(type: DSSE.genesisType, payload: bytes)
    let signature = StatementSignature(key: key.publicKey, signature: key.sign(message))
    guard add(signature) else {
      throw .invalidArgument(
        "key `\(key.publicKey)` is no officer's of this genesis, or has signed it already")
    }
  }

  var json: [UInt8] {
    let document = Document(
      payload: Base64.encode(bytes), payloadType: DSSE.genesisType,
      signatures: orderedSignatures.map {
        Document.Signature(keyid: $0.key.description, sig: Base64.encode($0.signature))
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(document) else {
      preconditionFailure("a draft did not encode")
    }
    return [UInt8](data) + [UInt8(ascii: "\n")]
  }

  private mutating func add(_ signature: StatementSignature) -> Bool {
    let message = DSSE.preAuthenticationEncoding(type: DSSE.genesisType, payload: bytes)
    guard genesis.officers.contains(where: { $0.key == signature.key }),
      !signatures.contains(where: { $0.key == signature.key }),
      Ed25519.isValid(signature.signature, on: message, by: signature.key)
    else { return false }
    signatures.append(signature)
    return true
  }
}

extension Genesis {
  /// What the genesis says, in plain words.
  var words: [String] {
    var lines = [
      "new ledger \(origin.shown)",
      "  log key        \(logKey)",
    ]
    lines += currencies.map {
      "  currency       \($0.code), \($0.exponent) decimal digits, issuance account "
        + "\($0.issuanceAccount)"
    }
    lines += officers.map { "  officer        \($0.name.text.shown), key \($0.key)" }
    let orders = [
      ("admit, reinstate", quorums.participants), ("keys", quorums.keys),
      ("issue", quorums.issuance), ("freeze", quorums.freezes), ("rules", quorums.rules),
    ].map { "\($0.0) \($0.1)" }
    lines.append("  quorums        \(orders.joined(separator: ", ")), of \(officers.count)")
    lines += recovery.map { "  recovery       \($0.name.text.shown), key \($0.key)" }
    if quorums.recovery > 0 {
      lines.append("  recovery needs \(quorums.recovery) of \(recovery.count)")
    }
    lines.append(
      "  horizons       participants \(DurationText.text(parameters.participantHorizonMicroseconds)), "
        + "officers \(DurationText.text(parameters.officerHorizonMicroseconds))")
    if let schedule = parameters.commitments {
      let close = schedule.closeSeconds / 60
      let time = [close / 60, close % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
      lines.append(
        "  commitments    at \(time.joined(separator: ":")) in \(schedule.zone.name), and every "
          + DurationText.text(schedule.intervalMicroseconds))
    } else {
      lines.append("  commitments    none")
    }
    lines.append("  nonce          \(nonce.hex)")
    return lines
  }
}

/// Spans of time as the command line takes them.
enum DurationText {
  static func text(_ microseconds: UInt64) -> String {
    let seconds = microseconds / 1_000_000
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] as [(String, UInt64)]
    where seconds >= length && seconds.isMultiple(of: length) {
      return "\(seconds / length)\(unit)"
    }
    return "\(seconds)s"
  }
}
