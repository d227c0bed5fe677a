#include <pushgateway/base/memory_counting.hpp>
#include <pushgateway/server/daemon.hpp>

// The build says what it is made from; what it does not say is unknown.
#ifndef PUSHGATEWAY_REVISION
#define PUSHGATEWAY_REVISION "unknown"
#endif
#ifndef PUSHGATEWAY_BRANCH
#define PUSHGATEWAY_BRANCH ""
#endif
#ifndef PUSHGATEWAY_BUILD_USER
#define PUSHGATEWAY_BUILD_USER ""
#endif
#ifndef PUSHGATEWAY_BUILD_DATE
#define PUSHGATEWAY_BUILD_DATE ""
#endif

int main(int argc, char** argv) {
    pushgateway::build_info build;
    build.revision = PUSHGATEWAY_REVISION;
    build.branch = PUSHGATEWAY_BRANCH;
    build.build_user = PUSHGATEWAY_BUILD_USER;
    build.build_date = PUSHGATEWAY_BUILD_DATE;
    return pushgateway::server::run(argc, argv, build);
}
