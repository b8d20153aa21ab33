#include "capabilities/guard/rules/pack_database.h"

#include <fmt/format.h>
#include <hs/hs.h>

#include <algorithm>
#include <cstdlib>

namespace credence::guard {

Result<ExpressionWidth> width_of(const std::string& expression) {
    hs_expr_info_t* info = nullptr;
    hs_compile_error_t* error = nullptr;
    if (hs_expression_info(expression.c_str(), 0, &info, &error) != HS_SUCCESS) {
        std::string message = error->message;
        hs_free_compile_error(error);
        return fail(Code::invalid, fmt::format("'{}': {}", expression, message));
    }
    const auto width = [](unsigned bytes) {
        return static_cast<std::uint16_t>(std::min<unsigned>(bytes, Pattern::kUnbounded));
    };
    const ExpressionWidth widths{width(info->min_width), width(info->max_width)};
    std::free(info);
    return widths;
}

Result<std::string> compile_database(const std::vector<std::string>& expressions,
                                     const std::vector<unsigned>& ids, Reports reports) {
    std::vector<const char*> texts;
    const std::vector<unsigned> flags(
        ids.size(), reports == Reports::start_and_end ? HS_FLAG_SOM_LEFTMOST : 0U);
    for (const std::string& expression : expressions) {
        texts.push_back(expression.c_str());
    }
    // For any x86-64-v2 or other baseline machine, not the one that builds.
    const hs_platform_info_t platform{};
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    if (hs_compile_multi(texts.data(), flags.data(), ids.data(), static_cast<unsigned>(ids.size()),
                         HS_MODE_BLOCK, &platform, &database, &error) != HS_SUCCESS) {
        const std::string which =
            error->expression >= 0 ? expressions[static_cast<std::size_t>(error->expression)] : "";
        std::string message = fmt::format("'{}': {}", which, error->message);
        hs_free_compile_error(error);
        return fail(Code::invalid, message);
    }
    char* bytes = nullptr;
    std::size_t size = 0;
    const bool good = hs_serialize_database(database, &bytes, &size) == HS_SUCCESS;
    std::string out(good ? bytes : "", good ? size : 0);
    std::free(bytes);
    hs_free_database(database);
    if (!good) {
        return fail(Code::internal, "the database cannot be written");
    }
    return out;
}

}  // namespace credence::guard
