#include "everything.hpp"

void const* address_in_the_other_unit() { return &pushgateway::model::job_label; }
