// JSON with line numbers: the fast parser used elsewhere reports none.
#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "capabilities/guard/rules/pack_node.h"

namespace credence::guard {

namespace {

class JsonReader {
public:
    JsonReader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

    Result<PackNode> document() {
        if (!is_valid_utf8(text_)) {
            return error("the file is not UTF-8");
        }
        PackNode root = TRY(value(0));
        skip_blanks();
        if (at_ != text_.size()) {
            return error("something follows the end of the value");
        }
        return root;
    }

private:
    std::unexpected<Error> error(std::string_view what) const {
        return fail(Code::invalid, fmt::format("{}:{}: {}", file_, line_, what));
    }

    void skip_blanks() {
        while (at_ < text_.size() &&
               std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
            line_ += text_[at_] == '\n' ? 1 : 0;
            ++at_;
        }
    }

    bool take(char c) {
        skip_blanks();
        if (at_ < text_.size() && text_[at_] == c) {
            ++at_;
            return true;
        }
        return false;
    }

    bool take_word(std::string_view word) {
        if (!text_.substr(at_).starts_with(word)) {
            return false;
        }
        at_ += word.size();
        return true;
    }

    Result<PackNode> value(int depth) {
        if (depth > PackNode::kMaxDepth) {
            return error("nested too deep");
        }
        skip_blanks();
        PackNode node;
        node.line = line_;
        if (take('{')) {
            TRY(members(node, depth));
        } else if (take('[')) {
            node.kind = PackNode::Kind::list;
            TRY(items(node, depth));
        } else if (at_ < text_.size() && text_[at_] == '"') {
            node.kind = PackNode::Kind::text;
            node.text = TRY(string());
        } else if (take_word("true")) {
            node.kind = PackNode::Kind::boolean;
            node.truth = true;
        } else if (take_word("false")) {
            node.kind = PackNode::Kind::boolean;
        } else {
            node.kind = PackNode::Kind::number;
            TRY(number(node));
        }
        return node;
    }

    Result<void> members(PackNode& node, int depth) {
        if (take('}')) {
            return {};
        }
        do {
            skip_blanks();
            if (at_ >= text_.size() || text_[at_] != '"') {
                return error("expected a key in quotation marks");
            }
            std::string key = TRY(string());
            if (node.find(key) != nullptr) {
                return error(fmt::format("'{}' stands twice", key));
            }
            if (!take(':')) {
                return error("expected ':'");
            }
            PackNode member = TRY(value(depth + 1));
            node.members.push_back({std::move(key), std::move(member)});
        } while (take(','));
        if (!take('}')) {
            return error("expected ',' or '}'");
        }
        return {};
    }

    Result<void> items(PackNode& node, int depth) {
        if (take(']')) {
            return {};
        }
        do {
            node.items.push_back(TRY(value(depth + 1)));
        } while (take(','));
        if (!take(']')) {
            return error("expected ',' or ']'");
        }
        return {};
    }

    Result<void> number(PackNode& node) {
        const char* from = text_.data() + at_;
        const char* end = text_.data() + text_.size();
        const auto [stop, code] = std::from_chars(from, end, node.number);
        // What from_chars takes and JSON does not: "inf", "nan", ".5", "1.", "007".
        std::string_view digits(from, static_cast<std::size_t>(stop - from));
        digits.remove_prefix(digits.starts_with('-') ? 1 : 0);
        const bool shaped =
            !digits.empty() && digits.front() >= '0' && digits.front() <= '9' &&
            digits.back() != '.' &&
            !(digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9');
        if (code != std::errc() || !shaped) {
            return error("expected a value");
        }
        at_ += static_cast<std::size_t>(stop - from);
        return {};
    }

    Result<std::string> string() {
        std::string out;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            const char c = text_[at_];
            if (static_cast<unsigned char>(c) < 0x20) {
                return error("a text holds a raw control character");
            }
            if (c != '\\') {
                out += c;
                continue;
            }
            TRY(escape(out));
        }
        if (at_ >= text_.size()) {
            return error("a text does not end");
        }
        ++at_;
        return out;
    }

    // At the backslash; leaves at_ on the escape's last character.
    Result<void> escape(std::string& out) {
        constexpr std::string_view kNames = "\"\\/bfnrt";
        constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        ++at_;
        const char name = at_ < text_.size() ? text_[at_] : '\0';
        if (name == 'u') {
            return unicode(out);
        }
        const std::size_t found = kNames.find(name);
        if (name == '\0' || found == std::string_view::npos) {
            return error("unknown escape");
        }
        out += kMeanings[found];
        return {};
    }

    Result<unsigned> four_digits() {
        unsigned unit = 0;
        const std::string_view digits = text_.substr(at_ + 1, 4);
        const auto [stop, code] =
            std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
        if (digits.size() != 4 || code != std::errc() || stop != digits.data() + 4) {
            return error("\\u needs four hexadecimal digits");
        }
        at_ += 4;
        return unit;
    }

    Result<void> unicode(std::string& out) {
        unsigned point = TRY(four_digits());
        if (point >= 0xD800 && point < 0xDC00 && text_.substr(at_ + 1, 2) == "\\u") {
            at_ += 2;
            const unsigned low = TRY(four_digits());
            if (low < 0xDC00 || low > 0xDFFF) {
                return error("half a surrogate pair");
            }
            point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
        }
        if (point >= 0xD800 && point <= 0xDFFF) {
            return error("half a surrogate pair");
        }
        const auto put = [&](unsigned byte) { out += static_cast<char>(byte); };
        if (point < 0x80) {
            put(point);
        } else if (point < 0x800) {
            put(0xC0U | (point >> 6U));
            put(0x80U | (point & 0x3FU));
        } else {
            if (point < 0x10000) {
                put(0xE0U | (point >> 12U));
            } else {
                put(0xF0U | (point >> 18U));
                put(0x80U | ((point >> 12U) & 0x3FU));
            }
            put(0x80U | ((point >> 6U) & 0x3FU));
            put(0x80U | (point & 0x3FU));
        }
        return {};
    }

    std::string_view text_;
    const std::string& file_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

}  // namespace

Result<PackNode> parse_json_pack(std::string_view text, const std::string& file) {
    return JsonReader(text, file).document();
}

}  // namespace credence::guard
