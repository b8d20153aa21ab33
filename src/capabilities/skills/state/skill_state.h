// What the log of one tenant adds up to: a pure fold, row by row in the order of id. The same rows
// give the same state, however they were cut into steps. Not thread-safe; see ledger.h.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "capabilities/skills/skills_parts.h"
#include "stats/association/cooccurrence.h"
#include "stats/recommend/similar_users.h"

namespace credence::skills {

// One row of the log, as the fold sees it. Texts are borrowed for the call.
struct InvocationFact {
    std::int64_t id = 0;
    std::string_view skill_name;
    std::string_view session_id;
    std::string_view user_id;         // keyed hash; empty: unknown
    std::string_view workflow_phase;  // empty: unknown
    std::int64_t invoked_at_us = 0;
    bool completed = false;
    std::optional<double> duration_seconds;
    std::optional<std::int64_t> rating;  // 1 .. 5
};

// Invocations that began in one minute or hour (UTC). Durations are those of completed ones.
struct Cell {
    std::int64_t at_us = 0;  // its beginning
    std::int64_t invocations = 0;
    std::int64_t completed = 0;
    std::int64_t timed = 0;
    double duration_sum_seconds = 0;
    double log_duration_sum = 0;  // natural logarithms of seconds, of at least 1e-6
};

// The exporter's histogram: upper bounds in seconds, and one more for what is longer.
inline constexpr std::array<double, 9> kDurationBounds = {0.1, 0.5, 1, 2, 5, 10, 30, 60, 300};

struct PhaseTotal {
    std::int64_t invocations = 0;
    std::int64_t completed = 0;
    std::int64_t timed = 0;
    double duration_sum_seconds = 0;
    std::array<std::int64_t, kDurationBounds.size() + 1> buckets{};  // not cumulative
};

struct SkillFigures {
    std::string name;
    std::int64_t last_invoked_at_us = 0;
    std::vector<Cell> minutes;  // ascending, none empty; kMinutesKept before the newest row seen
    std::vector<Cell> hours;    // ascending, none empty; kHoursKept before the newest row seen
    std::map<std::string, PhaseTotal, std::less<>> phases;  // '' when unknown
};

// What one user did with one skill.
struct UserSkill {
    std::uint32_t skill = 0;
    std::int32_t rating_sum = 0;
    std::int32_t ratings = 0;
    std::int64_t invocations = 0;
    std::int64_t completed = 0;
    std::int64_t first_at_us = 0;
    std::int64_t last_at_us = 0;
};

struct UserFigures {
    std::string user_id;
    std::vector<UserSkill> skills;  // ascending by skill
};

struct SavedHour;
struct SavedTotal;
struct SavedUse;
struct SavedSkillSessions;
struct SavedPair;
struct FiguresCheckpoint;
struct UsersCheckpoint;
struct PairsCheckpoint;

// Where the fold stood when it was written.
struct RestoredPlace {
    std::int64_t figures_through_id = 0;
    std::int64_t users_through_id = 0;
    std::int64_t pairs_through_id = 0;
    std::int64_t newest_at_us = 0;
    std::int64_t ignored = 0;
    std::int64_t sessions = 0;
};

// A skill of a session, as the log tells it.
struct SessionSkill {
    std::string skill_name;
    std::int64_t first_at_us = 0;
};

class SkillState {
public:
    static constexpr std::int64_t kMinutesKept = 25 * 60;
    static constexpr std::int64_t kHoursKept = 24 * 7 * 10;
    static constexpr std::size_t kMaxPhases = 64;        // of a skill; further ones count as ''
    static constexpr std::size_t kMaxUsers = 1'000'000;  // further ones count as unknown
    static constexpr std::size_t kMaxUses = 5'000'000;   // (user, skill); further ones likewise
    static constexpr std::size_t kMaxHourSessions = 500'000;  // beyond it the log is asked

    SkillState();

    // Ids must grow (CHECK). Rows beyond kMaxSkills skills are counted in `ignored`. A row older
    // than the minutes and hours that are kept enters the totals only (and its hour in the store).
    // Amortised O(skills of the session + cells of the row's skill that are newer).
    void apply(const InvocationFact& fact);

    std::int64_t through_id() const { return through_id_; }
    std::int64_t ignored() const { return ignored_; }
    // The newest invoked_at_us seen, 0 without rows.
    std::int64_t newest_at_us() const { return newest_at_us_; }

    // Skills are numbered densely from 0 in order of appearance; numbers hold until a restart.
    const std::vector<SkillFigures>& skills() const { return skills_; }
    std::optional<std::uint32_t> find(std::string_view skill_name) const;

