// RTF 1.9: text, hidden runs, annotations, fields and document information.
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxGroups = 256;
constexpr std::size_t kMaxWordBytes = 32;

enum class Place : std::uint8_t { text, hidden, annotation, field, info, nowhere };
constexpr std::size_t kPlaces = 5;

struct Group {
    Place place = Place::text;
    bool hidden = false;
    int skip_after_unicode = 1;
};

class RtfReader {
public:
    RtfReader(const Source& source, Collector& collector)
        : source_(source), bytes_(source.bytes), collector_(collector) {}

    void read() {
        groups_.emplace_back();
        while (at_ < bytes_.size()) {
            const char c = bytes_[at_++];
            if (c == '{') {
                open();
            } else if (c == '}') {
                if (!close()) {
                    break;
                }
            } else if (c == '\\') {
                control();
            } else if (c != '\r' && c != '\n') {
                character(std::string_view(&c, 1));
            }
        }
        finish();
        if (groups_.size() > 1 || overflow_ > 0) {
            collector_.damaged(source_, "rtf: groups stay open", at_);
        } else {
            read_appended(source_, at_, collector_);
        }
    }

private:
    void finish() {
        constexpr std::array<std::string_view, kPlaces> kNames = {
            "rtf.text", "rtf.hidden", "rtf.annotation", "rtf.field", "rtf.info"};
        if (!texts_[1].empty()) {
            collector_.note(source_, "hidden_text", "rtf: text is formatted out of sight",
                            spans_[1]);
        }
        for (std::size_t i = 0; i < kPlaces; ++i) {
            collector_.part(source_, kNames.at(i), std::move(texts_.at(i)), spans_.at(i));
        }
    }

    void open() {
        if (groups_.size() >= kMaxGroups) {
            ++overflow_;
            return;
        }
        groups_.push_back(groups_.back());
        first_ = true;
    }

    // False when the document itself is closed.
    bool close() {
        if (overflow_ > 0) {
            --overflow_;
            return true;
        }
        if (groups_.size() > 1) {
            if (groups_.back().place == Place::info || groups_.back().place == Place::annotation) {
                put("\n");
            }
            groups_.pop_back();
        }
        return groups_.size() > 1;
    }

    void character(std::string_view text) {
        first_ = false;
        if (skip_ > 0) {
            --skip_;
            return;
        }
        const auto byte = static_cast<unsigned char>(text[0]);
        if (byte < 0x80) {
            put(text);
        } else {
            std::string out;
            append_utf8(out, windows1252(byte));
            put(out);
        }
    }

    void put(std::string_view text) {
        Place place = groups_.back().place;
        if (place == Place::nowhere) {
            return;
        }
        if (place == Place::text && groups_.back().hidden) {
            place = Place::hidden;
        }
        const auto index = static_cast<std::size_t>(place);
        if (texts_.at(index).empty()) {
            spans_.at(index).start = at_ - 1;
        }
        texts_.at(index) += text;
        spans_.at(index).end = at_;
    }

    void control() {
        if (at_ >= bytes_.size()) {
            return;
        }
        const char c = bytes_[at_];
        if ((static_cast<unsigned char>(c) | 0x20U) - 'a' >= 26U) {
            ++at_;
            symbol(c);
            return;
        }
        const std::size_t start = at_;
        while (at_ < bytes_.size() && at_ - start < kMaxWordBytes &&
               (static_cast<unsigned char>(bytes_[at_]) | 0x20U) - 'a' < 26U) {
            ++at_;
        }
        const std::string_view word = bytes_.substr(start, at_ - start);
        const std::string digits(slice(bytes_, at_, 11));
        char* end = nullptr;
        const bool number =
            !digits.empty() && (digits[0] == '-' || (digits[0] >= '0' && digits[0] <= '9'));
        const long value = number ? std::strtol(digits.c_str(), &end, 10) : 1;
        if (number) {
            at_ += static_cast<std::size_t>(end - digits.c_str());
        }
        if (byte_at(bytes_, at_) == ' ') {
            ++at_;
        }
        this->word(word, value);
        first_ = false;
    }

