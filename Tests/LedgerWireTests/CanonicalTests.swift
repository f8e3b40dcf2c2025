import LedgerModel
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: each value has one encoding, and any other is refused.
@Suite struct CanonicalTests {
  private static let pay: Instruction = {
    var values = RandomValues(seed: 1)
    return Instruction(
      id: InstructionID(milliseconds: 1_772_337_600_000, random: (1, 2)),
      operation: .pay(values.transfer()), purpose: Purpose(unchecked: "SALA"))
  }()

  private static func code(_ bytes: [UInt8]) -> String? {
    do {
      _ = try Instruction(canonicalBytes: bytes)
      return nil
    } catch {
      return error.code
    }
  }

  /// Goal: the source that comes with rules is the one they were compiled from, or is left out.
  @Test func sourceIsBoundByItsDigest() {
    func code(source: [UInt8], digestOf digested: [UInt8]) -> String? {
      var hash = SHA256()
      hash.update(digested)
      let rules = RuleSet.example([("a", Self.payment, [1])])
      let bound = RuleSet(
        format: rules.format, pack: rules.pack, version: rules.version, currency: rules.currency,
        sourceDigest: Bytes32(hash.finalize()), tiers: rules.tiers, zones: rules.zones,
        measures: rules.measures, rules: rules.rules)
      let order = Operation.activateRuleSet(ActivateRuleSet(ruleSet: bound, source: source))
      return Self.code(Instruction(id: Self.pay.id, operation: order).canonicalBytes)
    }
    #expect(code(source: [1, 2, 3], digestOf: [1, 2, 3]) == nil)
    #expect(code(source: [], digestOf: [1, 2, 3]) == nil)
    #expect(code(source: [1, 2, 4], digestOf: [1, 2, 3]) == "invalid_field")
    #expect(code(source: [0], digestOf: []) == "invalid_field")
  }

  private static let payment = Measure(
    quantity: .amount, scope: .wallet, window: .payment, direction: .out,
    operations: [.pay])

  /// Goal: offsets and times of a zone have the bounds of RFC 9636, the same as in the model.
  @Test func zonesAreWithinTheirBounds() {
    func isDecoded(offset: Int, seconds: Int) -> Bool {
      func date(_ month: Int) -> TimeZoneTable.RuleDate {
        TimeZoneTable.RuleDate(month: month, week: 1, weekday: 0, seconds: seconds)
      }
      let zone = TimeZoneTable(
        name: "Z", firstOffset: offset, transitions: [],
        footer: TimeZoneTable.Footer(
          standardOffset: offset,
          daylight: TimeZoneTable.Daylight(offset: 0, start: date(3), end: date(10))))
      let day = Measure(
        quantity: .amount, scope: .wallet, window: .day(zone), direction: .out,
        operations: [.pay])
      let bytes = RuleSet.example([("a", day, [1])]).canonicalBytes
      let isDecoded = (try? RuleSet(canonicalBytes: bytes)) != nil
      #expect(isDecoded == zone.isValid, "\(offset), \(seconds)")
      return isDecoded
    }
    #expect(isDecoded(offset: 93_599, seconds: 604_799))
    #expect(isDecoded(offset: -89_999, seconds: -604_799))
    #expect(!isDecoded(offset: 93_600, seconds: 0))
    #expect(!isDecoded(offset: -90_000, seconds: 0))
    #expect(!isDecoded(offset: 0, seconds: 604_800))
    #expect(!isDecoded(offset: 0, seconds: -604_800))
  }

  @Test func otherEncodings() {
    let bytes = Self.pay.canonicalBytes
    let id = Array(bytes[..<18])
    let purpose = Array(bytes[18..<24])
    let rest = Array(bytes[24...])
    #expect(id[0...1] == [0x0A, 16] && purpose[0...1] == [0x12, 4])
    let cases: [(name: String, bytes: [UInt8], code: String?)] = [
      ("canonical", bytes, nil),
      ("unknown field appended", bytes + [0xF8, 0x07, 1], "non_canonical"),
      ("unknown field before", [0x30, 1] + bytes, "non_canonical"),
      ("default encoded", id + purpose + [0x1A, 0] + rest, "non_canonical"),
      ("fields out of order", purpose + id + rest, "non_canonical"),
      ("operation first", rest + id + purpose, "non_canonical"),
      ("overlong length", [0x0A, 0x90, 0] + id[2...] + purpose + rest, "non_canonical"),
      ("overlong tag", [0x8A, 0] + id[1...] + purpose + rest, "non_canonical"),
      ("field twice", id + bytes, "non_canonical"),
      ("operation twice", bytes + rest, "non_canonical"),
      ("zero byte after", bytes + [0], "malformed"),
      ("garbage after", bytes + [0xFF], "malformed"),
      ("invalid UTF-8", id + [0x12, 2, 0xC3, 0x28] + rest, "malformed"),
      ("wrong wire type", id + [0x10, 4] + rest, "non_canonical"),
      ("empty", [], "invalid_field"),
      ("no operation", id + purpose, "invalid_field"),
      ("short id", [0x0A, 15] + id[3...] + purpose + rest, "invalid_field"),
      ("no UUIDv7", [0x0A, 16] + [UInt8](repeating: 0, count: 16) + rest, "invalid_field"),
      ("lower-case purpose", id + [0x12, 1, 0x61] + rest, "invalid_field"),
      ("too large", [UInt8](repeating: 0, count: 57_345), "too_large"),
    ]
    for (name, bytes, code) in cases {
      // A field of the wrong wire type is unknown to some decoders and an error to others.
      let found = Self.code(bytes)
      #expect(found == code || (name == "wrong wire type" && found == "malformed"), "\(name)")
    }
  }

