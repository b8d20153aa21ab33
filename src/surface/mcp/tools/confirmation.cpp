#include "surface/mcp/tools/confirmation.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "surface/mcp/protocol/call_result.h"

namespace credence::surface::mcp {
namespace {

constexpr std::size_t kShownDigits = 16;
constexpr std::size_t kShownBytes = 512;  // of the arguments

constexpr std::string_view kForm =
    R"({"type":"object","properties":{"confirm":{"type":"boolean","title":"Go ahead",)"
    R"("description":"Whether the call may be made"}},"required":["confirm"]})";

bool has_secret(const Shape& shape, int depth) {
    if (shape.secret || depth > kMaxNesting) {
        return true;
    }
    if (shape.inner != nullptr) {
        return has_secret(*shape.inner, depth + 1);
    }
    return std::ranges::any_of(
        shape.fields, [depth](const Field& field) { return has_secret(*field.shape, depth + 1); });
}

// Operation and arguments, and nothing else, decide it.
std::string digest_of(const Operation& operation, std::string_view arguments) {
    return sha256_hex(operation.name + '\n' + std::string(arguments));
}

std::string question(const Operation& operation, std::string_view arguments,
                     std::string_view digest) {
    std::string out = "Call " + operation.mcp_name + " (" + operation.summary + ")? Arguments";
    if (!has_secret(*operation.request, 0)) {
        out += ' ' + to_valid_utf8(arguments.substr(0, kShownBytes));
        out += arguments.size() > kShownBytes ? " …," : ",";
    }
    out += " SHA-256 ";
    out += digest.substr(0, kShownDigits);
    return out;
}

void refuse(const RequestPtr& request, std::string message) {
    request->finish(call_problem({Code::forbidden, std::move(message), {}}));
}

bool agreed(const Member& answer) {
    const Members members = Members::of(answer);
    return members["action"].value == "accept" &&
           Members::of(members["content"])["confirm"].is_true();
}

}  // namespace

Consent ask_consent(const Operation& operation, std::string_view arguments,
                    const RequestPtr& request) {
    const std::string digest = digest_of(operation, arguments);
    const Member* answer = request->input(kConsentInput);
    if (answer != nullptr) {
        if (request->state() != digest) {
            refuse(request, "the confirmation is about another call of " + operation.mcp_name);
        } else if (!agreed(*answer)) {
            refuse(request, "the user did not agree to " + operation.mcp_name);
        } else {
            return Consent::given;
        }
        return Consent::settled;
    }
    if (!request->state().empty()) {
        refuse(request, "nobody answered whether " + operation.mcp_name + " may be called");
        return Consent::settled;
    }
    if (!request->caller().capabilities.elicitation_form) {
        refuse(request, operation.mcp_name +
                            " needs the user's word (setting mcp.confirm), and this client cannot "
                            "ask: it has no elicitation by form");
        return Consent::settled;
    }
    std::string params = R"({"message":)";
    append_json_string(question(operation, arguments, digest), params);
    params += R"(,"requestedSchema":)";
    params += kForm;
    params += '}';
    InputNeed need;
    need.requests.emplace(kConsentInput, InputRequest{"elicitation/create", std::move(params)});
    need.state = digest;
    request->need_input(std::move(need));
    return Consent::settled;
}

}  // namespace credence::surface::mcp
