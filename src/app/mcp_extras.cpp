#include "app/mcp_extras.h"

namespace credence {

std::vector<surface::mcp::Feature*> extra_mcp_features() {
    return {};
}

void attach_mcp_features(surface::mcp::Notices&) {}

}  // namespace credence
