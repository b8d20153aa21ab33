#include "surface/live/live_protocol.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "surface/http/request_json.h"

namespace credence::surface {
namespace {

using ClientJson = nlohmann::json;

constexpr std::size_t kMaxTokenBytes = 1024;
constexpr std::size_t kMaxTopicNameBytes = 128;

void sort_unique(std::vector<std::string>& list) {
    std::ranges::sort(list);
    const auto repeated = std::ranges::unique(list);
    list.erase(repeated.begin(), repeated.end());
}

// Whether some event could match both.
bool overlap(std::string_view a, std::string_view b) {
    const std::string_view stem_a = a.substr(0, a.find('*'));
    const std::string_view stem_b = b.substr(0, b.find('*'));
    if (a.ends_with('*') && b.ends_with('*')) {
        return stem_a.starts_with(stem_b) || stem_b.starts_with(stem_a);
    }
    if (a.ends_with('*')) {
        return b.starts_with(stem_a);
    }
    return b.ends_with('*') ? a.starts_with(stem_b) : a == b;
}

Result<void> add_topic(const LiveFeed& feed, std::string_view topic, LiveFilter& filter) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    const std::string_view stem = topic.ends_with('*') ? topic.substr(0, topic.size() - 1) : topic;
    if (topic.empty() || topic.size() > kMaxTopicNameBytes || !std::ranges::all_of(stem, fits)) {
        return fail(Code::invalid, "must be names of events, or prefixes with *", "topics");
    }
    const bool offered =
        feed.topics.empty() ||
        std::ranges::any_of(feed.topics, [&](std::string_view own) { return overlap(own, topic); });
    if (!offered) {
        return fail(Code::invalid, "this feed has no topic " + std::string(topic), "topics");
    }
    if (filter.topics.size() == kMaxLiveTopics) {
        return fail(Code::invalid, "names too many topics", "topics");
    }
    filter.topics.emplace_back(topic);
    return {};
}

Result<void> add_subject(std::string_view subject, std::string_view field, LiveFilter& filter) {
    if (subject.empty() || subject.size() > kMaxSubjectBytes) {
        return fail(Code::invalid, "must be 1 to 256 bytes", std::string(field));
    }
    if (filter.subjects.size() == kMaxLiveSubjects) {
        return fail(Code::invalid, "names too many at once", std::string(field));
    }
    filter.subjects.emplace_back(subject);
    return {};
}

// Each text of a list goes to `add`.
template <class Add>
Result<void> each_text(const ClientJson& list, const std::string& field, const Add& add) {
    if (!list.is_array()) {
        return fail(Code::invalid, "must be a list", field);
    }
    for (const ClientJson& item : list) {
        const auto* text = item.get_ptr<const std::string*>();
        if (text == nullptr) {
            return fail(Code::invalid, "must be a list of strings", field);
        }
        TRY(add(*text));
    }
    return {};
}

Result<LiveFilter> parse_filter(const LiveFeed& feed, const ClientJson& message) {
    LiveFilter filter;
    const std::string plural = feed.subject + "s";
    for (const auto& [name, value] : message.items()) {
        if (name == "type") {
            continue;
        }
        if (name == "topics") {
            TRY(each_text(value, name,
                          [&](std::string_view topic) { return add_topic(feed, topic, filter); }));
        } else if (!feed.subject.empty() && name == feed.subject) {
            const auto* text = value.get_ptr<const std::string*>();
            if (text == nullptr && !value.is_null()) {
                return fail(Code::invalid, "must be a string or null", name);
            }
            if (text != nullptr) {
                TRY(add_subject(*text, name, filter));
            }
        } else if (!feed.subject.empty() && name == plural) {
            TRY(each_text(value, name, [&](std::string_view subject) {
                return add_subject(subject, plural, filter);
            }));
        } else {
            return fail(Code::invalid, "is not a known field", name);
        }
    }
    sort_unique(filter.topics);
    sort_unique(filter.subjects);
    return filter;
}

Result<std::int64_t> parse_after(const ClientJson& message) {
    const auto found = message.find("after");
    const bool fits = found != message.end() && found->is_number_integer() &&
                      (found->is_number_unsigned() ? found->get<std::uint64_t>() <= INT64_MAX
                                                   : found->get<std::int64_t>() >= 0);
    if (!fits) {
        return fail(Code::invalid, "must be a sequence number, 0 or more", "after");
    }
    return found->get<std::int64_t>();
}

Result<void> only(const ClientJson& message, std::string_view extra) {
    for (const auto& [name, value] : message.items()) {
        if (name != "type" && name != extra) {
            return fail(Code::invalid, "is not a known field", name);
        }
    }
    return {};
}

Result<ClientMessage> parse_token(const ClientJson& message) {
    const auto* token = message.at("token").get_ptr<const std::string*>();
    if (token == nullptr || token->size() > kMaxTokenBytes) {
        return fail(Code::invalid, "must be a key", "token");
    }
    TRY(only(message, "token"));
    ClientMessage out;
    out.kind = ClientMessage::Kind::token;
    out.token = *token;
    return out;
}

std::string begin_message(std::string_view type) {
    return "{\"type\":\"" + std::string(type) + "\"";
}

std::string finish_message(std::string text, LiveStamp stamp) {
    text.append(",\"seq\":").append(std::to_string(stamp.seq));
    text.append(",\"timestamp_us\":").append(std::to_string(stamp.at_us)).append("}");
    return text;
}

void append_list(const std::vector<std::string>& list, std::string& out) {
    out += '[';
    for (const std::string& item : list) {
        out += out.back() == '[' ? "" : ",";
        append_json_string(item, out);
    }
    out += ']';
}

}  // namespace

