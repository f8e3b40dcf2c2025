import Foundation
import LedgerModel
import LedgerPolicy
import LedgerTesting
import Testing

@Suite struct PolicyEngineProperties {
  /// The groups of seeds to run: the first 16, or as `scripts/differential` names them.
  private static let groups: Range<UInt64> = {
    let text = ProcessInfo.processInfo.environment["SPECIE_POLICY_GROUPS"]
    let bounds = text.map { $0.split(separator: "-").compactMap { UInt64($0) } } ?? [0, 16]
    precondition(bounds.count == 2 && bounds[0] < bounds[1], "groups are written as 16-64")
    return bounds[0]..<bounds[1]
  }()

  /// Goal: the engine decides as the reference does, whatever rules, payments and orders come.
  ///
  /// Method: 16 groups of 256 seeds, each a history of 256 decisions, so more than a million in
  /// all. Sets of every shape come, go and come back; payments come in one instant, at edges of
  /// windows and around them. Within a group each shape was the answer. To repeat a
  /// difference, run its seed alone.
  @Test(arguments: groups)
  func decideAsTheReference(group: UInt64) {
    var coverage = PolicyCoverage()
    for seed in group * 256..<(group + 1) * 256 {
      var history = PolicyHistory(seed: seed)
      do throws(PolicyHistory.Difference) {
        try history.run(decisions: 256)
      } catch {
        Issue.record("\(error)")
        return
      }
      coverage.add(history.coverage)
    }
    #expect(coverage.counts["decisions"] == 256 * 256)
    #expect(coverage.missing(below: 1) == [], "group \(group)")
  }
}
