/** Makes a newer version of the program: this one, with more migrations. */
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** Writes the version into a new folder, and returns its main file. `migrations` are texts by the names of files. */
export function makeNewerVersion(folder: string, migrations: Readonly<Record<string, string>>): string {
    const server = path.join(folder, "server")
    const isCopied = (file: string) => !file.startsWith(path.join(root, "server/dist")) && !file.endsWith(".test.ts")
    fs.cpSync(path.join(root, "server"), server, { recursive: true, filter: isCopied })
    fs.symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"))
    for (const [name, text] of Object.entries(migrations)) fs.writeFileSync(path.join(server, "migrations", name), text)
    return path.join(server, "src/main.ts")
}
