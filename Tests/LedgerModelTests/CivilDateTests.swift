import LedgerModel
import Testing

@Suite struct CivilDateTests {
  /// Goal: every day from 1900 to 2200 is the right date, and back.
  ///
  /// Method: Exhaustive, against a calendar that counts day by day from 1970-01-01.
  @Test func everyDayOfThreeCenturies() {
    var (year, month, day) = (1900, 1, 1)
    // Days from 1900-01-01 to 1970-01-01: 70 years with 17 leap days (1900 had none).
    var days = -(70 * 365 + 17)
    var count = 0
    while year < 2201 {
      let date = CivilDate(daysSince1970: days)
      #expect(date == CivilDate(year: year, month: month, day: day))
      #expect(date.daysSince1970 == days)
      count += 1
      days += 1
      day += 1
      if day > Self.days(inMonth: month, ofYear: year) { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect(count == 301 * 365 + 73)
  }

  @Test func landmarks() {
    #expect(CivilDate(daysSince1970: 0) == CivilDate(year: 1970, month: 1, day: 1))
    #expect(CivilDate(daysSince1970: -719_468) == CivilDate(year: 0, month: 3, day: 1))
    #expect(CivilDate(year: 2000, month: 2, day: 29).daysSince1970 == 11_016)
    #expect(CivilDate(year: -1, month: 12, day: 31).daysSince1970 == -719_529)
    for days in stride(from: -200_000_000, through: 220_000_000, by: 9_999_991) {
      #expect(CivilDate(daysSince1970: days).daysSince1970 == days)
    }
  }

  private static func days(inMonth month: Int, ofYear year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  @Test func printsRFC3339() {
    let cases: [(UInt64, String)] = [
      (0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:00.000001Z"),
      (999_999, "1970-01-01T00:00:00.999999Z"), (1_000_000, "1970-01-01T00:00:01Z"),
      (500_000, "1970-01-01T00:00:00.500000Z"), (86_399_999_999, "1970-01-01T23:59:59.999999Z"),
      (951_782_400_000_000, "2000-02-29T00:00:00Z"),
      (1_772_337_600_000_000, "2026-03-01T04:00:00Z"),
      (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ]
    for (microseconds, text) in cases {
      #expect(CivilDate.rfc3339(microseconds: microseconds) == text)
      #expect(CivilDate.microseconds(rfc3339: text) == microseconds)
      #expect(LedgerTime(microseconds: microseconds).description == text)
    }
  }

  @Test func readsOffsetsAndFractions() {
    let cases: [(String, UInt64)] = [
      ("1970-01-01T08:00:00+08:00", 0), ("1969-12-31T19:00:00-05:00", 0),
      ("1970-01-01T00:00:00+00:00", 0), ("1970-01-02T00:00:00+23:59", 60_000_000),
      ("1970-01-01T00:00:00.5Z", 500_000), ("1970-01-01T00:00:00.05+00:00", 50_000),
      ("1970-01-01T00:00:00.123456Z", 123_456), ("1970-01-01T05:30:00.000001+05:30", 1),
    ]
    for (text, microseconds) in cases {
      #expect(CivilDate.microseconds(rfc3339: text) == microseconds, "\(text)")
    }
  }

  @Test(arguments: [
    "", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z", "1970-01-01t00:00:00Z",
    "1970-01-01T00:00:00z", "1970-01-01T00:00:00 Z", "1970-01-01T00:00:00ZZ",
    "1970-01-01T00:00Z", "70-01-01T00:00:00Z", "01970-01-01T00:00:00Z", "1970-1-01T00:00:00Z",
    "1970-00-01T00:00:00Z", "1970-13-01T00:00:00Z", "1970-01-00T00:00:00Z",
    "1970-01-32T00:00:00Z", "1970-04-31T00:00:00Z", "1971-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z",
    "1970-01-01T00:00:00-00:00",
    "1990-12-31T23:59:60Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00.1234567Z",
    "1970-01-01T00:00:00,5Z", "1970-01-01T00:00:00+0800", "1970-01-01T00:00:00+08",
    "1970-01-01T00:00:00+8:00", "1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00+08:60",
    "1970-01-01T00:00:00.5", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01",
    "197O-01-01T00:00:00Z", "+970-01-01T00:00:00Z", "１970-01-01T00:00:00Z",
  ])
  func refusesAllElse(text: String) {
    #expect(CivilDate.microseconds(rfc3339: text) == nil)
  }
}
