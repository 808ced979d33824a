/** What is used of kafkajs besides its types: of a CommonJS module, Node finds only some of the names by itself. */

import kafkajs from 'kafkajs';

export const {
  AssignerProtocol,
  CompressionTypes,
  ConfigResourceTypes,
  Kafka,
  KafkaJSAggregateError,
  KafkaJSError,
  KafkaJSProtocolError,
  logLevel,
} = kafkajs;
