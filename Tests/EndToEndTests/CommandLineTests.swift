import Foundation
import LedgerModel
import LedgerWire
import PolicyFiles
import ProgramTesting
import Testing

extension EndToEnd {
  /// The command line without a server: keys, passphrases, drafts, and what files may hold.
  @Suite struct CommandLineTests {
    /// Goal: an amount is what is written, or is refused with its reason.
    @Test func amounts() throws {
      let desk = try Desk()
      defer { desk.end() }
      func draft(_ amount: String, expecting code: Int32) throws -> String {
        try? FileManager.default.removeItem(atPath: "\(desk.folder)/draft.json")
        return try desk.process.run(
          [
            "issue", "icbc", "--rtgs-reference", "R", "--draft", "draft.json", "--currency-digits",
            "CNY:2", "--settlement-account", "5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035", "--", amount,
            "CNY",
          ], expecting: code)
      }
      for (amount, shown) in [
        ("1", "1.00"), ("1.0", "1.00"), ("1000000.00", "1,000,000.00"), ("0.01", "0.01"),
        ("007", "7.00"), ("10000000000000000.00", "10,000,000,000,000,000.00"),
      ] {
        let output = try draft(amount, expecting: 0)
        #expect(output.contains("issue \(shown) CNY to "), "\(amount): \(output)")
      }
      for (amount, problem) in [
        ("1.005", "has 3 digits after the point"), ("1,000.00", "is no amount"),
        (".50", "is no amount"), ("1.", "is no amount"), ("1.0.0", "is no amount"),
        ("-1", "is no amount"), ("+1", "is no amount"), ("1e3", "is no amount"),
        ("", "is no amount"), ("\u{0661}", "is no amount"), ("0", "moves nothing"),
        ("0.00", "moves nothing"), ("10000000000000000.01", "is more than one order may move"),
        ("99999999999999999999999", "is more than one order may move"),
      ] {
        let output = try draft(amount, expecting: 2)
        #expect(output.contains(problem), "\(amount): \(output)")
      }
    }

