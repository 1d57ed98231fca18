// Times other libraries on one issue: `npm install --prefix benches/peers`, then
// `node benches/peers/run.mjs [mjml-file] < letter.json`.
//
// Standard input: the TOML as JSON with `publication` and `theme` beside its keys. Each peer's markup is
// made before the timing, so that what is timed is the way from the markup to finished HTML, and from there to
// plain text where the library makes one. One JSON line a peer; `mjml-file` gets the MJML source.

import { writeFileSync } from 'node:fs';
import { text as read } from 'node:stream/consumers';

import { letter as letterOf } from './letter.mjs';
import { mjml } from './mjml-markup.mjs';
import { count } from './count.mjs';

// React's development build would be several times slower, and nobody sends with it.
process.env.NODE_ENV = 'production';

const PEERS = ['mjml', 'mrml', 'react-email', 'jsx-email', 'maizzle'];
const WARM = { turns: 20, ms: 2_000 };
const TIMED = { turns: 5, ms: 3_000 };

const letter = letterOf(JSON.parse(await read(process.stdin)));
if (process.argv[2]) writeFileSync(process.argv[2], mjml(letter));

for (const name of PEERS) {
  console.log(JSON.stringify(await measured(name)));
}

async function measured(name) {
  try {
    const peer = await import(`./${name}.mjs`);
    const prepared = await peer.prepare(letter);
    const html = await peer.render(prepared);
    const rendered = await timed(() => peer.render(prepared), html);
    const counted = count(html);
    const { name: called, version } = peer;
    const line = { name: called, version, ...rendered, html_bytes: Buffer.byteLength(html), ...counted };
    if (!peer.text) return line;
    const plain = await peer.text(prepared, html);
    const { median_ms } = await timed(() => peer.text(prepared, html), plain);
    return { ...line, text_ms: median_ms, text_bytes: Buffer.byteLength(plain) };
  } catch (error) {
    return { name, failed: error.message };
  }
}

async function timed(turn, first) {
  await turns(turn, first, (turns, ms) => turns < WARM.turns && ms < WARM.ms);
  const cpu = process.cpuUsage();
  const times = await turns(turn, first, (turns, ms) => turns < TIMED.turns || ms < TIMED.ms);
  const { user, system } = process.cpuUsage(cpu);
  const sorted = times.toSorted((a, b) => a - b);
  return {
    turns: times.length,
    median_ms: round(sorted[Math.floor(sorted.length / 2)]),
    cpu_ms: round((user + system) / 1_000 / times.length),
  };
}

// Every result is compared with the first, so that nothing is timed that does not happen.
async function turns(turn, first, goesOn) {
  const times = [];
  const started = performance.now();
  while (goesOn(times.length, performance.now() - started)) {
    const begun = performance.now();
    const result = await turn();
    times.push(performance.now() - begun);
    if (result !== first) throw new Error('two renders of the same letter differ');
  }
  return times;
}

function round(ms) {
  return Math.round(ms * 1_000) / 1_000;
}
