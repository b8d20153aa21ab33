// A connection while its answer is streamed: it owns the transport from the answer's head until the
// end of its body, and then makes a new Connection of it.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/net/connection.h"

namespace credence::net {

class StreamSession final : public TransportEvents,
                            public LoopMember,
                            public std::enable_shared_from_this<StreamSession> {
public:
    static constexpr std::int64_t kStopMs = 1000;  // for a stream to finish when the server stops

    struct Parts {
        Loop& loop;
        ServerShare& share;
        std::unique_ptr<Transport> transport;
        OpenCount open;
        std::string peer;
        bool chunked = true;
        bool keep_alive = true;
        std::string head;      // bytes sent first
        std::string received;  // bytes of next requests
    };

    StreamSession(std::shared_ptr<Mailbox> mailbox, StreamHandlers handlers);

    // From any thread. They call nobody back.
    bool send(std::string bytes);
    void finish();
    void abandon();

    // On the loop's thread: joins the loop.
    void start(Parts parts);
    // Instead of start(): there is nobody to stream to.
    void never_start();

    void on_read(Moved moved) override;
    void on_writable() override;
    void on_tick(std::int64_t now_ms) override;
    void on_stop() override;
    void cut() override { end(); }

private:
    enum class State : std::uint8_t { waiting, open, leaving, ended };

    bool fill();
    void flush();
    void write_some();
    void append_piece(std::string_view piece);
    void read();
    void peer_left(Flow flow);
    void complete();
    void hand_back();
    void end();
    bool is_finishing();

    std::shared_ptr<Mailbox> mailbox_;
    StreamHandlers handlers_;
    const std::size_t max_queued_bytes_;

    std::unique_ptr<Parts> parts_;  // from start() to the end
    std::string out_;               // bytes on their way
    std::size_t out_at_ = 0;
    std::int64_t write_deadline_ms_ = 0;
    std::int64_t stop_deadline_ms_ = 0;  // 0: none
    std::int64_t last_sent_ms_ = 0;
    State state_ = State::waiting;
    bool read_started_ = false;
    bool write_started_ = false;
    bool peer_ended_ = false;
    bool took_end_ = false;  // nothing comes after out_

    std::mutex mutex_;  // guards what follows
    std::deque<std::string> queue_;
    std::size_t queued_bytes_ = 0;
    std::size_t unsent_bytes_ = 0;
    bool flush_posted_ = true;  // by start()
    bool finishing_ = false;
    bool ended_ = false;
};

// A streamed answer on its way to its connection. Destroyed before it got there, the session is
// told.
class PendingStream {
public:
    PendingStream(std::shared_ptr<StreamSession> session, HttpResponse response)
        : head(std::move(response)), session_(std::move(session)) {}
    PendingStream(PendingStream&&) noexcept = default;
    PendingStream& operator=(PendingStream&&) = delete;
    ~PendingStream();

    std::shared_ptr<StreamSession> take() { return std::exchange(session_, nullptr); }

    HttpResponse head;

private:
    std::shared_ptr<StreamSession> session_;
};

// A stream that takes nothing.
std::shared_ptr<ResponseStream> ended_stream();

}  // namespace credence::net
