"""What the chart in helm-chart/ makes of its values. Needs HELM, the path of a helm 3, and python3-yaml."""
import base64
import crypt
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import warnings

import yaml

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
chart = os.path.join(root, "helm-chart")
kube_version = "1.34.0"


def helm(*arguments, values=None):
    return subprocess.run(
        [os.environ["HELM"], *arguments, "--values", "-"],
        input=yaml.safe_dump(values or {}), capture_output=True, text=True, check=False)


def render(values=None, release="pushgateway", namespace="monitoring", folder=chart):
    done = helm("template", release, folder, "--namespace", namespace, "--kube-version", kube_version, values=values)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def refusal(values):
    """Why the chart refuses the values."""
    done = helm("template", "pushgateway", chart, "--kube-version", kube_version, values=values)
    if done.returncode == 0:
        raise AssertionError(f"accepted: {values}")
    return done.stderr


def only(documents, kind, name=None):
    found = [d for d in documents if d["kind"] == kind and (name is None or d["metadata"]["name"] == name)]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} of {kind} {name}: {[(d['kind'], d['metadata']['name']) for d in documents]}")
    return found[0]


def workload(documents):
    return next(d for d in documents if d["kind"] in ("Deployment", "StatefulSet"))


def pod(documents):
    return workload(documents)["spec"]["template"]["spec"]


def container(documents):
    return next(c for c in pod(documents)["containers"] if c["name"] == "pushgateway")


def secret_text(documents, name, key):
    return base64.b64decode(only(documents, "Secret", name)["data"][key]).decode()


def scenarios():
    folder = os.path.join(chart, "ci")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            yield name, yaml.safe_load(file)


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


