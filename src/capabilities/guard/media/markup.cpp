// HTML, SVG and other XML: what is shown, what is hidden, and what only a reader of the source
// sees.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <vector>

#include "base/text.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"
#include "capabilities/guard/media/tags.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxLookBack = 32;  // of a close tag for its element
constexpr std::size_t kMaxStyleBytes = 2048;
constexpr std::size_t kMaxKinds = 128;

constexpr std::array<std::string_view, 14> kVoid = {"area",   "base",  "br",   "col",  "embed",
                                                    "hr",     "img",   "link", "meta", "param",
                                                    "source", "track", "wbr",  "input"};
constexpr std::array<std::string_view, 20> kBlocks = {
    "p",  "div", "br", "li", "tr", "td",      "th",      "h1",   "h2",    "h3",
    "h4", "h5",  "ul", "ol", "hr", "section", "article", "text", "table", "option"};
constexpr std::array<std::string_view, 9> kSpoken = {"alt",        "title",   "placeholder",
                                                     "aria-label", "content", "aria-description",
                                                     "label",      "summary", "value"};

// The number that a CSS property is set to; `otherwise` when it is not set or no number.
double property(std::string_view style, std::string_view name, double otherwise) {
    const std::size_t at = style.find(name);
    if (at == std::string_view::npos) {
        return otherwise;
    }
    const std::string value(style.substr(at + name.size(), 16));
    char* end = nullptr;
    const double number = std::strtod(value.c_str(), &end);
    return end == value.c_str() ? otherwise : number;
}

// `style`: lower case, without blanks.
bool hides(std::string_view style) {
    constexpr std::array<std::string_view, 14> kHiding = {"display:none",
                                                          "visibility:hidden",
                                                          "visibility:collapse",
                                                          "mso-hide:all",
                                                          "text-indent:-9",
                                                          "left:-9",
                                                          "top:-9",
                                                          "clip:rect(0",
                                                          "color:#fff;",
                                                          "color:#ffffff;",
                                                          "color:white;",
                                                          "color:transparent",
                                                          "fill:none;stroke:none",
                                                          "clip-path:inset(100%"};
    for (const std::string_view word : kHiding) {
        const std::size_t at = style.find(word);
        // White on a colour of its own is an ordinary heading.
        const bool white = word.starts_with("color:#") || word == "color:white;";
        if (at != std::string_view::npos &&
            !(white && (style.find("background") != std::string_view::npos ||
                        (at > 0 && style[at - 1] == '-')))) {
            return true;
        }
    }
    return property(style, "opacity:", 1) < 0.05 || property(style, "font-size:", 10) < 1.5;
}

