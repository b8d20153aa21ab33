// The former system's JSON export: {"invocations": [...], "metrics": {...}}, or the list alone.
#include <simdjson.h>

#include <fstream>

#include "base/text.h"
#include "capabilities/skills/import/old_file.h"

namespace credence::skills {
namespace {

namespace dom = simdjson::dom;

std::optional<std::string> text_at(dom::object object, std::string_view key) {
    std::string_view text;
    return object[key].get(text) == simdjson::SUCCESS ? std::optional(std::string(text))
                                                      : std::nullopt;
}

std::optional<double> number_at(dom::object object, std::string_view key) {
    double number = 0;
    return object[key].get(number) == simdjson::SUCCESS ? std::optional(number) : std::nullopt;
}

// A list as its JSON text: files have it as a list, or as a text that holds one.
std::optional<std::string> list_at(dom::object object, std::string_view key) {
    dom::element element;
    if (object[key].get(element) != simdjson::SUCCESS || element.is_null()) {
        return std::nullopt;
    }
    std::string_view text;
    if (element.get(text) == simdjson::SUCCESS) {
        return std::string(text);
    }
    return simdjson::minify(element);
}

OldInvocation row_of(dom::object object) {
    OldInvocation out;
    out.skill_name = text_at(object, "skill_name");
    out.invoked_at = text_at(object, "invoked_at");
    out.session_id = text_at(object, "session_id");
    out.workflow_path = text_at(object, "workflow_path");
    bool completed = false;
    out.completed = object["completed"].get(completed) == simdjson::SUCCESS
                        ? completed
                        : number_at(object, "completed").value_or(0) != 0;
    out.duration_seconds = number_at(object, "duration_seconds");
    out.user_query = text_at(object, "user_query");
    out.alternatives_considered = list_at(object, "alternatives_considered");
    if (const auto rank = number_at(object, "selection_rank")) {
        // Out of range on either side is refused later, as any wrong rank.
        const bool fits = *rank >= 1 && *rank <= 1e9;
        out.selection_rank = fits ? static_cast<std::int64_t>(*rank) : 0;
    }
    out.follow_up_actions = list_at(object, "follow_up_actions");
    out.error_type = text_at(object, "error_type");
    out.workflow_phase = text_at(object, "workflow_phase");
    out.workflow_step_id = text_at(object, "workflow_step_id");
    return out;
}

class OldJson final : public OldFile {
public:
    // The document lives in the parser.
    Result<void> load(const std::string& text) {
        dom::element document;
        if (parser_.parse(text).get(document) != simdjson::SUCCESS) {
            return fail(Code::invalid, "is neither a database nor JSON", "file");
        }
        dom::object object;
        if (document.get(object) == simdjson::SUCCESS) {
            has_metrics_ = object["metrics"].get(metrics_) == simdjson::SUCCESS;
            if (object["invocations"].get(rows_) != simdjson::SUCCESS) {
                return fail(Code::invalid, "has no list \"invocations\"", "file");
            }
        } else if (document.get(rows_) != simdjson::SUCCESS) {
            return fail(Code::invalid, "is no list of invocations", "file");
        }
        next_ = rows_.begin();
        return {};
    }

    std::string layout() const override { return "json"; }

    Result<std::vector<OldInvocation>> next() override {
        std::vector<OldInvocation> out;
        for (; next_ != rows_.end() && std::ssize(out) < kPiece; ++next_) {
            dom::object object;
            // What is no object is a row without skill and time: counted as such.
            out.push_back((*next_).get(object) == simdjson::SUCCESS ? row_of(object)
                                                                    : OldInvocation{});
        }
        return out;
    }

    Result<std::vector<OldMetrics>> metrics() override {
        std::vector<OldMetrics> out;
        if (!has_metrics_) {
            return out;
        }
        for (const dom::key_value_pair field : metrics_) {
            dom::object object;
            if (field.value.get(object) != simdjson::SUCCESS) {
                continue;
            }
            const auto total = number_at(object, "total_invocations");
            if (total && *total >= 0 && *total < 1e15) {
                out.push_back({std::string(field.key), static_cast<std::int64_t>(*total),
                               number_at(object, "completion_rate").value_or(0)});
            }
        }
        return out;
    }

    Result<TaxonomyDefinition> taxonomy() override { return TaxonomyDefinition(); }

    Result<std::map<std::string, std::int64_t>> other_rows() override {
        return std::map<std::string, std::int64_t>();
    }

private:
    dom::parser parser_;
    dom::array rows_;
    dom::object metrics_;  // once has_metrics_
    bool has_metrics_ = false;
    dom::array::iterator next_;
};

}  // namespace

Result<std::unique_ptr<OldFile>> open_old_json(std::string text) {
    auto file = std::make_unique<OldJson>();
    TRY(file->load(text));
    return file;
}

Result<std::unique_ptr<OldFile>> OldFile::open(const std::string& path) {
    constexpr std::string_view kSqliteHead = "SQLite format 3";
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return fail(Code::not_found, "there is no such file, or it cannot be read", "file");
    }
    std::string head(kSqliteHead.size(), '\0');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    if (head == kSqliteHead) {
        return open_old_sqlite(path);
    }
    auto text = read_file(path, kMaxJsonBytes);
    if (!text) {
        return fail(text.error().code, text.error().message, "file");
    }
    return open_old_json(std::move(*text));
}

}  // namespace credence::skills
