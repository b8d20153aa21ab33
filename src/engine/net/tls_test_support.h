// For net's tests: a certificate of their own and a blocking TLS client.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "engine/net/net_test_support.h"

namespace credence::net::test {

// A self-signed certificate and its key, in files of the test's own.
class Pair {
public:
    Pair() {
        EVP_PKEY* key = EVP_EC_gen("P-256");
        X509* certificate = X509_new();
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        X509_NAME* name = X509_get_subject_name(certificate);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
        X509_set_issuer_name(certificate, name);
        X509_sign(certificate, key, EVP_sha256());
        const std::string base = testing::TempDir() + "net_tls_" + std::to_string(::getpid());
        certificate_file = base + "_certificate.pem";
        key_file = base + "_key.pem";
        std::FILE* file = std::fopen(certificate_file.c_str(), "w");
        PEM_write_X509(file, certificate);
        std::fclose(file);
        file = std::fopen(key_file.c_str(), "w");
        PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    ~Pair() {
        std::remove(certificate_file.c_str());
        std::remove(key_file.c_str());
    }

    std::string certificate_file;
    std::string key_file;
};

class TlsClient {
public:
    TlsClient(std::uint16_t port, int max_version) : client_(port) {
        SSL_CTX_set_max_proto_version(context_, max_version);
        ssl_ = SSL_new(context_);
        SSL_set_fd(ssl_, client_.socket());
    }
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;
    ~TlsClient() {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
    }
    bool connect() { return SSL_connect(ssl_) == 1; }
    void send(const std::string& bytes) {
        EXPECT_EQ(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())),
                  static_cast<int>(bytes.size()));
    }
    std::string read_until(std::string_view mark) {
        std::string all;
        char byte = 0;
        while (!all.ends_with(mark) && SSL_read(ssl_, &byte, 1) == 1) {
            all += byte;
        }
        return all;
    }
    std::string read_to_end() {
        std::string all;
        char buffer[4096];
        int count = 0;
        while ((count = SSL_read(ssl_, buffer, sizeof(buffer))) > 0) {
            all.append(buffer, static_cast<std::size_t>(count));
        }
        clean_end = SSL_get_error(ssl_, count) == SSL_ERROR_ZERO_RETURN;
        return all;
    }

    void leave() { client_.leave(); }

    bool clean_end = false;

private:
    Client client_;
    SSL_CTX* context_ = SSL_CTX_new(TLS_client_method());
    SSL* ssl_ = nullptr;
};

}  // namespace credence::net::test
