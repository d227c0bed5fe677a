"""Moving from prometheus-community's chart prometheus-pushgateway 3.8.0: its values have the same effect."""
import json
import os
import unittest

import yaml
from rendering import chart, container, only, pod, refusal, render, root, scenarios, workload


POD = "spec.template.spec."
SELF = POD + "containers.pushgateway."
PROBE = {"httpGet": {"path": "/x/-/healthy", "port": 1, "scheme": "HTTPS", "httpHeaders": [{"name": "a", "value": "b"}]},
         "initialDelaySeconds": 3, "timeoutSeconds": 4}
MONITOR = {"enabled": True, "namespace": "z", "telemetryPath": "/t", "interval": "1s", "scrapeTimeout": "2s", "scheme": "https",
           "basicAuth": {"username": {"name": "a", "key": "b"}}, "bearerTokenFile": "/b", "honorLabels": False,
           "tlsConfig": {"insecureSkipVerify": True}, "additionalLabels": {"app": "x", "release": "p"},
           "metricRelabelings": [{"regex": "{{ .Release.Name }}"}], "relabelings": [{"replacement": "$1"}]}
ROUTE = {"enabled": True, "apiVersion": "v", "kind": "Route", "annotations": {"a": "b"}, "labels": {"app": "d"},
         "parentRefs": [{"name": "g"}], "hostnames": ["{{ .Release.Name }}.x"], "filters": [{"type": "x"}],
         "additionalRules": [{"name": "{{ .Release.Name }}"}], "matches": [{"path": {"value": "/y"}}]}
