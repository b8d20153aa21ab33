#include "capabilities/trust/claims/names.h"

#include <algorithm>

#include "base/text.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxPathBytes = 4096;
constexpr std::size_t kMaxShown = 80;
constexpr std::size_t kMaxEdits = 2;

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

}  // namespace

std::unexpected<Error> invalid(std::string field, std::string message) {
    return fail(Code::invalid, std::move(message), std::move(field));
}

bool is_plain_name(std::string_view text) {
    return !text.empty() && text.size() <= kMaxName && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, is_control);
}

Result<void> check_relative_path(std::string_view path, const std::string& field) {
    if (path.empty() || path.size() > kMaxPathBytes) {
        return fail(Code::invalid, "must be a path of 1 to 4096 bytes", field);
    }
    if (has_control(path) || !is_valid_utf8(path)) {
        return fail(Code::invalid, "must not hold control characters or broken UTF-8", field);
    }
    if (path.front() == '-' || path.front() == '@') {
        return fail(Code::invalid, "must not begin with '-' or '@'; write ./ before it", field);
    }
    if (path.front() == '/') {
        return fail(Code::invalid, "must be relative to the tree", field);
    }
    const auto parts = split(path, '/');
    if (std::ranges::find(parts, "..") != parts.end()) {
        return fail(Code::invalid, "must stay inside the tree: no '..'", field);
    }
    return {};
}

bool is_normal_absolute(std::string_view path) {
    if (path.size() < 2 || path.size() > kMaxPathBytes || path.front() != '/' ||
        has_control(path) || !is_valid_utf8(path)) {
        return false;
    }
    return std::ranges::none_of(split(path.substr(1), '/'), [](std::string_view part) {
        return part.empty() || part == "." || part == "..";
    });
}

std::string suggest(std::string_view wrong, const std::vector<std::string_view>& candidates) {
    std::string_view best;
    std::size_t best_edits = kMaxEdits + 1;
    for (const std::string_view candidate : candidates) {
        if (wrong.size() > candidate.size() + kMaxEdits) {
            continue;
        }
        const std::size_t edits = edit_distance(wrong, candidate);
        if (edits < best_edits) {
            best = candidate;
            best_edits = edits;
        }
    }
    return best.empty() ? std::string() : "; did you mean '" + std::string(best) + "'?";
}

std::string show_name(std::string_view name) {
    std::string out = to_valid_utf8(name.substr(0, kMaxShown));
    std::ranges::replace_if(out, is_control, '?');
    return name.size() > kMaxShown ? out + "…" : out;
}

}  // namespace credence::trust
