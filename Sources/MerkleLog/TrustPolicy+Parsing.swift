extension TrustPolicy {
  /// Parses a policy file.
  ///
  /// - Throws: The first ``TrustPolicyError``: of the whole file, then from line to line.
  public init(_ bytes: [UInt8]) throws(TrustPolicyError) {
    guard bytes.count <= LogLimits.trustPolicyByteCountMax else {
      throw TrustPolicyError(line: nil, .tooLong(byteCount: bytes.count))
    }
    var parser = TrustPolicyParser()
    var rest = bytes[...]
    while !rest.isEmpty {
      parser.line += 1
      guard let line = rest.takeLine() else { throw parser.error(.unendedLine) }
      do throws(TrustPolicyProblem) {
        try parser.read(line)
      } catch {
        throw parser.error(error)
      }
    }
    guard parser.quorumLine != nil else { throw TrustPolicyError(line: nil, .noQuorum) }
    self = parser.policy
  }
}

/// A policy as far as it has been read.
private struct TrustPolicyParser {
  var policy = TrustPolicy()
  /// Counted from 1.
  var line = 0
  var quorumLine: Int?
  /// By name, what it is and where it was defined.
  private var definitions: [TrustPolicy.Name: (member: TrustPolicy.Member, line: Int)] = [:]
  /// By name, the line of the group of which it is a member.
  private var memberships: [TrustPolicy.Name: Int] = [:]
  /// By public key, the line that has it.
  private var keyLines: [[UInt8]: Int] = [:]

  func error(_ problem: TrustPolicyProblem) -> TrustPolicyError {
    TrustPolicyError(line: line, problem)
  }

  mutating func read(_ text: ArraySlice<UInt8>) throws(TrustPolicyProblem) {
    if let byte = text.first(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7f }) {
      throw .forbiddenByte(byte)
    }
    let items = text.split { $0 == 0x20 || $0 == 0x09 }
    guard let keyword = items.first, keyword.first != UInt8(ascii: "#") else { return }
    let rest = items.dropFirst()
    switch String(decoding: keyword, as: UTF8.self) {
    case "log": try readLog(rest)
    case "witness": try readWitness(rest)
    case "group": try readGroup(rest)
    case "quorum": try readQuorum(rest)
    case let other: throw .unknownKeyword(other)
    }
  }

  private mutating func readLog(
    _ items: ArraySlice<ArraySlice<UInt8>>
  ) throws(TrustPolicyProblem) {
    guard let vkey = items.first, items.count <= 2 else { throw .wrongItems(.log) }
    try checkCount(policy.logs.count, .log)
    let key = try key(vkey, .ed25519)
    policy.logs.append(TrustPolicy.Log(key: key, url: items.dropFirst().first.map(Array.init)))
  }

  private mutating func readWitness(
    _ items: ArraySlice<ArraySlice<UInt8>>
  ) throws(TrustPolicyProblem) {
    guard let name = items.first, let vkey = items.dropFirst().first, items.count <= 3 else {
      throw .wrongItems(.witness)
    }
    try checkCount(policy.witnesses.count, .witness)
    let defined = try define(name, .witness(policy.witnesses.count))
    let key = try key(vkey, .ed25519Cosignature)
    policy.witnesses.append(
      TrustPolicy.Witness(
        name: defined, key: key, url: items.dropFirst(2).first.map(Array.init)))
  }

  private mutating func readGroup(
    _ items: ArraySlice<ArraySlice<UInt8>>
  ) throws(TrustPolicyProblem) {
    guard let name = items.first, let count = items.dropFirst().first, items.count >= 3 else {
      throw .wrongItems(.group)
    }
    try checkCount(policy.groups.count, .group)
    let names = items.dropFirst(2)
    let threshold: Int
    switch String(decoding: count, as: UTF8.self) {
    case "any": threshold = 1
    case "all": threshold = names.count
    case let text:
      guard let number = Decimal.decode(count), 1 <= number, number <= UInt64(names.count) else {
        throw .badThreshold(text, memberCount: names.count)
      }
      threshold = Int(number)
    }
    var members: [TrustPolicy.Member] = []
    for octets in names {
      let member = TrustPolicy.Name(octets)
      members.append(try find(member))
      if let line = memberships[member] { throw .memberAgain(member, firstLine: line) }
      memberships[member] = line
    }
    let defined = try define(name, .group(policy.groups.count))
    policy.groups.append(
      TrustPolicy.Group(name: defined, threshold: threshold, members: members))
  }

  private mutating func readQuorum(
    _ items: ArraySlice<ArraySlice<UInt8>>
  ) throws(TrustPolicyProblem) {
    guard let octets = items.first, items.count == 1 else { throw .wrongItems(.quorum) }
    if let quorumLine { throw .secondQuorum(firstLine: quorumLine) }
    let name = TrustPolicy.Name(octets)
    policy.quorum = name == .none ? nil : try find(name)
    quorumLine = line
  }

  private func find(
    _ name: TrustPolicy.Name
  ) throws(TrustPolicyProblem) -> TrustPolicy.Member {
    guard let definition = definitions[name] else { throw .undefinedName(name) }
    return definition.member
  }

  private mutating func define(
    _ octets: ArraySlice<UInt8>, _ member: TrustPolicy.Member
  ) throws(TrustPolicyProblem) -> TrustPolicy.Name {
    let name = TrustPolicy.Name(octets)
    guard name != .none else { throw .reservedName }
    if let first = definitions[name] { throw .nameAgain(name, firstLine: first.line) }
    definitions[name] = (member, line)
    return name
  }

  private mutating func key(
    _ text: ArraySlice<UInt8>, _ algorithm: KeyAlgorithm
  ) throws(TrustPolicyProblem) -> VerifierKey {
    let key: VerifierKey
    do throws(KeyError) {
      guard let vkey = String(validating: text, as: UTF8.self) else { throw .malformedKey }
      key = try VerifierKey(vkey: vkey)
    } catch {
      throw .badKey(error)
    }
    guard key.algorithm == algorithm else {
      throw .wrongKeyType(found: key.algorithm, expected: algorithm)
    }
    if let line = keyLines[key.publicKey] { throw .keyAgain(key.name, firstLine: line) }
    keyLines[key.publicKey] = line
    return key
  }

  private func checkCount(
    _ count: Int, _ kind: TrustPolicyProblem.LineKind
  ) throws(TrustPolicyProblem) {
    guard count < LogLimits.trustPolicyDefinitionCountMax else { throw .tooMany(kind) }
  }
}

