// How a connection begins a streamed answer, and goes on after it.
#include <utility>

#include "engine/net/connection.h"
#include "engine/net/response_stream.h"

namespace credence::net {

namespace {

class StreamHandle final : public ResponseStream {
public:
    explicit StreamHandle(std::shared_ptr<StreamSession> session) : session_(std::move(session)) {}
    StreamHandle(const StreamHandle&) = delete;
    StreamHandle& operator=(const StreamHandle&) = delete;
    ~StreamHandle() override {
        if (session_ != nullptr) {
            session_->abandon();
        }
    }

    bool send(std::string bytes) override {
        return session_ != nullptr && session_->send(std::move(bytes));
    }

    void finish() override {
        if (session_ != nullptr) {
            session_->finish();
        }
    }

private:
    const std::shared_ptr<StreamSession> session_;
};

}  // namespace

std::shared_ptr<ResponseStream> Connection::stream(HttpResponse head, StreamHandlers handlers) {
    auto session = std::make_shared<StreamSession>(mailbox_, std::move(handlers));
    auto stream = std::make_shared<StreamHandle>(session);
    auto pending = std::make_unique<PendingStream>(std::move(session), std::move(head));
    if (mailbox_->on_thread() && in_handler_) {
        stream_ = std::move(pending);  // the request is still borrowed
    } else {
        mailbox_->post([self = shared_from_this(), pending = std::move(pending)]() mutable {
            self->begin_stream(std::move(*pending));
            self->advance();
        });
    }
    return stream;
}

void Connection::begin_stream(PendingStream pending) {
    if (state_ != State::handling) {
        return;  // the connection was cut
    }
    const Framing framing = reader_.is_http11() ? Framing::chunked : Framing::until_close;
    if (head_only_ || !has_body(pending.head.status)) {
        pending.head.body.clear();
        deliver(std::move(pending.head), framing);
        return;
    }
    keep_alive_ = keep_alive_ && reader_.is_http11() && !pending.head.close && !loop_.stopping();
    std::string head;
    append_head(head, pending.head,
                {.date = loop_.date(),
                 .http11 = reader_.is_http11(),
                 .keep_alive = keep_alive_,
                 .framing = framing});
    if (!pending.head.body.empty()) {
        if (framing == Framing::chunked) {
            append_chunk(head, pending.head.body);
        } else {
            head += pending.head.body;
        }
    }
    state_ = State::closed;
    pending.take()->start({.loop = loop_,
                           .share = share_,
                           .transport = std::move(transport_),
                           .open = std::move(open_),
                           .peer = std::move(peer_),
                           .chunked = framing == Framing::chunked,
                           .keep_alive = keep_alive_,
                           .head = std::move(head),
                           .received = std::string(reader_.unread())});
    loop_.remove(*this);
}

void Connection::resume(bool keep_alive) {
    loop_.add(shared_from_this());
    keep_alive_ = keep_alive;
    // Not here: a peer could nest the answers to its pipelined requests.
    loop_.defer([self = shared_from_this()] {
        if (self->state_ == State::reading && !self->keep_alive_) {
            self->written();
        }
        self->advance();
    });
}

PendingStream::~PendingStream() {
    if (session_ != nullptr) {
        session_->never_start();
    }
}

std::shared_ptr<ResponseStream> ended_stream() {
    return std::make_shared<StreamHandle>(nullptr);
}

}  // namespace credence::net
