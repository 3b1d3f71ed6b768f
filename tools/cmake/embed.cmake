# Writes SOURCE, a C++ source that defines metlog::SYMBOL as the text of the file TEXT. See
# metlog_embed() in tools/page/CMakeLists.txt.
file(READ "${TEXT}" text)
file(WRITE "${SOURCE}" "#include <string_view>

namespace metlog {

extern const std::string_view ${SYMBOL};
const std::string_view ${SYMBOL} = R\"embedded(${text})embedded\";

}  // namespace metlog
")
