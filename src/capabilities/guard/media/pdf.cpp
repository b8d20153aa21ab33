// PDF: pages, and everything around them that holds text or does something.
#include <algorithm>
#include <array>
#include <unordered_set>

#include "capabilities/guard/media/formats.h"
#include "capabilities/guard/media/pdf_content.h"

namespace credence::guard {
namespace {

using Kind = PdfValue::Kind;

constexpr std::size_t kMaxPages = 2000;
constexpr int kMaxTreeDepth = 32;
constexpr int kMaxAttachments = 16;
constexpr int kMaxValueDepth = kMaxPdfNesting + 1;

struct TextKey {
    std::string_view key;
    std::string_view where;
};

class PdfReader {
public:
    PdfReader(const Source& source, Collector& collector)
        : source_(source), file_(source, collector), collector_(collector) {}

    void read() {
        if (file_.encrypted()) {
            collector_.unread("pdf: encrypted");
            return;
        }
        if (file_.objects().empty()) {
            collector_.damaged(source_, "pdf: no objects", 0);
            read_runs(source_, "pdf.rest", {0, source_.bytes.size()}, collector_);
            return;
        }
        for (const PdfObject& object : file_.objects()) {
            walk(object.value, object, 0);
            streams(object);
        }
        pages();
        const std::size_t end = source_.bytes.rfind("%%EOF");
        if (end == std::string_view::npos) {
            collector_.damaged(source_, "pdf: no end of file", source_.bytes.size());
        } else {
            read_appended(source_, end + 5, collector_);
        }
    }

private:
    void put(std::string_view where, const PdfValue& value, const PdfObject& holder) {
        const PdfValue& found = file_.follow(value);
        if (found.is(Kind::text)) {
            const bool own = found.at.end > found.at.start && holder.at.start <= found.at.start;
            collector_.part(source_, "pdf." + std::string(where), pdf_text(found.text),
                            own && &found == &value ? found.at : holder.at);
        }
    }

    void walk(const PdfValue& value, const PdfObject& object, int depth) {
        if (depth > kMaxValueDepth) {
            return;
        }
        if (value.is(Kind::dictionary)) {
            dictionary(value, object);
            for (const auto& [key, inner] : value.entries) {
                walk(inner, object, depth + 1);
            }
        }
        for (const PdfValue& inner : value.items) {
            walk(inner, object, depth + 1);
        }
    }

    void dictionary(const PdfValue& value, const PdfObject& object) {
        constexpr std::array<TextKey, 6> kAnywhere = {{{"URI", "uri"},
                                                       {"TU", "form"},
                                                       {"Alt", "alt"},
                                                       {"ActualText", "alt"},
                                                       {"UF", "filename"},
                                                       {"RC", "annotation"}}};
        for (const TextKey& known : kAnywhere) {
            put(known.where, value[known.key], object);
        }
        if (value["S"].is_name("JavaScript") || !value["JS"].is(Kind::nothing)) {
            script(value["JS"], object);
        }
        if (value["S"].is_name("Launch")) {
            collector_.note(source_, "launch", "pdf: an action starts a program", object.at);
            put("launch", value["F"], object);
            put("launch", file_.follow(value["F"])["F"], object);
            put("launch", file_.follow(value["Win"])["P"], object);
        }
        if (!value["Contents"].is(Kind::nothing) && value["Subtype"].is(Kind::name)) {
            put("annotation", value["Contents"], object);
            put("annotation", value["Subj"], object);
            put("annotation", value["T"], object);
        }
        if (!value["T"].is(Kind::nothing) || !value["FT"].is(Kind::nothing)) {
            put("form", value["V"], object);
            put("form", value["DV"], object);
        }
        if (!value["Title"].is(Kind::nothing) && !value["Parent"].is(Kind::nothing)) {
            put("outline", value["Title"], object);
        }
        if (!value["Producer"].is(Kind::nothing) || !value["Creator"].is(Kind::nothing) ||
            (!value["Title"].is(Kind::nothing) && value["Parent"].is(Kind::nothing)) ||
            !value["Subject"].is(Kind::nothing) || !value["Keywords"].is(Kind::nothing)) {
            information(value, object);
        }
    }

