/**
 * API Gateway's mapping templates (VTL) between the API's bodies and those of the Kinesis API, after AWS's "Tutorial:
 * Create a REST API as an Amazon Kinesis proxy". Values go through `$input.json` or `$util.escapeJavaScript`, so that
 * a quote in one cannot end the string around it. IAM decides who may use which stream, not the templates.
 */

/** The stream's name in the path. `escapeJavaScript` also escapes apostrophes, which JSON does not allow. */
const streamName = `"StreamName": "${escaped("$input.params('stream-name')")}"`;

export const listStreamsRequest = `{
#if($input.params('next-token') != "")"NextToken": "${escaped("$input.params('next-token')")}",
#end"Limit": 100
}`;

/** Lists only the streams whose name begins with a prefix, since the account may have others. */
export function listStreamsResponse(prefix: string): string {
  return `#set($page = $input.path('$'))
#set($separator = "")
{
  "StreamNames": [#foreach($name in $page.StreamNames)#if($name.startsWith('${prefix}'))$separator"$name"#set($separator = ", ")#end#end],
#if($page.NextToken && $page.NextToken != "")  "NextToken": $input.json('$.NextToken'),
#end  "HasMoreStreams": $page.HasMoreStreams
}`;
}

export const createStreamRequest = `{
#if($input.path('$.ShardCount') && $input.path('$.ShardCount') != "")#set($shards = $input.path('$.ShardCount'))#else#set($shards = 1)#end
  "ShardCount": $shards,
  ${streamName}
}`;

/** The request to describe or delete a stream. */
export const streamNameRequest = `{
  ${streamName}
}`;

/** Sends the event as its JSON, in base 64 as the Kinesis API expects. */
export const putRecordRequest = `{
  ${streamName},
  "Data": "$util.base64Encode($input.json('$.Data'))",
  "PartitionKey": $input.json('$.PartitionKey')
}`;

/** Reads each event by its index: `$record.data` would be a map, which does not print as JSON. */
export const putRecordsRequest = `{
  ${streamName},
  "Records": [#foreach($record in $input.path('$.records'))#set($place = $foreach.index)

    {
      "Data": "$util.base64Encode($input.json("$.records[$place].data"))",
      "PartitionKey": $input.json("$.records[$place]['partition-key']")
    }#if($foreach.hasNext),#end
#end
  ]
}`;

export const getShardIteratorRequest = `#set($type = $input.params('shard-iterator-type'))
#set($position = $input.params('starting-sequence-number'))
{
  "ShardId": "${escaped("$input.params('shard-id')")}",
#if($position != "")  "StartingSequenceNumber": "${escaped('$position')}",
#end  "ShardIteratorType": "#if($type != "")${escaped('$type')}#{else}TRIM_HORIZON#end",
  ${streamName}
}`;

export const getRecordsRequest = `#set($limit = $input.params('limit'))
{
#if($limit.matches("[0-9]{1,5}"))  "Limit": $limit,
#end  "ShardIterator": "${escaped("$input.params('Shard-Iterator')")}"
}`;

/** Passes errors on unchanged. Throttling gets status 429, so that clients wait and try again. */
export const errorResponse = `#set($type = $input.path('$.__type'))
#if($type.contains('ProvisionedThroughputExceeded') || $type.contains('LimitExceeded') || $type.contains('Throttling'))
#set($context.responseOverride.status = 429)
#end
$input.json('$')`;

function escaped(expression: string): string {
  return `$util.escapeJavaScript(${expression}).replaceAll("\\\\'", "'")`;
}
