"""unknown_flags.py HELP VALUES: prints the flags that the chart makes of the values and that the text of --help lacks."""
import os
import subprocess
import sys

import yaml

with open(sys.argv[1], encoding="utf-8") as file:
    known = file.read().replace("[no-]", "").split()
rendered = subprocess.run(
    [os.environ["HELM"], "template", "pushgateway", "helm-chart", "--kube-version", "1.34.0", "--values", sys.argv[2]],
    capture_output=True, text=True, check=True).stdout
for document in yaml.safe_load_all(rendered):
    if document and document["kind"] in ("Deployment", "StatefulSet"):
        for argument in document["spec"]["template"]["spec"]["containers"][0].get("args", []):
            flag = argument.split("=")[0]
            if not any(word.split("=")[0] == flag for word in known):
                print(flag, end=" ")
