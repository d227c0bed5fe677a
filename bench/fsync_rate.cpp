// fsync_rate FOLDER: how often a second a small write to a file in the folder can be made durable, one after the other.

#include <chrono>
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <unistd.h>

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: fsync_rate FOLDER\n", stderr);
        return 2;
    }
    auto const path = std::string(argv[1]) + "/fsync_rate.tmp";
    int const file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        std::perror(path.c_str());
        return 2;
    }
    // Pages behind each other, as a log is written.
    std::string const page(4096, 'x');
    auto const begin = std::chrono::steady_clock::now();
    std::chrono::duration<double> took{};
    int syncs = 0;
    for (; took.count() < 1; ++syncs) {
        if (::pwrite(file, page.data(), page.size(), static_cast<off_t>(syncs % 1024) * 4096) != 4096 ||
            ::fdatasync(file) != 0) {
            std::perror(path.c_str());
            return 1;
        }
        took = std::chrono::steady_clock::now() - begin;
    }
    ::close(file);
    ::unlink(path.c_str());
    std::printf("%.1f\n", syncs / took.count());
}
