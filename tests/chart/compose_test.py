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
for name, service in services.items():
    assert service.get("image"), name
    for port in service["ports"]:
        assert port.startswith("127.0.0.1:"), f"{name} listens to everybody: {port}"
    for other in service.get("depends_on", []):
        assert other in services, other
    for config in service.get("configs", []):
        yaml.safe_load(compose["configs"][config["source"]]["content"])
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith("."):
            assert os.path.isfile(os.path.join(root, source)), source
        else:
            assert source in compose["volumes"], source
prometheus = yaml.safe_load(compose["configs"]["prometheus"]["content"])
job = prometheus["scrape_configs"][0]
assert job["honor_labels"] is True
assert job["job_name"] == "pushgateway", "the rules ask for this job"
assert job["static_configs"][0]["targets"] == ["pushgateway:9091"]
with tempfile.TemporaryDirectory() as folder:
    shutil.copy(os.path.join(root, "helm-chart/files/rules.yaml"), folder)
    with open(os.path.join(folder, "prometheus.yml"), "w", encoding="utf-8") as file:
        file.write(compose["configs"]["prometheus"]["content"])
    subprocess.run(["promtool", "check", "config", os.path.join(folder, "prometheus.yml")], check=True)
