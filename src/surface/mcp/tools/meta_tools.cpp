#include "surface/mcp/tools/meta_tools.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "surface/mcp/protocol/call_result.h"

namespace credence::surface::mcp {

enum class FindDetail : std::uint8_t { names, schemas };

struct FindOperations {
    std::string query;
    std::int64_t limit = 5;
    FindDetail detail = FindDetail::names;
};
void describe(Describe<FindOperations>& d) {
    d.field<&FindOperations::query>("What you want to do, in plain words").length(1, 2'000);
    d.field<&FindOperations::limit>("At most so many")
        .between(1, MetaTools::kMostFound)
        .or_default();
    d.field<&FindOperations::detail>("schemas: with each input schema").or_default();
}

struct FoundOperation {
    std::string name;
    std::string operation;
    std::string summary;
    std::string scope;
    Effect effect = Effect::read;
    double score = 0;
    std::optional<RawJson> input_schema;
};
void describe(Describe<FoundOperation>& d) {
    d.field<&FoundOperation::name>("For call_operation");
    d.field<&FoundOperation::operation>("Name on other surfaces");
    d.field<&FoundOperation::summary>("What it does");
    d.field<&FoundOperation::scope>("Scope it needs");
    d.field<&FoundOperation::effect>("Whether it reads, writes, or acts on the outside world");
    d.field<&FoundOperation::score>("How well it fits, within this answer");
    d.field<&FoundOperation::input_schema>("Of its arguments");
}

struct FoundOperations {
    std::vector<FoundOperation> operations;
};
void describe(Describe<FoundOperations>& d) {
    d.field<&FoundOperations::operations>("The best first");
}

struct CallOperation {
    std::string name;
    std::optional<RawJson> arguments;
};
void describe(Describe<CallOperation>& d) {
    d.field<&CallOperation::name>("As find_operations names it").length(1, 200);
    d.field<&CallOperation::arguments>("As its input schema says");
}

namespace {

std::vector<const Operation*> visible(const Catalog& catalog) {
    std::vector<const Operation*> out;
    for (const Operation& operation : catalog.operations()) {
        if (!operation.hidden_from_mcp) {
            out.push_back(&operation);
        }
    }
    return out;
}

std::vector<OperationText> texts_of(const std::vector<const Operation*>& operations) {
    std::vector<OperationText> out;
    out.reserve(operations.size());
    for (const Operation* operation : operations) {
        out.push_back(text_of(*operation));
    }
    return out;
}

double rounded_score(double score) {
    constexpr double kDigits = 1e3;
    return std::round(score * kDigits) / kDigits;
}

FoundOperation row_of(const Operation& operation, double score, FindDetail detail) {
    FoundOperation row{operation.mcp_name, operation.name,       operation.summary, operation.scope,
                       operation.effect,   rounded_score(score), std::nullopt};
    if (detail == FindDetail::schemas) {
        append_json_schema(*operation.request, row.input_schema.emplace().text);
    }
    return row;
}

}  // namespace

MetaTools::MetaTools(Dispatcher& dispatcher, const ToolCalls& calls)
    : dispatcher_(dispatcher), calls_(calls), operations_(visible(dispatcher.catalog())) {}

const OperationIndex& MetaTools::index() const {
    std::call_once(indexed_, [this] { index_.emplace(texts_of(operations_)); });
    return *index_;
}

std::string MetaTools::find_schema() {
    std::string out;
    append_json_schema(shape_of<FindOperations>(), out);
    return out;
}

std::string MetaTools::call_schema() {
    // By hand: arguments are any object, which no shape says.
    return R"({"type":"object","properties":{"name":{"type":"string"},)"
           R"("arguments":{"type":"object","description":"As its input schema says"}},)"
           R"("additionalProperties":false,"required":["name"]})";
}

std::string MetaTools::find_tool() {
    return R"({"name":"find_operations","title":"Find operations","description":)"
           R"("Search everything this server can do, far more than is listed. Then use )"
           R"(call_operation.","inputSchema":)" +
           find_schema() +
           R"(,"annotations":{"readOnlyHint":true,"destructiveHint":false,)"
           R"("idempotentHint":true,"openWorldHint":false}})";
}

std::string MetaTools::call_tool(bool tasks) {
    return R"({"name":"call_operation","title":"Call an operation","description":)"
           R"("Call an operation found with find_operations.","inputSchema":)" +
           call_schema() +
           R"(,"annotations":{"readOnlyHint":false,"destructiveHint":true,)"
           R"("idempotentHint":false,"openWorldHint":true})" +
           (tasks ? R"(,"execution":{"taskSupport":"optional"}})" : "}");
}

void MetaTools::find(const std::string& arguments, const RequestPtr& request) const {
    const auto asked = from_json<FindOperations>(arguments);
    if (!asked) {
        request->finish(call_problem(asked.error()));
        return;
    }
    const Context& context = request->caller().context;
    const auto hits = index().search(asked->query, static_cast<std::size_t>(asked->limit),
                                     [this, &context](std::size_t position) {
                                         return dispatcher_.offers(context, *operations_[position]);
                                     });
    FoundOperations found;
    for (const OperationIndex::Hit& hit : hits) {
        found.operations.push_back(row_of(*operations_[hit.position], hit.score, asked->detail));
    }
    request->finish(call_result(to_json(found)));
}

void MetaTools::call(const std::string& arguments, const RequestPtr& request) const {
    const auto asked = from_json<CallOperation>(arguments);
    if (!asked) {
        request->finish(call_problem(asked.error()));
        return;
    }
    const Operation* wanted = operation(asked->name);
    if (wanted == nullptr) {
        std::string message = "there is no such operation";
        for (const std::string& name : nearest(request->caller().context, asked->name)) {
            message += message.ends_with('n') ? "; did you mean " + name : ", " + name;
        }
        request->finish(call_problem({Code::not_found, std::move(message), "name"}));
        return;
    }
    std::string inner = asked->arguments ? asked->arguments->text : "{}";
    if (inner.empty() || inner == "null") {
        inner = "{}";
    }
    if (!inner.starts_with('{')) {
        request->finish(call_problem({Code::invalid, "must be an object", "arguments"}));
        return;
    }
    calls_.run(*wanted, std::move(inner), request);
}

const Operation* MetaTools::operation(std::string_view name) const {
    const Operation* found = dispatcher_.catalog().find_mcp(name);
    if (found == nullptr) {
        found = dispatcher_.catalog().find(name);
    }
    return found == nullptr || found->hidden_from_mcp ? nullptr : found;
}

std::vector<std::string> MetaTools::nearest(const Context& context, std::string_view name) const {
    const std::size_t most = std::max<std::size_t>(2, name.size() / 3);
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const Operation* operation : operations_) {
        const std::size_t distance = edit_distance(operation->mcp_name, name);
        if (distance <= most && dispatcher_.offers(context, *operation)) {
            near.emplace_back(distance, operation->mcp_name);
        }
    }
    std::ranges::sort(near);
    std::vector<std::string> out;
    for (auto& [distance, text] : near) {
        out.push_back(std::move(text));
    }
    if (out.empty()) {
        for (const OperationIndex::Hit& hit :
             index().search(name, kNearestNames, [this, &context](std::size_t position) {
                 return dispatcher_.offers(context, *operations_[position]);
             })) {
            out.push_back(operations_[hit.position]->mcp_name);
        }
    }
    out.resize(std::min(out.size(), kNearestNames));
    return out;
}

}  // namespace credence::surface::mcp
