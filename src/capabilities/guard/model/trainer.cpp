#include "capabilities/guard/model/trainer.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "capabilities/guard/model/distil.h"
#include "capabilities/guard/model/model_blob.h"
#include "capabilities/guard/model/traits.h"

namespace credence::guard {

namespace {

constexpr double kReportedRate = 0.01;
constexpr std::size_t kCalibrationReadings = 4'000;  // for the scales of the quantised network

class Run {
public:
    Run(const RuleSet& rules, std::vector<Sample> samples, const TrainOptions& options)
        : rules_(rules), samples_(std::move(samples)), options_(options) {
        for (const Sample& sample : samples_) {
            pointers_.push_back(&sample);
        }
    }

    Training train() {
        folds_ = deal_folds(samples_, options_.folds);
        if (options_.compare_families) {
            compare(linear_family());
            compare(factorised_family());
        }
        if (options_.compare_families) {
            compare(boosted_family());
        }
        const FoldScores network = compare(network_family());
        // The trees that are shipped read the network's opinion as one more trait; they learn from
        // what networks said of texts whose sources they had not seen.
        for (std::size_t i = 0; i < samples_.size(); ++i) {
            samples_[i].traits.push_back(static_cast<float>(network.logits[i]));
        }
        Family trees_family = boosted_family();
        trees_family.name = "boosted, with the network's opinion";
        const FoldScores trees = compare(trees_family);
        combine(network.logits, trees.logits);
        say("training the teachers and the student");
        NetworkOptions options;
        options.seed = options_.seed;
        options.epochs = options_.epochs;
        const NetworkWeights weights =
            distil(pointers_, options_.teachers, options_.threads, options);
        say("growing the trees");
        Forest forest = grow(options);
        training_.report_markdown = report();
        std::vector<std::string> names = trait_names(rules_.signal_names());
        names.emplace_back(kNetworkTrait);
        training_.blob =
            write_model({options_.version, training_.report_markdown,
                         QuantisedNetwork::quantise(weights, some_readings()), std::move(forest),
                         std::move(names), combination_, calibration_});
        return std::move(training_);
    }

private:
    void say(const std::string& message) const {
        if (options_.progress) {
            options_.progress(message);
        }
    }

    FoldScores compare(const Family& family) {
        say(fmt::format("cross-validating: {}", family.name));
        FoldScores scores =
            cross_validate(family, samples_, folds_, options_.seed, options_.threads);
        add_result(family.name, scores.logits);
        return scores;
    }

    void add_result(const std::string& name, std::span<const double> logits) {
        training_.families.push_back({name, rank(samples_, logits, kReportedRate)});
        const RankingReport& result = training_.families.back().report;
        say(fmt::format("{}: recall {:.3f} at {} false positives, macro {:.3f}, AUC {:.4f}", name,
                        static_cast<double>(result.found) / static_cast<double>(result.attacks),
                        kReportedRate, result.macro_recall, result.area_under_curve));
    }

    void combine(const std::vector<double>& network, const std::vector<double>& trees) {
        const std::vector<Lesson> lessons = lessons_of(pointers_, {});
        std::vector<Opinions> opinions;
        std::vector<std::uint8_t> attack;
        std::vector<double> weights;
        std::vector<double> logits;
        std::vector<double> ordinary;
        for (std::size_t i = 0; i < samples_.size(); ++i) {
            const std::vector<float>& traits = samples_[i].traits;
            opinions.push_back(
                {network[i], trees[i], traits[kSubversionTrait], traits[kRulesTrait]});
            attack.push_back(samples_[i].attack() ? 1 : 0);
            weights.push_back(samples_[i].counted() ? lessons[i].weight : 0);
        }
        combination_ = fit_combination(opinions, attack, weights);
        for (std::size_t i = 0; i < samples_.size(); ++i) {
            logits.push_back(combination_.logit(opinions[i]));
            if (!samples_[i].attack() && samples_[i].counted()) {
                ordinary.push_back(logits.back());
            }
        }
        add_result("combination", logits);
        calibration_ = calibrate(std::move(ordinary));
    }

