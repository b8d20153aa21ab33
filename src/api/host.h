// What a module is given at start, and where it registers.
//
//   Result<void> install(Host& host) {
//       auto settings = TRY(host.settings<TrustSettings>("trust"));
//       auto& trust = host.keep(std::make_unique<Trust>(host.database(), host.clock(), settings));
//       host.serve<&Trust::verify_claim>(trust, "Run a claim's recipe and score its author")
//           .post("/v1/claims/{claim_id}/verification").needs("trust:write").on(Lane::background);
//       return {};
//   }
//
// install() does no I/O: it also runs for `credence openapi` and `help`. What needs the store at
// start goes into on_start(). Used by one thread, before the server runs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <typeindex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/catalog.h"
#include "api/chain.h"
#include "api/flags.h"
#include "api/gatekeeper.h"
#include "api/job.h"
#include "api/live.h"
#include "api/prompt.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/settings.h"
#include "base/text.h"
#include "engine/sandbox/sandbox.h"
#include "engine/store/database.h"
#include "engine/store/event.h"

namespace credence {

// Refines the operation just served. Each call returns *this.
class OperationRef {
public:
    explicit OperationRef(Operation& operation) : operation_(operation) {}
    // Method and path; GET and PUT are read / idempotent write, DELETE an idempotent write, POST
    // and PATCH a write. effect() may say otherwise ("POST that only reads").
    OperationRef& get(std::string path);
    OperationRef& post(std::string path);
    OperationRef& put(std::string path);
    OperationRef& patch(std::string path);
    OperationRef& del(std::string path);
    OperationRef& needs(std::string scope);
    OperationRef& on(Lane lane);
    OperationRef& effect(Effect effect);
    OperationRef& not_idempotent();
    OperationRef& within_ms(std::int64_t timeout_ms);
    OperationRef& up_to_bytes(std::int64_t max_request_bytes);
    OperationRef& at_once(int max_running);
    OperationRef& describe(std::string description);
    OperationRef& mcp_name(std::string name);
    OperationRef& hidden_from_mcp();
    OperationRef& core();
    OperationRef& resource(std::string uri_template, std::string ids_from = {});
    // The CLI's positional argument: `credence keys revoke KEY_ID`, `credence guard scan FILE`.
    OperationRef& positional(std::string field, Positional kind = Positional::value);

private:
    Operation& operation_;
};

// Periodic work, run on a pool thread while the server serves; never overlaps itself.
struct Schedule {
    std::string name;
    std::int64_t every_ms = 0;
    std::function<Result<void>()> work;
};

struct HostParts {
    Settings& settings;
    Catalog& catalog;
    store::Database& database;
    store::EventLog& events;
    const Clock& clock;
    Random& random;
    IdMaker& ids;
    Metrics& metrics;
    Jobs& jobs;
    sandbox::Sandbox& sandbox;
    // Where files beside the store live (keys); empty: the store is in memory.
    std::string data_directory;
};

class Host {
public:
    explicit Host(HostParts parts) : parts_(std::move(parts)) {}
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    store::Database& database() { return parts_.database; }
    store::EventLog& events() { return parts_.events; }
    const Clock& clock() { return parts_.clock; }
    Random& random() { return parts_.random; }
    IdMaker& ids() { return parts_.ids; }
    Metrics& metrics() { return parts_.metrics; }
    const Catalog& catalog() { return parts_.catalog; }
    Jobs& jobs() { return parts_.jobs; }
    sandbox::Sandbox& sandbox() { return parts_.sandbox; }
    const std::string& data_directory() const { return parts_.data_directory; }

    template <class T>
    Result<T> settings(std::string_view section) {
        return parts_.settings.section<T>(section);
    }

    // Owns it until the process ends (destroyed in reverse order).
    template <class T>
    T& keep(std::unique_ptr<T> value) {
        T& reference = *value;
        kept_.push_back(std::shared_ptr<void>(std::move(value)));
        return reference;
    }

    // Serves `Result<Response> Class::verb(const Context&, const Request&)`, const or not, under
    // the name "class.verb". The service must be kept.
    template <auto Method, class Service>
    OperationRef serve(Service& service, std::string summary);
    // The same for the command line only (Catalog::add_local).
    template <auto Method, class Service>
    OperationRef command(Service& service, std::string summary);

    // A service of one module that others may call: those that declare the edge (DEPENDS in their
    // CMakeLists.txt) and stand after it in the list of modules. At most one of a type.
    template <class T>
    void provide(T& service) {
        const bool added = provided_.emplace(typeid(T), &service).second;
        CHECK(added, "provided twice");
    }
    // CHECKs that it was provided.
    template <class T>
    T& find() {
        const auto found = provided_.find(typeid(T));
        CHECK(found != provided_.end(), "asked for a service that nobody provided");
        return *static_cast<T*>(found->second);
    }

