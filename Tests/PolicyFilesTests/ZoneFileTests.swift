import LedgerModel
import LedgerPolicy
import PolicyFiles
import Testing

@Suite struct ZoneFileTests {
  /// Goal: the zones of this machine's database have the offsets that they should.
  ///
  /// Method: known answers, from Python's `zoneinfo`; instants in `instants`.
  @Test(
    arguments: [
      (
        "Asia/Shanghai",
        [
          28800, 28800, 32400, 32400, 28800, 28800, 28800, 28800, 28800, 28800, 28800, 28800, 28800,
          28800,
        ]
      ),
      (
        "Africa/Lagos",
        [3600, 3600, 3600, 3600, 3600, 3600, 3600, 3600, 3600, 3600, 3600, 3600, 3600, 3600]
      ),
      (
        "America/Sao_Paulo",
        [
          -10800, -7200, -10800, -10800, -10800, -7200, -7200, -10800, -7200, -10800, -10800,
          -10800, -10800, -10800,
        ]
      ),
      (
        "Europe/Berlin",
        [3600, 3600, 7200, 7200, 7200, 3600, 3600, 3600, 3600, 3600, 7200, 3600, 7200, 3600]
      ),
      (
        "Pacific/Apia",
        [
          -39600, -39600, -39600, -39600, -39600, -36000, 50400, 50400, 50400, 46800, 46800, 46800,
          46800, 46800,
        ]
      ),
      (
        "Asia/Kathmandu",
        [
          19800, 20700, 20700, 20700, 20700, 20700, 20700, 20700, 20700, 20700, 20700, 20700, 20700,
          20700,
        ]
      ),
      (
        "America/New_York",
        [
          -18000, -18000, -14400, -14400, -14400, -18000, -18000, -14400, -14400, -14400, -14400,
          -18000, -14400, -18000,
        ]
      ),
      (
        "Australia/Lord_Howe",
        [
          36000, 39600, 37800, 37800, 37800, 39600, 39600, 39600, 39600, 39600, 39600, 39600, 37800,
          39600,
        ]
      ),
      ("Africa/Casablanca", [0, 3600, 0, 0, 0, 0, 0, 3600, 3600, 0, 0, 0, 3600, 3600]),
    ] as [(String, [Int])])
  func haveTheOffsetsOfTheDatabase(name: String, offsets: [Int]) throws {
    let zone = try #require(try compile(zone: name, .system).ruleSet.zones.first)
    for (text, offset) in zip(Self.instants, offsets) {
      let microseconds = try #require(CivilDate.microseconds(rfc3339: text))
      #expect(zone.offset(at: Int64(microseconds / 1_000_000)) == offset, "\(name) at \(text)")
    }
  }

  private static let instants = [
    "1970-01-01T00:00:00Z", "1985-12-31T19:00:00Z", "1986-07-01T00:00:00Z", "1991-09-14T15:59:59Z",
    "2000-06-01T12:00:00Z", "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z", "2018-11-04T02:59:59Z",
    "2018-11-04T03:00:00Z", "2025-03-30T00:59:59Z", "2025-03-30T01:00:00Z", "2037-11-01T06:00:00Z",
    "2099-07-01T00:00:00Z", "2499-12-31T23:00:00Z",
  ]

  /// Goal: a database built with redundant transitions gives the same table as one without.
  @Test func giveOneTableForFatAndSlim() throws {
    let footer = "CET-1CEST,M3.5.0,M10.5.0/3"
    let types: [Int32] = [3_600, 7_200, 3_600]
    // 1969 (dropped), 1980 twice, then 1996 and on: what the footer says.
    let slim: [(Int64, UInt8)] = [(323_830_800, 1), (338_950_800, 0)]
    let fat: [(Int64, UInt8)] =
      [(-10_000_000, 1), (-5_000_000, 0)] + slim + [
        (338_950_900, 2), (354_675_600, 1), (372_819_600, 0),
      ]
    func table(_ transitions: [(Int64, UInt8)]) throws -> TimeZoneTable? {
      let bytes = PolicyFixtures.tzif(
        footer: footer, transitions: transitions.map { (at: $0.0, type: $0.1) }, types: types)
      return try compile(zone: "Europe/Berlin", ZoneDatabase(read: { _ in bytes }, names: { [] }))
        .ruleSet.zones.first
    }
    let expected = try #require(try table(slim))
    #expect(try table(fat) == expected)
    #expect(expected.transitions.count < 3)
  }

  /// Goal: each damage is named.
  @Test(
    arguments: [
      (PolicyFixtures.tzif(footer: "CST-8", version: 0), "is of TZif version 1"),
      (PolicyFixtures.tzif(footer: "CST-8", leapSeconds: 1), "counts leap seconds"),
      (PolicyFixtures.tzif(footer: ""), "nothing is known of the time after"),
      (PolicyFixtures.tzif(footer: "EST5EDT,J60,J300"), "names days by their number in the year"),
      (PolicyFixtures.tzif(footer: "EST5EDT,0/0,365/25"), "names days by their number in the year"),
      (PolicyFixtures.tzif(footer: "EST5EDT"), "is no POSIX time zone"),
      (PolicyFixtures.tzif(footer: "EST5EDT,M13.1.0,M11.1.0"), "is no POSIX time zone"),
      (PolicyFixtures.tzif(footer: "CST-8"), "its offsets and its rule for the future disagree"),
      (
        PolicyFixtures.tzif(footer: "UTC0", transitions: [(5, 7)]), "names a type that is not there"
      ),
      (PolicyFixtures.tzif(footer: "UTC0", transitions: [(5, 0), (5, 0)]), "do not ascend"),
      (Array("TZif2".utf8), "is cut short"), (Array("TZjf2".utf8), "is no TZif file"),
      ([], "is cut short"),
    ] as [([UInt8], String)])
  func refuse(bytes: [UInt8], message: String) throws {
    let error = #expect(throws: PolicyFileErrors.self) {
      try compile(zone: "Asia/Shanghai", ZoneDatabase(read: { _ in bytes }, names: { [] }))
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  /// Goal: no file crashes the reader.
  @Test func surviveDamage() throws {
    let good = PolicyFixtures.tzif(
      footer: "CET-1CEST,M3.5.0,M10.5.0/3", transitions: [(323_830_800, 1), (338_950_800, 0)],
      types: [3_600, 7_200])
    var random = SplitMix64(seed: 1)
    for index in good.indices {
      _ = try? compile(
        zone: "Asia/Shanghai", ZoneDatabase(read: { _ in Array(good[..<index]) }, names: { [] }))
      for _ in 0..<4 {
        var bad = good
        bad[index] = UInt8.random(in: 0...255, using: &random)
        let copy = bad
        guard
          let policy = try? compile(
            zone: "Asia/Shanghai", ZoneDatabase(read: { _ in copy }, names: { [] })),
          let zone = policy.ruleSet.zones.first
        else { continue }
        #expect(zone.isValid)
        for instant in stride(from: UInt64(0), to: 20_000_000_000, by: 1_234_567_890) {
          let time = LedgerTime(microseconds: instant * 1_000_000)
          _ = CalendarWindow(.day(zone), at: time)
        }
      }
    }
  }

  private func compile(
    zone: String, _ zones: ZoneDatabase
  ) throws(PolicyFileErrors) -> CompiledPolicy {
    try PolicyCompiler.compile(
      text: PolicyFixtures.small.replacing("Asia/Shanghai", with: zone), file: "p.yaml",
      exponent: 2, zones: zones)
  }
}
