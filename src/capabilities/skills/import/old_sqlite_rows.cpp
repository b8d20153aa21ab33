// The former system's SQLite file. Its tables know no tenant; the statements say so.
#include <set>

#include "capabilities/skills/import/old_file.h"
#include "engine/store/sqlite_connection.h"

namespace credence::skills {
namespace {

using store::Rows;

// What may hold rows that are not brought over.
constexpr const char* kOtherTables[] = {
    "ab_test_assignments",     "ab_test_configs", "ab_test_outcomes",
    "skill_anomalies",         "skill_clusters",  "skill_community_baselines",
    "skill_user_interactions",
};

// At most as many entries of the taxonomy as tracking would take in one definition.
constexpr std::int64_t kMaxEntries = 1'000;

class OldSqlite final : public OldFile {
public:
    OldSqlite(std::unique_ptr<store::SqliteConnection> connection, std::string layout,
              const std::set<std::string>& columns)
        : connection_(std::move(connection)), layout_(std::move(layout)) {
        select_ = "SELECT id, skill_name, invoked_at, session_id, completed";
        for (const char* column : kOptionalColumns) {
            const std::string name(column);
            select_ += columns.contains(name) ? ", " + name : ", NULL AS " + name;
        }
        select_ += " FROM skill_invocation /* no tenant */ WHERE id > $1 ORDER BY id LIMIT $2";
    }

    std::string layout() const override { return layout_; }

    Result<std::vector<OldInvocation>> next() override {
        const store::Parameter parameters[] = {last_id_, kPiece};
        const Rows rows = TRY(connection_->query(select_, parameters));
        std::vector<OldInvocation> out;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            last_id_ = rows.integer(i, 0);
            out.push_back(row_of(rows, i));
        }
        return out;
    }

    Result<std::vector<OldMetrics>> metrics() override {
        std::vector<OldMetrics> out;
        if (!TRY(connection_->has_table("skill_metrics"))) {
            return out;
        }
        const Rows rows = TRY(
            connection_->query("SELECT skill_name, total_invocations, coalesce(completion_rate, 0) "
                               "FROM skill_metrics /* no tenant */ ORDER BY skill_name",
                               {}));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            out.push_back({rows.text(i, 0), rows.integer(i, 1), rows.number(i, 2)});
        }
        return out;
    }

    Result<TaxonomyDefinition> taxonomy() override {
        TaxonomyDefinition out;
        if (TRY(connection_->has_table("skill_categories"))) {
            TRY(read_categories(out));
        }
        if (TRY(connection_->has_table("skill_modalities"))) {
            TRY(read_modalities(out));
        }
        if (TRY(connection_->has_table("skill_dependencies"))) {
            TRY(read_dependencies(out));
        }
        return out;
    }

    Result<std::map<std::string, std::int64_t>> other_rows() override {
        std::map<std::string, std::int64_t> out;
        for (const char* table : kOtherTables) {
            if (!TRY(connection_->has_table(table))) {
                continue;
            }
            const Rows rows = TRY(connection_->query(
                "SELECT count(*) /* no tenant */ FROM " + std::string(table), {}));
            if (rows.integer(0, 0) > 0) {
                out.emplace(table, rows.integer(0, 0));
            }
        }
        return out;
    }

private:
    static constexpr const char* kOptionalColumns[] = {
        "workflow_path",  "duration_seconds",  "user_query", "alternatives_considered",
        "selection_rank", "follow_up_actions", "error_type", "embedding",
        "workflow_phase", "workflow_step_id"};

