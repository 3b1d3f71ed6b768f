#include "metlog/internal/site/name_switches.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace metlog {
namespace {

using Names = std::vector<std::string>;

Names numbered(const std::string& stem, int count) {
  Names names;
  for (int i = 0; i < count; ++i) names.push_back(stem + std::to_string(i));
  return names;
}

int count_off(const NameSwitches& switches, const Names& names) {
  int off = 0;
  for (const std::string& name : names) off += switches.is_off(name) ? 1 : 0;
  return off;
}

TEST(NameSwitches, KeepApartNamesOfEveryLength) {
  NameSwitches switches;
  // Every prefix of one text, and each with its last byte changed.
  const std::string text(100, 'a');
  for (std::size_t size = 0; size <= text.size(); ++size) switches.set(text.substr(0, size), true);
  for (std::size_t size = 0; size <= text.size(); ++size) {
    std::string name = text.substr(0, size);
    EXPECT_TRUE(switches.is_off(name)) << size;
    for (char& byte : name) {
      byte = 'b';
      EXPECT_FALSE(switches.is_off(name)) << name;
      byte = 'a';
    }
  }
  EXPECT_FALSE(switches.is_off(std::string(101, 'a')));
  EXPECT_FALSE(switches.is_off(std::string_view("a\0", 2)));
  EXPECT_TRUE(switches.is_off(std::string_view()));
}

TEST(NameSwitches, AnswerByTheBytesAndTheSwitchesOfNow) {
  NameSwitches one;
  NameSwitches other;
  other.set("unrelated", true);
  for (const std::size_t size : {3U, 4U, 7U, 8U, 9U, 15U, 16U, 17U, 24U, 31U, 32U, 33U}) {
    std::string name(size, 'a');  // at one place, with changing bytes
    for (std::size_t i = 0; i < size; ++i) {
      name[i] = 'b';
      EXPECT_FALSE(one.is_off(name));
      one.set(name, true);
      EXPECT_TRUE(one.is_off(name));
      EXPECT_FALSE(other.is_off(name));
      EXPECT_TRUE(one.is_off(name));
      name[i] = 'a';
      EXPECT_FALSE(one.is_off(name)) << size << ' ' << i;
      name[i] = 'b';
      one.assign(Names{"unrelated"});
      EXPECT_FALSE(one.is_off(name));
      one.assign(Names{"unrelated", name});
      EXPECT_TRUE(one.is_off(name));
      one.set(name, false);
      EXPECT_FALSE(one.is_off(name));
      name[i] = 'a';
    }
  }
  // Another set at the same place.
  std::optional<NameSwitches> made(std::in_place);
  made->set("db.query", true);
  EXPECT_TRUE(made->is_off("db.query"));
  made.emplace();
  made->set("db.other", true);
  EXPECT_FALSE(made->is_off("db.query"));
}

TEST(NameSwitches, SwitchManyOffAndOn) {
  NameSwitches switches;
  const Names names = numbered("timer.", 10'000);
  for (const std::string& name : names) switches.set(name, true);
  for (const std::string& name : names) switches.set(name, true);  // again: nothing
  EXPECT_EQ(count_off(switches, names), 10'000);
  EXPECT_EQ(count_off(switches, numbered("other.", 10'000)), 0);
  for (std::size_t i = 0; i < names.size(); i += 2) switches.set(names[i], false);
  EXPECT_EQ(count_off(switches, names), 5'000);
  for (const std::string& name : names) switches.set(name, false);
  EXPECT_TRUE(switches.is_empty());
  EXPECT_EQ(count_off(switches, names), 0);
}

TEST(NameSwitches, AreAssignedAsAWhole) {
  NameSwitches switches;
  switches.assign(numbered("a", 1'000));
  switches.assign(Names{"b", "c", "b"});
  EXPECT_EQ(count_off(switches, numbered("a", 1'000)), 0);
  EXPECT_TRUE(switches.is_off("b"));
  switches.set("b", false);
  switches.set("c", false);
  EXPECT_TRUE(switches.is_empty()) << "a name that is given twice counts once";
  switches.assign(Names{});
  EXPECT_FALSE(switches.is_off("c"));
}

TEST(NameSwitches, ForgetNamesThatAreOn) {
  NameSwitches switches;
  for (const std::string& name : numbered("short-lived.", 200'000)) {
    switches.set(name, true);
    switches.set(name, false);
  }
  EXPECT_TRUE(switches.is_empty());
  EXPECT_LE(switches.slot_count(), 64U);
}

// Names that stay off are off for every reader, while others make the tables change.
TEST(NameSwitches, MayBeReadWhileTheyAreSwitched) {
  NameSwitches switches;
  const Names kept = numbered("kept.", 50);
  const Names changing = numbered("changing.", 400);
  for (const std::string& name : kept) switches.set(name, true);
  std::atomic<bool> is_over{false};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      while (!is_over.load()) {
        EXPECT_EQ(count_off(switches, kept), 50);
        EXPECT_FALSE(switches.is_off("never"));
      }
    });
  }
  for (int round = 0; round < 50; ++round) {
    for (const std::string& name : changing) switches.set(name, true);
    for (const std::string& name : changing) switches.set(name, false);
    switches.assign(kept);
  }
  is_over.store(true);
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace metlog
