"""Renders the chart in helm-chart/ for its tests. Needs HELM, the path of a helm 3, and python3-yaml."""
import base64
import json
import os
import re
import subprocess

import yaml

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
chart = os.path.join(root, "helm-chart")
kube_version = "1.34.0"


class Loader(yaml.SafeLoader):
    """Takes no key twice: some tools let the last one win, others refuse the file."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise AssertionError(f"a key stands twice: {keys}")
        return super().construct_mapping(node, deep)


# Kubernetes and Helm read 1e5 as a number, YAML 1.1 wants a dot in it.
Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+[eE][-+]?[0-9]+$"), list("-+0123456789"))


def helm(*arguments, values=None):
    return subprocess.run(
        [os.environ["HELM"], *arguments, "--values", "-"],
        input=json.dumps(values or {}), capture_output=True, text=True, check=False)


def render(values=None, release="pushgateway", namespace="monitoring", folder=chart):
    done = helm("template", release, folder, "--namespace", namespace, "--kube-version", kube_version, values=values)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return [document for document in yaml.load_all(done.stdout, Loader) if document]


def refusal(values):
    """Why the chart refuses the values, in the words of newer Helms."""
    done = helm("template", "pushgateway", chart, "--kube-version", kube_version, values=values)
    if done.returncode == 0:
        raise AssertionError(f"accepted: {values}")
    text = re.sub(r"Additional property (\S+) is not allowed", r"'\1' not allowed", done.stderr)
    text = re.sub(r"(\w+) is required", r"missing property '\1'", text)
    return re.sub(r"^- [\w.]+:", lambda place: place[0].replace(".", "/"), text, flags=re.M)


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
