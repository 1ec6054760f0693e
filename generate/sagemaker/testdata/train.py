"""Starts trainings as AWS would see them: botocore checks the request against the real service model, moto stands in for the service.

Usage: train.py FILE...   prints FILE: STATUS, or FILE: what was refused (exit 1)
"""
import json
import sys

import boto3
import botocore.exceptions
from moto import mock_aws


@mock_aws
def main(files):
    sagemaker = boto3.client("sagemaker", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    failed = False
    for name in files:
        with open(name, encoding="utf-8") as f:
            request = json.load(f)
        try:
            sagemaker.create_training_job(**request)
            print(f"{name}: {sagemaker.describe_training_job(TrainingJobName=request['TrainingJobName'])['TrainingJobStatus']}")
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, TypeError) as e:
            print(f"{name}: {e}".replace("\n", " "))
            failed = True
    return 1 if failed else 0


sys.exit(main(sys.argv[1:]))
