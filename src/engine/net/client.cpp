#include "engine/net/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <string_view>

#include "base/text.h"

namespace credence::net {

namespace {

constexpr std::int64_t kMaxConnectMs = 10'000;
constexpr std::size_t kMaxHeaderBytes = 64 * 1024;

struct FreeHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

using Handle = std::unique_ptr<CURL, FreeHandle>;
using List = std::unique_ptr<curl_slist, FreeList>;

struct Collected {
    ClientResponse response;
    std::size_t max_body_bytes = 0;
    std::size_t header_bytes = 0;
    bool too_large = false;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* to) {
    auto& collected = *static_cast<Collected*>(to);
    if (size > collected.max_body_bytes - collected.response.body.size()) {
        collected.too_large = true;
        return 0;
    }
    collected.response.body.append(data, size);
    return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* to) {
    auto& collected = *static_cast<Collected*>(to);
    const std::string_view line = trim({data, size});
    collected.header_bytes += size;
    if (collected.header_bytes > kMaxHeaderBytes) {
        collected.too_large = true;
        return 0;
    }
    if (line.starts_with("HTTP/")) {
        collected.response.headers.clear();  // of a 100 Continue before the answer
    } else if (!line.empty()) {
        collected.response.headers.emplace_back(line);
    }
    return size;
}

bool has_line_break(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

Result<void> check(const ClientRequest& request) {
    if (has_line_break(request.method) || request.method.empty() ||
        request.method.find(' ') != std::string::npos) {
        return fail(Code::invalid, "not an HTTP method", "method");
    }
    if (!request.url.starts_with("http://") && !request.url.starts_with("https://")) {
        return fail(Code::invalid, "must begin with http:// or https://", "url");
    }
    if (has_line_break(request.url)) {
        return fail(Code::invalid, "contains a line break", "url");
    }
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
        const std::string& header = request.headers[i];
        if (has_line_break(header) || header.find(':') == std::string::npos) {
            return fail(Code::invalid, "must read \"Name: value\"",
                        "headers[" + std::to_string(i) + "]");
        }
    }
    if (request.timeout_ms <= 0) {
        return fail(Code::invalid, "must be positive", "timeout_ms");
    }
    return {};
}

Result<List> make_headers(const ClientRequest& request) {
    List list;
    // Empty: no "Expect: 100-continue", which costs a round trip for nothing here.
    std::vector<std::string> headers{"Expect:"};
    headers.insert(headers.end(), request.headers.begin(), request.headers.end());
    for (const std::string& header : headers) {
        curl_slist* longer = curl_slist_append(list.get(), header.c_str());
        if (longer == nullptr) {
            return fail(Code::internal, "out of memory");
        }
        static_cast<void>(list.release());
        list.reset(longer);
    }
    return list;
}

void configure(CURL* curl, const ClientRequest& request, Collected& collected) {
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::min(request.timeout_ms, kMaxConnectMs)));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &collected);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &collected);
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    }
    if (request.method == "HEAD") {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else {
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
}

std::unexpected<Error> failure(CURLcode code, const Collected& collected) {
    if (collected.too_large) {
        return fail(Code::too_large, "the response is too large");
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return fail(Code::timeout, "the server did not answer in time");
    }
    if (code == CURLE_URL_MALFORMAT) {
        return fail(Code::invalid, "not a URL", "url");
    }
    return fail(Code::unavailable, std::string("no answer: ") + curl_easy_strerror(code));
}

}  // namespace

Result<ClientResponse> perform(const ClientRequest& request) {
    TRY(check(request));
    // libcurl's own initialisation must happen once, before its first use.
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    const Handle curl(curl_easy_init());
    if (initialised != CURLE_OK || curl == nullptr) {
        return fail(Code::internal, "libcurl cannot be initialised");
    }
    const List headers = TRY(make_headers(request));
    Collected collected;
    collected.max_body_bytes = request.max_response_bytes;
    configure(curl.get(), request, collected);
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    if (const CURLcode code = curl_easy_perform(curl.get()); code != CURLE_OK) {
        return failure(code, collected);
    }
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    collected.response.status = static_cast<int>(status);
    return std::move(collected.response);
}

}  // namespace credence::net
