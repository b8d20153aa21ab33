#include "engine/net/connection.h"

#include <exception>

#include "base/log.h"
#include "engine/net/response_stream.h"
#include "engine/net/response_text.h"
#include "engine/net/websocket.h"

namespace credence::net {

namespace {

constexpr Refusal kSlow{408, "timeout", "The request came too slowly."};
constexpr Refusal kTooManyConnections{503, "exhausted", "Too many connections are open."};
constexpr Refusal kNotAnUpgrade{400, "invalid", "The request is not a WebSocket upgrade."};

}  // namespace

Connection::Connection(Parts parts)
    : loop_(parts.loop),
      share_(parts.share),
      mailbox_(parts.loop.mailbox()),
      transport_(std::move(parts.transport)),
      peer_(std::move(parts.peer)),
      reader_({share_.options.max_head_bytes, share_.options.max_body_bytes}),
      open_(parts.resumed ? std::move(parts.resumed->open) : OpenCount(share_)),
      handshaking_(!parts.resumed && !share_.options.tls_certificate_file.empty()) {
    if (parts.resumed) {
        reader_.append(parts.resumed->received);
    }
}

Connection::~Connection() = default;

void Connection::start() {
    loop_.add(shared_from_this());
    advance();
}

void Connection::start_refused() {
    loop_.add(shared_from_this());
    refuse(kTooManyConnections);
}

// Goes on until there is something to wait for.
void Connection::advance() {
    while (state_ == State::reading) {
        switch (reader_.next()) {
            case RequestReader::Step::ready:
                dispatch();
                break;
            case RequestReader::Step::refused:
                refuse(reader_.refusal());
                break;
            case RequestReader::Step::need_more:
                if (loop_.stopping() && reader_.empty()) {
                    close();
                } else if (!wait_for_bytes()) {
                    return;
                }
                break;
        }
    }
}

// True when bytes were there at once.
bool Connection::wait_for_bytes() {
    if (reader_.take_continue()) {
        send_continue();
    }
    set_read_deadline();
    if (read_started_ || state_ != State::reading) {
        return false;
    }
    read_started_ = true;
    return take(transport_->start_read(reader_.prepare(), shared_from_this()));
}

void Connection::send_continue() {
    constexpr std::string_view kText = "HTTP/1.1 100 Continue\r\n\r\n";
    // All earlier answers have left, so a socket that has no room for this is broken.
    if (transport_->write(kText).size != kText.size()) {
        close();
    }
}

void Connection::set_read_deadline() {
    const ServerOptions& options = share_.options;
    if (reader_.in_body()) {
        if (!had_head_) {
            had_head_ = true;
            deadline_ms_ = loop_.now_ms() + options.body_timeout_ms;
        }
    } else if (!reader_.empty()) {
        if (!had_bytes_) {
            had_bytes_ = true;
            deadline_ms_ = loop_.now_ms() + options.head_timeout_ms;
        }
    } else {
        idle_since_ms_ = loop_.now_ms();
        deadline_ms_ =
            idle_since_ms_ + (handshaking_ ? options.head_timeout_ms : options.idle_timeout_ms);
    }
}

bool Connection::take(Moved moved) {
    if (moved.flow == Flow::would_block) {
        return false;
    }
    read_started_ = false;
    if (moved.flow != Flow::ok) {
        close();
        return false;
    }
    reader_.commit(moved.size);
    return true;
}

void Connection::on_read(Moved moved) {
    switch (state_) {
        case State::reading:
            if (moved.flow == Flow::cancelled) {
                read_started_ = false;
                free_buffer();
            } else if (waits_without_buffer_ && moved.flow == Flow::ok) {
                read_started_ = waits_without_buffer_ = false;
                advance();
            } else if (take(moved)) {
                advance();
            }
            break;
        case State::lingering:
            lingered_bytes_ += moved.size;
            if (moved.flow != Flow::ok || lingered_bytes_ > kMaxLingerBytes) {
                close();
                break;
            }
            read_started_ = false;
            drain();
            break;
        case State::closed:
            break;
        default:  // bytes of a request that was refused meanwhile
            read_started_ = false;
            break;
    }
}

// An idle connection waits without a buffer, so that ten thousand of them cost little.
void Connection::free_buffer() {
    if (reader_.empty()) {
        reader_.release();
        read_started_ = waits_without_buffer_ = true;
        transport_->start_read({}, shared_from_this());
    } else {
        advance();
    }
}

void Connection::dispatch() {
    state_ = State::handling;
    deadline_ms_ = 0;
    had_bytes_ = had_head_ = handshaking_ = false;
    HttpRequest request = reader_.request();
    request.peer = peer_;
    keep_alive_ = reader_.keep_alive();
    head_only_ = request.method == "HEAD";
    in_handler_ = true;
    try {
        share_.handler(request, Responder(shared_from_this()));
    } catch (const std::exception& exception) {
        log::error("http handler threw", {{"what", exception.what()}});
    }
    in_handler_ = false;
    if (upgrade_ != nullptr) {
        finish_upgrade();
        return;
    }
    reader_.consume();
    if (stream_ != nullptr) {
        begin_stream(std::move(*std::exchange(stream_, nullptr)));
        return;
    }
    if (state_ == State::answered) {
        written();
    }
}

void Connection::answer(HttpResponse response) {
    if (mailbox_->on_thread()) {
        deliver(std::move(response));
        if (state_ == State::reading) {
            // Not here: the caller may be in the middle of another connection's handler.
            loop_.defer([self = shared_from_this()] { self->advance(); });
        }
        return;
    }
    mailbox_->post([self = shared_from_this(), response = std::move(response)]() mutable {
        self->deliver(std::move(response));
        self->advance();
    });
}

void Connection::deliver(HttpResponse response, Framing framing) {
    if (state_ != State::handling) {
        return;  // the connection was cut
    }
    keep_alive_ = keep_alive_ && !response.close && !loop_.stopping();
    std::string& text = loop_.scratch();
    text.clear();
    append_response(text, response,
                    {.date = loop_.date(),
                     .http11 = reader_.is_http11(),
                     .keep_alive = keep_alive_,
                     .head_only = head_only_,
                     .framing = framing});
    write(text);
}

void Connection::write(std::string& text) {
    const Moved moved = transport_->write(text);
    if (moved.flow == Flow::failed) {
        close();
        return;
    }
    if (moved.size == text.size()) {
        written();
        return;
    }
    out_.assign(text, moved.size);
    out_at_ = 0;
    state_ = State::writing;
    deadline_ms_ = loop_.now_ms() + share_.options.write_timeout_ms;
    transport_->start_write_wait(shared_from_this());
}

void Connection::on_writable() {
    if (state_ != State::writing) {
        return;
    }
    const Moved moved = transport_->write(std::string_view(out_).substr(out_at_));
    if (moved.flow == Flow::failed) {
        close();
        return;
    }
    out_at_ += moved.size;
    if (out_at_ < out_.size()) {
        if (moved.size > 0) {
            deadline_ms_ = loop_.now_ms() + share_.options.write_timeout_ms;
        }
        transport_->start_write_wait(shared_from_this());
        return;
    }
    out_ = {};
    written();
    advance();
}

void Connection::written() {
    deadline_ms_ = 0;
    if (in_handler_) {
        state_ = State::answered;
        return;
    }
    if (keep_alive_) {
        state_ = State::reading;
    } else if (linger_ || !reader_.unread().empty()) {
        linger();
    } else {
        close();
    }
}

void Connection::refuse(const Refusal& refusal) {
    share_.count_refusal(refusal.status);
    keep_alive_ = false;
    head_only_ = false;
    linger_ = true;
    state_ = State::handling;
    deliver(problem(refusal));
}

void Connection::linger() {
    state_ = State::lingering;
    deadline_ms_ = loop_.now_ms() + kLingerMs;
    transport_->shutdown_write();
    drain();
}

void Connection::drain() {
    while (state_ == State::lingering && !read_started_) {
        reader_.discard();
        read_started_ = true;
        const Moved moved = transport_->start_read(reader_.prepare(), shared_from_this());
        if (moved.flow == Flow::would_block) {
            return;
        }
        read_started_ = false;
        lingered_bytes_ += moved.size;
        if (moved.flow != Flow::ok || lingered_bytes_ > kMaxLingerBytes) {
            close();
        }
    }
}

void Connection::on_tick(std::int64_t now_ms) {
    if (deadline_ms_ != 0 && now_ms >= deadline_ms_) {
        if (state_ == State::reading && !reader_.empty()) {
            refuse(kSlow);
        } else {
            close();
        }
        return;
    }
    if (state_ == State::reading && !waits_without_buffer_ && reader_.empty() &&
        reader_.holds_buffer() && now_ms - idle_since_ms_ >= kKeepBufferMs) {
        transport_->cancel_read();
    }
}

void Connection::on_stop() {
    if (state_ == State::reading && reader_.empty()) {
        close();
    }
}

void Connection::upgrade(WebSocketHandlers handlers) {
    if (state_ != State::handling) {
        return;
    }
    if (!in_handler_ || !is_websocket_upgrade(reader_.request())) {
        deliver(problem(kNotAnUpgrade));
        return;
    }
    upgrade_ = std::make_unique<WebSocketHandlers>(std::move(handlers));
}

void Connection::finish_upgrade() {
    std::string reply = websocket_reply(reader_.header("Sec-WebSocket-Key"), loop_.date());
    reader_.consume();
    start_websocket({.loop = loop_,
                     .transport = std::move(transport_),
                     .handlers = std::move(*upgrade_),
                     .open = std::move(open_),
                     .write_timeout_ms = share_.options.write_timeout_ms,
                     .reply = std::move(reply),
                     .received = std::string(reader_.unread())});
    upgrade_.reset();
    state_ = State::closed;
    loop_.remove(*this);
}

void Connection::close() {
    if (state_ == State::closed) {
        return;
    }
    state_ = State::closed;
    transport_->close();
    transport_.reset();
    open_.end();
    loop_.remove(*this);
}

}  // namespace credence::net
