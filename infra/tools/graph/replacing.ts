/** Inputs whose change replaces a resource instead of updating it. */
import type { ProviderTypes } from './provider_types.ts';

/** Inputs that replace, where the SDK's documentation is silent: from the providers' own schemas. */
const silent: Readonly<Record<string, readonly string[]>> = {
  'aws:apigateway/deployment:Deployment': ['restApi', 'triggers'],
  'aws:ec2/natGateway:NatGateway': ['allocationId', 'subnetId'],
  'aws:ec2/securityGroup:SecurityGroup': ['description', 'name', 'vpcId'],
  'aws:ec2/subnet:Subnet': ['availabilityZone', 'cidrBlock', 'vpcId'],
  'aws:ec2/vpc:Vpc': ['cidrBlock'],
  'aws:iam/role:Role': ['name', 'path'],
  'aws:kinesis/stream:Stream': ['name'],
  'aws:lb/targetGroup:TargetGroup': ['port', 'protocol', 'targetType', 'vpcId', 'name'],
  'aws:msk/cluster:Cluster': ['clusterName'],
  'aws:msk/configuration:Configuration': ['name', 'kafkaVersions'],
  'aws:msk/topic:Topic': ['clusterArn', 'name', 'replicationFactor'],
  'aws:mskconnect/connector:Connector': [
    'kafkaCluster',
    'kafkaClusterClientAuthentication',
    'kafkaClusterEncryptionInTransit',
    'kafkaconnectVersion',
    'logDelivery',
    'name',
    'plugins',
    'serviceExecutionRoleArn',
    'workerConfiguration',
  ],
  'aws:mskconnect/customPlugin:CustomPlugin': ['contentType', 'description', 'location', 'name'],
  'aws:mskconnect/workerConfiguration:WorkerConfiguration': ['description', 'name', 'propertiesFileContent'],
  'aws:mwaa/environment:Environment': ['kmsKey', 'name', 'endpointManagement'],
  'aws:rds/instance:Instance': ['dbName', 'engine', 'identifier', 'storageEncrypted', 'username'],
  'aws:s3/bucket:Bucket': ['bucket'],
  'aws:secretsmanager/secret:Secret': ['name'],
  'databricks:index/catalog:Catalog': ['name', 'storageRoot'],
  'databricks:index/mount:Mount': ['clusterId', 'name', 's3'],
  'databricks:index/notebook:Notebook': ['path'],
  'databricks:index/secret:Secret': ['key', 'scope', 'stringValue'],
  'databricks:index/secretScope:SecretScope': ['name'],
  'pulumi:providers:aws': ['region'],
};

/** Tells that a change of an input replaces the resource, as far as is documented. */
export function replaces(types: ProviderTypes, type: string, property: string): boolean {
  return silent[type]?.includes(property) === true || types.inputsOf(type)?.get(property)?.replaces === true;
}
