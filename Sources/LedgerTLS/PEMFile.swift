import Foundation
import NIOSSL

/// A file of certificates or of a key.
enum PEMFile {
  static func key(_ file: String, _ bytes: [UInt8]) throws(TLSFault) -> NIOSSLPrivateKey {
    do {
      return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
    } catch {
      throw .noKey(file: file)
    }
  }

  static func bytes(of file: String) throws(TLSFault) -> [UInt8] {
    do {
      // No more than that is read of what grows, or has no end.
      let handle = try FileHandle(forReadingFrom: URL(filePath: file))
      defer { try? handle.close() }
      let data = try handle.read(upToCount: TLSLimits.fileBytesMax + 1) ?? Data()
      guard data.count <= TLSLimits.fileBytesMax else {
        throw TLSFault.tooLarge(file: file, what: "bytes", max: TLSLimits.fileBytesMax)
      }
      return Array(data)
    } catch let fault as TLSFault {
      throw fault
    } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
      throw .unreadable(file: file, reason: "there is no such file")
    } catch let error as CocoaError where error.code == .fileReadNoPermission {
      throw .unreadable(file: file, reason: "it may not be read")
    } catch {
      throw .unreadable(file: file, reason: "it is no file that can be read")
    }
  }
}
