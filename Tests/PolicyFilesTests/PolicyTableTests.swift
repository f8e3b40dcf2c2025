import LedgerModel
import PolicyFiles
import Testing

@Suite struct PolicyTableTests {
  /// Goal: the e-CNY's rules are the published table again.
  @Test func printTheECNY() throws {
    let table = PolicyTable(try PolicyToolFixtures.pack("cn-ecny.yaml"))
    #expect(
      table.description.split(separator: "\n\n").dropLast().joined(separator: "\n\n") == """
        cn.ecny.personal version 2, CNY, in force from 2022-01-04T00:00:00+08:00, in place of \
        cn.ecny.personal version 1

        The amount of payments out of a wallet by pay: at most the figure; otherwise the payment \
        is denied
          rule           window                   wl1         wl2         wl3         wl4
          spend.payment  one payment                -   50,000.00    5,000.00    2,000.00
          spend.day      a day in Asia/Shanghai     -  100,000.00   10,000.00*   5,000.00
          spend.year     a year in Asia/Shanghai    -           -*          -*  50,000.00

        What a wallet holds after fund or pay: at most the figure; otherwise the payment is denied
          rule  window              wl1         wl2        wl3        wl4
          hold  after each payment    -  500,000.00  20,000.00  10,000.00

        The amount of payments out of a wallet by cash-out: at most the figure; otherwise the \
        payment is denied
          rule              window                       wl1       wl2   wl3   wl4
          cash-out.payment  one payment             1,000.00  1,000.00  0.00  0.00
          cash-out.day      a day in Asia/Shanghai  1,000.00  1,000.00     -     -

        * No source confirms this figure.
        """)
    #expect(table.sources.count == 5)
    #expect(table.sources[3].hasPrefix("[A] Hong Kong Legislative Council, question 21"))
    #expect(table.sources[4].hasPrefix("[B] MEXC News, quoting"))
  }

  /// Goal: rules without tiers are lines, and what they name is told below.
  @Test func printAWholesalePack() throws {
    let table = PolicyTable(try PolicyToolFixtures.pack("wholesale.yaml"))
    #expect(table.schedules.isEmpty)
    #expect(table.lines.count == 9)
    #expect(
      table.lines[6].text
        == "The amount of payments into all accounts of one participant by issue, in one payment: "
        + "at most 50,000,000.00; otherwise 2 of the 3 keys of group treasury must sign")
    #expect(table.lines.allSatisfy { $0.isUnverified })
    #expect(table.definitions.contains { $0.hasPrefix("calendar example-days: in Europe/Berlin") })
    #expect(table.definitions.contains { $0.hasPrefix("exempt from large-payment until") })
  }

  /// Goal: every pack has all its rules in its table, each figure as often as there are tiers.
  @Test(arguments: PolicyFormatTests.packs) func leaveNothingOut(_ pack: String) throws {
    let policy = try PolicyToolFixtures.pack(pack)
    let table = PolicyTable(policy)
    let ids = table.schedules.flatMap { $0.rows.map(\.rule) } + table.lines.map(\.rule)
    #expect(ids.sorted() == policy.ruleSet.rules.map(\.id.text).sorted())
    for row in table.schedules.flatMap(\.rows) {
      #expect(row.cells.count == policy.ruleSet.tiers.count)
    }
    #expect(table.hasUnverified == !policy.unverified.isEmpty)
  }

  /// Goal: amounts have the currency's digits, and thousands apart.
  @Test func writeAmountsOfEveryExponent() throws {
    let text = PolicyFixtures.small.replacing(".00\"", with: "\"").replacing(
      "1000", with: "1234567")
    for (exponent, expected) in [(0, "1,234,567"), (2, "1,234,567.00"), (3, "1,234,567.000")] {
      let table = PolicyTable(try PolicyFixtures.compile(text, exponent: exponent))
      #expect(table.schedules[0].rows[1].cells[1].figure.text == expected)
      #expect(
        table.schedules[0].rows[1].cells[1].figure.plain == expected.filter { $0 != "," })
      #expect(table.schedules[0].rows[0].cells[1].figure.text == "-")
    }
  }
}
