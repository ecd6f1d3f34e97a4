/**
 * Writes `docs/generated/events/<Name>.json`, the JSON Schema of each whole EventBridge event, from the
 * event table, or checks that they are what would be written: `node tools/schemas.ts [--check]`.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type EventName, events } from '../core/contract/events.ts';
import { type Files, generatedFolder, jsonText, writeOrCheck } from './generated.ts';
import { convert, sorted } from './jsonschema.ts';

export const eventsFolder = join(generatedFolder, 'events');

/** The envelope is EventBridge's own; it may gain fields, as `replay-name` when an archive is replayed. */
export function eventSchema(name: EventName) {
  const { sources, detail, summary } = events[name];
  const { schema, named } = convert(detail, 'input');
  const text = { type: 'string' };
  const properties = {
    version: text,
    id: text,
    'detail-type': { const: name },
    source: { enum: sources },
    account: text,
    time: { type: 'string', format: 'date-time' },
    region: text,
    resources: { type: 'array', items: text },
    detail: schema,
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: name,
    description: summary,
    type: 'object',
    properties,
    required: Object.keys(properties),
    ...(Object.keys(named).length > 0 ? { $defs: sorted(named) } : {}),
  };
}

async function files(): Promise<Files> {
  const present = existsSync(eventsFolder) ? await readdir(eventsFolder) : [];
  const gone = present.map((file) => [join(eventsFolder, file), null] as const);
  const wanted = (Object.keys(events) as EventName[]).map(
    (name) => [join(eventsFolder, `${name}.json`), jsonText(eventSchema(name))] as const,
  );
  return Object.fromEntries([...gone, ...wanted]);
}

if (import.meta.main) await writeOrCheck(await files());
