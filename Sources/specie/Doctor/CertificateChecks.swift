import LedgerClient
import LedgerModel
import LedgerTLS

/// Looks at certificates and keys in files.
enum CertificateChecks {
  /// The files of a server's TLS.
  static func server(_ settings: ServerTLSSettings, at now: LedgerTime) -> [Finding] {
    do {
      guard let tls = try settings.read(at: now) else { return [] }
      let ends = tls.ends
      return [
        end("certificate", tls.files.certificate, ends.certificate, at: now),
        end("client authorities", tls.files.clientAuthorities, ends.clientAuthorities, at: now),
        key("certificate's key", tls.files.key),
      ]
    } catch {
      return [.error("certificate", "\(error)")]
    }
  }

  /// The certificate that a client shows, where it has one.
  static func client(_ options: TLSOptions, at now: LedgerTime) -> [Finding] {
    do {
      let files = try options.files()
      guard let certificate = files.certificate, let path = files.key else { return [] }
      let chain = try CertificateChain(file: certificate)
      try chain.checkValid(at: now)
      try files.check()
      return [
        end("own certificate", certificate, chain.firstEnd, at: now),
        key("own certificate's key", path),
      ]
    } catch {
      return [.error("own certificate", "\(error)")]
    }
  }

  /// How long a certificate is still good.
  private static func end(
    _ subject: String, _ file: String, _ end: LedgerTime, at now: LedgerTime
  ) -> Finding {
    let days = TLSLimits.daysLeft(until: end, at: now)
    switch TLSLimits.urgency(of: end, at: now) {
    case .none:
      return .ok(
        subject, "`\(file)` is valid until \(end), \(DecimalAmount.count(days, "day")) more")
    case .soon:
      return .warning(
        subject, "`\(file)` ends at \(end), in \(DecimalAmount.count(days, "day")); renew it")
    case .now:
      return .error(
        subject,
        end <= now
          ? "`\(file)` ended at \(end); put a renewed one in its place"
          : "`\(file)` ends at \(end), in \(DecimalAmount.count(days, "day")); renew it now")
    }
  }

  /// Whether a private key is its owner's alone.
  static func key(_ subject: String, _ file: String) -> Finding {
    guard let mode = LocalFile.permissions(file) else {
      return .error(subject, "there is no file `\(file)`")
    }
    return mode & 0o077 == 0
      ? .ok(subject, "`\(file)` is its owner's alone")
      : .warning(
        subject, "`\(file)` is open to others (mode \(String(mode, radix: 8))); `chmod 600` it")
  }
}
