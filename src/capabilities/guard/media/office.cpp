// The parts of Office Open XML (ECMA-376) and of OpenDocument (OASIS) that hold text.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>

#include "base/text.h"
#include "capabilities/guard/media/tags.h"
#include "capabilities/guard/media/zip.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxStyles = 4096;

// `text:display` wherever the prefix may differ.
std::string local_attribute(const Tag& tag, std::string_view name) {
    std::string_view rest = tag.content;
    Attribute attribute;
    while (next_attribute(rest, attribute)) {
        if (local_name(attribute.name) == name) {
            return decoded_text(attribute.value);
        }
    }
    return {};
}

bool is_white(std::string_view colour) {
    if (colour.starts_with('#')) {
        colour.remove_prefix(1);
    }
    return equals_ignoring_case(colour, "ffffff");
}

bool is_off(std::string_view value) {
    return value == "0" || value == "false" || value == "off";
}

// Properties: each element's own text, by its name.
void read_properties(const Source& source, Collector& collector) {
    TagScanner scanner(source.bytes, false);
    Tag tag;
    std::string_view name;
    while (scanner.next(tag)) {
        if (tag.token == TagKind::open) {
            name = local_name(tag.name);
            if (name == "property" || name == "user-defined") {
                collector.part(source, ".name", local_attribute(tag, "name"), {});
            }
        } else if (tag.token == TagKind::text || tag.token == TagKind::raw_text) {
            collector.part(source, "." + std::string(name), decoded_text(tag.content), {});
        }
    }
}

void read_relations(const Source& source, Collector& collector) {
    TagScanner scanner(source.bytes, false);
    Tag tag;
    while (scanner.next(tag)) {
        if (tag.token == TagKind::open && local_attribute(tag, "TargetMode") == "External") {
            std::string target = local_attribute(tag, "Target");
            collector.note(source, "external_link", target, {});
            collector.part(source, ".link", std::move(target), {});
        }
    }
}

// Gives a document's elements and texts to its reader, and what that has gathered to the collector.
template <class Reader>
void read_document(const Source& source, Reader reader, Collector& collector) {
    TagScanner scanner(source.bytes, false);
    Tag tag;
    while (scanner.next(tag)) {
        if (tag.token == TagKind::open) {
            reader.open(tag);
        } else if (tag.token == TagKind::close) {
            reader.close(local_name(tag.name));
        } else if (tag.token == TagKind::comment) {
            collector.part(source, ".comment", std::string(tag.content), {});
        } else if (tag.token == TagKind::text || tag.token == TagKind::raw_text) {
            reader.text(tag.content);
        }
    }
    reader.finish();
}

void collect_texts(const Source& source, std::string shown, std::string hidden,
                   Collector& collector) {
    if (!trim(hidden).empty()) {
        collector.note(source, "hidden_text", ": text is formatted out of sight", {});
    }
    collector.part(source, "", std::move(shown), {});
    collector.part(source, ".hidden", std::move(hidden), {});
}

class OfficeReader {
public:
    OfficeReader(const Source& source, bool word, Collector& collector)
        : source_(source), collector_(collector), word_(word) {}

    void open(const Tag& tag) {
        const std::string_view name = local_name(tag.name);
        if (holds_text(name)) {
            reads_ = !tag.empty;
        } else if (name == "tab" || name == "br") {
            (run_hidden_ ? hidden_ : shown_) += ' ';
        } else if (name == "r" && word_) {
            run_hidden_ = false;
        } else if (name == "rPr") {
            properties_ = !tag.empty;
        } else if (properties_ && word_) {
            run_property(tag, name);
        } else if (name == "docPr" || name == "cNvPr") {
            described_ +=
                local_attribute(tag, "descr") + "\n" + local_attribute(tag, "title") + "\n";
        } else if (name == "sheet" && local_attribute(tag, "state").ends_with("idden")) {
            collector_.note(source_, "hidden_text",
                            ": sheet " + local_attribute(tag, "name") + " is hidden", {});
        } else if (name == "sld" && is_off(local_attribute(tag, "show"))) {
            collector_.note(source_, "hidden_text", ": the slide is hidden", {});
        }
        if ((name == "row" || name == "col") && local_attribute(tag, "hidden") == "1") {
            collector_.note(source_, "hidden_text", ": rows or columns are hidden", {});
        }
    }

    void close(std::string_view name) {
        if (holds_text(name)) {
            reads_ = false;
        } else if (name == "rPr") {
            properties_ = false;
        } else if (name == "p" || name == "si" || name == "is" || name == "comment") {
            shown_ += '\n';
            hidden_ += hidden_.empty() ? "" : "\n";
        } else if (name == "r" && word_) {
            run_hidden_ = false;
        }
        if (name == "f" || name == "author") {
            shown_ += '\n';
        }
    }

