import LedgerHTTP

/// Looks at a server's settings, before anything that they name.
enum SettingsChecks {
  static func findings(
    _ settings: ServeSettings, _ reader: SettingsReader, file: String?
  ) -> [Finding] {
    var findings = reader.faults.map { Finding.error("settings", $0.description) }
    if let file {
      if findings.isEmpty { findings.append(.ok("settings", words(reader, file))) }
      if !reader.isFileUnread { findings += missing(settings, reader) }
    }
    if !settings.tls.isGiven, LoopbackAddress(settings.host) == nil {
      findings.append(
        .error("settings", LedgerServerError.notLoopback(host: settings.host).description))
    }
    return findings
  }

  /// What `specie serve` would ask for.
  private static func missing(_ settings: ServeSettings, _ reader: SettingsReader) -> [Finding] {
    var findings: [Finding] = []
    for (setting, value) in [
      (ServeSetting.folder, settings.folder), (ServeSetting.logKey, settings.logKey),
    ] {
      do throws(CommandFault) {
        _ = try reader.required(setting, value)
      } catch {
        findings.append(.error("settings", error.description))
      }
    }
    return findings
  }

  private static func words(_ reader: SettingsReader, _ file: String) -> String {
    let given = reader.answers.filter { $0.place != .standard }
    let names = given.map { "\($0.name) from \($0.place)" }
    return "`\(file)` is good; "
      + (names.isEmpty ? "all are defaults" : names.joined(separator: ", "))
  }
}
