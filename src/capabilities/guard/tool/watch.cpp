#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "base/descriptor.h"
#include "base/json.h"
#include "capabilities/guard/tool/labelled_scan.h"

namespace credence::guard::tool {

namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;  // the head of a longer line is read
constexpr std::size_t kBlockBytes = 65'536;
constexpr int kRotationMs = 1'000;  // how soon a replaced file is noticed

struct Line {
    std::int64_t line = 0;
    Verdict verdict = Verdict::allow;
    double score = 0;
    double disclosure = 0;
};

void describe(Describe<Line>& d) {
    d.field<&Line::line>("Line, counted from where watching began");
    d.field<&Line::verdict>("allow, flag, sanitise or block");
    d.field<&Line::score>("Belief in an attack");
    d.field<&Line::disclosure>("Belief in secrets or personal data");
}

class Watcher {
public:
    Watcher(const Bench& bench, const WatchFile& request) : bench_(bench), request_(request) {}

    Result<Watched> run() {
        TRY(open(!request_.from_start && !request_.once));
        for (;;) {
            TRY(read_all());
            if (request_.once) {
                TRY(end_of_line());
                return watched_;
            }
            TRY(wait());
        }
    }

private:
    Result<void> open(bool at_end) {
        file_ = Descriptor(::open(request_.file.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat status{};
        if (!file_.is_open() || ::fstat(file_.get(), &status) != 0) {
            return fail(Code::not_found, request_.file + " cannot be read", "file");
        }
        inode_ = status.st_ino;
        if (at_end) {
            ::lseek(file_.get(), 0, SEEK_END);
        }
        notify_ = Descriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
        if (!notify_.is_open() ||
            ::inotify_add_watch(notify_.get(), request_.file.c_str(),
                                IN_MODIFY | IN_MOVE_SELF | IN_DELETE_SELF) < 0) {
            return fail(Code::unavailable, request_.file + " cannot be watched", "file");
        }
        return {};
    }

    Result<void> read_all() {
        std::array<char, kBlockBytes> block;
        for (;;) {
            const ssize_t got = ::read(file_.get(), block.data(), block.size());
            if (got < 0) {
                return fail(Code::unavailable, request_.file + " cannot be read", "file");
            }
            if (got == 0) {
                return {};
            }
            for (const char c : std::string_view(block.data(), static_cast<std::size_t>(got))) {
                if (c == '\n') {
                    TRY(end_of_line());
                } else if (line_.size() < kMaxLineBytes) {
                    line_ += c;
                }
            }
        }
    }

    Result<void> end_of_line() {
        if (line_.empty()) {
            return {};
        }
        LabelledText text;
        text.text.swap(line_);
        text.source_kind = request_.source_kind;
        const ScoredText scored = TRY(scan_one(bench_, text, Mode::unified));
        ++watched_.lines;
        if (scored.verdict == Verdict::allow) {
            return {};
        }
        ++(scored.verdict == Verdict::block ? watched_.blocked : watched_.flagged);
        const Line found{watched_.lines, scored.verdict, scored.score, scored.disclosure};
        std::string out;
        encode_json(shape_of<Line>(), &found, out);
        std::printf("%s\n", out.c_str());
        std::fflush(stdout);
        return {};
    }

    // Until the file grows or is replaced.
    Result<void> wait() {
        pollfd change{notify_.get(), POLLIN, 0};
        ::poll(&change, 1, kRotationMs);
        std::array<char, 4096> events;
        while (::read(notify_.get(), events.data(), events.size()) > 0) {
        }
        struct stat now{};
        if (::stat(request_.file.c_str(), &now) != 0) {
            return {};  // until there is one again
        }
        if (now.st_ino != inode_) {
            TRY(read_all());  // what was written before it was replaced
            TRY(end_of_line());
            return open(false);
        }
        if (now.st_size < ::lseek(file_.get(), 0, SEEK_CUR)) {  // cut
            line_.clear();
            ::lseek(file_.get(), 0, SEEK_SET);
        }
        return {};
    }

    const Bench& bench_;
    const WatchFile& request_;
    Descriptor file_;
    Descriptor notify_;
    ino_t inode_ = 0;
    std::string line_;
    Watched watched_;
};

}  // namespace

Result<Watched> Guard::watch(const Context&, const WatchFile& request) {
    const auto bench = TRY(open_bench(settings_, clock_, ""));
    return Watcher(*bench, request).run();
}

}  // namespace credence::guard::tool