    /// Goal: a file of orders is refused with its line and what would be right.
    @Test func batchFiles() throws {
      let desk = try Desk()
      defer { desk.end() }
      for (name, text, problem) in [
        ("a.csv", "", "it is empty"),
        ("a.csv", "operation\n", "it has no orders"),
        ("a.csv", "\u{FEFF}operation\npay\n", "byte order mark (U+FEFF)"),
        (
          "a.csv", "operation,payer\rpay,x\r",
          "a.csv:1`: a carriage return stands without a line feed"
        ),
        ("a.csv", "operation\r\npay\rpay\r\n", "a.csv:2`: a carriage return stands without"),
        ("a.csv", "operation\npa\"y\n", "a.csv:2`: a quote stands within a field"),
        ("a.csv", "operation\n\"pay\n\n", "a.csv:2`: a quoted field that begins here"),
        ("a.csv", "operation,amuont\npay,1\n", "`amuont` is no column"),
        ("a.csv", "operation,operation\npay,pay\n", "column `operation` stands twice"),
        ("a.csv", "operation,payer\npay\n", "a.csv:2`: it has 1 fields under 2 heads"),
        ("a.jsonl", "\u{FEFF}{\"operation\":\"pay\"}\n", "byte order mark"),
        ("a.jsonl", "\n{\"amount\":1}\n", "a.jsonl:2`: it is no JSON object of texts"),
        (
          "a.jsonl", #"{"amount":"1","operation":"pay","amo\u0075nt":"2"}"#,
          "a.jsonl:1`: a column stands twice"
        ),
        ("a.jsonl", #"{"reference":"a \" b"}"# + "\n{}\n[]", "a.jsonl:3`: it is no JSON object"),
      ] {
        try desk.write(name, Array(text.utf8))
        let output = try desk.process.run(
          ["batch", name, "--as", "icbc", "--key", "officer-1.key"], expecting: 1)
        #expect(output.contains(problem), "\(text): \(output)")
      }
      try desk.write("a.csv", [0x61, 0xFF])
      let output = try desk.process.run(
        ["batch", "a.csv", "--as", "icbc", "--key", "officer-1.key"], expecting: 1)
      #expect(output.contains("it is not UTF-8 text"), "\(output)")
    }

    /// Goal: a key file is its owner's alone, and passphrases come from where the help says.
    @Test func keyFilesAndPassphrases() throws {
      let desk = try Desk()
      defer { desk.end() }
      let output = try desk.shell(
        """
        umask 0
        specie key new one.key
        stat -c 'mode %a' one.key
        specie key new one.key || echo "not again"
        chmod 644 one.key
        specie key show one.key
        chmod 600 one.key
        unset SPECIE_PASSPHRASE
        SPECIE_PASSPHRASE_MY_KEY=of-this-file specie key new my-key.key
        export SPECIE_PASSPHRASE=of-no-file
        SPECIE_PASSPHRASE_MY_KEY=of-this-file SPECIE_NEW_PASSPHRASE=another-one \
          specie key passphrase my-key.key && echo changed
        specie key passphrase my-key.key --passphrase-fd 3 3<<<$'another-one\\nthe-third-one' \
          && echo "changed again"
        specie key passphrase my-key.key --passphrase-fd 3 3<<<'the-third-one' || echo "ended"
        specie key passphrase my-key.key --passphrase-fd 3 3<<<$'the-third-one\\nshort' || echo short
        SPECIE_NEW_PASSPHRASE=never-used specie key passphrase my-key.key || echo wrong
        unset SPECIE_PASSPHRASE
        setsid "\(CrashTests.program)" key passphrase my-key.key </dev/null || echo "no terminal"
        """)
      for line in [
        "mode 600\n", "exists and is never overwritten", "not again",
        "warning: `one.key` is open to others (mode 644); close it with `chmod 600`",
        "changed\n", "changed again\n", "file descriptor 3 ended before the passphrase", "ended\n",
        "the passphrase must have 8 to 1024 bytes", "short\n", "the passphrase does not open",
        "wrong\n", "there is no terminal to ask", "no terminal\n",
      ] { #expect(output.contains(line), "`\(line)` is not in \(output)") }
      for secret in ["of-this-file", "another-one", "the-third-one", "testing-only"] {
        #expect(!output.contains(secret))
      }
    }

    /// Goal: a drafted rotation's overlap is still whole when the draft is sent at its last
    /// instant.
    @Test func overlapOfADraftedRotation() throws {
      let desk = try Desk()
      defer { desk.end() }
      let output = try desk.process.run([
        "signer", "rotate", "--old", "officer-1.key", "--new", "log.key", "--overlap", "2h",
        "--expires", "3d", "--draft", "rotate.json", "--key", "officer-1.key",
      ])
      let expiry = try #require(output.firstMatch(of: /expires  (\S+)/)).output.1
      let until = try #require(output.firstMatch(of: /the old one acts until (\S+)/)).output.1
      let microseconds = try [expiry, until].map {
        try #require(CivilDate.microseconds(rfc3339: $0))
      }
      // The two are taken from the clock one after the other.
      let difference = Int64(microseconds[1]) - Int64(microseconds[0]) - 7_200_000_000
      #expect(abs(difference) < 10_000_000, "\(output)")
    }

    /// Goal: rules whose zones differ in transitions are signed where the signer says so, with the
    /// transitions listed, and those that differ in anything else are not.
    @Test func zoneDifferences() throws {
      let desk = try Desk()
      defer { desk.end() }
      let source = [UInt8](
        try Data(contentsOf: URL(fileURLWithPath: "\(CrashTests.repository)/policy/cn-ecny.yaml")))
      let compiled = try PolicyCompiler.compile(
        bytes: source, file: "cn-ecny.yaml", exponent: 2, acceptUnverified: true
      ).ruleSet
      let transitions = compiled.withZones { zone in
        TimeZoneTable(
          name: zone.name, firstOffset: zone.firstOffset,
          transitions: Array(zone.transitions.dropFirst()), footer: zone.footer)
      }
      let first = compiled.withZones { zone in
        TimeZoneTable(
          name: zone.name, firstOffset: zone.firstOffset + 1, transitions: zone.transitions,
          footer: zone.footer)
      }
      for (name, ruleSet) in [("same", compiled), ("moved", transitions), ("other", first)] {
        let order = ActivateRuleSet(ruleSet: ruleSet, source: source)
        let submission = Submission(
          [
            Instruction(
              id: InstructionID(milliseconds: 1, random: (1, 1)), operation: .activateRuleSet(order)
            )
          ], of: .issuer, on: desk.trust.ledger,
          expiry: LedgerTime(microseconds: 4_000_000_000_000_000),
          signedBy: [desk.officers[1]])
        try desk.write("\(name).json", submission.json)
      }
      let sign = "--key officer-1.key --yes --currency-digits CNY:2"
      let output = try desk.shell(
        """
        specie sign same.json \(sign) >/dev/null 2>&1 && echo "signed the same"
        specie sign moved.json \(sign) && exit 9
        specie sign moved.json \(sign) --accept-zone-differences >accepted 2>&1 || exit 8
        grep 'only on this machine' accepted
        specie sign other.json \(sign) --accept-zone-differences && exit 7
        true
        """)
      #expect(output.contains("signed the same"), "\(output)")
      #expect(output.contains("sign with --accept-zone-differences"), "\(output)")
      #expect(output.contains("\n  only on this machine: from "), "\(output)")
      #expect(output.contains("not what its policy file compiles to; do not sign it"), "\(output)")
    }

    /// Goal: a program that checks a policy reads what is wrong from standard output.
    @Test func policyProblemsInJSON() throws {
      let desk = try Desk()
      defer { desk.end() }
      try desk.write("p.yaml", Array("schema: 2\n".utf8))
      let output = try desk.shell("specie policy check p.yaml --json 2>/dev/null", expecting: 1)
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
      #expect(object["sound"] as? Bool == false)
      let errors = try #require(object["errors"] as? [[String: Any]])
      #expect(errors.contains { $0["code"] as? String == "E01" && $0["line"] as? Int == 1 })
    }
  }
}

extension RuleSet {
  /// The same rules, with other zones.
  fileprivate func withZones(_ change: (TimeZoneTable) -> TimeZoneTable) -> RuleSet {
    RuleSet(
      format: format, pack: pack, version: version, currency: currency,
      sourceDigest: sourceDigest, tiers: tiers, zones: zones.map(change),
      measures: measures.map {
        Measure(
          quantity: $0.quantity, scope: $0.scope, window: $0.window.withZones(change),
          direction: $0.direction, operations: $0.operations)
      }, rules: rules, supersedes: supersedes, effectiveFrom: effectiveFrom)
  }
}

extension Window {
  fileprivate func withZones(_ change: (TimeZoneTable) -> TimeZoneTable) -> Window {
    switch self {
    case .day(let zone): .day(change(zone))
    case .month(let zone): .month(change(zone))
    case .year(let zone): .year(change(zone))
    default: self
    }
  }
}
