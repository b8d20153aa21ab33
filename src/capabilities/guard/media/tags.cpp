#include "capabilities/guard/media/tags.h"

#include <algorithm>

#include "base/text.h"
#include "capabilities/guard/text/escapes.h"

namespace credence::guard {
namespace {

constexpr std::string_view kBlank = " \t\r\n\f";
constexpr std::size_t kMaxNameBytes = 64;

bool is_letter(char c) {
    return (static_cast<unsigned char>(c) | 0x20U) - 'a' < 26U;
}

}  // namespace

bool TagScanner::next(Tag& tag) {
    if (at_ >= text_.size()) {
        return false;
    }
    tag = {};
    if (!raw_until_.empty() && raw_text(tag)) {
        return true;
    }
    if (at_ >= text_.size()) {
        return false;
    }
    const std::size_t start = at_;
    if (text_[at_] == '<') {
        markup(tag);
    } else {
        const std::size_t end = std::min(text_.find('<', at_), text_.size());
        tag.content = text_.substr(at_, end - at_);
        at_ = end;
        tag.token = TagKind::text;
    }
    tag.at = {start, at_};
    return true;
}

bool TagScanner::raw_text(Tag& tag) {
    const std::size_t start = at_;
    std::size_t end = at_;
    // One pass: each '<' is looked at once.
    while (true) {
        end = text_.find("</", end);
        if (end == std::string_view::npos) {
            end = text_.size();
            break;
        }
        if (equals_ignoring_case(text_.substr(end, raw_until_.size()), raw_until_)) {
            break;
        }
        end += 2;
    }
    raw_until_.clear();
    if (end == start) {
        return false;
    }
    tag.token = TagKind::raw_text;
    tag.content = text_.substr(start, end - start);
    tag.at = {start, end};
    at_ = end;
    return true;
}

void TagScanner::until(Tag& tag, std::size_t from, std::string_view end) {
    from = std::min(from, text_.size());
    const std::size_t found = text_.find(end, from);
    const std::size_t stop = found == std::string_view::npos ? text_.size() : found;
    tag.content = text_.substr(from, stop - from);
    at_ = std::min(stop + end.size(), text_.size());
}

void TagScanner::markup(Tag& tag) {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("<!--")) {
        tag.token = TagKind::comment;
        until(tag, at_ + 4, "-->");
    } else if (rest.starts_with("<![CDATA[")) {
        tag.token = TagKind::raw_text;
        until(tag, at_ + 9, "]]>");
    } else if (rest.starts_with("<?")) {
        tag.token = TagKind::instruction;
        until(tag, at_ + 2, "?>");
    } else if (rest.starts_with("<!")) {
        tag.token = TagKind::declaration;
        // An internal subset holds '>' of its own, and ends with ']'.
        const std::size_t close = rest.find('>');
        const std::size_t bracket = rest.substr(0, close).find('[');
        until(tag, at_ + 2, bracket != std::string_view::npos ? "]>" : ">");
    } else if (rest.size() > 1 && (is_letter(rest[1]) || rest[1] == '_')) {
        tag.token = TagKind::open;
        element(tag);
    } else if (rest.starts_with("</")) {
        tag.token = TagKind::close;
        until(tag, at_ + 2, ">");
        tag.name = tag.content.substr(0, tag.content.find_first_of(kBlank));
    } else {
        tag.token = TagKind::text;
        tag.content = rest.substr(0, 1);
        ++at_;
    }
}

void TagScanner::element(Tag& tag) {
    const std::size_t start = at_ + 1;
    std::size_t end = start;
    while (end < text_.size() && text_[end] != '>' && text_[end] != '/' &&
           kBlank.find(text_[end]) == std::string_view::npos) {
        ++end;
    }
    tag.name = text_.substr(start, end - start);
    const std::size_t attributes = end;
    char quote = '\0';
    char before = '\0';
    for (; end < text_.size(); ++end) {
        const char c = text_[end];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if ((c == '"' || c == '\'') && before == '=') {
            quote = c;
        } else if (c == '>') {
            break;
        }
        before = kBlank.find(c) == std::string_view::npos ? c : before;
    }
    tag.content = text_.substr(attributes, end - attributes);
    tag.empty = tag.content.ends_with('/');
    if (tag.empty) {
        tag.content.remove_suffix(1);
    }
    at_ = std::min(end + 1, text_.size());
    if (html_ && tag.name.size() <= kMaxNameBytes) {
        const std::string lower = to_lower(tag.name);
        if (lower == "script" || lower == "style" || lower == "textarea" || lower == "title") {
            raw_until_ = "</" + lower;
        }
    }
}

bool next_attribute(std::string_view& rest, Attribute& attribute) {
    const std::size_t start = rest.find_first_not_of(" \t\r\n\f/");
    if (start == std::string_view::npos) {
        return false;
    }
    rest.remove_prefix(start);
    const std::size_t name_end = std::min(rest.find_first_of(" \t\r\n\f=", 1), rest.size());
    attribute = {rest.substr(0, name_end), {}};
    rest.remove_prefix(name_end);
    const std::size_t equals = rest.find_first_not_of(kBlank);
    if (equals == std::string_view::npos || rest[equals] != '=') {
        return true;
    }
    rest.remove_prefix(equals + 1);
    const std::size_t value = std::min(rest.find_first_not_of(kBlank), rest.size());
    rest.remove_prefix(value);
    if (rest.empty()) {
        return true;
    }
    if (rest[0] == '"' || rest[0] == '\'') {
        const std::size_t close = std::min(rest.find(rest[0], 1), rest.size());
        attribute.value = rest.substr(1, close - 1);
        rest.remove_prefix(std::min(close + 1, rest.size()));
    } else {
        const std::size_t end = std::min(rest.find_first_of(kBlank), rest.size());
        attribute.value = rest.substr(0, end);
        rest.remove_prefix(end);
    }
    return true;
}

std::string attribute_of(const Tag& tag, std::string_view name) {
    std::string_view rest = tag.content;
    Attribute attribute;
    while (next_attribute(rest, attribute)) {
        if (equals_ignoring_case(attribute.name, name)) {
            return decoded_text(attribute.value);
        }
    }
    return {};
}

std::string_view local_name(std::string_view name) {
    const std::size_t colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string decoded_text(std::string_view text) {
    return text.find('&') == std::string_view::npos ? std::string(text)
                                                    : unescape_entities(text).text;
}

}  // namespace credence::guard
