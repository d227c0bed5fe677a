"""What the chart in helm-chart/ makes of its values."""
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml
from passwords import crypt
from rendering import chart, container, only, pod, refusal, render, root, scenarios, secret_text, workload


class SmallChart(unittest.TestCase):
    """The values of the small chart that this one replaces."""

    def test_default(self):
        documents = render()
        deployment = only(documents, "Deployment", "pushgateway")
        self.assertEqual(deployment["spec"]["selector"]["matchLabels"]["app"], "pushgateway")
        self.assertEqual(deployment["spec"]["template"]["metadata"]["labels"]["app"], "pushgateway")
        self.assertEqual(deployment["spec"]["replicas"], 1)
        service = only(documents, "Service", "pushgateway")
        self.assertEqual(service["spec"]["ports"][0]["port"], 9091)
        self.assertEqual(service["spec"]["type"], "ClusterIP")
        self.assertEqual(container(documents)["resources"],
                         {"requests": {"memory": "64Mi", "cpu": "100m"}, "limits": {"memory": "128Mi", "cpu": "200m"}})

    def test_namespace(self):
        for document in render({"namespace": "monitoring"}, namespace="default"):
            self.assertEqual(document["metadata"]["namespace"], "monitoring", document["kind"])

    def test_image(self):
        self.assertEqual(container(render({"image": {"repository": "a/b", "tag": "1", "pullPolicy": "Always"}}))["image"],
                         "a/b:1")
        with open(os.path.join(chart, "Chart.yaml"), encoding="utf-8") as file:
            version = yaml.safe_load(file)["appVersion"]
        self.assertEqual(container(render())["image"], f"pushgateway:{version}")


