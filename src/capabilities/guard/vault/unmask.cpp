#include "capabilities/guard/vault/unmask.h"

#include <array>
#include <memory>
#include <utility>

#include "base/json.h"

namespace credence::guard {

namespace {

std::string percent_encoded(std::string_view value) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : value) {
        const bool unreserved = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' ||
                                c == '~';
        if (unreserved) {
            out.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out.push_back('%');
        out.push_back(kDigits[byte >> 4U]);
        out.push_back(kDigits[byte & 15U]);
    }
    return out;
}

std::string with_entities(std::string_view value) {
    constexpr std::array<std::pair<char, std::string_view>, 5> kEntities = {
        {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}}};
    std::string out;
    for (const char c : value) {
        bool replaced = false;
        for (const auto& [plain, entity] : kEntities) {
            if (c == plain) {
                out.append(entity);
                replaced = true;
            }
        }
        if (!replaced) {
            out.push_back(c);
        }
    }
    return out;
}

// Without the quotation marks.
std::string json_escaped(const std::string& value) {
    std::string quoted;
    append_json_string(value, quoted);
    return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

MaskLookup lookup_in(std::map<std::string, std::string> values) {
    const auto shared =
        std::make_shared<const std::map<std::string, std::string>>(std::move(values));
    return [shared](const std::string& mask) -> Result<std::optional<std::string>> {
        const auto found = shared->find(mask);
        return found == shared->end() ? std::nullopt : std::optional(found->second);
    };
}

Result<std::string> Unmasker::feed(std::string_view chunk) {
    held_.append(chunk);
    return run(true);
}

Result<std::string> Unmasker::finish() {
    return run(false);
}

Result<std::string> Unmasker::run(bool more) {
    std::string out;
    std::size_t at = 0;
    while (at < held_.size()) {
        const ReadMask read = read_mask(std::string_view(held_).substr(at), more);
        if (read.state == ReadMask::State::partial) {
            break;
        }
        if (read.state == ReadMask::State::whole && TRY(restore(read, out))) {
            at += read.bytes;
            continue;
        }
        pass(held_[at], out);
        ++at;
    }
    held_.erase(0, at);
    return out;
}

// False when the vault does not know the mask.
Result<bool> Unmasker::restore(const ReadMask& read, std::string& out) {
    std::optional<std::string> value = TRY(lookup_(read.mask));
    if (!value) {
        ++unknown_;
        fresh_ = false;  // its bracket opens no JSON
        return false;
    }
    ++restored_;
    if (read.spelling == MaskSpelling::percent) {
        value = percent_encoded(*value);
    } else if (read.spelling == MaskSpelling::entity) {
        value = with_entities(*value);
    } else if (read.spelling == MaskSpelling::json_escape && into_ == UnmaskInto::text) {
        value = json_escaped(*value);
    }
    out.append(into_ == UnmaskInto::json ? in_json(*value) : *value);
    fresh_ = false;
    return true;
}

std::string Unmasker::in_json(const std::string& value) const {
    const std::string once = json_escaped(value);
    if (!in_string_) {
        return "\"" + once + "\"";
    }
    return nested_ ? json_escaped(once) : once;
}

// Follows the strings of a JSON text; no more than that is needed to spell values in it.
void Unmasker::pass(char c, std::string& out) {
    out.push_back(c);
    if (into_ != UnmaskInto::json) {
        return;
    }
    if (!in_string_) {
        in_string_ = c == '"';
        fresh_ = in_string_;
        nested_ = false;
        return;
    }
    if (fresh_ && c != ' ') {
        nested_ = c == '{' || c == '[';
        fresh_ = false;
    }
    if (escaped_) {
        escaped_ = false;
    } else if (c == '\\') {
        escaped_ = true;
    } else if (c == '"') {
        in_string_ = false;
    }
}

Result<Unmasked> unmask(std::string_view text, const MaskLookup& lookup, UnmaskInto into) {
    Unmasker unmasker(lookup, into);
    std::string out = TRY(unmasker.feed(text));
    out.append(TRY(unmasker.finish()));
    return Unmasked{std::move(out), unmasker.restored(), unmasker.unknown()};
}

}  // namespace credence::guard
