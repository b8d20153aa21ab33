#include "capabilities/guard/context/canary_types.h"
#include "capabilities/guard/context/conversation_types.h"
#include "capabilities/guard/context/tool_watch_types.h"

namespace credence::guard {

namespace {

constexpr double kMaxTtlMinutes = 60.0 * 24 * 365;
constexpr double kMaxRefreshMs = 3'600'000;
constexpr double kMaxListed = 1000;
constexpr std::size_t kMaxIdBytes = 64;
constexpr std::size_t kMaxToolName = 256;
constexpr std::size_t kMaxListPlace = kMaxServerName + kMaxToolName + 1;
constexpr const char* kConversationId = "A name of your own for the conversation";

}  // namespace

void describe(Describe<ContextSettings>& d) {
    d.field<&ContextSettings::conversation_ttl_minutes>(
         "How long a conversation is kept after its last turn")
        .between(1, kMaxTtlMinutes)
        .or_default();
    d.field<&ContextSettings::refresh_ms>("How often canaries of other processes are read")
        .between(10, kMaxRefreshMs)
        .or_default();
}

void describe(Describe<ScanTurn>& d) {
    d.field<&ScanTurn::conversation_id>(kConversationId).length(1, kMaxConversationId);
    d.field<&ScanTurn::role>("Who speaks").or_default();
    d.field<&ScanTurn::text>("What the turn says")
        .length(0, kMaxTurnBytes)
        .example(R"("And now the rest of it")");
    d.field<&ScanTurn::source_kind>("Where the text is from; absent: by the role");
    d.field<&ScanTurn::task>("What the user asked for, when the text is data")
        .length(0, kMaxTurnTask);
}

void describe(Describe<TurnReason>& d) {
    d.field<&TurnReason::kind>("How it was found");
    d.field<&TurnReason::category>("Kind of threat");
    d.field<&TurnReason::technique>("How it works");
    d.field<&TurnReason::severity>("What it could do");
    d.field<&TurnReason::score>("How sure, 0 to 1");
    d.field<&TurnReason::explanation>("Why, in a sentence");
    d.field<&TurnReason::since_turn>("The turn with which it began");
}

void describe(Describe<ConversationLevels>& d) {
    d.field<&ConversationLevels::override_level>("What attempts to override add up to, 0 to 1");
    d.field<&ConversationLevels::persona_level>(
        "What attempts to assign a persona add up to, 0 to 1");
    d.field<&ConversationLevels::refusals>("Answers that declined");
}

void describe(Describe<TurnReport>& d) {
    d.field<&TurnReport::conversation_id>("The conversation");
    d.field<&TurnReport::turn>("Number of the turn, from 1");
    d.field<&TurnReport::turn_verdict>("On the turn by itself");
    d.field<&TurnReport::turn_score>("Of the turn by itself, 0 to 1");
    d.field<&TurnReport::verdict>("On the turn in its conversation");
    d.field<&TurnReport::score>("Of the turn in its conversation, 0 to 1");
    d.field<&TurnReport::reasons>("Why, gravest first");
    d.field<&TurnReport::levels>("How the conversation stands");
}

void describe(Describe<GetConversation>& d) {
    d.field<&GetConversation::conversation_id>(kConversationId).length(1, kMaxConversationId);
}

void describe(Describe<ConversationInfo>& d) {
    d.field<&ConversationInfo::conversation_id>("The conversation");
    d.field<&ConversationInfo::turns>("Turns so far");
    d.field<&ConversationInfo::worst_verdict>("Strictest verdict so far");
    d.field<&ConversationInfo::worst_score>("Highest score so far");
    d.field<&ConversationInfo::levels>("How it stands");
    d.field<&ConversationInfo::created_at_us>("When its first turn came");
    d.field<&ConversationInfo::updated_at_us>("When its last turn came");
    d.field<&ConversationInfo::expires_at_us>("When it is forgotten");
}

void describe(Describe<EndConversation>& d) {
    d.field<&EndConversation::conversation_id>(kConversationId).length(1, kMaxConversationId);
}

void describe(Describe<EndedConversation>& d) {
    d.field<&EndedConversation::ended>("There was one, and all of it is gone");
}

void describe(Describe<TailPart>& d) {
    d.field<&TailPart::turn>("Its turn");
    d.field<&TailPart::text>("The end of its text");
}

void describe(Describe<ConversationState>& d) {
    d.field<&ConversationState::turns>("Turns so far");
    d.field<&ConversationState::tail>("Last texts");
    d.field<&ConversationState::override_level>("Attempts to override");
    d.field<&ConversationState::persona_level>("Attempts to assign a persona");
    d.field<&ConversationState::refusals>("Answers that declined");
    d.field<&ConversationState::refused_turn>("The last of them");
    d.field<&ConversationState::refused_words>("What it declined");
    d.field<&ConversationState::asked_words>("What was asked last");
    d.field<&ConversationState::rephrased>("How often what was declined came back");
    d.field<&ConversationState::told>("Findings across turns that were told");
}

void describe(Describe<CreateCanary>& d) {
    d.field<&CreateCanary::purpose>("Where it will stand, for your own memory")
        .length(1, kMaxCanaryPurpose)
        .example(R"("system prompt of the support bot")");
    d.field<&CreateCanary::alphabet>("Made of syllables, or of hex digits").or_default();
}

void describe(Describe<NewCanary>& d) {
    d.field<&NewCanary::canary_id>("The canary");
    d.field<&NewCanary::purpose>("Where it will stand");
    d.field<&NewCanary::token>("The token; shown this once");
    d.field<&NewCanary::line>("A line with it, to put into a system prompt");
    d.field<&NewCanary::created_at_us>("When it was made");
}

void describe(Describe<CheckCanaries>& d) {
    d.field<&CheckCanaries::text>("An output to look through").length(0, kMaxCanaryText);
}

void describe(Describe<CanarySpan>& d) {
    d.field<&CanarySpan::start>("First byte");
    d.field<&CanarySpan::end>("Behind the last byte");
}

void describe(Describe<CanaryLeak>& d) {
    d.field<&CanaryLeak::canary_id>("The canary");
    d.field<&CanaryLeak::purpose>("Where it stands");
    d.field<&CanaryLeak::form>("How it is spelled");
    d.field<&CanaryLeak::whole>("All of it, not a part");
    d.field<&CanaryLeak::characters>("Letters and digits in a row that match");
    d.field<&CanaryLeak::span>("Where it was found");
}

void describe(Describe<CanaryReport>& d) {
    d.field<&CanaryReport::leaked>("There is a leak");
    d.field<&CanaryReport::leaks>("Where, at most 64");
}

void describe(Describe<ListCanaries>& d) {
    d.field<&ListCanaries::revoked>("Revoked ones, too").or_default();
}

void describe(Describe<CanaryInfo>& d) {
    d.field<&CanaryInfo::canary_id>("The canary");
    d.field<&CanaryInfo::purpose>("Where it stands");
    d.field<&CanaryInfo::alphabet>("What it is made of");
    d.field<&CanaryInfo::created_by>("Who made it");
    d.field<&CanaryInfo::created_at_us>("When it was made");
    d.field<&CanaryInfo::revoked_at_us>("When it was revoked");
}

void describe(Describe<CanaryList>& d) {
    d.field<&CanaryList::canaries>("Canaries, newest first; never their tokens");
}

void describe(Describe<RevokeCanary>& d) {
    d.field<&RevokeCanary::canary_id>("The canary").length(1, kMaxIdBytes);
}

void describe(Describe<ScanTools>& d) {
    d.field<&ScanTools::server_name>("The server that lists them").length(1, kMaxServerName);
    d.field<&ScanTools::tools>("Tools as the server lists them: name, description, inputSchema, …")
        .length(0, kMaxToolsAtOnce)
        .example(R"([{"name": "add", "description": "Adds two numbers"}])");
}

void describe(Describe<ToolSpan>& d) {
    d.field<&ToolSpan::start>("First byte");
    d.field<&ToolSpan::end>("Behind the last byte");
}

void describe(Describe<ToolFinding>& d) {
    d.field<&ToolFinding::field>("Path of the text; empty: the whole definition");
    d.field<&ToolFinding::category>("Kind of threat");
    d.field<&ToolFinding::technique>("How it works");
    d.field<&ToolFinding::severity>("What it could do");
    d.field<&ToolFinding::score>("How sure, 0 to 1");
    d.field<&ToolFinding::explanation>("Why, in a sentence");
    d.field<&ToolFinding::span>("Where in the text");
}

void describe(Describe<WatchedTool>& d) {
    d.field<&WatchedTool::name>("The tool");
    d.field<&WatchedTool::digest>("SHA-256 of its definition in canonical form");
    d.field<&WatchedTool::state>("How it stands to what is pinned");
    d.field<&WatchedTool::verdict>("What to do about it");
    d.field<&WatchedTool::score>("How sure, 0 to 1");
    d.field<&WatchedTool::findings>("What was found, at most 32");
    d.field<&WatchedTool::changes>("Paths that differ from what is pinned, at most 32");
}

void describe(Describe<ToolReport>& d) {
    d.field<&ToolReport::server_name>("The server");
    d.field<&ToolReport::verdict>("Strictest of its tools");
    d.field<&ToolReport::score>("Highest of its tools");
    d.field<&ToolReport::tools>("Its tools, in the order given");
    d.field<&ToolReport::missing>("Tools pinned before that it does not list now");
}

void describe(Describe<ApproveTool>& d) {
    d.field<&ApproveTool::server_name>("The server").length(1, kMaxServerName);
    d.field<&ApproveTool::tool>("The tool").length(1, kMaxToolName);
    d.field<&ApproveTool::digest>("What to trust: the digest that it was last seen with")
        .length(1, kMaxIdBytes);
}

void describe(Describe<ListTools>& d) {
    d.field<&ListTools::server_name>("Only of this server").length(1, kMaxServerName);
    d.field<&ListTools::after>("The end of the page before").length(1, kMaxListPlace);
    d.field<&ListTools::limit>("At most so many").between(1, kMaxListed).or_default();
}

void describe(Describe<PinnedTool>& d) {
    d.field<&PinnedTool::server_name>("The server");
    d.field<&PinnedTool::tool>("The tool");
    d.field<&PinnedTool::digest>("What is trusted");
    d.field<&PinnedTool::seen_digest>("What was seen last");
    d.field<&PinnedTool::approved_by>("Who approved it; absent: trusted on first use");
    d.field<&PinnedTool::first_seen_at_us>("When it was first seen");
    d.field<&PinnedTool::last_seen_at_us>("When it was last seen");
    d.field<&PinnedTool::changed_at_us>("Since when it differs from what is trusted");
}

void describe(Describe<PinnedTools>& d) {
    d.field<&PinnedTools::tools>("Tools by server and name");
    d.field<&PinnedTools::next>("Ask again with this as after; absent: that was all");
}

void describe(Describe<ForgetTools>& d) {
    d.field<&ForgetTools::server_name>("The server").length(1, kMaxServerName);
    d.field<&ForgetTools::tool>("Only this tool").length(1, kMaxToolName);
}

void describe(Describe<ForgottenTools>& d) {
    d.field<&ForgottenTools::forgotten>("Tools that will be pinned anew");
}

}  // namespace credence::guard
