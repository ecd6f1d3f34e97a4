#!/usr/bin/env bash
# A secret that CloudFormation is told to generate without punctuation has punctuation in ministack, quotes and
# backslashes among it. And a user pool makes up temporary passwords that its own rules refuse: AdminCreateUser
# without a password fails with InvalidPasswordException where fourteen characters are asked for.
#
# It matters because such a secret becomes a header, a shell's variable or a part of JSON on the way, which works on
# AWS and breaks here one time in some; and because inviting an operator by the documented command seems forbidden.
#
# AWS's reference says that ExcludePunctuation leaves out the characters !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~, and that
# Cognito generates a temporary password where none is given. Not in ministack's documentation.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check ministack==1.5.33 boto3==1.43.106

server=""
trap '[[ -z "$server" ]] || kill "$server" 2> server.err || true; rm -rf "$folder"' EXIT
port="$(python/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
export port
BIND_HOST=127.0.0.1 MINISTACK_HOST=127.0.0.1 GATEWAY_PORT="$port" python/bin/ministack > server.log 2>&1 &
server=$!
for _ in $(seq 60); do
  python/bin/python -c "import socket; socket.create_connection((\"127.0.0.1\", $port), 1)" 2> wait.err && break
  sleep 0.5
done

cat > look.py <<'PY'
import os
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
import sys
from importlib.metadata import version


changed = False


def versions(*names):
    print(f"Python {sys.version.split()[0]}; " + ", ".join(f"{name} {version(name)}" for name in names))


def seen(what, expected, got, described):
    """Prints one observation; `described` is what this script says comes out."""
    global changed
    print(f"- {what}\n    expected: {expected}\n    seen:     {got}")
    if str(got) != str(described):
        changed = True
        print(f"    CHANGED:  this script describes {described}")


def said(act):
    try:
        return act()
    except Exception as error:
        return f"refused: {str(error).splitlines()[0]}"


def close():
    sys.exit(1 if changed else 0)


import json
import string

versions("ministack", "boto3")
where = dict(
    endpoint_url=f"http://127.0.0.1:{os.environ['port']}",
    region_name="eu-west-1",
    aws_access_key_id="x",
    aws_secret_access_key="x",
    config=Config(retries={"max_attempts": 1}),
)
stacks = boto3.client("cloudformation", **where)
secrets = boto3.client("secretsmanager", **where)
pools = boto3.client("cognito-idp", **where)

generated = {"PasswordLength": 64, "ExcludePunctuation": True}
names = [f"loyalty/{number}" for number in range(5)]
template = {
    "Resources": {
        f"Secret{number}": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"Name": name, "GenerateSecretString": generated},
        }
        for number, name in enumerate(names)
    }
}
stacks.create_stack(StackName="secrets", TemplateBody=json.dumps(template))
stacks.get_waiter("stack_create_complete").wait(StackName="secrets", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
values = [secrets.get_secret_value(SecretId=name)["SecretString"] for name in names]
punctuated = any(set(value) & set(string.punctuation) for value in values)
seen("punctuation in five secrets that were to have none", False, punctuated, True)
plain = secrets.get_random_password(PasswordLength=64, ExcludePunctuation=True)["RandomPassword"]
seen("punctuation in GetRandomPassword, asked for the same", False, bool(set(plain) & set(string.punctuation)), False)

policy = {"PasswordPolicy": {"MinimumLength": 14, "RequireUppercase": True, "RequireLowercase": True}}
pool = pools.create_user_pool(PoolName="operators", Policies=policy)["UserPool"]["Id"]


def invite(**more):
    try:
        return pools.admin_create_user(UserPoolId=pool, Username="ada", **more)["User"]["UserStatus"]
    except ClientError as error:
        return error.response["Error"]["Code"]


seen("AdminCreateUser without a password", "FORCE_CHANGE_PASSWORD", invite(), "InvalidPasswordException")
seen("with one", "FORCE_CHANGE_PASSWORD", invite(TemporaryPassword="Temporary-1-word"), "FORCE_CHANGE_PASSWORD")

close()
PY
python/bin/python look.py
