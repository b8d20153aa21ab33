#include "surface/http/router.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace credence::surface {
namespace {

constexpr std::array<HttpMethod, 5> kAllMethods = {
    HttpMethod::get, HttpMethod::post, HttpMethod::put, HttpMethod::patch, HttpMethod::del};

std::size_t index_of(HttpMethod method) {
    return static_cast<std::size_t>(method);
}

Route malformed(std::string_view reason) {
    Route route;
    route.outcome = Route::Outcome::malformed;
    route.reason = reason;
    return route;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// Why a decoded segment cannot be ours; empty when it can.
std::string_view objection(std::string_view segment) {
    if (segment == "." || segment == "..") {
        return "the path must not hold '.' or '..' segments";
    }
    if (segment.find_first_of("/\\") != std::string_view::npos) {
        return "the path must not hold escaped slashes or backslashes";
    }
    if (std::ranges::any_of(segment, is_control)) {
        return "the path must not hold control characters";
    }
    if (!is_valid_utf8(segment)) {
        return "the path is not valid UTF-8";
    }
    return {};
}

// The decoded segments, or a Route that ends the search.
struct Segments {
    std::vector<std::string> list;
    std::optional<Route> refused;
};

Segments decode_segments(std::string_view path) {
    Segments segments;
    for (const std::string_view raw : split(path.substr(1), '/')) {
        if (segments.list.size() == Router::kMaxSegments) {
            segments.refused = Route{};
            return segments;
        }
        auto decoded = percent_decode(raw, false);
        if (!decoded) {
            segments.refused = malformed("the path holds a broken percent escape");
            return segments;
        }
        if (const std::string_view reason = objection(*decoded); !reason.empty()) {
            segments.refused = malformed(reason);
            return segments;
        }
        segments.list.push_back(*std::move(decoded));
    }
    if (std::ranges::any_of(segments.list, &std::string::empty)) {
        segments.refused = Route{};
    }
    return segments;
}

}  // namespace

std::optional<HttpMethod> parse_method(std::string_view name) {
    if (name == "HEAD") {
        return HttpMethod::get;
    }
    for (const HttpMethod method : kAllMethods) {
        if (to_string(method) == name) {
            return method;
        }
    }
    return std::nullopt;
}

struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literal;
    std::unique_ptr<Node> parameter;
    std::array<const Operation*, kMethods> operations{};
};

// One search: remembers the methods of every path that fits, in case the wanted one is not there.
struct Router::Walk {
    const std::vector<std::string>& segments;
    std::optional<HttpMethod> method;
    std::vector<std::string> values;
    std::array<bool, kMethods> seen{};

    const Operation* descend(const Node& node, std::size_t depth) {
        if (depth == segments.size()) {
            for (std::size_t i = 0; i < kMethods; ++i) {
                seen[i] = seen[i] || node.operations[i] != nullptr;
            }
            return method ? node.operations[index_of(*method)] : nullptr;
        }
        const std::string& segment = segments[depth];
        if (const auto found = node.literal.find(segment); found != node.literal.end()) {
            if (const Operation* operation = descend(*found->second, depth + 1)) {
                return operation;
            }
        }
        if (node.parameter == nullptr) {
            return nullptr;
        }
        values.push_back(segment);
        const Operation* operation = descend(*node.parameter, depth + 1);
        if (operation == nullptr) {
            values.pop_back();
        }
        return operation;
    }

    std::string allow() const {
        std::string list;
        for (const HttpMethod each : kAllMethods) {
            if (seen[index_of(each)]) {
                list += list.empty() ? "" : ", ";
                list += each == HttpMethod::get ? "GET, HEAD" : to_string(each);
            }
        }
        return list;
    }
};

Router::Router(const Catalog& catalog) : root_(std::make_unique<Node>()) {
    for (const Operation& operation : catalog.operations()) {
        insert(operation);
    }
}

Router::~Router() = default;

void Router::insert(const Operation& operation) {
    const std::string_view path = operation.path;
    if (operation.path_parameters.empty()) {
        literal_[index_of(operation.method)].emplace(path, &operation);
    }
    Node* node = root_.get();
    const auto segments = split(path.substr(1), '/');
    CHECK(segments.size() <= kMaxSegments, operation.name);
    for (const std::string_view segment : segments) {
        std::unique_ptr<Node>& next =
            segment.starts_with('{') ? node->parameter : node->literal[std::string(segment)];
        if (next == nullptr) {
            next = std::make_unique<Node>();
        }
        node = next.get();
    }
    node->operations[index_of(operation.method)] = &operation;
}

Route Router::find(std::string_view method_name, std::string_view path) const {
    Route route;
    const auto method = parse_method(method_name);
    if (method) {
        const auto& literal = literal_[index_of(*method)];
        if (const auto found = literal.find(path); found != literal.end()) {
            route.outcome = Route::Outcome::found;
            route.operation = found->second;
            return route;
        }
    }
    if (path.size() > kMaxPathBytes) {
        return malformed("the path is too long");
    }
    if (!path.starts_with('/')) {
        return malformed("the path must begin with '/'");
    }
    Segments segments = decode_segments(path);
    if (segments.refused) {
        return *std::move(segments.refused);
    }
    Walk walk{segments.list, method, {}, {}};
    route.operation = walk.descend(*root_, 0);
    if (route.operation != nullptr) {
        route.outcome = Route::Outcome::found;
        route.values = std::move(walk.values);
        return route;
    }
    route.allow = walk.allow();
    if (!route.allow.empty()) {
        route.outcome = Route::Outcome::wrong_method;
    }
    return route;
}

}  // namespace credence::surface
