"""Makes the stacks as AWS would see them: moto stands in for CloudFormation and ECS. Nothing leaves the machine.

Usage: stack.py FILE...   prints for each FILE: SERVICES/TASKS, or what was refused (exit 1)
"""
import sys

import boto3
import botocore.exceptions
import yaml
from moto import mock_aws

LOGIN = {"region_name": "us-east-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}


def make(name):
    with open(name, encoding="utf-8") as f:
        body = f.read()
    ec2 = boto3.client("ec2", **LOGIN)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
        for i, zone in enumerate("ab")
    ]
    given = {"Vpc": vpc, "PrivateSubnets": ",".join(subnets), "PublicSubnets": ",".join(subnets)}
    wanted = yaml.safe_load(body)["Parameters"]
    cloudformation = boto3.client("cloudformation", **LOGIN)
    cloudformation.create_stack(
        StackName="test",
        TemplateBody=body,
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items() if k in wanted],
    )
    status = cloudformation.describe_stacks(StackName="test")["Stacks"][0]["StackStatus"]
    if status != "CREATE_COMPLETE":
        return status
    ecs = boto3.client("ecs", **LOGIN)
    cluster = ecs.list_clusters()["clusterArns"][0]
    services = ecs.list_services(cluster=cluster)["serviceArns"]
    tasks = ecs.list_task_definitions()["taskDefinitionArns"]
    return f"{len(services)} services, {len(tasks)} tasks"


def main(files):
    failed = False
    for name in files:
        with mock_aws():
            try:
                print(f"{name}: {make(name)}")
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, KeyError, TypeError) as e:
                print(f"{name}: {type(e).__name__}: {e}".replace("\n", " "))
                failed = True
    return 1 if failed else 0


sys.exit(main(sys.argv[1:]))
