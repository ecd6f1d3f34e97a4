/**
 * The names, ARNs and addresses that resources have on one machine: what `Ref` and `Fn::GetAtt` answer.
 * Each type's return values are those that the CloudFormation reference lists for it.
 */
import { createHash } from 'node:crypto';
import type { Json } from '../bus/pattern.ts';
import type { Template } from './assembly.ts';
import { ACCOUNT, REGION } from './intrinsics.ts';

interface Named {
  readonly id: string;
  /** The physical name: the one the template sets, else made of the stack's name and the logical id. */
  readonly name: string;
}

type AttributeTable = { readonly [attribute: string]: (resource: Named) => string };

interface TypeNames {
  /** The property that may set the physical name. */
  readonly nameProperty?: string;
  readonly ref: (resource: Named) => string;
  readonly attributes: AttributeTable;
}

const arn =
  (service: string, kind: string) =>
  ({ name }: Named): string =>
    `arn:aws:${service}:${REGION}:${ACCOUNT}:${kind}${name}`;
const name = (resource: Named): string => resource.name;
const shortId = ({ id }: Named): string => createHash('sha256').update(id).digest('hex').slice(0, 10);

const queueUrl = (resource: Named): string =>
  `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${resource.name}`;
const secretArn = (resource: Named): string =>
  `${arn('secretsmanager', 'secret:')(resource)}-${shortId(resource).slice(0, 6)}`;
const apiHost = (resource: Named): string => `${shortId(resource)}.execute-api.${REGION}.amazonaws.com`;
const bucketArn = (resource: Named): string => `arn:aws:s3:::${resource.name}`;
const edgeFunctionArn = (resource: Named): string =>
  `arn:aws:cloudfront::${ACCOUNT}:function/${resource.name}`;
const userPoolId = (resource: Named): string => `${REGION}_${shortId(resource).slice(0, 9)}`;

/** An ARN in CloudFormation's name for whatever has no effect here, so that a mention of it still resolves. */
const placeholder = ({ id }: Named): string =>
  `arn:aws:cloudformation:${REGION}:${ACCOUNT}:without-local-effect/${id}`;

const TYPES: { readonly [type: string]: TypeNames } = {
  'AWS::ApiGatewayV2::Api': {
    ref: shortId,
    attributes: { ApiId: shortId, ApiEndpoint: (resource) => `https://${apiHost(resource)}` },
  },
  'AWS::CloudFront::Distribution': {
    ref: shortId,
    attributes: { Id: shortId, DomainName: (resource) => `${shortId(resource)}.cloudfront.net` },
  },
  'AWS::CloudFront::Function': {
    nameProperty: 'Name',
    ref: edgeFunctionArn,
    attributes: { FunctionARN: edgeFunctionArn },
  },
  'AWS::Cognito::UserPool': {
    ref: userPoolId,
    attributes: {
      Arn: (resource) => `arn:aws:cognito-idp:${REGION}:${ACCOUNT}:userpool/${userPoolId(resource)}`,
      ProviderName: (resource) => `cognito-idp.${REGION}.amazonaws.com/${userPoolId(resource)}`,
      ProviderURL: (resource) => `https://cognito-idp.${REGION}.amazonaws.com/${userPoolId(resource)}`,
      UserPoolId: userPoolId,
    },
  },
  'AWS::Cognito::UserPoolClient': { ref: shortId, attributes: { ClientId: shortId } },
  'AWS::DynamoDB::GlobalTable': {
    nameProperty: 'TableName',
    ref: name,
    attributes: {
      Arn: arn('dynamodb', 'table/'),
      StreamArn: (resource) => `${arn('dynamodb', 'table/')(resource)}/stream/local`,
    },
  },
  'AWS::Events::EventBus': {
    nameProperty: 'Name',
    ref: name,
    attributes: { Arn: arn('events', 'event-bus/'), Name: name },
  },
  'AWS::Events::Rule': { nameProperty: 'Name', ref: name, attributes: { Arn: arn('events', 'rule/') } },
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    ref: name,
    attributes: { Arn: arn('lambda', 'function:') },
  },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    ref: name,
    attributes: {
      Arn: bucketArn,
      DomainName: (resource) => `${resource.name}.s3.amazonaws.com`,
      RegionalDomainName: (resource) => `${resource.name}.s3.${REGION}.amazonaws.com`,
    },
  },
  'AWS::SecretsManager::Secret': { nameProperty: 'Name', ref: secretArn, attributes: { Id: secretArn } },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    ref: arn('sns', ''),
    attributes: { TopicArn: arn('sns', ''), TopicName: name },
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    ref: queueUrl,
    attributes: { Arn: arn('sqs', ''), QueueName: name, QueueUrl: queueUrl },
  },
};

/** Answers `Ref` (attribute undefined) and `Fn::GetAtt`; undefined when a type with local effect lacks the attribute. */
export function attributeOf(
  template: Template,
  stackName: string,
  logicalId: string,
  attribute: string | undefined,
  resolveName: (value: Json) => Json | undefined,
): string | undefined {
  const resource = template.Resources[logicalId];
  if (!resource) return undefined;
  const type = TYPES[resource.Type];
  if (!type) {
    const inert = { id: logicalId, name: logicalId };
    return attribute === undefined ? logicalId : placeholder(inert);
  }
  const given = type.nameProperty === undefined ? undefined : resource.Properties?.[type.nameProperty];
  const resolved = given === undefined ? undefined : resolveName(given);
  const named = {
    id: logicalId,
    name: typeof resolved === 'string' ? resolved : `${stackName}-${logicalId}`,
  };
  return attribute === undefined ? type.ref(named) : type.attributes[attribute]?.(named);
}
