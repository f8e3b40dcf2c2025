package import LedgerStorage

extension LedgerDirectory {
  /// Opens the webhooks of the ledger's readers, in a file that is made where there is none.
  ///
  /// Nothing can be put in the place of a file that is damaged: it is refused, and whoever moves it
  /// away knows that every reader has to set its webhooks up again.
  ///
  /// - Returns: A store that is closed before the folder is.
  /// - Throws: ``StoreError/corrupt(detail:)``, ``StoreError/notALedger(path:detail:)`` or
  ///   ``StoreError/newerFormat(path:found:newest:)``.
  package func openWebhooks() throws(StoreError) -> SQLiteWebhookStore {
    try SQLiteWebhookStore(openingAt: path + "/" + FileName.webhooks)
  }
}
