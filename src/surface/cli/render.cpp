#include "surface/cli/render.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/clock.h"
#include "base/text.h"

namespace credence::surface {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxCellWidth = 60;  // characters
constexpr std::size_t kMaxKeyWidth = 32;   // keys longer than this are not aligned to
constexpr std::size_t kIndent = 2;
constexpr std::string_view kNothing = "(none)";

enum class Style : std::uint8_t { plain, green, yellow, red, bold };

struct Cell {
    std::string text;
    Style style = Style::plain;
    bool number = false;
};

// Code points: close enough for alignment.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string cut(std::string text) {
    if (width_of(text) <= kMaxCellWidth) {
        return text;
    }
    std::size_t seen = 0;
    std::size_t end = 0;
    while (end < text.size()) {
        const bool starts = (static_cast<unsigned char>(text[end]) & 0xc0U) != 0x80U;
        if (starts && seen++ == kMaxCellWidth - 1) {
            break;
        }
        ++end;
    }
    text.resize(end);
    return text + "…";
}

std::string styled(std::string text, Style style) {
    switch (style) {
        case Style::plain:
            return text;
        case Style::green:
            return "\x1b[32m" + text + "\x1b[0m";
        case Style::yellow:
            return "\x1b[33m" + text + "\x1b[0m";
        case Style::red:
            return "\x1b[31m" + text + "\x1b[0m";
        case Style::bold:
            return "\x1b[1m" + text + "\x1b[0m";
    }
    return text;
}

Style style_of(std::string_view key, std::string_view value) {
    if (key == "verdict") {
        return value == "allow"   ? Style::green
               : value == "flag"  ? Style::yellow
               : value == "block" ? Style::red
                                  : Style::plain;
    }
    if (key == "severity") {
        return value == "high" || value == "critical" ? Style::red
               : value == "medium"                    ? Style::yellow
                                                      : Style::plain;
    }
    return Style::plain;
}

bool is_scalar(dom::element value) {
    return !value.is_object() && !value.is_array();
}

std::string integer_text(std::string_view key, std::int64_t value) {
    if (key.ends_with("_at_us")) {
        return format_time_us(value);
    }
    if (key.ends_with("_us")) {
        return format_duration_us(value);
    }
    return std::to_string(value);
}

Cell scalar_cell(std::string_view key, dom::element value) {
    switch (value.type()) {
        case dom::element_type::STRING: {
            const std::string_view text = value.get_string().value_unsafe();
            return {displayable(text), style_of(key, text), false};
        }
        case dom::element_type::INT64:
            return {integer_text(key, value.get_int64().value_unsafe()), Style::plain, true};
        case dom::element_type::UINT64:
            return {std::to_string(value.get_uint64().value_unsafe()), Style::plain, true};
        case dom::element_type::DOUBLE:
            return {fmt::format("{:.4g}", value.get_double().value_unsafe()), Style::plain, true};
        case dom::element_type::BOOL:
            return {value.get_bool().value_unsafe() ? "true" : "false", Style::plain, false};
        case dom::element_type::NULL_VALUE:
            return {"-", Style::plain, false};
        default:
            return {displayable(simdjson::minify(value)), Style::plain, false};
    }
}

// {"value", "n", "low", "high", …}: a number with its interval reads best on one line.
bool is_estimate(dom::element value) {
    dom::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) {
        return false;
    }
    return std::ranges::all_of(std::array{"value", "n", "low", "high"}, [&](const char* key) {
        return object[key].error() == simdjson::SUCCESS;
    });
}

Cell estimate_cell(dom::element value) {
    const auto number = [&](const char* key) { return scalar_cell(key, value[key].value()).text; };
    return {fmt::format("{} [{}, {}] n={}", number("value"), number("low"), number("high"),
                        number("n")),
            Style::plain, false};
}

// Where a table's cell comes from: row[key], or row[key][part] of an object that is no estimate.
struct Column {
    std::string_view key;
    std::string_view part;
    bool operator==(const Column&) const = default;
};

