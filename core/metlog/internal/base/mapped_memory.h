#pragma once

#include <cstddef>

namespace metlog {

/// A mapping of zeroed memory: of a new file, which another process can read after ours has died,
/// or anonymous. Its pages come as populate() asks for them; those of a file that have not come
/// must not be touched, since a full file system would then end the process by SIGBUS.
class MappedMemory {
 public:
  /// The place of a file that does not exist yet.
  struct File {
    int directory_fd = -1;  // -1 for anonymous memory
    const char* name = "";
  };

  /// Nothing.
  MappedMemory() = default;
  /// Maps `bytes`, of which the first `ready` have memory; all of them where the kernel cannot
  /// refuse memory other than by a signal (before Linux 5.14, or in a file that is not in a tmpfs).
  /// Anonymous when the file is refused: see error(). is_valid() is false when that is, too.
  MappedMemory(const File& file, std::size_t bytes, std::size_t ready);
  ~MappedMemory();
  MappedMemory(MappedMemory&& other) noexcept;
  MappedMemory& operator=(MappedMemory&& other) noexcept;

  [[nodiscard]] bool is_valid() const { return base_ != nullptr; }
  [[nodiscard]] bool is_file() const { return is_file_; }
  /// True when all of it had memory from the beginning.
  [[nodiscard]] bool is_whole() const { return is_whole_; }
  /// The errno that refused the file; 0 when there is one or none was asked for.
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] unsigned char* base() const { return base_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  /// Gives memory to the pages of [from, to), and has them present. 0, or the errno. Any thread.
  [[nodiscard]] int populate(std::size_t from, std::size_t to) const;
  /// Puts anonymous memory in the place of all whole pages from `from` on; their contents are lost.
  /// False, and nothing has changed, when that is refused.
  [[nodiscard]] bool replace_rest(std::size_t from) const { return replace(from, bytes_); }
  /// The same for the whole pages of [from, to).
  [[nodiscard]] bool replace(std::size_t from, std::size_t to) const;

 private:
  bool map_file(const File& file, std::size_t ready);
  void map_anonymous(std::size_t ready);

  unsigned char* base_ = nullptr;
  std::size_t bytes_ = 0;
  bool is_file_ = false;
  bool is_whole_ = false;
  int error_ = 0;
};

}  // namespace metlog
