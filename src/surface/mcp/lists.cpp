#include "surface/mcp/lists.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"

namespace credence::surface::mcp {
namespace {

struct List {
    std::string_view method;
    std::string_view member;
    void (Feature::*collect)(const Caller&, std::vector<std::string>&) const;
};

constexpr std::array<List, 4> kLists = {
    List{"tools/list", "tools", &Feature::tools},
    List{"prompts/list", "prompts", &Feature::prompts},
    List{"resources/list", "resources", &Feature::resources},
    List{"resources/templates/list", "resourceTemplates", &Feature::resource_templates}};

// The list and the position of the page's first item: of use to nobody but us.
std::string cursor_for(const List& list, std::size_t position) {
    const std::string text = std::string(list.member) + ':' + std::to_string(position);
    return to_base64url({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

// Cursors are few, so the given one is compared with each.
std::optional<std::size_t> position_of(const List& list, const Member& cursor, std::size_t size) {
    if (cursor.is_absent()) {
        return 0;
    }
    for (std::size_t position = kPageSize; cursor.is_text() && position < size;
         position += kPageSize) {
        if (cursor.value == cursor_for(list, position)) {
            return position;
        }
    }
    return std::nullopt;
}

std::string page(const List& list, const std::vector<std::string>& items, std::size_t position,
                 bool modern) {
    const std::size_t end = std::min(items.size(), position + kPageSize);
    std::string out = "{\"";
    out += list.member;
    out += "\":[";
    for (std::size_t i = position; i < end; ++i) {
        out += i > position ? "," : "";
        out += items[i];
    }
    out += ']';
    if (end < items.size()) {
        out += R"(,"nextCursor":")" + cursor_for(list, end) + '"';
    }
    if (modern) {
        out += R"(,"ttlMs":)" + std::to_string(kListTtlMs) + R"(,"cacheScope":"private")";
    }
    out += '}';
    return out;
}

}  // namespace

bool answer_list(const std::vector<Feature*>& features, const RequestPtr& request) {
    const auto list = std::ranges::find(kLists, request->method(), &List::method);
    if (list == kLists.end()) {
        return false;
    }
    std::vector<std::string> items;
    for (const Feature* feature : features) {
        (feature->*(list->collect))(request->caller(), items);
    }
    const auto position = position_of(*list, request->params()["cursor"], items.size());
    if (!position) {
        request->fail({RpcCode::invalid_params, "unknown cursor", {}});
        return true;
    }
    request->finish(page(*list, items, *position, request->caller().modern()));
    return true;
}

}  // namespace credence::surface::mcp