# Values, and what they lead to: the kind of an object, a place in it (list items by their name or number), what stands there.
EFFECTS = [
    ({"affinity": {"nodeAffinity": {"a": 1}}}, "Deployment", POD + "affinity.nodeAffinity", {"a": 1}),
    ({"automountServiceAccountToken": True}, "Deployment", POD + "automountServiceAccountToken", True),
    ({"automountServiceAccountToken": True}, "ServiceAccount", "automountServiceAccountToken", True),
    ({"containerSecurityContext": {"runAsUser": 5}}, "Deployment", SELF + "securityContext.runAsUser", 5),
    ({"securityContext": {"runAsUser": 5}}, "Deployment", POD + "securityContext.runAsUser", 5),
    ({"deploymentAnnotations": {"a": "b"}}, "Deployment", "metadata.annotations", {"a": "b"}),
    ({"podAnnotations": {"a": 9091}}, "Deployment", "spec.template.metadata.annotations", {"a": "9091"}),
    ({"podLabels": {"a": "b"}}, "Deployment", "spec.template.metadata.labels.a", "b"),
    ({"podLabels": {"a": "b"}}, "Service", "metadata.labels.a", "b"),
    ({"podLabels": {"app": "b"}}, "Deployment", "spec.template.metadata.labels.app", "b"),
    ({"extraArgs": ["--a=b", 5]}, "Deployment", SELF + "args", ["--a=b", "5"]),
    ({"extraContainers": [{"name": "x", "image": "i"}]}, "Deployment", POD + "containers.x.image", "i"),
    ({"extraInitContainers": [{"name": "x", "image": "i"}]}, "Deployment", POD + "initContainers.x.image", "i"),
    ({"extraManifests": ["kind: Own\nmetadata: {name: '{{ .Release.Name }}'}"]}, "Own", "metadata.name", "pushgateway"),
    ({"extraVars": [{"name": "a", "value": "b"}]}, "Deployment", SELF + "env.a.value", "b"),
    ({"extraVolumes": [{"name": "a", "emptyDir": {}}]}, "Deployment", POD + "volumes.a.emptyDir", {}),
    ({"extraVolumeMounts": [{"name": "a", "mountPath": "/x"}]}, "Deployment", SELF + "volumeMounts.a.mountPath", "/x"),
    ({"fullnameOverride": "f"}, "Deployment", "metadata.name", "f"),
    ({"nameOverride": "gateway"}, "Deployment", "metadata.labels.app", "gateway"),
    ({"namespaceOverride": "q"}, "Service", "metadata.namespace", "q"),
    ({"global": {"imageRegistry": "g"}, "image": {"repository": "p", "tag": 20240101}}, "Deployment", SELF + "image", "g/p:20240101"),
    ({"global": {"imagePullSecrets": [{"name": "p"}]}}, "Deployment", POD + "imagePullSecrets", [{"name": "p"}]),
    ({"imagePullSecrets": [{"name": "p"}]}, "Deployment", POD + "imagePullSecrets", [{"name": "p"}]),
    ({"image": {"registry": "r", "repository": "p", "tag": "t"}}, "Deployment", SELF + "image", "r/p:t"),
    ({"image": {"pullPolicy": "Always"}}, "Deployment", SELF + "imagePullPolicy", "Always"),
    ({"hostAliases": [{"ip": "::1"}]}, "Deployment", POD + "hostAliases", [{"ip": "::1"}]),
    ({"ingress": {"enabled": True, "hosts": ["h"], "className": "c"}}, "Ingress", "spec.ingressClassName", "c"),
    ({"ingress": {"enabled": True, "hosts": ["h"], "annotations": {"a": "b"}}}, "Ingress", "metadata.annotations", {"a": "b"}),
    ({"ingress": {"enabled": True, "hosts": ["h", "i"], "path": "/p"}}, "Ingress", "spec.rules.1.http.paths.0.path", "/p"),
    ({"ingress": {"enabled": True, "hosts": ["h"], "pathType": "Exact"}}, "Ingress", "spec.rules.0.http.paths.0.pathType", "Exact"),
    ({"ingress": {"enabled": True, "hosts": ["h"], "extraPaths": [{"path": "/q"}]}}, "Ingress", "spec.rules.0.http.paths.0.path", "/q"),
    ({"ingress": {"enabled": True, "hosts": ["h"], "tls": [{"secretName": "s"}]}}, "Ingress", "spec.tls", [{"secretName": "s"}]),
    ({"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}, "Deployment", SELF + "lifecycle.preStop.sleep.seconds", 5),
    ({"liveness": {"enabled": False}}, "Deployment", SELF + "livenessProbe", None),
    ({"readiness": {"enabled": False}}, "Deployment", SELF + "readinessProbe", None),
    ({"liveness": {"probe": PROBE}}, "Deployment", SELF + "livenessProbe", PROBE),
    ({"readiness": {"probe": PROBE}}, "Deployment", SELF + "readinessProbe", PROBE),
    ({"networkPolicy": {"allowAll": True}}, "NetworkPolicy", "spec.ingress", [{"ports": [{"port": 9091, "protocol": "TCP"}]}]),
    ({"networkPolicy": {"customSelectors": [{"podSelector": {}}]}}, "NetworkPolicy", "spec.ingress.0.from", [{"podSelector": {}}]),
    ({"nodeSelector": {"a": True}}, "Deployment", POD + "nodeSelector", {"a": "true"}),
    ({"persistentVolume": {"enabled": True, "accessModes": ["ReadWriteMany"]}}, "PersistentVolumeClaim", "spec.accessModes",
     ["ReadWriteMany"]),
    ({"persistentVolume": {"enabled": True, "annotations": {"a": "b"}}}, "PersistentVolumeClaim", "metadata.annotations", {"a": "b"}),
    ({"persistentVolume": {"enabled": True, "size": "7Gi"}}, "PersistentVolumeClaim", "spec.resources.requests.storage", "7Gi"),
    ({"persistentVolume": {"enabled": True, "storageClass": "s"}}, "PersistentVolumeClaim", "spec.storageClassName", "s"),
    ({"persistentVolume": {"enabled": True, "storageClass": "-"}}, "PersistentVolumeClaim", "spec.storageClassName", ""),
    ({"persistentVolume": {"enabled": True}}, "PersistentVolumeClaim", "spec.storageClassName", None),
    ({"persistentVolume": {"enabled": True, "existingClaim": "e"}}, "Deployment",
     POD + "volumes.storage-volume.persistentVolumeClaim.claimName", "e"),
    ({"persistentVolume": {"mountPath": "/m"}}, "Deployment", SELF + "volumeMounts.storage-volume.mountPath", "/m"),
    ({"persistentVolume": {"subPath": "u"}}, "Deployment", SELF + "volumeMounts.storage-volume.subPath", "u"),
    ({"persistentVolume": {"emptyDir": {"medium": "Memory"}}}, "Deployment", POD + "volumes.storage-volume.emptyDir.medium", "Memory"),
    ({"persistentVolumeLabels": {"app": "m"}, "persistentVolume": {"enabled": True}}, "PersistentVolumeClaim", "metadata.labels.app", "m"),
    ({"podAntiAffinity": "hard", "podAntiAffinityTopologyKey": "z"}, "Deployment",
     POD + "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.topologyKey", "z"),
    ({"podDisruptionBudget": {"minAvailable": 1}}, "PodDisruptionBudget", "spec.minAvailable", 1),
    ({"podDisruptionBudget": {"maxUnavailable": "50%"}}, "PodDisruptionBudget", "spec.maxUnavailable", "50%"),
    ({"priorityClassName": "p"}, "Deployment", POD + "priorityClassName", "p"),
    ({"replicaCount": 0}, "Deployment", "spec.replicas", 0),
    ({"resources": {"limits": {"cpu": "1"}}}, "Deployment", SELF + "resources.limits.cpu", "1"),
    ({"route": {"main": ROUTE}}, "Route", "spec.rules.1",
     {"backendRefs": [{"name": "pushgateway", "port": 9091}], "matches": ROUTE["matches"], "filters": ROUTE["filters"]}),
    ({"route": {"main": ROUTE}}, "Route", "spec.rules.pushgateway", {"name": "pushgateway"}),
    ({"route": {"main": ROUTE}}, "Route", "spec.hostnames", ["pushgateway.x"]),
    ({"route": {"main": ROUTE}}, "Route", "spec.parentRefs", ROUTE["parentRefs"]),
    ({"route": {"main": ROUTE}}, "Route", "metadata.labels.app", "d"),
    ({"route": {"main": ROUTE}}, "Route", "metadata.annotations", {"a": "b"}),
    ({"route": {"main": ROUTE}}, "Route", "apiVersion", "v"),
    ({"route": {"main": {"enabled": True, "httpsRedirect": True}}}, "HTTPRoute", "spec.rules.0.filters.0.requestRedirect.scheme", "https"),
    ({"runAsStatefulSet": True}, "StatefulSet", "spec.serviceName", "pushgateway"),
    ({"runAsStatefulSet": True, "service": {"type": "LoadBalancer"}}, "Service", "spec.clusterIP", None),
    ({"service": {"clusterIP": "10.0.0.1"}}, "Service", "spec.clusterIP", "10.0.0.1"),
    ({"service": {"ipDualStack": {"enabled": True, "ipFamilies": ["IPv4"]}}}, "Service", "spec.ipFamilies", ["IPv4"]),
    ({"service": {"ipDualStack": {"enabled": True, "ipFamilyPolicy": "SingleStack"}}}, "Service", "spec.ipFamilyPolicy", "SingleStack"),
    ({"service": {"type": "LoadBalancer", "loadBalancerIP": "10.0.0.1"}}, "Service", "spec.loadBalancerIP", "10.0.0.1"),
    ({"service": {"loadBalancerSourceRanges": ["10.0.0.0/8"]}}, "Service", "spec.loadBalancerSourceRanges", ["10.0.0.0/8"]),
    ({"service": {"type": "NodePort", "nodePort": 32000}}, "Service", "spec.ports.http.nodePort", 32000),
    ({"service": {"nodePort": 32000}}, "Service", "spec.ports.http.nodePort", None),
    ({"service": {"port": 80, "portName": "web", "targetPort": "metrics"}}, "Service", "spec.ports.web",
     {"name": "web", "port": 80, "targetPort": "metrics", "protocol": "TCP"}),
    ({"serviceAccount": {"create": False}}, "Deployment", POD + "serviceAccountName", "default"),
    ({"serviceAccount": {"create": False, "name": "who"}}, "Deployment", POD + "serviceAccountName", "who"),
    ({"serviceAccount": {"name": "who", "annotations": {"a": "b"}}}, "ServiceAccount", "metadata.annotations", {"a": "b"}),
    ({"serviceAccountLabels": {"app": "m"}}, "ServiceAccount", "metadata.labels.app", "m"),
    ({"serviceAnnotations": {"a": "b"}}, "Service", "metadata.annotations", {"a": "b"}),
    ({"serviceLabels": {"app": "m"}}, "Service", "metadata.labels.app", "m"),
    ({"serviceMonitor": MONITOR}, "ServiceMonitor", "metadata.namespace", "z"),
    ({"serviceMonitor": MONITOR}, "ServiceMonitor", "metadata.labels.app", "x"),
    ({"serviceMonitor": MONITOR}, "ServiceMonitor", "spec.endpoints.0",
     {"port": "http", "path": "/t", "metricRelabelings": [{"regex": "pushgateway"}],
      **{key: MONITOR[key] for key in ("interval", "scrapeTimeout", "scheme", "basicAuth", "bearerTokenFile", "honorLabels",
                                       "tlsConfig", "relabelings")}}),
    ({"strategy": {"type": "RollingUpdate"}}, "Deployment", "spec.strategy.type", "RollingUpdate"),
    ({"tolerations": [{"operator": "Exists"}]}, "Deployment", POD + "tolerations", [{"operator": "Exists"}]),
    ({"topologySpreadConstraints": [{"maxSkew": 1}]}, "Deployment", POD + "topologySpreadConstraints", [{"maxSkew": 1}]),
    ({"webConfiguration": {"basicAuthUsers": {"u": "p"}}}, "Deployment", SELF + "args", ["--web.config.file=/etc/config/web-config.yaml"]),
    ({"webConfiguration": {"existingSecret": {"name": "x"}}}, "Deployment", POD + "volumes.web-config.secret.secretName", "x"),
]


def at(there, place):
    for key in place.split("."):
        if isinstance(there, list):
            there = there[int(key)] if key.isdigit() else next((item for item in there if item.get("name") == key), None)
        else:
            there = (there or {}).get(key)
    return there


def paths(values, before=""):
    for key, value in values.items():
        yield before + key
        if isinstance(value, dict):
            yield from paths(value, before + key + ".")


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

    def test_every_value_has_its_effect(self):
        for values, kind, place, expected in EFFECTS:
            with self.subTest(f"{values}: {place}"):
                found = at(only(render(values), kind), place)
                if isinstance(expected, dict) and isinstance(found, dict):
                    found = {key: value for key, value in found.items() if key in expected}
                self.assertEqual(found, expected)

    def test_every_value_has_an_effect(self):
        with open(os.path.join(root, "tests/chart/community_values.txt"), encoding="utf-8") as file:
            wanted = set(file.read().split())
        self.assertEqual(wanted - {path for values, *_ in EFFECTS for path in paths(values)}, set())

    def test_extra_arguments_are_known_to_the_rest(self):
        """What that chart has no value for stands in extraArgs and, by hand, in the values of the probes."""
        documents = render({"extraArgs": ["--web.route-prefix=/push", "--web.telemetry-path", "/all"],
                            "liveness": {"probe": {"httpGet": {"path": "/push/-/healthy"}}},
                            "serviceMonitor": {"enabled": True}})
        for probe, path in (("startupProbe", "/healthy"), ("livenessProbe", "/healthy"), ("readinessProbe", "/ready")):
            self.assertEqual(container(documents)[probe]["httpGet"]["path"], "/push/-" + path)
        self.assertEqual(only(documents, "ServiceMonitor")["spec"]["endpoints"][0]["path"], "/push/all")
        test = only(documents, "Pod")["spec"]["containers"][0]["env"]
        self.assertEqual(test[0]["value"], "http://pushgateway.monitoring.svc:9091/push")
        moved = {"liveness": {"probe": {"httpGet": {"port": 8080, "scheme": "HTTPS"}}}}
        self.assertEqual(container(render(moved))["startupProbe"]["httpGet"],
                         {"path": "/-/healthy", "port": 8080, "scheme": "HTTPS"})
        self.assertNotIn("startupProbe", container(render({"liveness": {"enabled": False}})))
        own = {"liveness": {"enabled": False}, "startup": {"probe": {"tcpSocket": {"port": 1}}}}
        self.assertEqual(container(render(own))["startupProbe"]["tcpSocket"], {"port": 1})

    def test_default_resources_never_contradict(self):
        """That chart has none by default: whoever sets one number there may set any."""
        for told, expected in (
                ({"requests": {"memory": "256Mi"}}, {"requests": {"memory": "256Mi", "cpu": "100m"}, "limits": {"cpu": "200m"}}),
                ({"limits": {"memory": "50Mi"}}, {"requests": {"cpu": "100m"}, "limits": {"memory": "50Mi", "cpu": "200m"}}),
                ({"requests": {"cpu": 1}}, {"requests": {"memory": "64Mi", "cpu": 1}, "limits": {"memory": "128Mi"}}),
                ({"limits": {"cpu": "0.05"}}, {"requests": {"memory": "64Mi"}, "limits": {"memory": "128Mi", "cpu": "0.05"}}),
                ({"limits": {"memory": "1G"}}, {"requests": {"memory": "64Mi", "cpu": "100m"}, "limits": {"memory": "1G", "cpu": "200m"}}),
                ({"requests": {"memory": "1Ei"}}, {"requests": {"memory": "1Ei", "cpu": "100m"}, "limits": {"cpu": "200m"}}),
                ({"requests": {"memory": "1E"}}, {"requests": {"memory": "1E", "cpu": "100m"}, "limits": {"cpu": "200m"}}),
                ({"limits": None}, {"requests": {"memory": "64Mi", "cpu": "100m"}})):
            with self.subTest(str(told)):
                self.assertEqual(container(render({"resources": told}))["resources"], expected)

    def test_what_was_told_of_resources_stands(self):
        """Even where it contradicts itself, which Kubernetes then says."""
        for told in ({"requests": {"cpu": "300m"}, "limits": {"cpu": "250m"}},
                     {"requests": {"memory": "1Gi"}, "limits": {"memory": "512Mi"}},
                     {"requests": {"memory": "1Ei", "cpu": 2}, "limits": {"memory": "1Pi", "cpu": 1}}):
            with self.subTest(str(told)):
                defaults = {"requests": {"memory": "64Mi", "cpu": "100m"}, "limits": {"memory": "128Mi", "cpu": "200m"}}
                expected = {part: {**defaults[part], **told[part]} for part in defaults}
                self.assertEqual(container(render({"resources": told}))["resources"], expected)

    def test_a_parent_chart_may_ask_for_it(self):
        self.assertEqual(len(render({"enabled": True})), len(render()))

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
        twice = render({**values, "persistence": {"enabled": True, "sync": "interval"}})
        self.assertEqual(container(twice)["args"], ["--persistence.sync=interval", *values["extraArgs"]])
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


if __name__ == "__main__":
    unittest.main()
