#include "capabilities/guard/code/shell_reader.h"

#include <algorithm>
#include <utility>

#include "capabilities/guard/code/commands.h"
#include "capabilities/guard/code/scan.h"
#include "capabilities/guard/code/targets.h"

namespace credence::guard {

namespace {

std::size_t kind_of(char quote) {
    return quote == '\'' ? 0 : quote == '"' ? 1 : quote == '`' ? 2 : 3;
}

}  // namespace

void ShellReader::read() {
    command_.words.reserve(kUsualWords);
    region(0, {text_.size(), 0, false, 0});
}

void ShellReader::reset() {
    ShellCommand& command = command_;
    command.words.clear();
    command.redirections.clear();
    command.bits = command.wrapped = command.arguments = command.name_target = 0;
    command.piped_on = command.assigns = command.looped = command.odd = false;
    command.assignments = {};
    undone_.clear();
    redirecting_ = appending_ = reading_ = false;
    cron_fields_ = 0;
}

void ShellReader::finish(const Frame& frame, Link next) {
    const bool something = !command_.words.empty() || !command_.redirections.empty();
    if (something || command_.assigns) {
        command_.outer = frame.outer;
        command_.substituted = frame.substituted;
        command_.piped_on = next == Link::pipe;
        const std::size_t size = std::min<std::size_t>(command_.end - command_.start, 400);
        command_.text = text_.substr(command_.start, size);
        sink_.command(command_);
        finish_inner();
        reset();
        command_.link = next;
    } else if (next != Link::follow || command_.link != Link::pipe) {
        reset();
        command_.link = next;
    }
}

// find … -exec COMMAND: what it runs is a command of its own. A loop's variable stands for its
// list.
void ShellReader::finish_inner() {
    const auto& words = command_.words;
    if (words.size() > 3 && words[0].text == "for" && words[2].text == "in") {
        remember(words[1].text, command_.arguments);
    }
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
        if (words[i].text.starts_with('-') && is_any(words[i].text, "-exec", "-execdir", "-ok")) {
            ShellCommand inner;
            inner.words.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
            inner.start = command_.start;
            inner.end = command_.end;
            inner.text = command_.text;
            inner.bits = command_bits(inner.words[0].text);
            inner.link = Link::pipe;
            inner.arguments = command_.arguments;
            inner.name_target = inner.words[0].target;
            inner.outer = command_.outer;
            sink_.command(inner);
            return;
        }
    }
}

void ShellReader::remember(std::string_view name, std::uint32_t target) {
    if (target != 0 && !name.empty() && name.size() < 24) {
        Variable& variable = variables_[next_variable_++ % variables_.size()];
        variable.name = name;
        variable.target = target;
    }
}

std::uint32_t ShellReader::variable_target(std::string_view word) const {
    const std::size_t dollar = word.find('$');
    if (dollar == std::string_view::npos || next_variable_ == 0) {
        return 0;
    }
    std::string_view name = word.substr(dollar + 1);
    name.remove_prefix(name.starts_with("{") ? 1 : 0);
    std::size_t end = 0;
    while (end < name.size() && is_name(name[end])) {
        ++end;
    }
    name = name.substr(0, end);
    for (const Variable& variable : variables_) {
        if (!name.empty() && variable.name == name) {
            return variable.target;
        }
    }
    return 0;
}

void ShellReader::nested(std::size_t begin, std::size_t end, const Frame& frame, bool substituted) {
    if (frame.depth >= kMaxDepth || begin >= end) {
        return;
    }
    const std::uint32_t outer = frame.outer | command_.bits | command_.wrapped;
    ShellCommand saved = std::exchange(command_, ShellCommand());
    std::vector<std::string> words = std::exchange(undone_, {});
    const auto flags = std::array{redirecting_, appending_, reading_};
    const auto closed = closed_;
    reset();
    region(begin, {end, outer, frame.substituted || substituted, frame.depth + 1});
    closed_ = closed;
    command_ = std::move(saved);
    undone_ = std::move(words);
    redirecting_ = flags[0];
    appending_ = flags[1];
    reading_ = flags[2];
}

void ShellReader::region(std::size_t begin, const Frame& frame) {
    std::size_t at = begin;
    command_.start = command_.end = static_cast<std::uint32_t>(begin);
    while (at < frame.end) {
        const char c = text_[at];
        if (c == ' ' || c == '\t' || c == '\r') {
            ++at;
        } else if (c == '\\' && at + 1 < frame.end && text_[at + 1] == '\n') {
            at += 2;
        } else if (ends_word(c)) {
            at = operator_at(at, frame);
        } else {
            at = word_at(at, frame);
        }
        if (at - command_.start > kMaxCommandBytes) {
            finish(frame, Link::follow);
            command_.start = command_.end = static_cast<std::uint32_t>(at);
        }
    }
    finish(frame, Link::follow);
}

std::size_t ShellReader::operator_at(std::size_t at, const Frame& frame) {
    const char c = text_[at];
    const char next = at + 1 < frame.end ? text_[at + 1] : '\0';
    if (c == '>' || c == '<') {
        if ((c == '<' || c == '>') && next == '(') {
            const std::size_t close = closing(at + 2, ')', frame.end);
            if (close < frame.end) {
                nested(at + 2, close, frame, true);
                command_.end = static_cast<std::uint32_t>(close);
                return close + 1;
            }
            return at + 2;
        }
        redirecting_ = true;
        appending_ = next == '>';
        reading_ = c == '<';
        std::size_t after = at + (next == c ? 2 : 1);
        while (after < frame.end &&
               (text_[after] == '&' || text_[after] == '|' || text_[after] == '<')) {
            ++after;
        }
        return after;
    }
    if (c == '`') {
        const std::size_t close = closing(at + 1, '`', frame.end);
        if (close < frame.end) {
            nested(at + 1, close, frame, true);
            command_.end = static_cast<std::uint32_t>(close);
            return close + 1;
        }
    }
    if (c == '&' && next == '>') {
        return at + 1;
    }
    const bool both = (c == '|' || c == '&') && next == c;
    const Link link = c == '|' && !both ? Link::pipe : Link::follow;
    const bool group_closed = c == ')' && command_.link == Link::pipe && command_.words.empty();
    if (!group_closed) {
        finish(frame, link);
    }
    const std::size_t after = at + (both || (c == '|' && next == '&') ? 2 : 1);
    command_.start = command_.end = static_cast<std::uint32_t>(after);
    return after;
}

// The index of the closing sign, or `end` where none is near.
std::size_t ShellReader::closing(std::size_t at, char quote, std::size_t end) {
    const std::size_t last = std::min(end, at + kMaxQuotedBytes);
    std::size_t& none_before = closed_[kind_of(quote)];
    if (at < none_before) {
        return end;
    }
    if (quote == ')') {
        int depth = 1;
        for (std::size_t i = at; i < last; ++i) {
            depth += text_[i] == '(' ? 1 : text_[i] == ')' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        none_before = last;
        return end;
    }
    for (std::size_t i = at; i < last; ++i) {
        if (text_[i] == quote && (quote == '\'' || i == at || text_[i - 1] != '\\')) {
            return i;
        }
    }
    none_before = last;
    return end;
}

}  // namespace credence::guard