    void information(const PdfValue& value, const PdfObject& object) {
        for (const auto& [key, inner] : value.entries) {
            const PdfValue& text = file_.follow(inner);
            if (text.is(Kind::text) && !text.text.starts_with("D:")) {
                put("info." + key, inner, object);
            }
        }
    }

    void script(const PdfValue& value, const PdfObject& object) {
        collector_.note(source_, "script", "pdf: JavaScript", object.at);
        if (const PdfObject* stream = file_.object(value); stream != nullptr && stream->stream) {
            collector_.part(source_, "pdf.javascript", pdf_text(file_.content(*stream)),
                            *stream->stream);
            return;
        }
        put("javascript", value, object);
    }

    void streams(const PdfObject& object) {
        if (!object.stream) {
            return;
        }
        const PdfValue& value = object.value;
        if (value["Type"].is_name("Metadata") || value["Subtype"].is_name("XML")) {
            const std::string bytes = file_.content(object);
            read_xmp(source_.decoded(bytes, *object.stream, "pdf."), collector_);
        } else if (value["Type"].is_name("EmbeddedFile")) {
            if (++attachments_ > kMaxAttachments) {
                collector_.limit("files inside of a PDF");
                return;
            }
            const std::string bytes = file_.content(object);
            read_source(source_.decoded(bytes, *object.stream, "pdf.attachment."), collector_);
        } else if (value["Subtype"].is_name("Image") && file_.is_jpeg(object)) {
            read_source(source_.part(*object.stream, "pdf.image."), collector_);
        }
    }

    void pages() {
        for (const PdfObject& object : file_.objects()) {
            if (object.value["Type"].is_name("Catalog")) {
                static const PdfValue none;
                tree(object.value["Pages"], none, 0);
            }
        }
        std::size_t loose = 0;
        for (const PdfObject& object : file_.objects()) {
            const PdfValue& value = object.value;
            if (value["Type"].is_name("Page") && !seen_.contains(&value) && pages_ < kMaxPages) {
                const PdfValue& parent = file_.follow(value["Parent"]);
                page(object, file_.follow(parent["Resources"]),
                     "pdf.loose_page." + std::to_string(++loose));
            }
        }
    }

    void tree(const PdfValue& node, const PdfValue& inherited, int depth) {
        const PdfObject* object = file_.object(node);
        if (object == nullptr || depth > kMaxTreeDepth || pages_ >= kMaxPages ||
            !seen_.insert(&object->value).second) {
            return;
        }
        const PdfValue& own = file_.follow(object->value["Resources"]);
        const PdfValue& resources = own.is(Kind::dictionary) ? own : inherited;
        const PdfValue& children = file_.follow(object->value["Kids"]);
        if (!children.is(Kind::array)) {
            page(*object, resources, "pdf.page." + std::to_string(++numbered_));
            return;
        }
        for (const PdfValue& child : children.items) {
            tree(child, resources, depth + 1);
        }
    }

    void page(const PdfObject& object, const PdfValue& inherited, const std::string& where) {
        ++pages_;
        seen_.insert(&object.value);
        const PdfValue& own = file_.follow(object.value["Resources"]);
        const PdfValue& contents = object.value["Contents"];
        PdfPageText text = content_.read(contents, own.is(Kind::dictionary) ? own : inherited);
        const PdfObject* stream = file_.object(contents);
        const ByteSpan at = stream != nullptr && stream->stream ? *stream->stream : object.at;
        collector_.part(source_, where, std::move(text.shown), at);
        if (!text.hidden.empty()) {
            collector_.note(source_, "hidden_text", where + ": " + text.why + " text", at);
            collector_.part(source_, where + ".hidden", std::move(text.hidden), at);
        }
    }

    const Source& source_;
    PdfFile file_;
    Collector& collector_;
    PdfContentReader content_{file_, collector_};
    std::unordered_set<const PdfValue*> seen_;
    std::size_t pages_ = 0;
    std::size_t numbered_ = 0;
    int attachments_ = 0;
};

}  // namespace

void read_pdf(const Source& source, Collector& collector) {
    PdfReader(source, collector).read();
}

}  // namespace credence::guard
