// SHA256_Init, _Update and _Final are deprecated in OpenSSL 3 in favour of EVP, which costs twice
// as much for the short inputs of a Merkle tree (docs/decisions/0002-dependencies.md).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
