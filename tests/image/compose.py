"""compose.py PROJECT [docker]: uses what compose.yaml has started: pushes, lets pushes be refused, and asks the real Prometheus
for everything that rules and dashboard ask for.

script/image runs it with podman, and with a container that only has Grafana's files in the place of Grafana; with "docker",
what runs there is Grafana.
"""
import json
import math
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

project = sys.argv[1]
docker = sys.argv[2:] == ["docker"]
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
gateway, prometheus, grafana = (f"http://127.0.0.1:{port}" for port in (9091, 9090, 3000))
# What the documentation of Grafana's provisioning knows, as far as a file of ours may need it.
DATASOURCE = {"name", "uid", "type", "access", "url", "isDefault", "jsonData"}
PROVIDER = {"name", "type", "options", "folder", "allowUiUpdates"}


def send(path, text="", expected=200, method="PUT"):
    request = urllib.request.Request(gateway + path, text.encode(), method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status = answer.status
    except urllib.error.HTTPError as refused:
        status = refused.code
    assert status == expected, f"{path}: {status}"


def ask(path, **parameters):
    url = f"{prometheus}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            told = json.load(answer)
    except urllib.error.HTTPError as refused:
        raise AssertionError(f"{url}: {refused.read().decode()}") from refused
    assert told["status"] == "success", told
    return told["data"]


def comes_true(what, seconds=60):
    """Tries again what asks the Prometheus, which looks every five seconds."""
    for _ in range(seconds * 2):
        try:
            found = what()
            if found:
                return found
        except (AssertionError, OSError, ValueError) as error:
            found = error
        time.sleep(0.5)
    raise AssertionError(f"{what.__name__} does not come true: {found}")


def in_grafana(*command):
    container = ["docker", "exec", f"{project}-grafana-1"] if docker else ["podman", "exec", f"{project}_grafana_1"]
    return subprocess.run([*container, *command], check=True, capture_output=True, text=True, timeout=30).stdout


def grafana_has_them():
    """Asks Grafana itself for its data source and its dashboard."""
    with urllib.request.urlopen(f"{grafana}/api/datasources/uid/prometheus/health", timeout=10) as answer:
        assert json.load(answer)["status"] == "OK"
    with urllib.request.urlopen(f"{grafana}/api/dashboards/uid/pushgateway", timeout=10) as answer:
        assert json.load(answer)["dashboard"]["title"] == "Push gateway"
    return True


def target_is_up():
    (target,) = ask("targets")["activeTargets"]
    return target["health"] == "up"


def rules_are_loaded():
    (group,) = ask("rules")["groups"]
    with open(os.path.join(root, "helm-chart/files/rules.yaml"), encoding="utf-8") as file:
        written = [rule["alert"] for rule in yaml.safe_load(file)["groups"][0]["rules"]]
    assert [rule["name"] for rule in group["rules"]] == written, group
    return all(rule["health"] == "ok" and not rule.get("lastError") for rule in group["rules"])


def alerts_fire():
    """Those whose reason was given, and no others."""
    firing = {alert["labels"]["alertname"] for alert in ask("alerts")["alerts"] if alert["state"] == "firing"}
    assert firing == {"PushgatewayPushFailed", "PushgatewayPushesRejected", "PushgatewayLimitReached"}, firing
    return True


def datasource():
    """The one that Grafana gets, which must be reached from where Grafana is."""
    told = yaml.safe_load(in_grafana("cat", "/etc/grafana/provisioning/datasources/prometheus.yml"))
    assert set(told) == {"apiVersion", "datasources"} and told["apiVersion"] == 1, told
    (one,) = told["datasources"]
    assert set(one) <= DATASOURCE, set(one) - DATASOURCE
    assert one["type"] == "prometheus" and one["access"] == "proxy" and one["isDefault"] is True, one
    address = urllib.parse.urlsplit(one["url"])
    answer = in_grafana("bash", "-c", f"exec 3<>/dev/tcp/{address.hostname}/{address.port} && "
                        "printf 'GET /-/ready HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3")
    assert " 200 OK" in answer, answer
    interval = ask("status/config")["yaml"]
    assert f"scrape_interval: {one['jsonData']['timeInterval']}" in interval, interval
    return one


def dashboards():
    told = yaml.safe_load(in_grafana("cat", "/etc/grafana/provisioning/dashboards/pushgateway.yml"))
    assert set(told) == {"apiVersion", "providers"} and told["apiVersion"] == 1, told
    (one,) = told["providers"]
    assert set(one) <= PROVIDER and one["type"] == "file" and set(one["options"]) == {"path"}, one
    files = in_grafana("find", one["options"]["path"], "-name", "*.json").split()
    home = in_grafana("printenv", "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH").strip()
    assert home in files, files
    return [json.loads(in_grafana("cat", path)) for path in files]


def variables_of(dashboard, source):
    """Every variable of a dashboard with what Grafana would put in for it."""
    values = {}
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "datasource":
            assert variable["query"] == source["type"], variable
            values[variable["name"]] = source["uid"]
            continue
        assert variable["type"] == "query" and variable["query"]["query"] == variable["definition"], variable
        assert variable["datasource"]["uid"] == "${datasource}", variable
        metric, label = re.fullmatch(r"label_values\(([^,]+), (\w+)\)", variable["definition"]).groups()
        found = ask(f"label/{label}/values", **{"match[]": metric})
        assert found, f"{variable['name']} has no values"
        values[variable["name"]] = "(" + "|".join(found) + ")" if len(found) > 1 else found[0]
    return values


def data_of(target, values, end):
    """What a query gives, as a list of labels and numbers. Rates are over four scrapes, as Grafana's."""
    expr = target["expr"].replace("$__rate_interval", "20s")
    for name, value in values.items():
        expr = re.sub(rf"\$(\{{{name}\}}|{name}\b)", value, expr)
    assert "$" not in expr, f"nobody puts in what is left of {expr}"
    if target.get("instant"):
        series = ask("query", query=expr, time=end)["result"]
        return expr, [(one["metric"], [one["value"][1]]) for one in series]
    series = ask("query_range", query=expr, start=end - 30, end=end, step=5)["result"]
    return expr, [(one["metric"], [value for _, value in one["values"]]) for one in series]


def panels_have_data(dashboard, values):
    def panel_has_data():
        end = time.time()
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${datasource}", panel["title"]
            expr, series = data_of(target, values, end)
            assert any(math.isfinite(float(v)) for _, numbers in series for v in numbers), f"{panel['title']}: {expr}: {series}"
            legend = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            known = set().union(*(labels for labels, _ in series))
            # Labels of a cluster are missing here.
            assert legend - {"pod"} <= known, f"{panel['title']}: {legend} is not in {known}"
        return True

    for panel in dashboard["panels"]:
        assert panel["type"] in ("stat", "timeseries", "table"), panel["title"]
        comes_true(panel_has_data)
        print("data for:", panel["title"])
    cells = [(x, y) for panel in dashboard["panels"] for grid in [panel["gridPos"]]
             for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])]
    assert len(cells) == len(set(cells)) and max(x for x, _ in cells) < 24, "panels lie over each other"


