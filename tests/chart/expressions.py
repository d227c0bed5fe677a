"""Prints a rule file with every expression that a rendered PrometheusRule and a dashboard hold, for promtool to parse."""
import json
import sys

import yaml

rules = []
with open(sys.argv[1], encoding="utf-8") as file:
    for document in yaml.safe_load_all(file):
        if document and document["kind"] == "PrometheusRule":
            rules += document["spec"]["groups"][0]["rules"]
assert rules
with open(sys.argv[2], encoding="utf-8") as file:
    panels = json.load(file)["panels"]
for panel in panels:
    for target in panel["targets"]:
        # What Grafana puts in.
        expr = target["expr"].replace("$__rate_interval", "1m").replace("$job", ".*")
        rules.append({"record": f"panel_{panel['id']}_{target['refId']}", "expr": expr})
yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}, sys.stdout)
