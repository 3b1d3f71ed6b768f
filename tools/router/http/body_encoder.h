#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/sender.h"

namespace metlog {

/// A message on its way into a body.
struct BodyItem {
  std::string_view message;  // as the output's encoder wrote it
  StreamId stream;           // with `sequence` its identity, the same in every request
  std::uint64_t sequence = 0;
};

/// A message's identity as 32 hexadecimal digits: 128 bits of a random session and its place there.
[[nodiscard]] std::string id_of(const BodyItem& item);

/// Makes the body of a request from messages: open(), add() for each, close(). Used by one thread.
class BodyEncoder {
 public:
  virtual ~BodyEncoder() = default;

  [[nodiscard]] virtual std::string_view content_type() const = 0;
  virtual void open(std::string&) {}
  /// Appends a message. False when it has no form in this body; nothing is appended then.
  virtual bool add(const BodyItem& item, std::string& body) = 0;
  virtual void close(std::string&) {}
  /// Returns the headers that the body since open() needs, beside Content-Type: "Name: value".
  [[nodiscard]] virtual std::vector<std::string> headers() const { return {}; }
  /// True when a body is the messages unchanged, each with a newline: it need not be made then.
  [[nodiscard]] virtual bool is_lines() const { return false; }
  /// True when a body has the time of its request, so that each request needs its own.
  [[nodiscard]] virtual bool is_dated() const { return false; }
};

/// Each message in a line of its own.
class LinesBody final : public BodyEncoder {
 public:
  explicit LinesBody(std::string_view content_type) : content_type_(content_type) {}

  [[nodiscard]] std::string_view content_type() const override { return content_type_; }
  bool add(const BodyItem& item, std::string& body) override;
  [[nodiscard]] bool is_lines() const override { return true; }

 private:
  const std::string content_type_;
};

/// A JSON array of messages, which are JSON themselves.
class JsonArrayBody final : public BodyEncoder {
 public:
  [[nodiscard]] std::string_view content_type() const override { return "application/json"; }
  void open(std::string& body) override;
  bool add(const BodyItem& item, std::string& body) override;
  void close(std::string& body) override;
};

/// Compresses bodies by gzip. The state of 256 KiB is made once. Used by one thread.
class Gzip {
 public:
  /// `level` is 1 (fast) to 9 (small).
  explicit Gzip(int level);
  ~Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  /// Replaces `out` by the compressed text.
  void compress(std::string_view text, std::string& out);

 private:
  struct State;  // has zlib's type
  const std::unique_ptr<State> state_;
};

}  // namespace metlog