    // Users likewise.
    const std::vector<UserFigures>& users() const { return users_; }
    std::optional<std::uint32_t> find_user(std::string_view user_id) const;
    // Users by the distinct skills they completed at least once.
    const stats::UserIndex& user_index() const { return user_index_; }

    // Which skills met in sessions.
    const stats::Cooccurrence& meetings() const { return meetings_; }

    // Skills that changed since the last call.
    std::vector<std::uint32_t> take_changed();

    // The rest serves the ledger: what a checkpoint writes and a start reads back.

    // The parts of a checkpoint, each with its own place in the log.
    enum class Part : std::uint8_t { figures, users, pairs };
    static constexpr std::size_t kParts = 3;
    std::int64_t through(Part part) const;
    // Rows that a checkpoint of the part would write now, days and cells of the log aside.
    std::size_t changed_rows(Part part) const;

    // Takes out what changed in a part since the last time.
    FiguresCheckpoint take_figures();
    UsersCheckpoint take_users();
    PairsCheckpoint take_pairs();

    // Fill an empty state; the log is then applied from the least through() on, and each row enters
    // only the parts that have not seen it. Cells may come in any order.
    void restore_place(const RestoredPlace& place);
    void restore_total(const SavedTotal& row);
    void restore_hour(std::string_view skill_name, const Cell& cell);
    void restore_minute(const InvocationFact& fact);  // of the log, in the order of id
    void restore_use(const SavedUse& row);            // its skill number is not read
    void restore_skill_sessions(const SavedSkillSessions& row);
    void restore_pair(const SavedPair& row);  // both, a_first, b_first

    // A session whose skills are not in memory, but may have been counted: reopened from the log
    // before a row of it is applied, it counts once. Uses in the order of arrival.
    bool knows_session(std::string_view session_id) const;
    void reopen_session(std::string_view session_id, std::span<const SessionSkill> uses);

private:
    // An hour that left memory before it was written, or came after it had left.
    struct PendingHour {
        Cell cell;
        bool adds = false;
    };
    struct TouchedTotal {
        std::uint32_t skill = 0;
        const std::string* phase = nullptr;  // of the map, where it does not move
    };
    struct Touched {
        // By skill and hour; without a value where the hour is in memory.
        std::unordered_map<std::uint64_t, std::optional<PendingHour>> hours;
        std::unordered_map<const PhaseTotal*, TouchedTotal> totals;
        std::unordered_set<std::uint64_t> uses;   // user and skill
        std::unordered_set<std::uint64_t> pairs;  // both skills, the lower number first
        std::unordered_set<std::uint32_t> skill_sessions;
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    using Numbers = std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;
    // Skills that have a cell of this time, so that it can leave when its time has come.
    using Leaving = std::map<std::int64_t, std::vector<std::uint32_t>>;
    struct HourSessions {
        std::unordered_set<std::uint64_t> seen;  // session and skill
        std::unordered_map<std::uint32_t, std::int64_t> skills;
    };

    std::optional<std::uint32_t> number_of(std::string_view skill_name);
    std::optional<std::uint32_t> number_of_user(std::string_view user_id);
    void note_changed(std::uint32_t skill);
    void advance(std::int64_t at_us);
    void drop_hours(std::uint32_t skill, std::int64_t before_us);
    void add_figures(std::uint32_t skill, const InvocationFact& fact);
    void add_minute(std::uint32_t skill, const InvocationFact& fact);
    void add_hour(std::uint32_t skill, const InvocationFact& fact);
    void add_hour_session(std::uint32_t skill, const InvocationFact& fact);
    void add_use(std::uint32_t skill, const InvocationFact& fact);
    void add_meeting(std::uint32_t skill, const InvocationFact& fact);
    UserSkill* use_of(std::uint32_t user, std::uint32_t skill);
    SavedHour saved_hour(std::uint64_t key, const std::optional<PendingHour>& pending) const;

    std::array<std::int64_t, kParts> restored_through_{};
    std::int64_t through_id_ = 0;
    std::int64_t ignored_ = 0;
    std::int64_t newest_at_us_ = 0;
    std::vector<SkillFigures> skills_;
    Numbers skill_numbers_;
    std::vector<UserFigures> users_;
    Numbers user_numbers_;
    std::size_t uses_ = 0;
    stats::UserIndex user_index_;
    stats::Cooccurrence meetings_;
    std::vector<std::uint32_t> changed_;
    std::vector<bool> is_changed_;  // by skill
    Leaving leaving_minutes_;
    Leaving leaving_hours_;
    Touched touched_;
    // Sessions of the hours that changed since the last checkpoint and that were seen whole.
    std::map<std::int64_t, HourSessions> hour_sessions_;
    std::size_t hour_sessions_size_ = 0;
    std::int64_t hours_unseen_through_us_ = -1;  // of these and earlier ones a part was not seen
};

}  // namespace credence::skills
