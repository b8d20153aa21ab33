#include "engine/net/loop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "base/check.h"

namespace credence::net {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Watched = asio::posix::basic_stream_descriptor<Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

namespace {

constexpr int kSendBufferBytes = 256 * 1024;  // of the kernel, for each connection

// The date's format is fixed English (RFC 9110, 5.6.7), whatever the locale.
std::string format_http_date(std::int64_t at_s) {
    static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t at = at_s;
    std::tm parts{};
    ::gmtime_r(&at, &parts);
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                                   kMonths[static_cast<std::size_t>(parts.tm_mon)],
                                   parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string format_address(const sockaddr_storage& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* bytes = nullptr;
    if (address.ss_family == AF_INET) {
        bytes = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
    } else if (address.ss_family == AF_INET6) {
        bytes = &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    }
    if (bytes == nullptr ||
        ::inet_ntop(address.ss_family, bytes, text.data(), text.size()) == nullptr) {
        return {};
    }
    return text.data();
}

bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Mailbox::Mailbox() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    CHECK(event_ >= 0, "no eventfd");
}

Mailbox::~Mailbox() {
    ::close(event_);
}

void Mailbox::open() {
    thread_.store(std::this_thread::get_id());
}

bool Mailbox::on_thread() const {
    return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

bool Mailbox::post(Task task) {
    {
        const std::scoped_lock lock(mutex_);
        if (closed_) {
            return false;  // `task` dies after the lock: it may hold a responder that posts again
        }
        tasks_.push_back(std::move(task));
        if (tasks_.size() > 1) {
            return true;  // the loop has been woken already
        }
    }
    const std::uint64_t one = 1;
    return ::write(event_, &one, sizeof(one)) == sizeof(one) || errno == EAGAIN;
}

std::vector<Task> Mailbox::take() {
    std::uint64_t count = 0;
    const auto ignored = ::read(event_, &count, sizeof(count));
    static_cast<void>(ignored);  // EAGAIN: somebody else's wake-up was taken together with ours
    const std::scoped_lock lock(mutex_);
    return std::exchange(tasks_, {});
}

void Mailbox::close() {
    std::vector<Task> dropped;
    {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
        dropped.swap(tasks_);
    }
    dropped.clear();
    thread_.store(std::thread::id());
}

struct Loop::Asio {
    // UNSAFE: no locks at all inside asio. Other threads only ever touch the mailbox.
    asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
    Watched mail{context};
    Watched listener{context};
    Timer timer{context};
};

Loop::Loop(Parts parts)
    : parts_(std::move(parts)),
      mailbox_(std::make_shared<Mailbox>()),
      asio_(std::make_unique<Asio>()) {
    asio_->mail.assign(mailbox_->event_);
    asio_->listener.assign(parts_.listener);
    update_time();
}

Loop::~Loop() {
    asio_->mail.release();  // the mailbox closes it
    members_.clear();
}

std::unique_ptr<Transport> Loop::make_transport(int descriptor) {
    return make_plain_transport(asio_->context, descriptor);
}

void Loop::run(const std::function<void()>& on_thread) {
    mailbox_->open();
    if (on_thread) {
        on_thread();
    }
    wait_mail();
    wait_accept();
    tick();
    asio_->context.run();
    mailbox_->close();
}

void Loop::begin_stop() {
    mailbox_->post([this] {
        if (stopping_) {
            return;
        }
        stopping_ = true;
        ErrorCode ignored;
        asio_->listener.close(ignored);
        for_each([](LoopMember& member) { member.on_stop(); });
        if (members_.empty()) {
            asio_->context.stop();
        }
    });
}

void Loop::cut() {
    mailbox_->post([this] {
        for_each([](LoopMember& member) { member.cut(); });
        asio_->context.stop();
    });
}

void Loop::defer(Task task) {
    asio::post(asio_->context, std::move(task));
}

void Loop::add(std::shared_ptr<LoopMember> member) {
    member->index_ = members_.size();
    members_.push_back(std::move(member));
}

void Loop::remove(LoopMember& member) {
    const std::size_t index = member.index_;
    DCHECK(index < members_.size() && members_[index].get() == &member, "not a member");
    const std::shared_ptr<LoopMember> removed = std::move(members_[index]);
    if (index + 1 < members_.size()) {
        members_[index] = std::move(members_.back());
        members_[index]->index_ = index;
    }
    members_.pop_back();
    if (stopping_ && members_.empty()) {
        asio_->context.stop();
    }
}

// Backwards, because a visited member may remove itself: the last one then takes its place.
void Loop::for_each(const std::function<void(LoopMember&)>& visit) {
    for (std::size_t i = members_.size(); i-- > 0;) {
        if (i < members_.size()) {
            const std::shared_ptr<LoopMember> member = members_[i];
            visit(*member);
        }
    }
}

void Loop::wait_mail() {
    asio_->mail.async_wait(Watched::wait_read, [this](ErrorCode error) {
        if (error) {
            return;
        }
        for (Task& task : mailbox_->take()) {
            task();
        }
        wait_mail();
    });
}

void Loop::wait_accept() {
    asio_->listener.async_wait(Watched::wait_read, [this](ErrorCode error) {
        if (!error) {
            accept_some();
        }
    });
}

void Loop::accept_some() {
    for (int i = 0; i < kAcceptsAtOnce; ++i) {
        sockaddr_storage address{};
        socklen_t size = sizeof(address);
        const int descriptor =
            ::accept4(asio_->listener.native_handle(), reinterpret_cast<sockaddr*>(&address), &size,
                      SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            const int on = 1;
            ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            // Or the kernel would hold megabytes for a peer that does not read.
            ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes,
                         sizeof(kSendBufferBytes));
            parts_.on_accept(*this, descriptor, format_address(address));
            continue;
        }
        if (is_shortage(errno)) {
            // The waiting connection stays readable: asking again at once would spin.
            accept_paused_ = true;
            parts_.on_descriptors_exhausted();
            return;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        }
        // Anything else concerns only the connection that was to be accepted.
    }
    wait_accept();
}

void Loop::tick() {
    update_time();
    if (accept_paused_ && !stopping_) {
        accept_paused_ = false;
        accept_some();
    }
    for_each([this](LoopMember& member) { member.on_tick(now_ms_); });
    if (scratch_.capacity() > kKeptScratchBytes) {
        scratch_ = {};
    }
    asio_->timer.expires_after(std::chrono::milliseconds(parts_.tick_ms));
    asio_->timer.async_wait([this](ErrorCode error) {
        if (!error) {
            tick();
        }
    });
}

void Loop::update_time() {
    const std::int64_t steady_ms = clock_.steady_us() / 1000;
    const std::int64_t passed_ms = steady_ms_ == 0 ? 0 : steady_ms - steady_ms_;
    steady_ms_ = steady_ms;
    now_ms_ += std::min(passed_ms, 2 * parts_.tick_ms);
    const std::int64_t now_s = clock_.now_us() / 1'000'000;
    if (now_s != date_s_) {
        date_s_ = now_s;
        date_ = format_http_date(now_s);
    }
}

}  // namespace credence::net
