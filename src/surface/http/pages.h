// Fixed pages: start page and its files; OpenAPI document and reference, made when first asked for,
// since they take tens of milliseconds and nobody may ask.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "api/catalog.h"

namespace credence::surface {

struct Page {
    std::string_view content_type;
    std::string_view headers;  // lines beyond those of every reply
    std::string body = {};
    // Makes the body instead; costly, thread-safe.
    std::function<std::string()> make = {};
    // The start page's files are the same in every installation; documents tell what this one
    // offers and are for admitted callers.
    bool open = false;
};

// The catalogue must outlive them. By path: "/", "/app.js", "/app.css", "/docs", "/openapi.json".
std::map<std::string, Page, std::less<>> build_pages(const Catalog& catalog);

}  // namespace credence::surface
