#include "surface/mcp/mcp.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "surface/mcp/content/completion.h"
#include "surface/mcp/content/prompts.h"
#include "surface/mcp/content/resources.h"
#include "surface/mcp/content/skills.h"
#include "surface/mcp/event_bridge.h"
#include "surface/mcp/lifecycle.h"
#include "surface/mcp/lists.h"
#include "surface/mcp/protocol/request_state.h"
#include "surface/mcp/subscriptions.h"
#include "surface/mcp/tasks/job_tasks.h"
#include "surface/mcp/telemetry.h"
#include "surface/mcp/tools/catalogue_tools.h"
#include "surface/mcp/tools/result_guard.h"

namespace credence::surface {

using mcp::Caller;
using mcp::Feature;
using mcp::Member;
using mcp::RequestPtr;
using mcp::Revision;
using mcp::RpcCode;

namespace {

constexpr std::size_t kMaxShownBytes = 128;  // of a client's text in an error

mcp::StateSeal make_seal(Random& random) {
    mcp::StateSeal::Key key{};
    random.fill(key.data(), key.size());
    return mcp::StateSeal(key);
}

mcp::RpcError invalid(std::string message) {
    return {RpcCode::invalid_params, std::move(message), {}};
}

mcp::RpcError unknown(std::string_view what, std::string_view name) {
    return invalid("unknown " + std::string(what) + ": " +
                   to_valid_utf8(name.substr(0, kMaxShownBytes)));
}

std::unique_ptr<mcp::JobTasks> make_tasks(const McpParts& parts, mcp::Notices& notices,
                                          const mcp::ResultGuard& guard) {
    if (parts.jobs == nullptr || parts.pool == nullptr) {
        return nullptr;
    }
    return std::make_unique<mcp::JobTasks>(mcp::TaskParts{
        .dispatcher = parts.dispatcher,
        .jobs = *parts.jobs,
        .pool = *parts.pool,
        .clock = parts.clock,
        .notices = notices,
        .settings = parts.settings,
        .checked = [&guard](const Context& caller, const Operation& operation, std::string result)
            -> mcp::Outcome { return guard.judge_now(operation, caller, std::move(result)); }});
}

}  // namespace

struct Mcp::Impl {
    explicit Impl(McpParts given)
        : parts(std::move(given)),
          seal(make_seal(parts.random)),
          guard(parts.dispatcher, parts.settings.guard_results),
          tasks(make_tasks(parts, notices, guard)),
          tools(mcp::ToolParts{.dispatcher = parts.dispatcher,
                               .settings = parts.settings,
                               .clock = parts.clock,
                               .tasks = tasks.get(),
                               .spans = parts.spans,
                               .tasks_are_judged = tasks != nullptr}),
          resources(parts.dispatcher, parts.pool),
          prompts(parts.dispatcher, parts.prompts),
          completion(parts.dispatcher, parts.prompts),
          skills(parts.dispatcher),
          features(collect()),
          telemetry(parts.clock, parts.metrics, parts.spans),
          subscriptions(
              {.notices = notices,
               .has_resource = [this](const Caller& caller,
                                      std::string_view uri) { return has_resource(caller, uri); },
               .tasks = offers_tasks()}) {
        if (parts.database != nullptr && parts.events != nullptr) {
            bridge.emplace(mcp::EventBridge::Parts{.database = *parts.database,
                                                   .events = *parts.events,
                                                   .pool = parts.pool,
                                                   .notices = notices,
                                                   .features = features});
        }
    }

    std::vector<Feature*> collect() {
        std::vector<Feature*> out = {&tools, &resources, &prompts, &completion, &skills};
        out.insert(out.end(), parts.more.begin(), parts.more.end());
        if (tasks) {
            out.push_back(tasks.get());  // last: it takes tasks/… of any id
        }
        return out;
    }

    bool offers_tasks() const {
        return mcp::collect_extensions(features, Revision::r2026_07_28)
                   .find(mcp::kTasksExtension) != std::string::npos;
    }

    bool has_resource(const Caller& caller, std::string_view uri) const {
        for (const Feature* feature : features) {
            if (feature->has_resource(caller, uri)) {
                return true;
            }
        }
        return false;
    }

    mcp::Offer offer(Revision revision) const {
        return {.revision = revision,
                .extensions = mcp::collect_extensions(features, revision),
                .tasks = tasks != nullptr,
                .profile = parts.settings.profile};
    }

    // Asks the features in order for what a member of params names. False: nobody has it.
    using Asked = bool (Feature::*)(std::string_view, const RequestPtr&);
    bool ask_features(Asked asked, std::string_view name, const RequestPtr& request) {
        for (Feature* feature : features) {
            if ((feature->*asked)(name, request)) {
                return true;
            }
        }
        return false;
    }

    void call_tool(const RequestPtr& request) {
        const Member& name = request->params()["name"];
        const Member& arguments = request->params()["arguments"];
        if (!name.is_text()) {
            request->fail(invalid("params.name must be a string"));
        } else if (!arguments.is_absent() && !arguments.is_object()) {
            request->fail(invalid("params.arguments must be an object"));
        } else if (!ask_features(&Feature::call_tool, name.value, request)) {
            request->fail(unknown("tool", name.value));
        }
    }

