#include "tools/router/http/curl_client.h"

#include <curl/curl.h>
#include <dlfcn.h>

#include <algorithm>
#include <new>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace metlog {
namespace {

// Of an answer's headers; a receiver that sends more makes no sense.
constexpr std::size_t kMaxHeaderBytes = 64 * 1024;

/// The functions of libcurl that are used here.
struct Curl {
  decltype(&curl_global_init) global_init;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_multi_init) multi_init;
  decltype(&curl_multi_cleanup) multi_cleanup;
  decltype(&curl_multi_add_handle) multi_add_handle;
  decltype(&curl_multi_remove_handle) multi_remove_handle;
  decltype(&curl_multi_perform) multi_perform;
  decltype(&curl_multi_poll) multi_poll;
  decltype(&curl_multi_info_read) multi_info_read;
  decltype(&curl_multi_setopt) multi_setopt;
  decltype(&curl_multi_strerror) multi_strerror;

  std::string error;  // when it could not be loaded; the functions are null then
};

class CurlLoader {
 public:
  CurlLoader() : library_(::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL)) {
    get("curl_global_init", curl.global_init);
    get("curl_slist_append", curl.slist_append);
    get("curl_slist_free_all", curl.slist_free_all);
    get("curl_easy_init", curl.easy_init);
    get("curl_easy_cleanup", curl.easy_cleanup);
    get("curl_easy_getinfo", curl.easy_getinfo);
    get("curl_easy_setopt", curl.easy_setopt);
    get("curl_easy_strerror", curl.easy_strerror);
    get("curl_multi_init", curl.multi_init);
    get("curl_multi_cleanup", curl.multi_cleanup);
    get("curl_multi_add_handle", curl.multi_add_handle);
    get("curl_multi_remove_handle", curl.multi_remove_handle);
    get("curl_multi_perform", curl.multi_perform);
    get("curl_multi_poll", curl.multi_poll);
    get("curl_multi_info_read", curl.multi_info_read);
    get("curl_multi_setopt", curl.multi_setopt);
    get("curl_multi_strerror", curl.multi_strerror);
    if (curl.error.empty()) curl.global_init(CURL_GLOBAL_DEFAULT);
  }

  Curl curl{};

 private:
  template <class Function>
  void get(const char* name, Function& function) {
    if (library_ != nullptr) function = reinterpret_cast<Function>(::dlsym(library_, name));
    if (function != nullptr || !curl.error.empty()) return;
    const char* const error = ::dlerror();
    curl.error = error != nullptr ? error : name;
  }

  void* const library_;
};

/// Loaded once and never unloaded: a thread of it may be at work until the process ends.
const Curl& curl() {
  static const CurlLoader* const loader = new CurlLoader;
  return loader->curl;
}

}  // namespace

/// One request at a time, by a handle that is used again.
struct CurlClient::Transfer {
  Transfer() : easy(curl().easy_init()) {
    if (easy == nullptr) throw std::bad_alloc();
  }
  ~Transfer() {
    curl().easy_cleanup(easy);
    curl().slist_free_all(headers);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  void set_headers(const std::vector<std::string>& lines) {
    curl().slist_free_all(std::exchange(headers, nullptr));
    for (const std::string& line : lines) {
      // An empty value is written with a semicolon; with a colon libcurl leaves the header out.
      std::string text = line;
      const std::size_t colon = text.find(':');
      if (absl::StripAsciiWhitespace(text.substr(colon + 1)).empty() && text != "Expect:") {
        text = text.substr(0, colon) + ";";
      }
      curl_slist* const longer = curl().slist_append(headers, text.c_str());
      if (longer == nullptr) throw std::bad_alloc();
      headers = longer;
    }
    curl().easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  }

  static std::size_t take_header(char* text, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    transfer.header_bytes += size;
    if (transfer.header_bytes > kMaxHeaderBytes) return 0;
    std::string line(absl::StripAsciiWhitespace(absl::string_view(text, size)));
    transfer.has_headers = line.empty();
    // The headers of an interim answer, as 100, come before the real ones.
    if (absl::StartsWith(line, "HTTP/")) {
      transfer.answer.headers.clear();
    } else if (!line.empty()) {
      transfer.answer.headers.push_back(std::move(line));
    }
    return size;
  }
  static std::size_t take_body(char* text, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    std::string& body = transfer.answer.body;
    const std::size_t room = transfer.answer_bytes - std::min(transfer.answer_bytes, body.size());
    body.append(text, std::min(size, room));
    return size <= room ? size : 0;  // 0 ends the transfer
  }

  CURL* const easy;
  curl_slist* headers = nullptr;
  bool is_running = false;
  std::uint64_t id = 0;
  std::size_t answer_bytes = 0;
  std::size_t header_bytes = 0;
  bool has_headers = false;  // all of them
  HttpAnswer answer;
  char error[CURL_ERROR_SIZE] = {};
};

struct CurlClient::Multi {
  Multi() : handle(curl().multi_init()) {
    if (handle == nullptr) throw std::bad_alloc();
  }
  ~Multi() { curl().multi_cleanup(handle); }
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  CURLM* const handle;
};

absl::StatusOr<std::unique_ptr<HttpClient>> CurlClient::open(const HttpUrl& url,
                                                             HttpSettings settings) {
  if (!curl().error.empty()) {
    return absl::UnavailableError(absl::StrCat("libcurl cannot be loaded (", curl().error,
                                               "); install the package libcurl4"));
  }
  return std::unique_ptr<HttpClient>(new CurlClient(url, std::move(settings)));
}

CurlClient::CurlClient(const HttpUrl& url, HttpSettings settings)
    : url_(url.text()), settings_(std::move(settings)), multi_(std::make_unique<Multi>()) {
  const auto connections = static_cast<long>(std::max<std::size_t>(settings_.connections, 1));
  curl().multi_setopt(multi_->handle, CURLMOPT_MAXCONNECTS, connections);
  curl().multi_setopt(multi_->handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
}

CurlClient::~CurlClient() { cancel_all(); }

CurlClient::Transfer& CurlClient::free_transfer() {
  for (const auto& transfer : transfers_) {
    if (!transfer->is_running) return *transfer;
  }
  prepare(*transfers_.emplace_back(std::make_unique<Transfer>()));
  return *transfers_.back();
}

/// Sets what is the same for all requests.
void CurlClient::prepare(Transfer& transfer) const {
  CURL* const easy = transfer.easy;
  transfer.answer_bytes = settings_.answer_bytes;
  curl().easy_setopt(easy, CURLOPT_URL, url_.c_str());
  curl().easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl().easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl().easy_setopt(easy, CURLOPT_POST, 1L);
  if (settings_.method != "POST") {
    curl().easy_setopt(easy, CURLOPT_CUSTOMREQUEST, settings_.method.c_str());
  }
  curl().easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl().easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl().easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl().easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.timeout.count()));
  curl().easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(settings_.connect_timeout.count()));
  curl().easy_setopt(easy, CURLOPT_PROXY, settings_.proxy.c_str());  // also when it is empty
  curl().easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!settings_.ca_file.empty()) {
    curl().easy_setopt(easy, CURLOPT_CAINFO, settings_.ca_file.c_str());
  }
  if (!settings_.certificate_file.empty()) {
    curl().easy_setopt(easy, CURLOPT_SSLCERT, settings_.certificate_file.c_str());
  }
  if (!settings_.key_file.empty()) {
    curl().easy_setopt(easy, CURLOPT_SSLKEY, settings_.key_file.c_str());
  }
  curl().easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, settings_.verify_peer ? 1L : 0L);
  curl().easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, settings_.verify_peer ? 2L : 0L);
  curl().easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error);
  curl().easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::take_header);
  curl().easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl().easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::take_body);
  curl().easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl().easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
}

