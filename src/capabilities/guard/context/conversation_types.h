// What the operations on conversations take and give, and what is kept of one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/policy.h"

namespace credence::guard {

inline constexpr std::size_t kMaxConversationId = 128;
inline constexpr std::size_t kMaxTurnBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxTurnTask = std::size_t{16} << 10;
inline constexpr std::size_t kMaxTailBytes = 8192;  // of texts kept of a conversation
inline constexpr std::size_t kMaxTailParts = 16;
inline constexpr std::size_t kMaxReasons = 16;
inline constexpr std::size_t kMaxTold = 128;
inline constexpr std::size_t kMaxConversations = 100'000;  // of a name space

enum class TurnRole : std::uint8_t { user, assistant, system, tool };

// Section [guardcontext].
struct ContextSettings {
    std::int64_t conversation_ttl_minutes = 1440;
    std::int64_t refresh_ms = 1000;
};
void describe(Describe<ContextSettings>&);

struct ScanTurn {
    std::string conversation_id;
    TurnRole role = TurnRole::user;
    std::string text;
    std::optional<SourceKind> source_kind;
    std::optional<std::string> task;
};
void describe(Describe<ScanTurn>&);

enum class TurnReasonKind : std::uint8_t {
    turn,           // the turn itself
    split_payload,  // parts of several turns read together
    assembled,      // values joined by an expression
    accumulation,   // small attempts that add up
    rephrased,      // asked again after a refusal
};

struct TurnReason {
    TurnReasonKind kind = TurnReasonKind::turn;
    Category category = Category::prompt_injection;
    std::string technique;
    Severity severity = Severity::medium;
    double score = 0;
    std::string explanation;
    std::optional<std::int64_t> since_turn;
};
void describe(Describe<TurnReason>&);

struct ConversationLevels {
    double override_level = 0;
    double persona_level = 0;
    std::int64_t refusals = 0;
};
void describe(Describe<ConversationLevels>&);

struct TurnReport {
    std::string conversation_id;
    std::int64_t turn = 0;
    Verdict turn_verdict = Verdict::allow;
    double turn_score = 0;
    Verdict verdict = Verdict::allow;
    double score = 0;
    std::vector<TurnReason> reasons;
    ConversationLevels levels;
};
void describe(Describe<TurnReport>&);

struct GetConversation {
    std::string conversation_id;
};
void describe(Describe<GetConversation>&);

struct ConversationInfo {
    std::string conversation_id;
    std::int64_t turns = 0;
    Verdict worst_verdict = Verdict::allow;
    double worst_score = 0;
    ConversationLevels levels;
    std::int64_t created_at_us = 0;
    std::int64_t updated_at_us = 0;
    std::int64_t expires_at_us = 0;
};
void describe(Describe<ConversationInfo>&);

struct EndConversation {
    std::string conversation_id;
};
void describe(Describe<EndConversation>&);

struct EndedConversation {
    bool ended = false;
};
void describe(Describe<EndedConversation>&);

// --- kept, sealed ---

struct TailPart {
    std::int64_t turn = 0;
    std::string text;
};
void describe(Describe<TailPart>&);

struct ConversationState {
    std::int64_t turns = 0;
    std::vector<TailPart> tail;  // of users, tools and documents
    double override_level = 0;
    double persona_level = 0;
    std::int64_t refusals = 0;
    std::int64_t refused_turn = 0;  // 0: none lately
    std::vector<std::int64_t> refused_words;
    std::vector<std::int64_t> asked_words;  // of the user's last turn
    std::int64_t rephrased = 0;
    std::vector<std::int64_t> told;  // turns and categories that were told; ascending
};
void describe(Describe<ConversationState>&);

}  // namespace credence::guard
