// Configuration: TOML file < environment < command-line flags, read into described structs.
//
//   struct TrustSettings { std::int64_t timeout_ms = 30'000; };
//   void describe(Describe<TrustSettings>&);                    // every field .or_default()
//   TrustSettings s = TRY(settings.section<TrustSettings>("trust"));
//
// Field `timeout_ms` of section `trust` is `[trust] timeout_ms = …` in the file,
// CREDENCE_TRUST_TIMEOUT_MS in the environment, and `--set trust.timeout_ms=…` on the command
// line. Errors name the file and line, or the variable, or the flag. Not thread-safe: read at
// start.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"

namespace credence {

class Settings {
public:
    // Sources, weakest first. `environment` holds "NAME=value" entries; `overrides` holds
    // "section.key" -> text. An empty toml_text means no file.
    struct Sources {
        std::string toml_text;
        std::string toml_name;  // for messages: "credence.toml"
        std::vector<std::string> environment;
        std::map<std::string, std::string> overrides;
    };
    // Code::invalid with "name:line: …" when the TOML does not parse.
    static Result<Settings> load(Sources sources);
    Settings(Settings&&) noexcept;
    Settings& operator=(Settings&&) noexcept;
    ~Settings();

    // Reads and registers a section. T's fields must all be or_default() or optional.
    template <class T>
    Result<T> section(std::string_view name) {
        T value{};
        TRY(read(name, shape_of<T>(), &value));
        return value;
    }

    // After all sections were read: unknown sections, keys, CREDENCE_* variables and overrides, all
    // of them, one message each ("credence.toml:7: unknown key 'trust.timeout'; did you mean …").
    std::vector<std::string> unknown() const;

    // A documented TOML file of all registered sections with effective values; secrets as "***".
    std::string print() const;

private:
    Settings();
    Result<void> read(std::string_view name, const Shape& shape, void* out);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence
