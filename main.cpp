#include <pushgateway/server/daemon.hpp>

int main(int argc, char** argv) { return pushgateway::server::run(argc, argv); }