def stat(dashboard, values, title):
    (panel,) = [one for one in dashboard["panels"] if one["title"] == title]
    expr, series = data_of(panel["targets"][0], values, time.time())
    assert len(series) == 1, f"{title}: {expr}: {series}"
    return float(series[0][1][0])


comes_true(target_is_up)
comes_true(rules_are_loaded)
send("/metrics/job/backup/host/db1", "backup_bytes 4.2e9\n")
send("/metrics/job/import", "# TYPE rows counter\nrows 12\n", method="POST")
send("/metrics/job/import/part/2", "# TYPE rows gauge\nrows 1\n", expected=400)
send("/metrics/job/many" + "".join(f"/label{n}/x" for n in range(300)), "x 1\n", expected=400)
send("/metrics/job/gone", expected=202, method="DELETE")
send("/", method="GET")
comes_true(alerts_fire)
if docker:
    comes_true(grafana_has_them)
source = datasource()
(board,) = dashboards()
told = variables_of(board, source)
panels_have_data(board, told)
assert told["job"] == "pushgateway", told
assert stat(board, told, "Groups") == 3
assert stat(board, told, "Groups that failed last") == 1
assert stat(board, told, "Groups older than a day") == 0
assert 0 < stat(board, told, "Up for") < 3600
comes_true(rules_are_loaded)
print("rules, data source, dashboard and alerts work together")
