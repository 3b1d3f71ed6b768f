#include "tools/router/http/body_encoder.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include "metlog/internal/base/random_id.h"

namespace metlog {

std::string id_of(const BodyItem& item) {
  std::array<std::uint8_t, 16> id = item.stream.session;
  for (std::size_t i = 0; i < 4; ++i) {
    id[4 + i] ^= static_cast<std::uint8_t>(item.stream.number >> (8 * i));
  }
  for (std::size_t i = 0; i < 8; ++i) {
    id[8 + i] ^= static_cast<std::uint8_t>(item.sequence >> (8 * i));
  }
  return id_text(id);
}

bool LinesBody::add(const BodyItem& item, std::string& body) {
  body.append(item.message) += '\n';
  return true;
}

void JsonArrayBody::open(std::string& body) { body += '['; }

bool JsonArrayBody::add(const BodyItem& item, std::string& body) {
  if (body.size() > 1) body += ',';
  body += item.message;
  return true;
}

void JsonArrayBody::close(std::string& body) { body += ']'; }

struct Gzip::State {
  z_stream stream{};
};

Gzip::Gzip(int level) : state_(std::make_unique<State>()) {
  constexpr int kWindowBits = 15 + 16;  // with the head and the tail of gzip
  constexpr int kMemory = 8;
  if (::deflateInit2(&state_->stream, level, Z_DEFLATED, kWindowBits, kMemory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

Gzip::~Gzip() { ::deflateEnd(&state_->stream); }

void Gzip::compress(std::string_view text, std::string& out) {
  z_stream& stream = state_->stream;
  ::deflateReset(&stream);
  // At least one round, which writes head and tail; the bound makes it one for all but huge texts.
  out.resize(::deflateBound(&stream, text.size()));
  // zlib reads through a pointer that is not const, and writes nothing there.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  std::size_t in_left = text.size();
  std::size_t out_left = out.size();
  int result = Z_OK;
  while (result == Z_OK) {
    const auto in = static_cast<uInt>(std::min(in_left, kMost));
    const auto room = static_cast<uInt>(std::min(out_left, kMost));
    stream.avail_in = in;
    stream.avail_out = room;
    result = ::deflate(&stream, in == in_left ? Z_FINISH : Z_NO_FLUSH);
    in_left -= in - stream.avail_in;
    out_left -= room - stream.avail_out;
  }
  out.resize(out.size() - out_left);
}

}  // namespace metlog
