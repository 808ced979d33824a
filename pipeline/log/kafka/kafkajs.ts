/** Values of kafkajs that the log uses: Node finds only some names of a CommonJS module by itself. */

import kafkajs from 'kafkajs';

export const {
  AssignerProtocol,
  CompressionCodecs,
  CompressionTypes,
  ConfigResourceTypes,
  Kafka,
  KafkaJSAggregateError,
  KafkaJSError,
  KafkaJSProtocolError,
  logLevel,
} = kafkajs;
