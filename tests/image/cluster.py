"""cluster.py PORT FOLDER: a stand-in for a Kubernetes cluster, as far as Helm and the operating guide look.

An API server that keeps objects, and a node that runs each Deployment's container with podman and each Pod's here, by the
shell. Objects are in memory, volumes below FOLDER.
"""
import base64
import copy
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

KINDS = {
    "api/v1": {"namespaces": ("Namespace", False), "secrets": ("Secret", True), "configmaps": ("ConfigMap", True),
               "services": ("Service", True), "serviceaccounts": ("ServiceAccount", True), "pods": ("Pod", True),
               "persistentvolumeclaims": ("PersistentVolumeClaim", True)},
    "apis/apps/v1": {"deployments": ("Deployment", True), "statefulsets": ("StatefulSet", True)},
    "apis/networking.k8s.io/v1": {"ingresses": ("Ingress", True), "networkpolicies": ("NetworkPolicy", True)},
    "apis/policy/v1": {"poddisruptionbudgets": ("PodDisruptionBudget", True)},
    "apis/monitoring.coreos.com/v1": {"servicemonitors": ("ServiceMonitor", True), "prometheusrules": ("PrometheusRule", True)},
}
lock = threading.RLock()
objects = {}
folder = sys.argv[2]


def merge(old, patch):
    """What a strategic merge patch makes of an object, by the name of list items."""
    if isinstance(old, dict) and isinstance(patch, dict):
        for key, value in patch.items():
            if key.startswith("$"):
                continue
            if value is None:
                old.pop(key, None)
            else:
                old[key] = merge(old.get(key), value)
        return old
    if isinstance(patch, list) and patch and all(isinstance(x, dict) for x in patch):
        key = next((k for k in ("name", "mountPath", "port", "containerPort") if all(k in x for x in patch)), None)
        if key and isinstance(old, list):
            for item in patch:
                there = next((x for x in old if x.get(key) == item[key]), None)
                if item.get("$patch") == "delete":
                    old.remove(there)
                elif there is None:
                    old.append(item)
                else:
                    # A volume has one source.
                    for source in ("emptyDir", "persistentVolumeClaim"):
                        if item.get(source) is None and source in item:
                            there.pop(source, None)
                    merge(there, item)
            return old
    return patch


