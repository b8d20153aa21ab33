#include "surface/mcp/tools/result_guard.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json.h"
#include "surface/mcp/protocol/call_result.h"
#include "surface/mcp/protocol/members.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kGuardScope = "guard:";
constexpr std::int64_t kScanMs = 10'000;

bool holds_text(const Shape& shape, int depth) {
    if (shape.kind == Kind::text || shape.kind == Kind::json || depth > kMaxNesting) {
        return true;
    }
    if (shape.inner != nullptr) {
        return shape.kind == Kind::dictionary || holds_text(*shape.inner, depth + 1);
    }
    return std::ranges::any_of(
        shape.fields, [depth](const Field& field) { return holds_text(*field.shape, depth + 1); });
}

void add_line(std::string_view text, std::string& out) {
    out += text;
    out += '\n';
}

void collect_any(const Member& value, std::string& out) {
    if (value.is_text()) {
        add_line(value.value, out);
    } else if (value.is_object()) {
        const Members members = Members::of(value);
        for (const auto& [name, member] : members.all()) {
            add_line(name, out);
            collect_any(member, out);
        }
    } else if (value.is_array()) {
        for (const Member& item : items_of(value.value)) {
            collect_any(item, out);
        }
    }
}

void collect(const Shape& shape, const Member& value, std::string& out) {
    switch (shape.kind) {
        case Kind::text:
        case Kind::json:
            collect_any(value, out);
            break;
        case Kind::optional:
            collect(*shape.inner, value, out);
            break;
        case Kind::list:
            for (const Member& item : items_of(value.value)) {
                collect(*shape.inner, item, out);
            }
            break;
        case Kind::dictionary: {
            const Members members = Members::of(value);
            for (const auto& [name, member] : members.all()) {
                add_line(name, out);
                collect(*shape.inner, member, out);
            }
            break;
        }
        case Kind::object: {
            const Members members = Members::of(value);
            for (const Field& field : shape.fields) {
                collect(*field.shape, members[field.name], out);
            }
            break;
        }
        case Kind::boolean:
        case Kind::integer:
        case Kind::number:
        case Kind::enumeration:
        case Kind::parsed:
            break;
    }
}

struct Judgement {
    std::string verdict;
    std::string score;
    std::vector<std::string> categories;

    bool attack() const {
        return std::ranges::any_of(categories, [](const std::string& category) {
            return category != "secrets" && category != "pii";
        });
    }
    // What may not pass as it is. Secrets and personal data that are to be masked are the caller's
    // own: they are marked only.
    bool withhold() const { return verdict == "block" || (verdict == "sanitise" && attack()); }
    std::string json() const {
        std::string out = R"({"verdict":)";
        append_json_string(verdict, out);
        out += R"(,"score":)" + score + R"(,"categories":[)";
        for (const std::string& category : categories) {
            if (!out.ends_with('[')) {
                out += ',';
            }
            append_json_string(category, out);
        }
        out += "]}";
        return out;
    }
};

std::optional<Judgement> read_judgement(std::string_view scan_json) {
    const auto members = Members::parse(scan_json);
    if (!members || !(*members)["verdict"].is_text()) {
        return std::nullopt;
    }
    Judgement out;
    out.verdict = (*members)["verdict"].value;
    const Member& score = (*members)["score"];
    out.score = score.is_absent() ? "0" : score.json();
    for (const Member& threat : items_of((*members)["threats"].value)) {
        const Members of_threat = Members::of(threat);
        const Member& category = of_threat["category"];
        if (category.is_text() &&
            std::ranges::find(out.categories, category.value) == out.categories.end()) {
            out.categories.push_back(category.value);
        }
    }
    return out;
}

std::string with_meta(std::string result, const Judgement& judgement) {
    result.pop_back();
    result += R"(,"_meta":{"credence/guard":)" + judgement.json() + "}}";
    return result;
}

std::string withheld(std::string message, Code code) {
    return call_problem({code, std::move(message), {}});
}

