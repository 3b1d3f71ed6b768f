#include "tests/faults/tree_image.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace metlog {
namespace {

namespace fs = std::filesystem;

UniqueFd open_to_read(const fs::path& path, int flags = 0) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | flags));
}

/// The entries of a directory, as the kernel writes them: names and inodes.
void read_listing(int fd, std::string& listing) {
  listing.clear();
  ::lseek(fd, 0, SEEK_SET);
  char buffer[4096] = {};  // the kernel leaves gaps between the entries
  for (long size = 0; (size = ::syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0;) {
    listing.append(buffer, static_cast<std::size_t>(size));
  }
}

std::size_t size_of(int fd) {
  struct stat status {};
  ::fstat(fd, &status);
  return static_cast<std::size_t>(status.st_size);
}

void read_contents(int fd, std::size_t bytes, std::string& contents) {
  contents.resize(bytes);
  const ssize_t size = ::pread(fd, contents.data(), contents.size(), 0);
  contents.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
}

/// Writes the parts of a file that are no holes.
void copy_parts(const TreeImage::File& file, const fs::path& to) {
  const UniqueFd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!out.is_open()) std::abort();
  const auto size = static_cast<off_t>(file.contents.size());
  if (::ftruncate(out.get(), size) != 0) std::abort();
  for (off_t end = 0; end < size;) {
    const off_t begin = ::lseek(file.fd.get(), end, SEEK_DATA);
    if (begin < 0) return;  // the rest is a hole
    end = ::lseek(file.fd.get(), begin, SEEK_HOLE);
    const auto bytes = static_cast<std::size_t>(end - begin);
    if (::pwrite(out.get(), file.contents.data() + begin, bytes, begin) != end - begin) {
      std::abort();
    }
  }
}

}  // namespace

bool TreeImage::look(bool may_have_called_system) {
  bool is_other = may_have_called_system && has_other_names();
  if (is_other) list();
  for (File& file : files_) {
    const int fd = file.fd.get();
    read_contents(fd, may_have_called_system ? size_of(fd) : file.contents.size(), scratch_);
    if (scratch_ == file.contents) continue;
    std::swap(scratch_, file.contents);
    is_other = true;
  }
  return is_other;
}

bool TreeImage::has_other_names() {
  for (const Directory& directory : directories_) {
    read_listing(directory.fd.get(), scratch_);
    if (scratch_ != directory.listing) return true;
  }
  return directories_.empty();
}

void TreeImage::list() {
  directories_.clear();
  files_.clear();
  directories_.push_back({"", {}, open_to_read(root_, O_DIRECTORY)});
  for (const auto& entry : fs::recursive_directory_iterator(root_)) {
    const fs::path path = entry.path().lexically_relative(root_);
    if (entry.is_directory()) {
      directories_.push_back({path, {}, open_to_read(entry.path(), O_DIRECTORY)});
    } else {
      files_.push_back({path, {}, open_to_read(entry.path())});
    }
  }
  for (Directory& directory : directories_) read_listing(directory.fd.get(), directory.listing);
}

void TreeImage::copy_to(const fs::path& to) const {
  for (const auto& entry : fs::directory_iterator(to)) fs::remove_all(entry.path());
  for (const Directory& directory : directories_) {
    if (directory.path.empty()) continue;
    fs::create_directory(to / directory.path);
    fs::permissions(to / directory.path, fs::perms::owner_all);
  }
  for (const File& file : files_) copy_parts(file, to / file.path);
}

}  // namespace metlog
