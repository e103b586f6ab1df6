/** Writes docs/refusals.md, the table of everything the product can refuse, from the code that refuses it. */
import fs from "node:fs"
import { refusalsOf, renderRefusals } from "../test/house/refusals.ts"
import { readHouse } from "../test/house/source.ts"

fs.writeFileSync("docs/refusals.md", renderRefusals(refusalsOf(readHouse())))
