/** The generated pages of the reference, by their paths. `npm run fix` writes them; a test compares them. */
import fs from "node:fs"
import { makeCommands } from "../../server/src/command-line.ts"
import { refusalsOf } from "../../test/architecture/refusals.ts"
import type { House } from "../../test/architecture/source.ts"
import { renderCommands } from "./cli.ts"
import { renderEvents } from "./events.ts"
import { renderHttpApi } from "./http-api.ts"
import { loadApiDocuments, loadDeclaredRoutes } from "./routes.ts"
import { renderSettings } from "./settings.ts"

export async function renderReferencePages(house: House): Promise<Map<string, string>> {
    const commands = makeCommands({})
    const settings = fs.readFileSync("server/src/platform/config/settings.ts", "utf8")
    const api = renderHttpApi(await loadDeclaredRoutes(), await loadApiDocuments(), codesOf(house))
    return new Map([
        ["docs/reference/cli.md", renderCommands(commands)],
        ["docs/reference/events.md", renderEvents(house)],
        ["docs/reference/settings.md", renderSettings(settings, commands)],
        ...[...api].map(([name, text]): [string, string] => [`docs/reference/http-api/${name}`, text]),
    ])
}

/** The objects that begin the error codes of each feature: the folder below a layer, as `server/src/share/cases`. */
function codesOf(house: House): Map<string, readonly string[]> {
    const features = Map.groupBy(refusalsOf(house), ({ file }) => featureOf(file) ?? "")
    return new Map(
        [...features].map(([feature, errors]) => [
            feature,
            [...new Set(errors.map(({ code }) => code.split(".")[0] ?? ""))].sort(),
        ]),
    )
}

const featureOf = (file: string): string | undefined =>
    /^server\/src\/(?:trust|share|trace|channels)\/([^/]+)\//.exec(file)?.[1]
