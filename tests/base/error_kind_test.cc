// Errors of one status code have different kinds.

#include "metlog/error_kind.h"

#include <gtest/gtest.h>

#include <string>

#include "metlog/client_config.h"
#include "metlog/methods.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

void expect_detail(const absl::Status& status, ErrorKind kind, const std::string& name) {
  const ErrorDetail detail = error_detail(status);
  EXPECT_EQ(detail.kind, kind) << status;
  EXPECT_EQ(detail.name, name) << status;
}

class ErrorKinds : public testing::Test {
 protected:
  ErrorKinds() {
    how_.engine = &engine_.engine();
    how_.holder = &holder_;
    how_.reading.environment = [](std::string_view) { return std::optional<std::string>(); };
  }
  absl::Status of_text(const std::string& lines, const std::string& section = "metlog") {
    return client_from_text_config("[metlog]\n" + lines, section, how_).status();
  }

  TestEngine engine_;
  Holder holder_{engine_.engine()};
  Configuring how_;
};

TEST_F(ErrorKinds, TellWhatWasNotFound) {
  const std::string capture = "sender_class = metlog.senders.DebugCaptureSender\n";
  expect_detail(of_text("logger = ${NO_SUCH_VAR}\n"), ErrorKind::kVariableNotFound, "NO_SUCH_VAR");
  expect_detail(of_text("a = x\n\n", "mtlog"), ErrorKind::kSectionNotFound, "mtlog");
  expect_detail(of_text("sender_class = no.such.Class\n"), ErrorKind::kProviderNotFound,
                "no.such.Class");
  expect_detail(of_text(capture + "[metlog_plugin_a]\nprovider = no.plugin\n"),
                ErrorKind::kProviderNotFound, "no.plugin");
  expect_detail(of_text(capture + "[metlog_plugin_a]\nprovider = /no/such.so:symbol\n"),
                ErrorKind::kProviderNotFound, "/no/such.so:symbol");
  expect_detail(of_text(capture + "[metlog_filter_a]\nprovider = no.filter\n"),
                ErrorKind::kProviderNotFound, "no.filter");
  expect_detail(of_text("sender_url = stdout:\nsender_formatter = no.formatter\n"),
                ErrorKind::kProviderNotFound, "no.formatter");
  expect_detail(client_from_file_config("/no/such/file", "metlog", how_).status(),
                ErrorKind::kFileNotFound, "/no/such/file");
  expect_detail(engine_.client().call("no_such").status(), ErrorKind::kMethodNotFound, "no_such");
}

TEST_F(ErrorKinds, TellAMethodsNameThatIsTaken) {
  expect_detail(
      engine_.client().add_method({"incr", [](Client&, const Arguments&) { return Value(); }}),
      ErrorKind::kNameInUse, "incr");
}

TEST_F(ErrorKinds, AreOtherForWhatTheCodeSaysAlone) {
  expect_detail(of_text("severity = four\nsender_url = null:\n"), ErrorKind::kOther, "");
  expect_detail(absl::OkStatus(), ErrorKind::kOther, "");
  absl::Status foreign = absl::NotFoundError("x");
  foreign.SetPayload("metlog.error", absl::Cord("nonsense"));
  expect_detail(foreign, ErrorKind::kOther, "");
}

TEST_F(ErrorKinds, StayWhenTheMessageIsAnother) {
  const absl::Status made =
      with_detail(absl::NotFoundError("gone"), ErrorKind::kProviderNotFound, "a b");
  const absl::Status reworded = with_message(made, "at x: gone");
  EXPECT_EQ(reworded.message(), "at x: gone");
  EXPECT_EQ(reworded.code(), absl::StatusCode::kNotFound);
  expect_detail(reworded, ErrorKind::kProviderNotFound, "a b");
}

}  // namespace
}  // namespace metlog
