#include "tools/router/config/toml_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

namespace metlog {
namespace {

using Kind = ConfigValue::Kind;

constexpr std::size_t kMaxFileBytes = 16 * 1024 * 1024;
constexpr std::string_view kVariable = "%ENV[";

/// Makes our values of toml++'s.
class Converter {
 public:
  Converter(std::shared_ptr<const ConfigSource> source, const ConfigEnvironment& environment,
            ConfigErrors& errors)
      : source_(std::move(source)), environment_(environment), errors_(errors) {}

  ConfigValue convert(const toml::node& node, const std::string& path) {
    ConfigValue value;
    value.place = place_of(node.source().begin);
    if (const toml::table* table = node.as_table()) {
      add_members(*table, path, value);
    } else if (const toml::array* array = node.as_array()) {
      value.kind = Kind::kList;
      for (const toml::node& item : *array) value.items.push_back(convert(item, path));
    } else if (const auto* text = node.as_string()) {
      value.kind = Kind::kText;
      value.written = '"' + text->get() + '"';
      value.text = replace_variables(text->get(), path, value.place);
    } else {
      set_scalar(node, value);
    }
    return value;
  }

 private:
  [[nodiscard]] ConfigPlace place_of(const toml::source_position& at) const {
    return {source_, std::max<std::uint32_t>(at.line, 1), std::max<std::uint32_t>(at.column, 1)};
  }

  void add_members(const toml::table& table, const std::string& path, ConfigValue& value) {
    value.kind = Kind::kTable;
    for (const auto& [key, member] : table) {
      const std::string name(key.str());
      const std::string member_path = path.empty() ? name : path + '.' + name;
      value.members.push_back({name, place_of(key.source().begin), convert(member, member_path)});
    }
    std::stable_sort(value.members.begin(), value.members.end(),
                     [](const ConfigMember& a, const ConfigMember& b) {
                       return std::pair(a.key_place.line, a.key_place.column) <
                              std::pair(b.key_place.line, b.key_place.column);
                     });
  }

  static void set_scalar(const toml::node& node, ConfigValue& value) {
    if (const auto* integer = node.as_integer()) {
      value.kind = Kind::kInteger;
      value.integer = integer->get();
      value.number = static_cast<double>(integer->get());
      value.written = std::to_string(integer->get());
    } else if (const auto* number = node.as_floating_point()) {
      value.kind = Kind::kNumber;
      value.number = number->get();
      value.written = fmt::format("{}", number->get());
    } else if (const auto* flag = node.as_boolean()) {
      value.kind = Kind::kFlag;
      value.flag = flag->get();
      value.written = flag->get() ? "true" : "false";
    } else {
      value.kind = Kind::kDate;
      value.written = "a date or time";
    }
  }

  std::string replace_variables(std::string_view text, const std::string& path,
                                const ConfigPlace& place) {
    std::string replaced;
    for (std::size_t begin; (begin = text.find(kVariable)) != std::string_view::npos;) {
      const std::size_t end = text.find(']', begin);
      replaced += text.substr(0, begin);
      if (end == std::string_view::npos) {
        errors_.add(place, path, "%ENV[ lacks its ]");
        return replaced;
      }
      const std::string name(text.substr(begin + kVariable.size(), end - begin - kVariable.size()));
      if (const std::optional<std::string> variable = environment_(name)) {
        replaced += *variable;
      } else {
        errors_.add(place, path,
                    fmt::format("the environment has no variable '{}', which %ENV[{}] names; set "
                                "it, or write the text itself",
                                name, name));
      }
      text.remove_prefix(end + 1);
    }
    return replaced.append(text);
  }

  const std::shared_ptr<const ConfigSource> source_;
  const ConfigEnvironment& environment_;
  ConfigErrors& errors_;
};

/// Adds the members of `from` to a table of other files.
void merge(ConfigValue& into, ConfigValue from, const std::string& path, ConfigErrors& errors) {
  for (ConfigMember& member : from.members) {
    const std::string member_path = path.empty() ? member.key : path + '.' + member.key;
    ConfigValue* const found = into.find(member.key);
    if (found == nullptr) {
      into.members.push_back(std::move(member));
    } else if (found->kind == Kind::kTable && member.value.kind == Kind::kTable) {
      merge(*found, std::move(member.value), member_path, errors);
    } else {
      errors.add(member.key_place, member_path,
                 fmt::format("is set in {} already; remove one of them", place_text(found->place)));
    }
  }
}

/// The files that a path names; an error when there are none.
std::vector<std::string> files_of(const std::string& path, const ConfigPlace& place,
                                  ConfigErrors& errors) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() == ".toml") files.push_back(at->path().string());
  }
  if (error) {
    errors.add(place, "", fmt::format("cannot read the directory: {}", error.message()));
  } else if (files.empty()) {
    errors.add(place, "", "the directory has no file *.toml; name a file, or write one there");
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// The text of a file; an error when it cannot be read.
std::optional<std::string> text_of(const std::string& path, const ConfigPlace& place,
                                   ConfigErrors& errors) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             &std::fclose);
  std::string text;
  std::size_t read = 0;
  if (file != nullptr) {
    do {
      const std::size_t before = text.size();
      text.resize(before + 64 * 1024);
      read = std::fread(text.data() + before, 1, text.size() - before, file.get());
      text.resize(before + read);
    } while (read != 0 && text.size() <= kMaxFileBytes);
  }
  if (file == nullptr || std::ferror(file.get()) != 0) {
    errors.add(place, "", fmt::format("cannot be read: {}", std::strerror(errno)));
    return std::nullopt;
  }
  if (text.size() > kMaxFileBytes) {
    errors.add(place, "", "is longer than 16 MiB, so it is no configuration");
    return std::nullopt;
  }
  return text;
}

}  // namespace

ConfigValue parse_toml(std::shared_ptr<const ConfigSource> source,
                       const ConfigEnvironment& environment, ConfigErrors& errors) {
  try {
    const toml::table table = toml::parse(std::string_view(source->text));
    return Converter(source, environment, errors).convert(table, "");
  } catch (const toml::parse_error& error) {
    const toml::source_position at = error.source().begin;
    errors.add({source, std::max<std::uint32_t>(at.line, 1), std::max<std::uint32_t>(at.column, 1)},
               "this is not TOML", error.description());
    return ConfigValue::table({source, 1, 1});
  }
}

ConfigValue read_toml(const std::string& path, ConfigErrors& errors) {
  std::uint32_t number = 0;
  const auto place_of_file = [&number](const std::string& name, std::string text) {
    return ConfigPlace{
        std::make_shared<const ConfigSource>(ConfigSource{name, std::move(text), ++number}), 0, 0};
  };
  const ConfigPlace place = place_of_file(path, "");
  const ConfigEnvironment environment = [](const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  ConfigValue all = ConfigValue::table(place);
  for (const std::string& file : files_of(path, place, errors)) {
    std::optional<std::string> text = text_of(file, place_of_file(file, ""), errors);
    if (!text) continue;
    const ConfigPlace begin = place_of_file(file, *std::move(text));
    merge(all, parse_toml(begin.source, environment, errors), "", errors);
  }
  return all;
}

}  // namespace metlog
