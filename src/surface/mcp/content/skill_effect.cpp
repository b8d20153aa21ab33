#include "surface/mcp/content/skill_effect.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/json.h"
#include "surface/mcp/protocol/members.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kRankSkills = "skills.list_skill_metrics";
constexpr std::string_view kTrend = "skills.get_skill_trend";
constexpr int kPageSkills = 500;

// Of a share with its interval, as the skills module writes it; open for further members.
std::string effect_of(const Members& figure) {
    std::string out = R"({"n":)" + figure["n"].json();
    out += R"(,"success_rate":)" + figure["value"].json();
    out += R"(,"lower":)" + figure["low"].json();
    out += R"(,"upper":)" + figure["high"].json();
    out += R"(,"method":)" + figure["method"].json();
    return out;
}

// Asks one question after another; lives in its own callbacks.
class Reading : public std::enable_shared_from_this<Reading> {
public:
    Reading(Dispatcher& dispatcher, Context context, std::vector<std::string> names,
            std::function<void(SkillEffects)> done)
        : dispatcher_(dispatcher),
          context_(std::move(context)),
          names_(std::move(names)),
          done_(std::move(done)) {}

    void start() { read_page({}); }

private:
    const Operation* offered(std::string_view name) const {
        const Operation* operation = dispatcher_.catalog().find(name);
        return operation != nullptr && dispatcher_.offers(context_, *operation) ? operation
                                                                                : nullptr;
    }

    void read_page(const std::string& cursor) {
        const Operation* rank = offered(kRankSkills);
        if (rank == nullptr || pages_++ == kMaxMetricPages) {
            return read_trends();
        }
        std::string request = R"({"limit":)" + std::to_string(kPageSkills);
        request += cursor.empty() ? "}" : R"(,"cursor":)" + cursor + "}";
        dispatcher_.dispatch(
            *rank, context_, std::move(request), 0,
            [self = shared_from_this()](Result<Answer> answer) { self->take_page(answer); });
    }

    void take_page(const Result<Answer>& answer) {
        const Members page = answer ? Members::parse(answer->json).value_or(Members()) : Members();
        for (const Member& item : items_of(page["skills"].value)) {
            const Members skill = Members::of(item);
            const std::string& name = skill["skill_name"].value;
            const Members figure = Members::of(skill["completion_rate"]);
            if (std::ranges::find(names_, name) != names_.end() &&
                figure["n"].integer().value_or(0) > 0) {
                open_.emplace_back(name, effect_of(figure));
            }
        }
        if (page["next_cursor"].is_absent() || open_.size() == names_.size()) {
            return read_trends();
        }
        read_page(page["next_cursor"].json());
    }

    void read_trends() {
        const Operation* trend = offered(kTrend);
        if (open_.empty()) {
            return done_(std::move(found_));
        }
        if (trend == nullptr) {
            return take_trend({});
        }
        std::string request = R"({"skill_name":)";
        append_json_string(open_.back().first, request);
        dispatcher_.dispatch(*trend, context_, request + "}", 0,
                             [self = shared_from_this()](Result<Answer> answer) {
                                 self->take_trend(answer ? answer->json : std::string());
                             });
    }

    void take_trend(const std::string& answer) {
        auto [name, effect] = std::move(open_.back());
        open_.pop_back();
        const Members trend = Members::parse(answer).value_or(Members());
        if (trend["trend"].is_text()) {
            effect += R"(,"trend":)" + trend["trend"].json();
        }
        found_.emplace(std::move(name), effect + "}");
        read_trends();
    }

    Dispatcher& dispatcher_;
    const Context context_;
    const std::vector<std::string> names_;
    const std::function<void(SkillEffects)> done_;
    int pages_ = 0;
    std::vector<std::pair<std::string, std::string>> open_;  // found, its trend not yet
    SkillEffects found_;
};

}  // namespace

void read_skill_effects(Dispatcher& dispatcher, const Context& context,
                        std::vector<std::string> names, std::function<void(SkillEffects)> done) {
    std::make_shared<Reading>(dispatcher, context, std::move(names), std::move(done))->start();
}

}  // namespace credence::surface::mcp
