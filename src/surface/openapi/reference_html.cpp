#include <string>

#include "base/version.h"
#include "surface/openapi/openapi.h"
#include "surface/openapi/reference.h"

namespace credence::surface {
namespace {

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--page:#fff;--panel:#f5f6f8;
--line:#d8dce1;--link:#0b57c4}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ed;--soft:#9aa5b1;--page:#12161b;
--panel:#1b2128;--line:#303841;--link:#7ab7ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
a{color:var(--link)}
.layout{display:grid;grid-template-columns:17rem minmax(0,1fr);max-width:80rem;margin:0 auto}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1.5rem 1rem;
border-right:1px solid var(--line);font-size:.9rem}
nav ul{list-style:none;margin:0 0 1rem;padding:0}
nav a{text-decoration:none;display:block;padding:.15rem 0}
main{padding:1.5rem 2rem;min-width:0}
h1{margin-top:0}
h2{margin-top:3rem;border-bottom:1px solid var(--line)}
section{margin:2.5rem 0}
h3 a{color:inherit;text-decoration:none}
code,pre{font:.875em/1.5 ui-monospace,monospace}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.75rem;
overflow:auto}
.route{font-weight:600}
.facts{color:var(--soft);font-size:.9rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}
summary{cursor:pointer;color:var(--soft)}
.skip{position:absolute;left:-100vw}
.skip:focus{left:1rem;top:1rem;background:var(--page);padding:.5rem}
@media(max-width:50rem){.layout{grid-template-columns:minmax(0,1fr)}nav{position:static;
height:auto;border-right:0;border-bottom:1px solid var(--line)}main{padding:1rem}}
)css";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

void append_html_request_table(const std::vector<FieldRow>& rows, std::string& out) {
    if (rows.empty()) {
        out += "<p>No fields.</p>\n";
        return;
    }
    out +=
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Field</th>"
        "<th scope=\"col\">Type</th><th scope=\"col\">Required</th>"
        "<th scope=\"col\">Limits</th><th scope=\"col\">Meaning</th></tr></thead><tbody>\n";
    for (const FieldRow& row : rows) {
        out += "<tr><td><code>" + escaped(row.path) + "</code></td><td>" + escaped(row.type) +
               "</td><td>" + (row.required ? "yes" : "no") + "</td><td>" + escaped(row.limits) +
               "</td><td>" + escaped(row.doc) + "</td></tr>\n";
    }
    out += "</tbody></table></div>\n";
}

void append_html_response_table(const std::vector<FieldRow>& rows, std::string& out) {
    if (rows.empty()) {
        out += "<p>An empty object.</p>\n";
        return;
    }
    out +=
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Field</th>"
        "<th scope=\"col\">Type</th><th scope=\"col\">Meaning</th></tr></thead><tbody>\n";
    for (const FieldRow& row : rows) {
        out += "<tr><td><code>" + escaped(row.path) + "</code></td><td>" + escaped(row.type) +
               "</td><td>" + escaped(row.doc) + "</td></tr>\n";
    }
    out += "</tbody></table></div>\n";
}

void append_html_code(std::string_view title, const std::string& text, std::string& out) {
    out.append("<h5>").append(title).append("</h5>\n<pre tabindex=\"0\"><code>");
    out.append(escaped(text)).append("</code></pre>\n");
}

void append_html_operation(const Operation& operation, std::string& out) {
    const std::string name = escaped(operation.name);
    out += "<section id=\"" + name + "\" aria-labelledby=\"" + name + "-title\">\n<h3 id=\"" +
           name + "-title\"><a href=\"#" + name + "\">" + name + "</a></h3>\n<p>" +
           escaped(operation.summary) + ".</p>\n";
    if (!operation.description.empty()) {
        out += "<p>" + escaped(operation.description) + "</p>\n";
    }
    out.append("<p class=\"route\"><code>").append(to_string(operation.method)).append(" ");
    out += escaped(operation.path) + "</code></p>\n<p class=\"facts\">Scope <code>" +
           escaped(operation.scope) + "</code> · ";
    out.append(effect_text(operation.effect)).append(" · ").append(lane_text(operation.lane));
    out += " · time limit " + std::to_string(operation.timeout_ms) + " ms</p>\n<h4>Request</h4>\n";
    append_html_request_table(field_rows(*operation.request), out);
    append_html_code("HTTP", curl_example(operation), out);
    append_html_code("Command line", cli_example(operation), out);
    if (const std::string call = mcp_example(operation); !call.empty()) {
        append_html_code("MCP", call, out);
    }
    out += "<h4>Response</h4>\n";
    append_html_response_table(field_rows(*operation.response), out);
    out += "<details><summary>Example</summary>\n<pre tabindex=\"0\"><code>" +
           escaped(response_example(operation)) + "</code></pre>\n</details>\n</section>\n";
}

void append_html_navigation(const Catalog& catalog, std::string& out) {
    out += "<nav aria-label=\"Operations\">\n";
    for (const std::string& module : modules_of(catalog)) {
        out += "<strong>" + escaped(module) + "</strong>\n<ul>\n";
        for (const Operation& operation : catalog.operations()) {
            if (operation.module == module) {
                const std::string name = escaped(operation.name);
                out.append("<li><a href=\"#").append(name).append("\">").append(name);
                out += "</a></li>\n";
            }
        }
        out += "</ul>\n";
    }
    out += "</nav>\n";
}

void append_html_introduction(std::string& out) {
    out += "<h1>Credence reference</h1>\n<p class=\"facts\">Version ";
    out += escaped(kVersion);
    out +=
        " · <a href=\"/\">start page</a> · <a href=\"/openapi.json\">OpenAPI 3.1</a> · "
        "<a href=\"/metrics\">metrics</a> · <a href=\"/health\">health</a></p>\n"
        "<p>Every operation is reachable over HTTP, as <code>credence module operation</code> on "
        "the command line, and as an MCP tool (standard input and output, or "
        "<code>POST /mcp</code>). Send an API key as <code>Authorization: Bearer KEY</code>; a "
        "server bound to loopback may admit callers without one.</p>\n"
        "<p>Errors are <code>application/problem+json</code> with <code>status</code>, "
        "<code>code</code>, <code>detail</code>, the offending <code>field</code> and the "
        "<code>request_id</code>. Unknown, repeated and missing fields are errors. "
        "<code>Credence-Timeout-Ms</code> shortens an operation's time limit; "
        "<code>Prefer: wait=SECONDS</code> waits for a background job. Events arrive on the "
        "WebSocket <code>/v1/events?after=SEQ&amp;topics=a,b</code>.</p>\n";
}

}  // namespace

std::string reference_html(const Catalog& catalog) {
    std::string out =
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<title>Credence reference</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>";
    out += kStyle;
    out +=
        "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to content</a>\n"
        "<div class=\"layout\">\n";
    append_html_navigation(catalog, out);
    out += "<main id=\"content\">\n";
    append_html_introduction(out);
    for (const std::string& module : modules_of(catalog)) {
        out += "<h2>" + escaped(module) + "</h2>\n";
        for (const Operation& operation : catalog.operations()) {
            if (operation.module == module) {
                append_html_operation(operation, out);
            }
        }
    }
    out += "</main>\n</div>\n</body>\n</html>\n";
    return out;
}

}  // namespace credence::surface
