#include "surface/http/feed_client.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "surface/http/request_json.h"

namespace credence::surface {
namespace {

// Close codes of RFC 6455, section 7.4.1, and its registry.
constexpr std::uint16_t kPolicyViolation = 1008;
constexpr std::uint16_t kInternalError = 1011;

bool is_topic(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !text.empty() && text.size() <= kMaxTopicBytes && std::ranges::all_of(text, fits);
}

Result<std::vector<std::string>> parse_topics(std::string_view text) {
    std::vector<std::string> topics;
    for (const std::string_view item : split(text, ',')) {
        const std::string_view topic = trim(item);
        if (topic.empty()) {
            continue;
        }
        if (!is_topic(topic)) {
            return fail(Code::invalid, "must be event names, separated by commas", "topics");
        }
        if (topics.size() == kMaxTopics) {
            return fail(Code::invalid, "names too many events", "topics");
        }
        topics.emplace_back(topic);
    }
    return topics;
}

std::string hello_message(std::int64_t last_seq) {
    return "{\"type\":\"hello\",\"last_seq\":" + std::to_string(last_seq) + "}";
}

std::string event_message(const store::StoredEvent& event) {
    std::string out = "{\"seq\":" + std::to_string(event.seq) + ",\"name\":";
    append_json_string(event.name, out);
    out += ",\"at_us\":" + std::to_string(event.at_us) + ",\"actor\":";
    append_json_string(event.actor, out);
    out += ",\"data\":";
    out += event.body.text.empty() ? "null" : event.body.text;
    out += '}';
    return out;
}

}  // namespace

// The last message of a batch. The connection lets go of it when it takes it from its queue: that
// is when the listener is ready for more.
struct FeedClient::LastMessage {
    LastMessage(std::string t, std::weak_ptr<FeedClient> c)
        : text(std::move(t)), client(std::move(c)) {}
    LastMessage(const LastMessage&) = delete;
    LastMessage& operator=(const LastMessage&) = delete;
    ~LastMessage() {
        if (const auto alive = client.lock()) {
            alive->part_ended();
        }
    }

    std::string text;
    std::weak_ptr<FeedClient> client;
};

Result<FeedRequest> parse_feed_request(std::string_view query) {
    FeedRequest request;
    const auto parameters = TRY(parse_query(query));
    for (const QueryParameter& parameter : parameters) {
        if (parameter.name == "after") {
            const auto after = parse_integer(parameter.value);
            if (!after || *after < 0) {
                return fail(Code::invalid, "must be a sequence number, 0 or more", "after");
            }
            request.after = after;
        } else if (parameter.name == "topics") {
            request.topics = TRY(parse_topics(parameter.value));
        } else {
            return fail(Code::invalid, "is not a known query parameter", parameter.name);
        }
    }
    return request;
}

FeedClient::FeedClient(FeedRequest request, FeedIo io)
    : request_(std::move(request)), io_(std::move(io)), cursor_(request_.after) {}

void FeedClient::attach(std::shared_ptr<net::WebSocket> socket) {
    {
        const std::scoped_lock lock(mutex_);
        socket_ = std::move(socket);
    }
    wake();
}

void FeedClient::wake() {
    {
        const std::scoped_lock lock(mutex_);
        if (socket_ == nullptr) {
            return;
        }
        if (running_parts_ > 0) {
            again_ = true;
            return;
        }
        running_parts_ = 1;
    }
    schedule();
}

void FeedClient::detach() {
    std::shared_ptr<net::WebSocket> dropped;
    const std::scoped_lock lock(mutex_);
    dropped.swap(socket_);
}

void FeedClient::schedule() {
    if (!io_.submit([self = shared_from_this()] { self->step(); })) {
        give_up(kTryAgainLater, "the server is busy; resume with after=");
    }
}

void FeedClient::give_up(std::uint16_t code, std::string_view reason) {
    std::shared_ptr<net::WebSocket> socket;
    {
        const std::scoped_lock lock(mutex_);
        socket.swap(socket_);
    }
    if (socket != nullptr) {
        socket->close(code, reason);
    }
}

void FeedClient::part_ended() {
    {
        const std::scoped_lock lock(mutex_);
        if (--running_parts_ > 0) {
            return;
        }
        if (socket_ == nullptr || !again_) {
            return;
        }
        running_parts_ = 1;
    }
    schedule();
}

void FeedClient::step() {
    std::shared_ptr<net::WebSocket> socket;
    {
        const std::scoped_lock lock(mutex_);
        socket = socket_;
        again_ = false;  // whatever was committed before this line is seen by the read below
    }
    if (socket == nullptr) {
        return;
    }
    auto batch = io_.read(request_, cursor_);
    if (!batch) {
        give_up(kInternalError, "the events could not be read; resume with after=");
        return;
    }
    if (!greeted_ && cursor_ && *cursor_ > batch->last_seq) {
        give_up(kPolicyViolation, "after= is beyond the newest event");
        return;
    }
    if (!deliver(*socket, *batch)) {
        give_up(kTryAgainLater, "too slow; resume with after=");
        return;
    }
    part_ended();
}

bool FeedClient::deliver(net::WebSocket& socket, const FeedBatch& batch) {
    if (!greeted_) {
        if (!socket.send(std::make_shared<const std::string>(hello_message(batch.last_seq)))) {
            return false;
        }
        greeted_ = true;
    }
    std::size_t bytes = 0;
    const std::size_t count = batch.events.size();
    for (std::size_t i = 0; i < count; ++i) {
        std::string text = event_message(batch.events[i]);
        bytes += text.size();
        if (i + 1 < count && bytes < kBatchBytes) {
            if (!socket.send(std::make_shared<const std::string>(std::move(text)))) {
                return false;
            }
            continue;
        }
        const bool may_be_more = i + 1 < count || count >= static_cast<std::size_t>(kBatch);
        // Nothing of ours lies between the last event and last_seq: skip what the filter hid.
        cursor_ = may_be_more ? batch.events[i].seq : std::max(batch.events[i].seq, batch.last_seq);
        {
            const std::scoped_lock lock(mutex_);
            ++running_parts_;
            again_ = again_ || may_be_more;
        }
        auto last = std::make_shared<LastMessage>(std::move(text), weak_from_this());
        const std::string* const pointer = &last->text;
        return socket.send(std::shared_ptr<const std::string>(std::move(last), pointer));
    }
    cursor_ = std::max(cursor_.value_or(0), batch.last_seq);
    return true;
}

}  // namespace credence::surface
