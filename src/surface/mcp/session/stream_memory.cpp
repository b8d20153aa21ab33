#include "surface/mcp/session/stream_memory.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace credence::surface::mcp {
namespace {

void append_data(std::string_view data, std::string& out) {
    out += "data: ";
    const std::size_t from = out.size();
    out += data;
    // A newline between two tokens is valid JSON and would end the field.
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(from), out.end(),
        [](char c) { return c == '\n' || c == '\r'; }, ' ');
    out += "\n\n";
}

}  // namespace

std::string EventId::text() const {
    return std::to_string(stream) + "-" + std::to_string(seq);
}

std::optional<EventId> EventId::parse(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) {
        return std::nullopt;
    }
    const auto stream = parse_integer(text.substr(0, dash));
    const auto seq = parse_integer(text.substr(dash + 1));
    if (!stream || !seq || *stream < 1 || *seq < 0) {
        return std::nullopt;
    }
    return EventId{*stream, *seq};
}

std::string sse_event(const EventId& id, std::string_view data) {
    std::string out = "id: " + id.text() + "\n";
    append_data(data, out);
    return out;
}

std::string sse_event(std::string_view data) {
    std::string out;
    append_data(data, out);
    return out;
}

std::string sse_priming(const EventId& id, std::int64_t retry_ms) {
    std::string out = "id: " + id.text() + "\n";
    if (retry_ms > 0) {
        out += "retry: " + std::to_string(retry_ms) + "\n";
    }
    append_data({}, out);
    return out;
}

std::int64_t StreamMemory::open() {
    streams_[next_] = Stream{};
    return next_++;
}

EventId StreamMemory::add(std::int64_t stream, std::string data) {
    const auto found = streams_.find(stream);
    if (found == streams_.end()) {
        return {stream, 0};
    }
    const EventId id{stream, ++found->second.newest};
    bytes_ += data.size() + kEventOverheadBytes;
    events_.push_back(Event{id, std::move(data)});
    while (bytes_ > max_bytes_) {
        drop_oldest();
    }
    return id;
}

void StreamMemory::drop_oldest() {
    const Event& oldest = events_.front();
    bytes_ -= oldest.data.size() + kEventOverheadBytes;
    if (const auto found = streams_.find(oldest.id.stream); found != streams_.end()) {
        found->second.dropped = oldest.id.seq;
    }
    events_.pop_front();
}

void StreamMemory::end(std::int64_t stream, std::int64_t now_us) {
    const auto found = streams_.find(stream);
    if (found == streams_.end() || found->second.ended) {
        return;
    }
    found->second.ended = true;
    found->second.ended_us = now_us;
    if (++ended_ <= kMaxEndedStreams) {
        return;
    }
    const auto oldest =
        std::ranges::find_if(streams_, [](const auto& entry) { return entry.second.ended; });
    forget(oldest->first);
}

void StreamMemory::forget(std::int64_t stream) {
    const auto found = streams_.find(stream);
    if (found == streams_.end()) {
        return;
    }
    ended_ -= found->second.ended ? 1 : 0;
    streams_.erase(found);
    std::erase_if(events_, [&](const Event& event) {
        if (event.id.stream != stream) {
            return false;
        }
        bytes_ -= event.data.size() + kEventOverheadBytes;
        return true;
    });
}

void StreamMemory::forget_ended_before(std::int64_t at_us) {
    std::vector<std::int64_t> old;
    for (const auto& [stream, state] : streams_) {
        if (state.ended && state.ended_us < at_us) {
            old.push_back(stream);
        }
    }
    for (const std::int64_t stream : old) {
        forget(stream);
    }
}

std::optional<StreamMemory::Replay> StreamMemory::after(const EventId& last) const {
    const auto found = streams_.find(last.stream);
    if (found == streams_.end() || last.seq > found->second.newest ||
        last.seq < found->second.dropped) {
        return std::nullopt;
    }
    Replay replay;
    replay.ended = found->second.ended;
    for (const Event& event : events_) {
        if (event.id.stream == last.stream && event.id.seq > last.seq) {
            replay.events.push_back(sse_event(event.id, event.data));
        }
    }
    return replay;
}

}  // namespace credence::surface::mcp
