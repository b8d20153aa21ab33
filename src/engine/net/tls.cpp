// TLS over any Transport, by OpenSSL with a BIO that calls the transport: no copy of the socket
// code, no SIGPIPE, and OpenSSL gives its buffers back while a connection is idle.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/net/transport.h"

namespace credence::net {

namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};

using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Method = std::unique_ptr<BIO_METHOD, Freed<BIO_meth_free>>;

int bio_read(BIO* bio, char* into, int size) {
    auto& plain = *static_cast<Transport*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const Moved moved = plain.read({into, static_cast<std::size_t>(size)});
    if (moved.flow == Flow::would_block) {
        BIO_set_retry_read(bio);
        return -1;
    }
    if (moved.flow == Flow::closed) {
        return 0;
    }
    return moved.flow == Flow::ok ? static_cast<int>(moved.size) : -1;
}

int bio_write(BIO* bio, const char* data, int size) {
    auto& plain = *static_cast<Transport*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const Moved moved = plain.write({data, static_cast<std::size_t>(size)});
    if (moved.flow == Flow::would_block) {
        BIO_set_retry_write(bio);
        return -1;
    }
    return moved.flow == Flow::ok ? static_cast<int>(moved.size) : -1;
}

long bio_control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int to_int(std::size_t size) {
    return static_cast<int>(std::min(size, std::size_t{std::numeric_limits<int>::max()}));
}

class TlsStream final : public TransportEvents, public std::enable_shared_from_this<TlsStream> {
public:
    TlsStream(SSL_CTX* context, const BIO_METHOD* method, std::unique_ptr<Transport> plain)
        : plain_(std::move(plain)), ssl_(SSL_new(context)) {
        BIO* bio = BIO_new(method);
        BIO_set_data(bio, plain_.get());
        BIO_set_init(bio, 1);
        SSL_set_bio(ssl_.get(), bio, bio);
        SSL_set_accept_state(ssl_.get());
    }

    Moved read(std::span<char> into) {
        ERR_clear_error();
        const int count = SSL_read(ssl_.get(), into.data(), to_int(into.size()));
        return count > 0 ? Moved{static_cast<std::size_t>(count), Flow::ok} : stalled(count);
    }

    Moved write(std::string_view data) {
        std::size_t sent = 0;
        while (sent < data.size()) {
            ERR_clear_error();
            const int count = SSL_write(ssl_.get(), data.data() + sent, to_int(data.size() - sent));
            if (count <= 0) {
                const Moved moved = stalled(count);
                return {sent, moved.flow == Flow::would_block ? moved.flow : Flow::failed};
            }
            sent += static_cast<std::size_t>(count);
        }
        return {sent, Flow::ok};
    }

    Moved start_read(std::span<char> into, const std::shared_ptr<TransportEvents>& to) {
        if (!into.empty()) {
            const Moved moved = read(into);
            if (moved.flow != Flow::would_block) {
                return moved;
            }
        }
        into_ = into;
        read_to_ = to;
        wait_to_read();
        return {0, Flow::would_block};
    }

    void start_write_wait(const std::shared_ptr<TransportEvents>& to) {
        write_to_ = to;
        if (wants_write_) {
            wait_writable();
        } else if (!plain_read_started_) {
            // A write that needs input: the handshake is not over.
            start_plain_read();
        }
    }

    void on_read(Moved moved) override {
        plain_read_started_ = false;
        if (moved.flow != Flow::ok) {
            write_to_.reset();
            if (const auto to = std::exchange(read_to_, nullptr)) {
                to->on_read(moved);
            }
            return;
        }
        if (const auto to = std::exchange(write_to_, nullptr)) {
            to->on_writable();
        }
        retry_read();
    }

    void on_writable() override {
        plain_write_started_ = false;
        if (const auto to = std::exchange(write_to_, nullptr)) {
            to->on_writable();
        }
        retry_read();
    }

    void cancel_read() { plain_->cancel_read(); }

    void shutdown_write() {
        send_close_notify();
        plain_->shutdown_write();
    }

    void close() {
        send_close_notify();
        read_to_.reset();
        write_to_.reset();
        closed_ = true;
        plain_->close();
    }

private:
    Moved stalled(int result) {
        switch (SSL_get_error(ssl_.get(), result)) {
            case SSL_ERROR_WANT_READ:
                wants_write_ = false;
                return {0, Flow::would_block};
            case SSL_ERROR_WANT_WRITE:
                wants_write_ = true;
                return {0, Flow::would_block};
            case SSL_ERROR_ZERO_RETURN:
                return {0, Flow::closed};
            default:
                broken_ = true;
                return {0, Flow::failed};
        }
    }

