import PolicyFiles
import Testing

@Suite struct PolicyErrorTests {
  @Test func compileTheFileThatTheseTestsChange() {
    #expect(PolicyFixtures.errors(PolicyFixtures.small) == "")
  }

  /// Goal: each mistake is told with its place, in these words.
  ///
  /// Method: one line of a good file is replaced by a bad one.
  @Test(
    arguments: [
      // E00
      (4, "currency: CNY\tx", "4:14: error E00: a tab does not show as what it is; use spaces"),
      (
        7, "tiers: &all [basic, full]",
        "7:8: error E00: anchors and aliases are not part of a policy file; write the value out"
      ),
      (
        15, "    tiers: *all",
        "15:12: error E00: anchors and aliases are not part of a policy file; write the value out"
      ),
      (
        15, "    <<: [basic, full]",
        "15:5: error E00: merge keys are not part of a policy file; write the value out"
      ),
      (
        4, "currency: !!str CNY",
        "4:11: error E00: tags such as `!!str` are not part of a policy file; write the value plainly"
      ),
      (
        4, "currency: |",
        "4:11: error E00: block texts are not part of a policy file; write the value out"
      ),
      (
        17, "      payment: [\"100.00, none]",
        "17:17: error E00: the quoted text does not end on its line; close it where it began"
      ),
      (
        2, "version: 1",
        "3:1: error E00: field `version` stands twice in this mapping, first on line 2; keep one"
      ),
      (
        2, "pack: a\u{202E}b",
        "2:8: error E00: character U+202E does not show as what it is; take it out"
      ),
      (
        17, #"      payment: ["\u0031000.00", none]"#,
        #"17:18: error E00: `\` in double quotes writes characters that do not show as what they are; write the character itself, and a text with `"` or `\` in single quotes"#
      ),
      (
        2, "pack: test\n\n  small",
        "2:7: error E00: the text has an empty line in it; write it as one paragraph"
      ),
      (
        2, "pack: [[[[[[[[[a]]]]]]]]]",
        "2:15: error E00: lists and mappings lie more than 8 deep on this line"
      ),
      (
        18, "      day: [\"250.00\", \"1000.00\"",
        "19:1: error E00: this is not YAML: did not find expected ',' or ']'"
      ),
      // E01
      (
        14, "    than: deny",
        "14:5: error E01: `than` is no field of a table; did you mean `then`?"
      ),
      (1, "schema: 2", "1:9: error E01: schema `2` is not known here; write `schema: 1`"),
      (
        3, "version: 0",
        "3:10: error E01: `version` is 1 to 2147483647, not `0`"
      ),
      (
        3, "version: 0x10",
        "3:10: error E01: `version` is a whole number, not `0x10`; write digits, the first of them no zero"
      ),
      (
        3, "version: 4294967296",
        "3:10: error E01: `version` is 1 to 2147483647, not `4294967296`"
      ),
      (
        3, "version: 99999999999999999999",
        "3:10: error E01: `version` is 1 to 2147483647, not `99999999999999999999`"
      ),
      (
        3, "version: \"1\"",
        "3:10: error E01: write `1` without quotes: it is a number and no amount"
      ),
      (
        1, "schema: \"1\"",
        "1:9: error E01: write `1` without quotes: it is a number and no amount"
      ),
      (
        2, "pack: \"my.pack\"",
        "2:7: error E01: write `my.pack` without quotes: quotes are for amounts and times"
      ),
      (
        4, "currency: \"CNY\"",
        "4:11: error E01: write `CNY` without quotes: quotes are for amounts and times"
      ),
      (
        5, "timezone: 'Asia/Shanghai'",
        "5:11: error E01: write `Asia/Shanghai` without quotes: quotes are for amounts and times"
      ),
      (
        2, "pack: ..",
        "2:7: error E01: `..` is no pack name: begin and end it with a letter or a digit"
      ),
      (
        2, "pack: cn.ecny-",
        "2:7: error E01: `cn.ecny-` is no pack name: begin and end it with a letter or a digit"
      ),
      (
        2, "pack: CN",
        "2:7: error E01: `CN` is no pack name: use 1 to 64 bytes of `a-z`, `0-9`, `-` and `.`"
      ),
      (
        5, "effective: null",
        """
        5:12: error E01: `effective` is a mapping; write `name: value` lines
        p.yaml:18:7: error E04: a window of the calendar needs field `timezone`; write an IANA \
        name, as `Asia/Shanghai`
        """
      ),
      (
        17, "      payment: {basic: none}",
        "17:16: error E01: row `payment` is a list; write `[a, b]`, or lines that begin with `- `"
      ),
      // E02
      (
        17, "      payment: [100.00, none]",
        "17:17: error E02: amount `100.00` is not quoted; write `\"100.00\"`, since YAML may read it as another number"
      ),
      (
        17, "      payment: [\"100.001\", none]",
        "17:17: error E02: amount `\"100.001\"` has more than the currency's 2 digits after the point"
      ),
      (
        17, "      payment: [\"1,00\", none]",
        "17:17: error E02: `\"1,00\"` is no amount; write digits with a point, as `\"50000.00\"`"
      ),
      (
        17, "      payment: [\"-1.00\", none]",
        "17:17: error E02: `\"-1.00\"` is no amount; write digits with a point, as `\"50000.00\"`"
      ),
      (
        17, "      payment: [\"100.00\", \"none\"]",
        "17:27: error E01: write `none` without quotes: quotes are for amounts and times"
      ),
      // E03
      (
        4, "currency: cny",
        "4:11: error E03: `cny` is no currency code; write three capital letters, as `CNY`; did you mean `CNY`?"
      ),
      // E04
      (
        5, "timezone: Asia/Shanghia",
        "5:11: error E04: time zone `Asia/Shanghia` is not known; write an IANA name, as `Asia/Shanghai`; did you mean `Asia/Shanghai`?"
      ),
      (
        5, "timezone: CST",
        "5:11: error E04: `CST` names no place; write an IANA name of area and place, as `Asia/Shanghai`"
      ),
      (
        5, "timezone: +08:00",
        "5:11: error E04: `+08:00` is a fixed offset; write an IANA name, as `Asia/Shanghai`"
      ),
      (
        5, "timezone: Etc/GMT-8",
        "5:11: error E04: `Etc/GMT-8` is a fixed offset; write an IANA name, as `Asia/Shanghai`"
      ),
      (5, "timezone: Etc/UTC", "5:11: error E04: `Etc/UTC` is another name of `UTC`; write `UTC`"),
      (5, "timezone: UCT", "5:11: error E04: `UCT` is another name of `UTC`; write `UTC`"),
      (
        5, "timezone: Asia",
        "5:11: error E04: `Asia` names no place; write an IANA name of area and place, as `Asia/Shanghai`"
      ),
      (
        5, "timezone: right/Asia/Shanghai",
        "5:11: error E04: time zone `right/Asia/Shanghai`: its file counts leap seconds, which ledger time does not; use the plain zone"
      ),
      (
        5, "timezone: ../../etc/passwd",
        "5:11: error E04: time zone `../../etc/passwd` is not known; write an IANA name, as `Asia/Shanghai`"
      ),
      // E07
      (
        11, "    operations: [pays]",
        "11:18: error E07: `pays` is no operation; did you mean `pay`?; known: `fund`, `pay`, `cash-out`, `issue`, `redeem`, `settle`"
      ),
      (
        11, "    operations: [pay, fund]",
        "11:23: error E07: `fund` has no wallet on side `out`, so nothing would be counted"
      ),
      (
        11, "    operations: [pay, pay]",
        "11:23: error E07: operation `pay` stands twice; name each once"
      ),
      (
        10, "    measure: balance",
        """
        10:14: error E07: a balance is what is held after a payment; it comes `in`, and is one rule, not a table
        p.yaml:12:16: error E07: a balance is what is held after a payment; it comes `in`, and is one rule, not a table
        """
      ),
      (
        17, "      tx: [\"100.00\", none]",
        "17:7: error E07: `tx` is no window; known: `payment`, `day`, `week`, `month`, `year`, `lifetime`"
      ),
      (
        15, "    tiers: [basic, fulll]",
        "15:20: error E07: `fulll` is no tier; did you mean `full`?; known: `basic`, `full`"
      ),
      (
        14, "    then: flog",
        "14:11: error E07: `flog` is no action; did you mean `flag`?; known: `deny`, `flag`, `{require: N, of: GROUP}`, `{waterfall: linked-account}`, `{hold: DURATION, end: review}`"
      ),
      // E08
      (
        17, "      payment: [\"100.00\"]",
        "17:16: error E08: row `payment` has 1 cells for 2 tiers; write `none` where there is no limit"
      ),
      (
        15, "    tiers: [basic]",
        "15:12: error E08: tier `full` has no maximum here; write `full: none` if it has none"
      ),
      // What writers expect, and what to write.
      (
        14, "    then: warn",
        "14:11: error E07: `warn` is no action; did you mean `flag`?; known: `deny`, `flag`, `{require: N, of: GROUP}`, `{waterfall: linked-account}`, `{hold: DURATION, end: review}`"
      ),
      (
        14, "    then: waterfall",
        "14:11: error E07: `waterfall` is no action; did you mean `{waterfall: linked-account}`?; known: `deny`, `flag`, `{require: N, of: GROUP}`, `{waterfall: linked-account}`, `{hold: DURATION, end: review}`"
      ),
      (
        18, "      daily: [\"250.00\", \"1000.00\"]",
        "18:7: error E07: `daily` is no window; did you mean `day`?; known: `payment`, `day`, `week`, `month`, `year`, `lifetime`"
      ),
      (
        18, "      day: [\"250.00\", unlimited]",
        "18:23: error E07: `unlimited` is no value; write `none` where there is no limit"
      ),
      (
        18, "      day: [\"250.00\", ~]",
        "18:23: error E07: `~` is no value; write `none` where there is no limit"
      ),
      (
        18, "      day: [“250.00”, none]",
        "18:13: error E02: `“250.00”` is in quotes of another kind; write `\"250.00\"`"
      ),
      (
        5, "timezone: \"+08:00\"",
        "5:11: error E04: `+08:00` is a fixed offset; write an IANA name, as `Asia/Shanghai`"
      ),
      (
        5, "timezone: Asia/Beijing",
        "5:11: error E04: time zone `Asia/Beijing` is not known; write an IANA name, as `Asia/Shanghai`; did you mean `Asia/Shanghai`?"
      ),
      (
        5, "timezone: Europe/Bern",
        "5:11: error E04: time zone `Europe/Bern` is not known; write an IANA name, as `Asia/Shanghai`"
      ),
      (
        7, "tiers: [basic, full]\ncalendars: {c: {holidays: [\"2026-02-29\"]}}",
        "8:28: error E05: there is no day `2026-02-29` in the calendar; write one that there is"
      ),
      (
        7, "tiers: [basic, full]\nevents: {one: opened, two: opened, one: recorded}",
        "8:36: error E00: field `one` stands twice in this mapping, first on line 8; keep one"
      ),
      // E09
      (
        17, "      payment: [\"300.00\", none]",
        "17:7: error E09: rule `spend.payment` allows tier `basic` more than `spend.day` does, whose time is longer; one of the two is wrong"
      ),
      // E13
      (
        18, "      day: [\"250.00\", \"90000000000000000.01\"]",
        "18:23: error E13: `90000000000000000.01` is more than any balance may be, 9000000000000000000 minor units"
      ),
      (
        18, "      day: [\"250.00\", \"99999999999999999999.00\"]",
        "18:23: error E13: `99999999999999999999.00` is more than any balance may be, 9000000000000000000 minor units"
      ),
    ])
  func tell(line: Int, bad: String, expected: String) {
    var lines = PolicyFixtures.small.split(separator: "\n").map(String.init)
    lines[line - 1] = bad
    #expect(PolicyFixtures.errors(lines.joined(separator: "\n") + "\n") == "p.yaml:" + expected)
  }