    void symbol(char c) {
        if (c == '\'') {
            const std::string digits(slice(bytes_, at_, 2));
            at_ += digits.size();
            const char byte = static_cast<char>(std::strtol(digits.c_str(), nullptr, 16));
            character(std::string_view(&byte, 1));
        } else if (c == '*') {
            ignorable_ = first_;
        } else if (c == '\\' || c == '{' || c == '}') {
            character(std::string_view(&c, 1));
        } else if (c == '~') {
            put(" ");
        }
    }

    void destination(std::string_view word) {
        constexpr std::array<std::string_view, 12> kSilent = {
            "fonttbl",   "colortbl",  "stylesheet",   "pict",
            "themedata", "datastore", "listtable",    "rsidtbl",
            "generator", "xmlnstbl",  "latentstyles", "colorschememapping"};
        Group& group = groups_.back();
        if (word == "info") {
            group.place = Place::info;
        } else if (word == "annotation" || word == "atnauthor" || word == "atnid") {
            group.place = Place::annotation;
        } else if (word == "fldinst") {
            group.place = Place::field;
        } else if (word == "fldrslt") {
            group.place = Place::text;
        } else if (word == "objdata") {
            group.place = Place::nowhere;
            collector_.note(source_, "embedded_object", "rtf", {at_, at_});
            collector_.unread("rtf: embedded objects");
        } else if (std::find(kSilent.begin(), kSilent.end(), word) != kSilent.end()) {
            group.place = Place::nowhere;
        }
        // Other ignorable groups are read as text: what viewers skip, models may not.
        if (ignorable_ && group.place == Place::text && word != "shppict" && word != "fldrslt") {
            group.hidden = true;
        }
        ignorable_ = false;
    }

    void word(std::string_view word, long value) {
        Group& group = groups_.back();
        if (first_ || ignorable_) {
            destination(word);
        }
        if (word == "u") {
            std::string out;
            const long unit = value < 0 ? value + 65536 : value;
            unicode(static_cast<char32_t>(unit), out);
            put(out);
            skip_ = group.skip_after_unicode;
        } else if (word == "uc") {
            group.skip_after_unicode = static_cast<int>(std::min(std::max(value, 0L), 8L));
        } else if (word == "v" || word == "webhidden") {
            group.hidden = value != 0;
        } else if (word == "fs" && value <= 2) {
            group.hidden = true;
        } else if (word == "plain") {
            group.hidden = false;
        } else if (word == "par" || word == "line" || word == "row" || word == "sect") {
            put("\n");
        } else if (word == "tab" || word == "cell") {
            put(" ");
        } else if (word == "bin") {
            at_ = std::min(bytes_.size(), at_ + static_cast<std::size_t>(std::max(value, 0L)));
        }
    }

    void unicode(char32_t unit, std::string& out) {
        if (unit >= 0xd800 && unit < 0xdc00) {
            high_ = unit;
        } else if (unit >= 0xdc00 && unit < 0xe000 && high_ != 0) {
            append_utf8(out, 0x10000 + ((high_ - 0xd800U) << 10U) + (unit - 0xdc00U));
            high_ = 0;
        } else {
            append_utf8(out, unit);
        }
    }

    const Source& source_;
    std::string_view bytes_;
    Collector& collector_;
    std::size_t at_ = 0;
    std::vector<Group> groups_;
    std::size_t overflow_ = 0;
    int skip_ = 0;
    bool first_ = false;  // the next word names the group
    bool ignorable_ = false;
    char32_t high_ = 0;
    std::array<std::string, kPlaces> texts_;
    std::array<ByteSpan, kPlaces> spans_;
};

}  // namespace

void read_rtf(const Source& source, Collector& collector) {
    RtfReader(source, collector).read();
}

}  // namespace credence::guard
