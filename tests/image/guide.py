"""guide.py GUIDE FOLDER: runs the console commands of the operating guide against the stand-in of a cluster.

What a command prints must hold every line that the guide shows below it; `…` in a line stands for anything. A block marked
`console unchecked` is not run. Runs inside script/image.
"""
import json
import os
import re
import stat
import subprocess
import sys
import time
import urllib.request

guide, folder = sys.argv[1:]
here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
port = 8001
bin_folder = os.path.join(folder, "bin")
os.makedirs(bin_folder)
cluster_log = open(os.path.join(folder, "cluster.log"), "w", encoding="utf-8")


def program(name, text):
    path = os.path.join(bin_folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)


program("kubectl", f'exec python3 {here}/kubectl.py "$@"\n')
# There is one image.
program("helm", f"""case $1 in
install | upgrade)
    exec "{os.environ['HELM']}" "$@" --set image.repository=localhost/pushgateway --set image.tag=test
    ;;
esac
exec "{os.environ['HELM']}" "$@"
""")
kubeconfig = os.path.join(folder, "kubeconfig")
with open(kubeconfig, "w", encoding="utf-8") as file:
    file.write(f"""apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
current-context: c
users: [{{name: u, user: {{}}}}]
""")
environment = {**os.environ, "PATH": bin_folder + ":" + os.environ["PATH"], "KUBECONFIG": kubeconfig, "LC_ALL": "C",
               "CLUSTER": f"http://127.0.0.1:{port}", "HELM_CACHE_HOME": folder, "HELM_CONFIG_HOME": folder,
               "HELM_DATA_HOME": folder}


def commands():
    with open(guide, encoding="utf-8") as file:
        text = file.read()
    for mark, block in re.findall(r"^```console( unchecked)?\n(.*?)^```$", text, re.M | re.S):
        if mark:
            continue
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = part.rstrip("\n").split("\n")
            count = 1
            while lines[count - 1].endswith("\\"):
                count += 1
            yield "\n".join(lines[:count]), lines[count:]


def holds(printed, line):
    pattern = ".*".join(re.escape(piece) for piece in line.strip().split("…"))
    return any(re.fullmatch(pattern, one.strip()) for one in printed.split("\n"))


def seed(name):
    """A Deployment that another chart's release of this name has left, which must be taken over as it is."""
    helm_marks = {"meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": "moved"}
    labels = {"app.kubernetes.io/managed-by": "Helm"}
    selector = {"app.kubernetes.io/name": "prometheus-pushgateway", "app.kubernetes.io/instance": name}
    for path, one in (("/api/v1/namespaces", {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "moved"}}),
                      ("/apis/apps/v1/namespaces/moved/deployments", {
                          "kind": "Deployment", "apiVersion": "apps/v1",
                          "metadata": {"name": name, "labels": labels, "annotations": helm_marks},
                          "spec": {"selector": {"matchLabels": selector}, "replicas": 0, "template": {}}})):
        request = urllib.request.Request(environment["CLUSTER"] + path, json.dumps(one).encode(), method="POST")
        urllib.request.urlopen(request).close()


cluster = subprocess.Popen([sys.executable, os.path.join(here, "cluster.py"), str(port), folder], stderr=cluster_log)
ran = 0
try:
    for _ in range(100):
        try:
            urllib.request.urlopen(environment["CLUSTER"] + "/version").close()
            break
        except OSError:
            time.sleep(0.1)
    seed("prometheus-pushgateway")
    directory = root
    for command, expected in commands():
        if command.startswith("cd "):
            # As in a terminal, it holds for what follows.
            directory = os.path.join(directory, command.split()[1])
        run = re.sub(r"^cd \S+ && ", "", command)
        done = subprocess.run(["timeout", "60", "sh", "-c", run], cwd=directory, env=environment, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        ran += 1
        print(f"$ {command}\n{done.stdout}", flush=True)
        if done.returncode != 0:
            sys.exit(f"it ends with {done.returncode}")
        for line in filter(str.strip, expected):
            if not holds(done.stdout, line):
                sys.exit(f"the guide shows a line that is not there: {line}")
finally:
    cluster.terminate()
    cluster.wait(timeout=30)
    cluster_log.close()
    with open(cluster_log.name, encoding="utf-8") as file:
        print(file.read())
if ran == 0:
    sys.exit("the guide has no commands")
print(f"{ran} commands")
