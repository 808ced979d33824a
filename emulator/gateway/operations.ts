/** The operations of the API, by the system that answers them. */
import type { OperationId } from '../../pipeline/api/document.ts';

export type KafkaOperation = Extract<OperationId, 'listTopics' | 'describeTopic' | 'produce'>;

export type KinesisOperation = Exclude<OperationId, KafkaOperation>;
