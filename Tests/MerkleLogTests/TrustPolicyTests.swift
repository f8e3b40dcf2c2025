import MerkleLog
import Testing

@Suite struct TrustPolicyTests {
  /// Keys of the given types, each of its own public key.
  static func vkey(_ index: Int, _ algorithm: KeyAlgorithm = .ed25519Cosignature) -> String {
    let pair = Ed25519.keyPair(seed: SHA256.hash([UInt8(index)]).bytes)
    let key = try? VerifierKey(
      name: KeyName("key\(index)"), algorithm: algorithm, publicKey: pair.publicKey)
    return key?.vkey ?? ""
  }

  static let log = vkey(200, .ed25519)
  static let six = (1...6).map { vkey($0) }

  /// The example of C2SP tlog-policy, with keys.
  static let example = """
    # One log, six witnesses of two organisations.
    log \(log) https://ledger.example/log/

    witness X1 \(six[0]) https://x1.example/
    witness X2 \(six[1])
    witness X3 \(six[2])
    group X-witnesses 2 X1 X2 X3
    \t # Indented, with a tab.
    witness\tY1 \t\(six[3])
      witness Y2 \(six[4])\u{20}
    witness Y3 \(six[5])
    group Y-witnesses any Y1 Y2 Y3

    group X-and-Y all X-witnesses Y-witnesses
    quorum X-and-Y

    """

  private func policy(_ text: String) throws -> TrustPolicy { try TrustPolicy(ascii(text)) }

  /// Goal: exactly the sets of cosigners that the words mean are enough.
  ///
  /// Method: all 64 subsets, against the words written in Swift.
  @Test func everySubset() throws {
    let policy = try policy(Self.example)
    #expect(policy.logs.map(\.key.vkey) == [Self.log])
    #expect(policy.logs.map(\.url) == [ascii("https://ledger.example/log/")])
    #expect(policy.witnesses.map(\.key.vkey) == Self.six)
    #expect(policy.witnesses.map(\.url) == [ascii("https://x1.example/"), nil, nil, nil, nil, nil])
    #expect(policy.witnesses.map(\.name.description) == ["X1", "X2", "X3", "Y1", "Y2", "Y3"])
    #expect(policy.groups.map(\.threshold) == [2, 1, 2])
    #expect(policy.quorumName.description == "X-and-Y")
    for subset in 0..<64 {
      let keys = (0..<6).filter { subset >> $0 & 1 == 1 }.map { policy.witnessKeys[$0] }
      let x = (subset & 7).nonzeroBitCount
      let y = (subset >> 3).nonzeroBitCount
      #expect(policy.isMet(by: keys) == (x >= 2 && y >= 1), "\(subset)")
      #expect(policy.isMet(by: keys.reversed() + keys) == policy.isMet(by: keys), "\(subset)")
    }
  }

  /// Goal: a key counts with its name and type, and no other does.
  @Test func othersCountForNothing() throws {
    let policy = try policy("witness W \(Self.six[0])\nquorum W\n")
    let key = policy.witnessKeys[0]
    #expect(policy.isMet(by: [key]))
    #expect(!policy.isMet(by: []))
    for other in [
      try VerifierKey(
        name: KeyName("other"), algorithm: key.algorithm, publicKey: key.publicKey),
      try VerifierKey(name: key.name, algorithm: .ed25519, publicKey: key.publicKey),
      try VerifierKey(vkey: Self.six[1]),
    ] {
      #expect(!policy.isMet(by: [other]))
    }
  }

