#include "engine/net/websocket.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <deque>
#include <exception>
#include <mutex>

#include "base/log.h"
#include "base/text.h"
#include "engine/net/websocket_frames.h"

namespace credence::net {
namespace {

constexpr std::size_t kBatchBytes = 64 * 1024;  // frames put into one send
constexpr std::size_t kKeptOutBytes = 8 * 1024;
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr int kReadsAtOnce = 16;
constexpr std::int64_t kCloseMs = 2000;  // for the peer to answer a close
constexpr int kMaxMissedPongs = 2;
constexpr std::size_t kMaxControlOutBytes = 16 * 1024;  // pongs a peer may leave unread

bool has_token(std::string_view list, std::string_view token) {
    return std::ranges::any_of(split(list, ','), [&](std::string_view item) {
        return equals_ignoring_case(trim(item), token);
    });
}

// 16 bytes in base64 (RFC 6455, 4.1).
bool is_key(std::string_view key) {
    return key.size() == 24 && key.ends_with("==") &&
           std::ranges::all_of(key.substr(0, 22), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '+' || c == '/';
           });
}

class Session final : public WebSocket,
                      public TransportEvents,
                      public LoopMember,
                      public std::enable_shared_from_this<Session> {
public:
    explicit Session(WebSocketParts parts)
        : loop_(parts.loop),
          mailbox_(parts.loop.mailbox()),
          transport_(std::move(parts.transport)),
          handlers_(std::move(parts.handlers)),
          open_(std::move(parts.open)),
          write_timeout_ms_(parts.write_timeout_ms),
          max_queued_bytes_(handlers_.max_queued_bytes),
          reader_(handlers_.max_message_bytes),
          out_(std::move(parts.reply)) {
        reader_.append(parts.received);
        next_ping_ms_ = loop_.now_ms() + handlers_.ping_every_ms;
    }

    void start() {
        loop_.add(shared_from_this());
        flush();
        if (state_ == State::open && handlers_.on_open) {
            guarded([this] { handlers_.on_open(shared_from_this()); });
        }
        handle_frames();
        read();
    }

    bool send(std::shared_ptr<const std::string> text) override {
        bool overflow = false;
        {
            const std::scoped_lock lock(mutex_);
            if (ended_) {
                return false;
            }
            overflow = queued_bytes_ + unsent_bytes_ + text->size() > max_queued_bytes_;
            if (overflow) {
                ended_ = true;
                queue_.clear();
                queued_bytes_ = 0;
            } else {
                queued_bytes_ += text->size();
                queue_.push_back(std::move(text));
                if (std::exchange(flush_posted_, true)) {
                    return true;
                }
            }
        }
        if (overflow) {
            post([self = shared_from_this()] { self->give_up("slow"); });
            return false;
        }
        return post([self = shared_from_this()] { self->flush(); });
    }

    void close(std::uint16_t code, std::string_view reason) override {
        post([self = shared_from_this(), code, text = std::string(reason)] {
            self->begin_close(code, text);
        });
    }

    void on_read(Moved moved) override {
        read_started_ = false;
        if (state_ == State::ended) {
            return;
        }
        if (moved.flow == Flow::ok) {
            read();
        } else if (moved.flow != Flow::cancelled) {
            end();
        }
    }

    void on_writable() override {
        write_started_ = false;
        flush();
    }

    void on_tick(std::int64_t now_ms) override {
        const bool stuck = write_started_ && now_ms >= write_deadline_ms_;
        if (stuck || (state_ == State::closing && now_ms >= close_deadline_ms_)) {
            if (stuck) {
                tell_dropped("stuck");
            }
            end();
            return;
        }
        if (state_ == State::open && handlers_.ping_every_ms > 0 && now_ms >= next_ping_ms_) {
            next_ping_ms_ = now_ms + handlers_.ping_every_ms;
            if (missed_pongs_ >= kMaxMissedPongs) {
                give_up("silent");  // it may only have stopped reading: then it finds out why
                return;
            }
            ++missed_pongs_;
            append_frame(out_, Opcode::ping, "");
            flush();
        }
    }

    void on_stop() override { begin_close(kCloseGoingAway, "the server is stopping"); }

    void cut() override { end(); }

private:
    enum class State : std::uint8_t { open, closing, ended };

    bool post(Task task) {
        if (mailbox_->on_thread()) {
            // Deferred too: our user may hold a lock that its own on_close wants.
            loop_.defer(std::move(task));
            return true;
        }
        return mailbox_->post(std::move(task));
    }

    template <class Call>
    void guarded(const Call& call) {
        try {
            call();
        } catch (const std::exception& exception) {
            log::error("websocket handler threw", {{"what", exception.what()}});
            begin_close(kCloseInternal, "internal error");
        }
    }

    void tell_dropped(std::string_view why) {
        if (state_ == State::open && handlers_.on_drop) {
            guarded([this, why] { handlers_.on_drop(why); });
        }
    }

    void give_up(std::string_view why) {
        tell_dropped(why);
        begin_close(kCloseSlow, handlers_.slow_reason);
    }

    // Moves queued messages into out_ as frames. False when there were none.
    bool take_queue(std::size_t max_bytes) {
        const std::scoped_lock lock(mutex_);
        if (queue_.empty()) {
            flush_posted_ = false;
            unsent_bytes_ = 0;
            return false;
        }
        while (!queue_.empty() && out_.size() < max_bytes) {
            append_frame(out_, Opcode::text, *queue_.front());
            queued_bytes_ -= queue_.front()->size();
            queue_.pop_front();
        }
        unsent_bytes_ = out_.size();
        return true;
    }

    void flush() {
        while (state_ != State::ended && !write_started_) {
            if (out_at_ == out_.size()) {
                out_.clear();
                out_at_ = 0;
                if (!take_queue(kBatchBytes)) {
                    if (out_.capacity() > kKeptOutBytes) {
                        out_ = {};
                    }
                    if (end_when_written_) {
                        transport_->shutdown_write();
                        end();
                    }
                    return;
                }
            }
            write_some();
        }
    }

    void write_some() {
        const Moved moved = transport_->write(std::string_view(out_).substr(out_at_));
        if (moved.flow == Flow::failed) {
            end();
            return;
        }
        out_at_ += moved.size;
        if (out_at_ == out_.size()) {
            return;
        }
        {
            const std::scoped_lock lock(mutex_);
            unsent_bytes_ = out_.size() - out_at_;
        }
        if (moved.size > 0 || write_deadline_ms_ <= loop_.now_ms()) {
            write_deadline_ms_ = loop_.now_ms() + write_timeout_ms_;
        }
        write_started_ = true;
        transport_->start_write_wait(shared_from_this());
    }

    void begin_close(std::uint16_t code, std::string_view reason) {
        if (state_ != State::open) {
            return;
        }
        state_ = State::closing;
        close_deadline_ms_ = loop_.now_ms() + kCloseMs;
        {
            const std::scoped_lock lock(mutex_);
            ended_ = true;
        }
        if (code != kCloseSlow) {
            take_queue(out_.size() + max_queued_bytes_ + kBatchBytes);
        }
        append_close_frame(out_, code, reason);
        flush();
    }

    // Reads until the socket is dry: an idle session then waits without a buffer.
    void read() {
        std::array<char, kReadBytes> buffer;  // NOLINT: filled by read
        for (int i = 0; i < kReadsAtOnce && state_ != State::ended && !read_started_; ++i) {
            const Moved moved = transport_->read(buffer);
            if (moved.flow == Flow::would_block) {
                read_started_ = true;
                transport_->start_read({}, shared_from_this());
                return;
            }
            if (moved.flow != Flow::ok) {
                end();
                return;
            }
            missed_pongs_ = 0;
            if (!deaf_) {
                reader_.append({buffer.data(), moved.size});
                handle_frames();
            }
        }
        if (state_ != State::ended && !read_started_) {
            loop_.defer([self = shared_from_this()] { self->read(); });
        }
    }

    void handle_frames() {
        while (state_ != State::ended && !deaf_) {
            switch (reader_.next()) {
                case FrameReader::Event::need_more:
                    return;
                case FrameReader::Event::text:
                    if (state_ == State::open && handlers_.on_message) {
                        guarded([this] { handlers_.on_message(reader_.payload()); });
                    }
                    break;
                case FrameReader::Event::ping:
                    send_pong();
                    break;
                case FrameReader::Event::pong:
                    break;
                case FrameReader::Event::close:
                    answer_close();
                    break;
                case FrameReader::Event::failed:
                    deaf_ = true;
                    begin_close(reader_.code(), "refused");
                    break;
            }
        }
    }

    void send_pong() {
        if (state_ != State::open || out_.size() - out_at_ > kMaxControlOutBytes) {
            return;
        }
        append_frame(out_, Opcode::pong, reader_.payload());
        flush();
    }

    void answer_close() {
        deaf_ = true;
        end_when_written_ = true;
        if (state_ == State::open) {
            begin_close(reader_.code(), "");
        } else {
            flush();
        }
    }

    void end() {
        if (state_ == State::ended) {
            return;
        }
        state_ = State::ended;
        {
            const std::scoped_lock lock(mutex_);
            ended_ = true;
            queue_.clear();
        }
        transport_->close();
        transport_.reset();
        open_.end();
        loop_.remove(*this);
        // The handlers may own the last reference to this session, and it to them.
        const WebSocketHandlers handlers = std::exchange(handlers_, {});
        if (handlers.on_close) {
            handlers.on_close();
        }
    }

    Loop& loop_;
    std::shared_ptr<Mailbox> mailbox_;
    std::unique_ptr<Transport> transport_;
    WebSocketHandlers handlers_;
    OpenCount open_;
    std::int64_t write_timeout_ms_;
    const std::size_t max_queued_bytes_;
    FrameReader reader_;
    std::string out_;  // bytes on their way: the 101 answer, frames
    std::size_t out_at_ = 0;
    std::int64_t next_ping_ms_ = 0;
    std::int64_t write_deadline_ms_ = 0;
    std::int64_t close_deadline_ms_ = 0;
    int missed_pongs_ = 0;
    State state_ = State::open;
    bool read_started_ = false;
    bool write_started_ = false;
    bool end_when_written_ = false;
    bool deaf_ = false;  // nothing the peer still sends matters

    std::mutex mutex_;  // guards what follows
    std::deque<std::shared_ptr<const std::string>> queue_;
    std::size_t queued_bytes_ = 0;
    std::size_t unsent_bytes_ = 0;
    bool flush_posted_ = false;
    bool ended_ = false;
};

}  // namespace

bool is_websocket_upgrade(const HttpRequest& request) {
    return request.method == "GET" && has_token(request.header("Upgrade"), "websocket") &&
           has_token(request.header("Connection"), "upgrade") &&
           request.header("Sec-WebSocket-Version") == "13" &&
           is_key(request.header("Sec-WebSocket-Key"));
}

std::string websocket_reply(std::string_view key, std::string_view date) {
    // The constant of RFC 6455, 1.3.
    const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int digest_size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &digest_size, EVP_sha1(), nullptr);
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> encoded{};
    const int size = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest_size));
    std::string reply = "HTTP/1.1 101 Switching Protocols\r\nDate: ";
    reply += date;
    reply += "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
    reply.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size));
    reply += "\r\n\r\n";
    return reply;
}

void start_websocket(WebSocketParts parts) {
    std::make_shared<Session>(std::move(parts))->start();
}

}  // namespace credence::net
