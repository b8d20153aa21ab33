// A small catalogue behind a real Dispatcher, for the tests and the fuzzer of this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/dispatch.h"
#include "api/prompt.h"
#include "base/json.h"
#include "base/shape.h"
#include "surface/mcp/mcp.h"

namespace credence::surface::test {

enum class Tone : std::uint8_t { calm, loud };

struct Say {
    std::string text;
    Tone tone = Tone::calm;
    std::optional<std::int64_t> times;
};
inline void describe(Describe<Say>& d) {
    d.field<&Say::text>("What to say").length(1, 64);
    d.field<&Say::tone>("How to say it").or_default();
    d.field<&Say::times>("How often").between(1, 3);
}

struct Said {
    std::string text;
    std::int64_t length = 0;
};
inline void describe(Describe<Said>& d) {
    d.field<&Said::text>("What was said");
    d.field<&Said::length>("Its bytes");
}

struct Keep {
    std::string key;
};
inline void describe(Describe<Keep>& d) {
    d.field<&Keep::key>("Which one");
}

inline Result<void> say(const Context&, std::string_view request_json, std::string& out) {
    const Say request = TRY(from_json<Say>(request_json));
    std::string text;
    for (std::int64_t i = 0; i < request.times.value_or(1); ++i) {
        text += request.text;
    }
    out += to_json(Said{text, static_cast<std::int64_t>(text.size())});
    return {};
}

inline Result<void> drop(const Context&, std::string_view request_json, std::string&) {
    const Keep request = TRY(from_json<Keep>(request_json));
    return fail(Code::not_found, "no such key: " + request.key, "key");
}

inline Operation make_operation(std::string module, std::string verb) {
    Operation operation;
    operation.path = "/v1/" + module + "/" + verb;
    operation.scope = module + ":read";
    operation.summary = "Does " + verb;
    operation.module = std::move(module);
    operation.verb = std::move(verb);
    operation.request = &shape_of<Say>();
    operation.response = &shape_of<Said>();
    operation.call = say;
    return operation;
}

// echo.say (reads, direct), echo.drop (DELETE, always not_found), echo.long_say (background),
// echo.secret (hidden), admin.call_out (acts; at most 40 bytes).
inline void add_operations(Catalog& catalog) {
    Operation direct = make_operation("echo", "say");
    direct.lane = Lane::direct;
    catalog.add(std::move(direct));

    Operation drops = make_operation("echo", "drop");
    drops.method = HttpMethod::del;
    drops.effect = Effect::write;
    drops.request = &shape_of<Keep>();
    drops.response = &shape_of<Empty>();
    drops.call = drop;
    catalog.add(std::move(drops));

    Operation slow = make_operation("echo", "long_say");
    slow.lane = Lane::background;
    catalog.add(std::move(slow));

    Operation hidden = make_operation("echo", "secret");
    hidden.hidden_from_mcp = true;
    catalog.add(std::move(hidden));

    Operation acts = make_operation("admin", "call_out");
    acts.effect = Effect::act;
    acts.idempotent = false;
    acts.max_request_bytes = 40;
    catalog.add(std::move(acts));
}

class OpenGate final : public Gatekeeper {
public:
    Result<Admission> admit(const Credentials& credentials) override {
        if (closed) {
            return std::unexpected(Error{Code::exhausted, "too many requests", {}, 250});
        }
        Admission admission;
        admission.context.scopes = Scopes::all();
        admission.context.surface = credentials.surface;
        local = credentials.local;
        return admission;
    }
    bool requires_keys() const override { return false; }
    bool closed = false;
    bool local = false;
};

class NoAudit final : public AuditSink {
public:
    Result<void> record(const Context&, const AuditEntry&) override { return {}; }
};

class TestServer {
public:
    // more: operations beyond the usual ones.
    explicit TestServer(std::vector<Operation> more = {}, WorkerPool* pool = nullptr)
        : clock_(1'735'689'600'000'000), random_(1), ids_(clock_, random_) {
        add_operations(catalog_);
        for (Operation& operation : more) {
            catalog_.add(std::move(operation));
        }
        catalog_.freeze();
        dispatcher_.emplace(Dispatcher::Parts{.catalog = catalog_,
                                              .gatekeeper = gate_,
                                              .audit = audit_,
                                              .jobs = nullptr,
                                              .pool = pool,
                                              .clock = clock_,
                                              .ids = ids_,
                                              .metrics = metrics_});
    }

    Dispatcher& dispatcher() { return *dispatcher_; }
    OpenGate& gate() { return gate_; }
    ManualClock& clock() { return clock_; }
    Metrics& metrics() { return metrics_; }

    // For an Mcp that shows every operation; no store, jobs or pool.
    McpParts mcp_parts() {
        McpSettings settings;
        settings.profile = McpProfile::full;
        return {.dispatcher = *dispatcher_,
                .clock = clock_,
                .random = random_,
                .metrics = metrics_,
                .prompts = prompts_,
                .settings = settings};
    }

private:
    ManualClock clock_;
    SeededRandom random_;
    IdMaker ids_;
    Metrics metrics_;
    Catalog catalog_;
    OpenGate gate_;
    NoAudit audit_;
    std::vector<Prompt> prompts_ = {{.name = "greet",
                                     .title = "Greet",
                                     .description = "Greets somebody",
                                     .arguments = {{"who", "Whom", true, "echo.say.tone"}},
                                     .text = "Say hello to {who}."}};
    std::optional<Dispatcher> dispatcher_;
};

}  // namespace credence::surface::test
