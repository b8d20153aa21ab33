// Judges a conversation turn by turn (turn_judge.h), and keeps what that needs.
//
// What is kept: the last texts of users and tools (8 KiB, 16 parts), hashes of the words of the
// last question and of the one that was refused, two levels, counts. It lies in the store sealed
// with the vault's key (vault_key.h), bound to tenant, name space and conversation, and goes with
// the time to live of the settings after the last turn, at conversation.end, or with the name
// space. Without the key file nothing of it can be read; a state sealed by a lost key is begun anew
// and logged.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "api/context.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "capabilities/guard/context/conversation_rows.h"
#include "capabilities/guard/context/conversation_types.h"
#include "capabilities/guard/context/turn_judge.h"
#include "capabilities/guard/vault/vault_key.h"
#include "engine/store/database.h"

namespace credence::guard {

struct ConversationParts {
    store::Database& database;
    const Clock& clock;
    Random& random;
    TextJudge judge;
    Thresholds thresholds;
    ContextSettings settings;
};

// Thread-safe after start(). Turns of one conversation that arrive at once are put in an order.
class Conversation {
public:
    static constexpr int kMaxTries = 4;

    explicit Conversation(ConversationParts parts) : parts_(std::move(parts)) {}

    // Code::conflict when other turns kept coming first; Code::exhausted at kMaxConversations.
    Result<TurnReport> scan(const Context& context, const ScanTurn& request);
    Result<ConversationInfo> get(const Context& context, const GetConversation& request) const;
    Result<EndedConversation> end(const Context& context, const EndConversation& request);

    void start(VaultKey key) { key_ = std::move(key); }
    // For a schedule: removes what has expired.
    Result<void> upkeep();
    Result<void> forget(store::Tx& tx, std::string_view tenant, std::string_view name_space);

private:
    using Row = conversation_rows::ConversationRow;
    Result<std::optional<Row>> find(const Context& context, const std::string& id) const;
    ConversationState state_of(const Context& context, const Row& row) const;
    // Nothing when another turn came first.
    Result<std::optional<TurnReport>> try_turn(const Context& context, const ScanTurn& request);
    Result<bool> save(const Context& context, const Row& row, const std::optional<Row>& before);

    ConversationParts parts_;
    std::optional<VaultKey> key_;
};

}  // namespace credence::guard
