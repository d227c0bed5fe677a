#pragma once

/// \file
/// Signals that come before there is something to handle them.

#include <csignal>
#include <initializer_list>

namespace pushgateway::server {

/// Holds back the signals that end a server or let it read its files, from the first moment of the program until
/// `release`: then those that came meanwhile are delivered. The system drops what comes to the first process of a
/// container, which has no default for signals, unless it is held back or handled. To be made by the first thread;
/// those that it starts before `release` hold them back for good.
class held_signals {
public:
    held_signals() noexcept { ::pthread_sigmask(SIG_BLOCK, set(), nullptr); }

    /// Also lets signals through that were held back when the program was started.
    static void release() noexcept { ::pthread_sigmask(SIG_UNBLOCK, set(), nullptr); }

private:
    static sigset_t const* set() noexcept {
        static sigset_t const signals = [] {
            sigset_t out;
            sigemptyset(&out);
            for (int const number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&out, number);
            return out;
        }();
        return &signals;
    }
};

}  // namespace pushgateway::server
