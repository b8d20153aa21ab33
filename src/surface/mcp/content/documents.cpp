#include "surface/mcp/content/documents.h"

#include <algorithm>

#include "surface/openapi/openapi.h"

namespace credence::surface::mcp {

Documents::Documents(const Catalog& catalog) : catalog_(catalog) {
    for (const Operation& operation : catalog.operations()) {
        if (std::ranges::find(modules_, operation.module) == modules_.end()) {
            modules_.push_back(operation.module);
        }
    }
}

bool Documents::has(std::string_view uri) const {
    if (uri == kOpenapi) {
        return true;
    }
    return uri.starts_with(kModule) &&
           std::ranges::find(modules_, uri.substr(kModule.size())) != modules_.end();
}

std::string_view Documents::mime_type(std::string_view uri) {
    return uri == kOpenapi ? "application/json" : "text/markdown";
}

std::shared_ptr<const std::string> Documents::made(std::string_view uri) const {
    const std::scoped_lock lock(mutex_);
    const auto found = made_.find(uri);
    return found == made_.end() ? nullptr : found->second;
}

std::shared_ptr<const std::string> Documents::make(std::string_view uri) {
    if (auto text = made(uri)) {
        return text;
    }
    // Outside the lock: two callers at once make the same text, and the first one is kept.
    auto text = std::make_shared<const std::string>(
        uri == kOpenapi ? openapi_json(catalog_)
                        : reference_markdown(catalog_, uri.substr(kModule.size())));
    const std::scoped_lock lock(mutex_);
    return made_.emplace(std::string(uri), std::move(text)).first->second;
}

}  // namespace credence::surface::mcp
