import Foundation
import ProgramTesting
import Testing

extension EndToEnd {
  /// What banks and help desks are told of rules by a ledger that runs.
  @Suite struct RulesAnswerTests {
    /// Goal: a batch tells what rules flagged, and by which code and rule an order was refused; a
    /// copy of the log that is made meanwhile is explained; the folder itself is not read.
    @Test func tellWhatRulesSaid() async throws {
      let folder = try CrashTests.makeFolder()
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_178)
      defer {
        server.stop()
        try? FileManager.default.removeItem(atPath: folder)
      }
      _ = try server.createLedger()
      try Data(Self.policy.utf8).write(to: URL(fileURLWithPath: "\(folder)/flags.yaml"))
      try server.serve()
      let sender = Sender(url: server.url)
      try await sender.waitUntilReady()
      try await sender.close()
      let output = try server.run(["-c", Self.script], program: "/bin/bash")
      for text in [
        " edges of the file's rules have no example (W10); ",
        "put rules test.flags version 1 in force for CNY until 2099-01-01T00:00:00+08:00 "
          + "(2098-12-31T16:00:00Z), when its last rule ends: 3 rules",
        "4 orders in 1 submission: 3 accepted, 1 refused",
        "  line 5: limit_exceeded by rule large: ",
        "  1 accepted with a remark\n  line 4: rule `odd` of `test.flags` flags it\n",
        ",accepted,,,14,\n", ",accepted,,,16,flagged test.flags odd\n",
        ",rejected,limit_exceeded,large,17,\n", "\"outcome\" : \"rejected\"",
        "may be at most 50.00 CNY",
        "`ledger` is in use by another process, perhaps its server; read a copy",
        "it would be accepted", "rules test.flags version 1, in force until 2098-12-31T16:00:00Z",
        "`5.00` is no attribute word", "where it is an amount, give --amount",
      ] { #expect(output.contains(text), "`\(text)` is not in \(output)") }
    }

    private static let script = """
      set -u
      specie() { "\(CrashTests.program)" "$@"; }
      officers="--key officer-1.key --key officer-2.key"
      icbc="--as icbc --key icbc.key"
      wallet=11111111-1111-4111-8111-111111111111
      specie key new icbc.key
      specie participant admit icbc --name Bank --public-key icbc.key --settlement-account CNY \
        $officers
      specie policy activate flags.yaml $officers 2>&1
      specie issue icbc 100.00 CNY --rtgs-reference R-1 $officers
      specie wallet open CNY basic --wallet $wallet $icbc
      specie wallet set $wallet own-limit 5.00 $icbc 2>&1
      specie wallet set $wallet own-limit 60.00 --amount $icbc 2>&1
      specie wallet set $wallet own-limit 40.00 --amount $icbc
      echo operation,payee,amount,currency >funds.csv
      for amount in 1.00 2.00 3.00 20.01; do echo fund,$wallet,$amount,CNY >>funds.csv; done
      specie batch funds.csv $icbc --results results.csv
      cat results.csv
      specie fund $wallet 20.01 CNY $icbc --json
      payment="--operation cash-out --from $wallet --amount 1.00 --currency CNY"
      specie policy explain --log ledger $payment 2>&1
      mkdir copy
      cp ledger/checkpoints ledger/trust copy
      python3 - <<'END'
      import sqlite3
      source, copy = sqlite3.connect("ledger/ledger.sqlite"), sqlite3.connect("copy/ledger.sqlite")
      source.backup(copy)
      END
      specie policy explain --log copy $payment
      specie audit verify copy --trust copy/trust
      """

    private static let policy = """
      schema: 1
      pack: test.flags
      version: 1
      currency: CNY
      timezone: Asia/Shanghai
      mode: enforce
      effective: {until: "2099-01-01T00:00:00+08:00"}
      tiers: [basic]
      attributes: {own-limit: {of: wallet, amount: {initial: "10.00", ceiling: "50.00"}}}
      limits:
        - rule: odd
          measure: amount
          operations: [fund]
          direction: in
          per: wallet
          window: payment
          then: flag
          maximum: "2.00"
        - rule: large
          measure: amount
          operations: [fund]
          direction: in
          per: wallet
          window: payment
          then: deny
          maximum: "20.00"
        - rule: own
          measure: amount
          operations: [pay]
          direction: out
          per: wallet
          window: day
          then: deny
          maximum: {attribute: own-limit}

      """
  }
}
