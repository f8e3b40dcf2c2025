package import LedgerModel

/// Finds an account's slot by its id.
package struct SlotTable: Sendable {
  private var table = NumberTable()

  package init() {}

  /// Accounts filed.
  package var count: Int { table.count }

  /// Returns the slot of an account in `accounts`, or `nil` where it is not filed.
  package func slot(of id: AccountID, in accounts: [AccountState]) -> Int? {
    table.number(hash: SeededHash.of(id.value)) { accounts[$0].id == id }
  }

  /// Files the account at `slot` of `accounts`, which is filed at no other.
  package mutating func file(_ slot: Int, of accounts: [AccountState]) {
    table.insert(slot, hash: SeededHash.of(accounts[slot].id.value)) {
      SeededHash.of(accounts[$0].id.value)
    }
  }
}