    // Parents have the smaller ids in the files there are; a parent that comes later is dropped.
    Result<void> read_categories(TaxonomyDefinition& out) {
        const store::Parameter limit[] = {kMaxEntries};
        const Rows rows = TRY(connection_->query(
            "SELECT c.category_name, p.category_name, c.description, coalesce(c.domain, 'code'), "
            "m.skill_name FROM skill_categories c /* no tenant */ "
            "LEFT JOIN skill_categories p ON p.category_id = c.parent_category_id "
            "AND p.category_id < c.category_id "
            "LEFT JOIN skill_category_mapping m ON m.category_id = c.category_id "
            "ORDER BY c.category_id, m.skill_name LIMIT $1",
            limit));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::string name = rows.text(i, 0);
            if (out.categories.empty() || out.categories.back().category_name != name) {
                out.categories.push_back({.category_name = name,
                                          .parent = text(rows, i, 1),
                                          .description = text(rows, i, 2),
                                          .domain = rows.text(i, 3),
                                          .skills = {}});
            }
            if (!rows.is_null(i, 4)) {
                out.categories.back().skills.push_back(rows.text(i, 4));
            }
        }
        return {};
    }

    Result<void> read_modalities(TaxonomyDefinition& out) {
        const store::Parameter limit[] = {kMaxEntries};
        const Rows rows =
            TRY(connection_->query("SELECT skill_name, modality_type, input_format, output_format, "
                                   "requires_human_review FROM skill_modalities /* no tenant */ "
                                   "ORDER BY skill_name LIMIT $1",
                                   limit));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            out.modalities.push_back({.skill_name = rows.text(i, 0),
                                      .modality_type = rows.text(i, 1),
                                      .input_format = text(rows, i, 2),
                                      .output_format = text(rows, i, 3),
                                      .requires_human_review = rows.integer(i, 4) != 0});
        }
        return {};
    }

    // Only what somebody declared: the former system's own counts come out wrong (at most 1).
    Result<void> read_dependencies(TaxonomyDefinition& out) {
        const store::Parameter limit[] = {kMaxEntries};
        const Rows rows = TRY(connection_->query(
            "SELECT skill_a, skill_b, lift_score FROM skill_dependencies /* no tenant */ "
            "WHERE lift_score > 1 AND skill_a <> skill_b ORDER BY skill_a, skill_b LIMIT $1",
            limit));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            out.dependencies.push_back({rows.text(i, 0), rows.text(i, 1), rows.number(i, 2)});
        }
        return {};
    }

    static std::optional<std::string> text(const Rows& rows, std::size_t row, std::size_t column) {
        return rows.is_null(row, column) ? std::nullopt : std::optional(rows.text(row, column));
    }

    static OldInvocation row_of(const Rows& rows, std::size_t i) {
        OldInvocation out;
        out.skill_name = text(rows, i, 1);
        out.invoked_at = text(rows, i, 2);
        out.session_id = text(rows, i, 3);
        out.completed = rows.integer(i, 4) != 0;
        out.workflow_path = text(rows, i, 5);
        if (!rows.is_null(i, 6)) {
            out.duration_seconds = rows.number(i, 6);
        }
        out.user_query = text(rows, i, 7);
        out.alternatives_considered = text(rows, i, 8);
        if (!rows.is_null(i, 9)) {
            out.selection_rank = rows.integer(i, 9);
        }
        out.follow_up_actions = text(rows, i, 10);
        out.error_type = text(rows, i, 11);
        out.embedding = text(rows, i, 12);
        out.workflow_phase = text(rows, i, 13);
        out.workflow_step_id = text(rows, i, 14);
        return out;
    }

    std::unique_ptr<store::SqliteConnection> connection_;
    std::string layout_;
    std::string select_;
    std::int64_t last_id_ = 0;
};

Result<std::set<std::string>> columns_of(store::SqliteConnection& connection) {
    const Rows rows = TRY(connection.control_query("PRAGMA table_info(skill_invocation)"));
    std::set<std::string> out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out.insert(rows.text(i, 1));
    }
    return out;
}

Result<std::string> layout_of(store::SqliteConnection& connection,
                              const std::set<std::string>& columns) {
    for (const char* column : {"id", "skill_name", "invoked_at", "session_id", "completed"}) {
        if (!columns.contains(column)) {
            return fail(Code::invalid,
                        "is a database, but not of the former system: skill_invocation has no " +
                            std::string(column),
                        "file");
        }
    }
    if (TRY(connection.has_table("skill_metrics_cache"))) {
        return "sqlite_v4";
    }
    if (columns.contains("workflow_phase")) {
        return "sqlite_v3";
    }
    return columns.contains("embedding") ? "sqlite_v2" : "sqlite_v1";
}

}  // namespace

Result<std::unique_ptr<OldFile>> open_old_sqlite(const std::string& path) {
    // A database in use has part of its rows in a journal beside it; one on a read-only medium
    // cannot be opened that way, and then lies still.
    store::ConnectionOptions options;
    options.path = path;
    options.access = store::Access::read;
    auto connection = store::SqliteConnection::open(options);
    if (!connection || !(*connection)->has_table("skill_invocation")) {
        options.access = store::Access::read_file;
        connection = store::SqliteConnection::open(options);
    }
    if (!connection) {
        return fail(Code::invalid, "cannot be read as a database: " + connection.error().message,
                    "file");
    }
    const auto columns = columns_of(**connection);
    if (!columns) {
        return fail(Code::invalid, "cannot be read as a database: " + columns.error().message,
                    "file");
    }
    std::string layout = TRY(layout_of(**connection, *columns));
    return std::make_unique<OldSqlite>(std::move(*connection), std::move(layout), *columns);
}

}  // namespace credence::skills
