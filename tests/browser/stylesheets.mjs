// The stylesheets that examples/widget-lab is shown in: copied from npm's packages, or compiled for the classes that it
// uses. Also by hand:
//
//     node tests/browser/stylesheets.mjs DIR      # needs the packages: scripts/setup-browser
//     cargo run -p example-widget-lab -- --assets DIR

import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildProgram } from './lib.mjs';

export const lab = { package: 'example-widget-lab', env: 'FRONTDESK_WIDGET_LAB' };

const run = promisify(execFile);
const packages = fileURLToPath(new URL('node_modules', import.meta.url));

/** Writes bulma.css, bootstrap4.css, bootstrap5.css and tailwind.css into the folder `to`. */
export async function collectStylesheets(to) {
  await mkdir(to, { recursive: true });
  await Promise.all([
    copyFile(join(packages, 'bulma/css/bulma.css'), join(to, 'bulma.css')),
    copyFile(join(packages, 'bootstrap4/dist/css/bootstrap.css'), join(to, 'bootstrap4.css')),
    copyFile(join(packages, 'bootstrap5/dist/css/bootstrap.css'), join(to, 'bootstrap5.css')),
    compileTailwind(join(to, 'tailwind.css')),
  ]);
}

/** Tailwind's compiler makes rules for the classes that it finds in a file: the style says them all. */
async function compileTailwind(to) {
  const { stdout: classes } = await run(await buildProgram(lab), ['--classes'], { maxBuffer: 1 << 24 });
  // The compiler looks for the package beside its input.
  const folder = await mkdtemp(join(packages, '.tailwind-'));
  try {
    await writeFile(join(folder, 'classes.txt'), classes);
    await writeFile(join(folder, 'input.css'), '@import "tailwindcss" source(none);\n@source "./classes.txt";\n');
    const compiler = join(packages, '@tailwindcss/cli/dist/index.mjs');
    await run(process.execPath, [compiler, '--input', join(folder, 'input.css'), '--output', to], { cwd: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await collectStylesheets(process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'frontdesk-stylesheets-'))));
}
