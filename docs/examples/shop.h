#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace shop {

/// The answer of a page: an HTTP status and a JSON body.
struct Answer {
  int status = 200;
  std::string body;
};

/// The pages of a small shop, each a parse, a look-up and some JSON. Any thread.
class Shop {
 public:
  Shop();

  /// Returns the price of `count` of `item`. 400 when one is not a number or count is not 1..1000,
  /// 404 for an item that the shop does not have.
  [[nodiscard]] Answer order(std::string_view item, std::string_view count) const;
  /// Returns the stock of `item`; 400 and 404 as above.
  [[nodiscard]] Answer stock(std::string_view item) const;

 private:
  struct Product {
    std::string name;
    long price_cents;
    long in_stock;
  };

  std::unordered_map<long, Product> products_;
};

}  // namespace shop