class CommunityChart(unittest.TestCase):
    """Every value of prometheus-community/prometheus-pushgateway 3.8.0."""

    def test_every_value_is_known(self):
        with open(os.path.join(chart, "values.schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        with open(os.path.join(root, "tests/chart/community_values.txt"), encoding="utf-8") as file:
            paths = file.read().split()
        for path in paths:
            here = schema
            for key in path.split("."):
                if here.get("type") and here.get("properties") is None and isinstance(here.get("additionalProperties"), dict):
                    here = here["additionalProperties"]
                    continue
                self.assertIn(key, here.get("properties", {}), path)
                here = here["properties"][key]

    def test_names(self):
        self.assertEqual(workload(render(release="x"))["metadata"]["name"], "x-pushgateway")
        self.assertEqual(workload(render(release="prometheus-pushgateway"))["metadata"]["name"], "prometheus-pushgateway")
        named = render({"nameOverride": "prometheus-pushgateway"}, release="x")
        self.assertEqual(workload(named)["metadata"]["name"], "x-prometheus-pushgateway")
        self.assertEqual(workload(render({"fullnameOverride": "push"}))["metadata"]["name"], "push")
        for document in render({"namespaceOverride": "elsewhere", "namespace": "no"}):
            self.assertEqual(document["metadata"]["namespace"], "elsewhere", document["kind"])

    def test_image_registry(self):
        image = {"image": {"registry": "r", "repository": "p", "tag": "1"}}
        self.assertEqual(container(render(image))["image"], "r/p:1")
        self.assertEqual(container(render({**image, "global": {"imageRegistry": "g"}}))["image"], "g/p:1")

    def test_what_is_added_to_the_pod(self):
        with open(os.path.join(chart, "ci/extras-values.yaml"), encoding="utf-8") as file:
            values = yaml.safe_load(file)
        documents = render(values)
        spec = pod(documents)
        self.assertEqual([c["name"] for c in spec["initContainers"]], ["before"])
        self.assertEqual({c["name"] for c in spec["containers"]}, {"pushgateway", "beside"})
        self.assertIn("extra", [v["name"] for v in spec["volumes"]])
        self.assertIn("/usr/share/extras", [m["mountPath"] for m in container(documents)["volumeMounts"]])
        self.assertEqual(container(documents)["args"], ["--log.level=debug"])
        self.assertEqual(container(documents)["env"], values["extraVars"])
        self.assertEqual(container(documents)["lifecycle"], values["lifecycle"])
        self.assertEqual(spec["serviceAccountName"], "somebody")
        self.assertTrue(spec["automountServiceAccountToken"])
        self.assertEqual(workload(documents)["metadata"]["annotations"], {"a.example/deployment": "1"})
        self.assertEqual(workload(documents)["spec"]["template"]["metadata"]["annotations"], {"a.example/pod": "2"})
        self.assertEqual(workload(documents)["spec"]["template"]["metadata"]["labels"]["team"], "batch")

    def test_extra_manifests_know_the_helpers_of_both_charts(self):
        values = dict(scenarios())["extra-manifests-values.yaml"]
        documents = render(values, release="r")
        self.assertEqual(only(documents, "ConfigMap", "first")["data"]["name"], "r-pushgateway")
        self.assertEqual(only(documents, "ConfigMap", "second")["metadata"]["labels"]["app"], "pushgateway")

    def test_volume_and_file_by_argument(self):
        values = dict(scenarios())["persistence-by-arguments-values.yaml"]
        documents = render(values)
        self.assertEqual(container(documents)["args"], values["extraArgs"])
        volumes = {v["name"]: v for v in pod(documents)["volumes"]}
        self.assertEqual(volumes["storage-volume"]["persistentVolumeClaim"]["claimName"], "old-data")
        self.assertNotIn("PersistentVolumeClaim", [d["kind"] for d in documents])

    def test_existing_web_configuration(self):
        documents = render({"webConfiguration": {"existingSecret": {"name": "mine"}}})
        self.assertNotIn("Secret", [d["kind"] for d in documents])
        self.assertEqual(container(documents)["args"], ["--web.config.file=/etc/config/web-config.yaml"])
        volumes = {v["name"]: v for v in pod(documents)["volumes"]}
        self.assertEqual(volumes["web-config"]["secret"]["secretName"], "mine")
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            self.assertEqual(container(documents)[probe]["tcpSocket"], {"port": 9091})

    def test_stateful_set(self):
        documents = render({"runAsStatefulSet": True, "persistentVolume": {"enabled": True, "storageClass": "-"}})
        self.assertEqual(workload(documents)["kind"], "StatefulSet")
        self.assertEqual(only(documents, "Service")["spec"]["clusterIP"], "None")
        claim = workload(documents)["spec"]["volumeClaimTemplates"][0]
        self.assertEqual(claim["metadata"]["name"], "storage-volume")
        self.assertEqual(claim["spec"]["storageClassName"], "")

    def test_anti_affinity(self):
        values = dict(scenarios())["scheduling-values.yaml"]
        affinity = pod(render(values))["affinity"]
        self.assertIn("nodeAffinity", affinity)
        term = affinity["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"][0]
        self.assertEqual(term["podAffinityTerm"]["topologyKey"], "kubernetes.io/hostname")

    def test_network_policy(self):
        self.assertIn("allowAll", refusal({"networkPolicy": {"allowAll": False}}))
        rule = only(render({"networkPolicy": {"allowAll": True}}), "NetworkPolicy")["spec"]["ingress"][0]
        self.assertEqual(rule, {"ports": [{"port": 9091, "protocol": "TCP"}]})


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
            self.assertEqual(crypt.crypt(users[user], hashed), hashed)

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
            self.assertIn("2 REPLICAS SHARE NOTHING", notes({"replicaCount": 2, "acceptSeparateReplicas": True}))


class Flags(unittest.TestCase):
    """Values that are flags of the server."""

    def test_none_by_default(self):
        self.assertNotIn("args", container(render()))

    def test_every_one(self):
        values = dict(scenarios())["limits-values.yaml"]
        self.assertEqual(container(render({**values, "extraArgs": ["--last"]}))["args"], [
            "--web.shutdown-grace=10s", "--push.timestamps=drop", "--log.level=debug", "--log.format=json",
            "--web.enable-lifecycle", "--web.enable-admin-api", "--web.openmetrics-created", "--push.disable-consistency-check",
            "--push.enable-utf8-names", "--push.lenient",
            "--web.cors-origin=https://jobs.example", "--web.cors-origin=https://other.example",
            "--limit.body=16777216", "--limit.decoded-body=64MiB", "--limit.groups=20000000", "--timeout.idle=2m",
            "--last"])

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
                ({"persistence": {"sync": "never"}}, "persistence/sync")):
            with self.subTest(str(values)):
                self.assertIn(reason, refusal(values))

    def test_every_value_is_described(self):
        with open(os.path.join(chart, "values.schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        with open(os.path.join(chart, "values.yaml"), encoding="utf-8") as file:
            values = yaml.safe_load(file)
        self.assertEqual(set(schema["properties"]), set(values))


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    unittest.main()
