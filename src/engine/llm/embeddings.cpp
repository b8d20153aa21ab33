#include "engine/llm/embeddings.h"

#include <simdjson.h>

#include <cmath>
#include <string_view>

#include "base/json.h"
#include "base/text.h"
#include "engine/net/client.h"

namespace credence::llm {
namespace {

constexpr int kMaxDimension = 8192;
constexpr std::int64_t kMaxTimeoutMs = 120'000;
constexpr std::size_t kMaxNumberBytes = 32;  // of one number in the answer, its comma included

std::string_view host_of(std::string_view after_scheme) {
    std::string_view authority = after_scheme.substr(0, after_scheme.find_first_of("/?#"));
    if (authority.starts_with('[')) {
        return authority.substr(0, authority.find(']') + 1);
    }
    return authority.substr(0, authority.find(':'));
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

Result<void> check_url(std::string_view url) {
    const auto bad = [](const char* why) { return fail(Code::invalid, why, "base_url"); };
    const bool secure = url.starts_with("https://");
    if (!secure && !url.starts_with("http://")) {
        return bad("the address must begin with https:// (or http:// for this machine)");
    }
    const std::string_view rest = url.substr(secure ? 8 : 7);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    for (const char c : url) {
        if (static_cast<unsigned char>(c) <= ' ' || c == '?' || c == '#' || c == '\x7f') {
            return bad("the address must have no query, fragment or space");
        }
    }
    if (authority.find('@') != std::string_view::npos || host_of(rest).empty()) {
        return bad("the address must name a host, without user or password");
    }
    if (!secure && !is_loopback(host_of(rest))) {
        return bad("plain http is only for this machine: use https");
    }
    return {};
}

std::string request_body(const EmbeddingOptions& options, std::span<const std::string> texts) {
    std::string body = R"({"model":)";
    append_json_string(options.model, body);
    body += R"(,"encoding_format":"float","input":[)";
    for (std::size_t i = 0; i < texts.size(); ++i) {
        body += i == 0 ? "" : ",";
        append_json_string(texts[i], body);
    }
    return body + "]}";
}

std::unexpected<Error> bad_answer() {
    return fail(Code::unavailable, "the embedding server's answer is not one");
}

Result<void> check_status(int status) {
    if (status == 401 || status == 403) {
        return fail(Code::forbidden, "the embedding server refused the key");
    }
    if (status == 429) {
        return fail(Code::exhausted, "the embedding server asks to slow down");
    }
    if (status != 200) {
        return fail(Code::unavailable, "the embedding server answered " + std::to_string(status));
    }
    return {};
}

// One {"index", "embedding"} of the list into its place.
bool read_item(const simdjson::dom::element& item, std::size_t dimension,
               std::vector<std::vector<float>>& out) {
    std::uint64_t index = 0;
    simdjson::dom::array numbers;
    if (item["index"].get(index) != simdjson::SUCCESS ||
        item["embedding"].get(numbers) != simdjson::SUCCESS || index >= out.size() ||
        !out[index].empty()) {
        return false;
    }
    out[index].reserve(dimension);
    for (const simdjson::dom::element number : numbers) {
        double value = 0;
        if (number.get(value) != simdjson::SUCCESS || out[index].size() == dimension ||
            !std::isfinite(static_cast<float>(value))) {
            return false;
        }
        out[index].push_back(static_cast<float>(value));
    }
    return out[index].size() == dimension;
}

Result<std::vector<std::vector<float>>> read_answer(const std::string& body, std::size_t count,
                                                    std::size_t dimension) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    simdjson::dom::array data;
    if (parser.parse(body).get(root) != simdjson::SUCCESS ||
        root["data"].get(data) != simdjson::SUCCESS || data.size() != count) {
        return bad_answer();
    }
    std::vector<std::vector<float>> out(count);
    for (const simdjson::dom::element item : data) {
        if (!read_item(item, dimension, out)) {
            return bad_answer();
        }
    }
    return out;
}

}  // namespace

Result<EmbeddingClient> EmbeddingClient::open(EmbeddingOptions options) {
    TRY(check_url(options.base_url));
    if (options.model.empty() || options.model.size() > 200) {
        return fail(Code::invalid, "name the model", "model");
    }
    if (options.dimension < 1 || options.dimension > kMaxDimension) {
        return fail(Code::invalid, "must be 1 to 8192", "dimension");
    }
    if (options.timeout_ms < 1 || options.timeout_ms > kMaxTimeoutMs) {
        return fail(Code::invalid, "must be 1 to 120000", "timeout_ms");
    }
    for (const char c : options.key.reveal()) {
        if (c <= ' ' || c == '\x7f') {
            return fail(Code::invalid, "a key is printable ASCII without spaces", "key");
        }
    }
    while (options.base_url.ends_with('/')) {
        options.base_url.pop_back();
    }
    return EmbeddingClient(std::move(options));
}

Result<std::vector<std::vector<float>>> EmbeddingClient::embed(
    std::span<const std::string> texts) const {
    return embed(texts, options_.timeout_ms);
}

Result<std::vector<std::vector<float>>> EmbeddingClient::embed(std::span<const std::string> texts,
                                                               std::int64_t timeout_ms) const {
    if (texts.size() > kMaxBatch) {
        return fail(Code::invalid, "too many texts at once", "texts");
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i].empty() || texts[i].size() > kMaxTextBytes) {
            return fail(Code::invalid, "a text to embed has 1 to 32768 bytes",
                        "texts[" + std::to_string(i) + "]");
        }
    }
    if (texts.empty()) {
        return std::vector<std::vector<float>>();
    }
    const auto dimension = static_cast<std::size_t>(options_.dimension);
    net::ClientRequest request{.method = "POST",
                               .url = options_.base_url + "/embeddings",
                               .headers = {"Content-Type: application/json"},
                               .body = request_body(options_, texts),
                               .timeout_ms = timeout_ms};
    request.max_response_bytes = texts.size() * dimension * kMaxNumberBytes + (64U << 10U);
    if (!options_.key.empty()) {
        request.headers.push_back("Authorization: Bearer " + options_.key.reveal());
    }
    const net::ClientResponse response = TRY(net::perform(request));
    TRY(check_status(response.status));
    return read_answer(response.body, texts.size(), dimension);
}

}  // namespace credence::llm