    Forest grow(const NetworkOptions& options) const {
        std::vector<ForestRow> rows;
        for (const Lesson& lesson : lessons_of(pointers_, options)) {
            rows.push_back({lesson.sample->traits, lesson.target, lesson.weight});
        }
        ForestOptions forest;
        forest.seed = options_.seed;
        return grow_forest(rows, forest);
    }

    std::vector<const Reading*> some_readings() const {
        std::vector<const Reading*> readings;
        const std::size_t step = std::max<std::size_t>(1, samples_.size() / kCalibrationReadings);
        for (std::size_t i = 0; i < samples_.size(); i += step) {
            readings.push_back(&samples_[i].readings.front());
        }
        return readings;
    }

    std::string report() const {
        std::map<std::string, std::pair<int, int>> sources;
        for (const Sample& sample : samples_) {
            auto& counts = sources[sample.origin.source];
            ++(sample.attack() ? counts.first : counts.second);
        }
        std::string text = fmt::format(
            "# Guard model {}\n\nTrained by `credence guard train` on {} texts of {} sources, seed "
            "{}; "
            "rules {}.\n\nCross-validated in {} folds, whole sources left out; recall at {:.0f} % "
            "false positives, pooled, with 95 % Wilson intervals.\n\n"
            "| family | recall | interval | macro | AUC | n |\n| --- | --- | --- | --- | --- | --- "
            "|\n",
            options_.version, samples_.size(), sources.size(), options_.seed,
            rules_.digest().substr(0, 12), options_.folds, 100 * kReportedRate);
        for (const FamilyResult& result : training_.families) {
            const RankingReport& r = result.report;
            text += fmt::format(
                "| {} | {:.3f} | {:.3f}–{:.3f} | {:.3f} | {:.4f} | {} |\n", result.family,
                static_cast<double>(r.found) / static_cast<double>(r.attacks), r.recall.low,
                r.recall.high, r.macro_recall, r.area_under_curve, r.attacks + r.ordinary);
        }
        const RankingReport& last = training_.families.back().report;
        text +=
            "\n| category (combination) | n | found | recall | interval |\n"
            "| --- | --- | --- | --- | --- |\n";
        for (const CategoryRecall& c : last.categories) {
            text += fmt::format("| {} | {} | {} | {:.3f} | {:.3f}–{:.3f} |\n", c.category, c.n,
                                c.found, static_cast<double>(c.found) / static_cast<double>(c.n),
                                c.interval.low, c.interval.high);
        }
        text += "\n| ordinary texts | n | flagged | share |\n| --- | --- | --- | --- |\n";
        for (const CategoryRecall& c : last.ordinary_flagged) {
            text += fmt::format("| {} | {} | {} | {:.3f} |\n", c.category, c.n, c.found,
                                static_cast<double>(c.found) / static_cast<double>(c.n));
        }
        return text;
    }

    const RuleSet& rules_;
    std::vector<Sample> samples_;
    const TrainOptions& options_;
    std::vector<const Sample*> pointers_;
    std::vector<int> folds_;
    Combination combination_;
    Calibration calibration_;
    Training training_;
};

}  // namespace

Result<Training> train(const RuleSet& rules, const std::vector<std::string>& files,
                       const TrainOptions& options) {
    std::vector<LabelledText> texts;
    for (const std::string& file : files) {
        TRY(read_labelled(file, texts));
    }
    std::vector<Sample> samples = TRY(prepare_samples(rules, std::move(texts), options.threads));
    const auto attacks = std::count_if(samples.begin(), samples.end(),
                                       [](const Sample& sample) { return sample.attack(); });
    if (attacks < options.folds ||
        static_cast<std::ptrdiff_t>(samples.size()) - attacks < options.folds) {
        return fail(Code::invalid,
                    fmt::format("training needs at least {} texts of each class", options.folds));
    }
    return Run(rules, std::move(samples), options).train();
}

}  // namespace credence::guard
