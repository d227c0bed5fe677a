#pragma once

/// \file
/// What this program was built from, and by what.

#include <string>
#include <string_view>

#include <pushgateway/base/version.hpp>

namespace pushgateway {

/// The labels of `pushgateway_build_info`, and what the status page and the API tell. The names are those that
/// dashboards know, although no Go is involved: `goversion` is the compiler.
struct build_info {
    std::string version{pushgateway::version};
    std::string revision = "unknown";
    std::string branch;
    std::string build_user;
    std::string build_date;
    std::string tags = "unknown";
    std::string goversion =
#if defined(__clang__)
        "clang " __clang_version__;
#elif defined(__GNUC__)
        "gcc " __VERSION__;
#else
        "unknown";
#endif
    std::string goos =
#if defined(__linux__)
        "linux";
#elif defined(__APPLE__)
        "darwin";
#elif defined(__FreeBSD__)
        "freebsd";
#else
            "unknown";
#endif
    std::string goarch =
#if defined(__x86_64__)
        "amd64";
#elif defined(__aarch64__)
        "arm64";
#elif defined(__arm__)
        "arm";
#elif defined(__riscv) && __riscv_xlen == 64
        "riscv64";
#elif defined(__powerpc64__)
                "ppc64le";
#elif defined(__s390x__)
                "s390x";
#else
                "unknown";
#endif
};

}  // namespace pushgateway
