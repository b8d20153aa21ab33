// The documentation as resources: the reference of each module and the OpenAPI document.
//
//   credence://docs/<module>   text/markdown
//   credence://openapi         application/json
//
// Public to every admitted caller, as /docs is over HTTP.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/catalog.h"

namespace credence::surface::mcp {

// Thread-safe.
class Documents {
public:
    static constexpr std::string_view kModule = "credence://docs/";
    static constexpr std::string_view kOpenapi = "credence://openapi";
    static constexpr std::string_view kTemplate = "credence://docs/{module}";

    // The catalogue must be frozen.
    explicit Documents(const Catalog& catalog);

    const std::vector<std::string>& modules() const { return modules_; }  // registration order
    bool has(std::string_view uri) const;
    static std::string_view mime_type(std::string_view uri);

    // Null unless it was made before.
    std::shared_ptr<const std::string> made(std::string_view uri) const;
    // Makes it at the first call, which takes milliseconds; has() must hold.
    std::shared_ptr<const std::string> make(std::string_view uri);

private:
    const Catalog& catalog_;
    std::vector<std::string> modules_;
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const std::string>, std::less<>> made_;
};

}  // namespace credence::surface::mcp
