/**
 * The resource types that are known and have no effect on one machine, each with the reason. A type that is
 * neither here nor interpreted by a file in `resources/` stops the start.
 */
const PERMISSIONS = 'permissions are AWS’s to enforce; nothing here checks them';
const OBSERVATION = 'alarms, dashboards and log settings watch the deployed system';
const CDK = 'serves the deployment tool itself';
const SIGN_IN = 'tokens are made by POST /local/operators/token here, and nobody signs in by a page';
const EDGE = 'names, certificates and shields of the public internet';

const TYPES: { readonly [type: string]: string } = {
  'AWS::ApiGatewayV2::ApiMapping': EDGE,
  'AWS::ApiGatewayV2::DomainName': EDGE,
  'AWS::Backup::BackupPlan': 'backups are made of deployed data only',
  'AWS::Backup::BackupSelection': 'backups are made of deployed data only',
  'AWS::Backup::BackupVault': 'backups are made of deployed data only',
  'AWS::Budgets::Budget': 'nothing here costs anything',
  'AWS::CDK::Metadata': CDK,
  'AWS::CertificateManager::Certificate': EDGE,
  'AWS::CloudFront::OriginAccessControl': PERMISSIONS,
  'AWS::CloudWatch::Alarm': OBSERVATION,
  'AWS::CloudWatch::CompositeAlarm': OBSERVATION,
  'AWS::CloudWatch::Dashboard': OBSERVATION,
  'AWS::Cognito::ManagedLoginBranding': SIGN_IN,
  'AWS::Cognito::UserPoolDomain': SIGN_IN,
  'AWS::Cognito::UserPoolResourceServer': SIGN_IN,
  'AWS::Events::Archive':
    'a replay reads the archive of the deployed bus; nothing is delivered from it otherwise',
  'AWS::Events::EventBusPolicy': PERMISSIONS,
  'AWS::IAM::ManagedPolicy': PERMISSIONS,
  'AWS::IAM::Policy': PERMISSIONS,
  'AWS::IAM::Role': PERMISSIONS,
  'AWS::KMS::Alias': 'encryption at rest is AWS’s',
  'AWS::KMS::Key': 'encryption at rest is AWS’s',
  'AWS::Lambda::LayerVersion':
    'only the deployment tool’s own functions use layers; a function of ours with one is refused',
  'AWS::Lambda::Permission': PERMISSIONS,
  'AWS::Logs::LogGroup': OBSERVATION,
  'AWS::Logs::MetricFilter': OBSERVATION,
  'AWS::Logs::ResourcePolicy': PERMISSIONS,
  'AWS::Logs::SubscriptionFilter': OBSERVATION,
  'AWS::Route53::RecordSet': EDGE,
  'AWS::S3::BucketPolicy': PERMISSIONS,
  'AWS::SES::ConfigurationSet': 'the stand-in for e-mail takes every message',
  'AWS::SES::ConfigurationSetEventDestination': 'the stand-in for e-mail reports nothing back',
  'AWS::SES::EmailIdentity': 'the stand-in for e-mail takes every sender',
  'AWS::SNS::Subscription': 'topics only carry alarms',
  'AWS::SNS::Topic': 'topics only carry alarms',
  'AWS::SNS::TopicPolicy': PERMISSIONS,
  'AWS::SQS::QueuePolicy': PERMISSIONS,
  'AWS::SSM::Parameter': 'published for the deployed system’s operators',
  'AWS::Scheduler::ScheduleGroup': 'groups only order schedules in the console',
  'AWS::SecretsManager::ResourcePolicy': PERMISSIONS,
  'AWS::WAFv2::IPSet': EDGE,
  'AWS::WAFv2::WebACL': EDGE,
  'AWS::WAFv2::WebACLAssociation': EDGE,
  'AWS::XRay::Group': OBSERVATION,
  'Custom::LogRetention': OBSERVATION,
  'Custom::S3AutoDeleteObjects': CDK,
};

/** Functions that the deployment tool adds for itself, by the start of their logical id. */
const DEPLOYMENT_FUNCTIONS = ['CustomCDKBucketDeployment', 'CustomS3AutoDeleteObjects', 'LogRetention'];

/** Why a type has no effect here, or undefined when it is not one of these. */
export function reasonForNoEffect(type: string): string | undefined {
  return Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
}

/** Whether a function belongs to the deployment tool and is never run here. */
export function isDeploymentFunction(logicalId: string): boolean {
  return DEPLOYMENT_FUNCTIONS.some((prefix) => logicalId.startsWith(prefix));
}