  /// Goal: the same for what a file has beside its head and tables.
  @Test(
    arguments: [
      (
        "unverified: [spend.day.basic]",
        "p.yaml:19:14: error E20: `mode: enforce` with the unverified figure `spend.day.basic`; confirm it with a source, or accept it with `--accept-unverified`"
      ),
      (
        "unverified: [spend.days.basic]",
        "p.yaml:19:14: error E07: `spend.days.basic` is no figure; did you mean `spend.day.basic`?; known: `spend.payment.basic`, `spend.payment.full`, `spend.day.basic`, `spend.day.full`"
      ),
      (
        "sources: {paper: {title: Paper, dated: 2022-01-04, grade: D}}",
        """
        p.yaml:19:40: error E05: time `2022-01-04` is not quoted; write `"2022-01-04"`
        p.yaml:19:59: error E07: `D` is no grade; known: `A`, `B`, `C`
        """
      ),
      (
        "  - {rule: spend.day, measure: count, window: day, operations: [pay], direction: out, per: wallet, then: deny, maximum: {basic: 5, full: none}}",
        "p.yaml:19:12: error E06: `spend.day` stands twice, first on line 18; rename one"
      ),
      (
        "  - {rule: again, measure: amount, window: day, operations: [pay], direction: out, per: wallet, then: deny, maximum: {basic: none, full: \"5.00\"}}",
        "p.yaml:19:12: error E11: rule `again` measures the same as `spend.day`; write one rule"
      ),
      (
        "  - {rule: c, measure: count, window: day, operations: [pay], direction: out, per: wallet, then: deny, maximum: {basic: \"5\", full: none}}",
        "p.yaml:19:121: error E02: write `5` without quotes: a count of payments is no amount"
      ),
      (
        "  - {rule: h, measure: balance, operations: [fund], direction: in, per: wallet, then: deny, maximum: {basic: none}}",
        "p.yaml:19:102: error E08: tier `full` has no maximum here; write `full: none` if it has none"
      ),
      (
        "  - {rule: h, measure: balance, window: day, operations: [fund], direction: in, per: wallet, then: deny, maximum: {basic: none, full: none}}",
        "p.yaml:19:41: error E07: a balance is what is held after a payment; it comes `in`, and is one rule, not a table"
      ),
      (
        "  - {rule: c, measure: count, window: daily, operations: [pay], direction: out, per: wallet, then: deny, maximum: {basic: 5, full: None}}",
        """
        p.yaml:19:39: error E07: `daily` is no window; did you mean `day`?; known: `payment`, `day`, `week`, `month`, `year`, `lifetime`, `{rolling: DURATION}`, `{week-from: WEEKDAY}`, `{business-day: CALENDAR}`, `{from: TIME, to: TIME}`, `{since: EVENT}`, `{after: EVENT, for: DURATION}`
        p.yaml:19:132: error E07: `None` is no value; write `none` where there is no limit
        """
      ),
      (
        "tests: [{name: x, wallets: {a: {tier: basic, balance: \"1.00\"}}, steps: [{at: 2025-03-01T00:00:00Z, op: pay, from: a, amount: \"1.00\", expect: permit}]}]",
        "p.yaml:19:78: error E05: time `2025-03-01T00:00:00Z` is not quoted; write `\"2025-03-01T00:00:00Z\"`"
      ),
      (
        "tests: [{name: x, wallets: {a: {tier: basic, balance: \"1.00\"}}, steps: [{at: \"2025-02-29T00:00:00Z\", op: pay, from: a, amount: \"1.00\", expect: permit}]}]",
        "p.yaml:19:78: error E05: there is no day `2025-02-29` in the calendar; write one that there is"
      ),
      (
        "tests: [{name: x, wallets: {a: {tier: basic, balance: \"1.00\"}}, steps: [{at: \"2025-03-01T00:00:00Z\", op: pay, from: a, amount: \"1.00\", expect: deny}]}]",
        "p.yaml:19:73: error E01: field `rule` of a step that expects `deny` is missing"
      ),
      (
        "tests: [{name: x, wallets: {a: {tier: basic, balance: \"1.00\"}}, steps: [{at: \"2025-03-01T00:00:00Z\", op: fund, from: a, amount: \"1.00\", expect: permit}]}]",
        "p.yaml:19:118: error E07: `fund` has no wallet on side `from`, so nothing would be counted"
      ),
      (
        "tests: [{name: x, wallets: {a: {tier: basic, balance: \"1.00\"}}, steps: [{at: \"2025-03-01T00:00:00Z\", op: pay, from: a, amount: \"0.00\", expect: permit, times: 20001, every: \"PT1S\"}]}]",
        """
        p.yaml:19:128: error E02: amount `"0.00"` moves nothing; a payment is above zero
        p.yaml:19:159: error E01: `times` is 1 to 20000, not `20001`
        """
      ),
      (
        "tests: [{name: x, wallets: {a: {tier: basic, balance: \"1.00\"}}, steps: [{at: \"2025-03-01T00:00:00-00:00\", op: pay, from: a, amount: \"1.00\", expect: permit}]}]",
        "p.yaml:19:78: error E05: `\"2025-03-01T00:00:00-00:00\"` is no instant; write date, time and offset, as `\"2025-03-01T00:00:00+08:00\"`"
      ),
      (
        """
          - rule: few
            measure: count
            operations: [pay]
            direction: out
            per: wallet
            window: {rolling: "PT34560001S", events: 10001}
            then: deny
            maximum: 4294967295
        """,
        """
        p.yaml:24:23: error E14: `"PT34560001S"` is no length that can be kept; write more than nothing and at most `"P400D"`
        p.yaml:24:46: error E01: `events` is 1 to 10000, not `10001`
        p.yaml:26:14: error E01: a count of payments is 0 to 1000000000, not `4294967295`
        """
      ),
      (
        "calendars: {clearing: {holidays: [\"2025-12-25\", \"2025-12-25\"]}}",
        "p.yaml:19:49: error E06: `2025-12-25` stands twice, first on line 19; leave one out"
      ),
      (
        "exemptions: [{rules: [spend.day], participants: [icbc, icbc], until: \"2026-01-01T00:00:00Z\", reason: \(String(repeating: "x", count: 141))}]",
        """
        p.yaml:19:56: error E06: `icbc` stands twice, first on line 19; leave one out
        p.yaml:19:102: error E01: the reason has 141 bytes; at most 140
        """
      ),
      (
        // Its microseconds are more than 64 bits hold.
        "tests: [{name: x, wallets: {a: {tier: basic, balance: \"1.00\"}}, steps: [{at: \"2025-03-01T00:00:00Z\", op: pay, from: a, amount: \"1.00\", expect: permit, times: 20000, every: \"PT999999H\"}]}]",
        "p.yaml:19:173: error E05: the last of 20000 payments would be after the year 9999; lower `times` or `every`"
      ),
      (
        "tests: [{name: x, wallets: {a: {tier: basic, balance: \"1.00\"}}, steps: [{at: \"9999-12-31T23:59:59Z\", op: pay, from: a, amount: \"1.00\", expect: permit, times: 2, every: \"PT1S\"}]}]",
        "p.yaml:19:169: error E05: the last of 2 payments would be after the year 9999; lower `times` or `every`"
      ),
    ])
  func tellBelow(addition: String, expected: String) {
    #expect(PolicyFixtures.errors(PolicyFixtures.small + "\n" + addition + "\n") == expected)
  }

