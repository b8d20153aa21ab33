#include "capabilities/guard/guard_settings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "base/text.h"

namespace credence::guard {

namespace {

constexpr std::int64_t kMaxWorkers = 64;
constexpr std::int64_t kMaxCacheEntries = 10'000'000;
constexpr std::size_t kMaxNumberBytes = 32;

Result<std::optional<double>> read_number(const Variables& variables, std::string_view name,
                                          std::pair<double, double> range) {
    const auto text = variables(name);
    if (!text) {
        return std::optional<double>();
    }
    char* end = nullptr;
    const double value = std::strtod(text->c_str(), &end);
    const bool is_number = !text->empty() && text->size() <= kMaxNumberBytes &&
                           end == text->c_str() + text->size() && std::isfinite(value);
    if (!is_number || value < range.first || value > range.second) {
        return fail(Code::invalid, std::string(name) + ": must be a number between " +
                                       std::to_string(static_cast<std::int64_t>(range.first)) +
                                       " and " +
                                       std::to_string(static_cast<std::int64_t>(range.second)));
    }
    return std::optional<double>(value);
}

Result<void> apply_integer(const Variables& variables, std::string_view name, std::int64_t most,
                           std::pair<std::int64_t*, std::int64_t> setting) {
    const auto value =
        TRY(read_number(variables, name, {most == kMaxWorkers ? 1 : 0, static_cast<double>(most)}));
    if (!value) {
        return {};
    }
    if (*value != std::floor(*value)) {
        return fail(Code::invalid, std::string(name) + ": must be a whole number");
    }
    if (*setting.first == setting.second) {
        *setting.first = static_cast<std::int64_t>(*value);
    }
    return {};
}

Result<void> apply_switch(const Variables& variables, std::string_view name, bool& setting) {
    const auto text = variables(name);
    if (!text) {
        return {};
    }
    const std::string value = to_lower(*text);
    const bool on = value == "true" || value == "1" || value == "yes" || value == "on";
    if (!on && value != "false" && value != "0" && value != "no" && value != "off") {
        return fail(Code::invalid, std::string(name) + ": must be true or false");
    }
    setting = setting && on;  // on is the default
    return {};
}

}  // namespace

Features features_of(const GuardSettings& settings) {
    return {settings.enable_neuro_symbolic, settings.enable_memory, settings.enable_multimodal,
            settings.enable_cache, settings.enable_workers};
}

Variables process_variables() {
    return [](std::string_view name) -> std::optional<std::string> {
        const std::string key(name);
        const char* value = std::getenv(key.c_str());  // NOLINT(concurrency-mt-unsafe): at start
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
}

Result<void> apply_variables(const Variables& variables, GuardSettings& settings) {
    const GuardSettings defaults;
    if (const auto value = TRY(read_number(variables, "AIMDS_THRESHOLD", {0, 1}))) {
        if (settings.block_threshold == defaults.block_threshold) {
            settings.block_threshold = *value;
            settings.flag_threshold = std::min(settings.flag_threshold, *value);
        }
    }
    TRY(apply_integer(variables, "AIMDS_WORKER_THREADS", kMaxWorkers,
                      {&settings.workers, defaults.workers}));
    TRY(apply_integer(variables, "AIMDS_CACHE_SIZE", kMaxCacheEntries,
                      {&settings.cache_entries, defaults.cache_entries}));
    TRY(apply_switch(variables, "ENABLE_WORKER_THREADS", settings.enable_workers));
    TRY(apply_switch(variables, "ENABLE_VECTOR_CACHE", settings.enable_cache));
    TRY(apply_switch(variables, "ENABLE_MULTIMODAL", settings.enable_multimodal));
    TRY(apply_switch(variables, "ENABLE_NEUROSYMBOLIC", settings.enable_neuro_symbolic));
    return {};
}

Result<std::optional<log::Level>> log_level_of(const Variables& variables) {
    using Named = std::pair<std::string_view, log::Level>;
    static constexpr std::array<Named, 6> kLevels{{{"debug", log::Level::debug},
                                                   {"info", log::Level::info},
                                                   {"warn", log::Level::warning},
                                                   {"warning", log::Level::warning},
                                                   {"error", log::Level::error},
                                                   {"off", log::Level::off}}};
    const auto text = variables("AIMDS_LOG_LEVEL");
    if (!text) {
        return std::optional<log::Level>();
    }
    const std::string wanted = to_lower(*text);
    const auto found = std::ranges::find(kLevels, std::string_view(wanted), &Named::first);
    if (found == kLevels.end()) {
        return fail(Code::invalid, "AIMDS_LOG_LEVEL: must be debug, info, warn, error or off");
    }
    if (variables("CREDENCE_LOG_LEVEL")) {
        return std::optional<log::Level>();
    }
    return std::optional<log::Level>(found->second);
}

Result<void> check_settings(const GuardSettings& settings) {
    if (settings.flag_threshold > settings.block_threshold) {
        return fail(Code::invalid, "flag_threshold must not exceed block_threshold",
                    "guard.flag_threshold");
    }
    return {};
}

void describe(Describe<Features>& d) {
    d.doc("Parts of the guard that can be switched while it runs");
    d.field<&Features::neuro_symbolic>("The learned model");
    d.field<&Features::memory>("The threat memory");
    d.field<&Features::multimodal>("Attached files");
    d.field<&Features::cache>("Results of texts seen before");
    d.field<&Features::workers>("Batches on several threads");
}

void describe(Describe<GuardSettings>& d) {
    d.field<&GuardSettings::flag_threshold>("Score from which a text is flagged")
        .between(0, 1)
        .or_default();
    d.field<&GuardSettings::block_threshold>("Score from which a text is blocked")
        .between(0, 1)
        .or_default();
    d.field<&GuardSettings::mode>("How much of the guard looks at a text that names no mode")
        .or_default();
    d.field<&GuardSettings::max_depth>("Encodings undone on top of each other")
        .between(0, 3)
        .or_default();
    d.field<&GuardSettings::max_decoded_bytes>("Decoded text read of one text, in all")
        .between(0, 1 << 20)
        .or_default();
    d.field<&GuardSettings::cache_entries>("Results kept of texts seen before; 0: none")
        .between(0, static_cast<double>(kMaxCacheEntries))
        .or_default();
    d.field<&GuardSettings::workers>("Threads of one batch")
        .between(1, static_cast<double>(kMaxWorkers))
        .or_default();
    d.field<&GuardSettings::packs_directory>("Folder of your own rule packs; empty: none")
        .or_default();
    d.field<&GuardSettings::disabled_packs>("Rule packs switched off from the start")
        .length(0, 256)
        .or_default();
    d.field<&GuardSettings::audit>("Keep a row of each text that was not simply allowed")
        .or_default();
    d.field<&GuardSettings::store_text>("Keep the text in that row, too").or_default();
    d.field<&GuardSettings::retention_days>("Days these rows are kept")
        .between(1, 3650)
        .or_default();
    d.field<&GuardSettings::refresh_ms>("How often changes by another process are looked for")
        .between(10, 60'000)
        .or_default();
    d.field<&GuardSettings::enable_neuro_symbolic>("Start with the learned model").or_default();
    d.field<&GuardSettings::enable_memory>("Start with the threat memory").or_default();
    d.field<&GuardSettings::enable_multimodal>("Start with attached files").or_default();
    d.field<&GuardSettings::enable_cache>("Start with the result cache").or_default();
    d.field<&GuardSettings::enable_workers>("Start with batches on several threads").or_default();
}

}  // namespace credence::guard
