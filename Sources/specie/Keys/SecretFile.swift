import LedgerModel
import LedgerStorageSQLite
import LedgerWire

/// The file of the secret that blinds a ledger's commitments to its state.
enum SecretFile {
  private static let bytesMax = 256

  /// Where a ledger's folder has it.
  static func path(in folder: String) -> String {
    folder + "/" + LedgerDirectory.FileName.commitmentSecret
  }

  static func read(_ path: String) throws(CommandFault) -> CommitmentSecret {
    let text = try LocalFile.readText(path, bytesMax: bytesMax)
    do {
      return try CommitmentSecret(text: text)
    } catch {
      throw .fileInvalid(path: path, problem: error.description)
    }
  }

  /// Reads the file given, or else the folder's, if there is one, and the file in it.
  static func find(
    _ given: String?, in folder: String?
  ) throws(CommandFault) -> CommitmentSecret? {
    if let given { return try read(given) }
    guard let folder else { return nil }
    let path = path(in: folder)
    return LocalFile.exists(path) ? try read(path) : nil
  }

  static func create(_ path: String, _ secret: CommitmentSecret) throws(CommandFault) {
    try LocalFile.create(path, Array(secret.text.utf8), mode: 0o600)
  }
}