void CurlClient::start(std::uint64_t id, const HttpRequest& request) {
  Transfer& transfer = free_transfer();
  transfer.is_running = true;
  transfer.id = id;
  transfer.header_bytes = 0;
  transfer.has_headers = false;
  transfer.answer = {};
  transfer.error[0] = '\0';
  std::vector<std::string> headers = settings_.headers;
  for (const std::string& header : request.headers) {
    if (!has_header(settings_.headers, header.substr(0, header.find(':')))) {
      headers.push_back(header);
    }
  }
  headers.emplace_back("Expect:");
  transfer.set_headers(headers);
  // Not copied; `request` says for how long the body stays.
  curl().easy_setopt(transfer.easy, CURLOPT_POSTFIELDS, request.body.data());
  curl().easy_setopt(transfer.easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
  if (const CURLMcode code = curl().multi_add_handle(multi_->handle, transfer.easy);
      code != CURLM_OK) {
    transfer.answer.error = curl().multi_strerror(code);
    transfer.is_running = false;
    done_.push_back({id, std::exchange(transfer.answer, {})});
  }
}

void CurlClient::wait(std::chrono::nanoseconds limit) {
  int running = 0;
  curl().multi_perform(multi_->handle, &running);
  int queued = 0;
  CURLMsg* message = curl().multi_info_read(multi_->handle, &queued);
  if (message == nullptr && running > 0 && done_.empty() && limit > limit.zero()) {
    // Rounded up, so that a wait for less than 1 ms does not spin.
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
    curl().multi_poll(multi_->handle, nullptr, 0,
                      static_cast<int>(std::min<std::int64_t>(ms, 1000)), nullptr);
    curl().multi_perform(multi_->handle, &running);
    message = curl().multi_info_read(multi_->handle, &queued);
  }
  for (; message != nullptr; message = curl().multi_info_read(multi_->handle, &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* owner = nullptr;
    curl().easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
    finish(*static_cast<Transfer*>(owner), message->data.result);
  }
}

void CurlClient::finish(Transfer& transfer, int result) {
  long status = 0;
  long request_bytes = 0;
  curl().easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  curl().easy_getinfo(transfer.easy, CURLINFO_REQUEST_SIZE, &request_bytes);
  curl().multi_remove_handle(multi_->handle, transfer.easy);
  transfer.is_running = false;
  HttpAnswer answer = std::exchange(transfer.answer, {});
  answer.was_sent = request_bytes > 0;
  answer.is_cut = result != CURLE_OK;
  // Status and headers are an answer, whatever became of the body; but for an interim one.
  if (transfer.has_headers && status >= 200 && status < 600)
    answer.status = static_cast<int>(status);
  if (answer.status == 0) {
    const auto code = static_cast<CURLcode>(result);
    answer.error = transfer.error[0] != '\0' ? transfer.error
                   : code != CURLE_OK        ? curl().easy_strerror(code)
                                             : "the receiver's answer has no status";
  }
  done_.push_back({transfer.id, std::move(answer)});
}

std::optional<HttpClient::Done> CurlClient::take_done() {
  if (done_.empty()) return std::nullopt;
  Done first = std::move(done_.front());
  done_.erase(done_.begin());
  return first;
}

void CurlClient::cancel_all() {
  for (const auto& transfer : transfers_) {
    if (transfer->is_running) curl().multi_remove_handle(multi_->handle, transfer->easy);
    transfer->is_running = false;
  }
  done_.clear();
}

}  // namespace metlog