  /// Goal: one mistake is one error, and what it is made in keeps its name for the rest of the
  /// file.
  @Test(
    arguments: [
      ("measure: count", "measure: cuont"), ("window: day", "window: dya"),
      ("      day:", "      dya:"), ("share: \"10%\"", "share: \"110%\""), ("\"P1D\"", "\"P0D\""),
      ("weekend: [sunday]", "weekend: [sunnday]"), ("1111]", "111]"),
      ("then: {require", "thn: {require"),
      ("{basic: \"5.00\", full", "{basic: 5.00, full"), ("open: opened", "open: opned"),
      ("bank: {balance", "bank: {blance"), ("initial: none", "initial: nothing"),
      ("payment: [\"100.00\"", "payment: [100.00"), ("of: board", "of: baord"),
      ("business-day: local", "business-day: loacl"),
      ("title: A", "titel: A"),
    ])
  func tellOnce(right: String, wrong: String) throws {
    let text = """
      schema: 1
      pack: test.once
      version: 7
      currency: CNY
      timezone: Asia/Shanghai
      mode: enforce
      tiers: [basic, full]
      sources: {law: {title: A, dated: "2025-01-01", grade: A}}
      calendars: {local: {weekend: [sunday]}}
      attributes: {own: {of: wallet, amount: {initial: none, ceiling: none}}}
      events: {open: opened}
      groups: {board: [1111111111111111111111111111111111111111111111111111111111111111]}
      exemptions:
        - {rules: [spend.day, day, first, roll], participants: [bank], until: "2026-01-01T00:00:00Z", reason: A}
      limits:
        - table: spend
          measure: amount
          operations: [pay]
          direction: out
          per: wallet
          then: deny
          sources: [law]
          tiers: [basic, full]
          maxima:
            payment: ["100.00", none]
            day: ["250.00", "1000.00"]
        - {rule: day, measure: count, operations: [pay], direction: out, per: wallet, window: day, then: {require: 1, of: board}, maximum: {basic: 5, full: 9}}
        - {rule: first, measure: amount, operations: [cash-out], direction: out, per: wallet, window: {after: open, for: "P1D"}, then: deny, maximum: {basic: "5.00", full: {attribute: own}}}
        - {rule: roll, measure: amount, operations: [cash-out], direction: out, per: wallet, window: {business-day: local}, then: deny, maximum: {share: "10%", of: balance}}
      tests:
        - name: one
          participants: {bank: {balance: "10.00"}}
          wallets: {a: {tier: basic, balance: "500.00", at: bank, attributes: {own: "1.00"}}}
          steps:
            - {at: "2025-03-01T00:00:00Z", op: cash-out, from: a, to: bank, amount: "1.00", signed: {board: 1}, expect: permit}
            - {at: "2025-03-01T00:00:00Z", op: pay, from: a, amount: "100.01", expect: deny, rule: spend.day}
            - {at: "2025-03-01T00:00:00Z", op: pay, from: a, amount: "100.01", expect: deny, rule: roll}
            - {at: "2025-03-01T00:00:00Z", op: pay, from: a, amount: "100.01", expect: deny, rule: first}
      """
    #expect(PolicyFixtures.errors(text) == "")
    try #require(text.contains(right))
    let errors = PolicyFixtures.errors(text.replacing(right, with: wrong)).split(separator: "\n")
    #expect(errors.count == 1, "\(errors)")
  }

