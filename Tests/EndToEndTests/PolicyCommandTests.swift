import Foundation
import ProgramTesting
import Testing

extension EndToEnd {
  /// What rule authors and officers see of policy files, without a server.
  @Suite struct PolicyCommandTests {
    private static let pack = "\(CrashTests.repository)/policy/cn-ecny.yaml"

    /// Goal: an answer that cannot be written ends with 1 and a word, and a reader that has gone
    /// with the signal that says so.
    @Test func lostOutput() throws {
      let desk = try Desk()
      defer { desk.end() }
      let output = try desk.shell(
        """
        specie policy table '\(Self.pack)' >/dev/full && exit 9
        echo "code $?"
        specie --help >/dev/full && exit 9
        mkfifo pipe
        (exec 3<pipe) & exec 4>pipe
        wait
        specie policy table '\(Self.pack)' >&4 2>closed
        echo "code $?, $(wc -c <closed) bytes"
        """)
      #expect(
        output.contains(
          "standard output cannot be written: no space left on device; the answer is lost\ncode 1"),
        "\(output)")
      #expect(output.hasSuffix("code 141, 0 bytes\n"), "\(output)")
    }

    /// Goal: each file is laid out or told, and a link stays one.
    @Test func layOutSeveral() throws {
      let desk = try Desk()
      defer { desk.end() }
      for name in ["one", "two"] { try desk.write("\(name).yaml", Array("a:   1\n".utf8)) }
      try desk.write("bad.yaml", Array("a: &x 1\n".utf8))
      try desk.write("long.yaml", Array(repeating: UInt8(ascii: "#"), count: 300_000))
      let output = try desk.shell(
        """
        ln -s two.yaml link.yaml
        specie policy fmt one.yaml missing.yaml bad.yaml long.yaml link.yaml && exit 9
        echo "code $?"
        cat one.yaml two.yaml
        readlink link.yaml
        """)
      for text in [
        "`missing.yaml` cannot be read", "bad.yaml:1:4: error E00: anchors",
        "long.yaml:1:1: error E00: the file has more than 262144 bytes",
        "laid out one.yaml\nlaid out link.yaml\nmissing.yaml: cannot be laid out\n",
        "code 1\na: 1\na: 1\ntwo.yaml\n",
      ] { #expect(output.contains(text), "`\(text)` is not in \(output)") }
    }

    /// Goal: commands that are printed in help can be run as they are printed.
    @Test func commandsOfTheHelp() throws {
      let desk = try Desk()
      defer { desk.end() }
      for command in ["", "check", "backtest", "activate", "shadow", "schedule"] {
        let help = try desk.process.run(["help", "policy", command].filter { !$0.isEmpty })
        let lines = help.replacing(/\\\n\s*/, with: "").split(separator: "\n")
          .filter { $0.contains(/specie policy (check|backtest|activate|shadow|schedule) policy/) }
        #expect(!lines.isEmpty, "\(help)")
        #expect(lines.allSatisfy { $0.contains("--accept-unverified") }, "\(lines)")
      }
    }

    /// Goal: what cannot be meant is refused, with what would be right.
    @Test func refusals() throws {
      let desk = try Desk()
      defer { desk.end() }
      let text = try String(contentsOfFile: Self.pack, encoding: .utf8)
      let start = try #require(text.firstRange(of: "\ntests:")).lowerBound
      try desk.write("bare.yaml", Array(text[...start].utf8))
      try desk.write(
        "draft.yaml", Array(text.replacing("mode: enforce", with: "mode: draft").utf8))
      let step =
        "at: \"2025-03-01T00:00:00Z\", op: pay, from: a, amount: \"1.00\", expect: permit"
      let example =
        "tests:\n  - name: one\n    wallets: {a: {tier: wl4, balance: \"1.00\"}}\n"
        + "    steps: [{\(step)}]\n"
      try desk.write("gaps.yaml", Array((text[...start] + example).utf8))
      try desk.write("long.yaml", Array(repeating: UInt8(ascii: "#"), count: 300_000))
      let wallet = "5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035"
      let payment = "--operation redeem --amount 1 --currency CNY --from \(wallet)"
      let order = "--draft never.json --currency-digits CNY:2 --accept-unverified"
      for (command, code, problem) in [
        ("policy test bare.yaml", 1, "it has no examples; write some under `tests`"),
        ("policy check bare.yaml --accept-unverified", 0, "warning W05"),
        ("policy check bare.yaml --accept-unverified --strict", 1, "warning W05"),
        ("policy test gaps.yaml", 0, "warning W10"),
        ("policy test gaps.yaml --strict", 1, "warning W10"),
        ("policy check long.yaml", 1, "long.yaml:1:1: error E00: the file has more than"),
        (
          "policy schedule bare.yaml --from 2020-01-01T00:00:00Z \(order)", 2,
          "is past; for rules that begin at once, use `specie policy activate`"
        ),
        (
          "policy shadow bare.yaml --from 2020-01-01T00:00:00Z \(order)", 2,
          "is past; for rules that begin at once, leave --from out"
        ),
        (
          "policy shadow draft.yaml \(order)", 1,
          "for rules to be in shadow, write `mode: shadow` or `mode: enforce`"
        ),
        ("policy activate draft.yaml \(order)", 1, "to be in force, write `mode: enforce`"),
        ("policy rollback cn.ecny.personal 0 CNY", 2, "a version is 1 to 2147483647"),
        (
          "policy explain 019ca78d-9600-7000-8000-000000000001 --log ledger --from \(wallet) "
            + "--channel c --at now", 2, "leave --from, --channel, --at out"
        ),
        ("policy explain --log ledger \(payment)", 1, "there is no account `\(wallet)`"),
        (
          "policy explain --log ledger \(payment) --at 2020-01-01T00:00:00Z", 1,
          "2020-01-01T00:00:00Z is before the ledger began; name an instant from "
        ),
      ] {
        let output = try desk.process.run(
          command.split(separator: " ").map(String.init), expecting: Int32(code))
        #expect(output.contains(problem), "\(command): \(output)")
      }
      #expect(!FileManager.default.fileExists(atPath: "\(desk.folder)/never.json"))
    }

    /// Goal: officers see the figures that they sign, and examples that are missing.
    @Test func figuresOfADraft() throws {
      let desk = try Desk()
      defer { desk.end() }
      let text = try String(contentsOfFile: Self.pack, encoding: .utf8)
      let start = try #require(text.firstRange(of: "\ntests:")).lowerBound
      try desk.write("bare.yaml", Array(text[...start].utf8))
      let output = try desk.shell(
        """
        activate="specie policy activate --accept-unverified --currency-digits CNY:2"
        $activate bare.yaml --draft rules.json 2>&1 >drafted | grep W10
        tail -1 drafted
        specie sign rules.json --key officer-1.key --yes >unsigned 2>&1 && exit 9
        cat unsigned
        specie policy schedule bare.yaml --from 2099-01-01T00:00:00+08:00 --accept-unverified \\
          --currency-digits CNY:2 --draft later.json 2>/dev/null | grep 'put rules'
        specie show rules.json --currency-digits CNY:2
        specie sign rules.json --key officer-1.key --yes --currency-digits CNY:2 >/dev/null 2>signed
        grep -c 'spend.payment  one payment  *-  50,000.00  5,000.00  2,000.00' signed
        specie show rules.json --json | grep '"figure" : "200000"'
        specie policy table bare.yaml --json | grep '"figure" : "2000.00"'
        specie wallet set 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 cap 600.00 --amount \\
          --as icbc --draft cap.json --currency-digits CNY:2
        """)
      for text in [
        "warning: 16 edges of the file's rules have no example (W10); `specie policy test "
          + "bare.yaml` names them\n",
        "others sign it with `specie sign rules.json --key FILE --currency-digits CNY:2`\n"
          + "Error: to compile the rules again, the digits of CNY are needed: give ",
        " in force for CNY from 2099-01-01T00:00:00+08:00 (2098-12-31T16:00:00Z) on: ",
        "spend.payment  one payment                -   50,000.00   5,000.00   2,000.00\n",
        "\"figure\" : \"200000\"", "\"figure\" : \"2000.00\"",

        "to 600.00 CNY; where that is a raise, it holds as much later as the rules say\n",
      ] { #expect(output.contains(text), "`\(text)` is not in \(output)") }
    }
  }
}