    void get_prompt(const RequestPtr& request) {
        const Member& name = request->params()["name"];
        if (!name.is_text()) {
            request->fail(invalid("params.name must be a string"));
        } else if (!ask_features(&Feature::get_prompt, name.value, request)) {
            request->fail(unknown("prompt", name.value));
        }
    }

    void read_resource(const RequestPtr& request) {
        const Member& uri = request->params()["uri"];
        if (!uri.is_text()) {
            request->fail(invalid("params.uri must be a string"));
        } else if (!ask_features(&Feature::read_resource, uri.value, request)) {
            request->fail({RpcCode::resource_not_found, "resource not found",
                           R"({"uri":)" + uri.json() + '}'});
        }
    }

    void complete(const RequestPtr& request) {
        for (Feature* feature : features) {
            if (feature->complete(request)) {
                return;
            }
        }
        request->fail(invalid("params.ref names no prompt and no resource template of ours"));
    }

    // tasks/…, skills/…, and what does not exist in this revision or at all.
    void take(const RequestPtr& request) {
        for (Feature* feature : features) {
            if (feature->take(request)) {
                return;
            }
        }
        request->fail(
            {RpcCode::method_not_found,
             "unknown method: " + to_valid_utf8(request->method().substr(0, kMaxShownBytes)),
             {}});
    }

    void route(const RequestPtr& request) {
        const std::string_view method = request->method();
        const bool modern = request->caller().modern();
        if (method == "tools/call") {
            call_tool(request);
        } else if (method == "resources/read") {
            read_resource(request);
        } else if (method == "prompts/get") {
            get_prompt(request);
        } else if (method == "completion/complete") {
            complete(request);
        } else if (method == "ping" && !modern) {
            request->finish("{}");
        } else if (method == "server/discover" && modern) {
            request->finish(mcp::discover_result(offer(Revision::r2026_07_28)));
        } else if (method == "subscriptions/listen" && modern) {
            subscriptions.open(request);
        } else if (!mcp::answer_list(features, request)) {
            take(request);
        }
    }

    McpParts parts;
    mcp::StateSeal seal;
    mcp::Notices notices;
    mcp::ResultGuard guard;
    std::unique_ptr<mcp::JobTasks> tasks;  // null: no tasks
    mcp::CatalogueTools tools;
    mcp::Resources resources;
    mcp::Prompts prompts;
    mcp::Completion completion;
    mcp::SkillLibrary skills;
    std::vector<Feature*> features;
    mcp::Telemetry telemetry;
    mcp::Subscriptions subscriptions;
    std::optional<mcp::EventBridge> bridge;  // last: it calls all of the above
};

Mcp::Mcp(McpParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}

Mcp::~Mcp() = default;

RequestPtr Mcp::handle(Caller caller, mcp::RpcMessage message,
                       std::shared_ptr<mcp::Exchange> exchange) {
    if (message.kind != mcp::RpcMessage::Kind::request) {
        // What notifications ask for (cancelling, initialized) is the transport's.
        exchange->answer({}, std::nullopt);
        return nullptr;
    }
    auto observer = impl_->telemetry.begin(caller, message);
    auto request =
        std::make_shared<mcp::Request>(mcp::Request::Parts{.caller = std::move(caller),
                                                           .message = std::move(message),
                                                           .exchange = std::move(exchange),
                                                           .seal = &impl_->seal,
                                                           .now_us = impl_->parts.clock.now_us()});
    request->observe(std::move(observer));
    request->run([impl = impl_.get()](const RequestPtr& turn) { impl->route(turn); });
    return request->ended() ? nullptr : request;
}

Result<void> Mcp::check(const Catalog& catalog, const McpSettings& settings) {
    return mcp::CatalogueTools::check(catalog, settings);
}

void Mcp::end_subscriptions() {
    impl_->subscriptions.end_all();
}

std::string Mcp::initialize_result(Revision revision) const {
    return mcp::initialize_result(impl_->offer(revision));
}

Revision Mcp::negotiate(std::string_view wanted) {
    const auto known = mcp::parse_revision(wanted);
    return known && !mcp::is_modern(*known) ? *known : Revision::r2025_11_25;
}

std::string Mcp::input_schema(std::string_view tool) const {
    for (const Feature* feature : impl_->features) {
        if (std::string schema = feature->input_schema(tool); !schema.empty()) {
            return schema;
        }
    }
    return {};
}

bool Mcp::has_resource(const Caller& caller, std::string_view uri) const {
    return impl_->has_resource(caller, uri);
}

mcp::Notices& Mcp::notices() {
    return impl_->notices;
}

const McpSettings& Mcp::settings() const {
    return impl_->parts.settings;
}

const Clock& Mcp::clock() const {
    return impl_->parts.clock;
}

Random& Mcp::random() {
    return impl_->parts.random;
}

Metrics& Mcp::metrics() {
    return impl_->parts.metrics;
}

}  // namespace credence::surface
