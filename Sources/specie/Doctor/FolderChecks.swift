import ArgumentParser
import Foundation
import LedgerModel
import LedgerStorage
import LedgerStorageSQLite
import LedgerWire
import MerkleLog

/// Looks at a ledger's folder and at what goes with it, and changes nothing.
struct FolderChecks {
  /// Below this the log soon finds no room: 1 GiB.
  private static let freeBytesMin = 1 << 30

  let folder: String

  func findings(_ settings: ServeSettings) -> [Finding] {
    guard LocalFile.exists(folder + "/" + LedgerDirectory.FileName.ledger) else {
      return [.error("folder", "`\(folder)` holds no ledger; `specie init` makes one")]
    }
    var findings = [permissions, room, secret(settings.commitmentSecret)].compactMap(\.self)
    do {
      let trust = try LedgerOptions.trustFile(at: folder + "/trust")
      findings.append(.ok("trust file", "of ledger \(trust.ledger)"))
      if let path = settings.logKey {
        findings.append(key(path, of: trust))
        if let file = settings.passphraseFile { findings += passphrase(file, of: path) }
      }
      if let path = settings.witnessPolicy { findings.append(policy(path, of: trust)) }
    } catch {
      findings.append(
        .warning("trust file", "\(error); everyone needs it, so keep a copy of it elsewhere"))
    }
    return findings
  }

  private var permissions: Finding {
    guard let mode = LocalFile.permissions(folder), mode & 0o077 != 0 else {
      return .ok("folder", "`\(folder)` is its owner's alone")
    }
    return .warning(
      "folder",
      "`\(folder)` is open to others (mode \(String(mode, radix: 8))); `chmod 700` it, for entries "
        + "hold pseudonyms and amounts")
  }

  private var room: Finding? {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
    guard let free = attributes?[.systemFreeSize] as? Int else { return nil }
    let text = "\(free >> 30) GiB are free"
    return free >= Self.freeBytesMin
      ? .ok("disk", text)
      : .warning("disk", text + "; a ledger whose disk is full takes no orders")
  }

  private func secret(_ given: String?) -> Finding? {
    let path = given ?? SecretFile.path(in: folder)
    guard given != nil || LocalFile.exists(path) else { return nil }
    do {
      _ = try SecretFile.read(path)
      return CertificateChecks.key("commitment secret", path)
    } catch {
      return .error("commitment secret", "\(error)")
    }
  }

  private func key(_ path: String, of trust: TrustFile) -> Finding {
    do {
      let file = try KeyFile(path: path)
      guard file.publicKey.value.bytes == trust.logKey.publicKey else {
        return .error("log key", "`\(path)` is not the key of this ledger's log")
      }
      return CertificateChecks.key("log key", path)
    } catch {
      return .error("log key", "\(error)")
    }
  }

  private func passphrase(_ path: String, of key: String) -> [Finding] {
    do {
      var passphrases = try PassphraseOptions.parse([])
      try passphrases.readFrom(file: path)
      _ = try KeyFile(path: key).open(passphrases)
      return [CertificateChecks.key("passphrase", path), .ok("log key", "opens with `\(path)`")]
    } catch {
      return [.error("passphrase", "\(error)")]
    }
  }

  private func policy(_ path: String, of trust: TrustFile) -> Finding {
    do {
      let file = try WitnessPolicyFile(path: path)
      guard file.policy.logs.contains(where: { $0.key == trust.logKey }) else {
        return .error("witness policy", "`\(path)` has no line for the log key of this ledger")
      }
      return .ok(
        "witness policy",
        "`\(path)` names \(DecimalAmount.count(file.policy.witnesses.count, "witness", "witnesses"))"
      )
    } catch {
      return .error("witness policy", "\(error)")
    }
  }
}