std::string unjudgeable(bool has_guard) {
    return has_guard ? withheld("the result has more text than the guard can judge; ask for less",
                                Code::too_large)
                     : withheld("there is no guard to judge the result; it is withheld",
                                Code::unavailable);
}

// What becomes of a result, by what the guard said of it; nothing: it could not say.
std::string after(McpGuard setting, const std::optional<Judgement>& judgement, std::string result) {
    if (!judgement) {
        return withheld("the guard could not judge the result; it is withheld", Code::unavailable);
    }
    if (setting == McpGuard::block && judgement->withhold()) {
        return with_meta(withheld("the guard found an attack in the result; its text is withheld "
                                  "(setting mcp.guard_results)",
                                  Code::forbidden),
                         *judgement);
    }
    return judgement->verdict == "allow" ? std::move(result)
                                         : with_meta(std::move(result), *judgement);
}

}  // namespace

std::string foreign_text(const Shape& shape, std::string_view json) {
    std::string out;
    collect(shape, Member{.type = Member::Type::object, .value = std::string(json)}, out);
    return out;
}

ResultGuard::ResultGuard(Dispatcher& dispatcher, McpGuard setting)
    : dispatcher_(dispatcher), setting_(setting), scan_(dispatcher.catalog().find(kScanner)) {}

Result<void> ResultGuard::check(const Catalog& catalog, McpGuard setting) {
    if (setting != McpGuard::off && catalog.find(kScanner) == nullptr) {
        return fail(Code::invalid, "asks for the operation guard.scan, which is not here",
                    "mcp.guard_results");
    }
    return {};
}

bool ResultGuard::judges(const Operation& operation) const {
    return setting_ != McpGuard::off && !operation.scope.starts_with(kGuardScope) &&
           holds_text(*operation.response, 0);
}

struct ResultGuard::Question {
    Context context;
    std::string request;
};

ResultGuard::Question ResultGuard::question_of(const Context& caller,
                                               const std::string& text) const {
    // The server's own call: whoever may read the result may have it judged.
    Question out{caller, R"({"direction":"input","source_kind":"tool_result","text":)"};
    out.context.scopes = Scopes({"guard:*"});
    out.context.surface = "mcp";
    out.context.progress = nullptr;
    out.context.deadline_us = 0;
    append_json_string(text, out.request);
    out.request += '}';
    return out;
}

void ResultGuard::judge(const Operation& operation, const Context& caller, std::string answer_json,
                        std::function<void(std::string result_json)> judged) const {
    const std::string text = foreign_text(*operation.response, answer_json);
    if (text.empty()) {
        judged(call_result(answer_json));
        return;
    }
    if (scan_ == nullptr || text.size() > kMaxJudgedBytes) {
        judged(unjudgeable(scan_ != nullptr));
        return;
    }
    Question question = question_of(caller, text);
    dispatcher_.dispatch(
        *scan_, std::move(question.context), std::move(question.request), kScanMs,
        [setting = setting_, answer_json = std::move(answer_json),
         judged = std::move(judged)](Result<Answer> scanned) {
            judged(after(setting, scanned ? read_judgement(scanned->json) : std::nullopt,
                         call_result(answer_json)));
        });
}

std::string ResultGuard::judge_now(const Operation& operation, const Context& caller,
                                   std::string result_json) const {
    const Members result = Members::parse(result_json).value_or(Members());
    if (!judges(operation) || result["isError"].is_true()) {
        return result_json;
    }
    const std::string text = foreign_text(*operation.response, result["structuredContent"].value);
    if (scan_ == nullptr || text.size() > kMaxJudgedBytes ||
        !result["structuredContent"].is_object()) {
        return unjudgeable(scan_ != nullptr);
    }
    if (text.empty()) {
        return result_json;
    }
    const Question question = question_of(caller, text);
    std::string scanned;
    const bool done =
        dispatcher_.run(*scan_, question.context, question.request, scanned).has_value();
    return after(setting_, done ? read_judgement(scanned) : std::nullopt, std::move(result_json));
}

}  // namespace credence::surface::mcp
