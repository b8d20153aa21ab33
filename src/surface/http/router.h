// From method and path to an operation. Built once from the frozen catalogue; thread-safe.
//
// Paths without parameters are one hash look-up without allocation; the others (and paths spelled
// with percent escapes) walk a tree of segments, literals before parameters.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/catalog.h"

namespace credence::surface {

// "GET" and "HEAD" -> HttpMethod::get (net leaves the body out of a reply to HEAD); nothing for
// methods no operation can have.
std::optional<HttpMethod> parse_method(std::string_view name);

// What a path resolved to.
struct Route {
    enum class Outcome : std::uint8_t {
        found,
        not_found,
        wrong_method,  // the path exists under other methods: `allow`
        malformed,     // `reason` says why; never a path of ours
    };

    Outcome outcome = Outcome::not_found;
    const Operation* operation = nullptr;
    std::vector<std::string> values;  // decoded, in the order of operation->path_parameters
    std::string allow;                // "GET, HEAD, POST"
    std::string_view reason;          // static text
};

class Router {
public:
    static constexpr std::size_t kMaxPathBytes = 2048;
    static constexpr std::size_t kMaxSegments = 16;

    // The catalogue must outlive the router. CHECKs that no path is deeper than kMaxSegments.
    explicit Router(const Catalog& catalog);
    ~Router();

    // `path` as it came, undecoded, without the query. Segments are decoded one by one; "." and
    // "..", control characters, slashes and backslashes hidden in escapes, and invalid UTF-8 are
    // malformed; an empty segment is not found.
    Route find(std::string_view method, std::string_view path) const;

private:
    static constexpr std::size_t kMethods = 5;
    struct Node;
    struct Walk;

    void insert(const Operation& operation);

    std::array<std::unordered_map<std::string_view, const Operation*>, kMethods> literal_;
    std::unique_ptr<Node> root_;
};

}  // namespace credence::surface
