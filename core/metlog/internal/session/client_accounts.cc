#include "metlog/internal/session/client_accounts.h"

#include <cstring>
#include <new>

namespace metlog {
namespace {

constexpr std::size_t kFileBytes = kAccountsHeaderBytes + kClientSlots * sizeof(ClientAccount);
constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kAccountsOfAPage = kPageBytes / sizeof(ClientAccount);

}  // namespace

ClientAccounts::ClientAccounts(int directory_fd, const std::uint8_t* session_id)
    : memory_({directory_fd, "accounts"}, kFileBytes, kAccountsHeaderBytes) {
  if (!memory_.is_valid()) throw std::bad_alloc();
  auto& header = *reinterpret_cast<AccountsHeader*>(memory_.base());
  header.abi = kAccountsAbi;
  header.account_bytes = sizeof(ClientAccount);
  if (session_id != nullptr) std::memcpy(header.session, session_id, sizeof header.session);
  header.magic = kAccountsMagic;
}

void ClientAccounts::prepare(std::size_t page) {
  const std::lock_guard lock(mutex_);
  if (is_ready_[page]) return;
  if (memory_.is_file() && !memory_.is_whole()) {
    const std::size_t at = kAccountsHeaderBytes + page * kPageBytes;
    // A full file system: these clients' accounts end with the process.
    if (memory_.populate(at, at + kPageBytes) != 0) (void)memory_.replace(at, at + kPageBytes);
  }
  is_ready_[page] = true;
}

void ClientAccounts::begin(std::uint32_t slot, std::uint32_t first_stream, std::uint32_t calls_of) {
  calls_of_[slot].store(calls_of, std::memory_order_relaxed);  // relaxed: before it is used
  prepare(slot / kAccountsOfAPage);
  ClientAccount& account = of(slot);
  end(slot);
  std::memset(static_cast<void*>(&account), 0, sizeof account);
  // release: pairs with a process that reads the file after our death
  account.stream_begin.store(std::uint64_t{first_stream} + 1, Order::kRelease);
}

void ClientAccounts::end(std::uint32_t slot) {
  of(slot).stream_begin.store(0, Order::kRelease);  // release: as in begin()
}

}  // namespace metlog
