/** Each package has a README whose example runs, and only the dependencies that the architecture allows. */
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"

const root = path.join(import.meta.dirname, "..")
const names = fs.readdirSync(path.join(root, "packages"))
const fence = /^```([a-z]*)\n([^]*?)^```$/gm

test.each(names)("the example in the README of %s runs and prints what the README says", (name) => {
    const readme = fs.readFileSync(path.join(root, "packages", name, "README.md"), "utf8")
    const blocks = [...readme.matchAll(fence)].map(([, language = "", text = ""]) => ({ language, text }))
    const at = blocks.findIndex(({ language }) => language === "ts")
    const [example, printed] = [blocks[at]?.text ?? "", blocks[at + 1]?.text]
    const folder = path.join(root, "dist/examples")
    fs.mkdirSync(folder, { recursive: true })
    const file = path.join(folder, `${name}.ts`)
    fs.writeFileSync(file, example)
    expect(execFileSync(process.execPath, [file], { encoding: "utf8" })).toBe(printed)
})

interface Locked {
    readonly dependencies?: Readonly<Record<string, string>>
    readonly link?: boolean
}

/** Lists the packages that an install brings, including itself: by the lockfile, without optional ones. */
function closureOf(name: string): Set<string> {
    const { packages } = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
        packages: Readonly<Record<string, Locked>>
    }
    const found = new Set<string>()
    const visit = (place: string) => {
        if (found.has(place)) return
        found.add(place)
        const own = place.startsWith("node_modules/@tocsin/")
            ? place.replace("node_modules/@tocsin/", "packages/")
            : place
        for (const needed of Object.keys(packages[own]?.dependencies ?? {})) {
            const nested = `${place}/node_modules/${needed}`
            visit(packages[nested] ? nested : `node_modules/${needed}`)
        }
    }
    visit(`node_modules/@tocsin/${name}`)
    return found
}

const bytesUnder = (folder: string): number =>
    fs.readdirSync(folder, { recursive: true, withFileTypes: true }).reduce((sum, entry) => {
        const file = path.join(entry.parentPath, entry.name)
        return entry.isFile() && !file.includes(`${folder}/node_modules/`) ? sum + fs.statSync(file).size : sum
    }, 0)

test("a partner installs at most 20 packages of at most 15 MB, without server packages", () => {
    const places = [...closureOf("client")]
    const bytes = places.reduce((sum, place) => sum + bytesUnder(fs.realpathSync(path.join(root, place))), 0)
    expect(places.length).toBeLessThanOrEqual(20)
    expect(bytes).toBeLessThanOrEqual(15_000_000)
    expect(
        places.filter((place) => /\/(pg|fastify|react|web-tree-sitter|@cedar-policy|tocsin)(\/|$)/.test(place)),
    ).toEqual([])
})