std::string compact(std::string_view style) {
    std::string out = to_lower(style.substr(0, kMaxStyleBytes));
    std::erase_if(out, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
    return out + ";";
}

struct Element {
    std::string name;
    bool hidden;
};

// Text of one kind that lies in many places.
struct Gathered {
    std::string text;
    ByteSpan at;

    void add(std::string_view more, ByteSpan where) {
        if (text.empty()) {
            at.start = where.start;
        }
        at.end = where.end;
        text += more;
    }
};

class MarkupReader {
public:
    MarkupReader(const Source& source, Markup kind, Collector& collector)
        : source_(source),
          collector_(collector),
          kind_(kind),
          label_(kind == Markup::html  ? "html."
                 : kind == Markup::svg ? "svg."
                                       : "xml.") {}

    void read() {
        TagScanner scanner(source_.bytes, kind_ == Markup::html);
        Tag tag;
        while (scanner.next(tag)) {
            switch (tag.token) {
                case TagKind::text:
                    text(decoded_text(tag.content), tag.at);
                    break;
                case TagKind::raw_text:
                    text(kind_ == Markup::html ? decoded_text(tag.content)
                                               : std::string(tag.content),
                         tag.at);
                    break;
                case TagKind::comment:
                    put("comment", tag.content, tag.at);
                    break;
                case TagKind::declaration:
                    if (tag.content.find("ENTITY") != std::string_view::npos) {
                        put("entity", tag.content, tag.at);
                    }
                    break;
                case TagKind::instruction:
                    break;
                case TagKind::open:
                    open(tag);
                    break;
                case TagKind::close:
                    close(to_lower(local_name(tag.name)));
                    break;
            }
        }
        finish();
    }

private:
    // Texts of one kind become one part, or a thousand comments would push out what follows them.
    void put(std::string_view where, std::string_view text, ByteSpan at) {
        const std::string_view kept = trim(text);
        auto found = others_.find(where);
        if (found == others_.end()) {
            if (others_.size() >= kMaxKinds) {
                collector_.limit("kinds of text in markup");
                return;
            }
            found = others_.emplace(std::string(where), Gathered{}).first;
        } else if (!kept.empty()) {
            found->second.text += '\n';
        }
        if (!kept.empty()) {
            found->second.add(kept, at);
        }
    }

    void finish() {
        collector_.part(source_, label_ + "text", std::move(shown_.text), shown_.at);
        if (!trim(hidden_.text).empty()) {
            collector_.note(source_, "hidden_text", label_ + "text is styled out of sight",
                            hidden_.at);
            collector_.part(source_, label_ + "hidden", std::move(hidden_.text), hidden_.at);
        }
        for (auto& [where, gathered] : others_) {
            collector_.part(source_, label_ + where, std::move(gathered.text), gathered.at);
        }
    }

    // The innermost element that decides where its text belongs; nothing for plain text.
    std::string_view place() const {
        constexpr std::array<std::string_view, 7> kPlaces = {
            "script", "style", "title", "desc", "metadata", "foreignobject", "textarea"};
        const std::size_t look = std::min(open_.size(), kMaxLookBack);
        for (std::size_t i = 0; i < look; ++i) {
            const std::string& name = open_[open_.size() - 1 - i].name;
            if (is_one_of(name, kPlaces)) {
                return name;
            }
        }
        return {};
    }

    void text(const std::string& text, ByteSpan at) {
        if (trim(text).empty()) {
            (hidden() ? hidden_ : shown_).text += text.empty() ? "" : " ";
            return;
        }
        const std::string_view where = place();
        if (where == "style") {
            if (text.find("content") != std::string::npos) {
                put("style", text, at);
            }
        } else if (where == "script") {
            collector_.note(source_, "script", label_ + "script", at);
            put("script", text, at);
        } else if (!where.empty() && !hidden()) {
            put(where == "foreignobject" ? "foreignObject" : where, text, at);
        } else {
            (hidden() ? hidden_ : shown_).add(text, at);
        }
    }

    bool hidden() const { return !open_.empty() && open_.back().hidden; }

    void open(const Tag& tag) {
        const std::string name = to_lower(local_name(tag.name.substr(0, 64)));
        const bool hides_more = attributes(tag, name);
        if (is_one_of(name, kBlocks)) {
            (hidden() ? hidden_ : shown_).text += '\n';
        }
        const bool is_void = kind_ == Markup::html && is_one_of(name, kVoid);
        if (!tag.empty && !is_void && open_.size() < kMaxOpenElements) {
            open_.push_back({name, hidden() || hides_more});
        }
    }

    void close(const std::string& name) {
        const std::size_t look = std::min(open_.size(), kMaxLookBack);
        for (std::size_t i = 0; i < look; ++i) {
            if (open_[open_.size() - 1 - i].name == name) {
                open_.resize(open_.size() - 1 - i);
                return;
            }
        }
    }

    // Puts what attributes say; whether they hide the element.
    bool attributes(const Tag& tag, const std::string& element) {
        bool hides_it = element == "template" || element == "noscript" || element == "defs";
        std::string style;
        std::string_view rest = tag.content;
        Attribute attribute;
        while (next_attribute(rest, attribute)) {
            const std::string name = to_lower(local_name(attribute.name.substr(0, 64)));
            if (name == "style") {
                style += compact(attribute.value);
            } else if (name == "hidden" ||
                       (name == "type" && equals_ignoring_case(attribute.value, "hidden"))) {
                hides_it = true;
            } else if (name.starts_with("on") && name.size() > 3) {
                collector_.note(source_, "script", label_ + name, tag.at);
                put(name, decoded_text(attribute.value), tag.at);
            } else if (is_one_of(name, kSpoken)) {
                put(element + "." + name, decoded_text(attribute.value), tag.at);
            } else if (name == "href" || name == "src") {
                link(attribute.value, tag.at, name);
            } else if (kind_ == Markup::svg && (name == "display" || name == "visibility" ||
                                                name == "opacity" || name == "font-size")) {
                style += compact(name + ":" + std::string(attribute.value.substr(0, 64)));
            } else if (kind_ == Markup::xml && attribute.value.size() > 16) {
                put(element + "." + name, decoded_text(attribute.value), tag.at);
            }
        }
        return hides_it || hides(style);
    }

    void link(std::string_view value, ByteSpan at, const std::string& name) {
        const std::string scheme = to_lower(trim(value).substr(0, 11));
        if (scheme == "javascript:") {
            collector_.note(source_, "script", label_ + name, at);
            put(name, decoded_text(value), at);
        } else if (scheme.starts_with("data:text/") || scheme.starts_with("data:image")) {
            collector_.unread(label_ + "data: links");
        }
    }

    const Source& source_;
    Collector& collector_;
    Markup kind_;
    std::string label_;
    std::vector<Element> open_;
    Gathered shown_;
    Gathered hidden_;
    std::map<std::string, Gathered, std::less<>> others_;
};

bool is_wide(std::string_view bytes) {
    return bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff") ||
           bytes.substr(0, 4).find('\0') != std::string_view::npos;
}

// Names that only hold others in XMP.
bool is_frame(std::string_view name) {
    constexpr std::array<std::string_view, 8> kFrames = {
        "li", "Alt", "Bag", "Seq", "RDF", "Description", "xmpmeta", "xpacket"};
    return is_one_of(name, kFrames);
}

// Identifiers and settings that every writer leaves, and which are no text.
bool is_worth_reading(std::string_view name, std::string_view value) {
    if (name.starts_with("xmlns") || value.size() < 3) {
        return false;
    }
    const std::string_view local = local_name(name);
    return local != "about" && local != "parseType" && local != "lang" && local != "xmptk" &&
           local != "resource";
}

}  // namespace

