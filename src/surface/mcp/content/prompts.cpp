#include "surface/mcp/content/prompts.h"

#include <algorithm>
#include <expected>

#include "base/check.h"
#include "base/json.h"
#include "base/text.h"

namespace credence::surface::mcp {
namespace {

using Arguments = std::map<std::string, std::string, std::less<>>;

const PromptArgument* find_argument(const Prompt& prompt, std::string_view name) {
    const auto found = std::ranges::find(prompt.arguments, name, &PromptArgument::name);
    return found == prompt.arguments.end() ? nullptr : &*found;
}

// False: the line names an argument that is absent.
bool render_line(const Prompt& prompt, std::string_view line, const Arguments& arguments,
                 std::string& out) {
    while (!line.empty()) {
        const std::size_t open = line.find('{');
        out += line.substr(0, open);
        if (open == std::string_view::npos) {
            return true;
        }
        line.remove_prefix(open + 1);
        const std::size_t close = line.find('}');
        const std::string_view name = line.substr(0, close);
        if (close == std::string_view::npos || find_argument(prompt, name) == nullptr) {
            out += '{';
            continue;
        }
        const auto value = arguments.find(name);
        if (value == arguments.end()) {
            return false;
        }
        out += value->second;
        line.remove_prefix(close + 1);
    }
    return true;
}

std::string listed_prompt(const Prompt& prompt) {
    std::string out = R"({"name":)";
    append_json_string(prompt.name, out);
    out += R"(,"title":)";
    append_json_string(prompt.title, out);
    out += R"(,"description":)";
    append_json_string(prompt.description, out);
    out += R"(,"arguments":[)";
    for (const PromptArgument& argument : prompt.arguments) {
        out += out.back() == '[' ? R"({"name":)" : R"(,{"name":)";
        append_json_string(argument.name, out);
        out += R"(,"description":)";
        append_json_string(argument.description, out);
        out += argument.required ? R"(,"required":true})" : R"(,"required":false})";
    }
    return out + "]}";
}

std::unexpected<RpcError> bad_argument(std::string_view name, std::string_view what) {
    std::string message = "params.arguments.";
    message += name;
    message += ' ';
    message += what;
    return std::unexpected(RpcError{RpcCode::invalid_params, std::move(message), {}});
}

// Empty texts count as absent: forms send them for fields that were left open.
std::expected<Arguments, RpcError> read_arguments(const Prompt& prompt, const Member& given) {
    if (!given.is_absent() && !given.is_object()) {
        return std::unexpected(
            RpcError{RpcCode::invalid_params, "params.arguments must be an object", {}});
    }
    Arguments out;
    const Members members = Members::of(given);
    for (const auto& [name, member] : members.all()) {
        if (find_argument(prompt, name) == nullptr) {
            return bad_argument(name, "is no argument of " + prompt.name);
        }
        if (!member.is_absent() && !member.is_text()) {
            return bad_argument(name, "must be a string");
        }
        if (member.value.size() > Prompts::kMaxArgumentBytes) {
            return bad_argument(
                name, "may have at most " + std::to_string(Prompts::kMaxArgumentBytes) + " bytes");
        }
        if (member.is_text() && !member.value.empty()) {
            out.emplace(name, member.value);
        }
    }
    for (const PromptArgument& argument : prompt.arguments) {
        if (argument.required && !out.contains(argument.name)) {
            return bad_argument(argument.name, "is required");
        }
    }
    return out;
}

}  // namespace

std::string render_prompt(const Prompt& prompt, const Arguments& arguments) {
    std::string out;
    for (const std::string_view line : split(prompt.text, '\n')) {
        std::string rendered;
        if (render_line(prompt, line, arguments, rendered)) {
            out += rendered + '\n';
        }
    }
    return std::string(trim(out));
}

bool offers_prompt(const Caller& caller, const Prompt& prompt) {
    return prompt.scope.empty() || caller.context.scopes.allow(prompt.scope);
}

Prompts::Prompts(Dispatcher&, const std::vector<Prompt>& prompts) : prompts_(prompts) {
    for (const Prompt& prompt : prompts) {
        const auto same = std::ranges::count(prompts, prompt.name, &Prompt::name);
        CHECK(same == 1, prompt.name + ": two prompts of one name");
        listed_.push_back(listed_prompt(prompt));
    }
}

void Prompts::prompts(const Caller& caller, std::vector<std::string>& out) const {
    for (std::size_t i = 0; i < prompts_.size(); ++i) {
        if (offers_prompt(caller, prompts_[i])) {
            out.push_back(listed_[i]);
        }
    }
}

bool Prompts::get_prompt(std::string_view name, const RequestPtr& request) {
    const auto prompt = std::ranges::find(prompts_, name, &Prompt::name);
    if (prompt == prompts_.end() || !offers_prompt(request->caller(), *prompt)) {
        return false;
    }
    const auto arguments = read_arguments(*prompt, request->params()["arguments"]);
    if (!arguments) {
        request->fail(arguments.error());
        return true;
    }
    std::string out = R"({"description":)";
    append_json_string(prompt->description, out);
    out += R"(,"messages":[{"role":"user","content":{"type":"text","text":)";
    append_json_string(render_prompt(*prompt, *arguments), out);
    out += "}}]}";
    request->finish(std::move(out));
    return true;
}

}  // namespace credence::surface::mcp
