import LedgerModel
import LedgerTesting
import Testing

@Suite struct NameTests {
  /// Goal: each alphabet admits its bytes and no other.
  ///
  /// Method: All 128 ASCII characters, one by one, against the alphabet spelled out.
  @Test func alphabetsAreExact() {
    let code = "abcdefghijklmnopqrstuvwxyz0123456789-"
    let capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    for byte in UInt8(0)..<128 {
      let character = Character(Unicode.Scalar(byte))
      let text = String(character)
      #expect(Channel.rule.admits(text) == code.contains(character), "\(byte)")
      #expect(RuleID.rule.admits(text) == (code + ".").contains(character), "\(byte)")
      #expect(Purpose.rule.admits(text) == capitals.contains(character), "\(byte)")
      #expect(OfficerName.rule.admits(text) == (byte >= 0x20 && byte != 0x7F), "\(byte)")
    }
    for text in ["ä", "中", "\u{FF41}"] {
      #expect(!Channel.rule.admits(text))
      #expect(!RuleID.rule.admits(text))
      #expect(!Purpose.rule.admits(text))
      #expect(OfficerName.rule.admits(text))
    }
  }

  /// Goal: text has no character that is obeyed rather than shown; the ranges are fixed.
  ///
  /// Method: Every scalar there is, against the ranges as the documents list them.
  @Test func textHasNothingThatIsObeyed() {
    let refused: [ClosedRange<UInt32>] = [
      0...0x1F, 0x7F...0x9F, 0x061C...0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x2069,
      0xFEFF...0xFEFF,
    ]
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let isRefused = refused.contains { $0.contains(value) }
      let isAdmitted = OfficerName.rule.admits(String(scalar))
      if isAdmitted == isRefused { Issue.record("U+\(String(value, radix: 16))") }
    }
    #expect(!LegalReference.rule.admits("order 7\u{202E}8"))
  }

  /// Goal: the bounds count bytes, and both are included.
  @Test func boundsAreInBytes() {
    func bounds<Kind: Name>(_ kind: Kind.Type, _ range: ClosedRange<Int>, of letter: String) {
      for count in [range.lowerBound - 1, range.lowerBound, range.upperBound, range.upperBound + 1]
      where count >= 0 {
        let text = String(repeating: letter, count: count)
        #expect(Kind.rule.admits(text) == range.contains(count), "\(Kind.self) of \(count)")
        #expect((try? Kind(text))?.text == (range.contains(count) ? text : nil))
      }
    }
    bounds(ParticipantID.self, 2...32, of: "a")
    bounds(ParticipantName.self, 1...140, of: "a")
    bounds(Tier.self, 1...16, of: "a")
    bounds(Purpose.self, 0...4, of: "A")
    bounds(Channel.self, 0...16, of: "a")
    bounds(ClientReference.self, 0...35, of: "a")
    bounds(LegalReference.self, 1...140, of: "a")
    bounds(RTGSReference.self, 1...35, of: "a")
    bounds(PackName.self, 1...64, of: "a")
    bounds(RuleID.self, 1...64, of: "a")
    bounds(OfficerName.self, 1...64, of: "a")
    #expect((try? RTGSReference(String(repeating: "中", count: 11)))?.text.utf8.count == 33)
    #expect((try? RTGSReference(String(repeating: "中", count: 12))) == nil)
  }

  @Test func errorsSayWhatIsRight() {
    func text(_ body: () throws -> Void) -> String? {
      do { try body() } catch { return "\(error)" }
      return nil
    }
    #expect(
      text { _ = try ParticipantID("Bank 1") }
        == "`Bank 1` is no participant code: use 2 to 32 bytes of `a-z`, `0-9` and `-`, "
        + "except `issuer`, `recovery` and `auditor`")
    #expect(
      text { _ = try PackName("") }
        == "`` is no pack name: use 1 to 64 bytes of `a-z`, `0-9`, `-` and `.`")
    #expect(
      text { _ = try Purpose("salary") }
        == "`salary` is no purpose code: use 0 to 4 bytes of `A-Z` and `0-9`")
    #expect(
      text { _ = try LegalReference("") }
        == "`` is no legal reference: use 1 to 140 bytes of text without control, direction "
        + "or invisible characters")
    #expect(
      text { _ = try OfficerName("a\u{9B}31m\u{202E}\n") }
        == "`a\\u{9B}31m\\u{202E}\\u{A}` is no officer name: use 1 to 64 bytes of text without "
        + "control, direction or invisible characters")
  }

  /// Goal: a party's text names one party: no participant has the words of the other two.
  @Test func partiesReadTheirOwnText() throws {
    for party in [Party.issuer, .recovery, .participant(try ParticipantID("bank-1"))] {
      #expect(try Party(party.description) == party)
    }
    #expect((try? ParticipantID("issuer")) == nil)
    #expect((try? ParticipantID("recovery")) == nil)
    #expect((try? ParticipantID("issuer-1")) != nil)
    #expect((try? Party("Bank")) == nil)
    #expect((try? Party("")) == nil)
  }

  /// Goal: names are ordered by their bytes, on every machine.
  @Test func orderIsThatOfBytes() throws {
    let texts = ["", "a", "z", "ä", "\u{FF61}", "\u{1F600}"]
    var random = SplitMix64(seed: 7)
    let names = try texts.map { try ClientReference($0) }
    #expect(names.shuffled(using: &random).sorted().map(\.text) == texts)
    #expect(names[0] < names[1])
    #expect(!(names[1] < names[1]))
  }

  /// Goal: RTGS references, by which the ledger decides, are equal byte by byte, and not by the
  /// canonical equivalence of whichever Unicode version is at hand.
  @Test func referencesAreComparedByBytes() throws {
    let composed = try RTGSReference("caf\u{E9}")
    let decomposed = try RTGSReference("cafe\u{301}")
    #expect(composed.text == decomposed.text)
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed, composed]).count == 2)
  }
}
