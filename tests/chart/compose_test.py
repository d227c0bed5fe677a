"""compose_test.py FILE: holds the compose file against what it refers to. Needs promtool and python3-yaml."""
import os
import shutil
import subprocess
import sys
import tempfile

import yaml

root = os.path.dirname(os.path.abspath(sys.argv[1]))
with open(sys.argv[1], encoding="utf-8") as file:
    compose = yaml.safe_load(file)
services = compose["services"]
build = services["pushgateway"]["build"]
# Docker looks for a file of another name.
assert os.path.isfile(os.path.join(root, build["context"], build["dockerfile"])), build
with tempfile.TemporaryDirectory() as folder:
    for name, service in services.items():
        # Without a registry, Podman does not know which one is meant.
        assert service["image"].split("/")[0] in ("docker.io", "localhost"), service["image"]
        for port in service["ports"]:
            assert port.startswith("127.0.0.1:"), f"{name} listens to everybody: {port}"
        for other in service.get("depends_on", []):
            assert other in services, other
        for volume in service["volumes"]:
            source, target = volume.split(":")[:2]
            if not source.startswith("."):
                assert source in compose["volumes"], source
                continue
            # Docker makes a folder of a file that is not there.
            assert os.path.isfile(os.path.join(root, source)), source
            if target.startswith("/etc/prometheus/"):
                shutil.copy(os.path.join(root, source), os.path.join(folder, os.path.basename(target)))
    with open(os.path.join(folder, "prometheus.yml"), encoding="utf-8") as file:
        (job,) = yaml.safe_load(file)["scrape_configs"]
    assert job["honor_labels"] is True
    assert job["job_name"] == "pushgateway", "the rules ask for this job"
    assert job["static_configs"][0]["targets"] == ["pushgateway:9091"]
    subprocess.run(["promtool", "check", "config", os.path.join(folder, "prometheus.yml")], check=True)
