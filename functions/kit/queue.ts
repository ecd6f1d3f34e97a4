/** Functions behind a queue: each record stands by itself, and only what failed comes again. */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type ParsedEvent, parseEvent } from '../../core/contract/events.ts';
import { type Deps, deps } from '../deps.ts';

export interface ConsumerOptions {
  /** For events that mostly wait for somebody outside: a batch takes as long as its slowest. */
  readonly inParallel?: boolean;
}

/**
 * A Lambda handler that gives each event of a batch to `consume`, one after the other unless told otherwise, with
 * the text that it was received as. What throws is logged and reported as failed, so the queue delivers it again
 * and, in the end, to the dead letters.
 */
export function consumer(
  consume: (event: ParsedEvent, deps: Deps, body: string) => Promise<void>,
  { inParallel = false }: ConsumerOptions = {},
) {
  return async (batch: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const given = await deps();
    const processor = new BatchProcessor(EventType.SQS);
    const handle = async (record: SQSRecord) => {
      try {
        await consume(parseEvent(JSON.parse(record.body)), given, record.body);
      } catch (error) {
        given.logger.error('An event could not be handled', {
          messageId: record.messageId,
          receiveCount: record.attributes.ApproximateReceiveCount,
          error: error as Error,
        });
        throw error;
      }
    };
    return processPartialResponse(batch, handle, processor, {
      context,
      processInParallel: inParallel,
      // A batch in which everything failed is reported record by record, too: none is worse than the others.
      throwOnFullBatchFailure: false,
    });
  };
}