class Complaints(unittest.TestCase):
    """What users of the other charts asked for."""

    def test_the_monitor_knows_the_password(self):
        users = {"zoe": "first", "job": "A7ERGdgwLHnY"}
        documents = render({"webConfiguration": {"basicAuthUsers": users}, "serviceMonitor": {"enabled": True}})
        endpoint = only(documents, "ServiceMonitor")["spec"]["endpoints"][0]
        name = endpoint["basicAuth"]["password"]["name"]
        self.assertEqual(secret_text(documents, name, endpoint["basicAuth"]["username"]["key"]), "job")
        self.assertEqual(secret_text(documents, name, endpoint["basicAuth"]["password"]["key"]), users["job"])
        self.assertEqual(only(documents, "Secret", name)["metadata"]["namespace"],
                         only(documents, "ServiceMonitor")["metadata"]["namespace"])
        file = yaml.safe_load(secret_text(documents, "pushgateway", "web-config.yaml"))
        self.assertEqual(set(file["basic_auth_users"]), set(users))
        for user, hashed in file["basic_auth_users"].items():
            self.assertEqual(crypt(users[user], hashed), hashed)

    def test_probes_need_no_password(self):
        users = {"basicAuthUsers": {"job": "secret"}}
        documents = render({"webConfiguration": users})
        file = yaml.safe_load(secret_text(documents, "pushgateway", "web-config.yaml"))
        self.assertEqual(file["access"], {"exempt": ["probes"]})
        self.assertNotIn("httpHeaders", container(documents)["livenessProbe"]["httpGet"])
        documents = render({"webConfiguration": {**users, "exemptProbes": False}})
        file = yaml.safe_load(secret_text(documents, "pushgateway", "web-config.yaml"))
        self.assertNotIn("access", file)
        self.assertEqual(container(documents)["livenessProbe"]["httpGet"]["httpHeaders"],
                         [{"name": "Authorization", "value": "Basic " + base64.b64encode(b"job:secret").decode()}])

    def test_one_prefix_feeds_flag_probes_and_monitor(self):
        for web in ({"routePrefix": "/push"}, {"routePrefix": "push/"}, {"externalUrl": "https://h/push/"}):
            documents = render({"web": web, "serviceMonitor": {"enabled": True}})
            self.assertEqual(container(documents)["livenessProbe"]["httpGet"]["path"], "/push/-/healthy")
            self.assertEqual(container(documents)["startupProbe"]["httpGet"]["path"], "/push/-/healthy")
            self.assertEqual(container(documents)["readinessProbe"]["httpGet"]["path"], "/push/-/ready")
            self.assertEqual(only(documents, "ServiceMonitor")["spec"]["endpoints"][0]["path"], "/push/metrics")
            test = only(documents, "Pod")["spec"]["containers"][0]["env"]
            self.assertEqual(test[0]["value"], "http://pushgateway.monitoring.svc:9091/push")
            self.assertEqual(test[1]["value"], "/metrics")
        both = {"externalUrl": "https://h/outside/", "routePrefix": "/"}
        self.assertEqual(container(render({"web": both}))["livenessProbe"]["httpGet"]["path"], "/-/healthy")
        # Whoever wrote the prefix into the paths keeps what they wrote.
        told = {"web": {"routePrefix": "/push"}, "liveness": {"probe": {"httpGet": {"path": "/push/-/healthy"}}},
                "serviceMonitor": {"enabled": True, "telemetryPath": "/push/metrics"}}
        self.assertEqual(container(render(told))["livenessProbe"]["httpGet"]["path"], "/push/-/healthy")
        self.assertEqual(only(render(told), "ServiceMonitor")["spec"]["endpoints"][0]["path"], "/push/metrics")

    def test_scheme_follows_tls(self):
        values = {"webConfiguration": {"tls": {"secretName": "t", "caKey": "ca.crt"}}, "serviceMonitor": {"enabled": True}}
        documents = render(values)
        self.assertEqual(container(documents)["readinessProbe"]["httpGet"]["scheme"], "HTTPS")
        endpoint = only(documents, "ServiceMonitor")["spec"]["endpoints"][0]
        self.assertEqual(endpoint["scheme"], "https")
        self.assertEqual(endpoint["tlsConfig"]["serverName"], "pushgateway.monitoring.svc")
        self.assertEqual(endpoint["tlsConfig"]["ca"]["secret"], {"name": "t", "key": "ca.crt"})
        file = yaml.safe_load(secret_text(documents, "pushgateway", "web-config.yaml"))
        self.assertEqual(file["tls_server_config"], {"cert_file": "/etc/tls/tls.crt", "key_file": "/etc/tls/tls.key"})
        self.assertIn("/etc/tls", [m["mountPath"] for m in container(documents)["volumeMounts"]])
        values["webConfiguration"]["tls"]["clientAuthType"] = "RequireAndVerifyClientCert"
        self.assertIn("tcpSocket", container(render(values))["readinessProbe"])
        plain = container(render())["readinessProbe"]["httpGet"]
        self.assertEqual(plain["scheme"], "HTTP")

    def test_a_web_configuration_may_be_written_with_nothing_in_it(self):
        users = {"basicAuthUsers": {"job": "secret"}}
        for told in ({"tls": None}, {"existingSecret": None}, {"config": None}, {"config": {"tls_server_config": None}},
                     {"config": {"access": None}}, {"config": {"access": {"users": None}}}, {"basicAuthUsers": None},
                     {"tls": None, "existingSecret": None, "config": None}):
            with self.subTest(str(told)):
                documents = render({"webConfiguration": {**users, **told}, "serviceMonitor": {"enabled": True}})
                self.assertEqual(container(documents)["livenessProbe"]["httpGet"]["scheme"], "HTTP")
                self.assertEqual(only(documents, "ServiceMonitor")["spec"]["endpoints"][0]["scheme"], "http")
                file = yaml.safe_load(secret_text(documents, "pushgateway", "web-config.yaml"))
                self.assertEqual("job" in (file.get("basic_auth_users") or {}), "basicAuthUsers" not in told)
        tls = render({"webConfiguration": {"config": None, "existingSecret": None, "tls": {"secretName": "t"}}})
        self.assertEqual(container(tls)["livenessProbe"]["httpGet"]["scheme"], "HTTPS")
        own = render({"webConfiguration": {"existingSecret": {"name": "s", "tls": True}, "tls": None, "exemptProbes": True}})
        self.assertEqual(container(own)["livenessProbe"]["httpGet"]["scheme"], "HTTPS")
        needed = {"tls_server_config": {"client_auth_type": "RequireAnyClientCert"}}
        self.assertIn("tcpSocket", container(render({"webConfiguration": {"tls": None, "config": needed}}))["livenessProbe"])

    def test_labels_of_claims_never_change(self):
        documents = render({"runAsStatefulSet": True, "persistentVolume": {"enabled": True}, "podLabels": {"a": "b"},
                            "persistentVolumeLabels": {"foo": "bar"}})
        claim = workload(documents)["spec"]["volumeClaimTemplates"][0]
        self.assertEqual(claim["metadata"]["labels"], {"foo": "bar"})

    def test_no_empty_cluster_ip(self):
        self.assertNotIn("clusterIP", only(render(), "Service")["spec"])
        self.assertEqual(only(render({"service": {"clusterIP": "10.0.0.1"}}), "Service")["spec"]["clusterIP"], "10.0.0.1")

    def test_restricted_by_default(self):
        documents = render()
        self.assertTrue(pod(documents)["securityContext"]["runAsNonRoot"])
        self.assertEqual(pod(documents)["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
        own = container(documents)["securityContext"]
        self.assertEqual(own, {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
                               "readOnlyRootFilesystem": True})
        self.assertFalse(pod(documents)["automountServiceAccountToken"])

    def test_replicas_that_share_nothing_are_refused(self):
        self.assertIn("share nothing", refusal({"replicaCount": 2}))
        self.assertIn("share nothing", refusal({"replicaCount": 2, "runAsStatefulSet": True}))
        self.assertEqual(workload(render({"replicaCount": 2, "acceptSeparateReplicas": True}))["spec"]["replicas"], 2)
        self.assertEqual(workload(render({"replicaCount": 0}))["spec"]["replicas"], 0)

    def test_two_pods_that_want_one_file_are_refused(self):
        rolling = {"strategy": {"type": "RollingUpdate"}}
        kept = {"persistentVolume": {"enabled": True}}
        self.assertIn("one pod at a time", refusal({**rolling, **kept}))
        self.assertIn("one pod at a time", refusal({"strategy": None, **kept}))
        self.assertIn("one pod at a time", refusal({**rolling, **kept, "extraArgs": ["--persistence.file=/data/a"]}))
        for values in (rolling, kept, {**rolling, **kept, "persistence": {"enabled": False}},
                       {**rolling, **kept, "runAsStatefulSet": True},
                       {**kept, "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0}}}):
            render(values)

    def test_a_strategy_may_be_written_with_nothing_in_it(self):
        """rollingUpdate: null is how Kubernetes wants a Deployment turned to Recreate."""
        kept = {"persistentVolume": {"enabled": True}}
        recreate = {"type": "Recreate", "rollingUpdate": None}
        self.assertEqual(workload(render({"strategy": recreate, **kept}))["spec"]["strategy"], recreate)
        for update in (None, {}, {"maxSurge": None}, {"maxSurge": "25%"}):
            rolling = {"type": "RollingUpdate", "rollingUpdate": update}
            self.assertIn("one pod at a time", refusal({"strategy": rolling, **kept}))
        for surge in (0, "0", "0%"):
            render({"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge}}, **kept})

    def test_selectors_find_the_pods(self):
        for name, values in scenarios():
            with self.subTest(name):
                documents = render(values)
                labels = workload(documents)["spec"]["template"]["metadata"]["labels"].items()
                for document in documents:
                    spec = document.get("spec", {})
                    selector = {"Service": lambda: spec["selector"],
                                "NetworkPolicy": lambda: spec["podSelector"]["matchLabels"],
                                "PodDisruptionBudget": lambda: spec["selector"]["matchLabels"],
                                "Deployment": lambda: spec["selector"]["matchLabels"],
                                "StatefulSet": lambda: spec["selector"]["matchLabels"]}.get(document["kind"])
                    if selector:
                        self.assertLessEqual(selector().items(), labels, document["kind"])
                    if document["kind"] == "ServiceMonitor":
                        service = only(documents, "Service")
                        self.assertLessEqual(spec["selector"]["matchLabels"].items(), service["metadata"]["labels"].items())
                        self.assertEqual(spec["endpoints"][0]["port"], service["spec"]["ports"][0]["name"])

    def test_names_that_look_like_something_else_stay_texts(self):
        values = {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True},
                  "grafanaDashboard": {"enabled": True}, "podDisruptionBudget": {"minAvailable": 1},
                  "networkPolicy": {"allowAll": True}, "ingress": {"enabled": True, "hosts": ["h"]},
                  "route": {"main": {"enabled": True}}, "persistentVolume": {"enabled": True},
                  "webConfiguration": {"basicAuthUsers": {"job": "secret"}}}

        def hold(here, place):
            for key, value in here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ():
                if key in ("labels", "matchLabels") or key == "selector" and place == "Service.spec":
                    self.assertEqual({type(label) for label in value.values()}, {str}, f"{place}.{key}: {value}")
                    self.assertEqual(value.get("app.kubernetes.io/instance", release), release, f"{place}.{key}")
                elif key == "matchNames":
                    self.assertEqual({type(name) for name in value}, {str}, place)
                elif key in ("name", "namespace", "serviceName", "serviceAccountName", "claimName", "secretName"):
                    self.assertIsInstance(value, str, f"{place}.{key}")
                else:
                    hold(value, f"{place}.{key}")

        for release in ("007", "1e5", "null", "true"):
            for told in ({}, {"nameOverride": release}, {"podLabels": {"app": "other"}, "runAsStatefulSet": True}):
                with self.subTest(f"{release} {told}"):
                    documents = render({**values, **told}, release=release, namespace="123")
                    for document in documents:
                        self.assertEqual(document["metadata"]["labels"]["app.kubernetes.io/instance"], release)
                        hold(document, document["kind"])
                    selector = workload(documents)["spec"]["selector"]["matchLabels"]
                    self.assertEqual(selector["app.kubernetes.io/instance"], release)
                    if "nameOverride" in told:
                        self.assertEqual(workload(documents)["metadata"]["name"], release)
                        self.assertEqual(selector["app"], release)

    def test_notes_say_what_is_not_kept(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = os.path.join(folder, "chart")
            shutil.copytree(chart, copy)
            # Without a cluster Helm prints no notes: here they come in an object.
            templates = os.path.join(copy, "templates")
            with open(os.path.join(templates, "NOTES.txt"), encoding="utf-8") as file:
                text = file.read()
            with open(os.path.join(templates, "_notes.tpl"), "w", encoding="utf-8") as file:
                file.write('{{ define "notes" }}' + text + "{{ end }}")
            with open(os.path.join(templates, "notes.yaml"), "w", encoding="utf-8") as file:
                file.write('kind: Notes\nmetadata: {name: n}\ntext: {{ include "notes" . | toJson }}\n')

            def notes(values=None):
                return only(render(values, folder=copy), "Notes")["text"]

            self.assertIn("NOT PERSISTED:", notes())
            self.assertIn("NOT PERSISTED BEYOND THE POD", notes({"persistence": {"enabled": True}}))
            self.assertNotIn("NOT PERSISTED", notes({"persistentVolume": {"enabled": True}}))
            self.assertIn("/push/metrics/job/try", notes({"web": {"routePrefix": "/push"}}))
            self.assertNotIn("NOT PERSISTED:", notes({"extraArgs": ["--persistence.file", "/data/x"]}))
            self.assertIn("helm test", notes({"route": None}))
            needed = {"tls": {"secretName": "t", "clientAuthType": "RequireAndVerifyClientCert"}}
            self.assertNotIn("helm test", notes({"webConfiguration": needed}))
            self.assertIn("2 REPLICAS SHARE NOTHING", notes({"replicaCount": 2, "acceptSeparateReplicas": True}))


class Flags(unittest.TestCase):
    """Values that are flags of the server."""

    def test_every_flag_has_a_value(self):
        """Or is named beside extraArgs, for those that cannot be seen from a Service."""
        known = set()
        for page in ("flags", "limits"):
            with open(os.path.join(root, f"spec/{page}.md"), encoding="utf-8") as file:
                known |= set(re.findall(r"^\| `--([a-z0-9.-]+)`", file.read(), re.M))
        self.assertIn("limit.groups", known)
        with open(os.path.join(chart, "values.yaml"), encoding="utf-8") as file:
            text = file.read()
        values = yaml.safe_load(text)
        with open(os.path.join(chart, "values.schema.json"), encoding="utf-8") as file:
            schema = json.load(file)["properties"]
        reached = {f"limit.{name}" for name in schema["limits"]["properties"]}
        reached |= {f"timeout.{name}" for name in schema["timeouts"]["properties"]}
        for section in ("web", "push", "log", "persistence"):
            reached |= {section + "." + re.sub("[A-Z]", lambda m: "-" + m[0].lower(), name) for name in values[section]}
        reached = {"web.cors-origin" if name == "web.cors-origins" else name for name in reached}
        rest = {"version", "web.config.file", "web.listen-address", "web.own-metrics", "web.systemd-socket"}
        self.assertEqual(known - reached, rest)
        # What stands below extraArgs to be copied has no value of its own, and leaves the pod as probes and ports take it.
        below = re.search(r"^extraArgs: .*\n((?:  #.*\n)+)", text, re.M)[1]
        examples = re.findall(r"^  # - --(?:no-)?([a-z0-9.-]+)", below, re.M)
        self.assertTrue(examples)
        self.assertLessEqual(set(examples), rest - {"version", "web.listen-address", "web.systemd-socket"})

    def test_none_by_default(self):
        self.assertNotIn("args", container(render()))

    def test_every_one(self):
        values = dict(scenarios())["limits-values.yaml"]
        self.assertEqual(container(render({**values, "extraArgs": ["--last"]}))["args"], [
            "--web.shutdown-grace=10s", "--push.timestamps=drop", "--log.level=debug", "--log.format=json",
            "--web.enable-lifecycle", "--web.enable-admin-api", "--web.enable-openmetrics", "--web.openmetrics-created",
            "--push.disable-consistency-check",
            "--push.enable-utf8-names", "--push.lenient", "--push.ignore-stray-samples",
            "--web.cors-origin=https://jobs.example", "--web.cors-origin=https://other.example",
            "--limit.body=16777216", "--limit.decoded-body=64MiB", "--limit.groups=20000000",
            "--limit.heads-in-flight=16MiB", "--limit.memory=100MiB", "--timeout.idle=2m", "--last"])

    def test_persistence(self):
        values = dict(scenarios())["persistence-values.yaml"]
        self.assertEqual(container(render(values))["args"], [
            "--persistence.file=/data/pushgateway.db", "--persistence.sync=interval", "--persistence.interval=1m",
            "--persistence.on-corruption=quarantine"])
        off = {"persistentVolume": {"enabled": True}, "persistence": {"enabled": False}}
        self.assertNotIn("args", container(render(off)))

    def test_the_server_knows_them(self):
        """With PUSHGATEWAY, the path of the server."""
        if "PUSHGATEWAY" not in os.environ:
            self.skipTest("no server to ask")
        known = subprocess.run([os.environ["PUSHGATEWAY"], "--help"], capture_output=True, text=True, check=True).stdout
        for name, values in scenarios():
            for argument in container(render(values)).get("args", []):
                flag = argument.lstrip("-").split("=")[0]
                with self.subTest(f"{name} {flag}"):
                    self.assertRegex(known, r"--(\[no-\])?" + re.escape(flag) + r"[\s=]")


class Monitoring(unittest.TestCase):
    def test_rules(self):
        documents = render(dict(scenarios())["monitoring-values.yaml"])
        rules = {r["alert"]: r for r in only(documents, "PrometheusRule")["spec"]["groups"][0]["rules"]}
        with open(os.path.join(chart, "files/rules.yaml"), encoding="utf-8") as file:
            plain = {r["alert"] for r in yaml.safe_load(file)["groups"][0]["rules"]}
        self.assertEqual(set(rules), plain - {"PushgatewayLimitReached"} | {"BackupMissing"})
        stale = rules["PushgatewayGroupStale"]
        self.assertTrue(stale["expr"].endswith("> 3600"), stale)
        self.assertEqual(stale["labels"], {"severity": "critical", "team": "batch"})
        self.assertEqual(rules["PushgatewayPushFailed"]["for"], "1m")
        near = {"prometheusRule": {"enabled": True, "rules": {"PushgatewayNearLimit": {"threshold": 0.95}}}}
        rules_of = {r["alert"]: r for r in only(render(near), "PrometheusRule")["spec"]["groups"][0]["rules"]}
        self.assertTrue(rules_of["PushgatewayNearLimit"]["expr"].endswith("> 0.95"), rules_of)
        for name in plain & set(rules):
            self.assertIn('namespace="monitoring"', rules[name]["expr"], name)
        self.assertIn("there is no such alert",
                      refusal({"prometheusRule": {"enabled": True, "rules": {"PushgatewayStale": {"for": "1m"}}}}))

    def test_dashboard(self):
        documents = render({"grafanaDashboard": {"enabled": True}})
        config = only(documents, "ConfigMap")
        self.assertEqual(config["metadata"]["labels"]["grafana_dashboard"], "1")
        dashboard = json.loads(config["data"]["pushgateway.json"])
        self.assertEqual(len({p["id"] for p in dashboard["panels"]}), len(dashboard["panels"]))
        self.assertTrue(all(p["targets"] for p in dashboard["panels"]))

    def test_the_test_comes_in_or_is_left_out(self):
        known = {"webConfiguration": {"existingSecret": {"name": "s"}},
                 "tests": {"extraVars": [{"name": "CREDENTIALS", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}}
        self.assertIn("CREDENTIALS", [v["name"] for v in only(render(known), "Pod")["spec"]["containers"][0]["env"]])
        needed = {"webConfiguration": {"tls": {"secretName": "t", "clientAuthType": "RequireAndVerifyClientCert"}}}
        self.assertNotIn("Pod", [d["kind"] for d in render(needed)])

    def test_own_metrics_have_an_endpoint(self):
        monitor = only(render({"web": {"ownMetricsPath": "/own", "routePrefix": "/p"}, "serviceMonitor": {"enabled": True}}),
                       "ServiceMonitor")
        self.assertEqual([e["path"] for e in monitor["spec"]["endpoints"]], ["/p/metrics", "/p/own"])
        self.assertNotIn("honorLabels", monitor["spec"]["endpoints"][1])


class Schema(unittest.TestCase):
    def test_misspelt_and_wrong_values_are_refused(self):
        for values, reason in (
                ({"replicas": 2}, "'replicas' not allowed"),
                ({"image": {"repo": "x"}}, "'repo' not allowed"),
                ({"service": {"type": "Cluster"}}, "service/type"),
                ({"service": {"port": "http"}}, "service/port"),
                ({"serviceMonitor": {"enable": True}}, "'enable' not allowed"),
                ({"persistentVolume": {"enabled": "yes"}}, "persistentVolume/enabled"),
                ({"limits": {"grops": 1}}, "'grops' not allowed"),
                ({"liveness": {"probe": {"httpGet": {"pathh": "/"}}}}, "'pathh' not allowed"),
                ({"webConfiguration": {"basicAuth": {}}}, "'basicAuth' not allowed"),
                ({"podAntiAffinity": "strong"}, "podAntiAffinity"),
                ({"route": {"main": {"enable": True}}}, "'enable' not allowed"),
                ({"extraArgs": "--log.level=debug"}, "extraArgs"),
                ({"webConfiguration": {"basicAuthUsers": {"job": 12345678}}}, "basicAuthUsers/job"),
                ({"persistence": {"sync": "never"}}, "persistence/sync")):
            with self.subTest(str(values)):
                self.assertIn(reason, refusal(values))

    def test_every_value_is_described(self):
        with open(os.path.join(chart, "values.schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        with open(os.path.join(chart, "values.yaml"), encoding="utf-8") as file:
            values = yaml.safe_load(file)
        # What a chart that depends on this one asks itself.
        self.assertEqual(set(schema["properties"]) - {"enabled"}, set(values))

    def test_a_section_without_its_defaults_is_refused(self):
        with open(os.path.join(chart, "values.yaml"), encoding="utf-8") as file:
            values = yaml.safe_load(file)
        for name, value in values.items():
            with self.subTest(name):
                if isinstance(value, dict) and not value or name in ("affinity", "global", "resources", "route", "strategy",
                                                                     "securityContext", "containerSecurityContext"):
                    render({name: None})
                elif isinstance(value, dict):
                    self.assertIn(f"'{name}'", refusal({name: None}))


if __name__ == "__main__":
    unittest.main()
