#include "surface/http/scrape.h"

#include <algorithm>

#include "base/text.h"

namespace credence::surface {
namespace {

constexpr std::string_view kTotal = "_total";

// "# TYPE name counter" -> "name"; empty for other lines.
std::string_view counter_name(std::string_view line) {
    constexpr std::string_view kType = "# TYPE ";
    constexpr std::string_view kCounter = " counter";
    if (!line.starts_with(kType) || !line.ends_with(kCounter)) {
        return {};
    }
    return line.substr(kType.size(), line.size() - kType.size() - kCounter.size());
}

// A "# HELP" or "# TYPE" line with the family's name cut by `cut` bytes.
void append_cut(std::string_view line, std::string_view family, std::string& out) {
    constexpr std::size_t kLead = std::string_view("# HELP ").size();
    const bool is_counter = family.ends_with(kTotal);
    const std::string_view name =
        is_counter ? family.substr(0, family.size() - kTotal.size()) : family;
    out.append(line.substr(0, kLead)).append(name);
    out.append(line.substr(kLead + family.size())).append("\n");
}

}  // namespace

bool wants_open_metrics(std::string_view accept) {
    return std::ranges::any_of(split(accept, ','), [](std::string_view range) {
        return equals_ignoring_case(trim(range.substr(0, range.find(';'))),
                                    "application/openmetrics-text");
    });
}

std::string open_metrics_text(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 16);
    std::string_view help;  // waits for its family's type
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.starts_with("# HELP ")) {
            help = line;
            continue;
        }
        const std::string_view family = counter_name(line);
        if (!help.empty()) {
            if (family.empty()) {
                out.append(help).append("\n");
            } else {
                append_cut(help, family, out);
            }
            help = {};
        }
        if (family.empty()) {
            out.append(line).append("\n");
        } else {
            append_cut(line, family, out);
        }
    }
    out += "# EOF\n";
    return out;
}

net::HttpResponse scrape_reply(const Metrics& metrics, bool open_metrics) {
    net::HttpResponse response;
    if (open_metrics) {
        response.content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        response.body = open_metrics_text(metrics.expose());
    } else {
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        response.body = metrics.expose();
    }
    return response;
}

}  // namespace credence::surface
