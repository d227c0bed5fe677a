#include <iostream>

#include <pushgateway/pushgateway.hpp>

int main() {
    pushgateway::gateway gateway;
    auto const key = pushgateway::model::grouping_key("backup").set("host", "db1");
    if (auto pushed = gateway.push(key, pushgateway::push_mode::replace, "files_total 12\n"); !pushed) {
        std::cerr << pushed.error().message << '\n';
        return 1;
    }
    std::cout << gateway.scrape();
    return 0;
}
