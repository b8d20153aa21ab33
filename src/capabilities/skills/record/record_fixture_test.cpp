#include "capabilities/skills/record/record_fixture.h"

#include "base/log.h"
#include "engine/store/event.h"

namespace credence::skills {

void RecordFixture::SetUp() {
    log::set_level(log::Level::off);
    auto names = UserNames::open({}, store_.random);
    ASSERT_TRUE(names.has_value());
    names_ = std::make_unique<UserNames>(*std::move(names));
    ledger_ = std::make_unique<Ledger>(*store_.database, store_.clock, store_.metrics, settings_);
    parts_ = std::make_unique<SkillsParts>(
        SkillsParts{*store_.database, store_.clock, store_.random, store_.ids, settings_});
    parts_->ledger = ledger_.get();
    parts_->users = names_.get();
    parts_->mask = &mask_;
    // The module's other parts, as far as their rows name a user.
    parts_->erasing = [](store::Tx& tx, std::string_view tenant,
                         std::string_view user) -> Result<void> {
        for (const char* table : {"ab_test_assignments", "ab_test_outcomes", "ab_test_users"}) {
            TRY(tx.run("DELETE FROM " + std::string(table) + " WHERE tenant = $1 AND user_id = $2",
                       tenant, user));
        }
        return {};
    };
    parts_->erased = [this](const std::string& tenant, std::string_view user) -> Result<void> {
        erased_.push_back(tenant + "/" + std::string(user));
        return {};
    };
    skills_ = std::make_unique<Skills>(*parts_);
}

Context RecordFixture::context(const std::string& name_space, const std::string& tenant) const {
    Context out;
    out.tenant = tenant;
    out.name_space = name_space;
    out.scopes = Scopes::all();
    return out;
}

std::string RecordFixture::session(const std::string& id, std::optional<std::string> user) {
    CreateSession request;
    request.session_id = id;
    request.user_id = std::move(user);
    const auto made = skills_->create_session(context(), request);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
    return id;
}

TrackInvocation RecordFixture::use(const std::string& session_id, const std::string& skill_name,
                                   bool completed, std::optional<double> seconds) const {
    TrackInvocation out;
    out.session_id = session_id;
    out.skill_name = skill_name;
    out.completed = completed;
    out.duration_seconds = seconds;
    return out;
}

std::int64_t RecordFixture::track(const TrackInvocation& request) {
    const auto tracked = skills_->track_invocation(context(), request);
    EXPECT_TRUE(tracked.has_value()) << (tracked ? "" : tracked.error().message);
    return tracked ? tracked->invocation_id : 0;
}

SkillMetrics RecordFixture::metrics(const std::string& skill_name) {
    auto found = skills_->get_skill_metrics(context(), {skill_name});
    EXPECT_TRUE(found.has_value()) << (found ? "" : found.error().message);
    return found.value_or(SkillMetrics{});
}

std::string RecordFixture::rows_of(const std::string& sql) {
    const auto read = store_.database->read([&](store::Tx& tx) { return tx.query(sql); });
    EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().message);
    std::string out;
    for (std::size_t row = 0; read && row < read->size(); ++row) {
        for (std::size_t column = 0; column < read->columns.size(); ++column) {
            const store::Cell& cell = read->cells[row][column];
            out += column == 0 ? "" : "|";
            if (const auto* whole = std::get_if<std::int64_t>(&cell)) {
                out += std::to_string(*whole);
            } else if (const auto* number = std::get_if<double>(&cell)) {
                out += std::to_string(*number);
            } else if (const auto* text = std::get_if<std::string>(&cell)) {
                out += *text;
            } else {
                out += "null";
            }
        }
        out += "\n";
    }
    return out;
}

void RecordFixture::run_sql(const std::string& sql) {
    const auto done = store_.database->write([&](store::Tx& tx) -> Result<void> {
        TRY(tx.run(sql));
        return {};
    });
    ASSERT_TRUE(done.has_value()) << done.error().message;
}

std::vector<std::string> RecordFixture::event_bodies() {
    const auto read = store_.database->read(
        [](store::Tx& tx) { return store::EventLog::read(tx, "default", 0, {}, 1'000); });
    std::vector<std::string> out;
    EXPECT_TRUE(read.has_value());
    for (const auto& event : *read) {
        out.push_back(event.name + " " + event.body.text);
    }
    return out;
}

}  // namespace credence::skills
