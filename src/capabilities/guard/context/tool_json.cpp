#include "capabilities/guard/context/tool_json.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>

#include "base/json.h"
#include "base/text.h"

namespace credence::guard {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kFieldDigits = 16;
constexpr std::size_t kMaxNameBytes = 256;

std::string joined(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : path + "." + std::string(key);
}

class Reader {
public:
    explicit Reader(ToolDefinition& out) : out_(out) {}

    // False when a limit is passed.
    bool read(dom::element value, const std::string& path, int depth) {
        if (depth > kMaxToolDepth || out_.fields.size() > kMaxToolLeaves) {
            return false;
        }
        dom::object object;
        if (value.get_object().get(object) == simdjson::SUCCESS) {
            return read_object(object, path, depth);
        }
        dom::array array;
        if (value.get_array().get(array) == simdjson::SUCCESS) {
            return read_array(array, path, depth);
        }
        std::string leaf;
        std::string_view text;
        if (value.get_string().get(text) == simdjson::SUCCESS) {
            append_json_string(text, leaf);
            out_.texts.push_back({path, std::string(text), false});
        } else {
            leaf = simdjson::minify(value);
        }
        add_leaf(path, leaf);
        return true;
    }

private:
    bool read_object(dom::object object, const std::string& path, int depth) {
        std::vector<std::pair<std::string_view, dom::element>> members;
        for (const auto& [key, value] : object) {
            members.emplace_back(key, value);
        }
        // The later of two equal keys counts for most readers: both are kept, in their order.
        std::stable_sort(members.begin(), members.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        if (members.empty()) {
            add_leaf(path, "{}");
            return true;
        }
        const bool chosen = path == "properties" || path.ends_with(".properties");
        out_.canonical += '{';
        for (std::size_t i = 0; i < members.size(); ++i) {
            const std::string_view key = members[i].first;
            const std::string inner = joined(path, key);
            if (i > 0) {
                out_.canonical += ',';
            }
            append_json_string(key, out_.canonical);
            out_.canonical += ':';
            if (chosen) {
                out_.texts.push_back({inner, std::string(key), true});
                out_.properties.push_back(inner);
            }
            if (!read(members[i].second, inner, depth + 1)) {
                return false;
            }
        }
        out_.canonical += '}';
        return true;
    }

    bool read_array(dom::array array, const std::string& path, int depth) {
        if (array.begin() == array.end()) {
            add_leaf(path, "[]");
            return true;
        }
        out_.canonical += '[';
        std::size_t i = 0;
        for (const dom::element item : array) {
            out_.canonical += i > 0 ? "," : "";
            if (!read(item, path + "[" + std::to_string(i) + "]", depth + 1)) {
                return false;
            }
            ++i;
        }
        out_.canonical += ']';
        return true;
    }

    void add_leaf(const std::string& path, const std::string& leaf) {
        out_.canonical += leaf;
        std::string& digest = out_.fields[path];
        digest = sha256_hex(digest + leaf).substr(0, kFieldDigits);
    }

    ToolDefinition& out_;
};

}  // namespace

Result<ToolDefinition> read_tool(std::string_view json, const std::string& field) {
    if (json.size() > kMaxToolBytes) {
        return fail(Code::too_large, "a tool's definition holds at most 64 KiB", field);
    }
    dom::parser parser;
    dom::element root;
    dom::object object;
    const simdjson::padded_string padded(json);
    if (parser.parse(padded).get(root) != simdjson::SUCCESS ||
        root.get_object().get(object) != simdjson::SUCCESS) {
        return fail(Code::invalid, "must be a tool: an object with a name", field);
    }
    ToolDefinition tool;
    std::string_view text;
    if (object["name"].get_string().get(text) != simdjson::SUCCESS || text.empty() ||
        text.size() > kMaxNameBytes) {
        return fail(Code::invalid, "must be a text of 1 to 256 bytes", field + ".name");
    }
    tool.name = text;
    if (object["description"].get_string().get(text) == simdjson::SUCCESS) {
        tool.description = text;
    }
    if (!Reader(tool).read(root, "", 0)) {
        return fail(Code::too_large, "is nested too deep or has too many fields", field);
    }
    tool.digest = sha256_hex(tool.canonical);
    return tool;
}

std::vector<std::string> changed_fields(const std::map<std::string, std::string>& before,
                                        const std::map<std::string, std::string>& after,
                                        std::size_t limit) {
    std::vector<std::string> changed;
    auto old = before.begin();
    auto now = after.begin();
    while (changed.size() < limit && (old != before.end() || now != after.end())) {
        if (now == after.end() || (old != before.end() && old->first < now->first)) {
            changed.push_back((old++)->first);
        } else if (old == before.end() || now->first < old->first) {
            changed.push_back((now++)->first);
        } else {
            if (old->second != now->second) {
                changed.push_back(now->first);
            }
            ++old;
            ++now;
        }
    }
    return changed;
}

}  // namespace credence::guard