class Renderer {
public:
    Renderer(bool color, std::string& out) : color_(color), out_(out) {}

    void value(dom::element root, std::size_t indent) {
        if (root.is_object()) {
            object(root.get_object().value_unsafe(), indent);
        } else if (root.is_array() && has_objects(root.get_array().value_unsafe())) {
            table(root.get_array().value_unsafe(), indent);
        } else {
            line(indent, styled_text(list_or_scalar({}, root)));
        }
    }

private:
    void object(dom::object members, std::size_t indent) {
        std::size_t widest = 0;
        for (const auto& member : members) {
            const std::size_t width = width_of(displayable(member.key));
            if (is_scalar(member.value) && width <= kMaxKeyWidth) {
                widest = std::max(widest, width);
            }
        }
        for (const auto& member : members) {
            this->member(member.key, member.value, indent, widest);
        }
    }

    void member(std::string_view key, dom::element value, std::size_t indent, std::size_t widest) {
        const std::string name = displayable(key) + ":";
        if (is_estimate(value)) {
            dom::element method;
            const bool named = value["method"].get(method) == simdjson::SUCCESS;
            line(indent, name + " " + estimate_cell(value).text +
                             (named ? " " + scalar_cell({}, method).text : ""));
            return;
        }
        const bool nested = value.is_object()
                                ? value.get_object().value_unsafe().size() > 0
                                : value.is_array() && has_objects(value.get_array().value_unsafe());
        if (nested) {
            line(indent, name);
            this->value(value, indent + kIndent);
            return;
        }
        const std::size_t width = width_of(name);
        const std::size_t gap = width <= widest ? widest + 2 - width : 1;
        line(indent, name + std::string(gap, ' ') + styled_text(list_or_scalar(key, value)));
    }

    // What fits a line: a scalar, a list of scalars, or nothing.
    Cell list_or_scalar(std::string_view key, dom::element value) {
        if (value.is_object()) {
            return {std::string(kNothing), Style::plain, false};
        }
        if (!value.is_array()) {
            return scalar_cell(key, value);
        }
        std::string text;
        for (const dom::element item : dom::array(value.get_array().value_unsafe())) {
            if (!text.empty()) {
                text += ", ";
            }
            text += scalar_cell(key, item).text;
        }
        return {text.empty() ? std::string(kNothing) : text, Style::plain, false};
    }

    static bool has_objects(dom::array items) {
        return std::any_of(items.begin(), items.end(),
                           [](dom::element item) { return item.is_object(); });
    }

    // Columns with something to show in any row, in order of appearance.
    static std::vector<Column> columns_of(dom::array rows) {
        std::vector<Column> columns;
        const auto add = [&](Column column) {
            if (std::ranges::find(columns, column) == columns.end()) {
                columns.push_back(column);
            }
        };
        for (const dom::element row : rows) {
            dom::object object;
            if (row.get_object().get(object) != simdjson::SUCCESS) {
                continue;
            }
            for (const auto& member : object) {
                if (!member.value.is_object() || is_estimate(member.value)) {
                    add({member.key, {}});
                    continue;
                }
                for (const auto& part : dom::object(member.value.get_object().value_unsafe())) {
                    add({member.key, part.key});
                }
            }
        }
        return columns;
    }

    std::vector<Cell> row_cells(dom::element row, const std::vector<Column>& columns) {
        std::vector<Cell> cells;
        for (const Column& column : columns) {
            auto found = row[column.key];
            dom::element value;
            Cell cell;
            if ((column.part.empty() ? found : found[column.part]).get(value) ==
                simdjson::SUCCESS) {
                cell =
                    is_estimate(value) ? estimate_cell(value) : list_or_scalar(column.key, value);
                cell.text = cut(std::move(cell.text));
            }
            cells.push_back(std::move(cell));
        }
        return cells;
    }

