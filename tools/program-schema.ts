/**
 * Writes `docs/generated/program.schema.json`, which gives editors completion in `program.json`, from the
 * programme's own schema, or checks it: `node tools/program-schema.ts [--check]`.
 */
import { join } from 'node:path';
import * as z from 'zod';
import { programDocument } from '../core/program.ts';
import { generatedFolder, jsonText, writeOrCheck } from './generated.ts';

const schema = z.toJSONSchema(programDocument, { io: 'input', target: 'draft-2020-12' });
await writeOrCheck({
  [join(generatedFolder, 'program.schema.json')]: jsonText({ title: 'Philia programme', ...schema }),
});
