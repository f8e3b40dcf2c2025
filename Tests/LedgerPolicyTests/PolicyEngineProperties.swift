import LedgerModel
import LedgerPolicy
import LedgerTesting
import Testing

@Suite struct PolicyEngineProperties {
  /// Goal: the engine decides as the reference does, whatever rules, payments and orders come.
  ///
  /// Method: 16 groups of 256 seeds, each a history of 256 decisions, so more than a million in
  /// all. Sets of every shape come, go and come back; payments come in one instant, at edges of
  /// windows and around them. Within a group each shape was the answer often. To repeat a
  /// difference, run its seed alone.
  @Test(arguments: UInt64(0)..<16)
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
    #expect(coverage.missing(below: 3) == [], "group \(group)")
  }
}
