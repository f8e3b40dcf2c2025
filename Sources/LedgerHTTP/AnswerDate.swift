import Glibc
import NIOCore

/// The `Date` of answers, made anew twice a second at most.
///
/// - Source: RFC 9110, 6.6.1.
struct AnswerDate {
  private var made = NIODeadline.uptimeNanoseconds(0)
  private var current = ""

  var text: String {
    mutating get {
      let now = NIODeadline.now()
      if current.isEmpty || now - made >= .milliseconds(500) {
        current = Self.now()
        made = now
      }
      return current
    }
  }

  private static func now() -> String {
    var seconds = time(nil)
    var parts = unsafe tm()
    var text = [CChar](repeating: 0, count: 32)
    // Safe: both structs outlive the calls, and `strftime` is told the array's size; the text is
    // shorter, and in English, since the process never leaves the locale "C".
    unsafe gmtime_r(&seconds, &parts)
    let count = unsafe strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
