// A library to be loaded before a program (LD_PRELOAD): every fsync and fdatasync takes SYNC_DELAY_US microseconds,
// like a disk that syncs in that time. Nothing is made durable. For file systems in memory.

#include <cstdlib>
#include <ctime>

#include <sys/prctl.h>

namespace {

int take_time() noexcept {
    static long const microseconds = [] {
        auto const* told = std::getenv("SYNC_DELAY_US");
        return told == nullptr ? 0L : std::atol(told);
    }();
    // Otherwise the system may sleep 50 us longer.
    thread_local bool const precise = ::prctl(PR_SET_TIMERSLACK, 1UL) == 0;
    static_cast<void>(precise);
    timespec const delay{microseconds / 1'000'000, microseconds % 1'000'000 * 1000};
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &delay, nullptr);
    return 0;
}

}  // namespace

extern "C" {

int fsync(int /*file*/) { return take_time(); }
int fdatasync(int /*file*/) { return take_time(); }
}
