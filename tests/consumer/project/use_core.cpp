#include <cstdio>
#include <string>

#include <pushgateway/pushgateway.hpp>

int main() {
    pushgateway::gateway gateway;
    pushgateway::model::grouping_key const key("backup");
    auto const pushed = gateway.push(key, pushgateway::push_mode::replace, "# TYPE bytes gauge\nbytes 42\n");
    if (!pushed) {
        std::puts(pushed.error().message.c_str());
        return 1;
    }
    std::string const page = gateway.scrape();
    std::fputs(page.c_str(), stdout);
    bool const there = page.find("bytes{instance=\"\",job=\"backup\"} 42\n") != std::string::npos;
    return there && gateway.erase(key) ? 0 : 1;
}