    // A hash chain that `audit.verify` walks with its own.
    void add_chain(HashChain chain) { chains_.push_back(std::move(chain)); }
    const std::vector<HashChain>& chains() const { return chains_; }

    void on_start(std::function<Result<void>()> work) { starts_.push_back(std::move(work)); }
    void on_stop(std::function<void()> work) { stops_.push_back(std::move(work)); }
    void every(Schedule schedule) { schedules_.push_back(std::move(schedule)); }
    // A feed for live clients; served where the settings say so.
    void live(LiveFeed feed) { feeds_.push_back(std::move(feed)); }
    // A guided job for users of MCP clients.
    void prompt(Prompt prompt) { prompts_.push_back(std::move(prompt)); }
    // At most one of each; the last one wins is a CHECK.
    void use(Gatekeeper& gatekeeper);
    void use(AuditSink& audit);
    void use(OperationFlags& flags);

    Gatekeeper* gatekeeper() { return gatekeeper_; }
    AuditSink* audit() { return audit_; }
    OperationFlags* flags() { return flags_; }
    const std::vector<std::function<Result<void>()>>& starts() const { return starts_; }
    const std::vector<std::function<void()>>& stops() const { return stops_; }
    const std::vector<Schedule>& schedules() const { return schedules_; }
    const std::vector<LiveFeed>& feeds() const { return feeds_; }
    const std::vector<Prompt>& prompts() const { return prompts_; }

private:
    HostParts parts_;
    std::vector<std::shared_ptr<void>> kept_;
    std::unordered_map<std::type_index, void*> provided_;
    std::vector<HashChain> chains_;
    std::vector<std::function<Result<void>()>> starts_;
    std::vector<std::function<void()>> stops_;
    std::vector<Schedule> schedules_;
    std::vector<LiveFeed> feeds_;
    std::vector<Prompt> prompts_;
    Gatekeeper* gatekeeper_ = nullptr;
    AuditSink* audit_ = nullptr;
    OperationFlags* flags_ = nullptr;
};

// A module, as listed in modules.gen.cpp.
struct Module {
    std::string_view name;
    Result<void> (*install)(Host&);
};

namespace host_detail {

template <class T>
struct Signature;
template <class S, class Req, class Res>
struct Signature<Result<Res> (S::*)(const Context&, const Req&)> {
    using Request = Req;
    using Response = Res;
};
template <class S, class Req, class Res>
struct Signature<Result<Res> (S::*)(const Context&, const Req&) const> {
    using Request = Req;
    using Response = Res;
};

}  // namespace host_detail

namespace host_detail {

template <auto Method, class Service>
Operation make_operation(Service& service, std::string summary) {
    using Types = Signature<decltype(Method)>;
    using Request = typename Types::Request;
    using Response = std::conditional_t<std::is_void_v<typename Types::Response>, Empty,
                                        typename Types::Response>;
    constexpr std::string_view kPretty = shape_detail::pretty<Method>();
    Operation operation;
    operation.module = to_snake_case(shape_detail::owner_name(kPretty));
    operation.verb = shape_detail::last_name(kPretty);
    operation.summary = std::move(summary);
    operation.request = &shape_of<Request>();
    operation.response = &shape_of<Response>();
    operation.call = [&service](const Context& context, std::string_view request_json,
                                std::string& response_json) -> Result<void> {
        Request request{};
        TRY(decode_json(request_json, shape_of<Request>(), &request));
        if constexpr (std::is_void_v<typename Types::Response>) {
            TRY((service.*Method)(context, request));
            response_json += "{}";
        } else {
            const Response response = TRY((service.*Method)(context, request));
            encode_json(shape_of<Response>(), &response, response_json);
        }
        return {};
    };
    operation.validate = [](std::string_view request_json) -> Result<void> {
        Request request{};
        return decode_json(request_json, shape_of<Request>(), &request);
    };
    return operation;
}

}  // namespace host_detail

template <auto Method, class Service>
OperationRef Host::serve(Service& service, std::string summary) {
    return OperationRef(
        parts_.catalog.add(host_detail::make_operation<Method>(service, std::move(summary))));
}

template <auto Method, class Service>
OperationRef Host::command(Service& service, std::string summary) {
    return OperationRef(
        parts_.catalog.add_local(host_detail::make_operation<Method>(service, std::move(summary))));
}

}  // namespace credence
