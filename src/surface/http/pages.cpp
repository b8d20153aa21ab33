#include "surface/http/pages.h"

#include "surface/http/web_files.h"
#include "surface/openapi/openapi.h"

namespace credence::surface {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kScript = "text/javascript; charset=utf-8";
constexpr std::string_view kStyle = "text/css; charset=utf-8";
constexpr std::string_view kJson = "application/json";

// Nothing from elsewhere, nothing inline.
constexpr std::string_view kStartPolicy =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";
// The reference has no script; its style is inline so that the saved page stays whole.
constexpr std::string_view kReferencePolicy =
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

}  // namespace

std::map<std::string, Page, std::less<>> build_pages(const Catalog& catalog) {
    std::map<std::string, Page, std::less<>> pages;
    pages["/"] = {.content_type = kHtml,
                  .headers = kStartPolicy,
                  .body = std::string(kIndexHtml),
                  .open = true};
    pages["/app.js"] = {
        .content_type = kScript, .headers = {}, .body = std::string(kAppJs), .open = true};
    pages["/app.css"] = {
        .content_type = kStyle, .headers = {}, .body = std::string(kAppCss), .open = true};
    pages["/docs"] = {.content_type = kHtml, .headers = kReferencePolicy, .make = [&catalog] {
                          return reference_html(catalog);
                      }};
    pages["/openapi.json"] = {
        .content_type = kJson, .headers = {}, .make = [&catalog] { return openapi_json(catalog); }};
    return pages;
}

}  // namespace credence::surface
