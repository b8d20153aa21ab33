#include "capabilities/guard/context/conversation.h"

#include <algorithm>

#include "base/json.h"
#include "base/log.h"
#include "base/units.h"

namespace credence::guard {

namespace {

constexpr std::int64_t kMaxErased = 10'000;

// Six digits: the last bits of the arithmetic are no one's concern.
double rounded(double score) {
    return static_cast<double>(static_cast<std::int64_t>(score * 1e6 + 0.5)) / 1e6;
}

ConversationLevels levels_of(const ConversationState& state) {
    return {rounded(state.override_level), rounded(state.persona_level), state.refusals};
}

}  // namespace

Result<std::optional<Conversation::Row>> Conversation::find(const Context& context,
                                                            const std::string& id) const {
    return parts_.database.read(
        [&](store::Tx& tx) { return conversation_rows::find(tx, context, id); });
}

ConversationState Conversation::state_of(const Context& context, const Row& row) const {
    const auto text = key_->unseal(
        row.state, {"conversation", context.tenant, context.name_space, row.conversation_id});
    auto state = text ? from_json<ConversationState>(*text)
                      : Result<ConversationState>(fail(Code::invalid, "sealed by another key"));
    if (!state) {
        log::error("state of a conversation cannot be read; begun anew",
                   {{"error", state.error().message}});
        ConversationState fresh;
        fresh.turns = row.turns;
        return fresh;
    }
    return *std::move(state);
}

Result<bool> Conversation::save(const Context& context, const Row& row,
                                const std::optional<Row>& before) {
    return parts_.database.write([&](store::Tx& tx) -> Result<bool> {
        if (before) {
            return conversation_rows::update(tx, context, row, *before);
        }
        if (TRY(conversation_rows::count(tx, context)) >=
            static_cast<std::int64_t>(kMaxConversations)) {
            return fail(Code::exhausted, "a namespace holds at most 100,000 conversations");
        }
        return conversation_rows::insert(tx, context, row);
    });
}

Result<std::optional<TurnReport>> Conversation::try_turn(const Context& context,
                                                         const ScanTurn& request) {
    const std::int64_t now_us = parts_.clock.now_us();
    const auto before = TRY(find(context, request.conversation_id));
    const bool alive = before && before->expires_at_us > now_us;
    ConversationState state = alive ? state_of(context, *before) : ConversationState{};
    const TurnOutcome outcome =
        TRY(judge_turn(context, parts_.judge, parts_.thresholds, request, state));
    Row row;
    row.conversation_id = request.conversation_id;
    row.turns = state.turns;
    row.worst_verdict = std::max(outcome.verdict, alive ? before->worst_verdict : Verdict::allow);
    row.worst_score = std::max(outcome.score, alive ? before->worst_score : 0.0);
    row.state =
        key_->seal(to_json(state),
                   {"conversation", context.tenant, context.name_space, request.conversation_id},
                   parts_.random);
    row.created_at_us = alive ? before->created_at_us : now_us;
    row.updated_at_us = now_us;
    row.expires_at_us = now_us + parts_.settings.conversation_ttl_minutes * kUsPerMinute;
    if (!TRY(save(context, row, before))) {
        return std::nullopt;
    }
    TurnReport report{request.conversation_id, state.turns,
                      outcome.turn_verdict,    rounded(outcome.turn_score),
                      outcome.verdict,         rounded(outcome.score),
                      outcome.reasons,         levels_of(state)};
    for (TurnReason& reason : report.reasons) {
        reason.score = rounded(reason.score);
    }
    return report;
}

Result<TurnReport> Conversation::scan(const Context& context, const ScanTurn& request) {
    if (!key_) {
        return fail(Code::unavailable, "the guard has not started");
    }
    for (int i = 0; i < kMaxTries; ++i) {
        if (auto report = TRY(try_turn(context, request))) {
            return *std::move(report);
        }
    }
    return fail(Code::conflict, "other turns of this conversation came first", "conversation_id");
}

Result<ConversationInfo> Conversation::get(const Context& context,
                                           const GetConversation& request) const {
    const auto row = TRY(find(context, request.conversation_id));
    if (!row || row->expires_at_us <= parts_.clock.now_us() || !key_) {
        return fail(Code::not_found, "no such conversation", "conversation_id");
    }
    return ConversationInfo{row->conversation_id,
                            row->turns,
                            row->worst_verdict,
                            rounded(row->worst_score),
                            levels_of(state_of(context, *row)),
                            row->created_at_us,
                            row->updated_at_us,
                            row->expires_at_us};
}

Result<EndedConversation> Conversation::end(const Context& context,
                                            const EndConversation& request) {
    return EndedConversation{TRY(parts_.database.write([&](store::Tx& tx) {
        return conversation_rows::erase(tx, context, request.conversation_id);
    }))};
}

Result<void> Conversation::upkeep() {
    TRY(parts_.database.write([&](store::Tx& tx) {
        return conversation_rows::erase_expired(tx, parts_.clock.now_us(), kMaxErased);
    }));
    return {};
}

Result<void> Conversation::forget(store::Tx& tx, std::string_view tenant,
                                  std::string_view name_space) {
    return conversation_rows::forget(tx, tenant, name_space);
}

}  // namespace credence::guard
