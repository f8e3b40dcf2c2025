/// Finds what a writer most likely meant.
package enum Suggestion {
  /// Returns the known word nearest to `word`, if it is near.
  ///
  /// Near is at most a third of the letters inserted, removed, changed or swapped, letter case
  /// aside. Of two that are equally near, the first.
  ///
  /// - Parameters:
  ///   - word: What was written.
  ///   - known: What might have been.
  ///   - most: Of letters, in place of a third.
  /// - Returns: `nil` where none is near.
  package static func nearest(
    to word: String, among known: [String], within most: Int? = nil
  ) -> String? {
    guard word.utf8.count <= 64 else { return nil }
    let bound = most ?? (word.utf8.count < 3 ? 0 : word.utf8.count / 3)
    var best: (word: String, distance: Int)?
    for candidate in known where candidate != word {
      let distance = distance(Array(word.lowercased().utf8), Array(candidate.lowercased().utf8))
      if distance <= bound, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.word
  }

  /// Optimal string alignment distance.
  ///
  /// - Complexity: O(product of the lengths).
  private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    guard abs(one.count - other.count) <= 20 else { return .max }
    var rows = [Array(0...other.count)]
    for (i, a) in one.enumerated() {
      var row = [i + 1]
      for (j, b) in other.enumerated() {
        var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a == b ? 0 : 1))
        if i > 0, j > 0, a == other[j - 1], one[i - 1] == b {
          cost = min(cost, rows[i - 1][j - 1] + 1)
        }
        row.append(cost)
      }
      rows.append(row)
    }
    return rows[one.count][other.count]
  }
}