/// Why a file is no trust policy, and in which line.
public struct TrustPolicyError: Error, Hashable, Sendable {
  /// Counted from 1; `nil` where it is the whole file.
  public let line: Int?
  public let problem: TrustPolicyProblem

  init(line: Int?, _ problem: TrustPolicyProblem) {
    self.line = line
    self.problem = problem
  }
}

extension TrustPolicyError: CustomStringConvertible {
  public var description: String { (line.map { "line \($0): " } ?? "") + "\(problem)" }
}

/// What is wrong with a trust policy.
public enum TrustPolicyProblem: Error, Hashable, Sendable {
  /// What a line begins with.
  public enum LineKind: String, Hashable, Sendable {
    case log
    case witness
    case group
    case quorum
  }

  case tooLong(byteCount: Int)
  case unendedLine
  case forbiddenByte(UInt8)
  case unknownKeyword(String)
  case wrongItems(LineKind)
  case tooMany(LineKind)
  case badThreshold(String, memberCount: Int)
  case undefinedName(TrustPolicy.Name)
  /// Of a group, in this or an earlier line.
  case memberAgain(TrustPolicy.Name, firstLine: Int)
  case reservedName
  case nameAgain(TrustPolicy.Name, firstLine: Int)
  case badKey(KeyError)
  case wrongKeyType(found: KeyAlgorithm, expected: KeyAlgorithm)
  case keyAgain(KeyName, firstLine: Int)
  case secondQuorum(firstLine: Int)
  case noQuorum
}

extension TrustPolicyProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooLong(let byteCount):
      "the policy has `\(byteCount)` bytes; at most `\(LogLimits.trustPolicyByteCountMax)` are "
        + "accepted"
    case .unendedLine:
      "the line is not ended by a line feed; is the file whole?"
    case .forbiddenByte(let byte):
      "byte `\(Hex.encode([byte]))` (hexadecimal) is not allowed; of control characters, only tab "
        + "and line feed are"
    case .unknownKeyword(let word):
      "`\(word)` begins no line; `log`, `witness`, `group`, `quorum` and `#` do"
    case .wrongItems(let kind):
      "the line is not of the form `\(kind.form)`"
    case .tooMany(let kind):
      "there are more than `\(LogLimits.trustPolicyDefinitionCountMax)` lines `\(kind.rawValue)`"
    case .badThreshold(let text, let memberCount):
      "`\(text)` of `\(memberCount)` members cannot be asked for; say `any`, `all` or a number "
        + "from 1 to \(memberCount)"
    case .undefinedName(let name):
      "no line before this defines `\(name)`"
    case .memberAgain(let name, let firstLine):
      "`\(name)` is a member of a group already, in line \(firstLine); it can be of one alone, once"
    case .reservedName:
      "`none` stands for no witness, and names nothing else"
    case .nameAgain(let name, let firstLine):
      "`\(name)` is defined already, in line \(firstLine)"
    case .badKey(let error):
      "\(error)"
    case .wrongKeyType(let found, let expected):
      "the key is of type \(found.rawValue), and must be of type \(expected.rawValue) in this line"
    case .keyAgain(let name, let firstLine):
      "the public key of `\(name)` stands in line \(firstLine) already; each signer has its own"
    case .secondQuorum(let firstLine):
      "the quorum is given already, in line \(firstLine)"
    case .noQuorum:
      "there is no line `quorum`; where no witness is needed, write `quorum none`"
    }
  }
}

extension TrustPolicyProblem.LineKind {
  fileprivate var form: String {
    switch self {
    case .log: "log <vkey> [<url>]"
    case .witness: "witness <name> <vkey> [<url>]"
    case .group: "group <name> <k>|any|all <member>..."
    case .quorum: "quorum <name>|none"
    }
  }
}
