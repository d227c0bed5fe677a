#pragma once

/// \file
/// A server that says what a test wants.

#include <array>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/error_code.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/address_v4.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/socket_base.hpp>
#include <asio/write.hpp>

namespace pushgateway::test {

/// Answers each connection with the next of `answers`, whatever it is asked, and closes it.
class scripted_peer {
public:
    /// `reset`: it ends connections as a process does that is killed.
    explicit scripted_peer(std::vector<std::string> answers, bool reset = false)
        : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}),
          port_(std::to_string(acceptor_.local_endpoint().port())) {
        thread_ = std::thread([this, texts = std::move(answers), reset] {
            for (auto const& text : texts) {
                auto socket = acceptor_.accept();
                std::array<char, 512> buffer{};
                asio::error_code ignored;
                auto const size = socket.read_some(asio::buffer(buffer), ignored);
                asked.emplace_back(buffer.data(), size);
                asio::write(socket, asio::buffer(text), ignored);
                if (reset) socket.set_option(asio::socket_base::linger(true, 0), ignored);
                // Left to the destructor, Asio would not reset it.
                socket.close(ignored);
            }
        });
    }
    ~scripted_peer() { join(); }
    scripted_peer(scripted_peer const&) = delete;
    scripted_peer& operator=(scripted_peer const&) = delete;

    void join() {
        if (thread_.joinable()) thread_.join();
    }

    [[nodiscard]] std::string const& port() const noexcept { return port_; }

    std::vector<std::string> asked;  ///< after `join`

private:
    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_;
    std::string port_;
    std::thread thread_;
};

}  // namespace pushgateway::test
