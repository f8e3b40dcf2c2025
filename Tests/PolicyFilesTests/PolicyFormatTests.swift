import LedgerModel
import PolicyFiles
import Testing

@Suite struct PolicyFormatTests {
  static let packs = [
    "br-pix-hold.yaml", "br-pix.yaml", "cn-ecny-2020.yaml", "cn-ecny.yaml", "eu-digital-euro.yaml",
    "eu-psd2-sca.yaml", "ng-enaira-2021.yaml", "ng-enaira.yaml", "wholesale.yaml",
  ]

  /// Goal: the shipped packs are laid out.
  @Test(arguments: packs) func leaveThePacksAlone(_ pack: String) throws {
    let text = String(decoding: try PolicyFixtures.pack(pack), as: UTF8.self)
    let laidOut = try PolicyFormat.format(text, file: pack)
    #expect(laidOut == text)
  }

  /// Goal: laying out changes no comment, and nothing that compiles; a second time changes nothing.
  ///
  /// Method: 16 seeds of 4 mutants of each pack: spaces, blank lines and comments put in anywhere,
  /// lines doubled, moved, cut and broken within brackets. What is no YAML is refused.
  @Test(arguments: UInt64(0)..<16) func keepWhatCompiles(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var count = 0
    for pack in Self.packs {
      let text = String(decoding: try PolicyFixtures.pack(pack), as: UTF8.self)
      for _ in 0..<4 {
        let mutant = Self.mutant(of: text, using: &random)
        guard let laidOut = try? PolicyFormat.format(mutant, file: pack) else { continue }
        count += 1
        let hint: Comment = "seed \(seed), \(pack)"
        #expect(try PolicyFormat.format(laidOut, file: pack) == laidOut, hint)
        #expect(Self.comments(mutant) == Self.comments(laidOut), hint)
        #expect(Self.bareRules(mutant) == Self.bareRules(laidOut), hint)
        #expect(laidOut.hasSuffix("\n") && !laidOut.hasSuffix("\n\n"), hint)
        #expect(!laidOut.contains(" \n"), hint)
      }
    }
    #expect(count > 4, "seed \(seed): only \(count) mutants are YAML")
  }

  /// Goal: mutants that only differ in layout are laid out as the pack is.
  @Test(arguments: UInt64(0)..<8) func undoSpaces(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for pack in Self.packs {
      let text = String(decoding: try PolicyFixtures.pack(pack), as: UTF8.self)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      var loose = ""
      for line in lines {
        let isComment = line.drop { $0 == " " }.hasPrefix("#")
        let spaces = String(repeating: " ", count: Int.random(in: 0...2, using: &random))
        if line.isEmpty {
          loose += String(repeating: "\n", count: Int.random(in: 1...3, using: &random))
        } else if isComment {
          loose += line + spaces + "\n"
        } else {
          var line = line
          if !line.contains("\"") || !line.contains("'") {
            for sign in ["[", "{", ": [", ": {"] {
              line = line.replacing(sign, with: sign + spaces)
            }
          }
          loose += line + spaces + "\n"
        }
      }
      #expect(try PolicyFormat.format(loose, file: pack) == text, "seed \(seed), \(pack)")
    }
  }

