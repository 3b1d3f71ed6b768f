#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "metlog/client_config.h"
#include "metlog/holder.h"
#include "metlog/providers.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {

/// An engine, a holder, and clients that configurations make of them.
class ConfigFixture : public testing::Test {
 protected:
  ConfigFixture() {
    how_.engine = &engine_.engine();
    how_.holder = &holder_;
  }

  Client make(const ValueMap& config) {
    absl::StatusOr<Client> client = client_from_dict_config(config, how_);
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }
  std::string error_of(const ValueMap& config) {
    return std::string(client_from_dict_config(config, how_).status().message());
  }
  std::vector<std::string> messages_of(const Client& client) {
    step_until_quiet(engine_.engine());
    return debug_capture(client)->messages();
  }

  TestEngine engine_;
  Holder holder_{engine_.engine()};
  Configuring how_;
};

}  // namespace metlog
