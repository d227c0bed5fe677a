"""for_podman.py RENDERED FOLDER: turns what the chart renders into what `podman kube play` takes (played.yaml), and the pod
of `helm test` into a script that runs here (test.sh)."""
import base64
import shlex
import sys

import yaml

with open(sys.argv[1], encoding="utf-8") as file:
    documents = [d for d in yaml.safe_load_all(file) if d]
played = []
script = None
for document in documents:
    kind = document["kind"]
    document["metadata"].pop("namespace", None)
    if kind == "StatefulSet":
        # There is no such thing; one replica with a claim is the same.
        document["kind"] = kind = "Deployment"
        spec = document["spec"]
        spec.pop("serviceName")
        for claim in spec.pop("volumeClaimTemplates", []):
            name = claim["metadata"]["name"]
            played.append({"apiVersion": "v1", "kind": "PersistentVolumeClaim", **claim})
            spec["template"]["spec"].setdefault("volumes", []).append(
                {"name": name, "persistentVolumeClaim": {"claimName": name}})
    if kind == "Deployment":
        pod = document["spec"]["template"]["spec"]
        for volume in pod.get("volumes", []):
            # podman 4.3 does not decode Secrets.
            if "secret" in volume:
                volume["configMap"] = {"name": volume.pop("secret")["secretName"]}
        for container in pod["containers"]:
            # It would run curl in the container, which has none.
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                container.pop(probe, None)
            # podman 4.3 does not know it; podman 5 does, but does not make the folder, as Kubernetes does.
            for mount in container.get("volumeMounts", []):
                mount.pop("subPath", None)
            for port in container.get("ports", []):
                port["hostPort"] = port["containerPort"]
    if kind == "Secret":
        document["kind"] = kind = "ConfigMap"
        document.pop("type", None)
        document["data"] = {key: base64.b64decode(value).decode() for key, value in document["data"].items()}
    if kind == "Pod":
        container = document["spec"]["containers"][0]
        variables = {v["name"]: v["value"] for v in container["env"]}
        variables["GATEWAY"] = variables["GATEWAY"].replace("pushgateway.monitoring.svc", "127.0.0.1")
        lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
        script = "\n".join(lines) + "\n" + shlex.join(container["command"] + container["args"]) + "\n"
    elif kind in ("Deployment", "ConfigMap", "PersistentVolumeClaim"):
        played.append(document)
with open(sys.argv[2] + "/played.yaml", "w", encoding="utf-8") as file:
    yaml.safe_dump_all(played, file)
with open(sys.argv[2] + "/test.sh", "w", encoding="utf-8") as file:
    file.write(script)