    void text(std::string_view content) {
        if (reads_) {
            (run_hidden_ ? hidden_ : shown_) += decoded_text(content);
        }
    }

    void finish() {
        collect_texts(source_, std::move(shown_), std::move(hidden_), collector_);
        collector_.part(source_, ".description", std::move(described_), {});
    }

private:
    static bool holds_text(std::string_view name) {
        constexpr std::array<std::string_view, 7> kTexts = {"t",      "delText",   "instrText", "f",
                                                            "author", "oddHeader", "oddFooter"};
        return is_one_of(name, kTexts);
    }

    void run_property(const Tag& tag, std::string_view name) {
        const std::string value = local_attribute(tag, "val");
        if (((name == "vanish" || name == "webHidden") && !is_off(value)) ||
            (name == "color" && is_white(value)) ||
            (name == "sz" && std::strtol(value.c_str(), nullptr, 10) <= 4)) {
            run_hidden_ = true;
        }
    }

    const Source& source_;
    Collector& collector_;
    bool word_;
    bool reads_ = false;
    bool properties_ = false;
    bool run_hidden_ = false;
    std::string shown_;
    std::string hidden_;
    std::string described_;
};

class OdfReader {
public:
    OdfReader(const Source& source, Collector& collector)
        : source_(source), collector_(collector) {}

    void open(const Tag& tag) {
        const std::string_view name = local_name(tag.name);
        style(tag, name);
        if (name == "p" || name == "h") {
            current() += '\n';
        } else if (name == "s" || name == "tab" || name == "line-break") {
            current() += ' ';
        } else if (name == "hidden-text") {
            hidden_ += local_attribute(tag, "string-value") + "\n";
        } else if (name == "desc" || name == "title") {
            current() += '\n';
        }
        if (tag.empty) {
            return;
        }
        in_annotation_ = in_annotation_ || name == "annotation";
        in_script_ = in_script_ || name == "script" || name == "module";
        const bool hidden = name == "hidden-paragraph" || (!open_.empty() && open_.back().hidden) ||
                            hidden_styles_.contains(local_attribute(tag, "style-name"));
        if (open_.size() < kMaxOpenElements) {
            open_.push_back({name, hidden});
        }
    }

    void close(std::string_view name) {
        if (name == "annotation") {
            in_annotation_ = false;
        } else if (name == "script" || name == "module") {
            in_script_ = false;
        }
        if (!open_.empty() && open_.back().name == name) {
            open_.pop_back();
        }
    }

    void text(std::string_view content) { current() += decoded_text(content); }

    void finish() {
        collect_texts(source_, std::move(shown_), std::move(hidden_), collector_);
        collector_.part(source_, ".annotation", std::move(annotation_), {});
        collector_.part(source_, ".script", std::move(script_), {});
    }

private:
    struct Element {
        std::string_view name;
        bool hidden;
    };

    std::string& current() {
        return in_script_                              ? script_
               : in_annotation_                        ? annotation_
               : !open_.empty() && open_.back().hidden ? hidden_
                                                       : shown_;
    }

    void style(const Tag& tag, std::string_view name) {
        if (name == "style") {
            style_ = local_attribute(tag, "name");
        } else if (name == "text-properties") {
            const std::string size = local_attribute(tag, "font-size");
            const bool tiny = size.ends_with("pt") && std::strtod(size.c_str(), nullptr) < 1.5;
            const bool none = local_attribute(tag, "display") == "none";
            if ((none || tiny || is_white(local_attribute(tag, "color"))) &&
                hidden_styles_.size() < kMaxStyles) {
                hidden_styles_.insert(style_);
            }
        } else if (name == "table-properties" && local_attribute(tag, "display") == "false") {
            collector_.note(source_, "hidden_text", ": a table is hidden", {});
        }
    }

    const Source& source_;
    Collector& collector_;
    std::vector<Element> open_;
    std::set<std::string> hidden_styles_;
    std::string style_;
    std::string shown_;
    std::string hidden_;
    std::string annotation_;
    std::string script_;
    bool in_annotation_ = false;
    bool in_script_ = false;
};

}  // namespace

void read_office_part(const Source& source, std::string_view name, Collector& collector) {
    if (name.ends_with(".rels")) {
        read_relations(source, collector);
    } else if (name.starts_with("docProps/")) {
        read_properties(source, collector);
    } else if (!name.starts_with("[Content_Types]") && name.find("/theme/") == name.npos) {
        read_document(source, OfficeReader(source, name.starts_with("word/"), collector),
                      collector);
    }
}

void read_odf_part(const Source& source, std::string_view name, Collector& collector) {
    if (name == "meta.xml") {
        read_properties(source, collector);
    } else if (name != "settings.xml" && !name.starts_with("META-INF/")) {
        read_document(source, OdfReader(source, collector), collector);
    }
}

}  // namespace credence::guard