  /// Goal: the layout is the one of the documents.
  @Test func layOut() throws {
    let text = """

      # Head.

      schema:   1
      tiers: [ a,b ,  c ]   # three
      limits:
      # First.
      - table: t


        sources: [ x ]
        tiers: [a, b, c]
        maxima: # by window
            payment: ["1.00", none, "20000.00"]
            day: [ none,"2.00",
              # Why so much.
              "3.00"]
      # Second.
      - rule: r # a rule
        when: {payer: {tier: [a]}, channel: [ b ] }
        maximum: {a:   "1.00",
           b: none, c: none}
          # At the end of the rule.

      # Before the tests.
      tests:
      -
        name: one
        steps:
        - {at: "x"}
      # The end.
      """
    let laidOut = try PolicyFormat.format(text, file: "p.yaml")
    #expect(
      laidOut == """
        # Head.

        schema: 1
        tiers: [a, b, c]  # three

        limits:
          # First.
          - table: t

            sources: [x]
            tiers:     [ a,      b,      c         ]
            maxima:  # by window
              payment: ["1.00", none,   "20000.00" ]
              # Why so much.
              day:     [none,   "2.00", "3.00"     ]

          # Second.
          - rule: r  # a rule
            when: {channel: [b], payer: {tier: [a]}}
            maximum: {a: "1.00", b: none, c: none}
            # At the end of the rule.

        # Before the tests.
        tests:
          - name: one
            steps:
              - {at: "x"}
        # The end.

        """)
  }

  /// Goal: each thing is written in one way, whichever way it was.
  ///
  /// Method: a file in brackets and out of order, with comments, and one in lines.
  @Test(arguments: [
    """
    version: 1
    # The pack.
    pack: x
    schema: 1
    mode: enforce
    limits:
      - {maximum: '5', then: deny, rule: a, window: payment, per: wallet, operations: [pay], direction: out, measure: amount}  # one
      - maxima: {payment: '5.00', day: "9.00"}
        # Who.
        per: wallet
        table: b
        when: {payer: {tier-not: [v], tier: [w]}, channel: [c]}
    tests:
      - {steps: [{at: "x", op: pay}], name: 'it''s'}
    currency: CNY
    """,
    """
    schema: 1
    # The pack.
    pack: x
    version: 1
    currency: CNY
    mode: enforce
    limits:
      # one
      - measure: amount
        operations:
          - pay
        rule: a
        direction: out
        per: wallet
        window: payment
        then: deny
        maximum: '5'
      - table: b
        # Who.
        per: wallet
        when:
          channel:
            - c
          payer:
            tier: [w]
            tier-not:
              - v
        maxima:
          payment: "5.00"
          day: "9.00"
    tests:
      - name: 'it''s'
        steps:
          - at: "x"
            op: pay
    """,
  ])
  func writeEachThingInOneWay(text: String) throws {
    let laidOut = try PolicyFormat.format(text, file: "p.yaml")
    #expect(
      laidOut == """
        schema: 1
        # The pack.
        pack: x
        version: 1
        currency: CNY
        mode: enforce

        limits:
          # one
          - rule: a
            measure: amount
            operations: [pay]
            direction: out
            per: wallet
            window: payment
            then: deny
            maximum: "5"

          - table: b
            # Who.
            per: wallet
            when: {channel: [c], payer: {tier: [w], tier-not: [v]}}
            maxima:
              payment: "5.00"
              day: "9.00"

        tests:
          - name: 'it''s'
            steps:
              - {at: "x", op: pay}

        """)
    #expect(try PolicyFormat.format(laidOut, file: "p.yaml") == laidOut)
  }

  /// Goal: limits whose fields are in another order are laid out as the pack is.
  @Test(arguments: UInt64(0)..<4) func undoOrder(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for pack in Self.packs {
      let text = String(decoding: try PolicyFixtures.pack(pack), as: UTF8.self)
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      for start in lines.indices where lines[start].hasPrefix("  - rule: ") {
        var end = start + 1
        while end < lines.count, lines[end].hasPrefix("    "), !lines[end].hasPrefix("    #") {
          end += 1
        }
        let fields = lines[start..<end].map { String($0.dropFirst(4)) }.shuffled(using: &random)
        guard !fields.contains(where: { $0.hasPrefix(" ") }) else { continue }
        for (place, field) in fields.enumerated() {
          lines[start + place] = (place == 0 ? "  - " : "    ") + field
        }
      }
      let shuffled = lines.joined(separator: "\n")
      #expect(try PolicyFormat.format(shuffled, file: pack) == text, "seed \(seed), \(pack)")
    }
  }

  /// Goal: a text that one line cannot hold stays on several, and means the same.
  @Test(arguments: ["title: ", "sources: {a: {title: ", "list:\n  - "])
  func keepLongTexts(head: String) throws {
    let words = String(
      repeating: "The People's Bank of China; \u{4EBA}\u{6C11}  99\n    ", count: 40)
    let tail = head.contains("{") ? "end, dated: \"2025\"}}\n" : "end\n"
    let laidOut = try PolicyFormat.format(head + words + tail, file: "p.yaml")
    #expect(laidOut.split(separator: "\n").allSatisfy { $0.count <= 110 }, "\(laidOut)")
    #expect(try PolicyFormat.format(laidOut, file: "p.yaml") == laidOut)
  }

  /// Goal: what the layout check refuses is refused in its words.
  @Test func refuseWhatIsNotLaidOut() {
    let error = #expect(throws: PolicyFileErrors.self) {
      try PolicyFormat.format("a: &x 1\n\tb: 2\n", file: "p.yaml")
    }
    #expect(error?.errors.map { "\($0.position)" } == ["1:4", "2:1"])
    #expect(throws: PolicyFileErrors.self) { try PolicyFormat.format("a: [1\n", file: "p.yaml") }
    #expect(throws: PolicyFileErrors.self) { try PolicyFormat.format("", file: "p.yaml") }
  }

  private static func mutant(of text: String, using random: inout SplitMix64) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      let at = Int.random(in: 0..<lines.count, using: &random)
      let spaces = String(repeating: " ", count: Int.random(in: 0...6, using: &random))
      switch Int.random(in: 0..<12, using: &random) {
      case 0: lines.remove(at: at)
      case 1: lines.insert("", at: at)
      case 2, 3: lines.insert("\(spaces)#note \(random.next() % 100)", at: at)
      case 4: lines[at] += "  # beside \(random.next() % 100)"
      case 5: lines[at] += spaces
      case 6:
        if let comma = lines[at].lastIndex(of: ",") {
          let rest = String(lines[at][lines[at].index(after: comma)...])
          lines[at] = String(lines[at][...comma])
          lines.insert(spaces + "    " + rest, at: at + 1)
        }
      case 7:
        if let colon = lines[at].firstIndex(of: ":") {
          lines[at].insert(contentsOf: spaces, at: lines[at].index(after: colon))
        }
      case 8: lines.insert(lines[at], at: at)
      case 9: lines[at] = lines[at].replacing("\"", with: "'")
      case 10: if at > 0 { lines.swapAt(at, at - 1) }
      default:
        if let dash = lines[at].firstIndex(of: "-") {
          lines[at].insert(contentsOf: spaces, at: lines[at].index(after: dash))
        }
      }
      if lines.isEmpty { lines = [""] }
    }
    return lines.joined(separator: "\n")
  }

  /// Every comment that stands alone on its line or was put in by a mutation.
  private static func comments(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      var comment = line.firstIndex(of: "#").map { line[$0...] }
      while comment?.last == " " { comment?.removeLast() }
      return comment.map(String.init)
    }.sorted()
  }

  /// What a text compiles to, but for the digest and lines; the problems where it does not.
  private static func bareRules(_ text: String) -> String {
    do {
      let policy = try PolicyCompiler.compile(
        text: text, file: "p.yaml", exponent: 2, acceptUnverified: true)
      let set = policy.ruleSet
      let rules = set.rules.map { rule in
        Rule(
          id: rule.id, measure: rule.measure, comparison: rule.comparison,
          countsPreviousOnly: rule.countsPreviousOnly, caps: rule.caps, action: rule.action,
          from: rule.from, until: rule.until)
      }
      let bare = RuleSet(
        format: set.format, pack: set.pack, version: set.version, currency: set.currency,
        sourceDigest: Bytes32(Array(repeating: 0, count: 32)) ?? set.sourceDigest,
        tiers: set.tiers, zones: set.zones, calendars: set.calendars, attributes: set.attributes,
        events: set.events, groups: set.groups, measures: set.measures, rules: rules,
        exemptions: set.exemptions, supersedes: set.supersedes, effectiveFrom: set.effectiveFrom)
      return "\(bare)\(policy.examples.map(\.name))\(policy.unverified)\(policy.mode)"
    } catch {
      return error.errors.map { $0.problem.code }.sorted().joined(separator: " ")
    }
  }
}
