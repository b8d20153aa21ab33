#include "surface/mcp/json_rpc.h"

#include <simdjson.h>

#include <optional>
#include <utility>

#include "base/json.h"
#include "base/shape.h"

namespace credence::surface {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kKeptParserBytes = std::size_t{1} << 20;  // larger parsers are not kept
constexpr std::string_view kNoId = "null";

using Parsed = std::expected<RpcMessage, RpcRefusal>;

std::unexpected<RpcRefusal> refuse(std::string_view id, RpcCode code, std::string message) {
    return std::unexpected(RpcRefusal{std::string(id), {code, std::move(message), {}}});
}

std::string_view parse_problem(simdjson::error_code error) {
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
    bool answer = false;     // has result or error
    bool duplicate = false;  // two readers could understand two different messages
};

Envelope read_envelope(dom::object object) {
    Envelope envelope;
    const auto keep = [&envelope](std::optional<dom::element>& slot, dom::element value) {
        envelope.duplicate = envelope.duplicate || slot.has_value();
        slot = value;
    };
    for (const auto& member : object) {
        if (member.key == "jsonrpc") {
            keep(envelope.version, member.value);
        } else if (member.key == "id") {
            keep(envelope.id, member.value);
        } else if (member.key == "method") {
            keep(envelope.method, member.value);
        } else if (member.key == "params") {
            keep(envelope.params, member.value);
        } else if (member.key == "result" || member.key == "error") {
            envelope.answer = true;
        }
    }
    return envelope;
}

bool is_text(const std::optional<dom::element>& value, std::string_view wanted) {
    std::string_view text;
    return value && value->get_string().get(text) == simdjson::SUCCESS && text == wanted;
}

// The id as JSON text, or nothing when it is neither a string nor an integer.
std::optional<std::string> id_text(dom::element id) {
    switch (id.type()) {
        case dom::element_type::STRING: {
            std::string out;
            append_json_string(id.get_string().value_unsafe(), out);
            return out;
        }
        case dom::element_type::INT64:
            return std::to_string(id.get_int64().value_unsafe());
        case dom::element_type::UINT64:
            return std::to_string(id.get_uint64().value_unsafe());
        default:
            return std::nullopt;
    }
}

RpcParam read_param(dom::element value) {
    switch (value.type()) {
        case dom::element_type::STRING:
            return {RpcParam::Type::text, std::string(value.get_string().value_unsafe())};
        case dom::element_type::OBJECT:
            return {RpcParam::Type::object, simdjson::minify(value)};
        default:
            return {RpcParam::Type::other, {}};
    }
}

// The name of a parameter that is given twice, or nothing.
std::optional<std::string_view> read_params(dom::object object, RpcParams& out) {
    const std::pair<std::string_view, RpcParam*> known[] = {
        {"name", &out.name},
        {"arguments", &out.arguments},
        {"cursor", &out.cursor},
        {"uri", &out.uri},
        {"protocolVersion", &out.protocol_version}};
    for (const auto& member : object) {
        for (const auto& [key, param] : known) {
            if (member.key != key) {
                continue;
            }
            if (!param->is_absent()) {
                return key;
            }
            *param = read_param(member.value);
        }
    }
    if (object["arguments"].is_null()) {
        out.arguments = {};
    }
    return std::nullopt;
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
    if (const auto twice = read_params(params, message.params)) {
        return refuse(message.id, RpcCode::invalid_params,
                      "params." + std::string(*twice) + " is given twice");
    }
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
    const auto id = envelope.id ? id_text(*envelope.id) : std::string(kNoId);
    if (envelope.duplicate) {
        return refuse(kNoId, RpcCode::invalid_request, "a member is given twice");
    }
    if (envelope.answer && !envelope.method) {
        // We ask the client nothing, so nobody waits for this.
        return RpcMessage{RpcMessage::Kind::response, std::string(kNoId), {}, {}};
    }
    if (!id) {
        return refuse(kNoId, RpcCode::invalid_request, "id must be a string or an integer");
    }
    if (!is_text(envelope.version, "2.0")) {
        return refuse(*id, RpcCode::invalid_request, "jsonrpc must be \"2.0\"");
    }
    if (!envelope.method) {
        return refuse(*id, RpcCode::invalid_request, "method is required");
    }
    return read_call(envelope, *id);
}

Parsed parse_with(dom::parser& parser, std::string_view text) {
    // Params stand two levels deep; arguments get the nesting every request gets.
    constexpr std::size_t kDepth = std::size_t{kMaxNesting} + 2;
    if (parser.capacity() < text.size() || parser.max_depth() != kDepth) {
        if (parser.allocate(std::max<std::size_t>(text.size(), 4096), kDepth) !=
            simdjson::SUCCESS) {
            return refuse(kNoId, RpcCode::internal_error, "not enough memory for the message");
        }
    }
    dom::element root;
    const auto error = parser.parse(text.data(), text.size(), true).get(root);
    if (error != simdjson::SUCCESS) {
        return refuse(kNoId, RpcCode::parse_error, std::string(parse_problem(error)));
    }
    return read_message(root);
}

}  // namespace

Parsed parse_rpc(std::string_view text) {
    if (text.size() > kMaxMessageBytes) {
        return refuse(kNoId, RpcCode::invalid_request,
                      "a message has at most " + std::to_string(kMaxMessageBytes) + " bytes");
    }
    if (text.size() > kKeptParserBytes) {
        dom::parser parser;
        return parse_with(parser, text);
    }
    thread_local dom::parser kept;
    return parse_with(kept, text);
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

}  // namespace credence::surface