    void wait_to_read() {
        if (wants_write_ && !into_.empty()) {
            wait_writable();
        } else if (!plain_read_started_) {
            start_plain_read();
        }
    }

    void start_plain_read() {
        plain_read_started_ = true;
        plain_->start_read({}, shared_from_this());
    }

    void wait_writable() {
        if (!plain_write_started_) {
            plain_write_started_ = true;
            plain_->start_write_wait(shared_from_this());
        }
    }

    void retry_read() {
        if (closed_ || read_to_ == nullptr) {
            return;
        }
        const Moved moved = into_.empty() ? Moved{} : read(into_);
        if (moved.flow == Flow::would_block) {
            wait_to_read();
            return;
        }
        const auto to = std::exchange(read_to_, nullptr);
        to->on_read(moved);
    }

    // Best effort: without it the peer cannot tell the end from a cut.
    void send_close_notify() {
        if (!broken_ && !notified_ && SSL_is_init_finished(ssl_.get()) != 0) {
            notified_ = true;
            ERR_clear_error();
            SSL_shutdown(ssl_.get());
        }
    }

    std::unique_ptr<Transport> plain_;
    std::unique_ptr<SSL, Freed<SSL_free>> ssl_;
    std::span<char> into_;
    std::shared_ptr<TransportEvents> read_to_;
    std::shared_ptr<TransportEvents> write_to_;
    bool plain_read_started_ = false;
    bool plain_write_started_ = false;
    bool wants_write_ = false;
    bool broken_ = false;
    bool notified_ = false;
    bool closed_ = false;
};

// Owns the stream jointly with the operations under way.
class TlsTransport final : public Transport {
public:
    explicit TlsTransport(std::shared_ptr<TlsStream> stream) : stream_(std::move(stream)) {}
    Moved read(std::span<char> into) override { return stream_->read(into); }
    Moved write(std::string_view data) override { return stream_->write(data); }
    Moved start_read(std::span<char> into, const std::shared_ptr<TransportEvents>& to) override {
        return stream_->start_read(into, to);
    }
    void start_write_wait(const std::shared_ptr<TransportEvents>& to) override {
        stream_->start_write_wait(to);
    }
    void cancel_read() override { stream_->cancel_read(); }
    void shutdown_write() override { stream_->shutdown_write(); }
    void close() override { stream_->close(); }

private:
    std::shared_ptr<TlsStream> stream_;
};

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
    static constexpr std::string_view kHttp11 = "\x08http/1.1";
    unsigned char* found = nullptr;
    const int result =
        SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(kHttp11.data()),
                              static_cast<unsigned int>(kHttp11.size()), offered, offered_size);
    if (result != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

class OpenSslContext final : public TlsContext {
public:
    OpenSslContext(Context context, Method method)
        : context_(std::move(context)), method_(std::move(method)) {}

    std::unique_ptr<Transport> wrap(std::unique_ptr<Transport> plain) const override {
        return std::make_unique<TlsTransport>(
            std::make_shared<TlsStream>(context_.get(), method_.get(), std::move(plain)));
    }

private:
    Context context_;
    Method method_;
};

void configure(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");  // for 1.2; 1.3 has its own
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::open(const std::string& certificate_file,
                                                     const std::string& key_file) {
    Context context(SSL_CTX_new(TLS_server_method()));
    Method method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "transport"));
    if (context == nullptr || method == nullptr) {
        return fail(Code::internal, "OpenSSL cannot be initialised");
    }
    BIO_meth_set_read(method.get(), bio_read);
    BIO_meth_set_write(method.get(), bio_write);
    BIO_meth_set_ctrl(method.get(), bio_control);
    configure(context.get());
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
        ERR_clear_error();
        return fail(Code::invalid, "not a readable PEM certificate chain: " + certificate_file,
                    "tls_certificate_file");
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1) {
        ERR_clear_error();
        return fail(Code::invalid, "not the certificate's private key: " + key_file,
                    "tls_key_file");
    }
    return std::make_unique<OpenSslContext>(std::move(context), std::move(method));
}

}  // namespace credence::net
