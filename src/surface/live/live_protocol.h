// What clients of a live feed say and are told, as text. Pure and thread-safe.
//
//   the server says, each with "seq" and "timestamp_us":
//     {"type":"connected","message","feed","authenticated"}, then {"type":"snapshot","data"}
//     {"type":"metrics_update","data"} and {"type":"event","name","data"} as they happen
//     {"type":"heartbeat"}
//   the client says, and is answered:
//     {"token":KEY}, first, where keys are required
//     {"type":"subscribe","skill":NAME|null} or {"type":"subscribe","skills":[…],"topics":[…]}
//         {"type":"subscription_confirmed","skill","skills","topics"}
//     {"type":"unsubscribe"}           {"type":"unsubscribed","message"}
//     {"type":"ping"}                  {"type":"pong"}
//     {"type":"snapshot"}              {"type":"snapshot","data"}
//     {"type":"resume","after":SEQ}    what it missed, then {"type":"resumed","replayed"}
//     anything else                    {"type":"error","code","message","field"?}
//
// "skill" is the feed's subject. `seq` is the event log's: resume with the last one seen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "surface/live/live_filter.h"

namespace credence::surface {

struct ClientMessage {
    enum class Kind : std::uint8_t { token, subscribe, unsubscribe, ping, snapshot, resume };
    Kind kind = Kind::ping;
    LiveFilter filter;       // subscribe
    std::int64_t after = 0;  // resume
    std::string token;
};

// Code::invalid with the field: no JSON object, an unknown type, unknown or bad members, topics
// that the feed does not have.
Result<ClientMessage> parse_client_message(const LiveFeed& feed, std::string_view text);

// The query of the upgrade: after=SEQ, topics=a,b and SUBJECT=NAME.
struct LiveRequest {
    std::optional<std::int64_t> after;
    LiveFilter filter;
};
Result<LiveRequest> parse_live_request(const LiveFeed& feed, std::string_view query);

// Where a message stands in time.
struct LiveStamp {
    std::int64_t seq = 0;
    std::int64_t at_us = 0;
};

std::string connected_message(const LiveFeed& feed, bool authenticated, LiveStamp stamp);
std::string snapshot_message(std::string_view data, LiveStamp stamp);
std::string confirmed_message(const LiveFeed& feed, const LiveFilter& filter, LiveStamp stamp);
std::string resumed_message(std::int64_t replayed, LiveStamp stamp);
// "pong", "heartbeat": a type without more.
std::string bare_message(std::string_view type, LiveStamp stamp);
std::string unsubscribed_message(LiveStamp stamp);
std::string error_message(const Error& error, LiveStamp stamp);

}  // namespace credence::surface