  /// Goal: all errors are told at once, in the order of the file.
  @Test func tellAll() {
    let bad = PolicyFixtures.small.replacing("currency: CNY", with: "currency: yuan")
      .replacing("\"250.00\"", with: "250.00").replacing("version: 7", with: "versoin: 7")
    #expect(
      PolicyFixtures.errors(bad) == """
        p.yaml:3:1: error E01: `versoin` is no field of the file; did you mean `version`?
        p.yaml:4:11: error E03: `yuan` is no currency code; write three capital letters, as `CNY`
        p.yaml:18:13: error E02: amount `250.00` is not quoted; write `"250.00"`, since YAML may \
        read it as another number
        """)
  }

  @Test func tellWhatIsNoText() throws {
    for (bytes, message) in [
      ([], "p.yaml:1:1: error E00: the file is empty; begin with `schema: 1`"),
      ([0xFF], "p.yaml:1:1: error E00: byte FF is no UTF-8; save the file as UTF-8"),
      (
        Array("schema: 1\npack: é".utf8) + [0xE9, 0x0A],
        "p.yaml:2:8: error E00: byte E9 is no UTF-8; save the file as UTF-8"
      ),
      (
        Array("a: 1\r\nb: 2\r\n".utf8),
        "p.yaml:1:5: error E00: the line ends in CR LF; end lines in LF alone, since signatures are over the file's bytes"
      ),
      (
        Array(repeating: UInt8(ascii: "a"), count: 262_145),
        "p.yaml:1:1: error E00: the file has more than 262144 bytes; split it into packs"
      ),
      (
        Array("- a".utf8), "p.yaml:1:1: error E01: the file is a mapping; write `name: value` lines"
      ),
    ] as [([UInt8], String)] {
      let error = #expect(throws: PolicyFileErrors.self) {
        try PolicyCompiler.compile(
          bytes: bytes, file: "p.yaml", exponent: 2, zones: PolicyFixtures.zones)
      }
      #expect(error?.description == message)
    }
  }

  /// Goal: what is odd but no error is told as a warning.
  @Test func warn() throws {
    let text =
      PolicyFixtures.small.replacing("Asia/Shanghai", with: "Europe/Berlin")
      .replacing("mode: enforce", with: "mode: draft") + """

              month: ["7750.01", none]
              year: [none, none]
        unverified: [spend.day.basic]

        """
    let policy = try PolicyFixtures.compile(text)
    #expect(policy.mode == .draft)
    #expect(
      policy.warnings.map(\.description) == [
        "p.yaml:17:7: warning W06: no rule limits what a wallet holds",
        "p.yaml:18:7: warning W04: rule `spend.day` counts by the day in `Europe/Berlin`, where a day has 23 or 25 hours twice a year",
        "p.yaml:19:7: warning W02: rule `spend.month` never bites in tier `basic`, because `spend.day` always bites before",
        "p.yaml:20:7: warning W01: rule `spend.year` has no maximum in any tier",
        "p.yaml:21:14: warning W05: the figure `spend.day.basic` is unverified",
      ])
  }

  /// Goal: what goes into one order is measured whole, and a draft, which goes into none, is not.
  @Test func refuseMoreThanAnOrderMayHave() throws {
    let comment = "# \(String(repeating: "x", count: 90))\n"
    let long = PolicyFixtures.small + "\n" + String(repeating: comment, count: 640)
    let told = PolicyFixtures.errors(long)
    #expect(told.contains("error E21: compiled, the rules take "), "\(told)")
    #expect(told.contains("the file's \(long.utf8.count) the order has "), "\(told)")
    #expect(told.hasSuffix("shorten comments, or split the file into packs"), "\(told)")
    #expect(PolicyFixtures.errors(long.replacing("enforce", with: "shadow ")) == told)
    let draft = try PolicyFixtures.compile(long.replacing("mode: enforce", with: "mode: draft"))
    #expect(draft.byteCount < 1_000)

    // The longest that compiles is the longest that can be sent.
    let excess = try #require(told.firstMatch(of: /has (\d+) more/)?.output.1).description
    let fitting = String(long.dropLast((Int(excess) ?? 0) + 1)) + "\n"
    #expect(PolicyFixtures.errors(fitting) == "")
    #expect(PolicyFixtures.errors(fitting + "\n").contains("the order has 1 more than the 57344"))
  }

  /// Goal: rules that compile into more bytes than are ever signed are refused, the limit named.
  @Test func refuseMoreThanARuleSetMayHave() {
    let tiers = (0..<64).map { "tier-\($0)" }
    let maxima = tiers.indices.map { "\"\(80_000_000_000_000 - $0).00\"" }
    let row = "[\n          \(maxima.joined(separator: ",\n          "))]"
    let tables = (0..<70).map { table in
      """
        - table: spend-\(table)
          measure: amount
          operations: [pay]
          direction: out
          per: wallet
          when: {channel: [c\(table)]}
          then: deny
          tiers: [\(tiers.joined(separator: ", "))]
          maxima:
            payment: \(row)

      """
    }
    let text =
      PolicyFixtures.small.prefix { $0 != "[" } + "[\(tiers.joined(separator: ", "))]\n\nlimits:\n"
      + tables.joined()
    #expect(
      PolicyFixtures.errors(String(text))
        == "p.yaml:1:1: error E21: compiled, the rules take 62197 bytes, and a rule set at most "
        + "49152; split the file into packs, or leave out holidays, exemptions or zones")
  }
}