  /// Goal: the reader agrees with a slow evaluator on any nesting of groups.
  ///
  /// Method: 200 seeds; groups of random members and thresholds, and random sets of cosigners.
  @Test(arguments: UInt64(0)..<200)
  func randomGroups(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var lines = Self.six.enumerated().map { "witness w\($0) \($1)" }
    var free = (0..<6).map { "w\($0)" }
    var rules: [String: (Int, [String])] = [:]
    while free.count > 1 {
      free.shuffle(using: &random)
      let count = Int.random(in: 1...free.count, using: &random)
      let members = Array(free.prefix(count))
      let threshold = Int.random(in: 1...count, using: &random)
      let name = "g\(rules.count)"
      lines.append("group \(name) \(threshold) " + members.joined(separator: " "))
      rules[name] = (threshold, members)
      free = free.dropFirst(count) + [name]
    }
    let policy = try policy((lines + ["quorum \(free[0])", ""]).joined(separator: "\n"))
    func counts(_ name: String, _ signers: Set<String>) -> Bool {
      guard let (threshold, members) = rules[name] else { return signers.contains(name) }
      return members.filter { counts($0, signers) }.count >= threshold
    }
    for subset in 0..<64 {
      let signers = (0..<6).filter { subset >> $0 & 1 == 1 }
      #expect(
        policy.isMet(by: signers.map { policy.witnessKeys[$0] })
          == counts(free[0], Set(signers.map { "w\($0)" })), "\(subset)")
    }
  }

  @Test func noQuorumIsNeeded() throws {
    let policy = try policy("quorum none\n")
    #expect(policy.isMet(by: []))
    #expect(policy.quorumName.description == "none")
    #expect(policy.logs.isEmpty && policy.witnesses.isEmpty && policy.groups.isEmpty)
  }

  /// Goal: names are octets, and 64 of each kind are read.
  @Test func namesAndNumbers() throws {
    let kelvin = try policy("witness K \(Self.six[0])\nwitness \u{212A} \(Self.six[1])\nquorum K\n")
    #expect(kelvin.quorum == .witness(0))
    let octets = ascii("witness ") + [0xff, 0x80] + ascii(" \(Self.six[0])\nquorum ")
    #expect(try TrustPolicy(octets + [0xff, 0x80, 0x0a]).witnesses[0].name.octets == [0xff, 0x80])
    var lines = (0..<64).map { "log \(Self.vkey($0 + 100, .ed25519))" }
    lines += (0..<64).map { "witness w\($0) \(Self.vkey($0))" }
    lines += (0..<64).map { "group g\($0) all w\($0)" }
    let most = try policy(lines.joined(separator: "\n") + "\nquorum g63\n")
    #expect(most.isMet(by: [most.witnessKeys[63]]))
    #expect(!most.isMet(by: Array(most.witnessKeys[..<63])))
  }

  /// A file, and why it is refused.
  struct Refused: CustomTestStringConvertible {
    let file: String
    let line: Int?
    let problem: TrustPolicyProblem

    init(_ file: String, _ line: Int?, _ problem: TrustPolicyProblem) {
      self.file = file
      self.line = line
      self.problem = problem
    }

    var testDescription: String { file.debugDescription }
  }

  static let a = "witness a \(six[0])\n"

  static func name(_ text: String) -> TrustPolicy.Name {
    (try? TrustPolicy(ascii("witness \(text) \(vkey(99))\nquorum none\n")))?.witnesses[0].name
      ?? TrustPolicy.Name.none
  }

  static let refused: [Refused] = [
    Refused("", nil, .noQuorum),
    Refused("# log\n\n", nil, .noQuorum),
    Refused("quorum none", 1, .unendedLine),
    Refused("quorum none\r\n", 1, .forbiddenByte(0x0d)),
    Refused("\n# \u{7f}\n", 2, .forbiddenByte(0x7f)),
    Refused("Quorum none\n", 1, .unknownKeyword("Quorum")),
    Refused("log\n", 1, .wrongItems(.log)),
    Refused("log \(log) a b\n", 1, .wrongItems(.log)),
    Refused("witness \(six[0])\n", 1, .wrongItems(.witness)),
    Refused("witness a \(six[0]) b c\n", 1, .wrongItems(.witness)),
    Refused("group g any\n", 1, .wrongItems(.group)),
    Refused("quorum a b\n", 1, .wrongItems(.quorum)),
    Refused("quorum\n", 1, .wrongItems(.quorum)),
    Refused("quorum a\n" + a, 1, .undefinedName(name("a"))),
    Refused("quorum none\n#\nquorum none\n", 3, .secondQuorum(firstLine: 1)),
    Refused("witness none \(six[0])\n", 1, .reservedName),
    Refused(a + "group none any a\n", 2, .reservedName),
    Refused("group g any none\n", 1, .undefinedName(.none)),
    Refused("group g any g\n", 1, .undefinedName(name("g"))),
    Refused(a + "group g 0 a\n", 2, .badThreshold("0", memberCount: 1)),
    Refused(a + "group g 2 a\n", 2, .badThreshold("2", memberCount: 1)),
    Refused(a + "group g 01 a\n", 2, .badThreshold("01", memberCount: 1)),
    Refused(a + "group g Any a\n", 2, .badThreshold("Any", memberCount: 1)),
    Refused(a + "group g any a a\n", 2, .memberAgain(name("a"), firstLine: 2)),
    Refused(a + "group g any a\ngroup h any a\n", 3, .memberAgain(name("a"), firstLine: 2)),
    Refused(a + "witness a \(six[1])\n", 2, .nameAgain(name("a"), firstLine: 1)),
    Refused(a + "group a any a\n", 2, .nameAgain(name("a"), firstLine: 1)),
    Refused(a + "witness b \(six[0])\n", 2, .keyAgain(keyName("key1"), firstLine: 1)),
    Refused(
      "log \(vkey(1, .ed25519))\n" + a, 2, .keyAgain(keyName("key1"), firstLine: 1)),
    Refused("witness a \(log)\n", 1, .wrongKeyType(found: .ed25519, expected: .ed25519Cosignature)),
    Refused("log \(six[0])\n", 1, .wrongKeyType(found: .ed25519Cosignature, expected: .ed25519)),
    Refused("log ledger.example\n", 1, .badKey(.malformedKey)),
  ]

  static func keyName(_ text: String) -> KeyName {
    guard let name = try? KeyName(text) else { preconditionFailure(text) }
    return name
  }

  @Test(arguments: refused)
  func refuseWithReason(_ refused: Refused) throws {
    let error = try #require(throws: TrustPolicyError.self) { _ = try policy(refused.file) }
    #expect(error.line == refused.line)
    #expect(error.problem == refused.problem)
  }

  @Test func messages() throws {
    let text = "\(Self.a)group g 3 a\n"
    let error = try #require(throws: TrustPolicyError.self) { _ = try policy(text) }
    #expect(
      "\(error)"
        == "line 2: `3` of `1` members cannot be asked for; say `any`, `all` or a number from 1 to "
        + "1"
    )
    let none = try #require(throws: TrustPolicyError.self) { _ = try policy("") }
    #expect(
      "\(none)" == "there is no line `quorum`; where no witness is needed, write `quorum none`")
  }

  @Test func refuseTooMuch() throws {
    let logs = (0..<65).map { "log \(Self.vkey($0, .ed25519))\n" }.joined()
    #expect(throws: TrustPolicyError.self) { _ = try policy(logs) }
    let long = String(repeating: "#\n", count: 40_000)
    do {
      _ = try policy(long)
      Issue.record("it was read")
    } catch {
      #expect(
        "\(error)" == "the policy has `80000` bytes; at most `65536` are accepted")
    }
  }

  /// Goal: nothing ends the process, and a cut file is never read as another policy.
  ///
  /// Method: every prefix, and every byte replaced by each of some.
  @Test func everyPrefixAndByte() throws {
    let whole = ascii(Self.example)
    for count in whole.indices {
      #expect(throws: TrustPolicyError.self, "\(count)") {
        _ = try TrustPolicy(Array(whole[..<count]))
      }
    }
    for place in whole.indices {
      for byte in [0x00, 0x09, 0x0a, 0x20, 0x23, 0x31, 0x41, 0xff] as [UInt8] {
        var bent = whole
        bent[place] = byte
        _ = try? TrustPolicy(bent)
      }
    }
  }
}

