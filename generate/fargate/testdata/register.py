"""Registers task definitions as AWS would see them: botocore checks the request against the
real service model, moto stands in for the service. Nothing leaves the machine.

Usage: register.py FILE...   prints FILE: FAMILY:REVISION, or FILE: what was refused (exit 1)
"""
import json
import sys

import boto3
import botocore.exceptions
from moto import mock_aws


@mock_aws
def main(files):
    ecs = boto3.client(
        "ecs", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
    failed = False
    for name in files:
        with open(name, encoding="utf-8") as f:
            request = json.load(f)
        try:
            made = ecs.register_task_definition(**request)["taskDefinition"]
            print(f"{name}: {made['family']}:{made['revision']}")
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, TypeError) as e:
            print(f"{name}: {e}".replace("\n", " "))
            failed = True
    return 1 if failed else 0


sys.exit(main(sys.argv[1:]))
