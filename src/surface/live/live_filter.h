// Which events a client wants, and an event's text cut down to that.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/live.h"
#include "engine/store/event.h"

namespace credence::surface {

inline constexpr std::size_t kMaxLiveTopics = 64;
inline constexpr std::size_t kMaxLiveSubjects = 256;
inline constexpr std::size_t kMaxSubjectBytes = 256;

// "skill_*" matches "skill_x"; without an asterisk only itself. An empty list matches everything.
bool matches_topic(const std::vector<std::string>& topics, std::string_view event_name);

struct LiveFilter {
    bool nothing = false;               // heartbeats only
    std::vector<std::string> topics;    // sorted; empty: all of the feed
    std::vector<std::string> subjects;  // sorted; empty: all
    // Equal for equal filters.
    std::string key() const;
    bool wants_subject(std::string_view subject) const;
};

// JSON of an event or snapshot, split so that rows about some subjects can be left out. A row is an
// object in a list of the top object that has "<subject>_name". Immutable.
class SplitData {
public:
    // An empty subject: nothing can be left out.
    SplitData(std::string json, std::string_view subject);

    const std::string& whole() const { return whole_; }
    // The JSON with only the rows that the filter wants. Empty when it is about other subjects
    // alone, unless keep_empty: a snapshot without rows still says so.
    std::optional<std::string> narrowed(const LiveFilter& filter, bool keep_empty) const;

private:
    struct Row {
        std::string subject;
        std::string json;
    };
    struct Member {
        std::string json;  // "name":value, or "name": when it has rows
        std::vector<Row> rows;
    };
    std::string whole_;
    std::optional<std::string> about_;  // of an event that names one subject
    bool has_rows_ = false;
    std::vector<Member> members_;
};

// An event, encoded once for all clients with the same filter. One thread.
class LiveEvent {
public:
    LiveEvent(const LiveFeed& feed, store::StoredEvent event);

    std::int64_t seq() const { return event_.seq; }
    std::int64_t at_us() const { return event_.at_us; }
    std::size_t bytes() const { return event_.body.text.size(); }
    bool is_update() const { return is_update_; }
    // Null when the filter leaves nothing of it.
    std::shared_ptr<const std::string> text_for(const LiveFilter& filter) const;

private:
    std::string encode(std::string_view data) const;

    store::StoredEvent event_;
    std::string subject_;
    bool is_update_;
    mutable std::shared_ptr<const std::string> full_;
    mutable std::unique_ptr<const SplitData> split_;
};

}  // namespace credence::surface