Result<ClientMessage> parse_client_message(const LiveFeed& feed, std::string_view text) {
    using Kind = ClientMessage::Kind;
    const ClientJson message = ClientJson::parse(text, nullptr, false);
    if (!message.is_object()) {
        return fail(Code::invalid, "must be a JSON object");
    }
    if (message.contains("token")) {
        return parse_token(message);
    }
    const auto found = message.find("type");
    const auto* type = found == message.end() ? nullptr : found->get_ptr<const std::string*>();
    if (type == nullptr) {
        return fail(Code::invalid, "must say what the message is", "type");
    }
    ClientMessage out;
    if (*type == "subscribe") {
        out.kind = Kind::subscribe;
        out.filter = TRY(parse_filter(feed, message));
        return out;
    }
    if (*type == "resume") {
        out.kind = Kind::resume;
        out.after = TRY(parse_after(message));
        TRY(only(message, "after"));
        return out;
    }
    TRY(only(message, "type"));
    if (*type == "ping") {
        return out;
    }
    if (*type == "unsubscribe" || *type == "snapshot") {
        out.kind = *type == "snapshot" ? Kind::snapshot : Kind::unsubscribe;
        return out;
    }
    return fail(Code::invalid, "must be subscribe, unsubscribe, ping, snapshot or resume", "type");
}

Result<LiveRequest> parse_live_request(const LiveFeed& feed, std::string_view query) {
    LiveRequest request;
    const auto parameters = TRY(parse_query(query));
    for (const QueryParameter& parameter : parameters) {
        if (parameter.name == "after") {
            request.after = parse_integer(parameter.value);
            if (!request.after || *request.after < 0) {
                return fail(Code::invalid, "must be a sequence number, 0 or more", "after");
            }
        } else if (parameter.name == "topics") {
            for (const std::string_view topic : split(parameter.value, ',')) {
                TRY(add_topic(feed, trim(topic), request.filter));
            }
        } else if (!feed.subject.empty() && parameter.name == feed.subject) {
            TRY(add_subject(parameter.value, parameter.name, request.filter));
        } else {
            return fail(Code::invalid, "is not a known query parameter", parameter.name);
        }
    }
    sort_unique(request.filter.topics);
    return request;
}

std::string connected_message(const LiveFeed& feed, bool authenticated, LiveStamp stamp) {
    std::string out = begin_message("connected");
    out += R"(,"message":"connected to the live feed","feed":)";
    append_json_string(feed.name, out);
    out += authenticated ? ",\"authenticated\":true" : ",\"authenticated\":false";
    return finish_message(std::move(out), stamp);
}

std::string snapshot_message(std::string_view data, LiveStamp stamp) {
    std::string out = begin_message("snapshot");
    out.append(",\"seq\":").append(std::to_string(stamp.seq));
    out.append(",\"timestamp_us\":").append(std::to_string(stamp.at_us));
    out.append(",\"data\":").append(data).append("}");
    return out;
}

std::string confirmed_message(const LiveFeed& feed, const LiveFilter& filter, LiveStamp stamp) {
    std::string out = begin_message("subscription_confirmed");
    if (!feed.subject.empty()) {
        out.append(",\"").append(feed.subject).append("\":");
        if (filter.subjects.size() == 1) {
            append_json_string(filter.subjects.front(), out);
        } else {
            out += "null";
        }
        out.append(",\"").append(feed.subject).append("s\":");
        append_list(filter.subjects, out);
    }
    out += ",\"topics\":";
    append_list(filter.topics, out);
    return finish_message(std::move(out), stamp);
}

std::string resumed_message(std::int64_t replayed, LiveStamp stamp) {
    return finish_message(
        begin_message("resumed").append(",\"replayed\":").append(std::to_string(replayed)), stamp);
}

std::string bare_message(std::string_view type, LiveStamp stamp) {
    return finish_message(begin_message(type), stamp);
}

std::string unsubscribed_message(LiveStamp stamp) {
    return finish_message(begin_message("unsubscribed")
                              .append(R"(,"message":"only heartbeats follow; subscribe to hear )")
                              .append(R"(more")"),
                          stamp);
}

std::string error_message(const Error& error, LiveStamp stamp) {
    std::string out = begin_message("error");
    out.append(",\"code\":\"").append(to_string(error.code)).append("\",\"message\":");
    append_json_string(error.message, out);
    if (!error.field.empty()) {
        out += ",\"field\":";
        append_json_string(error.field, out);
    }
    return finish_message(std::move(out), stamp);
}

}  // namespace credence::surface
