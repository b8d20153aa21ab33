// What changed, for those who asked to be told: list changes, resources, tasks. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace credence::surface::mcp {

struct Notice {
    enum class Kind : std::uint8_t { tools, prompts, resources, resource, task };
    Kind kind = Kind::tools;
    std::string tenant = {};       // empty: everybody
    std::string subject = {};      // the resource's URI or the task's id
    std::string params_json = {};  // of notifications/tasks; else empty
    std::string actor = {};        // whose it is; empty: everybody's
};

// What one listener wants. A subscribed URI need not exist.
struct NoticeFilter {
    std::string tenant = {};
    std::string actor = {};
    bool tools = false;
    bool prompts = false;
    bool resources = false;
    std::vector<std::string> uris = {};
    std::vector<std::string> tasks = {};
    bool wants(const Notice& notice) const;
};

class Notices {
public:
    static constexpr std::size_t kMaxListeners = 20'000;
    // Called on any thread; must not block and must not call back into Notices but for remove().
    using Told = std::function<void(const Notice&)>;

    // A token for replace() and remove(); 0 when there are too many.
    std::int64_t add(NoticeFilter filter, Told told);
    void replace(std::int64_t token, NoticeFilter filter);
    // When it returns, told is not called any more. From inside a told, too.
    void remove(std::int64_t token);

    void publish(const Notice& notice);
    // Whether anybody asked about this kind at all; cheap.
    bool wanted(Notice::Kind kind) const;
    // About anything.
    bool wanted() const;
    // The URIs somebody of the tenant asked about.
    std::vector<std::string> uris(std::string_view tenant) const;
    // The tenants anybody listens for, sorted.
    std::vector<std::string> tenants() const;

private:
    struct Listener {
        NoticeFilter filter;
        Told told;
        bool removed = false;  // by itself, while it was told
    };
    static constexpr std::size_t kKinds = 5;
    void count(const NoticeFilter& filter, int by);
    bool is_telling() const { return telling_.load() == std::this_thread::get_id(); }

    mutable std::mutex mutex_;
    std::map<std::int64_t, Listener> listeners_;
    std::array<std::atomic<int>, kKinds> wanted_{};  // listeners by kind
    std::int64_t next_ = 1;
    std::atomic<std::thread::id> telling_{};  // holds mutex_ in publish()
};

}  // namespace credence::surface::mcp
