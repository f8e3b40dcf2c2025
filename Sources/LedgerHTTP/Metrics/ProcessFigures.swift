import FoundationEssentials
import Glibc

/// What the kernel says of this process.
///
/// - Source: proc(5): `stat`, fields 14, 15 and 24.
struct ProcessFigures {
  let cpuSeconds: Double
  let residentBytes: Int
  let openFiles: Int

  /// Reads them; `nil` where there is no `/proc`.
  init?() {
    guard let stat = try? String(contentsOf: URL(filePath: "/proc/self/stat"), encoding: .utf8),
      let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"),
      let end = stat.lastIndex(of: ")")
    else { return nil }
    // Behind the name, which may have spaces, comes the third field.
    let fields = stat[stat.index(after: end)...].split(separator: " ")
    guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
      let pages = Int(fields[21])
    else { return nil }
    cpuSeconds = (user + system) / Self.ticksPerSecond
    residentBytes = pages * Self.pageBytes
    openFiles = files.count
  }

  private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
  private static let pageBytes = sysconf(Int32(_SC_PAGESIZE))
}
