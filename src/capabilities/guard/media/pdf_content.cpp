#include "capabilities/guard/media/pdf_content.h"

#include <algorithm>
#include <cmath>

namespace credence::guard {
namespace {

constexpr std::size_t kMaxOperands = 64;
constexpr std::size_t kMaxStates = 64;
constexpr std::size_t kMaxFonts = 256;
constexpr double kTinyPoints = 1.5;
constexpr double kWordGap = 180;  // thousandths of the size
constexpr double kNearlyWhite = 0.97;
constexpr int kInvisible = 3;

void break_line(std::string& text) {
    if (!text.empty() && text.back() != '\n') {
        text += '\n';
    }
}

void break_word(std::string& text) {
    if (!text.empty() && text.back() != '\n' && text.back() != ' ') {
        text += ' ';
    }
}

}  // namespace

struct PdfContentReader::Run {
    const PdfValue& resources;
    int depth;
    State state = {};
    std::vector<State> saved = {};
    std::vector<PdfValue> operands = {};
    double text_scale = 1;
    double line = 0;  // the height of the current line
    std::unordered_map<std::string, const PdfFont*> fonts = {};

    double number(std::size_t from_last) const {
        return from_last < operands.size() ? operands[operands.size() - 1 - from_last].number : 0;
    }
};

PdfPageText PdfContentReader::read(const PdfValue& contents, const PdfValue& resources) {
    text_ = {};
    std::string bytes;
    const auto add = [&](const PdfValue& reference) {
        const PdfObject* object = file_.object(reference);
        if (object != nullptr && object->stream && content_left_ > 0) {
            bytes += file_.content(*object) + "\n";
            content_left_ -= std::min(content_left_, bytes.size());
        }
    };
    add(contents);
    for (const PdfValue& item : file_.follow(contents).items) {
        add(item);
    }
    run(bytes, resources, 0);
    if (content_left_ == 0 || operators_left_ == 0 || values_left_ == 0 || forms_left_ == 0) {
        collector_.limit("content of PDF pages");
    }
    return std::move(text_);
}

void PdfContentReader::run(std::string_view bytes, const PdfValue& resources, int depth) {
    Run run{.resources = resources, .depth = depth};
    PdfLexer lexer(bytes, 0, values_left_);
    PdfValue value;
    while (operators_left_ > 0 && lexer.next(value)) {
        if (!value.is(PdfValue::Kind::word)) {
            if (run.operands.size() < kMaxOperands) {
                run.operands.push_back(std::move(value));
            }
            continue;
        }
        --operators_left_;
        if (value.text == "ID") {  // a picture inside the stream
            const std::size_t end = bytes.find("EI", lexer.at());
            lexer.skip_to(end == std::string_view::npos ? bytes.size() : end + 2);
        } else {
            apply(run, value.text);
        }
        run.operands.clear();
    }
}

void PdfContentReader::apply(Run& run, const std::string& name) {
    if (apply_text(run, name)) {
        return;
    }
    if (name == "q") {
        if (run.saved.size() < kMaxStates) {
            run.saved.push_back(run.state);
        }
    } else if (name == "Q") {
        if (!run.saved.empty()) {
            run.state = run.saved.back();
            run.saved.pop_back();
        }
    } else if (name == "cm" && run.operands.size() == 6) {
        const double area = run.number(5) * run.number(2) - run.number(4) * run.number(3);
        run.state.scale *= std::sqrt(std::abs(area));
    } else if (name == "Do" && !run.operands.empty()) {
        draw(run, run.operands.back().text);
    } else {
        apply_colour(run, name);
    }
}

void PdfContentReader::apply_colour(Run& run, const std::string& name) {
    if (name == "g") {
        run.state.white = run.number(0) >= kNearlyWhite;
    } else if (name == "rg" || ((name == "sc" || name == "scn") && run.operands.size() == 3)) {
        run.state.white = std::min({run.number(0), run.number(1), run.number(2)}) >= kNearlyWhite;
    } else if (name == "k") {
        run.state.white = run.number(0) + run.number(1) + run.number(2) + run.number(3) <= 0.03;
    } else if (name == "sc" || name == "scn") {
        run.state.white = run.operands.size() == 1 && run.number(0) >= kNearlyWhite;
    } else if (name == "cs") {
        run.state.white = false;
    }
}

bool PdfContentReader::apply_text(Run& run, const std::string& name) {
    if (name == "Tj" && !run.operands.empty()) {
        show(run, run.operands.back().text);
    } else if (name == "TJ" && !run.operands.empty()) {
        const PdfValue list = std::move(run.operands.back());
        for (const PdfValue& item : list.items) {
            if (item.is(PdfValue::Kind::text)) {
                show(run, item.text);
            } else if (item.number < -kWordGap) {
                break_word(text_.shown);
                break_word(text_.hidden);
            }
        }
    } else if ((name == "'" || name == "\"") && !run.operands.empty()) {
        move(run, true);
        show(run, run.operands.back().text);
    } else if (name == "Tf" && run.operands.size() == 2) {
        const auto [known, fresh] = run.fonts.try_emplace(run.operands[0].text, nullptr);
        if (fresh) {
            known->second = font(run.resources, run.operands[0].text);
        }
        run.state.font = known->second;
        run.state.size = run.operands[1].number;
    } else if (name == "Tr") {
        run.state.mode = static_cast<int>(std::clamp(run.number(0), 0.0, 7.0));
    } else if (name == "Td" || name == "TD") {
        move(run, run.number(0) != 0);
    } else if (name == "T*" || name == "ET") {
        move(run, true);
    } else if (name == "Tm" && run.operands.size() == 6) {
        run.text_scale =
            std::sqrt(std::abs(run.number(5) * run.number(2) - run.number(4) * run.number(3)));
        move(run, run.number(0) != run.line);
        run.line = run.number(0);
    } else if (name == "BT") {
        run.text_scale = 1;
    } else {
        return false;
    }
    return true;
}

void PdfContentReader::move(Run&, bool new_line) {
    (new_line ? break_line : break_word)(text_.shown);
    (new_line ? break_line : break_word)(text_.hidden);
}

void PdfContentReader::show(Run& run, std::string_view codes) {
    const double points = std::abs(run.state.size) * run.text_scale * run.state.scale;
    const std::string_view why = run.state.mode == kInvisible ? "invisible"
                                 : points < kTinyPoints       ? "tiny"
                                 : run.state.white            ? "white"
                                                              : "";
    std::string& out = why.empty() ? text_.shown : text_.hidden;
    if (!why.empty() && text_.why.empty()) {
        text_.why = why;
    }
    if (shown_bytes_left_ == 0) {
        return;
    }
    const std::size_t before = out.size();
    std::size_t unknown = 0;
    if (run.state.font != nullptr) {
        run.state.font->append(codes, out, unknown);
    } else {
        out += pdf_text(codes);
    }
    shown_bytes_left_ -= std::min(shown_bytes_left_, out.size() - before);
    if (unknown > 0) {
        collector_.unread("pdf: letters of a font without a map to Unicode");
    }
}

void PdfContentReader::draw(Run& run, const std::string& name) {
    const PdfObject* form = file_.object(file_.follow(run.resources["XObject"])[name]);
    if (form == nullptr || !form->value["Subtype"].is_name("Form") ||
        run.depth >= kMaxPdfFormDepth || forms_left_ == 0 || content_left_ == 0) {
        return;
    }
    --forms_left_;
    const std::string bytes = file_.content(*form);
    content_left_ -= std::min(content_left_, bytes.size());
    const PdfValue& own = file_.follow(form->value["Resources"]);
    this->run(bytes, own.is(PdfValue::Kind::dictionary) ? own : run.resources, run.depth + 1);
}

const PdfFont* PdfContentReader::font(const PdfValue& resources, const std::string& name) {
    const PdfValue& value = file_.follow(file_.follow(resources["Font"])[name]);
    const auto found = fonts_.find(&value);
    if (found != fonts_.end()) {
        return found->second.get();
    }
    if (!value.is(PdfValue::Kind::dictionary)) {
        return nullptr;
    }
    if (fonts_.size() >= kMaxFonts) {
        collector_.limit("fonts of a PDF");
        return nullptr;
    }
    return fonts_.emplace(&value, std::make_unique<PdfFont>(file_, value)).first->second.get();
}

}  // namespace credence::guard
