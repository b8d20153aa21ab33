#include "surface/mcp/content/completion.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/json.h"
#include "surface/mcp/content/documents.h"
#include "surface/mcp/content/prompts.h"

namespace credence::surface::mcp {
namespace {

const Shape& without_optional(const Shape& shape) {
    const Shape& inner = shape.kind == Kind::optional ? *shape.inner : shape;
    return inner.kind == Kind::list ? *inner.inner : inner;
}

// more: there are values beyond these that nobody counted.
void answer_values(const RequestPtr& request, const std::vector<std::string>& values, bool more) {
    const std::string typed = Members::of(request->params()["argument"])["value"].value;
    std::string shown;
    std::size_t total = 0;
    for (const std::string& value : values) {
        if (!value.starts_with(typed)) {
            continue;
        }
        if (total++ < Completion::kMaxValues) {
            shown += shown.empty() ? "" : ",";
            append_json_string(value, shown);
        }
    }
    std::string out = R"({"completion":{"values":[)" + shown + "]";
    if (!more) {
        out += R"(,"total":)" + std::to_string(total);
    }
    out += R"(,"hasMore":)";
    out += more || total > Completion::kMaxValues ? "true}}" : "false}}";
    request->finish(std::move(out));
}

// Where an answer lists things with ids: "agents" and "agent_id".
struct IdPlace {
    std::string list;
    std::string path;  // of the id in an item: "agent_id", or "recipe.name"
};

std::optional<std::string> find_id(const Shape& item, std::string_view field) {
    if (item.find(field) != nullptr) {
        return std::string(field);
    }
    for (const Field& member : item.fields) {
        const Shape& shape = without_optional(*member.shape);
        if (shape.kind == Kind::object && shape.find(field) != nullptr) {
            return member.name + "." + std::string(field);
        }
    }
    return item.find("id") != nullptr ? std::optional<std::string>("id") : std::nullopt;
}

std::optional<IdPlace> find_ids(const Shape& answer, std::string_view field) {
    for (const Field& member : answer.fields) {
        if (member.shape->kind != Kind::list || member.shape->inner->kind != Kind::object) {
            continue;
        }
        if (auto path = find_id(*member.shape->inner, field)) {
            return IdPlace{member.name, std::move(*path)};
        }
    }
    return std::nullopt;
}

std::vector<std::string> read_ids(const Members& answer, const IdPlace& place) {
    std::vector<std::string> out;
    const std::size_t dot = place.path.find('.');
    for (const Member& item : items_of(answer[place.list].value)) {
        Members members = Members::of(item);
        std::string_view name = place.path;
        if (dot != std::string::npos) {
            members = Members::of(members[name.substr(0, dot)]);
            name.remove_prefix(dot + 1);
        }
        const Member& id = members[name];
        if (!id.is_absent()) {
            out.push_back(id.is_text() ? id.value : id.json());
        }
    }
    std::ranges::sort(out);
    const auto repeated = std::ranges::unique(out);
    out.erase(repeated.begin(), repeated.end());
    return out;
}

// Whether the list goes on: every one of ours says so with a member next, next_cursor, ….
bool goes_on(const Members& answer) {
    return std::ranges::any_of(answer.all(), [](const auto& member) {
        return member.first.starts_with("next") && !member.second.is_absent();
    });
}

// As much of the list as it gives, narrowed by what the client has resolved so far. Nothing when it
// needs more than that.
std::optional<std::string> list_request(const Operation& lists, const Members& resolved) {
    std::string out = "{";
    for (const Field& field : lists.request->fields) {
        const Member& given = resolved[field.name];
        std::string value;
        if (given.is_text() && given.value.size() <= Completion::kMaxTypedBytes) {
            value = json_from_text(*field.shape, given.value);
        } else if (field.required) {
            return std::nullopt;
        } else if (field.name == "limit" && field.maximum) {
            value = std::to_string(static_cast<std::int64_t>(*field.maximum));
        } else {
            continue;
        }
        out += out.size() > 1 ? "," : "";
        append_json_string(field.name, out);
        out += ':' + value;
    }
    return out + "}";
}

Members resolved_arguments(const Request& request) {
    return Members::of(Members::of(request.params()["context"])["arguments"]);
}

RpcError bad_params(std::string message) {
    return {RpcCode::invalid_params, std::move(message), {}};
}

}  // namespace

Completion::Completion(Dispatcher& dispatcher, const std::vector<Prompt>& prompts)
    : dispatcher_(dispatcher), prompts_(prompts) {}

bool Completion::complete(const RequestPtr& request) {
    const Members reference = Members::of(request->params()["ref"]);
    const Members argument = Members::of(request->params()["argument"]);
    if (!reference["type"].is_text()) {
        request->fail(bad_params("params.ref must be an object with a type"));
        return true;
    }
    if (!argument["name"].is_text() || !argument["value"].is_text() ||
        argument["value"].value.size() > kMaxTypedBytes) {
        request->fail(bad_params("params.argument must be {name, value}, the value at most " +
                                 std::to_string(kMaxTypedBytes) + " bytes"));
        return true;
    }
    const std::string& type = reference["type"].value;
    if (type == "ref/prompt") {
        return complete_prompt(reference, request);
    }
    return type == "ref/resource" && complete_resource(reference, request);
}

bool Completion::complete_prompt(const Members& reference, const RequestPtr& request) {
    const auto prompt = std::ranges::find(prompts_, reference["name"].value, &Prompt::name);
    if (!reference["name"].is_text() || prompt == prompts_.end() ||
        !offers_prompt(request->caller(), *prompt)) {
        return false;
    }
    const auto argument = std::ranges::find(
        prompt->arguments, Members::of(request->params()["argument"])["name"].value,
        &PromptArgument::name);
    const std::string completes =
        argument == prompt->arguments.end() ? std::string() : argument->completes;
    const std::size_t dot = completes.rfind('.');
    if (dot == std::string::npos) {
        answer_values(request, {}, false);
        return true;
    }
    complete_field(dispatcher_.catalog().find(std::string_view(completes).substr(0, dot)),
                   std::string_view(completes).substr(dot + 1), request);
    return true;
}

bool Completion::complete_resource(const Members& reference, const RequestPtr& request) {
    const std::string& uri = reference["uri"].value;
    if (!reference["uri"].is_text() || uri.empty()) {
        return false;
    }
    if (uri == Documents::kTemplate) {
        answer_values(request, Documents(dispatcher_.catalog()).modules(), false);
        return true;
    }
    const auto& operations = dispatcher_.catalog().operations();
    const auto operation = std::ranges::find(operations, uri, &Operation::resource);
    if (operation == operations.end() ||
        !dispatcher_.offers(request->caller().context, *operation)) {
        return false;
    }
    const std::string name = Members::of(request->params()["argument"])["name"].value;
    const bool is_placeholder = uri.find("{" + name + "}") != std::string::npos;
    complete_field(is_placeholder ? &*operation : nullptr, name, request);
    return true;
}

void Completion::complete_field(const Operation* operation, std::string_view field,
                                const RequestPtr& request) {
    const Field* found = operation == nullptr ? nullptr : operation->request->find(field);
    if (found == nullptr || !dispatcher_.offers(request->caller().context, *operation)) {
        return answer_values(request, {}, false);
    }
    const Shape& shape = without_optional(*found->shape);
    if (shape.kind == Kind::enumeration) {
        return answer_values(request, shape.enumerators, false);
    }
    if (shape.kind == Kind::boolean) {
        return answer_values(request, {"true", "false"}, false);
    }
    const Operation* lists = dispatcher_.catalog().find(operation->ids_from);
    if (lists == nullptr || lists->effect != Effect::read || lists->lane == Lane::background ||
        !dispatcher_.offers(request->caller().context, *lists)) {
        return answer_values(request, {}, false);
    }
    complete_ids(*lists, field, request);
}

void Completion::complete_ids(const Operation& lists, std::string_view field,
                              const RequestPtr& request) {
    const auto place = find_ids(*lists.response, field);
    const auto asked = list_request(lists, resolved_arguments(*request));
    if (!place || !asked) {
        return answer_values(request, {}, false);
    }
    dispatcher_.dispatch(lists, request->caller().context, *asked, 0,
                         [request, place = *place](Result<Answer> answer) {
                             const auto members =
                                 answer ? Members::parse(answer->json) : std::nullopt;
                             if (!members) {
                                 return answer_values(request, {}, false);
                             }
                             answer_values(request, read_ids(*members, place), goes_on(*members));
                         });
}

}  // namespace credence::surface::mcp
