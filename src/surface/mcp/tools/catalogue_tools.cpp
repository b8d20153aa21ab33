#include "surface/mcp/tools/catalogue_tools.h"

#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "surface/mcp/tools/meta_tools.h"
#include "surface/mcp/tools/result_guard.h"
#include "surface/mcp/tools/tool_call.h"
#include "surface/mcp/tools/tool_profile.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kTaskSupport = R"(,"execution":{"taskSupport":"optional"}})";
// Events of the flags capability: what tools/list shows has changed.
constexpr std::string_view kSwitchedOff = "operation_disabled";
constexpr std::string_view kSwitchedOn = "operation_enabled";
// Operators, who may switch for all tenants, live here; the event does not say for whom.
constexpr std::string_view kOperatorTenant = "default";

}  // namespace

struct CatalogueTools::Impl {
    struct Listed {
        const Operation* operation;
        std::string json;
        bool tasks;  // says so to clients of 2025-11-25
    };

    explicit Impl(const ToolParts& parts)
        : dispatcher(parts.dispatcher),
          calls(parts.dispatcher, parts.settings, parts.tasks, parts.tasks_are_judged),
          meta(parts.dispatcher, calls),
          has_tasks(parts.tasks != nullptr) {
        const bool brief = parts.settings.profile == McpProfile::core;
        const auto operations = listed_operations(parts.dispatcher.catalog(), parts.settings);
        if (!operations) {
            log::error("tools not listed", {{"error", operations.error().message}});
            return;
        }
        for (const Operation* operation : *operations) {
            listed.push_back({operation,
                              brief ? render_brief_tool(*operation) : render_tool(*operation),
                              calls.can_be_task(*operation)});
        }
    }

    Dispatcher& dispatcher;
    ToolCalls calls;
    MetaTools meta;
    bool has_tasks;
    std::vector<Listed> listed;
};

CatalogueTools::CatalogueTools(ToolParts parts) : impl_(std::make_unique<Impl>(parts)) {}

CatalogueTools::~CatalogueTools() = default;

Result<void> CatalogueTools::check(const Catalog& catalog, const McpSettings& settings) {
    TRY(listed_operations(catalog, settings));
    return ResultGuard::check(catalog, settings.guard_results);
}

void CatalogueTools::tools(const Caller& caller, std::vector<std::string>& out) const {
    // The revision that has execution.taskSupport; the next one does not declare it.
    const bool says_tasks = impl_->has_tasks && caller.revision == Revision::r2025_11_25;
    out.push_back(MetaTools::find_tool());
    out.push_back(MetaTools::call_tool(says_tasks));
    for (const Impl::Listed& tool : impl_->listed) {
        if (!impl_->dispatcher.offers(caller.context, *tool.operation)) {
            continue;
        }
        out.push_back(tool.json);
        if (says_tasks && tool.tasks) {
            out.back().pop_back();
            out.back() += kTaskSupport;
        }
    }
}

bool CatalogueTools::call_tool(std::string_view name, const RequestPtr& request) {
    const bool finds = name == MetaTools::kFind;
    const bool calls = name == MetaTools::kCall;
    const Operation* operation =
        finds || calls ? nullptr : impl_->dispatcher.catalog().find_mcp(name);
    if (!finds && !calls && (operation == nullptr || operation->hidden_from_mcp)) {
        return false;
    }
    Outcome arguments = arguments_of(request->params());
    if (!arguments) {
        request->fail(std::move(arguments.error()));
    } else if (finds) {
        impl_->meta.find(*arguments, request);
    } else if (calls) {
        impl_->meta.call(*arguments, request);
    } else {
        impl_->calls.run(*operation, *std::move(arguments), request);
    }
    return true;
}

std::string CatalogueTools::input_schema(std::string_view tool) const {
    if (tool == MetaTools::kFind) {
        return MetaTools::find_schema();
    }
    if (tool == MetaTools::kCall) {
        return MetaTools::call_schema();
    }
    const Operation* operation = impl_->dispatcher.catalog().find_mcp(tool);
    std::string out;
    if (operation != nullptr && !operation->hidden_from_mcp) {
        append_json_schema(*operation->request, out);
    }
    return out;
}

void CatalogueTools::on_event(const store::StoredEvent& event, Notices& notices) {
    if (event.name == kSwitchedOff || event.name == kSwitchedOn) {
        notices.publish({.kind = Notice::Kind::tools,
                         .tenant = event.tenant == kOperatorTenant ? "" : event.tenant});
    }
}

}  // namespace credence::surface::mcp
