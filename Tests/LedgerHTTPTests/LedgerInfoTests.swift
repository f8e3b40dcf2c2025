import FoundationEssentials
import LedgerClient
import Testing

/// Goal: what a server says of its ledger is refused where no ledger is so.
@Suite struct LedgerInfoTests {
  /// The newest entry is looked for one below the size, and a log has its genesis.
  @Test(arguments: [UInt64(0), 1]) func aLogHasItsGenesis(size: UInt64) {
    let json = """
      {"ledger":"\(String(repeating: "0", count: 64))","origin":"ledger.example/test",
      "log_key":"","currencies":[],"parameters":{"participant_horizon_us":1,
      "officer_horizon_us":1},"time_us":1,"size":\(size),"checkpoint_size":\(size)}
      """
    let info = try? JSONDecoder().decode(LedgerInfo.self, from: Data(json.utf8))
    #expect(info?.size == (size > 0 ? size : nil))
  }
}
