/** Writes the generated pages of the reference. Pages of features that are gone are removed. */
import fs from "node:fs"
import path from "node:path"
import { readHouse } from "../test/architecture/source.ts"
import { renderReferencePages } from "./reference/pages.ts"

fs.rmSync("docs/reference/http-api", { recursive: true, force: true })
for (const [file, text] of await renderReferencePages(readHouse())) {
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, text)
}
