#include "surface/mcp/protocol/notices.h"

#include <algorithm>
#include <utility>

namespace credence::surface::mcp {
namespace {

bool wants_kind(const NoticeFilter& filter, Notice::Kind kind) {
    switch (kind) {
        case Notice::Kind::tools:
            return filter.tools;
        case Notice::Kind::prompts:
            return filter.prompts;
        case Notice::Kind::resources:
            return filter.resources;
        case Notice::Kind::resource:
            return !filter.uris.empty();
        case Notice::Kind::task:
            return !filter.tasks.empty();
    }
    return false;
}

}  // namespace

bool NoticeFilter::wants(const Notice& notice) const {
    if (!notice.tenant.empty() && notice.tenant != tenant) {
        return false;
    }
    if (!notice.actor.empty() && notice.actor != actor) {
        return false;
    }
    switch (notice.kind) {
        case Notice::Kind::resource:
            return std::ranges::find(uris, notice.subject) != uris.end();
        case Notice::Kind::task:
            return std::ranges::find(tasks, notice.subject) != tasks.end();
        default:
            return wants_kind(*this, notice.kind);
    }
}

void Notices::count(const NoticeFilter& filter, int by) {
    for (std::size_t kind = 0; kind < wanted_.size(); ++kind) {
        if (wants_kind(filter, static_cast<Notice::Kind>(kind))) {
            wanted_[kind].fetch_add(by, std::memory_order_relaxed);
        }
    }
}

std::int64_t Notices::add(NoticeFilter filter, Told told) {
    const std::scoped_lock lock(mutex_);
    if (listeners_.size() >= kMaxListeners) {
        return 0;
    }
    count(filter, 1);
    listeners_.emplace(next_, Listener{std::move(filter), std::move(told)});
    return next_++;
}

void Notices::replace(std::int64_t token, NoticeFilter filter) {
    const std::scoped_lock lock(mutex_);
    if (const auto found = listeners_.find(token); found != listeners_.end()) {
        count(found->second.filter, -1);
        count(filter, 1);
        found->second.filter = std::move(filter);
    }
}

void Notices::remove(std::int64_t token) {
    if (is_telling()) {
        const auto found = listeners_.find(token);
        if (found != listeners_.end() && !std::exchange(found->second.removed, true)) {
            count(found->second.filter, -1);
        }
        return;
    }
    Listener removed;  // destroyed after the lock: its captures may end other things
    const std::scoped_lock lock(mutex_);
    if (const auto found = listeners_.find(token); found != listeners_.end()) {
        count(found->second.filter, -1);
        removed = std::move(found->second);
        listeners_.erase(found);
    }
}

void Notices::publish(const Notice& notice) {
    if (!wanted(notice.kind)) {
        return;
    }
    std::vector<Listener> removed;  // destroyed after the lock
    const std::scoped_lock lock(mutex_);
    telling_.store(std::this_thread::get_id());
    for (auto at = listeners_.begin(); at != listeners_.end();) {
        Listener& listener = at->second;
        if (listener.filter.wants(notice)) {
            listener.told(notice);
        }
        if (listener.removed) {
            removed.push_back(std::move(listener));
            at = listeners_.erase(at);
        } else {
            ++at;
        }
    }
    telling_.store({});
}

bool Notices::wanted(Notice::Kind kind) const {
    return wanted_[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed) > 0;
}

bool Notices::wanted() const {
    return std::ranges::any_of(
        wanted_, [](const auto& count) { return count.load(std::memory_order_relaxed) > 0; });
}

std::vector<std::string> Notices::uris(std::string_view tenant) const {
    std::vector<std::string> out;
    const std::scoped_lock lock(mutex_);
    for (const auto& [token, listener] : listeners_) {
        if (listener.filter.tenant == tenant) {
            out.insert(out.end(), listener.filter.uris.begin(), listener.filter.uris.end());
        }
    }
    std::ranges::sort(out);
    const auto rest = std::ranges::unique(out);
    out.erase(rest.begin(), rest.end());
    return out;
}

std::vector<std::string> Notices::tenants() const {
    std::vector<std::string> out;
    const std::scoped_lock lock(mutex_);
    for (const auto& [token, listener] : listeners_) {
        out.push_back(listener.filter.tenant);
    }
    std::ranges::sort(out);
    const auto rest = std::ranges::unique(out);
    out.erase(rest.begin(), rest.end());
    return out;
}

}  // namespace credence::surface::mcp
