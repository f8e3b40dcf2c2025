import Foundation

/// What the figures were measured on, in one line.
enum Machine {
  static func description(folder: String) -> String {
    let processor = line(of: "/proc/cpuinfo", after: "model name") ?? "a processor without a name"
    let kernel = try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
    let gigabytes = Double(ProcessInfo.processInfo.physicalMemory) / Double(1 << 30)
    return "\(ProcessInfo.processInfo.activeProcessorCount) cores of \(processor), "
      + "\(gigabytes.formatted(.number.precision(.fractionLength(1)))) GiB, "
      + "Linux \(kernel?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "of some version"), "
      + "\(fileSystem(of: folder) ?? "a file system without a name")"
  }

  /// The type of the file system that a folder is on: of the mounts that hold it, the deepest.
  private static func fileSystem(of folder: String) -> String? {
    guard let mounts = try? String(contentsOfFile: "/proc/mounts", encoding: .utf8) else {
      return nil
    }
    var deepest: (point: Substring, type: Substring) = ("", "")
    for mount in mounts.split(separator: "\n") {
      let fields = mount.split(separator: " ")
      guard fields.count > 2, fields[1].count > deepest.point.count else { continue }
      let prefix = fields[1] == "/" ? "/" : fields[1] + "/"
      if (folder + "/").hasPrefix(prefix) { deepest = (fields[1], fields[2]) }
    }
    return deepest.type.isEmpty ? nil : String(deepest.type)
  }

  private static func line(of path: String, after key: String) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    return text.split(separator: "\n").first { $0.hasPrefix(key) }?.split(separator: ":").last
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }
}
