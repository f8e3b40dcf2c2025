/// The order of fields in the one layout.
enum FormatOrder {
  private static let file = [
    "schema", "pack", "version", "currency", "timezone", "mode", "effective", "supersedes",
    "tiers", "sources", "unverified", "calendars", "attributes", "events", "groups", "exemptions",
    "limits", "tests",
  ]

  private static let limit = [
    "table", "rule", "measure", "operations", "direction", "per", "window", "timezone", "when",
    "counts", "then", "effective", "sources", "tiers", "maxima", "unders", "minima", "maximum",
    "under", "minimum",
  ]

  /// The rows of a table, which are rules and stay in their order.
  static let rows = ["maxima", "unders", "minima"]

  /// The fields of the mapping at a path, `-` for an item of a list; `nil` where their order is the
  /// author's.
  static func fields(at path: [String]) -> [String]? {
    switch path.first {
    case nil: return file
    case "limits": return path == ["limits", "-"] ? limit : ofLimit(path)
    case "tests":
      return path == ["tests", "-"] ? ["name", "participants", "wallets", "steps"] : nil
    case "sources": return path.count == 2 ? ["title", "url", "dated", "grade"] : nil
    case "effective": return path.count == 1 ? ["from", "until"] : nil
    case "supersedes": return path.count == 1 ? ["pack", "version"] : nil
    default: return nil
    }
  }

  /// The fields within one field of a limit.
  private static func ofLimit(_ path: [String]) -> [String]? {
    guard path.count > 2 else { return nil }
    switch (path[2], path.count) {
    case ("effective", 3): return ["from", "until"]
    case ("window", 3):
      return [
        "rolling", "events", "week-from", "business-day", "from", "to", "on", "since", "after",
        "for",
      ]
    case ("then", 3):
      return ["require", "of", "waterfall", "reverse", "hold", "end", "sticky"]
    case ("when", 3):
      return [
        "channel", "channel-not", "purpose", "purpose-not", "payer", "payee", "payee-paid",
        "payee-listed",
      ]
    case ("when", 4) where path[3] == "payer" || path[3] == "payee":
      return [
        "tier", "tier-not", "participant", "participant-not", "attributes", "attributes-not",
      ]
    case ("maximum", _), ("under", _), ("minimum", _), ("maxima", 4...), ("unders", 4...),
      ("minima", 4...):
      // Tiers are none of these words, and stay as they are.
      return PolicyReader.capWords
    default: return nil
    }
  }

  /// Returns items in the order of their fields; those that are no fields last, as they are.
  static func sorted<Item>(
    _ items: [Item], at path: [String], by name: (Item) -> String?
  ) -> [Item] {
    guard let fields = fields(at: path) else { return items }
    let places = items.map { item in
      name(item).flatMap { fields.firstIndex(of: $0) } ?? fields.count
    }
    return items.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { items[$0] }
  }
}