@Suite struct TrustedCheckpointTests {
  /// Goal: a checkpoint is believed if its log is listed and signed, and the quorum met.
  @Test func openByPolicy() throws {
    let witness = Ed25519.keyPair(seed: SHA256.hash(ascii("skylight test witness key")).bytes)
    let key = try VerifierKey(vkey: CosignatureTests.witnessVkey)
    let note = try Note(ascii(TesseraLog.noteText))
    let cosigned = try note.adding(
      NoteSignature(
        cosigning: note.text, by: key, timestampSeconds: 1_767_139_200, with: witness.sign))
    let lines =
      "witness a \(CosignatureTests.witnessVkey)\nwitness b \(CosignatureTests.witness2Vkey)\n"
    let any = try TrustPolicy(ascii("log \(TesseraLog.vkey)\n\(lines)group g any a b\nquorum g\n"))
    let all = try TrustPolicy(ascii("log \(TesseraLog.vkey)\n\(lines)group g all a b\nquorum g\n"))
    let none = try TrustPolicy(ascii("log \(TesseraLog.vkey)\nquorum none\n"))
    let other = try TrustPolicy(ascii("log \(TrustPolicyTests.log)\nquorum none\n"))

    #expect(try any.open(cosigned, check: Ed25519.check).cosignatures.map(\.key) == [key])
    #expect(try none.open(note, check: Ed25519.check).checkpoint.size == 15)
    #expect(throws: TrustPolicyRefusal.quorumNotMet(quorum: all.quorumName, cosigners: [key.name]))
    {
      _ = try all.open(cosigned, check: Ed25519.check)
    }
    #expect(throws: TrustPolicyRefusal.quorumNotMet(quorum: any.quorumName, cosigners: [])) {
      _ = try any.open(note, check: Ed25519.check)
    }
    #expect(throws: TrustPolicyRefusal.unknownLog(try Origin(TesseraLog.originText))) {
      _ = try other.open(cosigned, check: Ed25519.check)
    }
    let bent = try Note(
      ascii(String(decoding: cosigned.encoded, as: UTF8.self).replacing("\n15\n", with: "\n16\n")))
    #expect(throws: TrustPolicyRefusal.self) { _ = try any.open(bent, check: Ed25519.check) }
  }

  /// Vector: the witness remora.n621.de publishes this key.
  @Test func realWitness() throws {
    let key = try VerifierKey(
      vkey: "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")
    #expect(key.algorithm == .ed25519Cosignature)
    let policy = try TrustPolicy(
      ascii("witness remora \(key.vkey) https://remora.n621.de/\nquorum remora\n"))
    #expect(policy.witnessKeys == [key])
  }
}
