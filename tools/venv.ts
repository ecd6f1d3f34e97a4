import { join } from 'node:path';

/** Where `.ci/requirements.txt` is installed: `python3 -m venv .venv && .venv/bin/pip install -r .ci/requirements.txt`. */
export const venv = process.env['PHILIA_VENV'] ?? join(import.meta.dirname, '../.venv');
