#include "surface/mcp/protocol/json_rpc.h"

#include <simdjson.h>

#include <optional>
#include <utility>

#include "base/json.h"
#include "surface/mcp/protocol/dom.h"

namespace credence::surface::mcp {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kNoId = "null";

using Parsed = std::expected<RpcMessage, RpcRefusal>;

std::unexpected<RpcRefusal> refuse(std::string_view id, RpcCode code, std::string message) {
    return std::unexpected(RpcRefusal{std::string(id), {code, std::move(message), {}}});
}

std::string_view parse_problem(int error) {
    switch (error) {
        case simdjson::DEPTH_ERROR:
            return "the message is nested too deeply";
        case simdjson::UTF8_ERROR:
            return "the message is not valid UTF-8";
        case simdjson::EMPTY:
            return "the message is empty";
        default:
            return "the message is not valid JSON";
    }
}

// The envelope's members; pointers into the document.
struct Envelope {
    std::optional<dom::element> version;
    std::optional<dom::element> id;
    std::optional<dom::element> method;
    std::optional<dom::element> params;
    std::optional<dom::element> result;
    std::optional<dom::element> error;
    std::string_view twice;  // two readers could understand two different messages

    bool is_response() const { return !method && (result || error); }
};

Envelope read_envelope(dom::object object) {
    Envelope envelope;
    const std::pair<std::string_view, std::optional<dom::element>*> known[] = {
        {"jsonrpc", &envelope.version}, {"id", &envelope.id},         {"method", &envelope.method},
        {"params", &envelope.params},   {"result", &envelope.result}, {"error", &envelope.error}};
    for (const auto& member : object) {
        for (const auto& [name, slot] : known) {
            if (member.key == name) {
                if (slot->has_value()) {
                    envelope.twice = name;
                }
                *slot = member.value;
            }
        }
    }
    return envelope;
}

bool is_version_two(const std::optional<dom::element>& value) {
    std::string_view text;
    return value && value->get_string().get(text) == simdjson::SUCCESS && text == "2.0";
}

// The id as JSON text, or nothing when it is neither a string nor an integer.
std::optional<std::string> id_text(dom::element id) {
    const Member member = dom_detail::read_member(id);
    if (!member.is_text() && member.type != Member::Type::integer) {
        return std::nullopt;
    }
    return member.json();
}

Parsed read_call(const Envelope& envelope, std::string id) {
    RpcMessage message;
    message.kind = envelope.id ? RpcMessage::Kind::request : RpcMessage::Kind::notification;
    message.id = std::move(id);
    std::string_view method;
    if (envelope.method->get_string().get(method) != simdjson::SUCCESS) {
        return refuse(message.id, RpcCode::invalid_request, "method must be a string");
    }
    message.method = std::string(method);
    if (!envelope.params || envelope.params->is_null()) {
        return message;
    }
    dom::object params;
    if (envelope.params->get_object().get(params) != simdjson::SUCCESS) {
        return refuse(message.id, RpcCode::invalid_params, "params must be an object");
    }
    if (const auto twice = dom_detail::read_members(params, message.params)) {
        return refuse(message.id, RpcCode::invalid_params, "params." + *twice + " is given twice");
    }
    return message;
}

std::optional<RpcError> read_error(dom::element element) {
    dom::object object;
    Members members;
    if (element.get_object().get(object) != simdjson::SUCCESS ||
        dom_detail::read_members(object, members)) {
        return std::nullopt;
    }
    const auto code = members["code"].integer();
    if (!code || !members["message"].is_text()) {
        return std::nullopt;
    }
    RpcError error;
    if (std::in_range<std::int32_t>(*code)) {
        error.code = static_cast<RpcCode>(*code);
    }
    error.message = members["message"].value;
    error.data = members["data"].type == Member::Type::absent ? "" : members["data"].json();
    return error;
}

// The answer to a request of ours. One that answers nothing (an error about a message whose id
// could not be read) has the id null.
Parsed read_response(const Envelope& envelope, std::string id) {
    if (envelope.result && envelope.error) {
        return refuse(kNoId, RpcCode::invalid_request, "a response has a result or an error");
    }
    RpcMessage message{RpcMessage::Kind::response, std::move(id), {}, {}, {}};
    if (envelope.result) {
        message.outcome = std::string(simdjson::minify(*envelope.result));
        return message;
    }
    auto error = read_error(*envelope.error);
    if (!error) {
        return refuse(kNoId, RpcCode::invalid_request, "error must have a code and a message");
    }
    message.outcome = std::unexpected(*std::move(error));
    return message;
}

Parsed read_message(dom::element root) {
    if (root.is_array()) {
        return refuse(kNoId, RpcCode::invalid_request, "batches are not supported");
    }
    dom::object object;
    if (root.get_object().get(object) != simdjson::SUCCESS) {
        return refuse(kNoId, RpcCode::invalid_request, "a message must be an object");
    }
    const Envelope envelope = read_envelope(object);
    if (!envelope.twice.empty()) {
        return refuse(kNoId, RpcCode::invalid_request,
                      std::string(envelope.twice) + " is given twice");
    }
    const bool nameless = !envelope.id || (envelope.is_response() && envelope.id->is_null());
    const auto id = nameless ? std::string(kNoId) : id_text(*envelope.id);
    if (!id) {
        return refuse(kNoId, RpcCode::invalid_request, "id must be a string or an integer");
    }
    if (!is_version_two(envelope.version)) {
        return refuse(*id, RpcCode::invalid_request, "jsonrpc must be \"2.0\"");
    }
    if (envelope.is_response()) {
        return read_response(envelope, *id);
    }
    if (!envelope.method) {
        return refuse(*id, RpcCode::invalid_request, "method is required");
    }
    return read_call(envelope, *id);
}

}  // namespace

