#include "docs/examples/shop.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace shop {
namespace {

constexpr long kProducts = 1000;
constexpr long kMaxPerOrder = 1000;

std::optional<long> parse_number(std::string_view text) {
  long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Answer refuse(int status, std::string_view reason) {
  return {status, fmt::format(R"({{"error":"{}"}})", reason)};
}

}  // namespace

Shop::Shop() {
  for (long item = 0; item < kProducts; ++item) {
    products_.emplace(item, Product{.name = fmt::format("product {}", item),
                                    .price_cents = 99 + item * 37 % 5000,
                                    .in_stock = item * 13 % 400});
  }
}

Answer Shop::order(std::string_view item, std::string_view count) const {
  const std::optional<long> item_number = parse_number(item);
  const std::optional<long> wanted = parse_number(count);
  if (!item_number || !wanted) return refuse(400, "item and count must be numbers");
  if (*wanted < 1 || *wanted > kMaxPerOrder) return refuse(400, "count must be 1 to 1000");
  const auto found = products_.find(*item_number);
  if (found == products_.end()) return refuse(404, "no such item");
  const long cents = found->second.price_cents * *wanted;
  return {200, fmt::format(R"({{"name":"{}","count":{},"total":{}.{:02}}})", found->second.name,
                           *wanted, cents / 100, cents % 100)};
}

Answer Shop::stock(std::string_view item) const {
  const std::optional<long> item_number = parse_number(item);
  if (!item_number) return refuse(400, "item must be a number");
  const auto found = products_.find(*item_number);
  if (found == products_.end()) return refuse(404, "no such item");
  return {200, fmt::format(R"({{"name":"{}","in_stock":{}}})", found->second.name,
                           found->second.in_stock)};
}

}  // namespace shop
