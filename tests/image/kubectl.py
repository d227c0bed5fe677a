#!/usr/bin/env python3
"""The commands of kubectl that the operating guide uses, against the stand-in of cluster.py."""
import argparse
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

KINDS = {"pod": ("api/v1", "pods"), "pods": ("api/v1", "pods"), "service": ("api/v1", "services"),
         "services": ("api/v1", "services"), "pvc": ("api/v1", "persistentvolumeclaims"),
         "deployment": ("apis/apps/v1", "deployments"), "secret": ("api/v1", "secrets"),
         "servicemonitor": ("apis/monitoring.coreos.com/v1", "servicemonitors")}


def call(path, method="GET"):
    try:
        with urllib.request.urlopen(urllib.request.Request(os.environ["CLUSTER"] + path, method=method)) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        sys.exit("Error from server: " + json.load(refused)["message"])


def path_of(kind, namespace, name=""):
    prefix, resource = KINDS[kind]
    return f"/{prefix}/namespaces/{namespace}/{resource}{'/' + name if name else ''}"


def state(one):
    status = one.get("status", {})
    return status.get("phase") or (f"{status['readyReplicas']}/{status['replicas']}" if "readyReplicas" in status else "")


own, rest = sys.argv[1:], []
if "--" in own:
    own, rest = own[:own.index("--")], own[own.index("--") + 1:]
parser = argparse.ArgumentParser()
parser.add_argument("words", nargs="+")
parser.add_argument("-n", "--namespace", default="default")
parser.add_argument("-l", "--selector", default="")
parser.add_argument("--image")
parser.add_argument("--restart")
parser.add_argument("--rm", action="store_true")
parser.add_argument("-i", action="store_true")
parser.add_argument("--command", action="store_true")
told = parser.parse_args(own)
verb, words = told.words[0], told.words[1:]
if verb == "get":
    kind, _, name = words[0].partition("/")
    name = name or (words[1] if len(words) > 1 else "")
    if name:
        found = [call(path_of(kind, told.namespace, name))]
    else:
        found = call(path_of(kind, told.namespace) + "?labelSelector=" + told.selector)["items"]
    for one in found:
        print(one["metadata"]["name"], state(one))
    if not found:
        sys.exit("No resources found")
elif verb == "rollout" and words[0] == "status":
    one = call(path_of("deployment", told.namespace, words[1].split("/")[1]))
    if one["status"].get("readyReplicas") != one["spec"]["replicas"]:
        sys.exit(one["status"].get("message", "not ready"))
    print(f'deployment "{one["metadata"]["name"]}" successfully rolled out')
elif verb == "logs":
    name = words[0].split("/")[1]
    call(path_of("deployment", told.namespace, name))
    subprocess.run(["podman", "logs", f"{name}-0"], check=True, stderr=subprocess.STDOUT)
elif verb == "port-forward":
    # The node is this machine, and the Service's port that of the container.
    one = call(path_of("service", told.namespace, words[0].split("/")[1]))
    assert words[1] == f"{one['spec']['ports'][0]['port']}:{one['spec']['ports'][0]['port']}"
    print("Forwarding from 127.0.0.1")
elif verb == "run":
    # The image runs curl, and so does this machine.
    assert told.image.startswith("curlimages/curl"), told.image
    assert told.command
    sys.exit(subprocess.run(rest, check=False).returncode)
elif verb == "delete":
    call(path_of(words[0], told.namespace, words[1]), "DELETE")
else:
    sys.exit(f"the stand-in knows no {told.words}")
