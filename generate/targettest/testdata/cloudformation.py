"""Reads templates as AWS does: SAM's are translated into CloudFormation first, then the linter reads the result. Nothing leaves the machine.

Usage: cloudformation.py FILE...   prints FILE:LINE:… for each fault; exit 1 when there is one
"""
import json
import os
import subprocess
import sys

import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform


class NoPolicies:
    """Managed policies by name would be asked for over the network; the templates name none."""

    def load(self):
        return {}


def main(files):
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    failed, read = False, []
    for name in files:
        with open(name, encoding="utf-8") as f:
            text = f.read()
        if "Transform: AWS::Serverless" not in text:
            read.append(name)
            continue
        try:
            translated = transform(yaml.safe_load(text), {}, NoPolicies())
        except InvalidDocumentException as e:
            print(f"{name}:1: SAM: {e.message} {[c.message for c in e.causes]}".replace("\n", " "))
            failed = True
            continue
        with open(name + ".json", "w", encoding="utf-8") as f:
            json.dump(translated, f, indent=1)
        read.append(name + ".json")
    lint = os.path.join(os.path.dirname(sys.executable), "cfn-lint")
    done = subprocess.run([lint, "--format", "parseable", "--regions", "us-east-1", "--", *read], check=False)
    return 1 if failed or done.returncode else 0


sys.exit(main(sys.argv[1:]))
