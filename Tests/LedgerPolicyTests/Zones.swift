import LedgerModel

/// Zones written out by hand, so that these tests need no zone database.
enum Zones {
  static let shanghai = TimeZoneTable(
    name: "Asia/Shanghai", firstOffset: 28_800,
    transitions: [
      .init(at: 515_527_200, offset: 32_400), .init(at: 527_014_800, offset: 28_800),
      .init(at: 545_162_400, offset: 32_400), .init(at: 558_464_400, offset: 28_800),
    ], footer: .init(standardOffset: 28_800, daylight: nil))

  static let berlin = TimeZoneTable(
    name: "Europe/Berlin", firstOffset: 3_600,
    transitions: [.init(at: 323_830_800, offset: 7_200), .init(at: 338_950_800, offset: 3_600)],
    footer: .init(
      standardOffset: 3_600,
      daylight: .init(
        offset: 7_200, start: .init(month: 3, week: 5, weekday: 0, seconds: 7_200),
        end: .init(month: 10, week: 5, weekday: 0, seconds: 10_800))))

  /// Skipped the whole of 2011-12-30 (local).
  static let apia = TimeZoneTable(
    name: "Pacific/Apia", firstOffset: -39_600,
    transitions: [
      .init(at: 1_285_498_800, offset: -36_000), .init(at: 1_301_752_800, offset: -39_600),
      .init(at: 1_316_872_800, offset: -36_000), .init(at: 1_325_239_200, offset: 50_400),
      .init(at: 1_333_202_400, offset: 46_800),
    ], footer: .init(standardOffset: 46_800, daylight: nil))

  /// Summer time began and ended at midnight: days without a 00:00, and days with two 23:00.
  static let saoPaulo = TimeZoneTable(
    name: "America/Sao_Paulo", firstOffset: -10_800,
    transitions: [
      .init(at: 1_508_036_400, offset: -7_200), .init(at: 1_518_919_200, offset: -10_800),
      .init(at: 1_541_300_400, offset: -7_200), .init(at: 1_550_368_800, offset: -10_800),
    ], footer: .init(standardOffset: -10_800, daylight: nil))

  /// Invented: a day lived twice, a jump back of 25 h across a month's end, then half an hour on.
  static let backwards = TimeZoneTable(
    name: "Test/Backwards", firstOffset: 50_400,
    transitions: [
      .init(at: 2_678_400, offset: -39_600), .init(at: 5_000_000, offset: -37_800),
      .init(at: 31_535_000, offset: 46_800), .init(at: 31_540_000, offset: -43_200),
    ], footer: .init(standardOffset: -43_200, daylight: nil))

  /// South of the equator, with a half-hour change (Australia/Lord_Howe).
  static let lordHowe = TimeZoneTable(
    name: "Australia/Lord_Howe", firstOffset: 37_800, transitions: [],
    footer: .init(
      standardOffset: 37_800,
      daylight: .init(
        offset: 39_600, start: .init(month: 10, week: 1, weekday: 0, seconds: 7_200),
        end: .init(month: 4, week: 1, weekday: 0, seconds: 7_200))))

  /// Changes at two in the morning (America/New_York).
  static let newYork = TimeZoneTable(
    name: "America/New_York", firstOffset: -18_000, transitions: [],
    footer: .init(
      standardOffset: -18_000,
      daylight: .init(
        offset: -14_400, start: .init(month: 3, week: 2, weekday: 0, seconds: 7_200),
        end: .init(month: 11, week: 1, weekday: 0, seconds: 7_200))))

  static let utc = TimeZoneTable(
    name: "UTC", firstOffset: 0, transitions: [], footer: .init(standardOffset: 0, daylight: nil))

  static let all = [shanghai, berlin, apia, saoPaulo, backwards, lordHowe, newYork, utc]
}
