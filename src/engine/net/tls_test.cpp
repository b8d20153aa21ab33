#include "engine/net/tls_test_support.h"

namespace credence::net::test {
namespace {

class TlsTest : public NetTest {
protected:
    void serve_tls() {
        serve(echo, {.head_timeout_ms = 200,
                     .tls_certificate_file = pair_.certificate_file,
                     .tls_key_file = pair_.key_file});
    }
    Pair pair_;
};

TEST_F(TlsTest, ServesBothVersionsWithLargeBodies) {
    serve_tls();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient client(port(), version);
        ASSERT_TRUE(client.connect());
        const std::string body(3'000'000, 'b');
        client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
        client.send("POST /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
        const std::string all = client.read_to_end();
        EXPECT_NE(all.find("GET /1? "), std::string::npos);
        EXPECT_TRUE(all.ends_with("POST /2? " + body));
        EXPECT_TRUE(client.clean_end);
    }
}

TEST_F(TlsTest, RefusesOldVersionsPlainTextAndSilence) {
    serve_tls();
    TlsClient old(port(), TLS1_1_VERSION);
    EXPECT_FALSE(old.connect());
    Client plain(port());
    plain.send(kGet);
    EXPECT_EQ(plain.read_to_end().find("HTTP/1.1 200"), std::string::npos);
    EXPECT_FALSE(plain.timed_out());
    Client silent(port());
    EXPECT_EQ(silent.read_to_end(), "");
    EXPECT_FALSE(silent.timed_out());
}

TEST_F(TlsTest, RefusesAKeyOfAnotherCertificate) {
    const Pair* first = &pair_;
    const std::string other = first->certificate_file;  // a certificate is no key
    const auto server = Server::open(
        {.port = 0, .tls_certificate_file = first->certificate_file, .tls_key_file = other}, echo,
        metrics_);
    ASSERT_FALSE(server.has_value());
    EXPECT_EQ(server.error().code, Code::invalid);
    EXPECT_EQ(server.error().field, "tls_key_file");
}

}  // namespace
}  // namespace credence::net::test
