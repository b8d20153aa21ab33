// The request parsing layer without sockets: any bytes, whole and cut at random, must give the same
// requests and the same refusal. The first byte seeds the cuts.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "engine/net/request_reader.h"

namespace {

using credence::net::HttpRequest;
using credence::net::RequestReader;

constexpr RequestReader::Limits kLimits{.max_head_bytes = 2048, .max_body_bytes = 4096};

class Cuts {
public:
    explicit Cuts(std::uint32_t seed) : state_(seed) {}
    std::size_t next() {
        state_ = state_ * 1664525 + 1013904223;
        return 1 + (state_ >> 16) % ((state_ >> 28) == 0 ? 500 : 9);
    }

private:
    std::uint32_t state_;
};

void describe(const RequestReader& reader, std::string& out) {
    const HttpRequest request = reader.request();
    CHECK(!request.path.empty(), "a request without a path");
    CHECK(request.body.size() <= kLimits.max_body_bytes, "a body over the limit");
    for (const std::string_view text :
         {request.method, request.path, request.query, request.body, request.header("Host"),
          request.header("Content-Type"), request.header("Connection")}) {
        out += text;
        out += '\n';
    }
    out += reader.keep_alive() ? "keep\n" : "close\n";
}

// Parses all that can be; false when nothing more will come.
bool take_all(RequestReader& reader, std::string& out) {
    while (true) {
        switch (reader.next()) {
            case RequestReader::Step::need_more:
                return true;
            case RequestReader::Step::refused:
                out += std::to_string(reader.refusal().status);
                out += reader.refusal().detail;
                return false;
            case RequestReader::Step::ready:
                describe(reader, out);
                reader.consume();
                break;
        }
    }
}

std::string run(std::string_view bytes, Cuts* cuts) {
    RequestReader reader(kLimits);
    std::string out;
    while (!bytes.empty()) {
        const std::size_t size =
            cuts == nullptr ? bytes.size() : std::min(cuts->next(), bytes.size());
        reader.append(bytes.substr(0, size));
        bytes.remove_prefix(size);
        if (!take_all(reader, out)) {
            return out;
        }
    }
    out += reader.empty() ? "end" : "more";
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    Cuts cuts(data[0]);
    CHECK(run(bytes, nullptr) == run(bytes, &cuts), "cuts change the outcome");
    return 0;
}
