// The files of web/, embedded at build time.
#pragma once

#include <string_view>

namespace credence::surface {

extern const std::string_view kIndexHtml;
extern const std::string_view kAppJs;
extern const std::string_view kAppCss;

}  // namespace credence::surface
