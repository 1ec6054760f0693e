"""Starts a task on Fargate when an event comes. Made by drydock from what the repository says. Edits are kept when it is made again.

The task finds the event, as JSON, in its variable EVENT; an event may bring the command to be run: {"command": ["rake", "report"]}.
"""
import json
import os

import boto3


def handler(event, context):
    override = {'name': os.environ['CONTAINER'], 'environment': [{'name': 'EVENT', 'value': json.dumps(event)[:7000]}]}
    command = isinstance(event, dict) and event.get('command') or json.loads(os.environ['COMMAND'])
    if command:
        override['command'] = command
    answer = boto3.client('ecs').run_task(
        cluster=os.environ['CLUSTER'],
        taskDefinition=os.environ['TASK'],
        launchType='FARGATE',
        overrides={'containerOverrides': [override]},
        networkConfiguration={'awsvpcConfiguration': {
            'subnets': os.environ['SUBNETS'].split(','), 'securityGroups': [os.environ['SECURITY_GROUP']], 'assignPublicIp': 'DISABLED'}})
    if answer['failures']:
        raise RuntimeError(answer['failures'])
    return {'task': answer['tasks'][0]['taskArn']}
