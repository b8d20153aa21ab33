#include "engine/net/response_stream.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "base/log.h"
#include "engine/net/response_text.h"

namespace credence::net {

namespace {

constexpr std::size_t kStreamBatchBytes = 64 * 1024;  // pieces put into one send
constexpr std::size_t kKeptStreamBytes = 8 * 1024;
constexpr std::size_t kStreamReadBytes = 4 * 1024;
constexpr int kStreamReadsAtOnce = 16;

}  // namespace

StreamSession::StreamSession(std::shared_ptr<Mailbox> mailbox, StreamHandlers handlers)
    : mailbox_(std::move(mailbox)),
      handlers_(std::move(handlers)),
      max_queued_bytes_(handlers_.max_queued_bytes) {}

bool StreamSession::send(std::string bytes) {
    bool overflow = false;
    {
        const std::scoped_lock lock(mutex_);
        if (ended_ || finishing_) {
            return false;
        }
        if (bytes.empty()) {
            return true;
        }
        overflow = queued_bytes_ + unsent_bytes_ >= max_queued_bytes_;
        if (overflow) {
            ended_ = true;
            queue_.clear();
        } else {
            queued_bytes_ += bytes.size();
            queue_.push_back(std::move(bytes));
            if (std::exchange(flush_posted_, true)) {
                return true;
            }
        }
    }
    // Posted from the loop's own thread too: our user may hold a lock that its on_close wants.
    if (overflow) {
        mailbox_->post([self = shared_from_this()] { self->end(); });
        return false;
    }
    return mailbox_->post([self = shared_from_this()] { self->flush(); });
}

void StreamSession::finish() {
    {
        const std::scoped_lock lock(mutex_);
        if (ended_ || std::exchange(finishing_, true) || std::exchange(flush_posted_, true)) {
            return;
        }
    }
    mailbox_->post([self = shared_from_this()] { self->flush(); });
}

void StreamSession::abandon() {
    {
        const std::scoped_lock lock(mutex_);
        if (finishing_ || std::exchange(ended_, true)) {
            return;
        }
        queue_.clear();
    }
    mailbox_->post([self = shared_from_this()] { self->end(); });
}

void StreamSession::start(Parts parts) {
    parts_ = std::make_unique<Parts>(std::move(parts));
    out_ = std::move(parts_->head);
    state_ = State::open;
    last_sent_ms_ = parts_->loop.now_ms();
    parts_->loop.add(shared_from_this());
    if (parts_->loop.stopping()) {
        on_stop();
    }
    flush();
    read();
}

void StreamSession::never_start() {
    if (mailbox_->on_thread()) {
        end();
        return;
    }
    // The loop has ended: on its thread nobody can be told any more.
    handlers_ = {};
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    queue_.clear();
}

void StreamSession::append_piece(std::string_view piece) {
    if (parts_->chunked) {
        append_chunk(out_, piece);
    } else {
        out_ += piece;
    }
}

// Moves what is queued into out_. False when there was nothing.
bool StreamSession::fill() {
    const std::scoped_lock lock(mutex_);
    while (!queue_.empty() && out_.size() < kStreamBatchBytes) {
        append_piece(queue_.front());
        queued_bytes_ -= queue_.front().size();
        queue_.pop_front();
    }
    if (finishing_ && queue_.empty() && !std::exchange(took_end_, true) && parts_->chunked) {
        out_ += kLastChunk;
    }
    unsent_bytes_ = out_.size();
    flush_posted_ = !out_.empty();
    return flush_posted_;
}

void StreamSession::flush() {
    while (state_ == State::open && !write_started_) {
        if (out_at_ == out_.size()) {
            out_.clear();
            out_at_ = 0;
            if (!fill()) {
                if (out_.capacity() > kKeptStreamBytes) {
                    out_ = {};
                }
                if (took_end_) {
                    complete();
                }
                return;
            }
        } else if (out_at_ == 0) {
            fill();  // the head leaves together with the first pieces
        }
        write_some();
    }
}

void StreamSession::write_some() {
    const Loop& loop = parts_->loop;
    const Moved moved = parts_->transport->write(std::string_view(out_).substr(out_at_));
    if (moved.flow == Flow::failed) {
        end();
        return;
    }
    out_at_ += moved.size;
    if (moved.size > 0) {
        last_sent_ms_ = loop.now_ms();
    }
    if (out_at_ == out_.size()) {
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        unsent_bytes_ = out_.size() - out_at_;
    }
    if (moved.size > 0 || write_deadline_ms_ <= loop.now_ms()) {
        write_deadline_ms_ = loop.now_ms() + parts_->share.options.write_timeout_ms;
    }
    write_started_ = true;
    parts_->transport->start_write_wait(shared_from_this());
}

void StreamSession::on_writable() {
    write_started_ = false;
    flush();
}

// Reads until the socket is dry, so that a stream waits without a buffer.
void StreamSession::read() {
    std::array<char, kStreamReadBytes> buffer;  // NOLINT: filled by read
    for (int i = 0; i < kStreamReadsAtOnce; ++i) {
        if (state_ != State::open || read_started_ || peer_ended_) {
            return;
        }
        std::string& received = parts_->received;
        if (received.size() >= kMaxPipelinedBytes) {
            return;
        }
        const std::size_t room = std::min(buffer.size(), kMaxPipelinedBytes - received.size());
        const Moved moved = parts_->transport->read({buffer.data(), room});
        if (moved.flow == Flow::would_block) {
            read_started_ = true;
            parts_->transport->start_read({}, shared_from_this());
            return;
        }
        if (moved.flow != Flow::ok) {
            peer_left(moved.flow);
            return;
        }
        received.append(buffer.data(), moved.size);
    }
    parts_->loop.defer([self = shared_from_this()] { self->read(); });
}

void StreamSession::on_read(Moved moved) {
    read_started_ = false;
    if (state_ == State::leaving) {
        hand_back();
    } else if (state_ == State::open && moved.flow == Flow::ok) {
        read();
    } else if (state_ == State::open && moved.flow != Flow::cancelled) {
        peer_left(moved.flow);
    }
}

void StreamSession::peer_left(Flow flow) {
    if (flow == Flow::closed && is_finishing()) {
        peer_ended_ = true;  // it said all it had to say, and still gets the rest
        return;
    }
    end();
}

bool StreamSession::is_finishing() {
    const std::scoped_lock lock(mutex_);
    return finishing_;
}

void StreamSession::on_tick(std::int64_t now_ms) {
    if (state_ != State::open) {
        return;
    }
    if ((write_started_ && now_ms >= write_deadline_ms_) ||
        (stop_deadline_ms_ != 0 && now_ms >= stop_deadline_ms_)) {
        end();
        return;
    }
    if (handlers_.keep_alive_ms > 0 && !handlers_.keep_alive_text.empty() && !write_started_ &&
        now_ms - last_sent_ms_ >= handlers_.keep_alive_ms) {
        append_piece(handlers_.keep_alive_text);
        flush();
    }
}

void StreamSession::on_stop() {
    stop_deadline_ms_ = parts_->loop.now_ms() + kStopMs;
}

// The body has left: what remains of the connection goes back to requests, once no read is under
// way.
void StreamSession::complete() {
    state_ = State::leaving;
    if (read_started_) {
        parts_->transport->cancel_read();
    } else {
        hand_back();
    }
}

void StreamSession::hand_back() {
    const std::shared_ptr<StreamSession> self = shared_from_this();  // the loop's may be the last
    state_ = State::ended;
    {
        const std::scoped_lock lock(mutex_);
        ended_ = true;
    }
    handlers_ = {};
    const std::unique_ptr<Parts> parts = std::move(parts_);
    const auto connection = std::make_shared<Connection>(
        Connection::Parts{.loop = parts->loop,
                          .share = parts->share,
                          .transport = std::move(parts->transport),
                          .peer = std::move(parts->peer),
                          .resumed = Connection::Resumed{.open = std::move(parts->open),
                                                         .received = std::move(parts->received)}});
    // First in, then out: without members a loop that stops would end.
    connection->resume(parts->keep_alive);
    parts->loop.remove(*this);
}

void StreamSession::end() {
    if (state_ == State::ended) {
        return;
    }
    const std::shared_ptr<StreamSession> self = shared_from_this();
    state_ = State::ended;
    bool tell = false;
    {
        const std::scoped_lock lock(mutex_);
        tell = !finishing_;
        ended_ = true;
        queue_.clear();
    }
    if (parts_ != nullptr) {
        const std::unique_ptr<Parts> parts = std::move(parts_);
        parts->transport->close();
        parts->open.end();
        parts->loop.remove(*this);
    }
    // The handlers may own the last reference to the stream, and it to them.
    const StreamHandlers handlers = std::exchange(handlers_, {});
    if (tell && handlers.on_close) {
        try {
            handlers.on_close();
        } catch (const std::exception& exception) {
            log::error("stream handler threw", {{"what", exception.what()}});
        }
    }
}

}  // namespace credence::net
