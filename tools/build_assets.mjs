// Builds the pages' styles and script from the packages in node_modules:
//   src/schoolgate/pages/assets/schoolgate.scss → src/schoolgate/pages/static/schoolgate/app.css
//   src/schoolgate/pages/assets/schoolgate.js   → src/schoolgate/pages/static/schoolgate/app.js
// and copies the few pictures the styles name. Nothing of it is committed.

import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'
import * as sass from 'sass'

const checkout = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const packages = path.join(checkout, 'node_modules')
const source = path.join(checkout, 'src/schoolgate/pages/assets')
const target = path.join(checkout, 'src/schoolgate/pages/static/schoolgate')

await rm(target, { recursive: true, force: true })
await mkdir(path.join(target, 'images'), { recursive: true })

const styles = sass.compile(path.join(source, 'schoolgate.scss'), {
  loadPaths: [packages, checkout],
  style: 'compressed',
  quietDeps: true,
  logger: { warn(text, { deprecation, stack }) { if (!/node_modules/.test(String(stack))) console.error(text) } },
})
await writeFile(path.join(target, 'app.css'), styles.css)

await build({
  entryPoints: [path.join(source, 'schoolgate.js')],
  outfile: path.join(target, 'app.js'),
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2020',
  nodePaths: [packages],
  legalComments: 'linked',
  logLevel: 'warning',
})

// Only the pictures the styles name; crowns and crests are not ours to show.
const pictures = path.join(packages, '@ministryofjustice/frontend/moj/assets/images')
for (const picture of await readdir(pictures)) {
  if (styles.css.includes(picture) && !/crest|crown/.test(picture)) {
    await cp(path.join(pictures, picture), path.join(target, 'images', picture))
  }
}
// Pictures of our own stand beside the styles.
const own = path.join(source, 'images')
for (const picture of await readdir(own).catch(() => [])) {
  await cp(path.join(own, picture), path.join(target, 'images', picture))
}
console.log(`built ${path.relative(checkout, target)}`)
