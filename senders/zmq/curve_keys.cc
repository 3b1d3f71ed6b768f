#include "senders/zmq/curve_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {
namespace {

constexpr std::size_t kKeyChars = 40;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kMaxFileBytes = 4096;
constexpr mode_t kOfOthers = 077;
constexpr mode_t kSecretMode = 0600;
constexpr mode_t kPublicMode = 0644;

using KeyText = std::array<char, kKeyChars + 1>;

absl::Status cannot_read(const std::string& path, int error) {
  return errno_status(error, absl::StrCat("cannot read the key file '", path, "'"),
                      "metlog keygen makes such files");
}

absl::StatusOr<std::string> read_file(const std::string& path, mode_t forbidden) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return cannot_read(path, errno);
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return cannot_read(path, errno);
  if ((about.st_mode & forbidden) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        "the secret key in '", path, "' is open to others than its owner: mode ",
        absl::StrFormat("%03o", about.st_mode & 0777), "; make it secret by chmod 600, or make ",
        "another one by metlog keygen if somebody may have read it"));
  }
  std::string text(kMaxFileBytes, '\0');
  const ssize_t bytes = ::read(file.get(), text.data(), text.size());
  if (bytes < 0) return cannot_read(path, errno);
  text.resize(static_cast<std::size_t>(bytes));
  return text;
}

bool is_key(std::string_view text) {
  std::array<std::uint8_t, kKeyBytes> bytes;
  const std::string copy(text);
  return text.size() == kKeyChars && ::zmq_z85_decode(bytes.data(), copy.c_str()) != nullptr;
}

/// Finds the key in the text of a file; `name` is what CZMQ's certificates call it.
absl::StatusOr<std::string> find_key(const std::string& path, const std::string& text,
                                     const std::string& name) {
  const std::string begin = absl::StrCat(name, " = \"");
  const std::size_t found = text.find(begin);
  const std::string key = found == std::string::npos ? std::string(absl::StripAsciiWhitespace(text))
                                                     : text.substr(found + begin.size(), kKeyChars);
  if (is_key(key)) return key;
  return absl::InvalidArgumentError(absl::StrCat(
      "'", path, "' holds no ", name, ": it takes a file with ", kKeyChars,
      " characters of Z85, as metlog keygen makes it, or with a line ", name, " = \"...\""));
}

absl::Status cannot_write(const std::string& path, int error) {
  return errno_status(error, absl::StrCat("cannot write the key file '", path, "'"),
                      error == EEXIST ? "keys are not overwritten: name another, or remove it first"
                                      : "check the directory, or name another");
}

absl::Status write_new(const std::string& path, const std::string& key, mode_t mode) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.is_open()) return cannot_write(path, errno);
  const std::string line = absl::StrCat(key, "\n");
  const ssize_t bytes = ::write(file.get(), line.data(), line.size());
  if (bytes == static_cast<ssize_t>(line.size()) && ::fsync(file.get()) == 0) {
    return absl::OkStatus();
  }
  const int error = bytes < 0 ? errno : ENOSPC;
  ::unlink(path.c_str());
  return cannot_write(path, error);
}

}  // namespace

absl::Status check_has_curve() {
  if (::zmq_has("curve") == 1) return absl::OkStatus();
  return absl::UnimplementedError(
      "this libzmq was built without CURVE, so there are no encrypted connections; install one "
      "that has it (libsodium), or leave the keys out");
}

absl::StatusOr<CurveKeyPair> make_curve_keys() {
  if (absl::Status status = check_has_curve(); !status.ok()) return status;
  KeyText public_key;
  KeyText secret_key;
  if (::zmq_curve_keypair(public_key.data(), secret_key.data()) != 0) {
    return absl::InternalError(
        absl::StrCat("libzmq cannot make keys: ", ::zmq_strerror(::zmq_errno())));
  }
  return CurveKeyPair{public_key.data(), secret_key.data()};
}

absl::StatusOr<std::string> read_curve_public_key(const std::string& path) {
  const absl::StatusOr<std::string> text = read_file(path, 0);
  return text.ok() ? find_key(path, *text, "public-key") : text.status();
}

absl::StatusOr<CurveKeyPair> read_curve_secret_key(const std::string& path) {
  if (absl::Status status = check_has_curve(); !status.ok()) return status;
  const absl::StatusOr<std::string> text = read_file(path, kOfOthers);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::string> secret = find_key(path, *text, "secret-key");
  if (!secret.ok()) return secret.status();
  KeyText public_key;
  if (::zmq_curve_public(public_key.data(), secret->c_str()) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("'", path, "' holds no secret key of CURVE"));
  }
  return CurveKeyPair{public_key.data(), *std::move(secret)};
}

absl::StatusOr<CurveClientKeys> read_curve_client_keys(const std::string& server_path,
                                                       const std::string& own_path) {
  absl::StatusOr<CurveKeyPair> own =
      own_path.empty() ? make_curve_keys() : read_curve_secret_key(own_path);
  if (!own.ok()) return own.status();
  absl::StatusOr<std::string> server = read_curve_public_key(server_path);
  if (!server.ok()) return server.status();
  return CurveClientKeys{*std::move(server), *std::move(own)};
}

absl::Status write_curve_keys(const std::string& stem, const CurveKeyPair& keys) {
  const std::string secret_path = absl::StrCat(stem, ".key");
  const std::string public_path = absl::StrCat(stem, ".pub");
  absl::Status status = write_new(secret_path, keys.secret_key, kSecretMode);
  if (!status.ok()) return status;
  status = write_new(public_path, keys.public_key, kPublicMode);
  if (!status.ok()) ::unlink(secret_path.c_str());
  return status;
}

}  // namespace metlog
