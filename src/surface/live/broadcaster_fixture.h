// A room of a live feed whose log, snapshots, sockets and time are in the test's hands.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "surface/live/broadcaster.h"

namespace credence::surface {
inline constexpr std::int64_t kSecondUs = 1'000'000;

class ListenerSocket final : public net::WebSocket {
public:
    bool send(std::shared_ptr<const std::string> text) override {
        if (sent.size() == capacity) {
            return false;
        }
        sent.push_back(*text);
        if (holding) {
            held.push_back(std::move(text));
        }
        return true;
    }
    void close(std::uint16_t code, std::string_view why) override {
        closed = code;
        reason = why;
    }
    // Types of the messages, and how often, as in "connected snapshot 3*event".
    std::string summary() const {
        std::string out;
        for (std::size_t i = 0; i < sent.size();) {
            const std::string type = type_of(sent[i]);
            std::size_t end = i;
            while (end < sent.size() && type_of(sent[end]) == type) {
                ++end;
            }
            out += (out.empty() ? "" : " ") +
                   (end - i > 1 ? std::to_string(end - i) + "*" : std::string()) + type;
            i = end;
        }
        return out;
    }
    // Of events and updates.
    std::vector<std::int64_t> seqs() const {
        std::vector<std::int64_t> out;
        for (const std::string& text : sent) {
            if (type_of(text) == "event" || type_of(text) == "metrics_update") {
                out.push_back(std::stoll(text.substr(text.find("\"seq\":") + 6)));
            }
        }
        return out;
    }

    std::vector<std::string> sent;
    std::vector<std::shared_ptr<const std::string>> held;  // not taken by the connection yet
    bool holding = false;
    std::size_t capacity = 100'000;
    int closed = 0;
    std::string reason;

private:
    static std::string type_of(const std::string& text) {
        constexpr std::size_t kLead = std::string_view(R"({"type":")").size();
        return text.substr(kLead, text.find('"', kLead) - kLead);
    }
};

struct Listener {
    std::shared_ptr<LiveClient> client = std::make_shared<LiveClient>();
    std::shared_ptr<ListenerSocket> socket = std::make_shared<ListenerSocket>();
};

// A log, a snapshot that is answered when told to, and turns by hand.
class LiveRoom : public testing::Test {
protected:
    void make(bool with_snapshot = true, std::size_t remembered = 256) {
        LiveFeed feed;
        feed.name = "skills";
        feed.subject = "skill";
        feed.update_event = "skill_metrics_updated";
        feed.topics = {"skill_*"};
        LiveIo io;
        io.read = [this](const std::string& tenant, std::optional<std::int64_t> after) {
            return read(tenant, after);
        };
        if (with_snapshot) {
            io.snapshot = [this](const Context& context,
                                 std::function<void(Result<std::string>)> done) {
                snapshot_tenants_.push_back(context.tenant);
                snapshots_.push_back(std::move(done));
            };
        }
        io.admit = [](const LiveClient&, std::string_view token) -> Result<Context> {
            if (token != "good") {
                return fail(Code::unauthenticated, "unknown key");
            }
            return Context();
        };
        io.now_us = [] { return 1000; };
        LiveLimits limits;
        limits.remembered_events = remembered;
        room_ = std::make_unique<Broadcaster>(feed, std::move(io), limits, metrics_);
    }

    void commit(int count, std::string name = "skill_metrics_updated",
                std::string tenant = "default") {
        for (int i = 0; i < count; ++i) {
            store::StoredEvent event;
            event.seq = static_cast<std::int64_t>(log_.size()) + 1;
            event.tenant = tenant;
            event.name = name;
            event.at_us = event.seq * 10;
            event.body.text = "{\"changed\":[{\"skill_name\":\"s" + std::to_string(event.seq % 2) +
                              "\",\"n\":" + std::to_string(event.seq) + "}]}";
            log_.push_back(std::move(event));
        }
        room_->committed(static_cast<std::int64_t>(log_.size()));
    }

    Result<LiveBatch> read(const std::string& tenant, std::optional<std::int64_t> after) {
        constexpr std::size_t kLimit = 16;
        ++reads_;
        if (broken_) {
            return fail(Code::unavailable, "broken");
        }
        LiveBatch batch;
        batch.last_seq = static_cast<std::int64_t>(log_.size());
        for (const store::StoredEvent& event : log_) {
            if (after && event.seq > *after && event.tenant == tenant &&
                batch.events.size() < kLimit) {
                batch.events.push_back(event);
            }
        }
        batch.more = batch.events.size() == kLimit;
        return batch;
    }

    Listener open(LiveRequest request = {}, std::string tenant = "default") {
        Listener listener;
        listener.client->socket = listener.socket;
        listener.client->request = std::move(request);
        listener.client->context = Context();
        listener.client->context->tenant = std::move(tenant);
        room_->open(listener.client);
        return listener;
    }

    // Until nothing is left to do now. A connection that takes a batch wakes the room once more.
    void turn() {
        constexpr int kMaxTurns = 1000;
        constexpr int kRests = 10;
        int rests = 0;
        for (int i = 0; i < kMaxTurns && rests < kRests; ++i) {
            rests = room_->turn(now_us_) > now_us_ ? rests + 1 : 0;
        }
        ASSERT_EQ(rests, kRests) << "never at rest";
    }
    void pass(std::int64_t us) {
        now_us_ += us;
        turn();
    }
    void answer_snapshot(std::string json = R"({"top_skills":[{"skill_name":"s1"}]})") {
        ASSERT_FALSE(snapshots_.empty());
        auto done = std::move(snapshots_.front());
        snapshots_.pop_front();
        done(std::move(json));
        turn();
    }
    void say(const Listener& listener, std::string_view text) {
        room_->message(listener.client, text);
        turn();
    }

    Metrics metrics_;
    std::vector<store::StoredEvent> log_;
    std::deque<std::function<void(Result<std::string>)>> snapshots_;
    std::vector<std::string> snapshot_tenants_;
    std::unique_ptr<Broadcaster> room_;
    std::int64_t now_us_ = kSecondUs;
    int reads_ = 0;
    bool broken_ = false;
};

}  // namespace credence::surface
