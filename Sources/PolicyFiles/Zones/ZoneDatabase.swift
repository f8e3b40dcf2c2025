import Foundation
public import LedgerModel

/// Where time zones come from.
public struct ZoneDatabase: Sendable {
  /// Returns the bytes of a zone's TZif file, or `nil` where there is none of that name.
  let read: @Sendable (String) -> [UInt8]?
  /// Returns the names that are known, to suggest one.
  let names: @Sendable () -> [String]

  public init(
    read: @escaping @Sendable (String) -> [UInt8]?, names: @escaping @Sendable () -> [String]
  ) {
    self.read = read
    self.names = names
  }

  /// The zone database of this machine.
  public static let system = ZoneDatabase(directory: "/usr/share/zoneinfo")

  /// The zone database in a directory.
  public init(directory: String) {
    self.init(
      read: { name in
        guard let file = FileHandle(forReadingAtPath: directory + "/" + name) else { return nil }
        defer { try? file.close() }
        let data = try? file.read(upToCount: PolicyFileLimits.zoneBytesMax + 1)
        return data.map { [UInt8]($0) }
      },
      names: {
        guard let data = FileManager.default.contents(atPath: directory + "/tzdata.zi") else {
          return []
        }
        // `Z Asia/Shanghai …` for a zone, `L Asia/Shanghai PRC` for another name of it.
        return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { line in
          let words = line.split(separator: " ", maxSplits: 3)
          guard words.count >= 3, words[0] == "Z" || words[0] == "L" else { return nil }
          return String(words[0] == "Z" ? words[1] : words[2])
        }
      })
  }

  /// Returns the zone of an IANA name, or what is wrong with the name or its file.
  func table(named name: String) -> Result<TimeZoneTable, ZoneFailure> {
    if let problem = Self.problem(with: name) { return .failure(ZoneFailure(problem: problem)) }
    guard let bytes = read(name) else {
      let names = names().filter { Self.problem(with: $0) == nil }
      return .failure(
        ZoneFailure(
          problem: .unknownZone(name, suggestion: Self.suggestion(for: name, among: names))))
    }
    do {
      return .success(try ZoneFile.read(bytes, name: name))
    } catch {
      return .failure(ZoneFailure(problem: .unreadableZone(name, error)))
    }
  }

  /// Returns the zone of an IANA name.
  ///
  /// - Throws: ``PolicyProblem`` that says what is wrong with the name or its file.
  public func zone(named name: String) throws -> TimeZoneTable {
    switch table(named: name) {
    case .success(let table): return table
    case .failure(let failure): throw failure.problem
    }
  }

  /// Places that have the time of another one, which names the zone.
  private static let otherPlaces = [
    "Asia/Beijing": "Asia/Shanghai", "Asia/Peking": "Asia/Shanghai",
    "Asia/Shenzhen": "Asia/Shanghai", "Asia/Guangzhou": "Asia/Shanghai",
    "Asia/Delhi": "Asia/Kolkata", "Asia/New_Delhi": "Asia/Kolkata", "Asia/Mumbai": "Asia/Kolkata",
    "Asia/Abu_Dhabi": "Asia/Dubai", "Africa/Abuja": "Africa/Lagos",
    "America/Brasilia": "America/Sao_Paulo", "America/Washington": "America/New_York",
    "America/San_Francisco": "America/Los_Angeles", "Europe/Frankfurt": "Europe/Berlin",
    "Europe/Munich": "Europe/Berlin", "Europe/Geneva": "Europe/Zurich",
  ]

  /// The zone that was meant; places of which less than a part is changed are another place.
  private static func suggestion(for name: String, among names: [String]) -> String? {
    if let place = otherPlaces[name], names.contains(place) { return place }
    let place = name.split(separator: "/").last ?? ""
    return Suggestion.nearest(to: name, among: names, within: max(1, place.utf8.count / 3))
  }

  /// What else the database calls it, with and without `Etc/`.
  private static let namesOfUTC = ["UTC", "UCT", "UNIVERSAL", "ZULU", "GMT", "GMT0", "GREENWICH"]

  /// An IANA name has an area and a place; `UTC` is the one exception.
  private static func problem(with name: String) -> PolicyProblem? {
    if name == "UTC" { return nil }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let isName = parts.allSatisfy { part in
      part.utf8.allSatisfy { byte in
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || byte == UInt8(ascii: "_")
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
          || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
      } && !part.isEmpty
    }
    guard isName, name.utf8.count <= 64 else {
      // `+08:00` and the like: a name never has a colon.
      return name.contains(":") ? .fixedZone(name) : .unknownZone(name, suggestion: nil)
    }
    if namesOfUTC.contains((parts.last ?? "").uppercased()), parts.count == 1 || parts[0] == "Etc" {
      return .otherNameOfUTC(name)
    }
    switch parts[0] {
    case "Etc", "SystemV": return .fixedZone(name)
    case "right": return .unreadableZone(name, .leapSeconds)
    case "posix":
      return .unknownZone(name, suggestion: parts.dropFirst().joined(separator: "/"))
    default: return parts.count == 1 ? .zoneWithoutPlace(name) : nil
    }
  }
}

/// Why there is no zone of a name.
struct ZoneFailure: Error {
  let problem: PolicyProblem
}
