#include <cstdio>
#include <filesystem>
#include <fstream>

#include "capabilities/guard/model/trainer.h"
#include "capabilities/guard/tool/labelled_scan.h"

namespace credence::guard::tool {

namespace {

// Beside the file, then renamed: a reader never sees half a model.
Result<void> write_file(const std::string& path, std::string_view content, const char* field) {
    const std::string beside = path + ".new";
    {
        std::ofstream file(beside, std::ios::binary | std::ios::trunc);
        file.write(content.data(), static_cast<std::streamsize>(content.size()));
        file.flush();
        if (!file) {
            return fail(Code::unavailable, beside + " cannot be written", field);
        }
    }
    std::error_code error;
    std::filesystem::rename(beside, path, error);
    if (error) {
        return fail(Code::unavailable, path + ": " + error.message(), field);
    }
    return {};
}

}  // namespace

Result<Trained> Guard::train(const Context&, const TrainFiles& request) {
    const std::int64_t started_us = clock_.steady_us();
    const auto rules = TRY(RuleSet::load_embedded());
    TrainOptions options;
    options.seed = static_cast<std::uint64_t>(request.seed);
    options.folds = static_cast<int>(request.folds);
    options.teachers = static_cast<int>(request.teachers);
    options.epochs = static_cast<int>(request.epochs);
    options.threads = static_cast<std::size_t>(request.threads);
    options.compare_families = request.compare_families;
    options.version = request.version;
    options.progress = [&](const std::string& message) {
        const auto seconds = static_cast<double>(clock_.steady_us() - started_us) / 1e6;
        std::fprintf(stderr, "%8.1f s  %s\n", seconds, message.c_str());
    };
    const Training training = TRY(guard::train(*rules, request.files, options));
    TRY(write_file(request.out, training.blob, "out"));
    if (request.report) {
        TRY(write_file(*request.report, training.report_markdown, "report"));
    }
    Trained trained;
    trained.model = request.out;
    trained.bytes = static_cast<std::int64_t>(training.blob.size());
    trained.seconds = static_cast<double>(clock_.steady_us() - started_us) / 1e6;
    for (const FamilyResult& result : training.families) {
        trained.families.push_back({result.family,
                                    share_with_interval(result.report.found, result.report.attacks),
                                    result.report.macro_recall, result.report.area_under_curve});
    }
    return trained;
}

}  // namespace credence::guard::tool
