#include <cstdio>

#include "everything.hpp"

void const* address_in_the_other_unit();

int main() {
    if (address_in_the_other_unit() == &pushgateway::model::job_label) return 0;
    std::puts("the two units have two copies of one inline variable");
    return 1;
}