  /// Goal: filters by name know every order, and no other.
  @Test func everyOrderHasItsName() {
    var values = RandomValues(seed: 1)
    let names = (0..<RandomValues.operationKinds).map { values.operation(kind: $0).name }
    #expect(Set(names) == Set(Operation.names))
    #expect(Operation.names.count == RandomValues.operationKinds)
  }

  @Test func unknownEnumValues() throws {
    var values = RandomValues(seed: 2)
    let key = values.key()
    let instruction = Instruction(
      id: Self.pay.id, operation: .suspendKey(PartyKey(party: .issuer, key: key)))
    var bytes = instruction.canonicalBytes
    let offset = try #require(
      bytes.indices.first { bytes[$0...].starts(with: [0x08, 1, 0x12, 32]) })
    for algorithm in [UInt8(2), 127] {
      bytes[offset + 1] = algorithm
      #expect(Self.code(bytes) == "invalid_field")
    }
    let freeze = Instruction(
      id: Self.pay.id,
      operation: .freeze(
        Freeze(target: .participant(.example(1)), credits: .accepted, legalReference: .example)))
    var frozen = freeze.canonicalBytes
    let credits = try #require(
      frozen.indices.first { frozen[$0...].starts(with: [0x10, 1, 0x8A, 0x01]) })
    frozen[credits + 1] = 3
    #expect(Self.code(frozen) == "invalid_field")
  }

  /// Every prefix is refused, and what a flipped bit still decodes to is its own encoding.
  @Test func prefixesAndFlips() throws {
    let bytes = Self.pay.canonicalBytes
    for count in bytes.indices { #expect(Self.code(Array(bytes[..<count])) != nil, "\(count)") }
    var values = RandomValues(seed: 3)
    let entry = values.entry().canonicalBytes
    let statement = values.statement().canonicalBytes
    for bit in 0..<(8 * bytes.count) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let decoded = try? Instruction(canonicalBytes: flipped) else { continue }
      #expect(decoded.canonicalBytes == flipped && decoded != Self.pay, "bit \(bit)")
    }
    for bit in 0..<(8 * min(entry.count, 400)) {
      var flipped = entry
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let decoded = try? LogEntry(canonicalBytes: flipped) else { continue }
      #expect(decoded.canonicalBytes == flipped, "bit \(bit)")
    }
    for bit in 0..<(8 * statement.count) {
      var flipped = statement
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let decoded = try? Statement(canonicalBytes: flipped) else { continue }
      #expect(decoded.canonicalBytes == flipped, "bit \(bit)")
    }
  }

  @Test func statements() throws {
    var values = RandomValues(seed: 4)
    let bytes = values.statement().canonicalBytes
    for (bytes, code) in [
      (bytes + [0xF8, 0x07, 1], "non_canonical"), (bytes + bytes, "non_canonical"),
      (bytes + [0], "malformed"), ([], "empty"),
      (bytes + [UInt8](repeating: 0, count: 257), "too_large"),
    ] {
      do {
        _ = try Statement(canonicalBytes: bytes)
        Issue.record("\(code) was taken")
      } catch {
        #expect(error.code == code)
      }
    }
  }

  @Test func randomBytesNeverTrap() {
    for seed in UInt64(0)..<2_000 {
      var values = RandomValues(seed: seed)
      let bytes = values.bytes(Int(seed % 90))
      _ = try? Instruction(canonicalBytes: bytes)
      _ = try? Statement(canonicalBytes: bytes)
      _ = try? LogEntry(canonicalBytes: bytes)
      _ = try? SideData(canonicalBytes: bytes)
      _ = try? RuleSet(canonicalBytes: bytes)
      _ = try? Genesis(canonicalBytes: bytes)
      _ = try? Submission(protobuf: bytes)
      _ = try? Submission(json: bytes)
    }
  }
}
