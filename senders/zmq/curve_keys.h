#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace metlog {

/// A key pair of ZeroMQ's CURVE, each key as 40 characters of Z85.
struct CurveKeyPair {
  std::string public_key;
  std::string secret_key;
};

/// What a connecting socket needs.
struct CurveClientKeys {
  std::string server;  // the peer's public key
  CurveKeyPair own;
};

/// kUnimplemented when libzmq was built without CURVE.
absl::Status check_has_curve();

/// Makes a pair that nobody has. Errors as check_has_curve().
absl::StatusOr<CurveKeyPair> make_curve_keys();

/// Reads a public key: a file that holds nothing but the key, or one as CZMQ's certificates are,
/// with a line `public-key = "..."`. kInvalidArgument, or the system's reason, names the file.
absl::StatusOr<std::string> read_curve_public_key(const std::string& path);

/// Reads a secret key, of which the public one follows: a file that holds nothing but the key, or
/// one with a line `secret-key = "..."`. kPermissionDenied when others than its owner may read or
/// write it. Other errors as read_curve_public_key() and check_has_curve().
absl::StatusOr<CurveKeyPair> read_curve_secret_key(const std::string& path);

/// The keys of a client: `own_path` may be empty, for a pair that is made now. Errors as the two
/// above.
absl::StatusOr<CurveClientKeys> read_curve_client_keys(const std::string& server_path,
                                                       const std::string& own_path);

/// Writes `stem`.key, which only its owner can read, and `stem`.pub; both new. kAlreadyExists when
/// there is one of them; other errors carry the system's reason. Nothing is left half written.
absl::Status write_curve_keys(const std::string& stem, const CurveKeyPair& keys);

}  // namespace metlog
