import Foundation
import LedgerModel
import LedgerWire

/// A private key in a file, encrypted under a passphrase.
struct KeyFile {
  let path: String
  let sealed: SealedKey

  var publicKey: PublicKey { sealed.publicKey }

  /// Reads a key file, without opening it.
  init(path: String) throws {
    let bytes = try LocalFile.read(path, bytesMax: SealedKey.fileBytesMax)
    do {
      sealed = try SealedKey(json: bytes)
    } catch {
      throw CommandFault.fileInvalid(path: path, problem: error.description)
    }
    self.path = path
    // The passphrase is then all that keeps the key, and it can be guessed at leisure.
    LocalFile.warnIfShared(path)
  }

  private init(path: String, sealed: SealedKey) {
    self.path = path
    self.sealed = sealed
  }

  /// Makes a key, and writes its file; one that is there is never overwritten.
  static func create(at path: String, passphrases: PassphraseOptions) throws -> KeyFile {
    guard !LocalFile.exists(path) else { throw CommandFault.fileExists(path: path) }
    let passphrase = try passphrases.new(path)
    let file = KeyFile(
      path: path, sealed: SealedKey(sealing: .generate(), passphrase: passphrase.bytes))
    try LocalFile.create(path, file.sealed.json, mode: 0o600)
    return file
  }

  /// Opens the key.
  func open(_ passphrases: PassphraseOptions) throws -> SigningKey {
    let passphrase = try passphrases.existing(path)
    do {
      return try sealed.open(passphrase: passphrase.bytes)
    } catch {
      throw CommandFault.fileInvalid(path: path, problem: error.description)
    }
  }

  /// Seals the key under another passphrase.
  func changePassphrase(_ passphrases: PassphraseOptions) throws {
    let key = try open(passphrases)
    let replacement = try passphrases.replacement(path)
    try LocalFile.replace(
      path, SealedKey(sealing: key, passphrase: replacement.bytes).json, mode: 0o600)
  }
}