Parsed parse_rpc(std::string_view text) {
    if (text.size() > kMaxMessageBytes) {
        return refuse(kNoId, RpcCode::invalid_request,
                      "a message has at most " + std::to_string(kMaxMessageBytes) + " bytes");
    }
    std::optional<Parsed> out;
    dom_detail::with_document(text, [&out](int error, const dom::element& root) {
        if (error == simdjson::MEMALLOC) {
            out = refuse(kNoId, RpcCode::internal_error, "not enough memory for the message");
        } else if (error != simdjson::SUCCESS) {
            out = refuse(kNoId, RpcCode::parse_error, std::string(parse_problem(error)));
        } else {
            out = read_message(root);
        }
    });
    return *std::move(out);
}

std::string rpc_result(std::string_view id, std::string_view result_json) {
    std::string out;
    out.reserve(result_json.size() + id.size() + 40);
    out += R"({"jsonrpc":"2.0","id":)";
    out += id;
    out += R"(,"result":)";
    out += result_json;
    out += '}';
    return out;
}

std::string rpc_failure(std::string_view id, const RpcError& error) {
    std::string out = R"({"jsonrpc":"2.0","id":)";
    out += id;
    out += R"(,"error":{"code":)" + std::to_string(static_cast<std::int32_t>(error.code));
    out += R"(,"message":)";
    append_json_string(error.message, out);
    if (!error.data.empty()) {
        out += R"(,"data":)" + error.data;
    }
    out += "}}";
    return out;
}

std::string rpc_request(std::string_view id, std::string_view method,
                        std::string_view params_json) {
    std::string out = R"({"jsonrpc":"2.0","id":)";
    out += id;
    out += R"(,"method":)";
    append_json_string(method, out);
    out += R"(,"params":)";
    out += params_json.empty() ? "{}" : params_json;
    out += '}';
    return out;
}

std::string rpc_notification(std::string_view method, std::string_view params_json) {
    std::string out = R"({"jsonrpc":"2.0","method":)";
    append_json_string(method, out);
    if (!params_json.empty()) {
        out += R"(,"params":)";
        out += params_json;
    }
    out += '}';
    return out;
}

}  // namespace credence::surface::mcp
