// Skills: which tools and skills agents used in which sessions, how it went, and what that says.
// Sessions and the log of invocations are written here; everything else is folded from the log.
//
// Statistics belong to the tenant; sessions and single invocations are seen from their own
// namespace only. Requests and answers of a theme have a header of their own, named below.
#pragma once

#include <utility>

#include "api/context.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/skills/skills_parts.h"

namespace credence {
class Host;
}

namespace credence::skills {

// record/sessions.h
struct CreateSession;
struct EndSession;
struct SessionRef;
struct ListSessions;
struct Session;
struct SessionSummary;
struct SessionPage;
// record/invocations.h
struct TrackInvocation;
struct TrackInvocations;
struct BeginInvocation;
struct CompleteInvocation;
struct InvocationRef;
struct ListInvocations;
struct Invocation;
struct InvocationPage;
struct Tracked;
struct TrackedBatch;
struct OpenInvocation;
// record/metrics.h
struct SkillRef;
struct ListSkillMetrics;
struct SkillMetrics;
struct SkillMetricsList;
struct SkillsHealth;
// record/users.h
struct UserRef;
struct ExportUser;
struct ErasedUser;
struct ExportedUser;
// insight/activity.h
struct GetRealTimeMetrics;
struct RealTimeMetrics;
struct GetHourlyMetrics;
struct HourlyMetrics;
// insight/anomalies.h
struct DetectAnomalies;
struct AnomalyReport;
struct ListAnomalies;
struct AnomalyList;
struct ResolveAnomaly;
struct StoredAnomaly;
// insight/trends.h
struct GetSkillTrend;
struct SkillTrend;
struct GetSkillTrends;
struct SkillTrends;
// insight/dependencies.h
struct GetSkillDependencies;
struct SkillDependencies;
// insight/phases.h
struct GetPhaseEffectiveness;
struct PhaseEffectiveness;
struct FindBottlenecks;
struct Bottlenecks;
struct GetPhaseTransitions;
struct PhaseTransitions;
// search/skill_search.h
struct SearchSkills;
struct SkillMatches;
// people/recommendations.h
struct GetCollaborativeRecommendations;
struct CollaborativeRecommendations;
struct GetSimilarUsers;
struct SimilarUserList;
struct UserProfile;
// people/baselines.h
struct GetCommunityBaselines;
struct CommunityBaselines;
struct ExportBaselines;
struct BaselineBundle;
struct ImportBaselines;
struct ImportedBaselines;
// predict/prediction.h
struct PredictSuccess;
struct SuccessPrediction;
struct TrainPredictor;
struct PredictorVersion;
struct GetPredictor;
// taxonomy/taxonomy.h
struct InitializeTaxonomy;
struct InitializedTaxonomy;
struct Taxonomy;
// import/import.h
struct ImportSkills;
struct ImportReport;

// Thread-safe. Common errors: Code::not_found for a session, skill, anomaly or test that is not
// there (or not in the caller's namespace), Code::invalid with the field's path.
class Skills {
public:
    explicit Skills(SkillsParts parts) : parts_(std::move(parts)) {}

    Result<Session> create_session(const Context& context, const CreateSession& request);
    Result<SessionSummary> end_session(const Context& context, const EndSession& request);
    Result<SessionSummary> get_session(const Context& context, const SessionRef& request);
    Result<SessionPage> list_sessions(const Context& context, const ListSessions& request);

    Result<Tracked> track_invocation(const Context& context, const TrackInvocation& request);
    // All or nothing; at most 10,000. The error names the first bad item by its path.
    Result<TrackedBatch> track_invocations(const Context& context, const TrackInvocations& request);
    Result<OpenInvocation> begin_invocation(const Context& context, const BeginInvocation& request);
    Result<Tracked> complete_invocation(const Context& context, const CompleteInvocation& request);
    Result<Invocation> get_invocation(const Context& context, const InvocationRef& request);
    Result<InvocationPage> list_invocations(const Context& context, const ListInvocations& request);

    Result<SkillMetrics> get_skill_metrics(const Context& context, const SkillRef& request);
    Result<SkillMetricsList> list_skill_metrics(const Context& context,
                                                const ListSkillMetrics& request);
    Result<SkillsHealth> health_check(const Context& context, const Empty& request);
    Result<ErasedUser> erase_user(const Context& context, const UserRef& request);
    Result<ExportedUser> export_user(const Context& context, const ExportUser& request);

    Result<RealTimeMetrics> get_real_time_metrics(const Context& context,
                                                  const GetRealTimeMetrics& request);
    Result<HourlyMetrics> get_hourly_metrics(const Context& context,
                                             const GetHourlyMetrics& request);
    Result<AnomalyReport> detect_anomalies(const Context& context, const DetectAnomalies& request);
    Result<AnomalyList> list_anomalies(const Context& context, const ListAnomalies& request);
    Result<StoredAnomaly> resolve_anomaly(const Context& context, const ResolveAnomaly& request);
    Result<SkillTrend> get_skill_trend(const Context& context, const GetSkillTrend& request);
    Result<SkillTrends> get_skill_trends(const Context& context, const GetSkillTrends& request);
    Result<SkillDependencies> get_skill_dependencies(const Context& context,
                                                     const GetSkillDependencies& request);
    Result<PhaseEffectiveness> get_phase_effectiveness(const Context& context,
                                                       const GetPhaseEffectiveness& request);
    Result<Bottlenecks> find_bottlenecks(const Context& context, const FindBottlenecks& request);
    Result<PhaseTransitions> get_phase_transitions(const Context& context,
                                                   const GetPhaseTransitions& request);

    Result<SkillMatches> search(const Context& context, const SearchSkills& request);

    Result<CollaborativeRecommendations> get_collaborative_recommendations(
        const Context& context, const GetCollaborativeRecommendations& request);
    Result<SimilarUserList> get_similar_users(const Context& context,
                                              const GetSimilarUsers& request);
    Result<UserProfile> get_user_profile(const Context& context, const UserRef& request);
    Result<CommunityBaselines> get_community_baselines(const Context& context,
                                                       const GetCommunityBaselines& request);
    Result<BaselineBundle> export_baselines(const Context& context, const ExportBaselines& request);
    Result<ImportedBaselines> import_baselines(const Context& context,
                                               const ImportBaselines& request);

    Result<SuccessPrediction> predict_success(const Context& context,
                                              const PredictSuccess& request);
    Result<PredictorVersion> train_predictor(const Context& context, const TrainPredictor& request);
    Result<PredictorVersion> get_predictor(const Context& context, const GetPredictor& request);

    Result<InitializedTaxonomy> initialize_taxonomy(const Context& context,
                                                    const InitializeTaxonomy& request);
    Result<Taxonomy> get_taxonomy(const Context& context, const Empty& request);
    // The command line only: reads a file of this machine.
    Result<ImportReport> import(const Context& context, const ImportSkills& request);

private:
    SkillsParts parts_;
};

// Each registers the operations of its folder (called by install()).
void serve_record(Host& host, Skills& skills);
void serve_insight(Host& host, Skills& skills);
void serve_search(Host& host, Skills& skills);
void serve_people(Host& host, Skills& skills);
void serve_predict(Host& host, Skills& skills);
void serve_taxonomy(Host& host, Skills& skills);
void serve_import(Host& host, Skills& skills);

}  // namespace credence::skills
