// The version that is installed, read from its own file: not every package exports its package.json.

import { readFileSync } from 'node:fs';

export function version(name) {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;
}
