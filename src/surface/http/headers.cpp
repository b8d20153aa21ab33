#include "surface/http/headers.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/units.h"

namespace credence::surface {
namespace {

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "http://host" -> "host"; empty for other schemes.
std::string_view authority(std::string_view origin) {
    for (const std::string_view scheme :
         {std::string_view("http://"), std::string_view("https://")}) {
        if (equals_ignoring_case(origin.substr(0, scheme.size()), scheme)) {
            return origin.substr(scheme.size());
        }
    }
    return {};
}

// "application/json; q=0.9" -> "application/json"
std::string_view media_type(std::string_view field) {
    return trim(field.substr(0, field.find(';')));
}

}  // namespace

bool is_loopback_host(std::string_view host) {
    static constexpr std::array<std::string_view, 3> kNames = {"localhost", "127.0.0.1", "[::1]"};
    for (const std::string_view name : kNames) {
        if (!equals_ignoring_case(host.substr(0, name.size()), name)) {
            continue;
        }
        const std::string_view rest = host.substr(name.size());
        if (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)))) {
            return true;
        }
    }
    return false;
}

bool is_loopback_origin(std::string_view origin) {
    return is_loopback_host(authority(origin));
}

bool is_same_origin(std::string_view origin, std::string_view host) {
    return !host.empty() && equals_ignoring_case(authority(origin), host);
}

std::string_view bearer_token(std::string_view authorization) {
    static constexpr std::string_view kScheme = "bearer ";
    if (!equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
        return {};
    }
    return trim(authorization.substr(kScheme.size()));
}

bool is_json(std::string_view content_type) {
    return equals_ignoring_case(media_type(content_type), "application/json");
}

bool accepts_json(std::string_view accept) {
    if (trim(accept).empty()) {
        return true;
    }
    const auto fits = [](std::string_view range) {
        const std::string_view type = media_type(range);
        return type == "*/*" || equals_ignoring_case(type, "application/*") ||
               equals_ignoring_case(type, "application/json");
    };
    return std::ranges::any_of(split(accept, ','), fits);
}

std::int64_t preferred_wait_ms(std::string_view prefer) {
    if (prefer.empty()) {
        return 0;
    }
    static constexpr std::string_view kWait = "wait=";
    for (const std::string_view part : split(prefer, ',')) {
        const std::string_view preference = media_type(part);
        if (!equals_ignoring_case(preference.substr(0, kWait.size()), kWait)) {
            continue;
        }
        const auto seconds = parse_integer(preference.substr(kWait.size()));
        if (seconds && *seconds > 0) {
            return std::min(*seconds, kMaxPreferWaitMs / kMsPerSecond) * kMsPerSecond;
        }
    }
    return 0;
}

}  // namespace credence::surface
