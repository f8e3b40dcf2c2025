/// Which checkpoints are believed: signed by which logs, and cosigned by which witnesses together.
///
/// ```
/// log <vkey> [<url>]
/// witness <name> <vkey> [<url>]
/// group <name> <k>|any|all <member>...
/// quorum <name>|none
/// ```
///
/// - Source: C2SP tlog-policy.
public struct TrustPolicy: Hashable, Sendable {
  /// A log whose checkpoints are believed.
  public struct Log: Hashable, Sendable {
    /// Its key, of type 01; the key's name is the log's origin.
    public let key: VerifierKey
    /// Where it is, as octets that this module does not read.
    public let url: [UInt8]?
  }

  /// Someone whose cosignatures count.
  public struct Witness: Hashable, Sendable {
    /// What the file calls it.
    public let name: Name
    /// Its key, of type 04.
    public let key: VerifierKey
    /// Its submission prefix, as octets that this module does not read.
    public let url: [UInt8]?
  }

  /// Several of whom some must have cosigned.
  public struct Group: Hashable, Sendable {
    /// What the file calls it.
    public let name: Name
    /// How many of the members must have; 1 at least, and at most all.
    public let threshold: Int
    /// Each defined before the group, and in no other group.
    public let members: [Member]
  }

  /// A witness or a group, by its place in the policy.
  public enum Member: Hashable, Sendable {
    case witness(Int)
    case group(Int)
  }

  /// A name of the file's own: opaque octets, without white space.
  public struct Name: Hashable, Sendable, CustomStringConvertible {
    public let octets: [UInt8]
    public var description: String { String(decoding: octets, as: UTF8.self) }

    init(_ octets: some Sequence<UInt8>) { self.octets = Array(octets) }

    /// What stands for no witness at all.
    public static let none = Name("none".utf8)
  }

  /// In the order of their lines, as are the others.
  public internal(set) var logs: [Log] = []
  public internal(set) var witnesses: [Witness] = []
  public internal(set) var groups: [Group] = []

  /// Whose cosignature suffices; `nil` where none is needed.
  public internal(set) var quorum: Member?

  init() {}

  /// Creates the policy that believes one log, whoever cosigned.
  public init(log key: VerifierKey) { logs = [Log(key: key, url: nil)] }

  /// The keys of all witnesses, in the order of their lines.
  public var witnessKeys: [VerifierKey] { witnesses.map(\.key) }

  /// Whether cosignatures by these keys, each checked, are enough.
  ///
  /// - Parameter keys: Keys that are no witness's count for nothing, and one counts once.
  /// - Returns: Always `true` where the policy needs none.
  /// - Complexity: O(witnesses × keys + members).
  public func isMet(by keys: [VerifierKey]) -> Bool {
    guard let quorum else { return true }
    let hasCosigned = witnesses.map { keys.contains($0.key) }
    var hasWitnessed: [Bool] = []
    func counts(_ member: Member) -> Bool {
      switch member {
      case .witness(let index): hasCosigned[index]
      case .group(let index): hasWitnessed[index]
      }
    }
    // Members come before their group, so one pass suffices.
    for group in groups {
      hasWitnessed.append(group.members.count(where: counts) >= group.threshold)
    }
    return counts(quorum)
  }

  /// What the quorum is called; `none` where none is needed.
  public var quorumName: Name {
    switch quorum {
    case .witness(let index): witnesses[index].name
    case .group(let index): groups[index].name
    case nil: .none
    }
  }

  /// Opens a checkpoint that the policy lets one believe.
  ///
  /// - Parameters:
  ///   - note: The note.
  ///   - check: Says whether an Ed25519 signature holds.
  /// - Returns: The checkpoint, with every cosignature of a witness of the policy.
  /// - Throws: ``TrustPolicyRefusal``.
  public func open(
    _ note: Note, check: SignatureCheck
  ) throws(TrustPolicyRefusal) -> VerifiedCheckpoint {
    let origin: Origin
    do {
      origin = try Checkpoint(text: note.text).origin
    } catch {
      throw .checkpoint(error)
    }
    let named = logs.filter { Origin($0.key.name) == origin }
    // Of several keys of one origin, the one whose signature is there.
    let signed = named.first { log in
      note.signatures.contains { $0.name == log.key.name && $0.keyID == log.key.id }
    }
    guard let log = signed ?? named.first else { throw .unknownLog(origin) }
    let verified: VerifiedCheckpoint
    do {
      verified = try Checkpoint.open(
        note, origin: origin, logKey: log.key, witnessKeys: witnessKeys, check: check)
    } catch {
      throw .checkpoint(error)
    }
    let cosigners = verified.cosignatures.map(\.key)
    guard isMet(by: cosigners) else {
      throw .quorumNotMet(quorum: quorumName, cosigners: cosigners.map(\.name))
    }
    return verified
  }
}

/// Why a policy does not let one believe a checkpoint.
public enum TrustPolicyRefusal: Error, Hashable, Sendable {
  case checkpoint(CheckpointError)
  case unknownLog(Origin)
  case quorumNotMet(quorum: TrustPolicy.Name, cosigners: [KeyName])
}

extension TrustPolicyRefusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .checkpoint(let error):
      "\(error)"
    case .unknownLog(let origin):
      "the policy has no log `\(origin)`; add its `log` line, if it is one to believe"
    case .quorumNotMet(let quorum, let cosigners):
      "the cosignatures do not meet quorum `\(quorum)`; "
        + (cosigners.isEmpty
          ? "no witness of the policy has cosigned"
          : "cosigned by " + cosigners.map { "`\($0)`" }.joined(separator: ", "))
    }
  }
}