void read_markup(const Source& source, Markup kind, Collector& collector) {
    if (!is_wide(source.bytes)) {
        MarkupReader(source, kind, collector).read();
        return;
    }
    const std::string text = from_unknown(source.bytes);
    MarkupReader(source.decoded(text, {0, source.bytes.size()}), kind, collector).read();
}

void read_xmp(const Source& source, Collector& collector) {
    if (is_wide(source.bytes)) {
        const std::string text = from_unknown(source.bytes);
        read_xmp(source.decoded(text, {0, source.bytes.size()}), collector);
        return;
    }
    TagScanner scanner(source.bytes, false);
    std::vector<std::string_view> open;
    Tag tag;
    while (scanner.next(tag)) {
        if (tag.token == TagKind::open) {
            const std::string_view name = local_name(tag.name);
            std::string_view rest = tag.content;
            Attribute attribute;
            while (next_attribute(rest, attribute)) {
                if (is_worth_reading(attribute.name, attribute.value)) {
                    collector.part(source, "xmp." + std::string(local_name(attribute.name)),
                                   decoded_text(attribute.value), tag.at);
                }
            }
            if (!tag.empty && !is_frame(name) && open.size() < kMaxOpenElements) {
                open.push_back(name);
            }
        } else if (tag.token == TagKind::close) {
            const bool ends = !open.empty() && open.back() == local_name(tag.name);
            open.resize(open.size() - (ends ? 1 : 0));
        } else if (tag.token == TagKind::comment) {
            collector.part(source, "xmp.comment", std::string(tag.content), tag.at);
        } else if (tag.token == TagKind::text || tag.token == TagKind::raw_text) {
            const std::string name(open.empty() ? "text" : open.back());
            collector.part(source, "xmp." + name, decoded_text(tag.content), tag.at);
        }
    }
}

}  // namespace credence::guard
