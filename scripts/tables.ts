/** Writes the tables that documents take from the code: docs/reference/errors.md, and the flow in ARCHITECTURE.md. */
import fs from "node:fs"
import { withFlow } from "../test/architecture/flow.ts"
import { errorsOf } from "../test/architecture/refusals.ts"
import { renderErrors } from "./reference/errors.ts"
import { readHouse } from "../test/architecture/source.ts"

const house = readHouse()
fs.writeFileSync("docs/reference/errors.md", renderErrors(errorsOf(house)))
fs.writeFileSync("ARCHITECTURE.md", withFlow(house, fs.readFileSync("ARCHITECTURE.md", "utf8")))