def fields(data):
    """The fields of a protobuf message: number and bytes, or number and integer."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            value |= (data[at] & 0x7F) << shift
            shift += 7
            at += 1
            if data[at - 1] < 0x80:
                return value

    while at < len(data):
        number, wire = divmod(varint(), 8)
        if wire == 2:
            size = varint()
            at += size
            yield number, data[at - size:at]
        else:
            yield number, varint()


def map_of(message, number):
    pairs = [dict(fields(entry)) for n, entry in fields(message) if n == number]
    return {pair[1].decode(): pair.get(2, b"") for pair in pairs}


def secret_of(data):
    """The Secret in which Helm keeps a release; its client sends what Kubernetes itself defines as protobuf."""
    envelope = dict(fields(data[4:]))
    assert dict(fields(envelope[1]))[2] == b"Secret", envelope[1]
    secret = dict(fields(envelope[2]))
    meta = dict(fields(secret[1]))
    return {"apiVersion": "v1", "kind": "Secret", "type": secret[3].decode(),
            "metadata": {"name": meta[1].decode(),
                         "labels": {k: v.decode() for k, v in map_of(secret[1], 11).items()}},
            "data": {k: base64.b64encode(v).decode() for k, v in map_of(envelope[2], 2).items()}}


class Node:
    """Runs one replica of each Deployment on the network of the test."""

    def __init__(self):
        self.running = {}

    def volume(self, namespace, spec):
        if "emptyDir" in spec:
            path = f"{folder}/empty-{spec['name']}"
            shutil.rmtree(path, ignore_errors=True)
        elif "persistentVolumeClaim" in spec:
            claim = spec["persistentVolumeClaim"]["claimName"]
            if ("persistentvolumeclaims", namespace, claim) not in objects:
                raise KeyError(f"no claim {claim}")
            path = f"{folder}/claim-{claim}"
        else:
            path = f"{folder}/secret-{spec['secret']['secretName']}"
        os.makedirs(path, exist_ok=True)
        if "secret" in spec:
            for key, value in objects["secrets", namespace, spec["secret"]["secretName"]]["data"].items():
                with open(f"{path}/{key}", "wb") as file:
                    file.write(base64.b64decode(value))
        os.chown(path, 65534, 65534)
        return path

    def run(self, deployment):
        namespace, name = deployment["metadata"]["namespace"], deployment["metadata"]["name"]
        template = deployment["spec"]["template"]
        if self.running.get(name) == template:
            return
        self.stop(name)
        selector = deployment["spec"]["selector"]["matchLabels"]
        assert selector.items() <= template["metadata"]["labels"].items(), "the selector does not find the pods"
        pod = template["spec"]
        container = pod["containers"][0]
        command = ["podman", "run", "--detach", "--name", f"{name}-0", "--network", "host", "--user", "65534:65534"]
        if container["securityContext"].get("readOnlyRootFilesystem"):
            command += ["--read-only"]
        for capability in container["securityContext"]["capabilities"]["drop"]:
            command += [f"--cap-drop={capability}"]
        volumes = {v["name"]: v for v in pod["volumes"]}
        for mount in container["volumeMounts"]:
            command += ["--volume", f"{self.volume(namespace, volumes[mount['name']])}:{mount['mountPath']}"]
        command += ["--memory", container["resources"]["limits"]["memory"].replace("Mi", "m")]
        subprocess.run(command + [container["image"]] + container.get("args", []), check=True, stdout=subprocess.DEVNULL)
        self.running[name] = copy.deepcopy(template)
        probe = container["readinessProbe"]["httpGet"]
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{probe['port']}{probe['path']}", timeout=2)
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise RuntimeError("never ready")
        replicas = deployment["spec"]["replicas"]
        deployment["status"] = {"replicas": replicas, "readyReplicas": replicas, "updatedReplicas": replicas,
                                "availableReplicas": replicas}
        objects["pods", namespace, f"{name}-0"] = {
            "apiVersion": "v1", "kind": "Pod", "spec": pod, "status": {"phase": "Running"},
            "metadata": {"name": f"{name}-0", "namespace": namespace, "labels": template["metadata"]["labels"]}}

    def stop(self, name):
        if self.running.pop(name, None):
            subprocess.run(["podman", "stop", "--time", "20", f"{name}-0"], check=True, stdout=subprocess.DEVNULL)
            subprocess.run(["podman", "rm", "--force", f"{name}-0"], check=True, stdout=subprocess.DEVNULL)

    @staticmethod
    def run_pod(pod):
        container = pod["spec"]["containers"][0]
        variables = {v["name"]: v["value"] for v in container.get("env", [])}
        done = subprocess.run(container["command"] + container["args"], env={**os.environ, **variables},
                              capture_output=True, text=True, check=False)
        sys.stderr.write(done.stdout + done.stderr)
        pod["status"] = {"phase": "Succeeded" if done.returncode == 0 else "Failed"}


node = Node()


def applied(resource, one):
    try:
        if resource == "deployments" and one["spec"]["replicas"]:
            node.run(one)
        elif resource == "pods" and "status" not in one:
            node.run_pod(one)
    except Exception as failure:  # What went wrong has to be seen by the one who waits.
        one["status"] = {"phase": "Failed", "message": str(failure)}
        print("cluster:", failure, file=sys.stderr, flush=True)


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, status=200):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status, reason, message):
        self.answer({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": status,
                     "message": message}, status)

    def discover(self, path):
        if path == "version":
            return {"major": "1", "minor": "34", "gitVersion": "v1.34.0"}
        if path == "api":
            return {"kind": "APIVersions", "versions": ["v1"]}
        if path == "apis":
            groups = []
            for prefix in KINDS:
                if prefix.startswith("apis/"):
                    version = {"groupVersion": prefix[5:], "version": prefix.split("/")[2]}
                    groups.append({"name": prefix.split("/")[1], "versions": [version], "preferredVersion": version})
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        if path == "openapi/v3":
            return {"paths": {prefix: {"serverRelativeURL": f"/openapi/v3/{prefix}"} for prefix in KINDS}}
        if path.startswith("openapi/v3/"):
            # That the server itself says what is wrong with a field, so that the client need not know.
            prefix = path[len("openapi/v3/"):]
            group, _, version = prefix.partition("/")[2].rpartition("/")
            parameters = [{"name": "fieldValidation", "in": "query"}]
            return {"openapi": "3.0.0", "info": {"title": "stand-in", "version": "1"}, "paths": {
                f"/{prefix}/namespaces/{{namespace}}/{n}/{{name}}": {"patch": {
                    "parameters": parameters,
                    "x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": kind}}}
                for n, (kind, _) in KINDS.get(prefix, {}).items()}}
        if path in KINDS:
            verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
            return {"kind": "APIResourceList", "groupVersion": path.split("/", 1)[1], "resources": [
                {"name": n, "singularName": "", "namespaced": spaced, "kind": kind, "verbs": verbs}
                for n, (kind, spaced) in KINDS[path].items()]}
        return None

    def split(self):
        """Group and version, resource, namespace, name; nothing if the path is none of objects."""
        path = urllib.parse.urlsplit(self.path).path.strip("/")
        for prefix, resources in KINDS.items():
            if not path.startswith(prefix + "/"):
                continue
            parts = path[len(prefix) + 1:].split("/")
            namespace = ""
            if parts[0] == "namespaces" and len(parts) > 2:
                namespace, parts = parts[1], parts[2:]
            if parts[0] in resources:
                return prefix, parts[0], namespace, parts[1] if len(parts) > 1 else None
        return None

    def body(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not text or self.command == "DELETE":
            return None
        return secret_of(text) if text.startswith(b"k8s\0") else json.loads(text)

    def handle_request(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        sent = self.body()
        with lock:
            found = self.discover(urllib.parse.urlsplit(self.path).path.strip("/"))
            if found:
                return self.answer(found)
            place = self.split()
            if place is None:
                return self.refuse(404, "NotFound", f"the stand-in knows nothing of {self.path}")
            prefix, resource, namespace, name = place
            kind = KINDS[prefix][resource][0]
            version = prefix.split("/", 1)[1]
            key = (resource, namespace, name)
            if self.command == "POST":
                key = (resource, namespace, sent["metadata"]["name"])
                if key in objects:
                    return self.refuse(409, "AlreadyExists", f"{key} already exists")
                if namespace and ("namespaces", "", namespace) not in objects:
                    return self.refuse(404, "NotFound", f'namespaces "{namespace}" not found')
                sent["metadata"].update({"uid": key[2], "resourceVersion": "1"})
                if KINDS[prefix][resource][1]:
                    sent["metadata"]["namespace"] = namespace
                objects[key] = sent
                applied(resource, sent)
                return self.answer(sent, 201)
            if name is None:
                chosen = [o for (r, n, _), o in sorted(objects.items(), key=lambda x: x[0])
                          if r == resource and (not namespace or n == namespace) and self.selected(o, query)]
                if query.get("watch"):
                    events = [{"type": "ADDED", "object": o} for o in chosen]
                    events.append({"type": "BOOKMARK", "object": {
                        "kind": kind, "apiVersion": version,
                        "metadata": {"resourceVersion": "1", "annotations": {"k8s.io/initial-events-end": "true"}}}})
                    lines = "".join(json.dumps(event) + "\n" for event in events).encode()
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(lines)))
                    self.end_headers()
                    return self.wfile.write(lines)
                return self.answer({"kind": kind + "List", "apiVersion": version, "metadata": {"resourceVersion": "1"},
                                    "items": chosen})
            if key not in objects:
                return self.refuse(404, "NotFound", f'{resource} "{name}" not found')
            if self.command == "PUT":
                sent["metadata"]["namespace"] = namespace
                objects[key] = sent
            elif self.command == "PATCH":
                before = copy.deepcopy(objects[key])
                after = merge(objects[key], sent)
                for unchanging in ("selector", "serviceName", "volumeClaimTemplates"):
                    if resource in ("deployments", "statefulsets") and \
                            before["spec"].get(unchanging) != after["spec"].get(unchanging):
                        objects[key] = before
                        return self.refuse(422, "Invalid", f"spec.{unchanging}: field is immutable")
            elif self.command == "DELETE":
                gone = objects.pop(key)
                if resource == "deployments":
                    node.stop(name)
                    objects.pop(("pods", namespace, f"{name}-0"), None)
                return self.answer(gone)
            if self.command in ("PUT", "PATCH"):
                applied(resource, objects[key])
            return self.answer(objects[key])

    @staticmethod
    def selected(one, query):
        labels = one["metadata"].get("labels") or {}
        for term in filter(None, query.get("labelSelector", "").split(",")):
            key, _, value = term.partition("=")
            if labels.get(key) != value.lstrip("="):
                return False
        for term in filter(None, query.get("fieldSelector", "").split(",")):
            key, _, value = term.partition("=")
            if key == "metadata.name" and one["metadata"]["name"] != value:
                return False
        return True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request


if __name__ == "__main__":
    objects["namespaces", "", "default"] = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Server).serve_forever()
