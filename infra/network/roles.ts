/** Allowed connections, by role: the one table that security groups are made from. */

/** Descriptions of the roles, for their groups. */
export const networkRoles = {
  'load-balancer': 'In front of the REST proxy, inside the VPC',
  'api-link': 'Where API Gateway comes into the VPC',
  'kafka-client': 'The machine with Kafka and the REST proxy',
  brokers: 'The Kafka cluster',
  connector: 'The workers of MSK Connect',
  airflow: 'The Airflow environment',
  database: 'The source database',
  databricks: 'Machines of Databricks, where the workspace lies in this VPC',
} as const;

export type NetworkRole = keyof typeof networkRoles;

/** One kind of connection. */
export interface Reach {
  readonly from: NetworkRole;
  readonly to: NetworkRole;
  /** The port, or every port of TCP or UDP between members of one role. */
  readonly port: number | 'all-tcp' | 'all-udp';
  readonly why: string;
}

/** Kafka with IAM over TLS. */
const brokerPort = 9098;
export const restProxyPort = 8082;
export const databasePort = 3306;
export const httpPort = 80;

export const reaches: readonly Reach[] = [
  { from: 'api-link', to: 'load-balancer', port: httpPort, why: 'API Gateway posts events' },
  { from: 'load-balancer', to: 'kafka-client', port: restProxyPort, why: 'requests and health checks' },
  { from: 'kafka-client', to: 'brokers', port: brokerPort, why: 'the REST proxy writes topics' },
  { from: 'connector', to: 'brokers', port: brokerPort, why: 'the connector reads topics' },
  { from: 'kafka-client', to: 'database', port: databasePort, why: 'Session Manager forwards the emulator' },
  { from: 'airflow', to: 'airflow', port: 'all-tcp', why: 'scheduler, workers and their database' },
  { from: 'databricks', to: 'databricks', port: 'all-tcp', why: 'driver and workers' },
  { from: 'databricks', to: 'databricks', port: 'all-udp', why: 'driver and workers' },
];

/** The way in to a web server of Airflow that is private. */
export const webserverReach: Reach = {
  from: 'kafka-client',
  to: 'airflow',
  port: 443,
  why: 'Session Manager forwards to a private web server',
};

/** Roles that call AWS or Databricks over the internet's HTTPS, and the ports that they need. */
export const waysOut: Readonly<Partial<Record<NetworkRole, readonly number[]>>> = {
  'kafka-client': [443],
  connector: [443],
  airflow: [443],
  // Its control plane, its secure cluster connectivity, and its metastore.
  databricks: [443, 3306, 6666, 8443, 8444, 8445, 8446, 8447, 8448, 8449, 8450, 8451],
};