    void table(dom::array rows, std::size_t indent) {
        const auto columns = columns_of(rows);
        std::vector<std::vector<Cell>> lines;
        std::vector<std::size_t> widths;
        std::vector<Cell> header;
        for (const Column& column : columns) {
            const std::string_view title = column.part.empty() ? column.key : column.part;
            header.push_back({cut(displayable(title)), Style::bold, false});
            widths.push_back(width_of(header.back().text));
        }
        lines.push_back(std::move(header));
        for (const dom::element row : rows) {
            lines.push_back(row_cells(row, columns));
            for (std::size_t i = 0; i < columns.size(); ++i) {
                widths[i] = std::max(widths[i], width_of(lines.back()[i].text));
            }
        }
        for (std::size_t i = 0; lines.size() > 1 && i < columns.size(); ++i) {
            lines[0][i].number = lines[1][i].number;
        }
        for (const std::vector<Cell>& cells : lines) {
            line(indent, table_line(cells, widths));
        }
    }

    std::string table_line(const std::vector<Cell>& cells,
                           const std::vector<std::size_t>& widths) const {
        std::string text;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string padding(widths[i] - width_of(cells[i].text), ' ');
            const bool last = i + 1 == cells.size();
            text += i == 0 ? "" : "  ";
            text += cells[i].number ? padding : "";
            text += styled_text(cells[i]);
            text += cells[i].number || last ? "" : padding;
        }
        text.erase(text.find_last_not_of(' ') + 1);
        return text;
    }

    std::string styled_text(const Cell& cell) const {
        return color_ ? styled(cell.text, cell.style) : cell.text;
    }

    void line(std::size_t indent, std::string_view text) {
        out_.append(indent, ' ');
        out_ += text;
        out_ += '\n';
    }

    bool color_;
    std::string& out_;
};

// The code point at text[at] and its bytes. text is valid UTF-8.
std::pair<std::uint32_t, std::size_t> code_point(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return std::uint32_t{static_cast<unsigned char>(text[at + i])};
    };
    const std::uint32_t first = byte(0);
    if (first < 0x80) {
        return {first, 1};
    }
    if (first < 0xe0) {
        return {(first & 0x1fU) << 6U | (byte(1) & 0x3fU), 2};
    }
    if (first < 0xf0) {
        return {(first & 0x0fU) << 12U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU), 3};
    }
    return {(first & 0x07U) << 18U | (byte(1) & 0x3fU) << 12U | (byte(2) & 0x3fU) << 6U |
                (byte(3) & 0x3fU),
            4};
}

// Controls, bidirectional overrides and isolates, and line separators.
bool is_unsafe(std::uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || (c >= 0x200e && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

std::string displayable(std::string_view bytes) {
    const std::string text = to_valid_utf8(bytes);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const auto [c, length] = code_point(text, i);
        if (!is_unsafe(c)) {
            out.append(text, i, length);
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else {
            out += c < 0x100 ? fmt::format("\\x{:02x}", c) : fmt::format("\\u{:04x}", c);
        }
        i += length;
    }
    return out;
}

std::string format_duration_us(std::int64_t duration_us) {
    const auto us = static_cast<double>(duration_us);
    if (us > -1e3 && us < 1e3) {
        return fmt::format("{} us", duration_us);
    }
    if (us > -1e6 && us < 1e6) {
        return fmt::format("{:.4g} ms", us / 1e3);
    }
    return us > -1e10 && us < 1e10 ? fmt::format("{:.4g} s", us / 1e6)
                                   : fmt::format("{:.0f} s", us / 1e6);
}

Result<void> render_json(std::string_view json, bool color, std::string& out) {
    dom::parser parser;
    dom::element root;
    if (parser.parse(json.data(), json.size(), true).get(root) != simdjson::SUCCESS) {
        return fail(Code::internal, "the answer is not JSON");
    }
    dom::object object;
    if (root.get_object().get(object) == simdjson::SUCCESS && object.size() == 0) {
        out += "ok\n";
        return {};
    }
    Renderer(color, out).value(root, 0);
    return {};
}

}  // namespace credence::surface
