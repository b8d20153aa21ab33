// subscriptions/listen (2026-07-28, basic/patterns/subscriptions): a request that stays open and
// tells of changes until the client cancels it or the server ends it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string_view>

#include "surface/mcp/protocol/notices.h"
#include "surface/mcp/protocol/request.h"

namespace credence::surface::mcp {

// Thread-safe. Every request given to it must end, or end_all() be called, before it goes.
class Subscriptions {
public:
    static constexpr std::size_t kMaxSubjects = 1'000;      // URIs, and task ids, of one
    static constexpr std::size_t kMaxSubjectBytes = 2'048;  // of a URI or a task id

    struct Parts {
        Notices& notices;
        // Whether this caller may be told of the resource; what may not is not acknowledged.
        std::function<bool(const Caller&, std::string_view uri)> has_resource;
        bool tasks = false;  // whether tasks are offered at all
    };
    explicit Subscriptions(Parts parts) : parts_(std::move(parts)) {}
    ~Subscriptions() { end_all(); }
    Subscriptions(const Subscriptions&) = delete;
    Subscriptions& operator=(const Subscriptions&) = delete;

    // Acknowledges first, then tells. invalid_params for a filter that is none, missing_capability
    // for tasks without the extension, internal_error beyond Notices::kMaxListeners.
    void open(const RequestPtr& request);
    // Answers all of them with their result: shutdown.
    void end_all();

private:
    void close(std::int64_t token);

    Parts parts_;
    std::mutex mutex_;
    std::map<std::int64_t, RequestPtr> open_;  // by the token of Notices
};

}  // namespace credence::surface::mcp
